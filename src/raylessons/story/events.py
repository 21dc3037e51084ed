"""What happened in a trace: one event for each thing that a picture can show."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from raylessons.trace.records import (
    Get,
    ObjectCopy,
    Outcome,
    TaskKind,
    TaskRun,
    Trace,
    Transfer,
    WaitRound,
)


class Kind(Enum):
    """What an event is. Of events at one moment, the kind named first comes first."""

    JOINED = "a node joins"
    REMOVED = "a node leaves"
    SUBMIT = "a task is submitted"
    END = "a task ends"
    PUT = "an object is seen that no task on record made"
    LOST = "a copy of an object is lost"
    READY = "a task's arguments exist"
    COPY = "an object is copied to another node"
    LEASE = "a task goes to a worker"
    START = "a task starts, and reads from an object store"
    YIELD = "a task yields a value, and goes on"
    WAIT = "a ray.wait is over"
    GET = "a ray.get or an await is over, or gives up"


@dataclass(frozen=True)
class Event:
    """One thing that happened, and all that it changed."""

    kind: Kind
    recorded: float | None  # seconds, as the trace has it
    seconds: float = 0.0  # its place in the story, once it is in order: never before its causes
    run: TaskRun | None = None
    node_id: str | None = None
    transfer: Transfer | None = None
    gets: tuple[Get, ...] = ()
    wait_round: WaitRound | None = None
    values: tuple[str, ...] = ()  # ids of objects that exist from now on
    made: tuple[tuple[str, str], ...] = ()  # (object id, node id) of copies that appear
    gone: tuple[tuple[str, str], ...] = ()  # and of copies that vanish
    starts_later: bool = False  # a lease whose start is an event of its own

    @property
    def misdated_seconds(self) -> float:
        """How far before its causes the trace dates it: late records, or clocks that differ."""
        return 0.0 if self.recorded is None else self.seconds - self.recorded


def collect_events(trace: Trace) -> list[Event]:
    """List what happened, in no order yet.

    >>> run = TaskRun("t1", "noop", submitted=0.1, leased=0.2, started=0.3)
    >>> [event.kind.name for event in collect_events(Trace(task_runs=(run,)))]
    ['SUBMIT', 'LEASE']
    """
    results = _results(trace)
    origins = _explain_copies(trace, results)
    found = _comings_and_goings(trace)
    for run in _by_attempt(trace):
        found += _steps(run, trace)
        found += _end(run, results, origins)
    found += _puts(trace, origins)
    found += [_copy(transfer) for transfer in (*trace.transfers, *origins.untold)]
    found += [Event(Kind.WAIT, each.returned, wait_round=each) for each in trace.wait_rounds]
    return found + _yields(trace) + _losses(trace) + _gets(trace)


@dataclass(frozen=True)
class _Origins:
    """How the copies came about that no transfer on record brought."""

    stored: Mapping[tuple[str, int], tuple[tuple[str, str], ...]]  # task id, attempt: copies
    put: Mapping[str, ObjectCopy]  # object id: its first copy, if no task on record stored it
    untold: tuple[Transfer, ...]  # the others, which must have come from somewhere


def _explain_copies(trace: Trace, results: Mapping[str, Sequence[str]]) -> _Origins:
    """Find the one event that brought each copy: a transfer, the end of its task, or a put."""
    left = {each.object_id: list(each.copies) for each in trace.objects}
    for transfer in trace.transfers:
        here = _copies_on(left.get(transfer.object_id, ()), transfer.to_node_id)
        if here:
            nearest = min(here, key=lambda copy: abs(copy.seen - transfer.seen))
            left[transfer.object_id].remove(nearest)
    stored: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}
    yielded = {each.object_id for each in trace.objects if each.made is not None}
    for object_id in yielded:
        del left[object_id][:1]  # its first copy comes with the item
    for run in _by_attempt(trace):
        if run.outcome is Outcome.FINISHED:
            brought = []
            for object_id in results.get(run.task_id, ()):
                for copy in _copies_on(left[object_id], run.node_id)[:1]:
                    left[object_id].remove(copy)
                    brought.append((object_id, copy.node_id))
            stored[run.task_id, run.attempt] = tuple(brought)
    put = {}
    for each in trace.objects:
        if left[each.object_id] and left[each.object_id][0] is each.copies[0]:
            put[each.object_id] = left[each.object_id].pop(0)
    untold = tuple(
        Transfer(object_id, None, copy.node_id, copy.seen)
        for object_id, copies in left.items()
        for copy in copies
    )
    return _Origins(stored, put, untold)


def _copies_on(copies: Iterable[ObjectCopy], node_id: str | None) -> list[ObjectCopy]:
    return [copy for copy in copies if node_id in (None, copy.node_id)]


def _results(trace: Trace) -> dict[str, list[str]]:
    """Tell which objects on record each task had made at its end, as {task id: object ids}."""
    on_record = {each.object_id: each for each in trace.objects}
    results: dict[str, list[str]] = defaultdict(list)
    for object_id, task_id in trace.makers().items():
        if object_id in on_record and on_record[object_id].made is None:
            results[task_id].append(object_id)
    return results


def _by_attempt(trace: Trace) -> list[TaskRun]:
    return sorted(trace.task_runs, key=lambda run: run.attempt)


def _steps(run: TaskRun, trace: Trace) -> list[Event]:
    """Give what happened to a run until it had started."""
    found = [Event(Kind.SUBMIT, run.submitted, run=run)]
    if run.arguments_ready is not None and any(map(trace.makers().get, run.argument_ids)):
        found.append(Event(Kind.READY, run.arguments_ready, run=run))
    reads = run.started is not None and any(
        given.copies and not given.inlined for given in trace.arguments(run)
    )
    # A call waits for its turn in the actor's own queue, after it was sent.
    waits = run.kind is TaskKind.CALL and run.started is not None and run.leased is not None
    handed = run.started if run.leased is None else run.leased
    if handed is not None or run.node_id is not None or run.worker_id is not None:
        found.append(
            Event(Kind.LEASE, handed, run=run, node_id=run.node_id, starts_later=reads or waits)
        )
    if reads or waits:
        found.append(Event(Kind.START, run.started, run=run, node_id=run.node_id))
    return found


def _end(run: TaskRun, results: Mapping[str, Sequence[str]], origins: _Origins) -> list[Event]:
    if run.outcome is Outcome.UNFINISHED and run.ended is None:
        return []
    end = Event(Kind.END, run.ended, run=run, node_id=run.node_id)
    if run.outcome is not Outcome.FINISHED:
        return [end]
    made = origins.stored[run.task_id, run.attempt]
    return [replace(end, values=tuple(results.get(run.task_id, ())), made=made)]


def _comings_and_goings(trace: Trace) -> list[Event]:
    found = [
        Event(Kind.JOINED, node.joined, node_id=node.node_id)
        for node in trace.nodes
        if node.joined is not None
    ]
    for node in trace.nodes:
        if node.removed is not None:
            gone = tuple(
                (each.object_id, node.node_id)
                for each in trace.objects
                if any(copy.node_id == node.node_id for copy in each.copies)
            )
            found.append(Event(Kind.REMOVED, node.removed, node_id=node.node_id, gone=gone))
    return found


def _puts(trace: Trace, origins: _Origins) -> list[Event]:
    """Give an event for each object that no task on record brought into being."""
    made_by = trace.makers()
    found = []
    for each in trace.objects:
        value = (each.object_id,)
        if copy := origins.put.get(each.object_id):
            made = ((each.object_id, copy.node_id),)
            found.append(Event(Kind.PUT, copy.seen, node_id=copy.node_id, made=made, values=value))
        elif each.inlined and each.object_id not in made_by:
            found.append(Event(Kind.PUT, None, values=value))
    return found


def _copy(transfer: Transfer) -> Event:
    made = ((transfer.object_id, transfer.to_node_id),)
    values = (transfer.object_id,)
    return Event(Kind.COPY, transfer.seen, transfer=transfer, made=made, values=values)


def _yields(trace: Trace) -> list[Event]:
    """Give an event for each item of a stream, which is there while its task goes on."""
    runs = {run.task_id: run for run in trace.tasks() if run.streams}
    found = []
    for each in trace.objects:
        run = runs.get(trace.makers().get(each.object_id, ""))
        if run is not None and each.made is not None and each.error is None:
            here = [copy for copy in each.copies[:1] if run.node_id in (None, copy.node_id)]
            made = tuple((each.object_id, copy.node_id) for copy in here)
            found.append(
                Event(
                    Kind.YIELD,
                    each.made if run.ended is None else min(each.made, run.ended),
                    run=run,
                    node_id=run.node_id,
                    values=(each.object_id,),
                    made=made,
                )
            )
    return found


def _losses(trace: Trace) -> list[Event]:
    removed = {node.node_id for node in trace.nodes if node.removed is not None}
    return [
        Event(Kind.LOST, copy.lost, node_id=copy.node_id, gone=((each.object_id, copy.node_id),))
        for each in trace.objects
        for copy in each.copies
        if copy.lost is not None and copy.node_id not in removed
    ]


def _gets(trace: Trace) -> list[Event]:
    """Give one event for the refs of one `ray.get`."""
    together: dict[tuple[float, float], list[Get]] = defaultdict(list)
    for get in trace.gets:
        over = (moment for moment in (get.returned, get.gave_up, get.asked) if moment is not None)
        together[get.asked, next(over)].append(get)
    return [Event(Kind.GET, moment, gets=tuple(gets)) for (_, moment), gets in together.items()]
