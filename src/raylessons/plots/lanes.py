"""A trace as a timeline: one lane per worker, and in it what each task waited for and did."""

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum

from raylessons.trace.names import Names
from raylessons.trace.records import Outcome, TaskRun, Trace
from raylessons.words import count, escape, format_seconds, listing

UNPLACED = "no worker on record"
MOST_ROWS = 40  # of the table: a screen reader reads each of them


class Part(Enum):
    """What a task does, or waits for, during a bar."""

    ARGUMENTS = "waits for arguments"
    WORKER = "waits for a worker"
    FETCH = "fetches arguments"
    EXECUTE = "runs"
    STORE = "stores its result"
    FAILED = "runs, and fails"
    OPEN = "has not ended"


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
    """A worker and its bars, by time."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Dependency:
    """A result of one task that another took in."""

    object_id: str
    from_lane: str
    made: float  # seconds: the end of the task that returned it
    to_lane: str
    used: float  # seconds: the start of the task that took it


def bars(run: TaskRun, *, copied: bool = False, recording_end: float = 0.0) -> tuple[Bar, ...]:
    """Split a run into the parts that its record tells; what it does not tell has no bar.

    `copied` says that an argument was copied to the run's node before its start. Ray hands a task
    over after the copy, so the wait for a worker and the copy are one stretch of its record.

    >>> run = TaskRun("t1", "noop", submitted=0.0, leased=0.2, started=0.3, ended=0.5)
    >>> [(bar.part.name, bar.start, bar.end) for bar in bars(run)]
    [('WORKER', 0.0, 0.2), ('EXECUTE', 0.3, 0.5)]
    """
    handed = run.started if run.leased is None else run.leased
    needs = bool(run.argument_ids and run.arguments_ready is not None)
    ready = run.arguments_ready if needs else run.submitted
    parts = [
        (Part.ARGUMENTS, run.submitted, ready),
        (Part.FETCH if copied else Part.WORKER, ready, handed),
    ]
    failed = run.outcome is Outcome.FAILED
    work = Part.FAILED if failed else Part.EXECUTE
    # Where a worker died, Ray has no start of the attempt.
    begun = run.leased if failed and run.started is None else run.started
    kinds = {
        "deserialize_arguments": Part.FETCH,
        "execute": work,
        "store_outputs": Part.STORE,
    }
    phases = [phase for phase in run.phases if phase.name in kinds]
    parts += [(kinds[phase.name], phase.start, phase.end) for phase in phases]
    if run.ended is None and run.outcome is Outcome.UNFINISHED:
        parts.append((Part.OPEN, run.started, recording_end))
    elif not phases:
        parts.append((work, begun, run.ended))
    return tuple(
        Bar(run, part, start, end)
        for part, start, end in parts
        if start is not None and end is not None and math.inf > end > start > -math.inf
    )


def lanes(trace: Trace) -> tuple[Lane, ...]:
    """Give each worker that had a task a lane, by node and number.

    >>> run = TaskRun("t1", "noop", started=0.0, ended=0.1)
    >>> lanes(Trace(task_runs=(run,)))[0].label
    'no worker on record'
    """
    names = Names(trace)
    found: dict[tuple[float, float, str], list[Bar]] = defaultdict(list)
    for run, parts in _split(trace):
        found[_lane(run, names)].extend(parts)
    return tuple(
        Lane(key[-1], tuple(sorted(found[key], key=lambda bar: bar.start))) for key in sorted(found)
    )


def dependencies(trace: Trace) -> tuple[Dependency, ...]:
    """List which results went into which tasks, as far as both ends are on record."""
    names = Names(trace)
    made_by = trace.makers()
    ends = {
        run.task_id: (_lane(run, names)[-1], run.ended)
        for run in trace.task_runs
        if run.ended is not None and run.outcome is not Outcome.FAILED
    }
    return tuple(
        Dependency(object_id, *ends[made_by[object_id]], _lane(run, names)[-1], run.started)
        for run in trace.task_runs
        if run.started is not None
        for object_id in run.argument_ids
        if made_by.get(object_id) in ends
    )


def timeline_summary(trace: Trace) -> str:
    """Say in a sentence or two what the timeline shows.

    >>> timeline_summary(Trace())
    'No task is on record.'
    """
    if not trace.task_runs:
        return "No task is on record."
    names = Names(trace)
    tasks = {run.task_id for run in trace.task_runs}
    workers = {run.worker_id for run in trace.task_runs if run.worker_id is not None}
    nodes = {run.node_id for run in trace.task_runs if run.node_id is not None}
    summary = f"{count(len(tasks), 'task')} on {count(len(workers), 'worker')}"
    summary += f" of {count(len(nodes), 'node')}" if nodes else ""
    if lasted := _busy_seconds(trace):
        summary += f" took {format_seconds(lasted)}"
    at_once = trace.peak_parallelism()
    summary += f"; {at_once} ran at once at most." if at_once else "."
    waits = [bar for _, parts in _split(trace) for bar in parts if bar.part is Part.ARGUMENTS]
    if waits:
        longest = max(waits, key=lambda bar: bar.seconds)
        summary += (
            f" {names.task(longest.run)} waited longest for its arguments: "
            f"{format_seconds(longest.seconds)}."
        )
    failed = [names.task(run) for run in trace.task_runs if run.outcome is Outcome.FAILED]
    unfinished = [names.task(run) for run in trace.task_runs if run.outcome is Outcome.UNFINISHED]
    summary += f" Failed: {listing(failed)}." if failed else ""
    return summary + (f" No end on record: {listing(unfinished)}." if unfinished else "")


def timeline_table(trace: Trace) -> str:
    """Write the timeline as an HTML table, a row for each run, for those who do not see it."""
    names = Names(trace)
    columns = [Part.ARGUMENTS, Part.WORKER, Part.FETCH, Part.EXECUTE, Part.STORE]
    head = ["task", "worker", "submitted at", *(part.value for part in columns), "outcome"]
    rows = []
    split = sorted(_split(trace), key=lambda each: each[0].submitted or 0.0)
    for run, parts in split[:MOST_ROWS]:
        seconds = {part: [bar.seconds for bar in parts if bar.part is part] for part in Part}
        seconds[Part.EXECUTE] += seconds[Part.FAILED] + seconds[Part.OPEN]
        cells = [
            _lane(run, names)[-1],
            "not on record" if run.submitted is None else format_seconds(run.submitted),
            *(format_seconds(sum(seconds[part])) if seconds[part] else "–" for part in columns),
            run.outcome.value,
        ]
        rows.append(
            f'<tr><th scope="row">{escape(names.task(run))}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    summary = timeline_summary(trace)
    if len(split) > MOST_ROWS:
        summary += f" The table shows the first {MOST_ROWS} of {len(split)} runs."
    return (
        f'<table class="timeline-table"><caption>{escape(summary)}</caption><thead><tr>'
        + "".join(f'<th scope="col">{name}</th>' for name in head)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _split(trace: Trace) -> list[tuple[TaskRun, tuple[Bar, ...]]]:
    moved = {(each.object_id, each.to_node_id, each.task_id) for each in trace.transfers}
    split = []
    for run in trace.task_runs:
        copied = any(
            (object_id, run.node_id, task_id) in moved
            for object_id in run.argument_ids
            for task_id in (run.task_id, None)
        )
        split.append((run, bars(run, copied=copied, recording_end=trace.seconds)))
    return split


def _lane(run: TaskRun, names: Names) -> tuple[float, float, str]:
    worker = names.workers.get(run.worker_id or "")
    node = names.nodes.get(run.node_id or (worker.node_id if worker else ""))
    if node is None:
        return float("inf"), 0, UNPLACED
    if worker is None:
        return node.number, float("inf"), f"node {node.number} · some worker"
    return node.number, worker.number, f"node {node.number} · worker {worker.number}"


def _busy_seconds(trace: Trace) -> float:
    """Give the time from the first submission to the last end on record."""
    begun = [run.submitted for run in trace.task_runs if run.submitted is not None]
    ended = [run.ended for run in trace.task_runs if run.ended is not None]
    return max(0.0, max(ended) - min(begun)) if begun and ended else 0.0
