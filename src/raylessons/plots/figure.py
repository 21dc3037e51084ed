"""Bokeh figures of what was measured, each with a static picture and a sentence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.embed import json_item
from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    Legend,
    LegendItem,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure

from raylessons.plots.still import draw_still
from raylessons.sweeps import Sweep, crossing, describe_crossing
from raylessons.words import escape

# Okabe and Ito's palette, which colour-blind readers tell apart too ("Color Universal Design",
# 2008), without its lightest and darkest colours: these show on white and on black.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle")


@dataclass(frozen=True)
class Plot:
    """A Bokeh figure, and the sentence that says what it shows.

    In a notebook it shows itself as a static picture drawn from the same figure, which needs
    no script; a page of the site puts the live figure in its place where scripts run.
    For the live one elsewhere: `bokeh.io.show(plot.figure)`.
    """

    figure: figure
    summary: str
    table: str = ""  # HTML: the same data, for those who cannot see the picture

    def __repr__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        data = json.dumps(json_item(self.figure)).replace("</", "<\\/")
        return (
            '<figure class="plot"><div class="plot-live" hidden></div>'
            f'<script type="application/json" class="plot-data">{data}</script>'
            f'<div class="plot-still">{draw_still(self.figure, self.summary)}</div>'
            f"<figcaption>{escape(self.summary)}</figcaption>{self.table}</figure>"
        )


def plot_sweep(found: Sweep, cross: tuple[str, str]) -> Plot:
    """Plot the median time of one call over the size, way by way, on logarithmic axes.

    A band shows the fastest and the slowest repeat, a ring where the two ways of `cross` cross.
    """
    sizes = [point.size for point in found.points]
    milliseconds = [
        1000 * seconds
        for point in found.points
        for sample in point.ways.values()
        for seconds in sample.seconds
    ]
    plot = start_figure(
        x_label="elements",
        y_label="time of one call (ms)",
        x_range=Range1d(min(sizes) / 1.5, max(sizes) * 1.5),
        y_range=Range1d(min(milliseconds) / 1.5, max(milliseconds) * 1.5),
        x_axis_type="log",
        y_axis_type="log",
    )
    items = []
    lines = []
    for way, color, marker in zip(found.points[0].ways, COLORS, MARKERS, strict=False):
        samples = [point.ways[way] for point in found.points]
        source = ColumnDataSource(
            {
                "size": sizes,
                "median": [1000 * sample.median for sample in samples],
                "fastest": [1000 * sample.fastest for sample in samples],
                "slowest": [1000 * sample.slowest for sample in samples],
                "way": [way] * len(sizes),
            }
        )
        band = plot.varea("size", "fastest", "slowest", source=source, color=color, alpha=0.15)
        line = plot.line("size", "median", source=source, color=color, width=2)
        dots = plot.scatter("size", "median", source=source, color=color, marker=marker, size=8)
        lines.append(dots)
        items.append(LegendItem(label=way, renderers=[line, dots, band]))
    where = crossing(found.points, *cross)
    if where is not None:
        ring = plot.scatter(
            [where],
            [1000 * _median_at(found, cross[0], where)],
            marker="circle",
            size=18,
            fill_color=None,
            line_color="#808080",
            line_width=2,
        )
        items.append(LegendItem(label="they cross", renderers=[ring]))
    plot.add_layout(Legend(items=items, orientation="horizontal", ncols=2), "above")
    style_legend(plot)
    plot.add_tools(
        HoverTool(
            renderers=lines,
            tooltips=[
                ("", "@way"),
                ("elements", "@size{0,0}"),
                ("median", "@median{0.0000} ms"),
                ("repeats", "@fastest{0.0000} to @slowest{0.0000} ms"),
            ],
        )
    )
    plot.axis.formatter = NumeralTickFormatter(format="0,0.[00000]")
    plot.xaxis.ticker = FixedTicker(ticks=_powers_of_ten(sizes))
    plot.yaxis.ticker = FixedTicker(ticks=_powers_of_ten(milliseconds))
    ways = ", ".join(found.points[0].ways)
    return Plot(
        plot,
        f"Time of one call over the number of elements, both axes logarithmic, for {ways}. "
        + describe_crossing(found, *cross),
    )


def start_figure(x_label: str, y_label: str | None, height: int = 380, **options: object) -> figure:
    """Start a figure in the site's look: as wide as the page, and quiet until it is asked."""
    plot = figure(
        height=height,
        sizing_mode="stretch_width",
        tools="pan,box_zoom,reset,save",
        active_drag=None,  # a finger that scrolls the page must not move the plot
        toolbar_location="right",
        x_axis_label=x_label,
        y_axis_label=y_label,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **options,
    )
    plot.toolbar.autohide = True
    plot.toolbar.logo = None
    plot.grid.grid_line_alpha = 0.25
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "13px"
        axis.minor_tick_line_color = None
        axis.major_tick_in = 0
    return plot


def style_legend(plot: figure) -> None:
    """Give a figure's legends the site's look, and let a click mute a line."""
    for legend in plot.legend:
        legend.background_fill_alpha = 0
        legend.border_line_alpha = 0
        legend.label_text_font_size = "13px"
        legend.location = "left"
        legend.click_policy = "mute"


def _median_at(found: Sweep, way: str, size: float) -> float:
    below, above = next(
        (one, two)
        for one, two in zip(found.points, found.points[1:], strict=False)
        if one.size <= size <= two.size
    )
    share = (size - below.size) / (above.size - below.size)
    low, high = below.ways[way].median, above.ways[way].median
    return low + share * (high - low)


def _powers_of_ten(values: Sequence[float]) -> list[float]:
    return [10.0**p for p in range(-6, 12) if min(values) / 1.5 <= 10.0**p <= max(values) * 1.5]
