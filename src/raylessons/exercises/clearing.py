"""End what an answer left behind, so that the cluster is fit for the next one."""

import time
from typing import Any, Protocol

import ray

from raylessons.exercises.deadlines import Run

CLEARING_SECONDS = 5.0
ANSWER_SECONDS = 30.0  # where all workers have died, a busy machine takes long to start one


class Submitter(Protocol):
    """What has submitted tasks, and may go on to."""

    @property
    def refs(self) -> list[Any]:
        """Return the refs of its tasks so far."""


def unfinished(refs: list[Any], seconds: float) -> list[Any]:
    """Return the refs of tasks that have not ended, after waiting some seconds for that."""
    each = list(set(refs))
    if not each:
        return []
    _, unready = ray.wait(each, num_returns=len(each), timeout=seconds, fetch_local=False)
    return list(unready)


def clear(run: Run, submitter: Submitter) -> bool:
    """Stop a function and cancel its tasks; tell whether nothing of them runs any longer.

    First tasks are asked to end, as by Ctrl+C, so that their workers live on; then by force.
    """
    until = time.monotonic() + CLEARING_SECONDS
    force = False
    while True:
        left = unfinished(submitter.refs, 0)
        for ref in left:
            _cancel(ref, force)
        stopped = run.stop(0.2)  # after the tasks: it may be waiting for one of them
        if left:
            left = unfinished(submitter.refs, 2.0 if force else 0.3)
        if stopped and not left:
            return True
        if time.monotonic() > until:
            return False
        force = True


def answers() -> bool:
    """Tell whether Ray still runs a task, be it the smallest."""
    if not ray.is_initialized():
        return False
    nothing = ray.remote(num_cpus=0)(_nothing)
    try:
        ray.get(nothing.remote(), timeout=ANSWER_SECONDS)
    except ray.exceptions.RayError:
        return False
    return True


def _nothing() -> None:
    pass


def _cancel(ref: Any, force: bool) -> None:
    try:
        ray.cancel(ref, force=force)
    except (TypeError, ValueError):  # the ref of an actor's call, or of no task
        ray.cancel(ref)
