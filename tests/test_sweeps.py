"""Lines over sizes cross once, somewhere, or never, and the sweep says which."""

import math
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, strategies as st

from raylessons.schedule import Task, predict_schedule
from raylessons.sweeps import (
    Point,
    Sweep,
    crossing,
    describe_crossing,
    one_two_five,
    predict_speedup,
    sweep,
)
from raylessons.timing import Sample

SIZES = [100, 1_000, 10_000, 100_000]


def points(speedups, sizes=SIZES):
    return [
        Point(size, {"local": Sample((gain,)), "tasks": Sample((1.0,))})
        for size, gain in zip(sizes, speedups, strict=True)
    ]


def test_the_crossing_lies_between_the_sizes_where_the_lines_change_places():
    found = crossing(points([0.1, 0.5, 2.0, 4.0]), "local", "tasks")
    assert found == pytest.approx(math.sqrt(1_000 * 10_000))


def test_crossing_is_none_when_the_lines_never_meet():
    assert crossing(points([0.1, 0.2, 0.3, 0.4]), "local", "tasks") is None


def test_crossing_is_none_when_one_line_is_always_below():
    assert crossing(points([1.1, 1.2, 1.3, 1.4]), "local", "tasks") is None


def test_one_noisy_size_does_not_make_a_crossing_of_its_own():
    noisy = crossing(points([0.1, 1.2, 0.4, 4.0]), "local", "tasks")
    assert 1_000 < noisy < 100_000


def test_the_order_of_the_points_does_not_matter():
    some = points([0.1, 0.5, 2.0, 4.0])
    assert crossing(reversed(some), "local", "tasks") == crossing(some, "local", "tasks")


def test_without_points_there_is_no_crossing():
    assert crossing([], "local", "tasks") is None


def test_a_size_without_a_logarithm_is_refused():
    with pytest.raises(ValueError, match="size 0: expected sizes from 1"):
        crossing(points([0.1, 0.5, 2.0, 4.0], [0, 1, 2, 3]), "local", "tasks")


@pytest.mark.parametrize(
    ("speedups", "words"),
    [
        ([0.1, 0.5, 2.0, 4.0], "tasks are quicker than local from about 3,200 elements"),
        ([0.1, 0.2, 0.3, 0.4], "From 100 to 100,000 elements, on this machine, tasks are never"),
        ([1.1, 1.2, 1.3, 1.4], "tasks are always quicker than local"),
    ],
)
def test_the_sentence_says_which_of_the_three_it_is(speedups, words):
    assert words in describe_crossing(Sweep(tuple(points(speedups)), 1), "local", "tasks")


class Clock:
    """A clock that the ways move on, so that no other work on the machine counts."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now


CLOCK = Clock()


@pytest.fixture(autouse=True)
def own_clock(monkeypatch):
    for module in ("timing", "sweeps"):
        monkeypatch.setattr(f"raylessons.{module}.time", CLOCK)


def busy(seconds_per_element):
    def way(size, calls):
        CLOCK.now += seconds_per_element(size) * calls

    return way


# One way grows with the size, the other costs the same at every size: they cross at 1,000.
GROWING = busy(lambda size: size * 1e-6)
LEVEL = busy(lambda size: 1e-3)


def test_a_sweep_ends_once_the_lines_have_crossed():
    found = sweep({"grows": GROWING, "level": LEVEL}, one_two_five(100), ("grows", "level"), 2, 3)
    assert found.points[-1].size < 100_000
    where = crossing(found.points, "grows", "level")
    assert where == pytest.approx(1_000)


def test_a_busy_moment_at_two_sizes_does_not_end_a_sweep():
    calls_of = Counter()

    def stalls_when_first_timed(size, calls):
        calls_of[size] += 1
        if size < 500 and calls_of[size] == 2:  # the first is not counted
            LEVEL(size, 10 * calls)
        GROWING(size, calls)

    ways = {"grows": stalls_when_first_timed, "level": LEVEL}
    found = sweep(ways, one_two_five(100), ("grows", "level"), 2, 3)
    assert found.points[-1].size > 500


def test_a_sweep_ends_when_its_time_is_spent():
    found = sweep(
        {"level": LEVEL, "grows": GROWING},
        one_two_five(100),
        ("level", "level"),
        calls=1,
        repeats=1,
        budget_seconds=0.1,
    )
    assert len(found.points) < 20


def test_more_repeats_leave_time_for_fewer_sizes():
    reached = [
        len(
            sweep(
                {"level": LEVEL, "grows": GROWING},
                one_two_five(100),
                ("level", "level"),
                calls=1,
                repeats=repeats,
                budget_seconds=0.2,
            ).points
        )
        for repeats in (1, 20)
    ]
    assert reached[0] > reached[1] > 1


def test_repeats_go_through_all_sizes_in_turns():
    asked = []
    sweep(
        {"way": lambda size, calls: asked.append(size)}, [1, 2], ("way", "way"), calls=1, repeats=3
    )
    assert asked == [1, 1, 2, 2, 1, 2, 1, 2]


def test_every_repeat_is_kept_for_one_call():
    found = sweep({"level": LEVEL}, [1], ("level", "level"), calls=4, repeats=3)
    sample = found.points[0].ways["level"]
    assert len(sample.seconds) == 3
    assert sample.fastest == pytest.approx(1e-3)


def test_sizes_go_one_two_five():
    assert list(islice(one_two_five(1), 6)) == [1, 2, 5, 10, 20, 50]


def test_sizes_start_from_one():
    with pytest.raises(ValueError, match="first is 0: expected a size from 1"):
        one_two_five(0)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"sizes": []}, ValueError, "sizes is empty"),
        ({"sizes": [-1]}, ValueError, "sizes holds -1"),
        ({"sizes": [2.5]}, TypeError, r"sizes holds 2\.5: expected whole numbers"),
        ({"calls": 0}, ValueError, "calls is 0"),
        ({"repeats": 0}, ValueError, "repeats is 0"),
        ({"budget_seconds": 0}, ValueError, "budget_seconds is 0"),
        ({"budget_seconds": math.nan}, ValueError, "budget_seconds is nan"),
        ({"until": ("level", "no")}, ValueError, "until names 'no': expected one of level"),
    ],
)
def test_a_sweep_refuses_what_it_cannot_do(wrong, error, words):
    asked = {"ways": {"level": LEVEL}, "sizes": [1], "until": ("level", "level")} | wrong
    with pytest.raises(error, match=words):
        sweep(**asked)


@given(
    st.integers(1, 40),
    st.integers(1, 50),
    st.floats(0.001, 10),
    st.floats(0.001, 10),
    st.integers(1, 8),
)
def test_the_predicted_speedup_is_that_of_equal_tasks_that_are_all_paid_for_before(
    pieces, batch, piece, cost, cpus
):
    tasks = -(-pieces // batch)
    equal = [Task(str(number), min(batch, pieces) * piece) for number in range(tasks)]
    seconds = tasks * cost + predict_schedule(equal, cpus).makespan
    assert predict_speedup(pieces, batch, piece, cost, cpus) == pytest.approx(
        pieces * piece / seconds
    )


@given(st.integers(1, 40), st.integers(1, 50), st.floats(0.001, 10), st.integers(1, 64))
def test_no_speedup_is_predicted_beyond_the_cpus(pieces, batch, cost, cpus):
    assert predict_speedup(pieces, batch, 1.0, cost, cpus) < cpus


def test_a_prediction_without_cpus_is_refused():
    with pytest.raises(ValueError, match=r"\(8, 2, 1, 1, 0\) has a number that is not above zero"):
        predict_speedup(8, 2, 1, 1, cpus=0)
