"""A sweep as a plot, and as a picture for where no script runs."""

from xml.etree import ElementTree

from raylessons.plots.still import draw_still
from raylessons.plots.sweeps import plot_sweep
from raylessons.sweeps import Point, Sweep
from raylessons.timing import Sample


def test_a_sweep_has_a_still_with_each_way_and_where_they_cross() -> None:
    points = (
        Point(100, {"calls": Sample((1.0, 1.1)), "tasks": Sample((2.0, 2.2))}),
        Point(10_000, {"calls": Sample((4.0, 4.4)), "tasks": Sample((2.0, 2.1))}),
    )
    plot = plot_sweep(Sweep(points, 1), ("calls", "tasks"))
    still = ElementTree.fromstring(draw_still(plot.figure, plot.summary))
    words = [each.text for each in still.iter("text")]
    assert {"calls", "tasks", "they cross"} <= set(words)
    assert "from about 960 elements" in plot.summary
