"""A trace summed up."""

import math
from dataclasses import replace

import pytest
from any_traces import any_traces
from hand_written_traces import NODES, bare, finished, put_and_nested, story, worker_killed
from hypothesis import given

from raylessons.report.summary import Failure, Sum, summarize
from raylessons.trace.gaps import Gaps
from raylessons.trace.records import (
    DRIVER,
    Actor,
    Node,
    Outcome,
    StoredObject,
    TaskKind,
    TaskRun,
    Trace,
)


def test_each_name_has_its_count_and_its_seconds() -> None:
    make, add = summarize(story()).names
    assert (make.name, make.tasks, make.attempts) == ("make_array", 2, 2)
    assert make.running_seconds.total == pytest.approx(0.1308 + 0.1311)
    assert make.waiting_for_arguments_seconds == Sum(0.0, 2, 0)
    assert make.waiting_for_worker_seconds.total == pytest.approx(0.007 + 0.0084)
    assert (add.name, add.tasks) == ("add_arrays", 1)
    assert add.waiting_for_arguments_seconds.total == pytest.approx(0.1418 - 0.0013)
    assert add.waiting_for_worker_seconds.total == pytest.approx(0.232 - 0.1418)
    assert (add.failed, add.cancelled, add.unfinished) == (0, 0, 0)


def test_tasks_creations_and_calls_of_one_name_are_told_apart() -> None:
    runs = tuple(
        replace(finished(f"t{kind.name}", "f", 0.0, 0.0, 0.0, 0.0, 1.0), kind=kind)
        for kind in (TaskKind.CALL, TaskKind.CREATION, TaskKind.TASK)
    )
    names = summarize(Trace(task_runs=runs)).names
    assert [each.kind for each in names] == [TaskKind.TASK, TaskKind.CREATION, TaskKind.CALL]


def test_what_was_made_put_moved_and_spilled_is_counted_in_bytes() -> None:
    whole = story()
    put = StoredObject("o4", "ref4", 1_000, put_by=DRIVER, spilled=0.5)
    unknown = StoredObject("o5", "ref5", put_by="t1")
    summary = summarize(replace(whole, objects=(*whole.objects, put, unknown)))
    assert summary.made_bytes == Sum(3 * 16_000_253, 3, 0)
    assert summary.put_bytes == Sum(1_000, 1, 1)
    assert summary.moved_bytes == Sum(16_000_253, 1, 0)
    assert summary.spilled_bytes == Sum(1_000, 1, 0)


def test_the_critical_path_is_held_against_the_makespan() -> None:
    summary = summarize(story())
    assert summary.critical_path == ("make_array", "add_arrays")
    assert summary.critical_path_seconds.total == pytest.approx(0.1311 + 0.1119)
    assert summary.makespan_seconds == pytest.approx(0.3446)


def test_the_busy_share_is_of_all_logical_cpus() -> None:
    runs = (
        finished("t1", "f", 0.0, 0.0, 0.0, 0.0, 3.0),
        finished("t2", "f", 0.0, 0.0, 0.0, 1.0, 4.0),
    )
    assert summarize(Trace(nodes=NODES[:1], task_runs=runs)).busy_share == 6.0 / (2 * 4.0)
    assert summarize(Trace(task_runs=runs)).busy_share is None
    assert summarize(Trace(nodes=NODES)).busy_share is None


def test_times_that_are_unknown_or_no_numbers_are_counted_as_unknown() -> None:
    summary = summarize(bare())
    assert summary.running_seconds == Sum(0.0, 0, 3)
    assert summary.makespan_seconds is None
    run = TaskRun("t", "f", submitted=math.nan, started=0.0, ended=math.inf)
    assert summarize(Trace(task_runs=(run,))).running_seconds == Sum(0.0, 0, 1)


def test_failures_are_told_by_their_first_line() -> None:
    summary = summarize(worker_killed())
    assert summary.failures == (Failure("flaky", "WORKER_DIED: The worker died unexpectedly.", 1),)
    (flaky,) = summary.names
    assert (flaky.tasks, flaky.attempts, flaky.failed) == (1, 2, 1)


def test_nothing_is_missing_where_all_is_on_record() -> None:
    assert summarize(story()).gaps == Gaps()
    assert summarize(Trace()).gaps == Gaps()


def test_what_is_not_on_record_is_counted() -> None:
    runs = (
        TaskRun("t1", "f", arguments_known=False, outcome=Outcome.FINISHED),
        TaskRun("t2", "f", submitted=0.0, started=0.1),
    )
    objects = (
        StoredObject("o1", "ref1"),
        StoredObject("o2", "ref2", 5, spilled=0.5, put_by=DRIVER),
        StoredObject("o3", "ref3", task_id="t2"),  # its task has not ended: it is not there yet
        StoredObject("o4", "ref4", error="It failed."),
    )
    trace = Trace(task_runs=runs, objects=objects, unrecorded_tasks=7, record_limit=8)
    assert summarize(trace).gaps == Gaps(
        runs_without_submission=1,
        runs_without_start=1,
        runs_without_end=1,
        runs_without_arguments=1,
        objects_of_unknown_size=1,
        objects_of_unknown_place=1,
        objects_of_unknown_origin=1,
        unrecorded_tasks=7,
        record_limit=8,
    )


def test_an_object_that_nobody_says_to_have_made_is_neither_made_nor_put() -> None:
    put, *others = put_and_nested().objects
    trace = replace(put_and_nested(), objects=(replace(put, put_by=None), *others))
    summary = summarize(trace)
    assert summary.gaps.objects_of_unknown_origin == 1
    assert summary.put_bytes == Sum()


@given(trace=any_traces)
def test_every_run_is_counted_once_and_no_sum_is_below_zero(trace: Trace) -> None:
    summary = summarize(trace)
    restarts = sum(actor.restarts for actor in trace.actors)
    attempts = sum(each.attempts for each in summary.names)
    assert 0 <= attempts - len(trace.task_runs) <= restarts * len(summary.names)
    for each in summary.names:
        sums = (
            each.running_seconds,
            each.waiting_for_arguments_seconds,
            each.waiting_for_worker_seconds,
        )
        assert all(one.known + one.unknown == each.attempts for one in sums)
        assert all(one.total >= 0 for one in sums)
        assert each.failed + each.cancelled + each.unfinished <= each.attempts
    assert summary.busy_share is None or summary.busy_share >= 0


def test_an_actor_that_was_started_again_is_counted_with_each_start() -> None:
    made = TaskRun("t1", "Counter.__init__", kind=TaskKind.CREATION, actor_id="a1")
    call = TaskRun("t2", "Counter.add", kind=TaskKind.CALL, actor_id="a1")
    trace = Trace(task_runs=(made, call), actors=(Actor("a1", "Counter", restarts=2),))
    assert [(each.tasks, each.attempts) for each in summarize(trace).names] == [(1, 3), (1, 1)]


def test_the_time_of_the_cpus_counts_while_their_node_was_there() -> None:
    nodes = (
        Node("n1", 1, 2),
        Node("n2", 2, 1, joined=1.5),
        Node("n3", 3, 1, removed=0.5),
    )
    run = TaskRun("t1", "noop", submitted=0.0, started=0.0, ended=2.0)
    summary = summarize(Trace(nodes=nodes, task_runs=(run,)))
    assert summary.cpu_seconds == 2 * 2.0 + 0.5 + 0.5
    assert summary.busy_share == 2.0 / 5.0
