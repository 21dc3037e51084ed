"""A Bokeh figure as static SVG, drawn from the figure's own models, for where no script runs."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bokeh.models import FactorRange, GlyphRenderer, Legend, LogScale

from raylessons.words import escape

WIDTH = 480
TEXT_SIZE = 14
CHARACTER_WIDTH = 7.4  # of sans-serif at the text size, on the average
LEGEND_ROW = 24
INK = "currentColor"


@dataclass(frozen=True)
class Frame:
    """The rectangle that the data lie in, in pixels from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Axis:
    """One axis: from values to pixels, its ticks and their labels."""

    place: Callable[[Any], float]
    ticks: Sequence[tuple[float, str]]  # pixel, label
    label: str


def draw_still(figure: Any, description: str, more: str = "") -> str:
    """Draw a figure of lines, markers, bars, areas, segments and words as SVG.

    Its text takes the colour of the text around it, and is large against the picture's width,
    so that it can be read on a phone. `more` is SVG that lies on top.

    Raises `ValueError` for a glyph that it cannot draw, naming it.
    """
    legend = _legend_rows(figure)
    x, y, frame = _place(figure)
    marks = draw_marks(figure, [one for one in figure.renderers if one.visible])
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {_height(figure)}" font-family="sans-serif" '
        f'font-size="{TEXT_SIZE}" style="max-width:600px;width:100%;height:auto">'
        f"<title>{escape(description)}</title>"
        f"{_draw_axes(x, y, frame)}{marks}{more}{_draw_legend(legend)}</svg>"
    )


def draw_marks(figure: Any, renderers: Sequence[Any]) -> str:
    """Draw some of a figure's renderers, visible or not, where they lie in its still."""
    x, y, _ = _place(figure)
    return "".join(
        mark
        for renderer in renderers
        if isinstance(renderer, GlyphRenderer)
        for mark in _draw_glyph(renderer.glyph, renderer.data_source.data, x, y)
    )


def _height(figure: Any) -> int:
    return int(figure.height) + LEGEND_ROW * len(_legend_rows(figure))


def _place(figure: Any) -> tuple[Axis, Axis, Frame]:
    """Lay the axes out, and the rectangle between them."""
    labels = [label for _, label in _labels(figure.y_range, figure.y_scale)]
    frame = Frame(
        left=36 + max(map(len, labels), default=0) * CHARACTER_WIDTH,
        top=10 + LEGEND_ROW * len(_legend_rows(figure)),
        right=WIDTH - 16,
        bottom=_height(figure) - 52,
    )
    x = _axis(figure.xaxis[0], figure.x_range, figure.x_scale, frame.left, frame.right)
    y = _axis(figure.yaxis[0], figure.y_range, figure.y_scale, frame.bottom, frame.top)
    return x, y, frame


def _axis(axis: Any, extent: Any, scale: Any, low: float, high: float) -> Axis:
    position = _position(extent, scale)

    def place(value: Any) -> float:
        return round(low + position(value) * (high - low), 1)

    ticks = [(place(value), label) for value, label in _labels(extent, scale)]
    return Axis(place, ticks, axis.axis_label or "")


def _position(extent: Any, scale: Any) -> Callable[[Any], float]:
    """Give the function from a value to the share of the axis that lies before it."""
    if isinstance(extent, FactorRange):
        factors = list(extent.factors)

        def of_factor(value: Any) -> float:
            # Bokeh moves off a factor's middle by (factor, offset), in steps of one factor.
            steps = 0.5
            while isinstance(value, tuple) and value not in factors:
                value, offset = value
                steps += offset
            return float(factors.index(value) + steps) / len(factors)

        return of_factor
    if isinstance(scale, LogScale):
        start, end = math.log(extent.start), math.log(extent.end)
        return lambda value: (math.log(value) - start) / (end - start)
    return lambda value: float((value - extent.start) / (extent.end - extent.start))


