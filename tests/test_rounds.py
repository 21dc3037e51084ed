"""Rounds end as planned, by hand, by going through the time step by step, and on Ray."""

import math
import time

import pytest
import ray
from hypothesis import given, settings, strategies as st

from raylessons.rounds import plan_rounds


def planned(*arguments, **options):
    return [(r.ready, r.seconds) for r in plan_rounds(*arguments, **options)]


def test_one_at_a_time_arrives_as_the_tasks_finish():
    assert planned([4, 0, 2]) == [(1, 0), (1, 2), (1, 4)]


def test_two_at_a_time_leaves_the_odd_last_one():
    assert planned([0, 2, 4, 6, 8], num_returns=2) == [(2, 2), (2, 6), (1, 8)]


def test_a_timeout_hands_over_what_is_there():
    rounds = planned([0, 2, 4, 6, 8], num_returns=2, timeout_seconds=2.5)
    assert rounds == [(2, 2), (1, 4.5), (1, 7.0), (1, 8)]


def test_a_round_may_time_out_with_nothing():
    assert planned([5], timeout_seconds=2) == [(0, 2), (0, 4), (1, 5)]


def test_tasks_that_finish_together_still_come_as_many_as_asked_for():
    assert planned([1, 1, 1], num_returns=2) == [(2, 1), (1, 1)]


def test_without_tasks_there_are_no_rounds():
    assert planned([]) == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"finish_seconds": [-1]}, "finish_seconds holds -1"),
        ({"finish_seconds": [math.nan]}, "finish_seconds holds nan"),
        ({"finish_seconds": [math.inf]}, "finish_seconds holds inf"),
        ({"finish_seconds": [1], "num_returns": 0}, "num_returns is 0"),
        ({"finish_seconds": [1], "num_returns": 2}, "num_returns is 2: .* from 1 to the 1 refs"),
        ({"finish_seconds": [1], "timeout_seconds": 0}, "timeout_seconds is 0"),
        ({"finish_seconds": [1], "timeout_seconds": math.nan}, "timeout_seconds is nan"),
    ],
)
def test_a_plan_refuses_what_has_no_rounds(asked, words):
    with pytest.raises(ValueError, match=words):
        plan_rounds(**asked)


@st.composite
def any_rounds(draw):
    finishes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=7))
    num_returns = draw(st.integers(1, len(finishes)))
    return finishes, num_returns, draw(st.none() | st.integers(1, 8))


def step_through(finishes, num_returns, timeout):
    """Ask at every second whether the round is over, as somebody with a watch would."""
    left, rounds, start = list(range(len(finishes))), [], 0
    for now in range(sum(finishes) + 200):
        while left:
            ready = [place for place in left if finishes[place] <= now]
            is_over = timeout is not None and now - start >= timeout
            if len(ready) < min(num_returns, len(left)) and not is_over:
                break
            rounds.append((tuple(ready[:num_returns]), now))
            left = [place for place in left if place not in rounds[-1][0]]
            start = now
    return rounds


@given(any_rounds())
def test_a_plan_is_what_going_through_it_second_by_second_gives(asked):
    assert [(one.places, one.seconds) for one in plan_rounds(*asked)] == step_through(*asked)


@ray.remote
def hang():
    time.sleep(3600)


@ray.remote
def give(value):
    return value


@pytest.fixture(scope="module")
def refs(embedded_ray):
    """Give refs that are ready, and as many that never will be."""
    never = hang.remote()
    ready = [give.remote(place) for place in range(6)]
    ray.wait(ready, num_returns=6)
    yield ready, [give.remote(never) for _ in range(6)]
    ray.cancel(never, force=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=6), st.data())
def test_ray_hands_over_as_many_as_planned_of_what_is_ready(refs, is_ready, data):
    num_returns = data.draw(st.integers(1, len(is_ready)))
    mixed = [refs[0 if ready else 1][place] for place, ready in enumerate(is_ready)]
    ready, rest = ray.wait(mixed, num_returns=num_returns, timeout=0.05)
    finishes = [0 if ready else 1 for ready in is_ready]
    planned = plan_rounds(finishes, num_returns, timeout_seconds=0.05)[0]
    assert len(ready) == planned.ready
    assert set(ready) <= set(refs[0])
    assert ready + rest == sorted(mixed, key=lambda ref: (ref not in ready, mixed.index(ref)))
    if sum(is_ready) <= num_returns:  # of more than that, Ray may choose
        assert ready == [mixed[place] for place in planned.places]
