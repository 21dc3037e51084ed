"""The rounds of a `ray.wait` loop over the tasks of a trace, for a reader to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from bokeh.models import FactorRange, Legend, LegendItem, Range1d

from raylessons.plots.explorer import Choice, Explorer, Part
from raylessons.plots.figure import COLORS, NEUTRAL, ON_BAR, start_figure
from raylessons.plots.still import draw_marks
from raylessons.rounds import PlannedRound, plan_rounds
from raylessons.trace.records import TaskRun, Trace
from raylessons.words import count, listing

ROUND, READY = COLORS[0], COLORS[4]
WAIT_ROW = "ray.wait"
INK = "#444444"  # Bokeh's own grey: no colour chosen, and so that of the text around
# A round is this part of the whole or longer where its number has room in it.
ROOM = 0.045


Span = tuple[float, float]


@dataclass(frozen=True)
class _Awaited:
    """A task whose result the program waits for, and what ran for it, in seconds."""

    name: str
    spans: tuple[Span, ...]

    @property
    def finish(self) -> float:
        return max(end for _, end in self.spans)


def explore_rounds(
    trace: Trace, noun: str = "task", timeouts: Sequence[float | None] = (None, 5, 2.5, 1.7)
) -> Explorer:
    """Let a reader choose the rounds of `ray.wait` in which the results of a trace are taken.

    The results are those of the tasks that no other task was given, in their order of
    submission; with each go the tasks that it was made from. Each choice is shown as
    `plan_rounds` plans it for when those tasks ended.

    Raises `ValueError` where a task has no end, or the trace no task.
    """
    awaited = _read_awaited(trace, noun)
    finishes = [one.finish for one in awaited]
    plot = start_figure(
        x_label="seconds since the first was submitted",
        y_label="",
        height=30 * (len(awaited) + 1) + 70,
        x_range=Range1d(0, max(finishes) * 1.04),
        y_range=FactorRange(*reversed([WAIT_ROW, *(one.name for one in awaited)])),
    )
    bars = _add_bars(
        plot, [(one.name, *span) for one in awaited for span in one.spans], NEUTRAL, ON_BAR, 0.5
    )
    names = [one.name for one in awaited]
    several = range(1, len(awaited) + 1)
    first = (min(2, len(awaited)) - 1, 0)
    plans = {
        (wanted, place): plan_rounds(finishes, num_returns, timeout)
        for (wanted, num_returns), (place, timeout) in product(
            enumerate(several), enumerate(timeouts)
        )
    }
    drawn = {key: _add_rounds(plot, planned, awaited) for key, planned in plans.items()}
    *_, wait, handed = drawn[first]
    _add_legend(plot, {"runs": bars, "ready, and waits for you": wait, "is yours": handed})
    by = ("num_returns", "timeout")
    return Explorer(
        plot,
        f"When each ray.wait returns, and with which of {count(len(awaited), noun)}",
        (
            Choice("num_returns", tuple(map(str, several)), first[0], slides=True),
            Choice("timeout", tuple(_write_timeout(timeout) for timeout in timeouts)),
        ),
        (Part(by, {key: draw_marks(plot, marks) for key, marks in drawn.items()}),),
        (
            Part(
                by,
                {
                    (wanted, place): _summarize(planned, finishes, several[wanted], timeouts[place])
                    for (wanted, place), planned in plans.items()
                },
            ),
        ),
        Part(by, {key: _list_rounds(planned, names) for key, planned in plans.items()}),
    )


def _read_awaited(trace: Trace, noun: str) -> list[_Awaited]:
    tasks = {run.task_id: run for run in trace.tasks()}
    needs = trace.needs()
    given = {maker for makers in needs.values() for maker in makers}
    zero = min((run.submitted or 0.0 for run in tasks.values()), default=0.0)
    leaves = sorted(
        (run for run in tasks.values() if run.task_id not in given),
        key=lambda run: run.submitted or 0.0,
    )
    if not leaves:
        raise ValueError("the trace has no task: expected one or more. Record the tasks.")
    found = []
    for number, leaf in enumerate(leaves, start=1):
        made_from: set[str] = set()
        ahead = {leaf.task_id}
        while ahead:
            made_from |= ahead
            # What was submitted before the recording is not in it.
            ahead = {need for one in ahead for need in needs[one] if need in tasks} - made_from
        spans = sorted(_span(tasks[task_id], zero) for task_id in made_from)
        found.append(_Awaited(f"{noun} {number}", tuple(spans)))
    return found


def _span(run: TaskRun, zero: float) -> Span:
    if run.started is None or run.ended is None:
        raise ValueError(
            f"the trace has no start and end of {run.name!r}: expected tasks that ended. "
            "Call ray.get on them before the recording ends."
        )
    return run.started - zero, run.ended - zero


def _add_rounds(
    plot: Any, planned: Sequence[PlannedRound], awaited: Sequence[_Awaited]
) -> list[Any]:
    """Add the rounds of one choice, unseen: those of other choices lie in the same place.

    The last two are the results that wait, and those that were handed over.
    """
    ends = [one.seconds for one in planned]
    spans = list(zip([0.0, *ends], ends, strict=False))
    ready = [span for span, one in zip(spans, planned, strict=True) if one.places]
    empty = [span for span, one in zip(spans, planned, strict=True) if not one.places]
    handed = [(awaited[place], one.seconds) for one in planned for place in one.places]
    rows = [task.name for task, _ in handed]
    yours = [seconds for _, seconds in handed]
    return [
        _add_bars(plot, [(WAIT_ROW, *span) for span in ready], ROUND, ON_BAR, 0.7, visible=False),
        _add_bars(plot, [(WAIT_ROW, *span) for span in empty], None, NEUTRAL, 0.7, visible=False),
        *_add_numbers(plot, spans, ready, ON_BAR),
        *_add_numbers(plot, spans, empty, INK),
        plot.segment(
            x0=ends,
            x1=ends,
            y0=[(WAIT_ROW, -0.35)] * len(ends),
            y1=[(awaited[-1].name, -0.5)] * len(ends),
            line_color=ROUND,
            line_alpha=0.5,
            line_dash=[3, 3],
            visible=False,
        ),
        plot.segment(
            x0=[task.finish for task, _ in handed],
            x1=yours,
            y0=rows,
            y1=rows,
            line_color=READY,
            line_width=3,
            visible=False,
        ),
        plot.scatter(
            x=yours,
            y=rows,
            marker="circle",
            size=11,
            fill_color=ROUND,
            line_color=ON_BAR,
            visible=False,
        ),
    ]


def _add_numbers(plot: Any, spans: Sequence[Span], some: Sequence[Span], color: str) -> list[Any]:
    roomy = [
        (str(number), (start + end) / 2)
        for number, (start, end) in enumerate(spans, start=1)
        if (start, end) in some and end - start > ROOM * spans[-1][1]
    ]
    return [
        plot.text(
            x=[middle for _, middle in roomy],
            y=[WAIT_ROW] * len(roomy),
            text=[words for words, _ in roomy],
            text_align="center",
            text_color=color,
            visible=False,
        )
    ]


def _add_bars(
    plot: Any,
    bars: Sequence[tuple[str, float, float]],
    color: str | None,
    edge: str,
    height: float,
    visible: bool = True,
) -> Any:
    return plot.hbar(
        y=[row for row, _, _ in bars],
        left=[start for _, start, _ in bars],
        right=[end for _, _, end in bars],
        height=height,
        fill_color=color,
        line_color=edge,
        visible=visible,
    )


def _add_legend(plot: Any, items: dict[str, Any]) -> None:
    entries = [LegendItem(label=label, renderers=[one]) for label, one in items.items()]
    plot.add_layout(Legend(items=entries, orientation="horizontal"), "above")


def _summarize(
    planned: Sequence[PlannedRound],
    finishes: Sequence[float],
    num_returns: int,
    timeout: float | None,
) -> str:
    yours = {place: one.seconds for one in planned for place in one.places}
    empty = sum(not one.places for one in planned)
    return (
        f"With <code>num_returns={num_returns}</code> and <code>timeout={timeout}</code>: "
        f"{count(len(planned), 'round')}{f', {empty} of them with nothing' if empty else ''}. "
        f"You have the first result after {min(yours.values()):.1f}&nbsp;s and the last after "
        f"{max(yours.values()):.1f}&nbsp;s; a result that is ready waits for you "
        f"{max(seconds - finishes[place] for place, seconds in yours.items()):.1f}&nbsp;s at most."
    )


def _list_rounds(planned: Sequence[PlannedRound], names: Sequence[str]) -> str:
    items = "".join(
        f"<li>{one.seconds:.1f}&nbsp;s: {_name_all(one, names) or 'nothing'}</li>"
        for one in planned
    )
    return f"<ol>{items}</ol>"


def _name_all(one: PlannedRound, names: Sequence[str]) -> str:
    return listing([names[place] for place in one.places], most=len(names))


def _write_timeout(timeout: float | None) -> str:
    return "None" if timeout is None else f"{timeout:g} s"