def _labels(extent: Any, scale: Any) -> list[tuple[Any, str]]:
    if isinstance(extent, FactorRange):
        return [(factor, factor) for factor in extent.factors]
    low, high = sorted((extent.start, extent.end))
    if isinstance(scale, LogScale):
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        return [(10.0**power, f"{10.0**power:,.10g}") for power in powers]
    step = _step((high - low) / 5)
    ticks = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [(n * step, f"{n * step:,.6g}") for n in ticks]


def _step(about: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(about))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= about)


def _draw_axes(x: Axis, y: Axis, frame: Frame) -> str:
    lines = [
        f'<path d="M{at} {frame.top}V{frame.bottom}" stroke="{INK}" opacity=".15"/>'
        f'<text x="{at}" y="{frame.bottom + 18}" fill="{INK}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for at, label in x.ticks
    ]
    lines += [
        f'<path d="M{frame.left} {at}H{frame.right}" stroke="{INK}" opacity=".15"/>'
        f'<text x="{frame.left - 8}" y="{at + 5}" fill="{INK}" text-anchor="end">'
        f"{escape(label)}</text>"
        for at, label in y.ticks
    ]
    middle = (frame.top + frame.bottom) / 2
    return (
        "".join(lines)
        + f'<path d="M{frame.left} {frame.top}V{frame.bottom}H{frame.right}" fill="none" '
        f'stroke="{INK}" opacity=".6"/>'
        f'<text x="{(frame.left + frame.right) / 2}" y="{frame.bottom + 42}" fill="{INK}" '
        f'text-anchor="middle">{escape(x.label)}</text>'
        f'<text transform="translate(16 {middle}) rotate(-90)" fill="{INK}" '
        f'text-anchor="middle">{escape(y.label)}</text>'
    )


