"""Wait for results as they finish, in rounds, with one deadline for all of them."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ray


@dataclass(frozen=True)
class PlannedRound:
    """What one round of `ray.wait` should give: how many refs, after how many seconds."""

    ready: int
    seconds: float


@dataclass(frozen=True)
class Round:
    """What one round of `ray.wait` gave, and how many seconds had passed since the first began.

    The refs are in the lists that `ray.wait` returned, to look at and not to change:
    with thousands of refs, a copy in every round would cost more than the rest of the loop.
    """

    ready: Sequence[ray.ObjectRef]
    waiting: Sequence[ray.ObjectRef]
    seconds: float


@dataclass(frozen=True)
class Gathered:
    """What was had by the deadline; every ref is in one of the three."""

    values: dict[ray.ObjectRef, object]
    errors: dict[ray.ObjectRef, Exception]
    unfinished: tuple[ray.ObjectRef, ...]


def plan_rounds(
    finish_seconds: Sequence[float], num_returns: int = 1, timeout_seconds: float | None = None
) -> tuple[PlannedRound, ...]:
    """Plan the rounds of a `ray.wait` loop over tasks that finish at these seconds.

    A round ends when `num_returns` tasks are ready (fewer where fewer are left),
    or once `timeout_seconds` are over, with what is ready then, which may be nothing.

    >>> [(r.ready, r.seconds) for r in plan_rounds([0, 2, 4, 6, 8], num_returns=2)]
    [(2, 2), (2, 6), (1, 8)]
    >>> [(r.ready, r.seconds) for r in plan_rounds([0, 2, 4, 6, 8], 2, timeout_seconds=2.5)]
    [(2, 2), (1, 4.5), (1, 7.0), (1, 8)]

    Raises `ValueError` when a finish is below zero or not a number,
    when `num_returns` is below one or above the tasks, and when a timeout is not above zero.
    """
    _require_num_returns(num_returns, len(finish_seconds))
    for seconds in finish_seconds:
        if not 0 <= seconds < math.inf:
            raise ValueError(
                f"finish_seconds holds {seconds!r}: expected seconds from zero. "
                "Pass when each task finishes, such as [0, 2, 4]."
            )
    if timeout_seconds is not None and not timeout_seconds > 0:
        raise ValueError(
            f"timeout_seconds is {timeout_seconds!r}: expected a number above zero, or None. "
            "A loop that never waits has no end that can be planned."
        )
    left = sorted(finish_seconds)
    now: float = 0
    rounds = []
    while left:
        full = left[min(num_returns, len(left)) - 1]
        end = max(now, full)
        if timeout_seconds is not None:
            end = min(end, now + timeout_seconds)
        ready = sum(seconds <= end for seconds in left[:num_returns])
        rounds.append(PlannedRound(ready, end))
        left = left[ready:]
        now = end
    return tuple(rounds)


def wait_in_rounds(
    refs: Sequence[ray.ObjectRef],
    deadline_seconds: float,
    num_returns: int = 1,
    timeout_seconds: float | None = None,
) -> Iterator[Round]:
    """Wait for refs with `ray.wait`, round by round, until all are ready or the deadline passes.

    A round asks for `num_returns` refs, or for those that are left, and takes `timeout_seconds`
    at the most. After the deadline the last round still holds the refs that it waited for:
    what becomes of them is for the caller to say, with `ray.cancel` or another loop.

    Raises `ValueError` when `num_returns` is below one or above the refs, when refs repeat,
    and when a number of seconds is below zero or not a number.
    """
    refs = _require_refs(refs)
    _require_num_returns(num_returns, len(refs))
    _require_seconds("deadline_seconds", deadline_seconds)
    if timeout_seconds is not None:
        _require_seconds("timeout_seconds", timeout_seconds)
    return _rounds(refs, deadline_seconds, num_returns, timeout_seconds)


def gather(refs: Sequence[ray.ObjectRef], deadline_seconds: float) -> Gathered:
    """Gather the values that are there by the deadline, and the errors of the tasks that failed.

    One failed task costs no other its value. Nothing is cancelled.

    Raises `ValueError` when refs repeat, and when the deadline is below zero or not a number.
    """
    values: dict[ray.ObjectRef, object] = {}
    errors: dict[ray.ObjectRef, Exception] = {}
    unfinished: Sequence[ray.ObjectRef] = _require_refs(refs)
    _require_seconds("deadline_seconds", deadline_seconds)
    for one_round in _rounds(unfinished, deadline_seconds, num_returns=1, timeout_seconds=None):
        for ref in one_round.ready:
            try:
                values[ref] = ray.get(ref)
            except ray.exceptions.RayError as error:
                errors[ref] = error
        unfinished = one_round.waiting
    return Gathered(values, errors, tuple(unfinished))


def _rounds(
    waiting: Sequence[ray.ObjectRef],
    deadline_seconds: float,
    num_returns: int,
    timeout_seconds: float | None,
) -> Iterator[Round]:
    start = time.perf_counter()
    longest = deadline_seconds if timeout_seconds is None else timeout_seconds
    refs = list(waiting)
    while refs:
        left = deadline_seconds - (time.perf_counter() - start)
        ready, refs = ray.wait(
            refs,
            num_returns=min(num_returns, len(refs)),
            timeout=max(0.0, min(left, longest)),
        )
        seconds = time.perf_counter() - start
        yield Round(ready, refs, seconds)
        if seconds >= deadline_seconds:
            return


def _require_refs(refs: Sequence[ray.ObjectRef]) -> tuple[ray.ObjectRef, ...]:
    if isinstance(refs, ray.ObjectRef):
        raise TypeError(f"refs is {refs!r}: expected a list of object refs. Pass [ref].")
    refs = tuple(refs)
    for ref in refs:
        if not isinstance(ref, ray.ObjectRef):
            raise TypeError(
                f"refs holds {ref!r}: expected object refs. Pass what .remote() returned."
            )
    if len(set(refs)) < len(refs):
        twice = next(ref for ref in refs if refs.count(ref) > 1)
        raise ValueError(f"refs holds {twice!r} twice: expected every ref once. Pass each once.")
    return refs


def _require_num_returns(num_returns: int, refs: int) -> None:
    if isinstance(num_returns, bool) or not isinstance(num_returns, int):
        raise TypeError(f"num_returns is {num_returns!r}: expected a whole number. Pass 1.")
    if num_returns < 1 or (num_returns > refs > 0):
        raise ValueError(
            f"num_returns is {num_returns}: expected a number from 1 to the {refs} refs. Pass 1."
        )


def _require_seconds(name: str, seconds: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} is {seconds!r}: expected a number of seconds. Pass 10, say.")
    if not seconds >= 0:
        raise ValueError(f"{name} is {seconds}: expected zero or more seconds. Pass 10, say.")
