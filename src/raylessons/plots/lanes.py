"""A trace as lanes of bars: what each task run waited for and did, and where."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from raylessons.trace.names import Names
from raylessons.trace.records import Actor, Outcome, TaskKind, TaskRun, Trace

UNPLACED = "no worker on record"
NO_WORKER_YET = "no worker yet"
MOST_AT_ONCE = 8  # lanes of one actor; what runs besides shares another


class Part(Enum):
    """What a task does, or waits for, during a bar."""

    ARGUMENTS = "waits for arguments"
    WORKER = "waits for a worker"
    COPY = "waits for copies of arguments"
    TURN = "waits for its turn"
    STUCK_ARGUMENTS = "waits for arguments to the end"
    STUCK_WORKER = "waits for a worker to the end"
    FETCH = "fetches arguments"
    EXECUTE = "runs"
    STORE = "stores its result"
    FAILED = "runs, and fails"
    CANCELLED = "runs, and is cancelled"
    OPEN = "no end on record"


# What a run waits for while others run: drawn below the work, each of its own height.
WAITS = (Part.ARGUMENTS, Part.WORKER, Part.COPY, Part.TURN)


@dataclass(frozen=True)
class Bar:
    """A stretch of a task run in which it did one thing."""

    run: TaskRun
    part: Part
    start: float  # seconds
    end: float

    @property
    def seconds(self) -> float:
        """Give its length."""
        return self.end - self.start


@dataclass(frozen=True)
class Lane:
    """A worker or an actor and its bars, by time: what is no wait overlaps no other run."""

    label: str  # no other lane of the trace has it
    bars: tuple[Bar, ...]
    place: str = ""  # where its runs were, in full
    actor_id: str | None = None  # of the actor that is or was last here
    crowded: bool = False  # for what no lane was left: here, bars overlap


@dataclass(frozen=True)
class Dependency:
    """A result of one task that another took in."""

    object_id: str
    from_lane: str
    made: float  # seconds: the end of the task that returned it
    to_lane: str
    used: float  # seconds: the start of the task that took it


@dataclass(frozen=True)
class _Place:
    """Where a run was, as far as told: its worker or its actor."""

    node: float  # its number; infinite: not known
    worker: float
    label: str
    whole: str  # with the worker, where the label has none
    actor_id: str | None = None
    one_at_a_time: bool = False


def bars(run: TaskRun, *, copied: bool = False, recording_end: float = 0.0) -> tuple[Bar, ...]:
    """Split a run into the parts that its record tells; what it does not tell has no bar.

    `copied` says that an argument was copied to the run's node before its start. Ray hands a task
    over after the copy, so the wait for a worker and the copy are one stretch of its record.

    >>> run = TaskRun("t1", "noop", submitted=0.0, leased=0.2, started=0.3, ended=0.5)
    >>> [(bar.part.name, bar.start, bar.end) for bar in bars(run)]
    [('WORKER', 0.0, 0.2), ('EXECUTE', 0.3, 0.5)]

    What never got a worker waits for one until the recording ends.

    >>> bars(TaskRun("t1", "noop", submitted=0.1), recording_end=2.0)[0].part.value
    'waits for a worker to the end'
    """
    parts = [*_waits(run, copied, recording_end), *_work(run, recording_end)]
    return tuple(
        Bar(run, part, start, end)
        for part, start, end in parts
        if start is not None and end is not None and math.inf > end > start > -math.inf
    )


_Stretch = tuple[Part, float | None, float | None]


def _waits(run: TaskRun, copied: bool, recording_end: float) -> list[_Stretch]:
    is_open = run.ended is None and run.outcome is Outcome.UNFINISHED
    needs = bool(run.argument_ids)
    if run.kind is TaskKind.CALL:
        # Ray sends a call to its actor early, and there it stands in a queue until it starts.
        handed, wait, stuck = run.started, Part.TURN, Part.TURN
    else:
        handed = run.started if run.leased is None else run.leased
        wait = Part.COPY if copied and run.kind is TaskKind.TASK else Part.WORKER
        stuck = Part.STUCK_WORKER
    never_handed = handed is None and (run.kind is TaskKind.CALL or not _has_place(run))
    if not never_handed:
        ready = run.arguments_ready if needs and run.arguments_ready is not None else run.submitted
        return [(Part.ARGUMENTS, run.submitted, ready), (wait, ready, handed)]
    end = recording_end if is_open else run.ended
    if needs and run.arguments_ready is None:
        return [(Part.STUCK_ARGUMENTS if is_open else Part.ARGUMENTS, run.submitted, end)]
    ready = run.arguments_ready if needs else run.submitted
    return [(Part.ARGUMENTS, run.submitted, ready), (stuck if is_open else wait, ready, end)]


def _work(run: TaskRun, recording_end: float) -> list[_Stretch]:
    work = {Outcome.FAILED: Part.FAILED, Outcome.CANCELLED: Part.CANCELLED}.get(
        run.outcome, Part.EXECUTE
    )
    kinds = {
        "deserialize_arguments": Part.FETCH,
        "execute": work,
        "store_outputs": Part.STORE,
    }
    phases = [phase for phase in run.phases if phase.name in kinds]
    parts: list[_Stretch] = [(kinds[each.name], each.start, each.end) for each in phases]
    # Where a worker died or has only just been found, Ray has no start of the attempt.
    begun = run.leased if run.started is None and run.kind is not TaskKind.CALL else run.started
    if run.ended is None and run.outcome is Outcome.UNFINISHED:
        known = max((each.end for each in phases), default=begun)
        return [*parts, (Part.OPEN, known, recording_end)]
    if run.outcome is Outcome.FINISHED:
        begun = run.started
    return parts or [(work, begun, run.ended)]


def lanes(trace: Trace) -> tuple[Lane, ...]:
    """Give each worker that had a task a lane, by node and number, and each actor its own.

    Calls that an actor runs at once have a lane each, and so have runs whose worker is not known.

    >>> run = TaskRun("t1", "noop", started=0.0, ended=0.1)
    >>> lanes(Trace(task_runs=(run,)))[0].label
    'no worker on record'
    """
    names = Names(trace)
    calls = [run for run in trace.task_runs if run.kind is not TaskKind.TASK and _has_place(run)]
    ran = {run.actor_id: run for run in sorted(calls, key=lambda run: run.submitted or 0.0)}
    homes = {
        actor_id: _actor_place(actor_id, actor if _has_place(actor) else ran.get(actor_id), names)
        for actor_id, actor in names.actors.items()
    }
    # An actor has a lane, though nothing may be on record that runs in it.
    found: dict[_Place, list[tuple[Bar, ...]]] = {home: [] for home in homes.values()}
    for run, parts in split(trace):
        found.setdefault(_place(run, homes, names), []).append(parts)
    places = sorted(
        found, key=lambda each: (each.node, each.worker, each.label, each.actor_id or "")
    )
    shared = Counter(place.label for place in places)
    made: list[Lane] = []
    taken: set[str] = set()
    for place in places:
        label = place.whole if shared[place.label] > 1 else place.label
        rows = _cut(found[place]) if place.one_at_a_time else _beside(found[place])
        for turn, row in enumerate(rows):
            crowded = turn == MOST_AT_ONCE
            own = _untaken(f"{label} · {'more' if crowded else turn + 1}" if turn else label, taken)
            by_time = tuple(sorted(row, key=lambda bar: bar.start))
            at_home = not turn and homes.get(place.actor_id or "") == place
            here = place.actor_id if at_home else None
            made.append(Lane(own, by_time, place.whole, here, crowded))
    return tuple(made)


def split(trace: Trace) -> list[tuple[TaskRun, tuple[Bar, ...]]]:
    """Split each run of a trace into its bars."""
    moved = {(each.object_id, each.to_node_id, each.task_id) for each in trace.transfers}
    found = []
    for run in trace.task_runs:
        copied = any(
            (object_id, run.node_id, task_id) in moved
            for object_id in run.argument_ids
            for task_id in (run.task_id, None)
        )
        found.append((run, bars(run, copied=copied, recording_end=trace.seconds)))
    return found


def dependencies(trace: Trace, found: Sequence[Lane]) -> tuple[Dependency, ...]:
    """List which results went into which tasks, as far as both ends are on record and drawn."""
    made_by = trace.makers()
    where = {(bar.run.task_id, bar.run.attempt): lane.label for lane in found for bar in lane.bars}
    ends = {
        run.task_id: (where[run.task_id, run.attempt], run.ended)
        for run in trace.task_runs
        if run.ended is not None
        and math.isfinite(run.ended)
        and run.outcome not in (Outcome.FAILED, Outcome.CANCELLED)
        and (run.task_id, run.attempt) in where
    }
    return tuple(
        Dependency(
            object_id, *ends[made_by[object_id]], where[run.task_id, run.attempt], run.started
        )
        for run in trace.task_runs
        if run.started is not None
        and math.isfinite(run.started)
        and (run.task_id, run.attempt) in where
        for object_id in run.argument_ids
        if made_by.get(object_id) in ends
    )


def _has_place(part: TaskRun | Actor) -> bool:
    return part.node_id is not None or part.worker_id is not None


def _place(run: TaskRun, homes: Mapping[str, _Place], names: Names) -> _Place:
    if run.kind is not TaskKind.TASK:
        home = homes.get(run.actor_id or "")
        return home if home and not _has_place(run) else _actor_place(run.actor_id, run, names)
    worker = names.workers.get(run.worker_id or "")
    node = names.nodes.get(run.node_id or (worker.node_id if worker else ""))
    if run.submitted is not None and run.leased is run.started is None and not _has_place(run):
        return _Place(math.inf, math.inf, NO_WORKER_YET, NO_WORKER_YET)
    if node is None:
        return _Place(math.inf, 0, UNPLACED, UNPLACED)
    if worker is None:
        label = f"node {node.number} · some worker"
        return _Place(node.number, math.inf, label, label)
    label = f"node {node.number} · worker {worker.number}"
    return _Place(node.number, worker.number, label, label, one_at_a_time=True)


def _actor_place(actor_id: str | None, told: TaskRun | Actor | None, names: Names) -> _Place:
    """Place an actor where a run was, or where its own record says: one that moved has two."""
    actor = names.actors.get(actor_id or "")
    worker_id = told.worker_id if told else None
    if worker_id is None and told and actor and told.node_id == actor.node_id:
        worker_id = actor.worker_id
    worker = names.workers.get(worker_id or "")
    node = names.nodes.get((told.node_id if told else None) or (worker.node_id if worker else ""))
    name = names.actor(actor_id, told if isinstance(told, TaskRun) else None)
    where = f"{name} on node {node.number}" if node else f"{name}, no node on record"
    return _Place(
        node.number if node else math.inf,
        worker.number if worker else math.inf,
        where,
        f"{where}, worker {worker.number}" if worker else where,
        actor_id,
        one_at_a_time=actor is not None and actor.concurrency == 1,
    )


def _untaken(label: str, taken: set[str]) -> str:
    """Give a label a number where another lane has it already."""
    turn, own = 1, label
    while own in taken:
        turn += 1
        own = f"{label} ({turn})"
    taken.add(own)
    return own


def _cut(runs: Collection[tuple[Bar, ...]]) -> list[list[Bar]]:
    """End the work of each run where its worker took up the next: the end was heard of late."""
    kept = [bar for parts in runs for bar in parts if bar.part in WAITS]
    work = sorted(
        (own for parts in runs if (own := [bar for bar in parts if bar.part not in WAITS])),
        key=lambda own: min(bar.start for bar in own),
    )
    limit = math.inf
    for own in reversed(work):
        kept += [
            replace(bar, end=min(bar.end, limit)) if bar.end > limit else bar
            for bar in own
            if bar.start < limit
        ]
        limit = min(bar.start for bar in own)
    return [kept]


def _beside(runs: Collection[tuple[Bar, ...]]) -> list[list[Bar]]:
    """Give runs that were at work at once a lane each: the first lane that is free takes it."""
    rows: list[list[Bar]] = [[]]
    free = [-math.inf]  # when the last run of each lane ended

    def begin(parts: tuple[Bar, ...]) -> float:
        return min((bar.start for bar in parts if bar.part not in WAITS), default=-math.inf)

    for parts in sorted(runs, key=begin):
        end = max((bar.end for bar in parts if bar.part not in WAITS), default=-math.inf)
        start = begin(parts)
        lane = next((each for each, until in enumerate(free) if until <= start), len(rows))
        if lane == len(rows):
            if lane > MOST_AT_ONCE:
                lane = MOST_AT_ONCE
            else:
                rows.append([])
                free.append(-math.inf)
        rows[lane].extend(parts)
        free[lane] = max(free[lane], end)
    return rows
