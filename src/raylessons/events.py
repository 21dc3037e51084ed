"""What happened in a trace, one event after another, each after its causes.

Records of one cluster come from several clocks and arrive late: a copy may be dated after the
start of the task that read it. So events are put in order by their causes first, by time second.
"""

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any

from raylessons.trace import Get, ObjectCopy, Outcome, StoredObject, TaskRun, Trace, Transfer

NOTABLE_SECONDS = 0.005  # object locations are asked for every half millisecond, and come late


class Kind(Enum):
    """What an event is. Of events at one moment, the kind named first comes first."""

    REMOVED = "a node leaves"
    SUBMIT = "a task is submitted"
    END = "a task ends"
    PUT = "an object is seen that no task on record made"
    LOST = "a copy of an object is lost"
    READY = "a task's arguments exist"
    COPY = "an object is copied to another node"
    LEASE = "a task is handed to a worker"
    START = "a task starts, and reads arguments from an object store"
    GET = "ray.get returns in the driver"


@dataclass(frozen=True)
class Event:
    """One thing that happened, and all that it changed."""

    kind: Kind
    recorded: float | None  # seconds, as the trace has it
    seconds: float = 0.0  # its place in the story: never before its causes
    run: TaskRun | None = None
    node_id: str | None = None
    transfer: Transfer | None = None
    gets: tuple[Get, ...] = ()
    values: tuple[str, ...] = ()  # ids of objects that exist from now on
    made: tuple[tuple[str, str], ...] = ()  # (object id, node id) of copies that appear
    gone: tuple[tuple[str, str], ...] = ()  # and of copies that vanish
    reads_later: bool = False  # a lease whose start is an event of its own

    @property
    def misdated_seconds(self) -> float:
        """How far before its causes the trace dates it: late records, or clocks that differ."""
        return 0.0 if self.recorded is None else self.seconds - self.recorded


def events(trace: Trace) -> tuple[Event, ...]:
    """List what happened, each event after its causes, otherwise by time.

    >>> from raylessons.trace import Outcome, TaskRun, Trace
    >>> run = TaskRun("t1", "noop", submitted=0.1, started=0.3, ended=0.2,
    ...               outcome=Outcome.FINISHED)
    >>> [(event.kind.name, event.seconds) for event in events(Trace(task_runs=(run,)))]
    [('SUBMIT', 0.1), ('LEASE', 0.3), ('END', 0.3)]
    """
    return _Story(trace).in_order()


def reads_a_store(run: TaskRun, objects: dict[str, StoredObject]) -> bool:
    """Tell whether a run has an argument that does not travel with the task itself."""
    found = (objects.get(object_id) for object_id in run.argument_ids)
    return any(each is not None and each.copies and not each.inlined for each in found)


