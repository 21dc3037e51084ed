"""The order of events: each after its causes, and otherwise by time.

The records of a cluster come from several clocks and arrive late: a copy may be dated after the
start of the task that read it. What needed what is certain, so that goes before the dates.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from raylessons.story.events import Event, Kind
from raylessons.trace.records import Outcome, TaskRun, Trace

ATTEMPT_STEPS = (Kind.SUBMIT, Kind.READY, Kind.LEASE, Kind.START, Kind.END)


def in_order(found: Sequence[Event], trace: Trace) -> tuple[Event, ...]:
    """Put events in order, and date each no earlier than its causes.

    >>> from raylessons.story.events import collect
    >>> run = TaskRun("t1", "noop", submitted=0.1, started=0.3, ended=0.2,
    ...               outcome=Outcome.FINISHED)
    >>> trace = Trace(task_runs=(run,))
    >>> [(event.kind.name, event.seconds) for event in in_order(collect(trace), trace)]
    [('SUBMIT', 0.1), ('LEASE', 0.3), ('END', 0.3)]
    """
    causes = _Causes(found, trace).causes
    effects: dict[int, list[int]] = defaultdict(list)
    for effect, its_causes in enumerate(causes):
        for cause in its_causes:
            effects[cause].append(effect)
    missing = [len(its_causes) for its_causes in causes]
    earliest = [0.0] * len(found)
    kinds = list(Kind)
    queue: list[tuple[float, int, int]] = []

    def push(index: int) -> None:
        seconds = max(earliest[index], _known(found[index].recorded))
        heapq.heappush(queue, (seconds, kinds.index(found[index].kind), index))

    for index, number in enumerate(missing):
        if not number:
            push(index)
    waiting = dict.fromkeys(sorted(range(len(found)), key=lambda i: _known(found[i].recorded)))
    ordered: list[Event] = []
    while waiting:
        if not queue:  # events that cause one another: such records cannot be right
            first = next(iter(waiting))
            earliest[first] = max(earliest[first], ordered[-1].seconds if ordered else 0.0)
            push(first)
        seconds, _, index = heapq.heappop(queue)
        if index not in waiting:
            continue
        del waiting[index]
        ordered.append(replace(found[index], seconds=seconds))
        for effect in effects[index]:
            earliest[effect] = max(earliest[effect], seconds)
            missing[effect] -= 1
            if missing[effect] == 0:
                push(effect)
    return tuple(ordered)


def _known(seconds: float | None) -> float:
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else 0.0


class _Causes:
    """For each event, the indices of the events that must come before it."""

    def __init__(self, found: Sequence[Event], trace: Trace) -> None:
        self.causes: list[set[int]] = [set() for _ in found]
        self.made_by = trace.makers()
        self.steps: dict[tuple[str, int, Kind], int] = {}  # task id, attempt, kind
        self.copies: dict[tuple[str, str], int] = {}  # object id, node id
        self.puts: dict[str, int] = {}
        self.removals: dict[str, int] = {}
        for index, event in enumerate(found):
            if event.run is not None:
                self.steps[event.run.task_id, event.run.attempt, event.kind] = index
            elif event.kind is Kind.COPY:
                self.copies.setdefault(event.made[0], index)
            elif event.kind is Kind.PUT:
                self.puts[event.values[0]] = index
            elif event.kind is Kind.REMOVED and event.node_id is not None:
                self.removals[event.node_id] = index
        self.attempts: dict[str, list[TaskRun]] = defaultdict(list)
        for run in sorted(trace.task_runs, key=lambda run: run.attempt):
            self.attempts[run.task_id].append(run)
        for runs in self.attempts.values():
            for run in runs:
                self._tie_run(run)
            for run, following in pairwise(runs):
                self._tie(self._step(run, Kind.END), self._step(following, Kind.SUBMIT))
        self._tie_workers(trace)
        self._tie_objects(found, trace)

    def _tie(self, cause: int | None, effect: int | None) -> None:
        if cause is not None and effect is not None and cause != effect:
            self.causes[effect].add(cause)

    def _step(self, run: TaskRun, kind: Kind) -> int | None:
        return self.steps.get((run.task_id, run.attempt, kind))

    def _source(self, object_id: str) -> int | None:
        """Find the event by which an object first exists."""
        for run in self.attempts.get(self.made_by.get(object_id, ""), []):
            if run.outcome is Outcome.FINISHED:
                return self._step(run, Kind.END)
        return self.puts.get(object_id)

    def _tie_run(self, run: TaskRun) -> None:
        steps = [self._step(run, kind) for kind in ATTEMPT_STEPS]
        told = [index for index in steps if index is not None]
        for cause, effect in pairwise(told):
            self._tie(cause, effect)
        if len(told) > 1:
            for object_id in run.argument_ids:
                self._tie(self._source(object_id), told[1])
        for parent in self.attempts.get(run.parent_task_id or "", [])[:1]:
            self._tie(self._step(parent, Kind.LEASE), told[0])
        if run.outcome is Outcome.FAILED and run.ended is None:
            self._tie(self.removals.get(run.node_id or ""), self._step(run, Kind.END))

    def _tie_workers(self, trace: Trace) -> None:
        """Let a worker have one task after another, where their records say so."""
        by_worker: dict[str, list[tuple[float, TaskRun]]] = defaultdict(list)
        for run in trace.task_runs:
            if run.worker_id is not None and run.started is not None:
                by_worker[run.worker_id].append((run.started, run))
        for starts in by_worker.values():
            starts.sort(key=lambda each: each[0])
            for (_, run), (next_start, following) in pairwise(starts):
                if run.ended is not None and run.ended <= next_start:
                    self._tie(self._step(run, Kind.END), self._step(following, Kind.LEASE))

    def _tie_objects(self, found: Sequence[Event], trace: Trace) -> None:
        readers: dict[tuple[str, str], list[TaskRun]] = defaultdict(list)
        for run in sorted(trace.task_runs, key=lambda run: run.started or math.inf):
            for object_id in run.argument_ids:
                readers[object_id, run.node_id or ""].append(run)
        for index, event in enumerate(found):
            if event.kind is Kind.COPY and event.transfer is not None:
                self._tie(self._source(event.transfer.object_id), index)
                task_id = event.transfer.task_id
                # Where the trace does not say for which task it was copied, it was for the first.
                for run in [
                    run for run in readers[event.made[0]] if task_id in (None, run.task_id)
                ][:1]:
                    self._tie(self._step(run, Kind.SUBMIT), index)
                    self._tie(self._step(run, Kind.READY), index)
                    self._tie(index, self._step(run, Kind.LEASE))
            elif event.kind is Kind.LOST:
                self._tie(self._source(event.gone[0][0]), index)
                self._tie(self.copies.get(event.gone[0]), index)
            elif event.kind is Kind.GET:
                for get in event.gets:
                    if get.returned is not None:
                        self._tie(self._source(get.object_id), index)
