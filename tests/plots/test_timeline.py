"""A trace as lanes of bars: what each task waited for and did, and where."""

import re
import warnings
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from any_traces import any_traces
from bokeh.embed import json_item
from hand_written_traces import (
    ODD,
    RUNS,
    badly_named,
    bare,
    circle,
    clocks_differ,
    crowd,
    end_heard_late,
    maker_named_by_its_object,
    node_removed,
    small_story,
    story,
    task_never_ended,
    worker_killed,
)
from hypothesis import given

from raylessons.plots.lanes import (
    MOST_ROWS,
    Part,
    bars,
    dependencies,
    lanes,
    timeline_summary,
    timeline_table,
)
from raylessons.plots.still import draw_still
from raylessons.plots.timeline import plot_timeline
from raylessons.trace.records import TaskRun, Trace

EVERY = [story, small_story, *ODD]
NOTHING_TO_PLOT = (bare, Trace)


def test_each_worker_that_had_a_task_has_a_lane_by_node_and_number() -> None:
    assert [lane.label for lane in lanes(story())] == ["node 1 · worker 1", "node 2 · worker 1"]
    assert [lane.label for lane in lanes(node_removed())] == [
        "node 1 · worker 1",
        "node 1 · worker 2",
        "node 2 · worker 1",
    ]


def test_a_run_without_a_worker_on_record_has_a_lane_that_says_so() -> None:
    assert [lane.label for lane in lanes(bare())] == ["no worker on record"]


def test_waiting_fetching_running_and_storing_are_told_apart() -> None:
    add_arrays = [
        (bar.part, round(bar.seconds, 4))
        for bar in lanes(story())[0].bars
        if bar.run.name == "add_arrays"
    ]
    assert add_arrays == [
        (Part.ARGUMENTS, 0.1405),
        (Part.FETCH, 0.0902),
        (Part.FETCH, 0.0008),
        (Part.EXECUTE, 0.1071),
        (Part.STORE, 0.004),
    ]


def test_a_wait_without_a_copy_is_a_wait_for_a_worker() -> None:
    parts = [bar.part for bar in lanes(small_story())[0].bars if bar.run.name == "add_arrays"]
    assert parts[:2] == [Part.ARGUMENTS, Part.WORKER]


def test_a_run_without_phases_runs_from_its_start_to_its_end() -> None:
    (bar,) = bars(TaskRun("t1", "noop", started=0.1, ended=0.3))
    assert (bar.part, bar.start, bar.end) == (Part.EXECUTE, 0.1, 0.3)


def test_a_run_that_never_ended_is_open_until_the_recording_ends() -> None:
    last = lanes(task_never_ended())[0].bars[-1]
    assert (last.part, last.end) == (Part.OPEN, 0.4)


def test_an_attempt_whose_worker_died_is_drawn_from_its_lease() -> None:
    parts = [(bar.part, bar.start, bar.end) for bar in lanes(worker_killed())[0].bars]
    assert (Part.FAILED, 0.004, 0.016) in parts


@pytest.mark.parametrize("make", EVERY)
def test_no_bar_runs_backwards(make) -> None:
    assert all(bar.seconds > 0 for lane in lanes(make()) for bar in lane.bars)


def test_a_result_leads_from_the_end_of_its_task_to_the_start_of_the_next() -> None:
    assert [(each.object_id, each.from_lane, each.made, each.used) for each in
            dependencies(story())] == [
        ("o1", "node 1 · worker 1", 0.139, 0.2331),
        ("o2", "node 2 · worker 1", 0.1412, 0.2331),
    ]  # fmt: skip


def test_tasks_one_after_another_are_not_at_once_however_late_the_owner_heard_of_an_end() -> None:
    assert end_heard_late().peak_parallelism() == 1
    assert "2 tasks on 1 worker of 1 node took 100 ms; 1 ran at once at most." in timeline_summary(
        end_heard_late()
    )


def test_a_result_is_tied_to_the_task_that_its_object_names() -> None:
    (tie,) = dependencies(maker_named_by_its_object())
    assert (tie.object_id, tie.made, tie.used) == ("o1", 0.1, 0.12)


def test_the_summary_counts_and_names_what_failed_and_what_never_ended() -> None:
    assert timeline_summary(story()) == (
        "3 tasks on 2 workers of 2 nodes took 345 ms; 2 ran at once at most. "
        "add_arrays waited longest for its arguments: 140 ms."
    )
    assert "Failed: flaky." in timeline_summary(worker_killed())
    assert "No end on record: add_arrays." in timeline_summary(task_never_ended())


@pytest.mark.parametrize("make", EVERY)
def test_the_table_has_a_row_for_each_run_with_its_name_as_header(make) -> None:
    trace = make()
    table = ElementTree.fromstring(timeline_table(trace))
    assert table.findtext("caption")
    rows = table.findall("./tbody/tr")
    assert len(rows) == min(len(trace.task_runs), MOST_ROWS)
    columns = len(table.findall("./thead/tr/th"))
    assert all(len(row) == columns and row[0].get("scope") == "row" for row in rows)


def test_a_long_table_says_what_it_leaves_out() -> None:
    assert f"first {MOST_ROWS} of 100 runs" in timeline_table(crowd())


def test_names_in_the_table_are_escaped() -> None:
    assert "<script" not in timeline_table(badly_named())


@pytest.mark.parametrize("make", [make for make in EVERY if make not in NOTHING_TO_PLOT])
def test_the_plot_can_be_embedded_and_has_a_still_without_a_warning(make, caplog) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot = plot_timeline(make()).figure
        ElementTree.fromstring(draw_still(plot, timeline_summary(make())))
        json_item(plot)
    assert not caplog.records


def test_the_plot_has_a_lane_a_bar_and_a_legend_entry_for_what_it_shows() -> None:
    plot = plot_timeline(story()).figure
    assert plot.y_range.factors == ["node 2 · worker 1", "node 1 · worker 1"]
    told = [item.label.value for item in plot.legend[0].items]
    assert told == [
        "waits for arguments",
        "waits for a worker",
        "fetches arguments",
        "runs",
        "stores its result",
        "a result goes in",
    ]
    drawn = [renderer.data_source.data.get("task") for renderer in plot.renderers]
    assert drawn[3] == ["make_array (ref1)", "add_arrays", "make_array (ref2)"]


def test_long_work_is_plotted_in_seconds_and_short_work_in_milliseconds() -> None:
    assert plot_timeline(story()).figure.xaxis.axis_label.startswith("milliseconds")
    long = replace(RUNS[0], phases=(), ended=4.0)
    plot = plot_timeline(replace(story(), task_runs=(long,), seconds=4.1)).figure
    assert plot.xaxis.axis_label.startswith("seconds")


@pytest.mark.parametrize("make", NOTHING_TO_PLOT)
def test_a_trace_with_nothing_to_plot_says_so(make) -> None:
    with pytest.raises(ValueError, match=re.escape("none with a start and an end")):
        plot_timeline(make())


@pytest.mark.parametrize("make", [clocks_differ, circle])
def test_records_that_cannot_be_right_are_still_plotted(make) -> None:
    assert plot_timeline(make()).figure.renderers


@given(any_traces)
def test_every_record_has_lanes_and_a_table(trace: Trace) -> None:
    assert sum(len(lane.bars) for lane in lanes(trace)) >= 0
    ElementTree.fromstring(timeline_table(trace))
