"""A sweep over sizes as a Bokeh figure."""

from collections.abc import Sequence

from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    Legend,
    LegendItem,
    NumeralTickFormatter,
    Range1d,
)

from raylessons.plots.figure import COLORS, MARKERS, NEUTRAL, Plot, start_figure, style_legend
from raylessons.sweeps import Sweep, crossing, describe_crossing


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
            line_color=NEUTRAL,
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
