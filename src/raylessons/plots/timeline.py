"""The timeline of a trace as a Bokeh figure."""

import math

from bokeh.models import ColumnDataSource, FactorRange, HoverTool
from bokeh.plotting import figure

from raylessons.plots import figure as colors
from raylessons.plots.figure import Plot, start_figure, style_legend
from raylessons.plots.lanes import (
    Lane,
    Part,
    dependencies,
    lanes,
    timeline_summary,
    timeline_table,
)
from raylessons.trace.names import Names
from raylessons.trace.records import Trace
from raylessons.words import format_seconds

# Colour, lower and upper edge in a lane of height one. Waits run below the work, since a task waits
# while its worker is busy with another.
LOOKS = {
    Part.ARGUMENTS: (colors.ARGUMENTS, -0.4, -0.34),
    Part.WORKER: (colors.WORKER, -0.44, -0.3),
    Part.FETCH: (colors.FETCH, -0.08, 0.26),
    Part.EXECUTE: (colors.EXECUTE, -0.22, 0.4),
    Part.STORE: (colors.STORE, -0.08, 0.26),
    Part.FAILED: (colors.FAILED, -0.22, 0.4),
    Part.OPEN: (colors.OPEN, -0.22, 0.4),
}
MIDDLE = 0.09  # of the work
LANE_PIXELS = ((6, 54), (16, 34), (math.inf, 22))  # up to so many lanes, so high each
LETTERS_ACROSS = 42  # as many fit beside one another in the narrowest plot


def plot_timeline(trace: Trace) -> Plot:
    """Plot a lane per worker, with a bar for each part of each task run, and the same as a table.

    Lines lead from the end of a task to the start of each task that took in its result.

    Raises `ValueError` for a trace in which no part of a task has both its times.
    """
    table = (
        "<details><summary>The same as a table</summary>"
        f'<div class="table-wrapper">{timeline_table(trace)}</div></details>'
    )
    return Plot(_draw(trace), timeline_summary(trace), table)


def _draw(trace: Trace) -> figure:
    found = lanes(trace)
    if not any(lane.bars for lane in found):
        raise ValueError(
            f"the trace has {len(trace.task_runs)} task runs, none with a start and an end: "
            "expected one at least. Record tasks, and wait for their results inside the recording."
        )
    seconds = max(bar.end for lane in found for bar in lane.bars)
    pixels = next(pixels for most, pixels in LANE_PIXELS if len(found) <= most)
    unit, scale = ("s", 1) if seconds >= 2 else ("ms", 1000)
    plot = start_figure(
        x_label=f"{'seconds' if unit == 's' else 'milliseconds'} since the recording began",
        y_label=None,
        height=len(found) * pixels + 160,
        y_range=FactorRange(*[lane.label for lane in reversed(found)]),
        x_range=(0, seconds * scale * 1.02),
    )
    plot.ygrid.visible = False
    names = Names(trace)
    shown = []
    for part, (colour, bottom, top) in LOOKS.items():
        source = _bars(found, part, scale, bottom, top, names)
        if source.data["lane"]:
            shown.append(
                plot.quad(
                    left="left",
                    right="right",
                    bottom="bottom",
                    top="top",
                    fill_color=colour,
                    line_color=None,
                    source=source,
                    legend_label=part.value,
                )
            )
    _add_names(plot, found, seconds, scale)
    _add_dependencies(plot, trace, scale)
    plot.add_tools(HoverTool(renderers=shown, tooltips=_TOOLTIPS))
    plot.add_layout(plot.legend[0], "above")
    plot.legend.ncols = 2  # a phone has room for no more
    style_legend(plot)
    return plot


_TOOLTIPS = [("task", "@task"), ("it", "@part, for @time"), ("from", "@start"), ("on", "@lane")]


def _bars(
    found: tuple[Lane, ...], part: Part, scale: float, bottom: float, top: float, names: Names
) -> ColumnDataSource:
    chosen = [(lane.label, bar) for lane in found for bar in lane.bars if bar.part is part]
    return ColumnDataSource(
        {
            "lane": [label for label, _ in chosen],
            "bottom": [(label, bottom) for label, _ in chosen],
            "top": [(label, top) for label, _ in chosen],
            "left": [bar.start * scale for _, bar in chosen],
            "right": [bar.end * scale for _, bar in chosen],
            "task": [names.task(bar.run) for _, bar in chosen],
            "part": [part.value for _ in chosen],
            "time": [format_seconds(bar.seconds) for _, bar in chosen],
            "start": [format_seconds(bar.start) for _, bar in chosen],
        }
    )


def _add_names(plot: figure, found: tuple[Lane, ...], seconds: float, scale: float) -> None:
    """Write the task's name on each bar that is wide enough for it."""
    wide = [
        (lane, bar)
        for lane in found
        for bar in lane.bars
        if bar.part in (Part.EXECUTE, Part.FAILED, Part.OPEN)
        and bar.seconds / seconds * LETTERS_ACROSS > len(bar.run.name)
    ]
    if wide:
        plot.text(
            x=[(bar.start + bar.end) / 2 * scale for _, bar in wide],
            y=[(lane.label, MIDDLE) for lane, _ in wide],
            text=[bar.run.name for _, bar in wide],
            text_align="center",
            text_baseline="middle",
            text_color=colors.ON_BAR,
            text_font_size="13px",
        )


def _add_dependencies(plot: figure, trace: Trace, scale: float) -> None:
    tied = dependencies(trace)
    if not tied:
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
