"""A trace as lanes of bars: what each task waited for and did, and where."""

import json
import math
import re
import time
import warnings
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from any_traces import any_traces
from bokeh.embed import json_item
from hand_written_traces import (
    NODES,
    ODD,
    RUNS,
    WORKERS,
    actor_at_once,
    actor_counts,
    actor_waits,
    badly_named,
    bare,
    call,
    circle,
    clocks_differ,
    crowd,
    end_heard_late,
    finished,
    hang,
    maker_named_by_its_object,
    node_removed,
    small_story,
    story,
    task_never_ended,
    worker_killed,
)
from hypothesis import given, settings

from raylessons.plots.lanes import (
    MOST_AT_ONCE,
    NO_WORKER_YET,
    WAITS,
    Part,
    bars,
    dependencies,
    lanes,
)
from raylessons.plots.packing import MOST_MARKS, pack
from raylessons.plots.still import draw_still
from raylessons.plots.timeline import LOOKS, plot_timeline
from raylessons.plots.timeline_text import (
    MOST_ROWS,
    MOST_TIES,
    Timeline,
    actors_table,
    tell_mark,
    timeline_summary as summary_of,
    timeline_table as table_of,
)
from raylessons.trace.names import Names
from raylessons.trace.records import Outcome, TaskRun, Trace

EVERY = [story, small_story, *ODD]
NOTHING_TO_PLOT = (bare, Trace)


def timeline_summary(trace: Trace) -> str:
    return summary_of(Timeline(trace))


def timeline_table(trace: Trace) -> str:
    return table_of(Timeline(trace))


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
        (Part.COPY, 0.0902),
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
            dependencies(story(), lanes(story()))] == [
        ("o1", "node 1 · worker 1", 0.139, 0.2331),
        ("o2", "node 2 · worker 1", 0.1412, 0.2331),
    ]  # fmt: skip


def test_tasks_one_after_another_are_not_at_once_however_late_the_owner_heard_of_an_end() -> None:
    assert end_heard_late().peak_parallelism() == 1
    assert "2 tasks on 1 worker of 1 node took 100 ms; 1 ran at once at most." in timeline_summary(
        end_heard_late()
    )


def test_a_result_is_tied_to_the_task_that_its_object_names() -> None:
    trace = maker_named_by_its_object()
    (tie,) = dependencies(trace, lanes(trace))
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


@pytest.mark.parametrize("make", EVERY)
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
        "waits for copies of arguments",
        "fetches arguments",
        "runs",
        "stores its result",
        "a result goes in",
    ]
    drawn = [renderer.data_source.data.get("task") for renderer in plot.renderers]
    assert drawn[4] == ["make_array (ref1)", "add_arrays", "make_array (ref2)"]


def test_long_work_is_plotted_in_seconds_and_short_work_in_milliseconds() -> None:
    assert plot_timeline(story()).figure.xaxis.axis_label.startswith("milliseconds")
    long = replace(RUNS[0], phases=(), ended=4.0)
    plot = plot_timeline(replace(story(), task_runs=(long,), seconds=4.1)).figure
    assert plot.xaxis.axis_label.startswith("seconds")


@pytest.mark.parametrize("make", NOTHING_TO_PLOT)
def test_a_trace_with_nothing_to_plot_gives_an_empty_plot_that_says_so(make) -> None:
    plot = plot_timeline(make())
    assert re.search("No task is on record|there is nothing to draw", plot.summary)
    assert ">nothing to draw</text>" in plot._repr_html_()


@pytest.mark.parametrize("make", [clocks_differ, circle])
def test_records_that_cannot_be_right_are_still_plotted(make) -> None:
    assert plot_timeline(make()).figure.renderers


def test_a_task_that_no_node_can_run_is_an_open_wait_to_the_end_of_the_recording() -> None:
    first, second = lanes(hang())
    assert [first.label, second.label] == [NO_WORKER_YET, f"{NO_WORKER_YET} · 2"]
    assert [(bar.part, bar.start, bar.end) for lane in (first, second) for bar in lane.bars] == [
        (Part.STUCK_WORKER, 0.01, 3.04),
        (Part.STUCK_ARGUMENTS, 0.02, 3.04),
    ]
    told = plot_timeline(hang()).summary
    assert "needs_a_gpu waited for a worker to the end." in told
    assert "use waited for its arguments to the end." in told
    assert "ray.get of ref2 raised GetTimeoutError: Get timed out." in told


