"""How quick work in batches should be, for a reader to choose, beside how quick it was."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product, takewhile
from typing import Any

from bokeh.models import Legend, LegendItem, Range1d

from raylessons.plots.explorer import Choice, Explorer, Part
from raylessons.plots.figure import COLORS, NEUTRAL, ON_BAR, start_figure
from raylessons.plots.still import draw_marks
from raylessons.sweeps import count_waves, one_two_five, predict_speedup
from raylessons.words import count, format_seconds

PREDICTED, MEASURED = COLORS[:2]
COSTS = (0.0001, 0.001, 0.01)  # seconds of a task, beside what it costs here
CPUS = (1, 2, 4, 8, 32)


def explore_sizes(
    measured: Mapping[int, float],
    pieces: int,
    piece_seconds: float,
    cost_seconds: float,
    cpus: int,
    noun: str = "piece",
) -> Explorer:
    """Let a reader choose how big tasks are, what one costs, and on how many CPUs they run.

    `measured` are the seconds that all pieces took in batches of a size, on so many CPUs and at
    that cost; `piece_seconds` is what a plain loop takes for one. Each choice is shown as
    `predict_speedup` predicts it.

    Raises `ValueError` where nothing was measured.
    """
    if not measured:
        raise ValueError("measured is empty: expected seconds by the size of a batch.")
    batches = list(takewhile(lambda batch: batch <= pieces, one_two_five(1)))
    costs = sorted({*COSTS, cost_seconds})
    counts = sorted({*CPUS, cpus})
    found = {
        (b, c, n): predict_speedup(pieces, batches[b], piece_seconds, costs[c], counts[n])
        for b, c, n in product(range(len(batches)), range(len(costs)), range(len(counts)))
    }
    gained = {batch: pieces * piece_seconds / seconds for batch, seconds in measured.items()}
    plot = _start(pieces, noun, [*found.values(), *gained.values()])
    loop = plot.line([0.8, pieces * 1.25], [1, 1], line_color=NEUTRAL, line_dash=[4, 4])
    points = plot.scatter(
        list(gained),
        list(gained.values()),
        marker="square",
        size=9,
        fill_color=MEASURED,
        line_color=ON_BAR,
    )
    curves = {
        (c, n): _add_curve(plot, batches, [found[b, c, n] for b in range(len(batches))])
        for c, n in product(range(len(costs)), range(len(counts)))
    }
    rings = {key: _add_ring(plot, batches[key[0]], speedup) for key, speedup in found.items()}
    here = (costs.index(cost_seconds), counts.index(cpus))
    best = max(range(len(batches)), key=lambda b: gained.get(batches[b], 0.0))
    first = (best, *here)
    _add_legend(
        plot,
        {
            "predicted": [curves[here], rings[first]],
            "measured here": [points],
            "a plain loop": [loop],
        },
    )
    by = (f"{noun}s in a task", "cost of a task", "CPUs")
    lengths = tuple(f"{batch:,} ({format_seconds(batch * piece_seconds)})" for batch in batches)
    return Explorer(
        plot,
        f"The speed-up of {pieces:,} {noun}s over a plain loop, by the {noun}s in a task",
        (
            Choice(by[0], lengths, best, slides=True),
            Choice(by[1], _mark(costs, cost_seconds, format_seconds), here[0]),
            Choice(by[2], _mark(counts, cpus, str), here[1]),
        ),
        (
            Part(by[1:], {key: draw_marks(plot, [one]) for key, one in curves.items()}),
            Part(by, {key: draw_marks(plot, [one]) for key, one in rings.items()}),
        ),
        (
            Part(by, {key: _tell_predicted(speedup) for key, speedup in found.items()}),
            Part(
                by,
                {
                    (b, c, n): _tell_measured(gained.get(batches[b]) if (c, n) == here else None)
                    for b, c, n in found
                },
            ),
        ),
        Part(
            by,
            {
                (b, c, n): _explain(pieces, batches[b], piece_seconds, costs[c], counts[n])
                for b, c, n in found
            },
        ),
    )


def _start(pieces: int, noun: str, speedups: Sequence[float]) -> Any:
    return start_figure(
        x_label=f"{noun}s in a task",
        y_label="speed-up",
        height=300,
        x_range=Range1d(0.8, pieces * 1.25),
        y_range=Range1d(min(speedups) / 1.3, max(speedups) * 1.3),
        x_axis_type="log",
        y_axis_type="log",
    )


def _add_curve(plot: Any, batches: Sequence[int], speedups: Sequence[float]) -> Any:
    return plot.line(batches, speedups, line_color=PREDICTED, line_width=2, visible=False)


def _add_ring(plot: Any, batch: int, speedup: float) -> Any:
    return plot.scatter(
        [batch],
        [speedup],
        marker="circle",
        size=15,
        fill_color=None,  # a measured one may lie below it
        line_color=PREDICTED,
        line_width=2.5,
        visible=False,
    )


def _mark(options: Sequence[Any], here: Any, write: Callable[[Any], str]) -> tuple[str, ...]:
    """Write options, and mark the one of this run."""
    return tuple(f"{write(one)}{' (here)' if one == here else ''}" for one in options)


def _tell_predicted(speedup: float) -> str:
    slower = f", so {1 / speedup:.2g} times slower than a plain loop" if speedup < 1 else ""
    return f"Predicted speed-up: {speedup:.2g}{slower}."


def _tell_measured(speedup: float | None) -> str:
    return f"In this build: {'not measured' if speedup is None else f'{speedup:.2g}'}."


def _explain(pieces: int, batch: int, piece_seconds: float, cost_seconds: float, cpus: int) -> str:
    tasks, waves = count_waves(pieces, batch, cpus)
    return (
        f"{count(tasks, 'call')} at {format_seconds(cost_seconds)}: "
        f"{format_seconds(tasks * cost_seconds)}, and {count(waves, 'wave')} of "
        f"{format_seconds(batch * piece_seconds)}: {format_seconds(waves * batch * piece_seconds)}."
        f" A plain loop: {format_seconds(pieces * piece_seconds)}."
    )


def _add_legend(plot: Any, items: Mapping[str, list[Any]]) -> None:
    entries = [LegendItem(label=label, renderers=some) for label, some in items.items()]
    plot.add_layout(Legend(items=entries, orientation="horizontal"), "above")
