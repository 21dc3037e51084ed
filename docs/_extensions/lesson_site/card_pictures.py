"""The small picture of a lesson's card: something that the lesson's own run has made.

That is the first plot of the page, or what a cell with the tag `card-picture` has plotted or
printed. Of a plot a card shows the marks: the words around them would be too small there.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from docutils import nodes

from raylessons.words import count, escape

TAG = "card-picture"
STILL = re.compile(r'<div class="plot-still">(<svg.*?</svg>)</div>', re.DOTALL)
# As `raylessons.plots.still` draws them: the axes are one line, and have the ink of the page.
AXES = re.compile(r"M([\d.]+) ([\d.]+)V([\d.]+)H([\d.]+)")
INK = "currentColor"
# More would be smaller than the text of a card, or higher than its picture.
MOST_COLUMNS, MOST_LINES = 36, 6


def draw_card_picture(page: nodes.document) -> str:
    """Draw a lesson's picture as HTML.

    Raises `ValueError` for a page that has none, saying what it takes.
    """
    tagged = [node for node in page.findall(nodes.Element) if f"tag_{TAG}" in node["classes"]]
    for place in tagged or [page]:
        for still in _stills(place):
            return draw_marks(still)
    for cell in tagged:
        for printed in _printed(cell):
            return _write_printed(printed)
    raise ValueError(
        f"its card has no picture: expected a plot, or a cell with the tag {TAG} that plots or "
        "prints. Tag the cell whose output shows best what the lesson is about."
    )


def draw_marks(still: str) -> str:
    """Draw the marks of a plot's still alone, as large as there is room.

    Raises `ValueError` for a still whose axes it does not find.
    """
    shapes = list(ElementTree.fromstring(still))
    axes = [found for shape in shapes if (found := AXES.fullmatch(shape.get("d", "")))]
    if len(axes) != 1:
        raise ValueError(
            f"its still has {count(len(axes), 'line')} like {AXES.pattern}: expected the axes, as "
            "draw_still draws them. Teach draw_marks how it draws them now."
        )
    left, top, bottom, right = map(float, axes[0].groups())
    marks = [shape for shape in shapes if _is_mark(shape) and _height(shape) >= top]
    # A bar may become longer and flatter; a marker that does would be another one.
    has_markers = any(shape.get("d", "").endswith("Z") for shape in marks)
    if not has_markers:
        marks = [_as_round_line(shape) if shape.tag == "circle" else shape for shape in marks]
    fit = "" if has_markers else ' preserveAspectRatio="none"'
    drawn = "".join(ElementTree.tostring(shape, encoding="unicode") for shape in marks)
    box = f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
    return f'<svg viewBox="{box}"{fit} aria-hidden="true">{drawn}</svg>'


def _is_mark(shape: ElementTree.Element) -> bool:
    is_words = shape.tag in ("title", "text") or "rx" in shape.attrib  # what lies behind words
    return not is_words and INK not in (shape.get("stroke"), shape.get("fill"))


def _as_round_line(circle: ElementTree.Element) -> ElementTree.Element:
    """Write a dot as a line of no length with round ends, which stays round in a wide picture."""
    return ElementTree.Element(
        "path",
        {
            "d": f"M{circle.get('cx')} {circle.get('cy')}h0",
            "stroke": circle.get("fill", ""),
            "stroke-width": f"{2 * float(circle.get('r', 0)):g}",
            "stroke-linecap": "round",
        },
    )


def _height(shape: ElementTree.Element) -> float:
    """Tell how far down a shape begins; the legend's lie above the axes."""
    numbers = re.findall(r"[\d.]+", shape.get("d", ""))
    return float(shape.get("y") or shape.get("cy") or numbers[1])


def _write_printed(printed: str) -> str:
    lines = printed.rstrip().splitlines()
    columns = max(map(len, lines), default=0)
    if not 0 < columns <= MOST_COLUMNS or len(lines) > MOST_LINES:
        raise ValueError(
            f"the cell with the tag {TAG} prints {count(len(lines), 'line')} of up to "
            f"{count(columns, 'character')}: expected {MOST_LINES} of up to {MOST_COLUMNS} at "
            "most. Print less, or tag another cell."
        )
    return f'<pre style="--columns:{columns}">{escape(printed.rstrip())}</pre>'


def _stills(place: nodes.Element) -> Iterator[str]:
    for raw in place.findall(nodes.raw):
        yield from STILL.findall(raw.astext())


def _printed(cell: nodes.Element) -> Iterator[str]:
    for block in cell.findall(nodes.literal_block):
        if "output" in block["classes"]:
            yield block.astext()
