"""What Ray's own task events say, as task runs."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from raylessons.cluster.private import RAISED, TaskEvent
from raylessons.recording.objects import Submission
from raylessons.trace.records import Outcome, Phase, TaskRun

PHASES = ("deserialize_arguments", "execute", "store_outputs")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def choose_events(
    events: Iterable[TaskEvent], known: Iterable[str], start_ns: int, end_ns: int
) -> list[TaskEvent]:
    """Return the events of what the driver submitted from start to end, and of what that began.

    `known` are the ids of tasks whose submission was heard. A task submitted by a chosen task
    is chosen too.
    """
    attempts: dict[str, list[TaskEvent]] = {}
    for event in events:
        attempts.setdefault(event.task_id, []).append(event)
    chosen = {*known}
    children: dict[str, list[str]] = {}
    for task_id, task_attempts in attempts.items():
        # An attempt of which only the worker told names no parent.
        parents = [event.parent_task_id for event in task_attempts if event.parent_task_id]
        if parents:
            children.setdefault(parents[0], []).append(task_id)
        elif any(
            start_ns <= event.states_ns.get("PENDING_ARGS_AVAIL", 0) <= end_ns
            for event in task_attempts
            if event.attempt == 0
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
    events: Iterable[TaskEvent],
    expected: Collection[str],
    unfinished: Collection[str],
    is_settled: bool,
) -> bool:
    """Tell whether all has arrived that Ray will tell of these tasks.

    `expected` are the tasks known to have ended, `unfinished` those known to be under way. What a
    task submitted itself is expected too, unless that task is under way. A failed attempt may be
    followed by another, which `is_settled` rules out.
    """
    last: dict[str, TaskEvent] = {}
    dead_workers: set[str | None] = set()
    for event in events:
        if "FAILED" in event.states_ns and event.error_kind != RAISED:
            dead_workers.add(event.worker_id)
        if event.task_id not in last or last[event.task_id].attempt < event.attempt:
            last[event.task_id] = event
    if any(task_id not in last for task_id in expected):
        return False
    return all(
        _is_whole(event, dead_workers, is_settled)
        for task_id, event in last.items()
        if task_id not in unfinished and event.parent_task_id not in unfinished
    )


def task_runs(
    events: Iterable[TaskEvent],
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
        has_ended = event.task_id in submissions and event.task_id not in unfinished
        clock = _Clock(start_ns, end_ns, sets_back=has_ended)
        runs.append(_task_run(event, submissions.get(event.task_id), clock))
    never = float("inf")
    runs.sort(key=lambda run: (never if run.submitted is None else run.submitted, run.attempt))
    return tuple(runs)


def worker_pids(events: Iterable[TaskEvent]) -> dict[str, int | None]:
    """Return the process id of each worker that ran something, as far as told."""
    pids: dict[str, int | None] = {}
    for event in events:
        if event.worker_id is not None:
            pids[event.worker_id] = event.worker_pid or pids.get(event.worker_id)
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


def _task_run(event: TaskEvent, heard: Submission | None, clock: _Clock) -> TaskRun:
    def seconds(state: str) -> float | None:
        return clock.seconds(event.states_ns.get(state))

    finished, failed = seconds("FINISHED"), seconds("FAILED")
    outcome = Outcome.UNFINISHED
    if failed is not None:
        outcome = Outcome.FAILED
    elif finished is not None:
        outcome = Outcome.FINISHED
    return TaskRun(
        task_id=event.task_id,
        name=event.name,
        attempt=event.attempt,
        node_id=event.node_id,
        worker_id=event.worker_id,
        submitted=seconds("PENDING_ARGS_AVAIL"),
        arguments_ready=seconds("PENDING_NODE_ASSIGNMENT"),
        leased=seconds("SUBMITTED_TO_WORKER"),
        started=seconds("RUNNING"),
        ended=finished if failed is None else failed,
        phases=_phases(event, clock),
        outcome=outcome,
        error=_error(event) if outcome is Outcome.FAILED else None,
        parent_task_id=event.parent_task_id,
        argument_ids=heard.argument_ids if heard else (),
        return_ids=heard.return_ids if heard else (),
    )


def _is_whole(event: TaskEvent, dead_workers: Collection[str | None], is_settled: bool) -> bool:
    """Tell whether owner and worker have told all. A worker that died tells no more."""
    is_told = "RUNNING" in event.states_ns and _has_executed(event)
    if "FINISHED" in event.states_ns:
        return is_told or event.worker_id in dead_workers
    if "FAILED" in event.states_ns:
        return is_settled and (is_told or event.error_kind != RAISED)
    return False


def _phases(event: TaskEvent, clock: _Clock) -> tuple[Phase, ...]:
    phases = []
    for span, start_ns, end_ns in event.spans_ns:
        name = span.removeprefix("task:")
        start, end = clock.seconds(start_ns), clock.seconds(end_ns)
        if name in PHASES and start is not None and end is not None:
            phases.append(Phase(name, start, end))
    return tuple(sorted(phases, key=lambda phase: PHASES.index(phase.name)))


def _has_executed(event: TaskEvent) -> bool:
    """Tell whether the worker has told of the whole task, which comes after its phases."""
    return any(span.startswith("task::") for span, _, _ in event.spans_ns)


def _error(event: TaskEvent) -> str | None:
    lines = [line.strip() for line in _ANSI.sub("", event.error_message).splitlines()]
    last = [line for line in lines if line][-1:]
    if event.error_kind == RAISED and last:
        return last[0]
    return ": ".join([event.error_kind, *last]) if event.error_kind else None