def _draw_glyph(glyph: Any, columns: Mapping[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    kind = type(glyph).__name__

    def rows(*names: str) -> Iterator[tuple[Any, ...]]:
        return zip(*(_column(getattr(glyph, name), columns) for name in names), strict=True)

    if kind == "Line":
        points = " ".join(f"{x.place(a)} {y.place(b)}" for a, b in rows("x", "y"))
        yield f'<path d="M{points}"{_stroke(glyph)} fill="none"/>'
    elif kind == "VArea":
        low = [f"{x.place(a)} {y.place(b)}" for a, b in rows("x", "y1")]
        high = [f"{x.place(a)} {y.place(b)}" for a, b in rows("x", "y2")]
        yield f'<path d="M{" ".join(low + high[::-1])}Z"{_fill(glyph)}/>'
    elif kind == "Scatter":
        for a, b in rows("x", "y"):
            shape = _marker(glyph.marker, x.place(a), y.place(b), glyph.size / 2)
            yield f"{shape}{_fill(glyph)}{_stroke(glyph)}/>"
    elif kind == "HBar":
        for middle, left, right in rows("y", "left", "right"):
            half = abs(y.place((middle, glyph.height / 2)) - y.place(middle))
            top = y.place(middle) - half
            box = _box(x.place(left), x.place(right), top, top + 2 * half)
            yield f"{box}{_fill(glyph)}{_stroke(glyph)}/>"
    elif kind == "Quad":
        for left, right, top, bottom in rows("left", "right", "top", "bottom"):
            box = _box(x.place(left), x.place(right), y.place(top), y.place(bottom))
            yield f"{box}{_fill(glyph)}{_stroke(glyph)}/>"
    elif kind == "Segment":
        for x0, y0, x1, y1 in rows("x0", "y0", "x1", "y1"):
            line = f"M{x.place(x0)} {y.place(y0)}L{x.place(x1)} {y.place(y1)}"
            yield f'<path d="{line}"{_stroke(glyph)}/>'
    elif kind == "Text":
        anchor = {"left": "start", "center": "middle", "right": "end"}[glyph.text_align]
        # Bokeh's own grey stands for no colour chosen.
        colour = INK if glyph.text_color == "#444444" else glyph.text_color
        for a, b, words in rows("x", "y", "text"):
            if glyph.background_fill_color is not None:
                half = len(words) * CHARACTER_WIDTH / 2 + 3
                middle = x.place(a)
                box = _box(middle - half, middle + half, y.place(b) - 9, y.place(b) + 9)
                yield f'{box} rx="3" fill="{glyph.background_fill_color}"/>'
            yield (
                f'<text x="{x.place(a)}" y="{y.place(b) + 5}" fill="{colour}" '
                f'text-anchor="{anchor}">{escape(words)}</text>'
            )
    else:
        raise ValueError(
            f"The figure has a {kind}: expected Line, VArea, Scatter, HBar, Quad, Segment or Text. "
            "Draw it with one of these, or teach draw_still this one."
        )


def _column(name: Any, columns: Mapping[str, Any]) -> Sequence[Any]:
    # A glyph names a column, or holds one value for all its rows.
    if isinstance(name, str) and name in columns:
        return list(columns[name])
    rows = len(next(iter(columns.values()), ()))
    return [name] * rows


def _fill(glyph: Any) -> str:
    if glyph.fill_color is None:
        return ' fill="none"'
    return f' fill="{glyph.fill_color}" fill-opacity="{glyph.fill_alpha}"'


def _stroke(glyph: Any) -> str:
    if glyph.line_color is None:
        return ""
    dash = f' stroke-dasharray="{" ".join(map(str, glyph.line_dash))}"' if glyph.line_dash else ""
    return (
        f' stroke="{glyph.line_color}" stroke-width="{glyph.line_width}"'
        f' stroke-opacity="{glyph.line_alpha}"{dash}'
    )


def _box(left: float, right: float, top: float, bottom: float) -> str:
    x, y = min(left, right), min(top, bottom)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{abs(right - left):.1f}" '
        f'height="{abs(bottom - top):.1f}"'
    )


def _marker(marker: str, x: float, y: float, half: float) -> str:
    if marker == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{half}"'
    corners = {
        "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
        "triangle": [(0, -1), (1, 1), (-1, 1)],
        "inverted_triangle": [(0, 1), (1, -1), (-1, -1)],
        "diamond": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    }
    if marker not in corners:
        known = ", ".join(["circle", *corners])
        raise ValueError(f"The figure has the marker {marker!r}: expected one of {known}.")
    points = " ".join(f"{x + half * a:.1f} {y + half * b:.1f}" for a, b in corners[marker])
    return f'<path d="M{points}Z"'


def _legend_rows(figure: Any) -> list[list[tuple[float, str, Any]]]:
    """Lay the legend's entries out in rows: where each starts, its words, its glyph."""
    rows: list[list[tuple[float, str, Any]]] = []
    end = math.inf
    legends = [part for part in (*figure.above, *figure.center) if isinstance(part, Legend)]
    for item in (item for legend in legends for item in legend.items):
        words = item.label.value
        width = 34 + len(words) * CHARACTER_WIDTH
        if end + width > WIDTH:
            rows.append([])
            end = 8
        # The last glyph lies on top: a marker on its line.
        glyphs = [renderer.glyph for renderer in item.renderers]
        rows[-1].append((end, words, glyphs))
        end += width + 12
    return rows


def _draw_legend(rows: list[list[tuple[float, str, Any]]]) -> str:
    return "".join(
        f"{''.join(_key(glyph, start, 14 + LEGEND_ROW * row) for glyph in glyphs)}"
        f'<text x="{start + 28}" y="{19 + LEGEND_ROW * row}" fill="{INK}">{escape(words)}</text>'
        for row, entries in enumerate(rows)
        for start, words, glyphs in entries
    )


def _key(glyph: Any, start: float, middle: float) -> str:
    if type(glyph).__name__ == "Scatter":
        size = min(glyph.size, 14) / 2
        shape = _marker(glyph.marker, start + 11, middle, size)
        return f"{shape}{_fill(glyph)}{_stroke(glyph)}/>"
    if type(glyph).__name__ in ("Line", "Segment"):
        return f'<path d="M{start} {middle}h22"{_stroke(glyph)}/>'
    edge = _stroke(glyph) if hasattr(glyph, "line_color") else ""  # an area has none
    return f"{_box(start, start + 22, middle - 6, middle + 6)}{_fill(glyph)}{edge}/>"
