"""Every ref is handed over once, deadlines hold, and one failure costs no other its value."""

import math
import time

import pytest
import ray

from raylessons.timing import stopwatch
from raylessons.waiting import gather, wait_in_rounds


@ray.remote
def hand_back(value):
    return value


@ray.remote
def fail():
    raise KeyError("on purpose")


@ray.remote
def hang():
    time.sleep(3600)


def test_every_ref_is_handed_over_once(embedded_ray):
    refs = [hand_back.remote(number) for number in range(7)]
    rounds = list(wait_in_rounds(refs, deadline_seconds=60, num_returns=2))
    assert [len(ready) for ready, _ in rounds] == [2, 2, 2, 1]
    assert {ref for ready, _ in rounds for ref in ready} == set(refs)
    assert [len(waiting) for _, waiting in rounds] == [5, 3, 1, 0]


def test_rounds_end_with_the_deadline_and_tell_what_still_waits(embedded_ray):
    quick, slow = hand_back.remote(1), hang.remote()
    with stopwatch() as watch:
        rounds = list(wait_in_rounds([slow, quick], deadline_seconds=1))
    ray.cancel(slow, force=True)
    assert [waiting for _, waiting in rounds] == [[slow], [slow]]
    assert watch.seconds >= 1


def test_a_round_times_out_with_nothing_ready(embedded_ray):
    slow = hang.remote()
    rounds = list(wait_in_rounds([slow], deadline_seconds=0.5, timeout_seconds=0.1))
    ray.cancel(slow, force=True)
    assert len(rounds) > 1
    assert all(one == ([], [slow]) for one in rounds)


def test_a_deadline_of_zero_polls_once(embedded_ray):
    ref = hand_back.remote(1)
    ray.wait([ref])
    assert list(wait_in_rounds([ref], deadline_seconds=0)) == [([ref], [])]


def test_one_failed_task_costs_no_other_its_value(embedded_ray):
    good, bad, slow = hand_back.remote("here"), fail.remote(), hang.remote()
    found = gather([bad, slow, good], deadline_seconds=2)
    ray.cancel(slow, force=True)
    assert found.values == {good: "here"}
    assert list(found.errors) == [bad]
    assert isinstance(found.errors[bad], KeyError)
    assert found.unfinished == (slow,)


def test_nothing_to_wait_for_is_no_error(embedded_ray):
    assert list(wait_in_rounds([], deadline_seconds=1)) == []


def test_a_ref_that_comes_twice_is_refused_by_name(embedded_ray):
    ref = ray.put(1)
    with pytest.raises(ValueError, match=rf"refs holds .*{ref.hex()}.* twice"):
        wait_in_rounds([ref, ref], deadline_seconds=1)


def test_a_bare_ref_is_refused(embedded_ray):
    with pytest.raises(TypeError, match=r"expected a list of object refs\. Pass \[ref\]"):
        wait_in_rounds(ray.put(1), deadline_seconds=1)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"deadline_seconds": -1}, ValueError, "deadline_seconds is -1"),
        ({"deadline_seconds": math.inf}, ValueError, "deadline_seconds is inf"),
        ({"deadline_seconds": math.nan}, ValueError, "deadline_seconds is nan"),
        ({"deadline_seconds": "10"}, TypeError, "deadline_seconds is '10': expected a number"),
        ({"timeout_seconds": -1}, ValueError, "timeout_seconds is -1"),
        ({"timeout_seconds": True}, TypeError, "timeout_seconds is True"),
        ({"num_returns": 0}, ValueError, "num_returns is 0"),
        ({"num_returns": 2}, ValueError, "num_returns is 2: expected a number from 1 to the 1"),
        ({"num_returns": 1.5}, TypeError, r"num_returns is 1\.5: expected a whole number"),
        ({"refs": [7]}, TypeError, "refs holds 7: expected object refs"),
    ],
)
def test_bad_input_is_refused_before_any_waiting(embedded_ray, asked, error, words):
    with pytest.raises(error, match=words):
        wait_in_rounds(**{"refs": [ray.put(1)], "deadline_seconds": 1} | asked)


def test_gathering_refuses_a_deadline_below_zero(embedded_ray):
    with pytest.raises(ValueError, match="deadline_seconds is -1"):
        gather([ray.put(1)], deadline_seconds=-1)
