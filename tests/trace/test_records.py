"""What can be asked of a trace, on traces written by hand: good ones, and bad ones."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hand_written_traces import ODD, RUNS, maker_named_by_its_object, story
from hypothesis import given, strategies as st

from raylessons.trace.records import (
    Node,
    ObjectCopy,
    Outcome,
    StoredObject,
    TaskKind,
    TaskRun,
    Trace,
    Transfer,
)

EMPTY = Trace()
STORY = story()


def run(
    task_id: str,
    started: float | None,
    ended: float | None,
    *,
    needs: tuple[str, ...] = (),
    attempt: int = 0,
    outcome: Outcome = Outcome.FINISHED,
    submitted: float | None = 0.0,
) -> TaskRun:
    """Write down a run of a task that returns the object `<task id>-out`."""
    return TaskRun(
        task_id=task_id,
        name=task_id[0],
        attempt=attempt,
        submitted=submitted,
        started=started,
        ended=ended,
        outcome=outcome,
        argument_ids=tuple(f"{other}-out" for other in needs),
        return_ids=(f"{task_id}-out",),
    )


def trace(*runs: TaskRun, seconds: float = 10.0) -> Trace:
    return Trace(task_runs=runs, seconds=seconds)


class TestFinding:
    def test_a_task_is_found_by_its_name(self) -> None:
        assert STORY.task("add_arrays") is RUNS[2]

    def test_a_name_that_two_tasks_share_is_refused_with_the_way_out(self) -> None:
        with pytest.raises(ValueError, match=r"2 tasks .* 'make_array'.*tasks\(\)"):
            STORY.task("make_array")
        assert STORY.tasks("make_array") == RUNS[:2]

    def test_a_name_that_no_task_has_is_answered_with_those_that_there_are(self) -> None:
        with pytest.raises(ValueError, match=r"0 tasks .*add_arrays.*make_array"):
            STORY.task("add_array")

    def test_of_a_task_that_was_tried_twice_the_last_attempt_counts(self) -> None:
        first = run("a", 0.0, 1.0, outcome=Outcome.FAILED)
        second = run("a", 2.0, 3.0, attempt=1)
        assert trace(second, first).tasks() == (second,)

    def test_an_object_is_found_by_its_label_and_a_node_by_its_number(self) -> None:
        assert STORY.object("ref2").object_id == "o2"
        assert STORY.node(3).node_id == "n3"

    @pytest.mark.parametrize("wanted", [0, 4, "1", None])
    def test_a_node_that_is_not_there_is_answered_with_those_that_are(self, wanted: int) -> None:
        with pytest.raises(ValueError, match=r"number .*expected one of \[1, 2, 3\]"):
            STORY.node(wanted)

    def test_a_label_that_is_not_there_is_answered_with_those_that_are(self) -> None:
        with pytest.raises(ValueError, match=r"'ref9': expected one of .*'ref1', 'ref2', 'ref3'"):
            STORY.object("ref9")

    def test_a_node_knows_the_tasks_that_ran_on_it_and_a_task_its_node(self) -> None:
        assert STORY.tasks_on(STORY.node(1)) == (RUNS[0], RUNS[2])
        assert STORY.tasks_on(STORY.node(3)) == ()
        assert STORY.node_of(RUNS[1]) == STORY.node(2)
        assert STORY.node_of(replace(RUNS[1], node_id=None)) is None

    def test_a_task_knows_its_arguments_in_order(self) -> None:
        add = STORY.task("add_arrays")
        assert [stored.label for stored in STORY.arguments(add)] == ["ref1", "ref2"]
        backwards = replace(add, argument_ids=("o2", "unheard of", "o1"))
        assert [stored.label for stored in STORY.arguments(backwards)] == ["ref2", "ref1"]

    def test_only_the_object_that_moved_has_a_transfer(self) -> None:
        assert STORY.transfers_of(STORY.object("ref1")) == ()
        assert [one.to_node_id for one in STORY.transfers_of(STORY.object("ref2"))] == ["n1"]


class TestTimes:
    def test_waiting_ends_where_running_begins(self) -> None:
        add = STORY.task("add_arrays")
        assert STORY.waiting_time(add) == pytest.approx(0.2331 - 0.0013)
        assert STORY.running_time(add) == pytest.approx(0.345 - 0.2331)

    def test_what_ray_did_not_tell_is_unknown(self) -> None:
        never_started = run("a", None, None, outcome=Outcome.UNFINISHED)
        worker_died = run("a", None, 1.0, outcome=Outcome.FAILED)
        assert EMPTY.waiting_time(never_started) is None
        assert EMPTY.running_time(never_started) is None
        assert EMPTY.running_time(worker_died) is None
        assert EMPTY.waiting_time(run("a", 1.0, 2.0, submitted=None)) is None

    def test_a_task_that_never_ended_runs_until_the_recording_does(self) -> None:
        endless = run("a", 2.0, None, outcome=Outcome.UNFINISHED)
        assert trace(endless).running_time(endless) == 8.0
        assert trace(endless).makespan() == 10.0

    def test_a_clock_that_runs_backwards_makes_no_time_negative(self) -> None:
        backwards = run("a", started=3.0, ended=2.0, submitted=4.0)
        assert trace(backwards).waiting_time(backwards) == 0.0
        assert trace(backwards).running_time(backwards) == 0.0
        assert trace(backwards).makespan() == 0.0

    def test_the_makespan_is_from_the_first_submission_to_the_last_end(self) -> None:
        assert trace(run("a", 2, 7, submitted=1.5), run("b", 3, 6, submitted=2)).makespan() == 5.5


class TestParallelism:
    def test_runs_that_overlap_are_parallel(self) -> None:
        assert trace(run("a", 0, 2), run("b", 1, 3), run("c", 1.5, 4)).peak_parallelism() == 3

    def test_runs_that_only_touch_are_not_parallel(self) -> None:
        assert trace(run("a", 0, 1), run("b", 1, 2), run("c", 2, 3)).peak_parallelism() == 1

    def test_a_worker_has_one_task_after_another_however_late_an_end_was_heard(self) -> None:
        first, second = (replace(run(t, s, 3.0), worker_id="w") for t, s in (("a", 0), ("b", 1)))
        assert trace(first, second).peak_parallelism() == 1
        assert trace(first, replace(second, worker_id="v")).peak_parallelism() == 2
        calls = [replace(each, kind=TaskKind.CALL) for each in (first, second)]
        assert trace(*calls).peak_parallelism() == 2  # an actor may run several at once

    def test_a_run_without_a_known_start_does_not_count(self) -> None:
        assert trace(run("a", None, 5), run("b", 1, 2)).peak_parallelism() == 1

    def test_a_run_of_no_length_or_of_a_backwards_clock_counts_once(self) -> None:
        assert trace(run("a", 1, 1)).peak_parallelism() == 1
        assert trace(run("a", 2, 1)).peak_parallelism() == 1

    def test_an_empty_trace_has_none(self) -> None:
        assert EMPTY.peak_parallelism() == 0

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9))))
    def test_it_is_the_most_that_any_moment_sees(self, spans: list[tuple[int, int]]) -> None:
        runs = [run(f"t{n}", start, start + long) for n, (start, long) in enumerate(spans)]
        seen = [
            sum(start <= moment < start + long for start, long in spans) for moment in range(20)
        ]
        assert trace(*runs, seconds=20).peak_parallelism() == max(seen)


class TestCriticalPath:
    def test_it_is_the_chain_that_ran_longest(self) -> None:
        slow, fast = run("slow", 0, 3), run("fast", 0, 1)
        both = run("both", 3, 4, needs=("fast", "slow"))
        alone = run("alone", 0, 3.5)
        assert trace(slow, fast, both, alone).critical_path() == (slow, both)

    def test_waiting_for_a_worker_is_no_part_of_it(self) -> None:
        first = run("first", 0, 2)
        late = run("late", 8, 9)
        assert trace(first, late).critical_path() == (first,)

    def test_a_task_that_never_ended_is_on_it_until_the_recording_ends(self) -> None:
        endless = run("endless", 1, None, outcome=Outcome.UNFINISHED)
        assert trace(run("other", 0, 5), endless).critical_path() == (endless,)

    def test_tasks_that_wait_for_each_other_are_left_out(self) -> None:
        one, other = run("one", 0, 5, needs=("other",)), run("other", 0, 5, needs=("one",))
        alone = run("alone", 0, 1)
        assert trace(one, other, alone).critical_path() == (alone,)
        assert trace(one, other).critical_path() == ()

    def test_a_task_that_only_its_object_names_is_on_it(self) -> None:
        told = maker_named_by_its_object()
        assert told.critical_path() == told.task_runs

    def test_an_empty_trace_has_an_empty_one(self) -> None:
        assert EMPTY.critical_path() == ()

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 30), max_size=3)), max_size=9)
    )
    def test_no_path_is_longer_than_the_work_nor_shorter_than_a_task(
        self, plan: list[tuple[int, list[int]]]
    ) -> None:
        runs = [
            run(f"t{n}", 0, seconds, needs=tuple(f"t{need % n}" for need in needs if n))
            for n, (seconds, needs) in enumerate(plan)
        ]
        path = trace(*runs).critical_path()
        on_path = sum(one.ended or 0 for one in path)
        assert max((one.ended or 0 for one in runs), default=0) <= on_path
        assert on_path <= sum(one.ended or 0 for one in runs)
        for before, after in pairwise(path):
            assert before.return_ids[0] in after.argument_ids


@pytest.mark.parametrize("odd", ODD)
def test_every_question_has_an_answer_on_every_odd_trace(odd: Callable[[], Trace]) -> None:
    told = odd()
    assert told.makespan() >= 0
    assert 0 <= told.peak_parallelism() <= len(told.task_runs)
    assert set(told.critical_path()) <= set(told.tasks())
    for one in told.task_runs:
        assert (told.waiting_time(one) or 0) >= 0
        assert (told.running_time(one) or 0) >= 0
        assert told.node_of(one) in (None, *told.nodes)
        assert set(told.arguments(one)) <= set(told.objects)


def test_an_object_that_was_lost_keeps_the_places_where_it_was() -> None:
    lost = StoredObject("o", "ref1", 8, False, (ObjectCopy("gone", 1.0, lost=2.0),), "t")
    left = Trace(
        nodes=(Node("gone", 2, 2.0, removed=2.0),),
        task_runs=(run("t", 0, 1),),
        objects=(lost,),
        transfers=(Transfer("o", None, "gone", 1.0),),
        seconds=3.0,
    )
    assert left.object("ref1").copies[0].lost == 2.0
    assert left.node(2).removed == 2.0
    assert left.transfers_of(lost)[0].from_node_id is None


def test_what_was_given_no_refs_waits_for_a_worker_alone() -> None:
    given = TaskRun("t", "f", submitted=1.0, arguments_ready=1.5, leased=3.0, started=3.5)
    assert Trace().waiting_for_arguments(given) == 0.0
    assert Trace().waiting_for_worker(given) == 2.0
    unheard = replace(given, arguments_known=False)
    assert Trace().waiting_for_arguments(unheard) == 0.5
    assert Trace().waiting_for_worker(unheard) == 1.5


def test_a_time_that_is_no_number_makes_a_wait_and_a_run_unknown() -> None:
    given = TaskRun("t", "f", submitted=math.nan, started=0.0, ended=math.inf)
    assert Trace().waiting_time(given) is None
    assert Trace().waiting_for_worker(given) is None
    assert Trace().running_time(given) is None