def test_a_task_whose_arguments_are_there_waits_for_a_worker_from_then_on() -> None:
    run = TaskRun("t1", "use", submitted=0.1, arguments_ready=0.4, argument_ids=("o1",))
    parts = [(bar.part, bar.start, bar.end) for bar in bars(run, recording_end=1.0)]
    assert parts == [(Part.ARGUMENTS, 0.1, 0.4), (Part.STUCK_WORKER, 0.4, 1.0)]


def test_an_actor_has_a_lane_of_its_own_with_its_making_and_its_calls() -> None:
    worker, counter = lanes(actor_counts())
    assert (worker.label, counter.label) == ("node 1 · worker 1", "Counter on node 1")
    assert counter.place == "Counter on node 1, worker 2"
    made = [bar.part for bar in counter.bars if bar.run.name == "Counter.__init__"]
    assert made == [Part.WORKER, Part.EXECUTE]
    calls = {bar.part for bar in counter.bars if bar.run.name == "Counter.add"}
    assert calls == {Part.TURN, Part.EXECUTE, Part.FAILED}


def test_two_actors_of_one_class_on_one_node_are_told_apart_by_their_workers() -> None:
    one = actor_counts()
    runs = tuple(
        replace(run, task_id=f"2{run.task_id}", actor_id="a2", worker_id="w11")
        for run in one.task_runs[:1]
    )
    other = replace(one.actors[0], actor_id="a2", worker_id="w11")
    found = lanes(replace(one, task_runs=(*one.task_runs[:2], *runs), actors=(*one.actors, other)))
    assert [lane.label for lane in found] == [
        "Counter on node 1, worker 1",
        "Counter on node 1, worker 2",
    ]


def test_calls_that_an_actor_runs_at_once_have_lanes_beside_one_another() -> None:
    found = [lane for lane in lanes(actor_at_once()) if lane.label.startswith("Fetcher on node 1")]
    assert [lane.label for lane in found] == ["Fetcher on node 1", "Fetcher on node 1 · 2"]
    work = [[bar.run.task_id for bar in lane.bars if bar.part not in WAITS] for lane in found]
    assert work == [["c", "m1"], ["m2", "m3"]]


def test_more_calls_at_once_than_there_are_lanes_share_one_and_none_disappears() -> None:
    calls = [call(f"m{turn}", "Web.get", 0.0, 0.1 + 0.001 * turn, 1.0) for turn in range(50)]
    (*alone, crowded) = pack(lanes(Trace(task_runs=tuple(calls), seconds=1.0)))
    assert len(alone) == MOST_AT_ONCE
    assert [mark.runs for mark in crowded.marks if mark.part is Part.EXECUTE] == [42]
    assert "42 runs share 1 bar" in timeline_summary(Trace(task_runs=tuple(calls), seconds=1.0))


def test_a_call_waits_for_its_turn_and_not_for_a_worker() -> None:
    told = [item.label.value for item in plot_timeline(actor_waits()).figure.legend[0].items]
    assert told == ["waits for its turn", "waits for a worker to the end"]
    assert [lane.label for lane in lanes(actor_waits())] == ["Model, no node on record"]


def test_the_death_of_an_actor_and_its_reason_are_marked_hovered_and_in_the_table() -> None:
    plot = plot_timeline(actor_counts())
    assert "an actor dies" in [item.label.value for item in plot.figure.legend[0].items]
    told = "Counter on node 1 died at 850 ms: killed by ray.kill."
    assert told in plot.summary
    assert told in json.dumps(json_item(plot.figure))
    assert "<td>killed by ray.kill</td>" in actors_table(Timeline(actor_counts()))


