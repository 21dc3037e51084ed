"""What Ray's own task events say, as task runs."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from raylessons.cluster.private import (
    RAISED,
    ActorRecord,
    TaskEvent,
    creating_actor,
    is_creation,
)
from raylessons.recording.calls import Submission
from raylessons.trace.records import Outcome, Phase, TaskKind, TaskRun
from raylessons.words import listing

KINDS = {
    "NORMAL_TASK": TaskKind.TASK,
    "ACTOR_CREATION_TASK": TaskKind.CREATION,
    "ACTOR_TASK": TaskKind.CALL,
}
ENDED_WITHOUT_A_RESULT = "it ended without a result: it was cancelled, or left its process"
PHASES = ("deserialize_arguments", "execute", "store_outputs")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def choose_events(
    events: Iterable[TaskEvent], known: Iterable[str], start_ns: int, end_ns: int
) -> list[TaskEvent]:
    """Return the events of what the driver submitted from start to end, and of what that began.

    `known` are the ids of tasks whose submission was heard. A task submitted by a chosen task
    is chosen too. Of what an actor submits while it runs several calls at once, Ray names the
    making of the actor as the parent: that is chosen by its own time.
    """
    attempts: dict[str, list[TaskEvent]] = {}
    for event in events:
        attempts.setdefault(event.task_id, []).append(event)
    chosen = {*known}
    children: dict[str, list[str]] = {}
    for task_id, task_attempts in attempts.items():
        submitted = [
            event.states_ns["PENDING_ARGS_AVAIL"]
            for event in task_attempts
            if event.attempt == 0 and "PENDING_ARGS_AVAIL" in event.states_ns
        ]
        is_inside = any(start_ns <= moment <= end_ns for moment in submitted)
        # An attempt of which only the worker told names no parent.
        parents = [event.parent_task_id for event in task_attempts if event.parent_task_id]
        if submitted and not is_inside and task_id in chosen:
            chosen.discard(task_id)  # it was asked for again, as an actor that exists already
        if parents:
            children.setdefault(parents[0], []).append(task_id)
        if is_inside and (not parents or is_creation(parents[0])):
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


@dataclass(frozen=True)
class Heard:
    """What was heard in the driver, beside Ray's own records."""

    tasks: Mapping[str, Submission]  # by task id
    unfinished: Collection[str] = ()  # ids of tasks that went on when the recording ended
    cancelled: Collection[str] = ()  # ids of tasks that the driver cancelled
    cancelled_with_children: Collection[str] = ()  # and of those whose own tasks were to end, too
    read_to_the_end: Collection[str] = ()  # ids of tasks whose stream was
    errors: Mapping[str, str] = field(default_factory=dict)  # object id: what its get raised
    actors: Mapping[str, ActorRecord] = field(default_factory=dict)  # by actor id
    node_resources: Collection[Mapping[str, float]] = ()  # all that each node has, used or not


def task_runs(
    events: Iterable[TaskEvent], heard: Heard, start_ns: int, end_ns: int
) -> tuple[TaskRun, ...]:
    """Return one run for each attempt, by the time of submission, as seconds since the start.

    Of a task that was unfinished at the end, what came later is left out. Ray notes the end of a
    task a moment after it gave out the result, so of the others, what came later is set back.
    """
    events = list(events)
    ends = {
        event.task_id: (event.actor_id, event.states_ns.get("FINISHED", end_ns))
        for event in events
        if event.kind != "NORMAL_TASK"
    }
    cancelled = {*heard.cancelled, *_children(events, heard.cancelled_with_children)}
    runs = []
    for event in events:
        has_ended = event.task_id in heard.tasks and event.task_id not in heard.unfinished
        clock = _Clock(start_ns, end_ns, sets_back=has_ended)
        runs.append(_task_run(event, heard, clock, ends, event.task_id in cancelled))
    never = float("inf")
    runs.sort(key=lambda run: (never if run.submitted is None else run.submitted, run.attempt))
    return tuple(runs)


def _children(events: Collection[TaskEvent], task_ids: Collection[str]) -> set[str]:
    """Return the ids of what these tasks submitted, and of what that submitted."""
    children: dict[str, set[str]] = {}
    for event in events:
        if event.parent_task_id is not None:
            children.setdefault(event.parent_task_id, set()).add(event.task_id)
    found: set[str] = set()
    unvisited = [*task_ids]
    while unvisited:
        fresh = children.get(unvisited.pop(), set()) - found
        found |= fresh
        unvisited += fresh
    return found


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


