"""Lanes of bars as no more marks than can be seen: what is too narrow or too near is one mark."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from raylessons.plots.lanes import WAITS, Bar, Lane, Part

MOST_MARKS = 1500  # of a plot: more are slow to draw, and too narrow to be seen
PIXELS = 1200  # across a wide plot
LONGEST = 8  # times the narrowest: a merged mark is no longer, so that gaps stay visible
FINEST_OF_ALL = 1 / 60  # of the time: where merging one kind is not enough, kinds mix from here

# Where a mark is of several kinds, it is shown as the first of these, so that no failure hides.
_GRAVEST = (
    Part.FAILED,
    Part.CANCELLED,
    Part.STUCK_ARGUMENTS,
    Part.STUCK_WORKER,
    Part.OPEN,
    Part.EXECUTE,
    Part.FETCH,
    Part.STORE,
    *WAITS,
)
_RANK = {part: rank for rank, part in enumerate(_GRAVEST)}


@dataclass(frozen=True)
class Mark:
    """What is drawn in one piece: a bar, or several that lie over or close by one another."""

    part: Part
    start: float
    end: float
    bars: tuple[Bar, ...]
    busy: float  # seconds of it in which one of its bars was

    @property
    def share(self) -> float:
        """Give the share of its time in which one of its bars was."""
        return min(1.0, self.busy / (self.end - self.start))

    @property
    def runs(self) -> int:
        """Count the runs whose bars it stands for."""
        return len({(bar.run.task_id, bar.run.attempt) for bar in self.bars})

    @property
    def seconds(self) -> float:
        """Add up the lengths of its bars."""
        return sum(bar.seconds for bar in self.bars)


@dataclass(frozen=True)
class Row:
    """A lane and the marks that are drawn in it."""

    lane: Lane
    marks: tuple[Mark, ...]


def pack(found: Sequence[Lane]) -> tuple[Row, ...]:
    """Turn lanes into marks: each a bar where there is room, and merged where there is not.

    Waits of several runs in one lane are one mark where they overlap.

    >>> from raylessons.trace.records import TaskRun
    >>> waits = [Bar(TaskRun(t, "f"), Part.WORKER, 0.0, end) for t, end in (("t1", 1), ("t2", 2))]
    >>> [(mark.runs, mark.end) for mark in pack([Lane("node 1", tuple(waits))])[0].marks]
    [(2, 2)]
    """
    rows = [Row(lane, tuple(_marks(lane))) for lane in found]
    marks = [mark for row in rows for mark in row.marks]
    seconds = max((mark.end for mark in marks), default=0.0)
    seconds -= min((mark.start for mark in marks), default=0.0)
    packed, width = rows, seconds / PIXELS / 2
    while sum(len(row.marks) for row in packed) > MOST_MARKS and 0 < width < 2 * seconds:
        mixed = width > seconds * FINEST_OF_ALL
        packed = [Row(row.lane, tuple(_coarser(row.marks, width, mixed))) for row in rows]
        width *= 2
    return tuple(packed)


def _marks(lane: Lane) -> Iterator[Mark]:
    work = [bar for bar in lane.bars if bar.part not in WAITS]
    if lane.crowded:
        yield from _together(work)
    else:
        yield from (Mark(bar.part, bar.start, bar.end, (bar,), bar.seconds) for bar in work)
    for part in WAITS:
        yield from _together([bar for bar in lane.bars if bar.part is part])


def _together(by_start: Sequence[Bar]) -> Iterator[Mark]:
    """Make one mark of all bars that overlap."""
    group: list[Bar] = []
    end = -math.inf
    for bar in by_start:
        if group and bar.start >= end:
            yield _one(group, end)
            group = []
        group.append(bar)
        end = max(end, bar.end) if len(group) > 1 else bar.end
    if group:
        yield _one(group, end)


def _one(group: Sequence[Bar], end: float) -> Mark:
    part = min((bar.part for bar in group), key=_RANK.__getitem__)
    return Mark(part, group[0].start, end, tuple(group), end - group[0].start)


def _coarser(marks: Sequence[Mark], width: float, mixed: bool) -> Iterator[Mark]:
    """Merge neighbours that are narrower and nearer than the width, and of one kind or mixed."""
    for _, band in groupby(marks, key=_band):
        yield from _merge(band, width, mixed)


def _band(mark: Mark) -> Part:
    return mark.part if mark.part in WAITS else Part.EXECUTE


def _kind(mark: Mark) -> Part:
    """Give the kind of a mark: to fetch, to run and to store are one, as parts of one run."""
    return Part.EXECUTE if mark.part in (Part.FETCH, Part.STORE) else mark.part


def _merge(marks: Iterable[Mark], width: float, mixed: bool) -> Iterator[Mark]:
    group: list[Mark] = []
    for mark in marks:
        if group and not (
            mark.start - group[-1].end <= width
            and mark.end - mark.start < width
            and group[-1].end - group[-1].start < width
            and mark.end - group[0].start <= LONGEST * width
            and (mixed or _kind(mark) is _kind(group[0]))
        ):
            yield _sum(group)
            group = []
        group.append(mark)
    if group:
        yield _sum(group)


def _sum(group: Sequence[Mark]) -> Mark:
    if len(group) == 1:
        return group[0]
    return Mark(
        min((_kind(mark) for mark in group), key=_RANK.__getitem__),
        group[0].start,
        max(mark.end for mark in group),
        tuple(bar for mark in group for bar in mark.bars),
        sum(mark.busy for mark in group),
    )
