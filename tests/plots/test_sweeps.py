"""A sweep as a plot, and as a picture for where no script runs."""

from xml.etree import ElementTree

from raylessons.plots.still import draw_still
from raylessons.plots.sweeps import plot_sweep
from raylessons.sweeps import Point, Sweep
from raylessons.timing import Sample

POINTS = (
    Point(100, {"calls": Sample((1.0, 1.1)), "tasks": Sample((2.0, 2.2))}),
    Point(10_000, {"calls": Sample((4.0, 4.4)), "tasks": Sample((2.0, 2.1))}),
)


def test_a_sweep_has_a_still_with_each_way_and_where_they_cross() -> None:
    plot = plot_sweep(Sweep(POINTS, 1), ("calls", "tasks"))
    still = ElementTree.fromstring(draw_still(plot.figure, plot.summary))
    words = [each.text for each in still.iter("text")]
    assert {"calls", "tasks", "they cross"} <= set(words)
    assert "from about 960 elements" in plot.summary


def test_each_way_has_the_line_of_its_own_medians() -> None:
    figure = plot_sweep(Sweep(POINTS, 1), ("calls", "tasks")).figure
    lines = {
        item.label.value: list(item.renderers[0].data_source.data["median"])
        for item in figure.legend.items
        if item.label.value != "they cross"
    }
    assert lines == {"calls": [1050, 4200], "tasks": [2100, 2050]}
