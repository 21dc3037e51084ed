"""How big a task must be to be worth it: ways to do the same work, over a range of sizes."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from raylessons.timing import Sample, stopwatch

Way = Callable[[int, int], object]  # does a number of calls, each of one size: way(size, calls)
Turn = dict[str, float]  # the seconds that one call took, by way


@dataclass(frozen=True)
class Point:
    """The seconds that one call took at one size, for every way of doing it."""

    size: int
    ways: Mapping[str, Sample]

    def speedup(self, slower: str, quicker: str) -> float:
        """Tell how many times quicker one way is than another, by their medians."""
        return self.ways[slower].median / self.ways[quicker].median


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep over sizes, in their order, and how many calls each repeat made."""

    points: tuple[Point, ...]
    calls: int


def one_two_five(first: int = 100) -> Iterator[int]:
    """Count sizes upwards without end, evenly on a logarithmic axis.

    >>> from itertools import islice
    >>> list(islice(one_two_five(100), 5))
    [100, 200, 500, 1000, 2000]

    Raises `ValueError` when the first size is below one.
    """
    if first < 1:
        raise ValueError(f"first is {first}: expected a size from 1. Pass an int such as 100.")
    return (first * step * 10**power for power in count() for step in (1, 2, 5))


def sweep(
    ways: Mapping[str, Way],
    sizes: Iterable[int],
    until: tuple[str, str],
    calls: int = 20,
    repeats: int = 5,
    budget_seconds: float = 20.0,
) -> Sweep:
    """Time every way at every size, until two lines have crossed or the time is spent.

    `until` names two ways, the one that starts quicker first: the sweep ends once the second was
    the quicker one at two sizes in a row, and at a second look, too, or when with one size more it
    would not end within `budget_seconds`, or with the last of the sizes.
    At each size every way runs once uncounted and once timed;
    then all the sizes are gone through again and again, the ways taking turns,
    so that a spell in which the machine is slow falls on all of them and not on one size.

    >>> def sum_up(size, calls):
    ...     for _ in range(calls):
    ...         sum(range(size))
    >>> found = sweep({"a": sum_up, "b": sum_up}, [10, 20], until=("a", "b"), calls=2, repeats=3)
    >>> [point.size for point in found.points]
    [10, 20]

    Raises `ValueError` when there are no sizes or a size is below zero, when calls or repeats
    are below one, when the budget is not above zero, or when `until` names an unknown way;
    `TypeError` when a size is not whole.
    """
    for name, number in (("calls", calls), ("repeats", repeats)):
        if number < 1:
            raise ValueError(f"{name} is {number}: expected one or more. Pass an int such as 5.")
    if not budget_seconds > 0:
        raise ValueError(
            f"budget_seconds is {budget_seconds}: expected a number above zero. Pass 20, say."
        )
    for name in until:
        if name not in ways:
            raise ValueError(f"until names {name!r}: expected one of {', '.join(ways)}.")
    turns = _widen(ways, sizes, until, calls, repeats, budget_seconds)
    for _ in range(repeats - 1):
        for size, taken in turns:
            taken.append(_turn(ways, size, calls))
    return Sweep(tuple(_point(size, taken) for size, taken in turns), calls)


def crossing(points: Iterable[Point], slower: str, quicker: str) -> float | None:
    """Find the size from which on `quicker` beats `slower`, or None if never.

    The logarithm of the speed-up is smoothed to a rising line by isotonic regression
    (pool adjacent violators; Barlow, Bartholomew, Bremner and Brunk, 1972), since bigger tasks
    only ever gain, and then interpolated over the logarithm of the size. One noisy size
    moves it little.

    >>> def point(size, a, b):
    ...     return Point(size, {"a": Sample((a,)), "b": Sample((b,))})
    >>> crossing([point(100, 1.0, 2.0), point(10_000, 4.0, 2.0)], slower="a", quicker="b")
    1000.0
    >>> crossing([point(100, 1.0, 2.0), point(10_000, 1.9, 2.0)], slower="a", quicker="b") is None
    True

    Raises `ValueError` when a size is below one: it has no logarithm.
    """
    blocks: list[tuple[float, float, int]] = []  # log of size, log of speed-up, how many points
    for point in sorted(points, key=lambda point: point.size):
        if point.size < 1:
            raise ValueError(f"a point has size {point.size}: expected sizes from 1. Leave it out.")
        block = (math.log(point.size), math.log(point.speedup(slower, quicker)), 1)
        while blocks and blocks[-1][1] >= block[1]:
            block = _pool(blocks.pop(), block)
        blocks.append(block)
    for (size1, gain1, _), (size2, gain2, _) in pairwise(blocks):
        if gain1 < 0 <= gain2:
            share = -gain1 / (gain2 - gain1)
            return round(math.exp(size1 + share * (size2 - size1)), 6)
    return None


