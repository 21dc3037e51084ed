"""Predicted schedules and measured ones on one axis."""

from collections.abc import Mapping, Sequence

from bokeh.models import FactorRange, HoverTool, Legend, LegendItem, Range1d
from bokeh.plotting import figure

from raylessons.plots.figure import COLORS, NEUTRAL, ON_BAR, Plot, start_figure, style_legend
from raylessons.schedule import Schedule
from raylessons.trace.records import TaskRun, Trace
from raylessons.words import count

MEASURED, SERIAL = COLORS[:2]
ROW_PIXELS = 34

Span = tuple[str, float, float]  # a name, and the seconds between which it ran


def plot_prediction(schedule: Schedule, trace: Trace) -> Plot:
    """Plot when each task was predicted to run, and below it when it ran.

    The tasks of the schedule and the runs of the trace are matched in order of submission.

    Raises `ValueError` where their numbers differ.
    """
    runs = _submitted(trace)
    if len(runs) != len(schedule.tasks):
        raise ValueError(
            f"the schedule has {len(schedule.tasks)} tasks and the trace {len(runs)}: expected as "
            "many. Record the tasks of the schedule and no others."
        )
    measured = {
        task.name: (start, end)
        for task, (_, start, end) in zip(schedule.tasks, _spans(runs), strict=True)
    }
    planned = {run.name: (run.start, run.end) for run in schedule.runs}
    makespan = max((end for _, end in measured.values()), default=0.0)
    plot = _start([run.name for run in schedule.runs], max(makespan, schedule.makespan), ROW_PIXELS)
    above = [(name, *planned[name], 0.2) for name in planned]
    below = [(name, *measured[name], -0.2) for name in planned]
    _add_legend(
        plot,
        {
            "predicted": _add_bars(plot, above, NEUTRAL, height=0.32),
            "measured": _add_bars(plot, below, MEASURED, height=0.32),
        },
    )
    return Plot(
        plot,
        f"When each of {len(runs)} tasks was predicted to run and when it ran. Predicted makespan "
        f"{schedule.makespan:.2f} s, measured {makespan:.2f} s.",
    )


def plot_makespans(predicted: Mapping[int, float], measured: Mapping[int, float]) -> Plot:
    """Plot the seconds that the same tasks took, and should take, over the logical CPUs."""
    plot = _start(
        [count(cpus, "CPU") for cpus in predicted],
        max(*predicted.values(), *measured.values()),
        ROW_PIXELS + 10,
    )
    above = [(count(cpus, "CPU"), 0.0, seconds, 0.2) for cpus, seconds in predicted.items()]
    below = [(count(cpus, "CPU"), 0.0, seconds, -0.2) for cpus, seconds in measured.items()]
    _add_legend(
        plot,
        {
            "predicted": _add_bars(plot, above, NEUTRAL, height=0.32),
            "measured": _add_bars(plot, below, MEASURED, height=0.32),
        },
    )
    pairs = ", ".join(
        f"{count(cpus, 'CPU')} {predicted[cpus]:.2f} and {seconds:.2f} s"
        for cpus, seconds in measured.items()
    )
    return Plot(plot, f"Makespan, predicted and measured: {pairs}.")


def plot_beside(calls: Sequence[Span], trace: Trace) -> Plot:
    """Plot calls that a program made one after another, and below them tasks worker by worker."""
    runs = _submitted(trace)
    numbers = {worker.worker_id: worker.number for worker in trace.workers}
    ours = "your program"
    tasks = [
        (f"worker {numbers.get(run.worker_id or '', '?')}", start, end)
        for run, (_, start, end) in zip(runs, _spans(runs), strict=True)
    ]
    last = max(end for _, _, end in [*calls, *tasks])
    plot = _start([ours, *sorted({lane for lane, _, _ in tasks})], last, ROW_PIXELS)
    _add_legend(
        plot,
        {
            "a call": _add_bars(plot, [(ours, s, e, 0) for _, s, e in calls], SERIAL, 0.6, ON_BAR),
            "a task": _add_bars(plot, [(*task, 0) for task in tasks], MEASURED, 0.6, ON_BAR),
        },
    )
    return Plot(
        plot,
        f"{len(calls)} calls one after another took {calls[-1][2] - calls[0][1]:.2f} s; as tasks "
        f"on {len({lane for lane, _, _ in tasks})} workers they took "
        f"{max(end for _, _, end in tasks):.2f} s.",
    )


def _submitted(trace: Trace) -> list[TaskRun]:
    runs = [run for run in trace.task_runs if run.attempt == 0]
    return sorted(runs, key=lambda run: run.submitted or 0.0)


def _spans(runs: Sequence[TaskRun]) -> list[Span]:
    """Give the seconds from the first submission at which each run started and ended."""
    zero = min((run.submitted or 0.0 for run in runs), default=0.0)
    spans = []
    for run in runs:
        if run.started is None or run.ended is None:
            raise ValueError(
                f"the trace has no start and end of {run.name!r}: expected tasks that ended. "
                "Call ray.get on them before the recording ends."
            )
        spans.append((run.name, run.started - zero, run.ended - zero))
    return spans


def _start(rows: Sequence[str], seconds: float, row_pixels: int) -> figure:
    return start_figure(
        x_label="seconds since the first was submitted",
        y_label="",
        height=row_pixels * len(rows) + 90,
        x_range=Range1d(0, seconds * 1.02),
        y_range=FactorRange(*reversed(rows)),
    )


def _add_bars(
    plot: figure,
    bars: Sequence[tuple[str, float, float, float]],
    color: str,
    height: float,
    edge: str | None = None,
) -> object:
    """Add bars, each in its row and moved up by a share of the row.

    An edge of the bar's own colour shows a task of no seconds, too.
    """
    return plot.hbar(
        y="y",
        left="start",
        right="end",
        height=height,
        fill_color=color,
        line_color=edge or color,
        source={
            "y": [(row, offset) if offset else row for row, _, _, offset in bars],
            "row": [row for row, *_ in bars],
            "start": [start for _, start, _, _ in bars],
            "end": [end for _, _, end, _ in bars],
        },
    )


def _add_legend(plot: figure, bars: Mapping[str, object]) -> None:
    items = [LegendItem(label=label, renderers=[bar]) for label, bar in bars.items()]
    plot.add_layout(Legend(items=items, orientation="horizontal"), "above")
    style_legend(plot)
    plot.ygrid.visible = False
    plot.add_tools(
        HoverTool(tooltips=[("", "@row"), ("from", "@start{0.00} s"), ("to", "@end{0.00} s")])
    )
