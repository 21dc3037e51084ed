"""Plan the rounds of a `ray.wait` loop: when each ends, and with what."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PlannedRound:
    """What one round of `ray.wait` should give: which tasks, after how many seconds."""

    places: tuple[int, ...]  # of the tasks in the list, from zero
    seconds: float

    @property
    def ready(self) -> int:
        """Count the tasks that it gives."""
        return len(self.places)


def plan_rounds(
    finish_seconds: Sequence[float], num_returns: int = 1, timeout_seconds: float | None = None
) -> tuple[PlannedRound, ...]:
    """Plan the rounds of a `ray.wait` loop over tasks that finish at these seconds.

    A round ends when `num_returns` tasks are ready (fewer where fewer are left),
    or once `timeout_seconds` are over, with what is ready then, which may be nothing.
    Where more are ready than it asks for, since some finished at one moment, Ray may give any of
    them; the plan gives those that come first in the list.

    >>> [(r.ready, r.seconds) for r in plan_rounds([0, 2, 4, 6, 8], num_returns=2)]
    [(2, 2), (2, 6), (1, 8)]
    >>> [(r.places, r.seconds) for r in plan_rounds([8, 0, 2], 2, timeout_seconds=2.5)]
    [((1, 2), 2), ((), 4.5), ((), 7.0), ((0,), 8)]

    Raises `ValueError` when a finish is below zero or not a number,
    when `num_returns` is below one or above the tasks, and when a timeout is not above zero.
    """
    require_num_returns(num_returns, len(finish_seconds))
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
    left = list(range(len(finish_seconds)))
    now: float = 0
    rounds = []
    while left:
        full = sorted(finish_seconds[place] for place in left)[min(num_returns, len(left)) - 1]
        now, start = max(now, full), now
        if timeout_seconds is not None:
            now = min(now, start + timeout_seconds)
        ready = [place for place in left if finish_seconds[place] <= now][:num_returns]
        rounds.append(PlannedRound(tuple(ready), now))
        left = [place for place in left if place not in ready]
    return tuple(rounds)


def require_num_returns(num_returns: int, refs: int) -> None:
    """Raise where `ray.wait` cannot be asked for so many of these refs."""
    if isinstance(num_returns, bool) or not isinstance(num_returns, int):
        raise TypeError(f"num_returns is {num_returns!r}: expected a whole number. Pass 1.")
    if num_returns < 1 or (num_returns > refs > 0):
        raise ValueError(
            f"num_returns is {num_returns}: expected a number from 1 to the {refs} refs. Pass 1."
        )