def test_an_actor_that_was_started_again_elsewhere_has_a_lane_in_each_place_and_a_mark() -> None:
    plot = plot_timeline(actor_at_once())
    assert plot.figure.y_range.factors[0] == "Fetcher on node 2"
    assert "an actor starts again" in [item.label.value for item in plot.figure.legend[0].items]
    assert "Fetcher on node 2 was started again once." in plot.summary


def test_a_worker_never_runs_two_tasks_at_once_however_late_an_end_was_heard() -> None:
    first, second = (
        finished("t1", "f", 0.0, 0.0, 0.01, 0.02, 0.5),
        finished("t2", "g", 0.0, 0.0, 0.3, 0.31, 0.4),
    )
    (lane,) = lanes(Trace(NODES[:1], WORKERS[:1], (first, second), seconds=0.6))
    work = [(bar.start, bar.end) for bar in lane.bars if bar.part is Part.EXECUTE]
    assert work == [(0.02, 0.31), (0.31, 0.4)]


def test_cancelled_and_failed_runs_differ_in_more_than_colour() -> None:
    cancelled, failed = LOOKS[Part.CANCELLED], LOOKS[Part.FAILED]
    assert cancelled.dash != failed.dash
    assert cancelled.pale is not failed.pale
    plot = plot_timeline(actor_at_once())
    assert "runs, and is cancelled" in [item.label.value for item in plot.figure.legend[0].items]
    assert "Cancelled: Fetcher.get (2)." in plot.summary
    assert "<td>cancelled</td>" in plot.table
    assert "stroke-dasharray" in plot._repr_html_()


def test_the_table_says_why_a_run_failed() -> None:
    assert "failed: ActorDiedError: The actor was killed." in timeline_table(actor_counts())


def test_a_crowd_is_merged_into_few_marks_and_nothing_disappears() -> None:
    trace = crowd(10_000)
    rows = Timeline(trace).rows
    assert sum(len(row.marks) for row in rows) <= MOST_MARKS
    work = [bar for row in rows for mark in row.marks for bar in mark.bars]
    assert {bar.run.task_id for bar in work if bar.part is Part.EXECUTE} == {
        run.task_id for run in trace.task_runs
    }
    assert re.search(r"10000 runs share \d+ bars", timeline_summary(trace))


def test_a_merged_bar_is_as_high_as_it_is_busy_and_says_how_many_it_stands_for() -> None:
    (runs,) = [
        renderer.data_source.data
        for renderer in plot_timeline(crowd(10_000)).figure.renderers
        if "slow_square" in str(renderer.data_source.data.get("task", [""])[0])
        and renderer.data_source.data["part"][0] == "runs"
    ]
    assert re.fullmatch(r"\d+ runs of slow_square", runs["task"][0])
    assert runs["time"][0].endswith("together")
    highest = max(top for _, top in runs["top"])
    assert highest < LOOKS[Part.EXECUTE].top


def test_failures_do_not_hide_in_a_crowd() -> None:
    whole = crowd(10_000)
    failing = tuple(
        replace(run, outcome=Outcome.FAILED) if turn % 97 == 0 else run
        for turn, run in enumerate(whole.task_runs)
    )
    rows = pack(lanes(replace(whole, task_runs=failing)))
    marks = [mark for row in rows for mark in row.marks]
    assert len(marks) <= 2 * MOST_MARKS
    for mark in marks:
        failed = {bar.part is Part.FAILED for bar in mark.bars}
        assert failed == {mark.part is Part.FAILED}


def test_where_failures_and_others_must_share_a_bar_it_is_shown_as_failed() -> None:
    whole = crowd(10_000)
    every_second = tuple(
        replace(run, outcome=Outcome.FAILED) if turn // 48 % 2 else run
        for turn, run in enumerate(whole.task_runs)
    )
    marks = [
        mark for row in pack(lanes(replace(whole, task_runs=every_second))) for mark in row.marks
    ]
    assert len(marks) <= MOST_MARKS
    mixed = [mark for mark in marks if len({bar.part for bar in mark.bars}) > 1]
    assert mixed
    assert {mark.part for mark in mixed} == {Part.FAILED}
    assert re.search(r"\d+ runs of slow_square, \d+ failed", tell_mark(mixed[0], Names(whole))[0])