def _task_run(
    event: TaskEvent,
    heard: Heard,
    clock: _Clock,
    ends: Mapping[str, tuple[str | None, int]],
    is_cancelled: bool,
) -> TaskRun:
    def seconds(state: str) -> float | None:
        return clock.seconds(event.states_ns.get(state))

    finished, failed = seconds("FINISHED"), seconds("FAILED")
    mine = heard.tasks.get(event.task_id)
    kind = KINDS[event.kind]
    actor = heard.actors.get(event.actor_id or "") if kind is TaskKind.CREATION else None
    if actor is not None and actor.restarts:
        actor = None  # Ray tells of the worker in which it was started last
    parent, submitter = _submitter(event, ends)
    outcome, error = _outcome(event, heard, finished, failed, is_cancelled)
    return TaskRun(
        task_id=event.task_id,
        name=event.name,
        attempt=event.attempt,
        node_id=event.node_id or (actor.node_id if actor else None),
        worker_id=event.worker_id or (actor.worker_id if actor else None),
        submitted=seconds("PENDING_ARGS_AVAIL"),
        arguments_ready=seconds("PENDING_NODE_ASSIGNMENT"),
        leased=None if kind is TaskKind.CREATION else seconds("SUBMITTED_TO_WORKER"),
        started=seconds("RUNNING"),
        ended=finished if failed is None else failed,
        phases=_phases(event, clock),
        outcome=outcome,
        error=error,
        parent_task_id=parent,
        argument_ids=mine.argument_ids if mine else (),
        return_ids=mine.return_ids if mine else (),
        kind=kind,
        lacks=_lacks(event, heard.node_resources) if outcome is Outcome.UNFINISHED else None,
        actor_id=event.actor_id if kind is not TaskKind.TASK else None,
        nested_ids=mine.nested_ids if mine else (),
        value_bytes=mine.value_bytes if mine else None,
        streams=mine.streams if mine else False,
        items_known=not (mine and mine.streams) or event.task_id in heard.read_to_the_end,
        arguments_known=mine is not None,
        submitter_actor_id=submitter,
    )


def _submitter(
    event: TaskEvent, ends: Mapping[str, tuple[str | None, int]]
) -> tuple[str | None, str | None]:
    """Tell the task that submitted this one, or the actor of which some call did.

    What an actor submits while it runs several calls at once names the making of the actor as
    its parent, and what a thread of its own submits names a call: that is true only of what was
    submitted before these had ended. `ends` has each one's actor, and when it ended.
    """
    parent = event.parent_task_id
    submitted = event.states_ns.get("PENDING_ARGS_AVAIL")
    if parent is not None and parent in ends:
        actor_id, ended = ends[parent]
        is_over = submitted is None or submitted > ended
        return (None, actor_id) if is_over else (parent, None)
    if parent is not None and is_creation(parent):
        return None, creating_actor(parent)
    return parent, None


def _lacks(event: TaskEvent, node_resources: Collection[Mapping[str, float]]) -> str | None:
    """Say what a task that never started asks for, if no node has all of it."""
    # What a placement group holds has names of its own, and may still come.
    asked = {name: amount for name, amount in event.resources.items() if "_group_" not in name}
    has_started = "RUNNING" in event.states_ns
    fits = any(
        all(has.get(name, 0.0) >= amount for name, amount in asked.items())
        for has in node_resources
    )
    if has_started or fits or not node_resources:
        return None
    return listing([f"{amount:g} {name}" for name, amount in asked.items()])


def _outcome(
    event: TaskEvent,
    heard: Heard,
    finished: float | None,
    failed: float | None,
    is_cancelled: bool,
) -> tuple[Outcome, str | None]:
    """Tell how an attempt ended, and why where it made no value.

    Ray calls a task finished that was cancelled while it ran, or that left its process
    (ray#32826): its worker then tells of the task, and of no result that it stored.
    """
    mine = heard.tasks.get(event.task_id)
    errors = (
        [heard.errors[each] for each in mine.return_ids if each in heard.errors] if mine else []
    )
    errors_say_so = any(each.startswith("TaskCancelledError") for each in errors)
    was_cancelled = is_cancelled or errors_say_so
    if failed is not None:
        is_its_end = was_cancelled and "Cancelled" in event.error_message
        if event.error_kind == "TASK_CANCELLED" or errors_say_so or is_its_end:
            return Outcome.CANCELLED, None
        return Outcome.FAILED, _error(event) or next(iter(errors), None)
    if finished is None:
        return Outcome.UNFINISHED, None
    spans = [span for span, _, _ in event.spans_ns]
    # Calls that overlap in one actor mix up what is told of them.
    is_task = event.kind == "NORMAL_TASK"
    made_nothing = is_task and _has_executed(event) and "task:store_outputs" not in spans
    if errors or made_nothing:
        if was_cancelled:
            return Outcome.CANCELLED, None
        return Outcome.FAILED, next(iter(errors), ENDED_WITHOUT_A_RESULT)
    return Outcome.FINISHED, None


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
    lines = [line for line in _ANSI.sub("", event.error_message).splitlines() if line.strip()]
    last = [line.strip() for line in lines[-1:]]
    if event.error_kind == RAISED and last:
        # What it says may have several lines, and the first, behind the traceback, has its type.
        steps = [place for place, line in enumerate(lines) if line.startswith('  File "')]
        behind = lines[steps[-1] :] if steps else lines[-1:]
        return next((line for line in behind if not line.startswith(" ")), last[0])
    return ": ".join([event.error_kind, *last]) if event.error_kind else None