def describe_crossing(found: Sweep, slower: str, quicker: str) -> str:
    """Say in one sentence where the lines cross, or that on this machine they do not.

    >>> def point(size, a, b):
    ...     return Point(size, {"calls": Sample((a,)), "tasks": Sample((b,))})
    >>> describe_crossing(Sweep((point(100, 1, 2), point(200, 1, 2)), 1), "calls", "tasks")
    'From 100 to 200 elements, on this machine, tasks are never quicker than calls.'
    """
    first, last = found.points[0], found.points[-1]
    where = crossing(found.points, slower, quicker)
    if where is not None:
        return (
            f"On this machine {quicker} are quicker than {slower} "
            f"from about {_two_digits(where):,} elements."
        )
    always = all(point.speedup(slower, quicker) > 1 for point in found.points)
    return (
        f"From {first.size:,} to {last.size:,} elements, on this machine, "
        f"{quicker} are {'always' if always else 'never'} quicker than {slower}."
    )


def predict_speedup(
    pieces: int, batch: int, piece_seconds: float, cost_seconds: float, cpus: int
) -> float:
    """Predict how many times quicker than a plain loop tasks do some pieces of work in batches.

    The rule of thumb: each task costs its caller `cost_seconds`, one task after another, and the
    tasks run in waves, as many at once as there are CPUs.

    >>> predict_speedup(pieces=8, batch=2, piece_seconds=1, cost_seconds=0.5, cpus=2)
    1.3333333333333333

    Raises `ValueError` where one of them is not above zero.
    """
    asked = (pieces, batch, piece_seconds, cost_seconds, cpus)
    if not all(number > 0 for number in asked):
        raise ValueError(f"{asked} has a number that is not above zero: expected all above zero.")
    tasks, waves = count_waves(pieces, batch, cpus)
    whole = min(batch, pieces) * piece_seconds
    return pieces * piece_seconds / (tasks * cost_seconds + waves * whole)


def count_waves(pieces: int, batch: int, cpus: int) -> tuple[int, int]:
    """Count the tasks that such batches make, and the waves in which they run.

    >>> count_waves(pieces=8, batch=2, cpus=3)
    (4, 2)
    """
    tasks = math.ceil(pieces / batch)
    return tasks, math.ceil(tasks / cpus)


def _two_digits(number: float) -> int:
    # More digits than two would claim more than the repeats can tell.
    return int(float(f"{number:.2g}"))


def _widen(
    ways: Mapping[str, Way],
    sizes: Iterable[int],
    until: tuple[str, str],
    calls: int,
    repeats: int,
    budget_seconds: float,
) -> list[tuple[int, list[Turn]]]:
    turns: list[tuple[int, list[Turn]]] = []
    start = time.perf_counter()
    for size in sizes:
        _require_size(size)
        _turn(ways, size, calls)
        turns.append((size, [_turn(ways, size, calls)]))
        once = [taken[0] for _, taken in turns]
        crossed = _have_crossed(turns[-2:], until) and _have_crossed(
            # A moment in which the machine does something else looks like it, too: look again.
            [(size, [*taken, _turn(ways, size, calls)]) for size, taken in turns[-2:]],
            until,
        )
        # The next size is at most 2.5 times as much work in every way.
        next_seconds = 2.5 * calls * sum(once[-1].values())
        again_seconds = calls * sum(sum(turn.values()) for turn in once)
        ahead = (repeats + 1) * next_seconds + (repeats - 1) * again_seconds
        if crossed or (time.perf_counter() - start) + ahead > budget_seconds:
            break
    if not turns:
        raise ValueError("sizes is empty: expected one or more sizes. Pass [100, 1000], say.")
    return turns


def _have_crossed(turns: Sequence[tuple[int, list[Turn]]], until: tuple[str, str]) -> bool:
    """Tell whether the second way was the quicker one at two sizes, by its quickest turns."""
    first, second = until
    return len(turns) > 1 and all(
        min(turn[second] for turn in taken) < min(turn[first] for turn in taken)
        for _, taken in turns
    )


def _turn(ways: Mapping[str, Way], size: int, calls: int) -> Turn:
    turn = {}
    for name, way in ways.items():
        with stopwatch() as watch:
            way(size, calls)
        turn[name] = watch.seconds / calls
    return turn


def _point(size: int, turns: list[Turn]) -> Point:
    return Point(size, {name: Sample(tuple(turn[name] for turn in turns)) for name in turns[0]})


def _pool(
    left: tuple[float, float, int], right: tuple[float, float, int]
) -> tuple[float, float, int]:
    total = left[2] + right[2]
    size, gain = (
        (a * left[2] + b * right[2]) / total for a, b in zip(left[:2], right[:2], strict=True)
    )
    return size, gain, total


def _require_size(size: int) -> None:
    if isinstance(size, bool) or not isinstance(size, int):
        raise TypeError(f"sizes holds {size!r}: expected whole numbers. Pass [100, 1000], say.")
    if size < 0:
        raise ValueError(f"sizes holds {size}: expected zero or more. Pass [100, 1000], say.")
