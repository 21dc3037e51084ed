"""The order of events: each after its causes, and otherwise by time.

The records of a cluster come from several clocks and arrive late: a copy may be dated after the
start of the task that read it. What needed what is certain, so that goes before the dates.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from raylessons.story.events import Event, Kind
from raylessons.trace.records import Outcome, TaskKind, TaskRun, Trace

ATTEMPT_STEPS = (Kind.SUBMIT, Kind.READY, Kind.LEASE, Kind.START, Kind.END)


def order_events(found: Sequence[Event], trace: Trace) -> tuple[Event, ...]:
    """Put events in order, and date each no earlier than its causes.

    >>> from raylessons.story.events import collect_events
    >>> run = TaskRun("t1", "noop", submitted=0.1, started=0.3, ended=0.2,
    ...               outcome=Outcome.FINISHED)
    >>> trace = Trace(task_runs=(run,))
    >>> [(event.kind.name, event.seconds) for event in order_events(collect_events(trace), trace)]
    [('SUBMIT', 0.1), ('LEASE', 0.3), ('END', 0.3)]
    """
    causes = _find_causes(found, trace)
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
    step_before = _find_steps_before(found)
    waiting = dict.fromkeys(sorted(range(len(found)), key=lambda i: _known(found[i].recorded)))
    ordered: list[Event] = []
    while waiting:
        if not queue:  # events that cause one another: such records cannot be right
            first = next(each for each in waiting if step_before.get(each) not in waiting)
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


def _find_steps_before(events: Sequence[Event]) -> dict[int, int]:
    """Tell which event is the step before this one of the same attempt, by their places."""
    steps: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if event.run is not None and event.kind in ATTEMPT_STEPS:
            steps[event.run.task_id, event.run.attempt].append(place)
    return {
        place: before
        for places in steps.values()
        for before, place in pairwise(
            sorted(places, key=lambda place: ATTEMPT_STEPS.index(events[place].kind))
        )
    }


Tie = tuple[int | None, int | None]  # the places of a cause and of its effect, as far as told


@dataclass(frozen=True)
class _Places:
    """Where in a list of events each event is, by what it is about."""

    steps: Mapping[tuple[str, int, Kind], int]  # task id, attempt, kind
    copies: Mapping[tuple[str, str], int]  # object id, node id
    arrivals: Mapping[str, int]  # node id
    removals: Mapping[str, int]  # node id
    sources: Mapping[str, int]  # object id: the event by which it first exists

    def step(self, run: TaskRun, kind: Kind) -> int | None:
        return self.steps.get((run.task_id, run.attempt, kind))


def _find_causes(events: Sequence[Event], trace: Trace) -> list[set[int]]:
    """For each event, find the places of the events that must come before it."""
    attempts: dict[str, list[TaskRun]] = defaultdict(list)
    for run in sorted(trace.task_runs, key=lambda run: run.attempt):
        attempts[run.task_id].append(run)
    places = _find_places(events, attempts, trace)
    causes: list[set[int]] = [set() for _ in events]
    for cause, effect in (
        *_ties_of_attempts(attempts, places),
        *_ties_of_workers(trace, places),
        *_ties_of_objects(events, trace, places),
    ):
        if cause is not None and effect is not None and cause != effect:
            causes[effect].add(cause)
    return causes


def _find_places(
    events: Sequence[Event], attempts: Mapping[str, Sequence[TaskRun]], trace: Trace
) -> _Places:
    steps: dict[tuple[str, int, Kind], int] = {}
    copies: dict[tuple[str, str], int] = {}
    arrivals: dict[str, int] = {}
    removals: dict[str, int] = {}
    sources: dict[str, int] = {}
    for place, event in enumerate(events):
        if event.kind is Kind.YIELD:
            sources[event.values[0]] = place
        elif event.run is not None:
            steps[event.run.task_id, event.run.attempt, event.kind] = place
        elif event.kind is Kind.COPY:
            copies.setdefault(event.made[0], place)
        elif event.kind is Kind.PUT:
            sources[event.values[0]] = place
        elif event.kind is Kind.JOINED and event.node_id is not None:
            arrivals[event.node_id] = place
        elif event.kind is Kind.REMOVED and event.node_id is not None:
            removals[event.node_id] = place
    for object_id, task_id in trace.makers().items():
        finished = [run for run in attempts[task_id] if run.outcome is Outcome.FINISHED]
        for run in finished[:1] if object_id not in sources else ():
            sources[object_id] = steps[task_id, run.attempt, Kind.END]
    return _Places(steps, copies, arrivals, removals, sources)


def _ties_of_attempts(attempts: Mapping[str, Sequence[TaskRun]], places: _Places) -> Iterator[Tie]:
    """Tie the steps of each attempt, its needs, its parent, and the attempt before."""
    for runs in attempts.values():
        for run in runs:
            steps = [places.step(run, kind) for kind in ATTEMPT_STEPS]
            on_record = [place for place in steps if place is not None]
            yield from pairwise(on_record)
            for object_id in run.argument_ids if len(on_record) > 1 else ():
                yield places.sources.get(object_id), on_record[1]
            for parent in attempts.get(run.parent_task_id or "", ())[:1]:
                yield places.step(parent, Kind.LEASE), on_record[0]
            yield places.arrivals.get(run.node_id or ""), places.step(run, Kind.LEASE)
            if run.outcome is Outcome.FAILED and run.ended is None:
                yield places.removals.get(run.node_id or ""), places.step(run, Kind.END)
        for run, following in pairwise(runs):
            yield places.step(run, Kind.END), places.step(following, Kind.SUBMIT)


def _ties_of_workers(trace: Trace, places: _Places) -> Iterator[Tie]:
    """Let a worker have one task after another, where their records say so."""
    by_worker: dict[str, list[tuple[float, TaskRun]]] = defaultdict(list)
    for run in trace.task_runs:
        if run.worker_id is not None and run.started is not None:
            by_worker[run.worker_id].append((run.started, run))
    for starts in by_worker.values():
        starts.sort(key=lambda each: each[0])
        for (_, run), (next_start, following) in pairwise(starts):
            if run.ended is not None and run.ended <= next_start:
                yield places.step(run, Kind.END), places.step(following, Kind.LEASE)


def _ties_of_objects(events: Sequence[Event], trace: Trace, places: _Places) -> Iterator[Tie]:
    """Let a copy come between its source and its reader, a loss after the copy, a get after all."""
    readers: dict[tuple[str, str], list[TaskRun]] = defaultdict(list)
    for run in sorted(trace.task_runs, key=lambda run: run.started or math.inf):
        for object_id in run.argument_ids:
            readers[object_id, run.node_id or ""].append(run)
    for place, event in enumerate(events):
        if event.kind is Kind.COPY and event.transfer is not None:
            yield places.sources.get(event.transfer.object_id), place
            task_id = event.transfer.task_id
            # Where the trace does not say for which task it was copied, it was for the first.
            wanting = [run for run in readers[event.made[0]] if task_id in (None, run.task_id)]
            for run in wanting[:1]:
                yield places.step(run, Kind.SUBMIT), place
                yield places.step(run, Kind.READY), place
                # A call is sent to its actor first, and waits there for its arguments.
                is_call = run.kind is TaskKind.CALL
                yield place, places.step(run, Kind.START if is_call else Kind.LEASE)
        elif event.kind is Kind.YIELD and event.run is not None:
            yield places.step(event.run, Kind.LEASE), place
            yield place, places.step(event.run, Kind.END)
        elif event.kind is Kind.LOST:
            yield places.sources.get(event.gone[0][0]), place
            yield places.copies.get(event.gone[0]), place
        elif event.wait_round is not None:
            for object_id in event.wait_round.ready_ids:
                yield places.sources.get(object_id), place
        elif event.kind is Kind.GET:
            for get in event.gets:
                if get.returned is not None:
                    yield places.sources.get(get.object_id), place