def test_a_small_trace_is_not_merged() -> None:
    marks = [mark for row in pack(lanes(crowd(100))) for mark in row.marks]
    assert all(mark.runs == 1 for mark in marks if mark.part not in WAITS)
    assert "share" not in timeline_summary(crowd(100))


def test_ten_thousand_tasks_are_less_than_a_megabyte_and_quickly_plotted() -> None:
    trace = crowd(10_000)
    begun = time.process_time()
    page = plot_timeline(trace)._repr_html_()
    # It takes half a second alone; the slack is for a machine that does other things too.
    assert time.process_time() - begun < 3
    assert len(page) < 1_000_000


def test_too_many_dependencies_are_counted_and_not_drawn() -> None:
    number = MOST_TIES + 1
    chain = tuple(
        finished(
            f"t{turn}", "step", turn, turn, turn + 0.1, turn + 0.2, turn + 0.9,
            argument_ids=(f"o{turn - 1}",), return_ids=(f"o{turn}",),
        )
        for turn in range(number + 1)
    )  # fmt: skip
    trace = Trace(NODES[:1], WORKERS[:1], chain, seconds=number + 2.0)
    plot = plot_timeline(trace)
    assert f"Not drawn: {number} results that went into tasks." in plot.summary
    assert "a result goes in" not in [item.label.value for item in plot.figure.legend[0].items]


@given(any_traces)
def test_no_two_bars_of_different_runs_overlap_in_one_lane(trace: Trace) -> None:
    for row in Timeline(trace).rows:
        heights = {part: (LOOKS[part].bottom, LOOKS[part].top) for part in Part}
        marks = sorted(row.marks, key=lambda mark: mark.start)
        for first, second in pairwise(marks):
            assert first.start <= second.start
        for place, one in enumerate(marks):
            for other in marks[place + 1 :]:
                low, high = heights[one.part], heights[other.part]
                apart = low[1] <= high[0] or high[1] <= low[0]
                same = {bar.run for bar in one.bars} == {bar.run for bar in other.bars}
                assert apart or same or one.end <= other.start or other.end <= one.start


@given(any_traces)
def test_a_run_with_a_submission_has_a_bar_or_is_counted_as_not_drawn(trace: Trace) -> None:
    timeline = Timeline(trace)
    drawn = {
        (bar.run.task_id, bar.run.attempt)
        for row in timeline.rows
        for mark in row.marks
        for bar in mark.bars
    }
    bare_runs = [run for run in trace.task_runs if (run.task_id, run.attempt) not in drawn]
    told = summary_of(timeline)
    if drawn and bare_runs:
        assert f"Not drawn, for want of times: {len(bare_runs)} run" in told
    elif bare_runs:
        assert "there is nothing to draw" in told


@pytest.mark.parametrize("seconds", [0.0, 5e-324, 1e-12, -0.5])
def test_a_recording_of_no_length_is_plotted(seconds: float) -> None:
    run = finished("t1", "f", seconds - 1, seconds - 1, seconds - 1, seconds - 0.9, seconds)
    page = plot_timeline(Trace(NODES[:1], WORKERS[:1], (run,), seconds=abs(seconds)))._repr_html_()
    assert "<svg" in page


@settings(max_examples=50)
@given(any_traces)
def test_every_record_is_plotted_as_well_formed_html(trace: Trace) -> None:
    page = plot_timeline(trace)._repr_html_()
    page = page.replace('<div class="plot-live" hidden>', "<div>")
    ElementTree.fromstring(re.sub(r"<script.*?</script>", "", page))


@given(any_traces)
def test_every_record_has_lanes_and_a_table(trace: Trace) -> None:
    labels = [lane.label for lane in lanes(trace)]
    assert len(set(labels)) == len(labels)
    assert all(math.isfinite(bar.seconds) for lane in lanes(trace) for bar in lane.bars)
    ElementTree.fromstring(timeline_table(trace))
