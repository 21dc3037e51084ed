"""The lesson's tasks do what the pages say, and reject what they cannot do."""

import numpy as np
import pytest

from raylessons.timing import stopwatch
from raylessons.workloads import add_arrays, make_array, slow_square


def test_an_array_has_the_size_asked_for():
    assert make_array(7, seconds_per_element=0).shape == (7,)


def test_arrays_are_random():
    first, second = (make_array(50, seconds_per_element=0) for _ in range(2))
    assert not np.array_equal(first, second)


def test_making_an_array_sleeps_for_every_element():
    with stopwatch() as watch:
        make_array(5, seconds_per_element=0.01)
    assert watch.seconds >= 0.05


def test_adding_sleeps_for_every_element_and_adds():
    ones = np.ones(5)
    with stopwatch() as watch:
        total = add_arrays(ones, ones, seconds_per_element=0.01)
    assert watch.seconds >= 0.05
    assert total.tolist() == [2.0] * 5


@pytest.mark.parametrize("size", [2.5, "20", None, True])
def test_a_size_that_is_not_whole_is_refused(size):
    with pytest.raises(TypeError, match=r"size is .*: expected a whole number of elements\. Pass"):
        make_array(size)


def test_a_size_below_zero_is_refused_at_once():
    with pytest.raises(ValueError, match="size is -3: expected zero or more elements"):
        make_array(-3)


def test_arrays_of_different_sizes_are_refused_with_both_sizes_named():
    with pytest.raises(ValueError, match="left has 3 elements and right has 4"):
        add_arrays(np.ones(3), np.ones(4))


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_sleep_below_zero_is_refused(seconds):
    with pytest.raises(ValueError, match="expected zero or more seconds"):
        make_array(1, seconds_per_element=seconds)


def test_the_square_of_a_number_below_zero_cannot_be_slow():
    with pytest.raises(ValueError, match="seconds is -1"):
        slow_square(-1)
