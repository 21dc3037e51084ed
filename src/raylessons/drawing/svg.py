"""The few SVG elements that the drawings are made of, as text."""

from collections.abc import Sequence

from raylessons.words import escape

LETTER = 7.6  # units a letter of the sans typeface takes at the drawings' one size, 14
CODE_LETTER = 8.45  # and one of the monospaced
CORNER = 6


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


def arrow(points: Sequence[tuple[float, float]], look: str) -> str:
    """Draw an arrow along points, with horizontal and vertical legs and round corners.

    No points give nothing.

    >>> arrow([(0, 0), (0, 40), (30, 40)], "lease")
    '<path class="lease" d="M0 0V34Q0 40 6 40H23"/><path class="lease head" d="M30 40l-9-5v10z"/>'
    """
    if not points:
        return ""
    (x, y), *others = dict.fromkeys(points)  # no leg is of no length
    path = f"M{x:g} {y:g}"
    for place, (next_x, next_y) in enumerate(others):
        last = place == len(others) - 1
        room = abs(next_x - x) + abs(next_y - y)
        short = min(7, room) if last else min(CORNER, room / 2)
        across = next_x != x
        way = (next_x > x) - (next_x < x) if across else (next_y > y) - (next_y < y)
        path += f"H{next_x - way * short:g}" if across else f"V{next_y - way * short:g}"
        if last:
            tip = f"M{next_x:g} {next_y:g}"
            sides = f"l{-9 * way}-5v10z" if across else f"l-5{-9 * way:+}h10z"
            return line(path, look) + line(tip + sides, f"{look} head")
        after_x, after_y = others[place + 1]
        turn = min(CORNER, (abs(after_x - next_x) + abs(after_y - next_y)) / 2)
        end_x = next_x + turn * ((after_x > next_x) - (after_x < next_x))
        end_y = next_y + turn * ((after_y > next_y) - (after_y < next_y))
        path += f"Q{next_x:g} {next_y:g} {end_x:g} {end_y:g}"
        x, y = next_x, next_y
    return ""
