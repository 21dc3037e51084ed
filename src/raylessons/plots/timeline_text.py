"""A timeline in words: a summary of a few sentences, and a table, for those who do not see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from raylessons.plots.lanes import WAITS, Bar, Dependency, Lane, Part, dependencies, lanes
from raylessons.plots.packing import Mark, Row, pack
from raylessons.trace.gaps import describe_limit
from raylessons.trace.names import Names
from raylessons.trace.records import Actor, Outcome, TaskRun, Trace
from raylessons.words import count, escape, format_seconds, listing, times, verb

MOST_ROWS = 40  # of the table: a screen reader reads each of them
MOST_TIES = 300  # lines from results to the tasks that take them in: more hide the bars
MOST_TOLD = 4  # of one kind, in the summary
LONGEST_ERROR = 120  # characters


@dataclass(frozen=True)
class Timeline:
    """A trace laid out: what is drawn of it, and what is not."""

    trace: Trace

    @cached_property
    def names(self) -> Names:
        """Give the names of its parts."""
        return Names(self.trace)

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """Give its lanes, each with all its bars."""
        return lanes(self.trace)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Give its lanes with what is drawn in them."""
        return pack(self.lanes)

    @cached_property
    def ties(self) -> tuple[Dependency, ...]:
        """Give its results that went into tasks."""
        return dependencies(self.trace, self.lanes)

    @cached_property
    def lane_of(self) -> dict[tuple[str, int], Lane]:
        """Give the lane of each run that has a bar, by task id and attempt."""
        return {_key(bar.run): lane for lane in self.lanes for bar in lane.bars}

    @cached_property
    def bars_of(self) -> dict[tuple[str, int], list[Bar]]:
        """Give the bars of each run that has one, by task id and attempt."""
        found: dict[tuple[str, int], list[Bar]] = {}
        for lane in self.lanes:
            for bar in lane.bars:
                found.setdefault(_key(bar.run), []).append(bar)
        return found


def tell_mark(mark: Mark, names: Names) -> tuple[str, str]:
    """Say what a mark stands for, and how long that took.

    >>> bar = Bar(TaskRun("t1", "tiny"), Part.EXECUTE, 0.0, 0.012)
    >>> tell_mark(Mark(Part.EXECUTE, 0.0, 0.012, (bar,), 0.012), Names(Trace()))
    ('tiny', '12 ms')
    """
    if mark.runs == 1:
        run = mark.bars[0].run
        tells = mark.part is Part.FAILED or run.started is None
        error = f", {_short(run.error)}" if run.error and tells else ""
        return names.task(run) + error, format_seconds(mark.seconds)
    names_of = {bar.run.name for bar in mark.bars}
    called = f" of {next(iter(names_of))}" if len(names_of) == 1 else ""
    failed = {_key(bar.run) for bar in mark.bars if bar.part is Part.FAILED}
    fails = f", {len(failed)} failed" if failed else ""
    return f"{mark.runs} runs{called}{fails}", f"{format_seconds(mark.seconds)} together"


def tell_actor(actor: Actor, names: Names) -> str:
    """Say how an actor fared, or nothing where it lived on.

    >>> tell_actor(Actor("a1", "Counter", died=2.0, death="its node left"), Names(Trace()))
    'Counter died at 2 s: its node left.'
    """
    told = ""
    where = f" on {names.node(actor.node_id)}" if actor.node_id in names.nodes else ""
    if actor.restarts:
        told = f"{actor.name}{where} was started again {times(actor.restarts)}."
    if actor.died is not None or actor.death is not None:
        when = "" if actor.died is None else f" at {format_seconds(actor.died)}"
        why = f": {_short(actor.death).rstrip('.')}" if actor.death else ""
        told += f"{' ' if told else ''}{actor.name}{where} died{when}{why}."
    return told


