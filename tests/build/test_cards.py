"""The cards of the path: each has its place, and a picture that its own lesson's run has made."""

import re
from xml.etree import ElementTree

import pytest
from docutils import nodes
from lesson_site.card_pictures import draw_card_picture, draw_marks
from tiny_site import page

from raylessons.plots.schedules import plot_makespans
from raylessons.plots.still import draw_still
from raylessons.plots.sweeps import plot_sweep
from raylessons.sweeps import Point, Sweep
from raylessons.timing import Sample

BARS = plot_makespans({1: 4.0, 4: 1.0}, {1: 4.2, 4: 1.1})
PRINTS = ":tags: [card-picture]\nprint('by value  128 MB')\nprint('put once   24 MB')"
PATH = '# A site\n\n```{lesson-path}\n```\n\n```{toctree}\n:caption: "Part 1: begin"\n\n'


def cell(*outputs: nodes.Node, tag: str = "") -> nodes.container:
    """Make a cell of a page with its outputs."""
    return nodes.container("", *outputs, classes=["cell", *([f"tag_{tag}"] if tag else [])])


def plotted(plot) -> nodes.raw:
    """Make the output of a cell that plots."""
    return nodes.raw("", plot._repr_html_(), format="html")


def printed(words: str) -> nodes.literal_block:
    """Make the output of a cell that prints."""
    return nodes.literal_block(words, words, classes=["output", "stream"])


def lesson(*cells: nodes.container) -> nodes.document:
    """Make a page of cells."""
    document = nodes.document(None, None)
    document += cells
    return document


def test_a_card_shows_the_bars_of_a_plot_and_none_of_its_words():
    picture = ElementTree.fromstring(draw_marks(draw_still(BARS.figure, "Four bars.")))
    left, _, width, _ = map(float, picture.get("viewBox").split())
    whole = max(float(bar.get("width")) for bar in picture)
    assert [bar.tag for bar in picture] == 4 * ["rect"]
    shares = [float(bar.get("width")) / whole for bar in picture]
    assert shares == pytest.approx([4 / 4.2, 1 / 4.2, 1, 1.1 / 4.2], abs=0.01)
    assert {float(bar.get("x")) for bar in picture} == {left}
    assert whole <= width
    assert picture.get("preserveAspectRatio") == "none"


def test_a_marker_keeps_its_shape_in_a_card():
    points = tuple(
        Point(size, {"local": Sample((size / 1e6,)), "Ray": Sample((1e-3,))})
        for size in (10, 1000, 100_000)
    )
    plot = plot_sweep(Sweep(points, calls=1), cross=("local", "Ray"))
    picture = ElementTree.fromstring(draw_marks(draw_still(plot.figure, "Two lines.")))
    assert picture.get("preserveAspectRatio") is None


def test_a_still_with_other_axes_is_no_picture():
    with pytest.raises(ValueError, match="its still has no lines like"):
        draw_marks('<svg viewBox="0 0 1 1"><rect x="0" y="0"/></svg>')


def test_the_first_plot_is_the_picture_unless_a_cell_is_tagged():
    other = plot_makespans({1: 1.0}, {1: 1.0})
    untagged = [cell(printed("3")), cell(plotted(BARS)), cell(plotted(other))]
    assert draw_card_picture(lesson(*untagged)).count("<rect") == 4
    tagged = cell(plotted(other), tag="card-picture")
    assert draw_card_picture(lesson(*untagged, tagged)).count("<rect") == 2
    tagged = cell(printed("1 < 2\n"), tag="card-picture")
    assert draw_card_picture(lesson(*untagged, tagged)) == (
        '<pre style="--columns:5">1 &lt; 2</pre>'
    )


@pytest.mark.parametrize("words", ["", "x" * 37, "x\n" * 7])
def test_what_is_printed_has_to_fit_on_a_card(words):
    with pytest.raises(ValueError, match="Print less, or tag another cell"):
        draw_card_picture(lesson(cell(printed(words), tag="card-picture")))


def test_every_lesson_has_a_card_in_its_part_and_they_are_counted_on(site):
    for name in ("first", "second", "third"):
        site.write(page(PRINTS, prose=f"You will do the {name}."), f"lessons/{name}")
    site.write(
        f"{PATH}lessons/first\nlessons/second\n```\n\n"
        '```{toctree}\n:caption: "Part 2: go on"\n\nlessons/third\n```\n'
    )
    built = site.build()
    assert built.status == 0, built.printed
    path = site.read().split('<div class="path', 1)[1].split('<div class="toctree')[0]
    told = re.findall(r'<h3[^>]*>(.*?)</h3>|<ol[^>]*start="(\d+)"|You will do the (\w+)', path)
    assert ["".join(each) for each in told] == [
        *("Part 1: begin", "1", "first", "second"),
        *("Part 2: go on", "3", "third"),
    ]
    assert path.count("by value  128 MB\nput once   24 MB</pre>") == 3
    assert re.findall(r'href="(lessons/\w+)\.html"', path) == [
        *("lessons/first", "lessons/second", "lessons/third")
    ]


def test_a_lesson_without_a_picture_stops_the_build(site):
    site.write(page("print(3)"), "lessons/first")
    site.write(f"{PATH}lessons/first\n```\n")
    built = site.build()
    assert built.status != 0
    assert "lessons/first.md: WARNING: its card has no picture: expected a plot" in built.printed
