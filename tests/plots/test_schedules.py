"""Predicted and measured schedules in one plot, from traces written by hand."""

from xml.etree import ElementTree

import pytest

from raylessons.plots.schedules import plot_beside, plot_makespans, plot_prediction
from raylessons.plots.still import draw_still
from raylessons.schedule import Task, predict_schedule
from raylessons.trace.records import TaskRun, Trace, Worker

WORKERS = (Worker("w1", "n", 1, 1), Worker("w2", "n", 2, 2))
# Submitted 1 s into the recording, on two workers, each 0.1 s later than predicted.
TRACE = Trace(
    workers=WORKERS,
    task_runs=(
        TaskRun("t2", "nap", worker_id="w2", submitted=1.01, started=1.1, ended=3.1),
        TaskRun("t1", "nap", worker_id="w1", submitted=1.0, started=1.1, ended=2.1),
        TaskRun("t3", "nap", worker_id="w1", submitted=1.02, started=2.2, ended=5.2),
    ),
)
SCHEDULE = predict_schedule([Task("A", 1), Task("B", 2), Task("C", 3)], cpus=2)


def bars(plot):
    """Give the bars of each colour as (row, start, end)."""
    return [
        list(zip(data["row"], data["start"], data["end"], strict=True))
        for data in (renderer.data_source.data for renderer in plot.figure.renderers)
    ]


def test_runs_are_matched_to_tasks_by_submission_and_counted_from_the_first():
    predicted, measured = bars(plot_prediction(SCHEDULE, TRACE))
    assert predicted == [("A", 0, 1), ("B", 0, 2), ("C", 1, 4)]
    assert [row for row, _, _ in measured] == ["A", "B", "C"]
    assert [end for _, _, end in measured] == pytest.approx([1.1, 2.1, 4.2])


def test_the_sentence_tells_both_makespans():
    told = plot_prediction(SCHEDULE, TRACE).summary
    assert "Predicted makespan 4.00 s, measured 4.20 s" in told


def test_another_number_of_runs_than_of_tasks_is_refused():
    with pytest.raises(ValueError, match="1 tasks and the trace 3"):
        plot_prediction(predict_schedule([Task("A", 1)], cpus=1), TRACE)


def test_a_run_without_an_end_is_refused_by_name():
    open_run = TaskRun("t1", "nap", submitted=0.0, started=0.1)
    with pytest.raises(ValueError, match="no start and end of 'nap'"):
        plot_prediction(
            predict_schedule([Task("A", 1)], cpus=1), Trace(task_runs=(open_run,), seconds=1)
        )


def test_a_second_attempt_is_not_another_task():
    retried = Trace(
        workers=WORKERS,
        task_runs=(*TRACE.task_runs, TaskRun("t1", "nap", attempt=1, started=6, ended=7)),
    )
    assert bars(plot_prediction(SCHEDULE, retried)) == bars(plot_prediction(SCHEDULE, TRACE))


def test_makespans_stand_in_a_row_for_each_number_of_cpus():
    plot = plot_makespans({1: 3.2, 2: 1.6}, {1: 3.3, 2: 1.7})
    predicted, measured = bars(plot)
    assert predicted == [("1 CPU", 0, 3.2), ("2 CPUs", 0, 1.6)]
    assert measured == [("1 CPU", 0, 3.3), ("2 CPUs", 0, 1.7)]


def test_calls_stand_above_the_workers_that_ran_tasks():
    plot = plot_beside([("nap", 0, 1), ("nap", 1, 3), ("nap", 3, 6)], TRACE)
    assert plot.figure.y_range.factors == ["worker 2", "worker 1", "your program"]
    assert "one after another took 6.00 s; as tasks on 2 workers they took 4.20 s" in plot.summary


@pytest.mark.parametrize(
    "plot",
    [
        plot_prediction(SCHEDULE, TRACE),
        plot_makespans({1: 3.2}, {1: 3.3}),
        plot_beside([("nap", 0, 1)], TRACE),
    ],
)
def test_each_plot_has_a_still(plot):
    still = ElementTree.fromstring(draw_still(plot.figure, plot.summary))
    bars = [one for one in still.iter("rect") if float(one.get("width")) > 0]
    assert len(bars) >= sum(len(r.data_source.data["row"]) for r in plot.figure.renderers)
