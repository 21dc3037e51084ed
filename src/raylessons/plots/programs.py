"""Who runs when in a small program, for a reader to choose, beside what Ray did."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from bokeh.models import FactorRange, Legend, LegendItem, Range1d

from raylessons.plots.explorer import Choice, Explorer, Part
from raylessons.plots.figure import COLORS, NEUTRAL, start_figure
from raylessons.plots.still import draw_marks
from raylessons.schedule import Schedule, Task, predict_schedule
from raylessons.trace.records import Trace
from raylessons.words import count

MEASURED = COLORS[0]
CPUS = (2, 3, 4)
MOST_CHOICES = 20_000  # a page carries them all

Need = tuple[str, str]  # a task, and the one that it needs
Spans = dict[str, tuple[float, float]]


def explore_schedules(
    lengths: Mapping[str, float], traces: Mapping[Need | None, Trace], cpus: int
) -> Explorer:
    """Let a reader choose how long tasks take, on how many CPUs they run, and what one needs.

    `lengths` are the seconds of tasks of one function in their order of submission; `traces` what
    Ray did for these lengths on `cpus`, by the need: `None`, or a task and the one that it needs.
    Each choice is shown as `predict_schedule` predicts it, and with what Ray did where it was
    asked. A task may take as long as any of them.

    Raises `ValueError` where the choices are more than a page should carry.
    """
    names, needs = list(lengths), list(traces)
    steps = sorted(set(lengths.values()))
    counts = sorted({*CPUS, cpus})
    choices = len(steps) ** len(names) * len(counts) * len(needs)
    if choices > MOST_CHOICES:
        raise ValueError(
            f"{choices:,} choices: expected at most {MOST_CHOICES:,}. "
            "Pass fewer tasks, or tasks of fewer lengths."
        )
    found = {}
    # A choice is the step of each task, then the place of the CPUs and that of the need.
    ranges = [len(steps)] * len(names) + [len(counts), len(needs)]
    for key in product(*map(range, ranges)):
        *chosen, c, n = key
        tasks = _write_tasks(names, [steps[step] for step in chosen], needs[n])
        found[key] = predict_schedule(tasks, counts[c])
    spans = {
        key: {run.name: (run.start, run.end) for run in schedule.runs}
        for key, schedule in found.items()
    }
    here = (*(steps.index(seconds) for seconds in lengths.values()), counts.index(cpus))
    asked = {(*here, n): _read_spans(traces[need], names) for n, need in enumerate(needs)}
    last = max(schedule.makespan for schedule in found.values())
    plot = start_figure(
        x_label="seconds since the first was submitted",
        y_label="",
        height=38 * len(names) + 70,
        x_range=Range1d(0, 1.02 * last),
        y_range=FactorRange(*reversed(names)),
    )
    planned = sorted({(name, span) for one in spans.values() for name, span in one.items()})
    bars = {(name, span): _add_bars(plot, {name: span}, 0.2, NEUTRAL) for name, span in planned}
    rays = {key: _add_bars(plot, one, -0.2, MEASURED) for key, one in asked.items()}
    _add_legend(plot, {"predicted": bars[planned[0]], "what Ray did": rays[(*here, 0)]})
    drawn = {bar: draw_marks(plot, [renderer]) for bar, renderer in bars.items()}
    by = (*names, "CPUs", "a need")
    return Explorer(
        plot,
        f"When each of {count(len(names), 'task')} is predicted to run, and when it ran",
        (
            *(
                Choice(name, tuple(f"{step:g} s" for step in steps), steps.index(seconds), True)
                for name, seconds in lengths.items()
            ),
            Choice(by[-2], tuple(map(str, counts)), counts.index(cpus)),
            Choice(by[-1], tuple(_write_need(need) for need in needs)),
        ),
        (
            *(
                Part(by, {key: drawn[name, one[name]] for key, one in spans.items()})
                for name in names
            ),
            Part(by, {key: draw_marks(plot, [rays[key]]) if key in rays else "" for key in found}),
        ),
        (
            Part(by, {key: _tell_end(schedule) for key, schedule in found.items()}),
            Part(by, {key: _tell_ray(asked.get(key)) for key in found}),
        ),
        Part(by, {key: _tell_order(schedule) for key, schedule in found.items()}),
    )


def _write_tasks(names: Sequence[str], seconds: Sequence[float], need: Need | None) -> list[Task]:
    needs = {} if need is None else {need[0]: (need[1],)}
    return [
        Task(name, length, needs.get(name, ())) for name, length in zip(names, seconds, strict=True)
    ]


def _read_spans(trace: Trace, names: Sequence[str]) -> Spans:
    """Read when each task ran, in seconds from the first submission."""
    runs = {name: trace.task(name) for name in names}
    zero = min(run.submitted or 0.0 for run in runs.values())
    spans = {}
    for name, run in runs.items():
        if run.started is None or run.ended is None:
            raise ValueError(
                f"the trace has no start and end of {name!r}: expected tasks that ended. "
                "Call ray.get on them before the recording ends."
            )
        spans[name] = run.started - zero, run.ended - zero
    return spans


def _add_bars(plot: Any, spans: Spans, offset: float, color: str) -> Any:
    return plot.hbar(
        y=[(name, offset) for name in spans],
        left=[start for start, _ in spans.values()],
        right=[end for _, end in spans.values()],
        height=0.32,
        fill_color=color,
        line_color=color,
        visible=False,
    )


def _add_legend(plot: Any, items: Mapping[str, Any]) -> None:
    entries = [LegendItem(label=label, renderers=[one]) for label, one in items.items()]
    plot.add_layout(Legend(items=entries, orientation="horizontal"), "above")


def _write_need(need: Need | None) -> str:
    return "none" if need is None else f"{need[0]} needs {need[1]}"


def _tell_end(schedule: Schedule) -> str:
    return (
        f"Predicted: the last ends after {schedule.makespan:g}&nbsp;s; no order could end before "
        f"{schedule.lower_bound_seconds:.3g}&nbsp;s."
    )


def _tell_ray(spans: Spans | None) -> str:
    if spans is None:
        return "Ray was not asked this one in this build."
    return f"Ray took {max(end for _, end in spans.values()):.2f}&nbsp;s in this build."


def _tell_order(schedule: Schedule) -> str:
    starts = " ".join(run.name for run in schedule.runs)
    return (
        f"They start in the order {starts}, and end in the order "
        + " ".join(schedule.completion_order)
        + "."
    )
