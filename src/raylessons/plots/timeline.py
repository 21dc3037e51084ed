"""The timeline of a trace as a Bokeh figure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, FactorRange, HoverTool
from bokeh.plotting import figure

from raylessons.plots import figure as colors
from raylessons.plots.figure import Plot, start_figure, style_legend
from raylessons.plots.lanes import WAITS, Part
from raylessons.plots.packing import Mark
from raylessons.plots.timeline_text import (
    MOST_TIES,
    Timeline,
    actors_table,
    tell_actor,
    tell_mark,
    timeline_summary,
    timeline_table,
)
from raylessons.trace.records import Trace
from raylessons.words import format_seconds


@dataclass(frozen=True)
class Look:
    """How a part is drawn: its colour, and its edges in a lane of height one."""

    colour: str
    bottom: float
    top: float
    pale: bool = False  # it did not come to its end
    dash: tuple[int, ...] = ()  # of its outline, in pixels


# Waits run below the work, since a task waits while its worker is busy with another.
LOOKS = {
    Part.ARGUMENTS: Look(colors.ARGUMENTS, -0.48, -0.43),
    Part.WORKER: Look(colors.WORKER, -0.42, -0.33),
    Part.COPY: Look(colors.FETCH, -0.32, -0.26),
    Part.TURN: Look(colors.TURN, -0.32, -0.24),
    Part.STUCK_ARGUMENTS: Look(colors.ARGUMENTS, -0.2, 0.2, pale=True),
    Part.STUCK_WORKER: Look(colors.WORKER, -0.2, 0.42, pale=True),
    Part.FETCH: Look(colors.FETCH, -0.06, 0.28),
    Part.EXECUTE: Look(colors.EXECUTE, -0.2, 0.42),
    Part.STORE: Look(colors.STORE, -0.06, 0.28),
    Part.FAILED: Look(colors.FAILED, -0.2, 0.42),
    Part.CANCELLED: Look(colors.CANCELLED, -0.2, 0.42, pale=True, dash=(6, 4)),
    Part.OPEN: Look(colors.EXECUTE, -0.2, 0.42, pale=True),
}
PALE = 0.25  # of its colour
LOWEST = 0.15  # of its height, for a merged mark: what is there is seen
MIDDLE = 0.11  # of the work
LANE_PIXELS = ((6, 54), (16, 34), (math.inf, 22))  # up to so many lanes, so high each
LETTERS_ACROSS = 42  # as many fit beside one another in the narrowest plot
SHORTEST = 1e-9  # seconds: an axis of less has no ticks that can be told apart
DIGITS = 6  # of a time: a thousandth of a pixel, and no more than need be written


def plot_timeline(trace: Trace) -> Plot:
    """Plot a lane per worker and actor, with a bar for each part of each task run, and a table.

    Lines lead from the end of a task to the start of each task that took in its result. A trace
    that tells no two times of any run gives an empty plot that says so.
    """
    timeline = Timeline(trace)
    tables = "".join(
        f'<div class="table-wrapper">{table}</div>'
        for table in (timeline_table(timeline), actors_table(timeline))
        if table
    )
    details = f"<details><summary>The same as a table</summary>{tables}</details>"
    return Plot(_draw(timeline), timeline_summary(timeline), details)


def _draw(timeline: Timeline) -> figure:
    rows = timeline.rows
    fates = list(_fates(timeline))
    moments = [mark.end for row in rows for mark in row.marks] + [at for _, at, *_ in fates]
    seconds = max(moments, default=timeline.trace.seconds)
    if seconds < SHORTEST:
        seconds = 1.0
    pixels = next(pixels for most, pixels in LANE_PIXELS if len(rows) <= most)
    unit, scale = ("s", 1) if seconds >= 2 else ("ms", 1000)
    plot = start_figure(
        x_label=f"{'seconds' if unit == 's' else 'milliseconds'} since the recording began",
        y_label=None,
        height=max(len(rows), 1) * pixels + 160,
        y_range=FactorRange(*[row.lane.label for row in reversed(rows)] or [""]),
        x_range=(0, seconds * scale * 1.02),
    )
    plot.ygrid.visible = False
    if not moments:
        plot.text(
            x=[plot.x_range.end / 2],
            y=[plot.y_range.factors[0]],
            text=["nothing to draw"],
            text_align="center",
            text_baseline="middle",
            text_font_size="13px",
        )
    for part, look in LOOKS.items():
        _add_marks(plot, timeline, part, look, scale)
    _add_names(plot, timeline, seconds, scale)
    _add_dependencies(plot, timeline, scale)
    _add_fates(plot, fates, scale)
    if plot.legend:
        plot.add_layout(plot.legend[0], "above")
        plot.legend.ncols = 2  # a phone has room for no more
    style_legend(plot)
    return plot


_TOOLTIPS = [("task", "@task"), ("it", "@part, for @time"), ("from", "@start"), ("on", "@place")]


def _add_marks(plot: figure, timeline: Timeline, part: Part, look: Look, scale: float) -> None:
    chosen = [(row.lane, mark) for row in timeline.rows for mark in row.marks if mark.part is part]
    if not chosen:
        return
    told = [tell_mark(mark, timeline.names) for _, mark in chosen]
    source = ColumnDataSource(
        {
            "bottom": [(lane.label, look.bottom) for lane, _ in chosen],
            "top": [(lane.label, _top(mark, look)) for lane, mark in chosen],
            "left": [_digits(mark.start * scale) for _, mark in chosen],
            "right": [_digits(mark.end * scale) for _, mark in chosen],
            "task": [task for task, _ in told],
            "part": [part.value] * len(chosen),
            "time": [time for _, time in told],
            "start": [format_seconds(mark.start) for _, mark in chosen],
            "place": [lane.place for lane, _ in chosen],
        }
    )
    bars = plot.quad(
        left="left",
        right="right",
        bottom="bottom",
        top="top",
        fill_color=look.colour,
        fill_alpha=PALE if look.pale else 1,
        line_color=look.colour if look.pale else None,
        line_width=2,
        source=source,
        legend_label=part.value,
    )
    bars.glyph.line_dash = list(look.dash)  # handed in, a list would be a column
    plot.add_tools(HoverTool(renderers=[bars], tooltips=_TOOLTIPS))
    if part is Part.FAILED:  # a sign, so that colour is not what tells
        ends = [(lane, mark) for lane, mark in chosen if mark.runs == 1]
        plot.scatter(
            x=[_digits(mark.end * scale) for _, mark in ends],
            y=[(lane.label, look.top) for lane, _ in ends],
            marker="inverted_triangle",
            size=10,
            fill_color=look.colour,
            line_color=colors.ON_BAR,
            legend_label=part.value,
        )


def _top(mark: Mark, look: Look) -> float:
    """Draw a merged mark as high as the share of its time in which one of its runs was."""
    if mark.runs == 1 or mark.part in WAITS:
        return look.top
    return round(look.bottom + (look.top - look.bottom) * max(LOWEST, mark.share), 2)


def _digits(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def _add_names(plot: figure, timeline: Timeline, seconds: float, scale: float) -> None:
    """Write the task's name on each bar that is wide enough for it."""
    wide = [
        (row.lane.label, mark)
        for row in timeline.rows
        for mark in row.marks
        if mark.runs == 1
        and mark.part not in (*WAITS, Part.FETCH, Part.STORE)
        and (mark.end - mark.start) / seconds * LETTERS_ACROSS > len(mark.bars[0].run.name)
    ]
    for pale in (False, True):
        chosen = [(label, mark) for label, mark in wide if LOOKS[mark.part].pale is pale]
        if chosen:
            plot.text(
                x=[_digits((mark.start + mark.end) / 2 * scale) for _, mark in chosen],
                y=[(label, MIDDLE) for label, _ in chosen],
                text=[mark.bars[0].run.name for _, mark in chosen],
                text_align="center",
                text_baseline="middle",
                text_font_size="13px",
                text_color=colors.ON_BAR,
                background_fill_color=colors.ON_PALE if pale else None,
                padding=3 if pale else 0,
                border_radius=3 if pale else 0,
            )


