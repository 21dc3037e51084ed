"""What Ray's own task events say, as task runs."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ray
from ray.core.generated.common_pb2 import ErrorType, TaskStatus, TaskType

from raylessons.recording.objects import Submission
from raylessons.trace.records import Outcome, Phase, TaskRun

PHASES = ("deserialize_arguments", "execute", "store_outputs")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def read_task_events() -> list[Any]:
    """Return every task event that has reached the Global Control Service.

    Private to Ray: `ray.util.state.list_tasks` tells the same, and needs the dashboard;
    `ray.timeline()` needs none, and tells neither the node nor the waiting.
    """
    events: list[Any] = ray._private.state.state._get_all_task_events()
    return events


def choose_events(
    events: Iterable[Any], job_id: str, known: Iterable[str], start_ns: int, end_ns: int
) -> list[Any]:
    """Return the events of what the driver submitted from start to end, and of what that began.

    `known` are the ids of tasks whose submission was heard. A task submitted by a chosen task
    is chosen too. The driver's own task is not: it was never submitted.
    """
    job = bytes.fromhex(job_id)
    attempts: dict[bytes, list[Any]] = {}
    for event in events:
        if event.job_id == job and event.task_info.type != TaskType.DRIVER_TASK:
            attempts.setdefault(event.task_id, []).append(event)
    chosen = {bytes.fromhex(task_id) for task_id in known}
    children: dict[bytes, list[bytes]] = {}
    for task_id, task_attempts in attempts.items():
        parents = [event.task_info.parent_task_id for event in task_attempts]
        parent = max(parents)  # an attempt of which only the worker told has none
        if not _is_driver_task(parent):
            children.setdefault(parent, []).append(task_id)
        elif any(
            start_ns <= (_time_ns(event, TaskStatus.PENDING_ARGS_AVAIL) or 0) <= end_ns
            for event in task_attempts
            if event.attempt_number == 0
        ):
            chosen.add(task_id)
    unvisited = list(chosen)
    while unvisited:
        for child in children.get(unvisited.pop(), ()):
            if child not in chosen:
                chosen.add(child)
                unvisited.append(child)
    return [event for task_id in attempts if task_id in chosen for event in attempts[task_id]]


def are_complete(
    events: Iterable[Any], expected: Collection[str], unfinished: Collection[str], is_settled: bool
) -> bool:
    """Tell whether all has arrived that Ray will tell of these tasks.

    `expected` are the tasks known to have ended, `unfinished` those known to be under way. What a
    task submitted itself is expected too, unless that task is under way. A failed attempt may be
    followed by another, which `is_settled` rules out.
    """
    last: dict[str, Any] = {}
    dead_workers: set[bytes] = set()
    for event in events:
        if _time_ns(event, TaskStatus.FAILED) and not _failed_by_itself(event):
            dead_workers.add(event.state_updates.worker_id)
        task_id = event.task_id.hex()
        if task_id not in last or last[task_id].attempt_number < event.attempt_number:
            last[task_id] = event
    if any(task_id not in last for task_id in expected):
        return False
    return all(
        _is_whole(event, dead_workers, is_settled)
        for task_id, event in last.items()
        if task_id not in unfinished and event.task_info.parent_task_id.hex() not in unfinished
    )


def task_runs(
    events: Iterable[Any],
    submissions: Mapping[str, Submission],
    unfinished: Collection[str],
    start_ns: int,
    end_ns: int,
) -> tuple[TaskRun, ...]:
    """Return one run for each attempt, by the time of submission, as seconds since the start.

    Of a task that was unfinished at the end, what came later is left out. Ray notes the end of a
    task a moment after it gave out the result, so of the others, what came later is set back.
    """
    runs = []
    for event in events:
        task_id = event.task_id.hex()
        has_ended = task_id in submissions and task_id not in unfinished
        clock = _Clock(start_ns, end_ns, sets_back=has_ended)
        runs.append(_task_run(event, submissions.get(task_id), clock))
    never = float("inf")
    runs.sort(key=lambda run: (never if run.submitted is None else run.submitted, run.attempt))
    return tuple(runs)


def worker_pids(events: Iterable[Any]) -> dict[str, int | None]:
    """Return the process id of each worker that ran something, as far as told."""
    pids: dict[str, int | None] = {}
    for event in events:
        update = event.state_updates
        if update.worker_id:
            pids[update.worker_id.hex()] = (
                update.worker_pid or pids.get(update.worker_id.hex()) or None
            )
    return pids


@dataclass(frozen=True)
class _Clock:
    """The clock of a trace, which stops when the recording ends."""

    start_ns: int
    end_ns: int
    sets_back: bool  # what is told to have come later came no later than the end

    def seconds(self, time_ns: int | None) -> float | None:
        if time_ns is None or (time_ns > self.end_ns and not self.sets_back):
            return None
        return (min(time_ns, self.end_ns) - self.start_ns) / 1e9


def _task_run(event: Any, heard: Submission | None, clock: _Clock) -> TaskRun:
    def seconds(state: int) -> float | None:
        return clock.seconds(_time_ns(event, state))

    update = event.state_updates
    parent = event.task_info.parent_task_id
    finished, failed = seconds(TaskStatus.FINISHED), seconds(TaskStatus.FAILED)
    outcome = Outcome.UNFINISHED
    if failed is not None:
        outcome = Outcome.FAILED
    elif finished is not None:
        outcome = Outcome.FINISHED
    return TaskRun(
        task_id=event.task_id.hex(),
        name=event.task_info.name,
        attempt=event.attempt_number,
        node_id=update.node_id.hex() or None,
        worker_id=update.worker_id.hex() or None,
        submitted=seconds(TaskStatus.PENDING_ARGS_AVAIL),
        arguments_ready=seconds(TaskStatus.PENDING_NODE_ASSIGNMENT),
        leased=seconds(TaskStatus.SUBMITTED_TO_WORKER),
        started=seconds(TaskStatus.RUNNING),
        ended=finished if failed is None else failed,
        phases=_phases(event, clock),
        outcome=outcome,
        error=_error(update.error_info) if outcome is Outcome.FAILED else None,
        parent_task_id=None if _is_driver_task(parent) else parent.hex(),
        argument_ids=heard.argument_ids if heard else (),
        return_ids=heard.return_ids if heard else (),
    )


def _is_whole(event: Any, dead_workers: Collection[bytes], is_settled: bool) -> bool:
    """Tell whether owner and worker have told all. A worker that died tells no more."""
    is_told = _time_ns(event, TaskStatus.RUNNING) is not None and _has_executed(event)
    if _time_ns(event, TaskStatus.FINISHED) is not None:
        return is_told or event.state_updates.worker_id in dead_workers
    if _time_ns(event, TaskStatus.FAILED) is not None:
        return is_settled and (is_told or not _failed_by_itself(event))
    return False


def _failed_by_itself(event: Any) -> bool:
    return bool(event.state_updates.error_info.error_type == ErrorType.TASK_EXECUTION_EXCEPTION)


def _time_ns(event: Any, state: int) -> int | None:
    time_ns: int | None = event.state_updates.state_ts_ns.get(state)
    return time_ns


def _phases(event: Any, clock: _Clock) -> tuple[Phase, ...]:
    phases = []
    for told in event.profile_events.events:
        name = told.event_name.removeprefix("task:")
        start, end = clock.seconds(told.start_time), clock.seconds(told.end_time)
        if name in PHASES and start is not None and end is not None:
            phases.append(Phase(name, start, end))
    return tuple(sorted(phases, key=lambda phase: PHASES.index(phase.name)))


def _has_executed(event: Any) -> bool:
    """Tell whether the worker has told of the whole task, which comes after its phases."""
    return any(told.event_name.startswith("task::") for told in event.profile_events.events)


def _error(told: Any) -> str:
    lines = [line.strip() for line in _ANSI.sub("", told.error_message).splitlines()]
    lines = [line for line in lines if line]
    if told.error_type == ErrorType.TASK_EXECUTION_EXCEPTION and lines:
        return lines[-1]
    return ": ".join([ErrorType.Name(told.error_type), *lines[-1:]])


def _is_driver_task(task_id: bytes) -> bool:
    """Ray's id of a driver's task is twenty bytes of ones and the job's four."""
    return not task_id or task_id.startswith(b"\xff" * 20)
