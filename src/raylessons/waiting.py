"""Wait for results as they finish, in rounds, with one deadline for all of them."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ray

from raylessons.rounds import require_num_returns

Round = tuple[list[ray.ObjectRef], list[ray.ObjectRef]]  # ready and waiting, as of ray.wait


@dataclass(frozen=True)
class Gathered:
    """What was had by the deadline; every ref is in one of the three."""

    values: dict[ray.ObjectRef, object]
    errors: dict[ray.ObjectRef, Exception]
    unfinished: tuple[ray.ObjectRef, ...]


def wait_in_rounds(
    refs: Sequence[ray.ObjectRef],
    deadline_seconds: float,
    num_returns: int = 1,
    timeout_seconds: float | None = None,
) -> Iterator[Round]:
    """Wait for refs with `ray.wait`, round by round, until all are ready or the deadline passes.

    Each round gives what `ray.wait` gave, the refs that are ready and those still waited for.
    It asks for `num_returns` refs, or for those that are left, and takes `timeout_seconds`
    at the most. What becomes of the refs that still wait after the deadline is for the caller
    to say, with `ray.cancel` or another loop.

    Raises `ValueError` when `num_returns` is below one or above the refs, when refs repeat,
    and when a number of seconds is below zero, infinite or not a number.
    """
    refs = _require_refs(refs)
    require_num_returns(num_returns, len(refs))
    _require_seconds("deadline_seconds", deadline_seconds)
    if timeout_seconds is not None:
        _require_seconds("timeout_seconds", timeout_seconds)
    return _rounds(refs, deadline_seconds, num_returns, timeout_seconds)


def gather(refs: Sequence[ray.ObjectRef], deadline_seconds: float) -> Gathered:
    """Gather the values that are there by the deadline, and the errors of the tasks that failed.

    One failed task costs no other its value. Nothing is cancelled.

    Raises `ValueError` when refs repeat, and when the deadline is below zero, infinite or not a
    number.
    """
    values: dict[ray.ObjectRef, object] = {}
    errors: dict[ray.ObjectRef, Exception] = {}
    refs = _require_refs(refs)
    _require_seconds("deadline_seconds", deadline_seconds)
    for ready, _ in _rounds(refs, deadline_seconds, num_returns=1, timeout_seconds=None):
        for ref in ready:
            try:
                values[ref] = ray.get(ref)
            except ray.exceptions.RayError as error:
                errors[ref] = error
    done = values.keys() | errors.keys()
    return Gathered(values, errors, tuple(ref for ref in refs if ref not in done))


def _rounds(
    refs: list[ray.ObjectRef],
    deadline_seconds: float,
    num_returns: int,
    timeout_seconds: float | None,
) -> Iterator[Round]:
    deadline = time.perf_counter() + deadline_seconds
    while refs:
        # ray.wait counts whole milliseconds: without one more it would come back too early.
        left = max(0.0, deadline - time.perf_counter()) + 0.001
        ready, refs = ray.wait(
            refs,
            num_returns=min(num_returns, len(refs)),
            timeout=left if timeout_seconds is None else min(left, timeout_seconds),
        )
        is_over = time.perf_counter() >= deadline
        yield ready, refs
        if is_over:
            return


def _require_refs(refs: Sequence[ray.ObjectRef]) -> list[ray.ObjectRef]:
    if isinstance(refs, ray.ObjectRef):
        raise TypeError(f"refs is {refs!r}: expected a list of object refs. Pass [ref].")
    refs = list(refs)
    for ref in refs:
        if not isinstance(ref, ray.ObjectRef):
            raise TypeError(
                f"refs holds {ref!r}: expected object refs. Pass what .remote() returned."
            )
    if len(set(refs)) < len(refs):
        twice = next(ref for ref in refs if refs.count(ref) > 1)
        raise ValueError(f"refs holds {twice!r} twice: expected every ref once. Pass each once.")
    return refs


def _require_seconds(name: str, seconds: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} is {seconds!r}: expected a number of seconds. Pass 10, say.")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{name} is {seconds}: expected zero or more seconds. Pass 10, say.")
