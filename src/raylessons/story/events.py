"""What happened in a trace: one event for each thing that a picture can show."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from raylessons.trace.records import (
    Get,
    ObjectCopy,
    Outcome,
    StoredObject,
    TaskRun,
    Trace,
    Transfer,
)


class Kind(Enum):
    """What an event is. Of events at one moment, the kind named first comes first."""

    REMOVED = "a node leaves"
    SUBMIT = "a task is submitted"
    END = "a task ends"
    PUT = "an object is seen that no task on record made"
    LOST = "a copy of an object is lost"
    READY = "a task's arguments exist"
    COPY = "an object is copied to another node"
    LEASE = "a task goes to a worker"
    START = "a task starts, and reads from an object store"
    GET = "ray.get returns"


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
    values: tuple[str, ...] = ()  # ids of objects that exist from now on
    made: tuple[tuple[str, str], ...] = ()  # (object id, node id) of copies that appear
    gone: tuple[tuple[str, str], ...] = ()  # and of copies that vanish
    starts_later: bool = False  # a lease whose start is an event of its own

    @property
    def misdated_seconds(self) -> float:
        """How far before its causes the trace dates it: late records, or clocks that differ."""
        return 0.0 if self.recorded is None else self.seconds - self.recorded


def collect(trace: Trace) -> list[Event]:
    """List what happened, in no order yet.

    >>> run = TaskRun("t1", "noop", submitted=0.1, leased=0.2, started=0.3)
    >>> [event.kind.name for event in collect(Trace(task_runs=(run,)))]
    ['SUBMIT', 'LEASE']
    """
    unexplained = {each.object_id: list(each.copies) for each in trace.objects}
    for transfer in trace.transfers:
        _take(unexplained, transfer.object_id, transfer.to_node_id, near=transfer.seen)
    objects = {each.object_id: each for each in trace.objects}
    made_by = trace.makers()
    returned: dict[str, list[str]] = defaultdict(list)
    for object_id, task_id in made_by.items():
        if object_id in objects:
            returned[task_id].append(object_id)
    found = list(_removals(trace))
    for run in sorted(trace.task_runs, key=lambda run: run.attempt):
        found += _before_its_end(run, objects, made_by)
        if run.outcome is Outcome.FINISHED:
            values = tuple(returned[run.task_id])
            copies = [(each, _take(unexplained, each, run.node_id)) for each in values]
            made = tuple((each, copy.node_id) for each, copy in copies if copy)
            found.append(
                Event(Kind.END, run.ended, run=run, node_id=run.node_id, values=values, made=made)
            )
        elif run.outcome is Outcome.FAILED or run.ended is not None:
            found.append(Event(Kind.END, run.ended, run=run, node_id=run.node_id))
    found += _puts(trace, unexplained, made_by)
    found += [
        Event(
            Kind.COPY,
            transfer.seen,
            transfer=transfer,
            made=((transfer.object_id, transfer.to_node_id),),
            values=(transfer.object_id,),
        )
        for transfer in (*trace.transfers, *_untold_transfers(trace, unexplained))
    ]
    return found + list(_losses(trace)) + list(_gets(trace))


def _before_its_end(
    run: TaskRun, objects: dict[str, StoredObject], made_by: dict[str, str]
) -> Iterator[Event]:
    yield Event(Kind.SUBMIT, run.submitted, run=run)
    if run.arguments_ready is not None and any(each in made_by for each in run.argument_ids):
        yield Event(Kind.READY, run.arguments_ready, run=run)
    reads = run.started is not None and any(
        found.copies and not found.inlined
        for found in map(objects.get, run.argument_ids)
        if found is not None
    )
    handed = run.started if run.leased is None else run.leased
    if handed is not None or run.node_id is not None or run.worker_id is not None:
        yield Event(Kind.LEASE, handed, run=run, node_id=run.node_id, starts_later=reads)
    if reads:
        yield Event(Kind.START, run.started, run=run, node_id=run.node_id)


def _take(
    unexplained: dict[str, list[ObjectCopy]],
    object_id: str,
    node_id: str | None,
    near: float | None = None,
) -> ObjectCopy | None:
    """Take a copy on the node out of those that no event explains yet."""
    copies = unexplained.get(object_id, [])
    here = [copy for copy in copies if node_id is None or copy.node_id == node_id]
    if not here:
        return None
    chosen = here[0] if near is None else min(here, key=lambda copy: abs(copy.seen - near))
    copies.remove(chosen)
    return chosen


def _removals(trace: Trace) -> Iterator[Event]:
    for node in trace.nodes:
        if node.removed is not None:
            gone = tuple(
                (each.object_id, node.node_id)
                for each in trace.objects
                if any(copy.node_id == node.node_id for copy in each.copies)
            )
            yield Event(Kind.REMOVED, node.removed, node_id=node.node_id, gone=gone)


def _puts(
    trace: Trace, unexplained: dict[str, list[ObjectCopy]], made_by: dict[str, str]
) -> Iterator[Event]:
    """Give an event for each object whose first copy no task's end explains."""
    for each in trace.objects:
        value = (each.object_id,)
        left = unexplained[each.object_id]
        if left and left[0] is each.copies[0]:
            node_id = left.pop(0).node_id
            made = ((each.object_id, node_id),)
            yield Event(Kind.PUT, each.copies[0].seen, node_id=node_id, made=made, values=value)
        elif each.inlined and each.object_id not in made_by:
            yield Event(Kind.PUT, None, values=value)


def _untold_transfers(trace: Trace, unexplained: dict[str, list[ObjectCopy]]) -> Iterator[Transfer]:
    for each in trace.objects:
        for copy in unexplained[each.object_id]:
            yield Transfer(each.object_id, None, copy.node_id, copy.seen)


def _losses(trace: Trace) -> Iterator[Event]:
    removed = {node.node_id for node in trace.nodes if node.removed is not None}
    for each in trace.objects:
        for copy in each.copies:
            if copy.lost is not None and copy.node_id not in removed:
                gone = ((each.object_id, copy.node_id),)
                yield Event(Kind.LOST, copy.lost, node_id=copy.node_id, gone=gone)


def _gets(trace: Trace) -> Iterator[Event]:
    """Give one event for the refs of one `ray.get`."""
    together: dict[tuple[float, float | None], list[Get]] = defaultdict(list)
    for get in trace.gets:
        together[get.asked, get.returned].append(get)
    for (asked, returned), gets in together.items():
        yield Event(Kind.GET, asked if returned is None else returned, gets=tuple(gets))
