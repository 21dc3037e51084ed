"""A small picture of what an answer did: when its tasks ran, and when it waited."""

from collections.abc import Sequence
from dataclasses import dataclass

from raylessons.words import count, escape, format_seconds, listing

MOST_ROWS = 12  # more would be no small picture
WIDTH, NAME_WIDTH, ROW_HEIGHT, BAR_HEIGHT = 400, 112, 20, 13
NARROWEST = 2.0  # so that it can be seen
MOST_TOLD = 5  # rows, where they are sentences
# A notebook has no style sheet of the site's.
COLOURS = {"task": "#2b6cc4", "wait": "#c2410c"}
LETTER = 7.5  # units of width that a letter takes

Span = tuple[float, float]  # start and end, in seconds since the answer began


@dataclass(frozen=True)
class Row:
    """What ran under one name: a task, the driver, or the waiting of the driver."""

    name: str
    spans: tuple[Span, ...]
    look: str = "task"  # or "wait"


@dataclass(frozen=True)
class Picture:
    """The rows of a picture: bars on a page, sentences in a terminal.

    >>> Picture((Row("square(2)", ((0.0, 0.2),)), Row("you waited", ((0.1, 0.2),), "wait")))
    square(2) from 0 ms to 200 ms; you waited from 100 ms to 200 ms.
    """

    rows: tuple[Row, ...]
    left_out: int = 0  # tasks

    def __repr__(self) -> str:
        tasks = [row for row in self.rows if row.look == "task"]
        others = [row for row in self.rows if row.look != "task"]
        shown = [*tasks[:MOST_TOLD], *others]
        told = [f"{row.name} {listing(list(map(_from_to, row.spans)))}" for row in shown]
        if more := self.left_out + len(tasks[MOST_TOLD:]):
            told.append(count(more, "more task"))
        return "; ".join(told) + "."

    def _repr_html_(self) -> str:
        height = ROW_HEIGHT * (len(self.rows) + 1)
        end = max(end for row in self.rows for _, end in row.spans)
        scale = (WIDTH - NAME_WIDTH - 4) / max(end, 1e-9)
        parts = [
            part
            for number, row in enumerate(self.rows)
            for part in _draw_row(row, number * ROW_HEIGHT, scale)
        ]
        axis = height - 5
        parts.append(f'<text x="{NAME_WIDTH}" y="{axis}">0</text>')
        parts.append(
            f'<text x="{WIDTH - 4}" y="{axis}" text-anchor="end">{format_seconds(end)}</text>'
        )
        more = f" and {count(self.left_out, 'more task')}" if self.left_out else ""
        return (
            '<figure class="verdict-picture">'
            f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(repr(self))}" '
            'font-size="13" fill="currentColor" style="max-width:30rem;width:100%">'
            f"{''.join(parts)}</svg>"
            f"<figcaption>Your tasks{more}, and when your program waited.</figcaption></figure>"
        )


def picture_of(tasks: Sequence[tuple[str, Span]], waits: Sequence[Span]) -> Picture | None:
    """Make the picture of some tasks, and of when the driver waited; None where nothing ran.

    >>> picture_of([], []) is None
    True
    """
    rows = [Row(name, (span,)) for name, span in tasks[:MOST_ROWS]]
    if waits:
        rows.append(Row("you waited", tuple(waits), "wait"))
    return Picture(tuple(rows), max(0, len(tasks) - MOST_ROWS)) if rows else None


def _from_to(span: Span) -> str:
    return f"from {format_seconds(span[0])} to {format_seconds(span[1])}"


def _draw_row(row: Row, top: float, scale: float) -> list[str]:
    most = int(NAME_WIDTH / LETTER)
    name = row.name if len(row.name) <= most else f"…{row.name[1 - most :]}"  # its number stays
    middle = top + ROW_HEIGHT / 2
    bars = [
        f'<rect class="verdict-{row.look}" x="{NAME_WIDTH + start * scale:.1f}" '
        f'y="{middle - BAR_HEIGHT / 2:g}" width="{max(NARROWEST, (end - start) * scale):.1f}" '
        f'height="{BAR_HEIGHT}" rx="2" fill="{COLOURS[row.look]}"/>'
        for start, end in row.spans
    ]
    return [f'<text x="0" y="{middle + 4:g}">{escape(name)}</text>', *bars]