class _Story:
    """The events of a trace while they are collected, with the causes of each."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.objects = {each.object_id: each for each in trace.objects}
        self.found: list[Event] = []
        self.causes: list[set[int]] = []
        self.place: dict[tuple[Kind, str, int], int] = {}  # (kind, id, attempt): index in found
        self.by_task: dict[str, list[TaskRun]] = defaultdict(list)
        for run in sorted(trace.task_runs, key=lambda run: run.attempt):
            self.by_task[run.task_id].append(run)
        self.producer = {
            object_id: task_id
            for task_id, runs in self.by_task.items()
            for run in runs
            for object_id in run.return_ids
        }
        for each in trace.objects:
            if each.task_id is not None and each.task_id in self.by_task:
                self.producer[each.object_id] = each.task_id
        self.unmatched = {each.object_id: list(each.copies) for each in trace.objects}
        self._collect()
        self._tie()

    def _add(self, event: Event, key: str, attempt: int = 0) -> None:
        self.place.setdefault((event.kind, key, attempt), len(self.found))
        self.found.append(event)
        self.causes.append(set())

    def _collect(self) -> None:
        for node in self.trace.nodes:
            if node.removed is not None:
                gone = tuple(
                    (each.object_id, node.node_id)
                    for each in self.trace.objects
                    if any(copy.node_id == node.node_id for copy in each.copies)
                )
                self._add(
                    Event(Kind.REMOVED, node.removed, node_id=node.node_id, gone=gone),
                    node.node_id,
                )
        transfers = sorted(self.trace.transfers, key=lambda each: each.seen)
        for transfer in transfers:
            self._take(transfer.object_id, transfer.to_node_id, near=transfer.seen)
        for runs in self.by_task.values():
            for run in runs:
                self._collect_run(run)
        for transfer in (*transfers, *self._leftovers()):
            made = ((transfer.object_id, transfer.to_node_id),)
            self._add(
                Event(
                    Kind.COPY,
                    transfer.seen,
                    transfer=transfer,
                    made=made,
                    values=(transfer.object_id,),
                ),
                f"{transfer.object_id} {transfer.to_node_id}",
            )
        removed = {node.node_id for node in self.trace.nodes if node.removed is not None}
        for each in self.trace.objects:
            for copy in each.copies:
                if copy.lost is not None and copy.node_id not in removed:
                    gone = ((each.object_id, copy.node_id),)
                    self._add(
                        Event(Kind.LOST, copy.lost, node_id=copy.node_id, gone=gone),
                        f"{each.object_id} {copy.node_id}",
                    )
        together: dict[tuple[float, float | None], list[Get]] = defaultdict(list)
        for get in self.trace.gets:
            together[get.asked, get.returned].append(get)
        for (asked, returned), gets in together.items():
            recorded = asked if returned is None else returned
            self._add(Event(Kind.GET, recorded, gets=tuple(gets)), gets[0].object_id)

    def _collect_run(self, run: TaskRun) -> None:
        def add(kind: Kind, recorded: float | None, **changes: Any) -> None:
            event = Event(kind, recorded, run=run, node_id=run.node_id, **changes)
            self._add(event, run.task_id, run.attempt)

        add(Kind.SUBMIT, run.submitted)
        if run.arguments_ready is not None and self._waited_for_arguments(run):
            add(Kind.READY, run.arguments_ready)
        placed = (run.node_id, run.worker_id, run.leased, run.started)
        if any(each is not None for each in placed):
            reads = run.started is not None and reads_a_store(run, self.objects)
            recorded = run.started if run.leased is None else run.leased
            add(Kind.LEASE, recorded, reads_later=reads)
            if reads:
                add(Kind.START, run.started)
        if run.outcome is Outcome.FINISHED:
            made, values = [], []
            for each in self.trace.objects:
                if self.producer.get(each.object_id) == run.task_id:
                    values.append(each.object_id)
                    copy = self._take(each.object_id, run.node_id)
                    made += [(each.object_id, copy.node_id)] if copy else []
            add(Kind.END, run.ended, values=tuple(values), made=tuple(made))
        elif run.outcome is Outcome.FAILED or run.ended is not None:
            add(Kind.END, run.ended)

    def _waited_for_arguments(self, run: TaskRun) -> bool:
        if any(object_id in self.producer for object_id in run.argument_ids):
            return True
        waited = (run.arguments_ready or 0) - (run.submitted or 0)
        return run.submitted is not None and waited > NOTABLE_SECONDS

    def _take(
        self, object_id: str, node_id: str | None, near: float | None = None
    ) -> ObjectCopy | None:
        """Take a copy on the node out of those that no event explains yet."""
        copies = self.unmatched.get(object_id, [])
        here = [copy for copy in copies if node_id is None or copy.node_id == node_id]
        if not here:
            return None
        chosen = here[0]
        if near is not None:
            chosen = min(here, key=lambda copy: abs(copy.seen - near))
        copies.remove(chosen)
        return chosen

    def _leftovers(self) -> list[Transfer]:
        """Add an event for each first copy that nothing explains; give the others as transfers."""
        unexplained = []
        for each in self.trace.objects:
            for copy in self.unmatched[each.object_id]:
                if copy is each.copies[0]:
                    made = ((each.object_id, copy.node_id),)
                    self._add(
                        Event(
                            Kind.PUT,
                            copy.seen,
                            node_id=copy.node_id,
                            made=made,
                            values=(each.object_id,),
                        ),
                        each.object_id,
                    )
                else:
                    unexplained.append(Transfer(each.object_id, None, copy.node_id, copy.seen))
            if each.inlined and each.object_id not in self.producer:
                self._add(Event(Kind.PUT, None, values=(each.object_id,)), each.object_id)
        return unexplained

    def _tie(self) -> None:
        for runs in self.by_task.values():
            for run, following in zip(runs, (*runs[1:], None), strict=True):
                self._tie_run(run)
                if following is not None:
                    self._cause(self._at(Kind.END, run), self._at(Kind.SUBMIT, following))
        for event_index, event in enumerate(self.found):
            if event.kind is Kind.COPY and event.transfer is not None:
                self._tie_copy(event_index, event.transfer)
            elif event.kind is Kind.LOST:
                object_id, node_id = event.gone[0]
                self._cause(self._source(object_id), event_index)
                self._cause(self.place.get((Kind.COPY, f"{object_id} {node_id}", 0)), event_index)
            elif event.kind is Kind.GET and event.gets[0].returned is not None:
                for get in event.gets:
                    self._cause(self._source(get.object_id), event_index)
        self._tie_workers()

    def _tie_run(self, run: TaskRun) -> None:
        chain = [
            self._at(kind, run)
            for kind in (Kind.SUBMIT, Kind.READY, Kind.LEASE, Kind.START, Kind.END)
        ]
        told = [index for index in chain if index is not None]
        for cause, effect in pairwise(told):
            self._cause(cause, effect)
        if len(told) > 1:
            for object_id in run.argument_ids:
                self._cause(self._source(object_id), told[1])
        for parent in self.by_task.get(run.parent_task_id or "", [])[:1]:
            self._cause(self._at(Kind.LEASE, parent), told[0])
        if run.outcome is Outcome.FAILED and run.ended is None:
            removal = self.place.get((Kind.REMOVED, run.node_id or "", 0))
            self._cause(removal, self._at(Kind.END, run))

    def _tie_copy(self, index: int, transfer: Transfer) -> None:
        self._cause(self._source(transfer.object_id), index)
        readers = [
            run
            for runs in self.by_task.values()
            for run in runs
            if run.node_id == transfer.to_node_id
            and (
                run.task_id == transfer.task_id
                if transfer.task_id is not None
                else transfer.object_id in run.argument_ids
            )
        ]
        # Where the trace does not say for which task it was copied, it was for the first.
        for run in sorted(readers, key=lambda run: run.started or math.inf)[:1]:
            self._cause(self._at(Kind.SUBMIT, run), index)
            self._cause(self._at(Kind.READY, run), index)
            self._cause(index, self._at(Kind.LEASE, run))

    def _tie_workers(self) -> None:
        by_worker: dict[str, list[TaskRun]] = defaultdict(list)
        for run in self.trace.task_runs:
            if run.worker_id is not None and run.started is not None:
                by_worker[run.worker_id].append(run)
        for runs in by_worker.values():
            runs.sort(key=lambda run: run.started or 0)
            for run, following in pairwise(runs):
                if run.ended is not None and run.ended <= (following.started or 0):
                    self._cause(self._at(Kind.END, run), self._at(Kind.LEASE, following))

    def _at(self, kind: Kind, run: TaskRun) -> int | None:
        return self.place.get((kind, run.task_id, run.attempt))

    def _source(self, object_id: str) -> int | None:
        """Find the event by which an object first exists."""
        for run in self.by_task.get(self.producer.get(object_id) or "", []):
            if run.outcome is Outcome.FINISHED:
                return self._at(Kind.END, run)
        return self.place.get((Kind.PUT, object_id, 0))

    def _cause(self, cause: int | None, effect: int | None) -> None:
        if cause is not None and effect is not None and cause != effect:
            self.causes[effect].add(cause)

    def in_order(self) -> tuple[Event, ...]:
        effects: dict[int, list[int]] = defaultdict(list)
        for effect, causes in enumerate(self.causes):
            for cause in causes:
                effects[cause].append(effect)
        rank = {kind: position for position, kind in enumerate(Kind)}
        missing = [len(causes) for causes in self.causes]
        earliest = [0.0] * len(self.found)
        waiting = set(range(len(self.found)))
        queue: list[tuple[float, int, int]] = []

        def push(index: int) -> None:
            recorded = self.found[index].recorded
            known = recorded is not None and math.isfinite(recorded)
            seconds = max(earliest[index], recorded if known and recorded else 0.0)
            heapq.heappush(queue, (seconds, rank[self.found[index].kind], index))

        for index, number in enumerate(missing):
            if not number:
                push(index)
        ordered = []
        while waiting:
            if not queue:  # events that cause one another: the records cannot be right
                push(min(waiting, key=lambda index: self.found[index].recorded or 0.0))
            seconds, _, index = heapq.heappop(queue)
            if index not in waiting:
                continue
            waiting.remove(index)
            ordered.append(replace(self.found[index], seconds=seconds))
            for effect in effects[index]:
                earliest[effect] = max(earliest[effect], seconds)
                missing[effect] -= 1
                if missing[effect] == 0:
                    push(effect)
        return tuple(ordered)
