"""A stopwatch stops, and a sample tells its middle."""

import pytest

from raylessons.timing import Sample, measure, stopwatch


def test_a_stopwatch_stands_still_once_its_block_is_over():
    with stopwatch() as watch:
        pass
    assert watch.seconds == watch.seconds


def test_a_stopwatch_runs_inside_its_block():
    with stopwatch() as watch:
        earlier, later = watch.seconds, watch.seconds
    assert later > earlier


def test_a_stopwatch_stops_when_the_block_raises():
    with pytest.raises(KeyError), stopwatch() as watch:
        raise KeyError
    assert watch.stopped is not None


def test_warm_ups_are_not_counted():
    runs = []
    sample = measure(lambda: runs.append(1), repeats=3, warmups=2)
    assert len(runs) == 5
    assert len(sample.seconds) == 3


def test_a_sample_tells_its_middle_and_its_ends():
    sample = Sample((3.0, 1.0, 2.0))
    assert (sample.fastest, sample.median, sample.slowest) == (1.0, 2.0, 3.0)


def test_a_sample_without_repeats_is_refused():
    with pytest.raises(ValueError, match="repeats is 0: expected one or more"):
        measure(list, repeats=0)


def test_fewer_than_no_warm_ups_are_refused():
    with pytest.raises(ValueError, match="warmups is -1: expected zero or more"):
        measure(list, repeats=1, warmups=-1)