def timeline_summary(timeline: Timeline) -> str:
    """Say in a few sentences what the timeline shows, and what it does not.

    >>> timeline_summary(Timeline(Trace()))
    'No task is on record.'
    """
    trace, names = timeline.trace, timeline.names
    sentences = [_tell_extent(timeline)]
    waits = [bar for lane in timeline.lanes for bar in lane.bars if bar.part is Part.ARGUMENTS]
    if waits:
        longest = max(waits, key=lambda bar: bar.seconds)
        sentences.append(
            f"{names.task(longest.run, begins=True)} waited longest for its arguments: "
            f"{format_seconds(longest.seconds)}."
        )
    for part, what in (
        (Part.STUCK_ARGUMENTS, "its arguments"),
        (Part.STUCK_WORKER, "a worker"),
    ):
        stuck = [bar.run for lane in timeline.lanes for bar in lane.bars if bar.part is part]
        if stuck:
            told = listing(_named(stuck, names), MOST_TOLD)
            each = verb(stuck, "", " each")
            sentences.append(f"{told}{each} waited for {what} to the end.")
    for outcome, heading in (
        (Outcome.FAILED, "Failed"),
        (Outcome.CANCELLED, "Cancelled"),
        (Outcome.UNFINISHED, "No end on record"),
    ):
        chosen = [run for run in trace.task_runs if run.outcome is outcome]
        if chosen:
            sentences.append(f"{heading}: {listing(_named(chosen, names), MOST_TOLD)}.")
    sentences += _at_most(filter(None, (tell_actor(each, names) for each in trace.actors)))
    sentences += _at_most(_tell_raises(trace, names))
    return " ".join([*sentences, *_tell_undrawn(timeline)])


def _tell_raises(trace: Trace, names: Names) -> Iterator[str]:
    """Say of each call that raised what it raised: which of several refs it was is not on record.

    >>> from raylessons.trace.records import Get, StoredObject
    >>> objects = StoredObject("o1", "ref1"), StoredObject("o2", "ref2")
    >>> gets = [Get(each.object_id, 1.0, 2.0, error="ValueError: no") for each in objects]
    >>> trace = Trace(objects=objects, gets=tuple(gets))
    >>> list(_tell_raises(trace, Names(trace)))
    ['ray.get of ref1 and ref2 raised ValueError: no.']
    """
    calls: dict[tuple[str, float | None, str], list[str]] = {}
    for get in trace.gets:
        if get.error is not None:
            calls.setdefault((get.call, get.asked, get.error), []).append(get.object_id)
    for (call, _, error), object_ids in calls.items():
        yield f"{call} of {names.refs(object_ids)} raised {_short(error).rstrip('.')}."


def timeline_table(timeline: Timeline) -> str:
    """Write the timeline as an HTML table, a row for each run, for those who do not see it."""
    names = timeline.names
    columns = [*WAITS, Part.FETCH, Part.EXECUTE, Part.STORE]
    same = {
        Part.STUCK_ARGUMENTS: Part.ARGUMENTS,
        Part.STUCK_WORKER: Part.WORKER,
        Part.FAILED: Part.EXECUTE,
        Part.CANCELLED: Part.EXECUTE,
        Part.OPEN: Part.EXECUTE,
    }
    found = {_key(run): timeline.bars_of.get(_key(run), []) for run in timeline.trace.task_runs}
    used = {same.get(bar.part, bar.part) for parts in found.values() for bar in parts}
    columns = [part for part in columns if part in used]
    head = ["task", "where", "submitted at", *(part.value for part in columns), "outcome"]
    by_submission = sorted(timeline.trace.task_runs, key=lambda run: run.submitted or 0.0)
    rows = []
    for run in by_submission[:MOST_ROWS]:
        seconds = dict.fromkeys(columns, 0.0)
        for bar in found[_key(run)]:
            seconds[same.get(bar.part, bar.part)] += bar.seconds
        lane = timeline.lane_of.get(_key(run))
        rows.append(
            [
                names.task(run),
                lane.place if lane else "not drawn",
                "not on record" if run.submitted is None else format_seconds(run.submitted),
                *(format_seconds(seconds[part]) if seconds[part] else "–" for part in columns),
                run.outcome.value + (f": {_short(run.error)}" if run.error else ""),
            ]
        )
    summary = timeline_summary(timeline)
    if len(by_submission) > MOST_ROWS:
        summary += f" The table shows the first {MOST_ROWS} of {len(by_submission)} runs."
    return _table(summary, head, rows)