def _add_dependencies(plot: figure, timeline: Timeline, scale: float) -> None:
    tied = timeline.ties
    if not 0 < len(tied) <= MOST_TIES:
        return
    plot.segment(
        x0=[each.made * scale for each in tied],
        y0=[(each.from_lane, MIDDLE) for each in tied],
        x1=[each.used * scale for each in tied],
        y1=[(each.to_lane, MIDDLE) for each in tied],
        line_color=colors.ARGUMENTS,
        line_width=2,
        legend_label="a result goes in",
    )
    plot.scatter(
        x=[each.used * scale for each in tied],
        y=[(each.to_lane, MIDDLE) for each in tied],
        marker="circle",
        size=7,
        color=colors.ARGUMENTS,
        legend_label="a result goes in",
    )


_Fate = tuple[str, float, str, str]
_SIGNS = {
    "an actor starts again": ("triangle", colors.EXECUTE),
    "an actor dies": ("diamond", colors.FAILED),
}


def _fates(timeline: Timeline) -> Iterator[_Fate]:
    """Give what befell the actors: what, when, in which lane, and in a sentence."""
    where = {lane.actor_id: lane.label for lane in timeline.lanes if lane.actor_id}
    for actor in timeline.trace.actors:
        told = tell_actor(actor, timeline.names)
        if actor.restarts and actor.ready is not None:
            yield "an actor starts again", actor.ready, where[actor.actor_id], told
        if actor.died is not None:
            yield "an actor dies", actor.died, where[actor.actor_id], told


def _add_fates(plot: figure, fates: Sequence[_Fate], scale: float) -> None:
    """Mark where actors died and where they were started again."""
    for what, (marker, colour) in _SIGNS.items():
        chosen = [each for each in fates if each[0] == what]
        if chosen:
            signs = plot.scatter(
                x="at",
                y="lane",
                marker=marker,
                size=13,
                fill_color=colour,
                line_color=colors.ON_BAR,
                legend_label=what,
                source=ColumnDataSource(
                    {
                        "at": [_digits(at * scale) for _, at, _, _ in chosen],
                        "lane": [(lane, MIDDLE) for _, _, lane, _ in chosen],
                        "told": [told for *_, told in chosen],
                    }
                ),
            )
            plot.add_tools(HoverTool(renderers=[signs], tooltips=[("it", "@told")]))
