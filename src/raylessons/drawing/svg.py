"""The few SVG elements that the drawings are made of, as text."""

from collections.abc import Sequence

from raylessons.words import escape

LETTER = 7.6  # units a letter of the sans typeface takes at the drawings' one size, 14
CODE_LETTER = 8.45  # and one of the monospaced
CORNER = 6  # how far from it a corner begins to be round
NECK = 7  # how far from an arrow's tip its line ends

Point = tuple[float, float]


def fit(words: str, width: float, letter: float = LETTER) -> str:
    """Cut words that are too wide, with an ellipsis.

    >>> fit("make_array", 100), fit("make_a_very_long_array", 100)
    ('make_array', 'make_a_very_…')
    """
    most = max(1, int(width / letter))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def text(x: float, y: float, words: str, look: str = "", anchor: str = "") -> str:
    """Write words with their left end, middle or end (`anchor`) at a point."""
    attributes = (f' class="{look}"' if look else "") + (
        f' text-anchor="{anchor}"' if anchor else ""
    )
    return f'<text x="{x:g}" y="{y:g}"{attributes}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, look: str, radius: float = 8) -> str:
    """Draw a box with round corners."""
    return (
        f'<rect class="{look}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'rx="{radius:g}"/>'
    )


def line(path: str, look: str) -> str:
    """Draw a path."""
    return f'<path class="{look}" d="{path}"/>'


def arrow(points: Sequence[Point], look: str) -> str:
    """Draw an arrow along points, with horizontal and vertical legs and round corners.

    Fewer than two points give nothing.

    >>> arrow([(0, 0), (0, 40), (30, 40)], "lease")
    '<path class="lease" d="M0 0V34Q0 40 6 40H23"/><path class="lease head" d="M30 40l-9-5v10z"/>'
    """
    corners = list(dict.fromkeys(points))  # no leg is of no length
    if len(corners) < 2:
        return ""
    path = "M{:g} {:g}".format(*corners[0])
    for before, corner, behind in zip(corners, corners[1:], corners[2:], strict=False):
        # Each leg ends a little before the corner, and a curve leads round it into the next.
        path += _leg(before, _short_of(corner, before, _turn(before, corner)))
        path += "Q{:g} {:g} {:g} {:g}".format(
            *corner, *_short_of(corner, behind, _turn(corner, behind))
        )
    start, tip = corners[-2:]
    # The line ends inside the head, so that its own end does not show beside the tip.
    path += _leg(start, _short_of(tip, start, min(NECK, _length(start, tip))))
    return line(path, look) + line(_head(start, tip), f"{look} head")


def _length(start: Point, end: Point) -> float:
    return abs(end[0] - start[0]) + abs(end[1] - start[1])


def _turn(start: Point, end: Point) -> float:
    """Give how much of a leg the curve at one of its ends may take: less than half."""
    return min(CORNER, _length(start, end) / 2)


def _short_of(goal: Point, origin: Point, distance: float) -> Point:
    """Give the point so far before the goal, on the straight way from the origin."""
    share = distance / _length(origin, goal)
    return goal[0] - share * (goal[0] - origin[0]), goal[1] - share * (goal[1] - origin[1])


def _leg(start: Point, end: Point) -> str:
    return f"V{end[1]:g}" if start[0] == end[0] else f"H{end[0]:g}"


def _head(start: Point, tip: Point) -> str:
    """Draw a triangle that points from the start to the tip."""
    if start[0] == tip[0]:
        back = -9 if tip[1] > start[1] else 9
        return f"M{tip[0]:g} {tip[1]:g}l-5{back:+}h10z"
    back = -9 if tip[0] > start[0] else 9
    return f"M{tip[0]:g} {tip[1]:g}l{back}-5v10z"