def actors_table(timeline: Timeline) -> str:
    """Write the actors as an HTML table, a row for each, or nothing where there are none."""
    actors = timeline.trace.actors
    names = timeline.names

    def moment(seconds: float | None) -> str:
        return "–" if seconds is None else format_seconds(seconds)

    rows = [
        [
            actor.name,
            names.node(actor.node_id),
            moment(actor.created),
            moment(actor.ready),
            str(actor.restarts),
            moment(actor.died),
            _short(actor.death) if actor.death else "–",
        ]
        for actor in actors[:MOST_ROWS]
    ]
    if not rows:
        return ""
    more = f" The table shows the first {MOST_ROWS}." if len(actors) > MOST_ROWS else ""
    head = ["actor", "where", "created at", "ready at", "started again", "died at", "why it died"]
    return _table(f"{count(len(actors), 'actor')}.{more}", head, rows)


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<table class="timeline-table"><caption>{escape(caption)}</caption><thead><tr>'
        + "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
        + f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _tell_extent(timeline: Timeline) -> str:
    trace = timeline.trace
    if not trace.task_runs:
        return "No task is on record."
    tasks = {run.task_id for run in trace.task_runs}
    workers = {run.worker_id for run in trace.task_runs if run.worker_id is not None}
    nodes = {run.node_id for run in trace.task_runs if run.node_id is not None}
    told = f"{count(len(tasks), 'task')} on {count(len(workers), 'worker')}"
    told += f" of {count(len(nodes), 'node')}" if nodes else ""
    if lasted := _busy_seconds(trace):
        told += f" took {format_seconds(lasted)}"
    at_once = trace.peak_parallelism()
    told += f"; {at_once} ran at once at most." if at_once else "."
    if not timeline.bars_of:
        told += " No run has two known times, so there is nothing to draw."
    return told


def _tell_undrawn(timeline: Timeline) -> list[str]:
    """Say what was merged, and what is not drawn at all."""
    told = []
    # Waits that overlap look as they would one by one: only what ran counts as merged.
    merged = [
        mark
        for row in timeline.rows
        for mark in row.marks
        if mark.runs > 1 and mark.part not in WAITS
    ]
    if merged:
        runs = {_key(bar.run) for mark in merged for bar in mark.bars}
        told.append(
            f"{count(len(runs), 'run')} share {count(len(merged), 'bar')}, "
            f"{verb(merged, '', 'each ')}as high as the share of its time in which one of them "
            "was under way."
        )
    if len(timeline.ties) > MOST_TIES:
        told.append(f"Not drawn: {len(timeline.ties)} results that went into tasks.")
    bare = [run for run in timeline.trace.task_runs if _key(run) not in timeline.bars_of]
    if bare and timeline.bars_of:
        told.append(f"Not drawn, for want of times: {count(len(bare), 'run')}.")
    if unrecorded := timeline.trace.unrecorded_tasks:
        told.append(f"Submitted, and not on record: {count(unrecorded, 'task')}.")
    if limit := timeline.trace.record_limit:
        told.append(f"Not on record: {describe_limit(limit)}.")
    return told


def _key(run: TaskRun) -> tuple[str, int]:
    return run.task_id, run.attempt


def _named(runs: list[TaskRun], names: Names) -> list[str]:
    """Name the first few, and leave the others to be counted."""
    return [names.task(run) for run in runs[:MOST_TOLD]] + [""] * (len(runs) - MOST_TOLD)


def _at_most(sentences: Iterable[str]) -> list[str]:
    found = list(sentences)
    more = [f"And {len(found) - MOST_TOLD} more of these."] if len(found) > MOST_TOLD else []
    return found[:MOST_TOLD] + more


def _short(error: str | None) -> str:
    """Take the first line of an error, cut where it is long."""
    first = (error or "").strip().partition("\n")[0].strip()
    return first if len(first) <= LONGEST_ERROR else f"{first[: LONGEST_ERROR - 1].rstrip()}…"


def _busy_seconds(trace: Trace) -> float:
    """Give the time from the first submission to the last end on record."""
    begun = [run.submitted for run in trace.task_runs if run.submitted is not None]
    ended = [run.ended for run in trace.task_runs if run.ended is not None]
    return max(0.0, max(ended) - min(begun)) if begun and ended else 0.0
