"""How Ray's task events become runs, with events written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from raylessons.cluster.private import TaskEvent
from raylessons.recording.calls import Submission
from raylessons.recording.tasks import Heard, are_complete, choose_events, task_runs, worker_pids
from raylessons.trace.records import Outcome, TaskRun

START_NS = 5_000_000_000
END = 10.0  # seconds
END_NS = START_NS + 10 * 10**9


def task_id(number: int) -> str:
    return f"t{number}"


def event(
    number: int,
    states: dict[str, float] | None = None,
    *,
    attempt: int = 0,
    parent: str | None = None,
    phases: tuple[str, ...] = (),
    worker: str = "w",
    pid: int | None = None,
    error: tuple[str, str] | None = None,
) -> TaskEvent:
    """Write down an event; states are seconds since the start."""
    kind, message = error or (None, "")
    return TaskEvent(
        task_id=task_id(number),
        attempt=attempt,
        name=f"task {number}",
        parent_task_id=parent,
        node_id="n",
        worker_id=worker,
        worker_pid=pid,
        states_ns={
            name: START_NS + round(seconds * 1e9) for name, seconds in (states or {}).items()
        },
        spans_ns=tuple(
            (name, START_NS + turn * 10**9, START_NS + (turn + 1) * 10**9)
            for turn, name in enumerate(phases)
        ),
        error_kind=kind,
        error_message=message,
    )


WHOLE_STATES = {
    "PENDING_ARGS_AVAIL": 0.0,
    "PENDING_NODE_ASSIGNMENT": 0.25,
    "SUBMITTED_TO_WORKER": 0.5,
    "RUNNING": 0.75,
    "FINISHED": 2.0,
}
WHOLE_PHASES = ("task:store_outputs", "task:execute", "task:deserialize_arguments", "task::f")
WORKER_DIED = ("WORKER_DIED", "RPC error")
RAISED = ("TASK_EXECUTION_EXCEPTION", "ray::f()\n  File f.py\n\x1b[31mValueError\x1b[39m: no\n")


def whole(number: int, **more: Any) -> TaskEvent:
    return event(number, **{"states": WHOLE_STATES, "phases": WHOLE_PHASES} | more)


class TestChoosing:
    def choose(self, *events: TaskEvent, known: tuple[str, ...] = ()) -> list[TaskEvent]:
        return choose_events(events, known, START_NS, START_NS + 10**9)

    @pytest.mark.parametrize(("submitted", "chosen"), [(-0.1, 0), (0.0, 1), (1.0, 1), (1.1, 0)])
    def test_a_task_submitted_inside_the_recording_is_chosen(
        self, submitted: float, chosen: int
    ) -> None:
        assert len(self.choose(event(1, {"PENDING_ARGS_AVAIL": submitted}))) == chosen

    def test_a_later_attempt_at_an_earlier_task_is_not(self) -> None:
        before = event(1, {"PENDING_ARGS_AVAIL": -1})
        again = event(1, {"PENDING_ARGS_AVAIL": 0.5}, attempt=1)
        assert self.choose(before, again) == []

    def test_every_attempt_at_a_chosen_task_is_chosen_in_any_order(self) -> None:
        first = event(1, {"PENDING_ARGS_AVAIL": 0.5})
        again = event(1, {"PENDING_ARGS_AVAIL": 5}, attempt=1)
        assert self.choose(again, first) == [again, first]

    def test_what_a_chosen_task_submitted_is_chosen_whenever_it_did(self) -> None:
        parent = event(1, {"PENDING_ARGS_AVAIL": 0.5})
        child = event(2, {"PENDING_ARGS_AVAIL": 7}, parent=task_id(1))
        grandchild = event(3, parent=task_id(2))
        stranger = event(4, {"PENDING_ARGS_AVAIL": 0.5}, parent=task_id(9))
        assert self.choose(grandchild, stranger, child, parent) == [grandchild, child, parent]

    def test_a_task_that_was_heard_is_chosen_before_its_submission_is_told(self) -> None:
        only_the_worker_told = event(1, {"RUNNING": 0.5}, parent=None)
        assert self.choose(only_the_worker_told) == []
        known = (task_id(1),)
        assert self.choose(only_the_worker_told, known=known) == [only_the_worker_told]


class TestCompleteness:
    def complete(
        self,
        *events: TaskEvent,
        expected: tuple[int, ...] = (1,),
        unfinished: tuple[int, ...] = (),
        settled: bool = False,
    ) -> bool:
        return are_complete(
            events,
            [task_id(number) for number in expected],
            [task_id(number) for number in unfinished],
            settled,
        )

    def test_a_task_of_which_owner_and_worker_told_is_complete(self) -> None:
        assert self.complete(whole(1))

    def test_an_expected_task_without_an_event_is_not(self) -> None:
        assert not self.complete(whole(1), expected=(1, 2))

    def test_a_task_without_its_end_or_its_worker_s_words_is_not(self) -> None:
        endless = {name: at for name, at in WHOLE_STATES.items() if name != "FINISHED"}
        assert not self.complete(whole(1, states=endless))
        assert not self.complete(event(1, WHOLE_STATES))
        assert not self.complete(whole(1, phases=WHOLE_PHASES[:3]))

    def test_a_task_under_way_and_what_it_submitted_are_not_waited_for(self) -> None:
        child = event(2, parent=task_id(1))
        assert self.complete(event(1), child, expected=(), unfinished=(1,))

    def test_what_an_ended_task_submitted_is_waited_for(self) -> None:
        assert not self.complete(whole(1), event(2, parent=task_id(1)))

    def test_a_failure_is_complete_only_once_no_retry_can_follow(self) -> None:
        failed = event(1, {"FAILED": 1}, error=WORKER_DIED)
        assert not self.complete(failed)
        assert self.complete(failed, settled=True)
        assert self.complete(failed, whole(1, attempt=1))
        assert self.complete(whole(1, attempt=1), failed)

    def test_a_task_that_raised_is_complete_with_its_worker_s_words(self) -> None:
        assert not self.complete(event(1, {"FAILED": 1}, error=RAISED), settled=True)
        told = event(1, {"RUNNING": 0, "FAILED": 1}, error=RAISED, phases=WHOLE_PHASES)
        assert self.complete(told, settled=True)

    def test_the_words_of_a_worker_that_died_are_not_waited_for(self) -> None:
        died = event(2, {"FAILED": 3}, error=WORKER_DIED, worker="dead")
        untold = event(1, {"FINISHED": 1}, worker="dead")
        assert self.complete(untold, died, settled=True)
        assert self.complete(untold, died, whole(2, attempt=1))
        assert not self.complete(event(1, {"FINISHED": 1}, worker="alive"), died, settled=True)


def runs_of(
    events: list[TaskEvent],
    heard: dict[str, Submission] | None = None,
    unfinished: tuple[int, ...] = (),
) -> tuple[TaskRun, ...]:
    ids = [task_id(number) for number in unfinished]
    return task_runs(events, Heard(heard or {}, ids), START_NS, END_NS)


class TestRuns:
    def test_states_become_seconds_since_the_start(self) -> None:
        (run,) = runs_of([whole(1)])
        assert (run.submitted, run.arguments_ready, run.leased) == (0.0, 0.25, 0.5)
        assert (run.started, run.ended, run.outcome) == (0.75, 2.0, Outcome.FINISHED)
        assert (run.node_id, run.worker_id) == ("n", "w")
        assert run.parent_task_id is None

    def test_phases_come_in_the_order_of_their_work_and_without_other_events(self) -> None:
        (run,) = runs_of([whole(1, phases=(*WHOLE_PHASES, "submit_task"))])
        names = [phase.name for phase in run.phases]
        assert names == ["deserialize_arguments", "execute", "store_outputs"]
        assert (run.phases[0].start, run.phases[0].end) == (2.0, 3.0)

    def test_an_event_of_nothing_is_a_run_of_unknowns(self) -> None:
        (run,) = runs_of([TaskEvent(task_id(1))])
        assert (run.submitted, run.started, run.ended, run.node_id) == (None, None, None, None)
        assert run.outcome is Outcome.UNFINISHED
        assert run.phases == ()

    def test_a_task_s_own_error_is_told_in_its_last_line(self) -> None:
        (run,) = runs_of([event(1, {"FAILED": 1}, error=RAISED)])
        assert (run.outcome, run.error) == (Outcome.FAILED, "ValueError: no")

    @pytest.mark.parametrize(
        ("message", "told"), [("RPC error", "WORKER_DIED: RPC error"), ("", "WORKER_DIED")]
    )
    def test_ray_s_own_error_is_told_with_its_kind(self, message: str, told: str) -> None:
        (run,) = runs_of([event(1, {"FAILED": 1}, error=("WORKER_DIED", message))])
        assert run.error == told

    def test_of_a_task_unfinished_at_the_end_what_came_later_is_left_out(self) -> None:
        late = {**WHOLE_STATES, "RUNNING": END + 0.5, "FINISHED": END + 1}
        (run,) = runs_of([whole(1, states=late)], unfinished=(1,))
        assert (run.leased, run.started, run.ended) == (0.5, None, None)
        assert run.outcome is Outcome.UNFINISHED

    def test_of_a_task_that_had_ended_what_was_noted_later_is_set_back(self) -> None:
        heard = Submission(task_id(1), (), ("out",))
        late = {**WHOLE_STATES, "FINISHED": END + 0.001}
        (run,) = runs_of([whole(1, states=late)], {task_id(1): heard})
        assert (run.ended, run.outcome) == (END, Outcome.FINISHED)

    def test_runs_are_ordered_by_submission_and_attempt_the_unknown_last(self) -> None:
        events = [
            event(1, {"PENDING_ARGS_AVAIL": 2}),
            event(2),
            event(1, {"PENDING_ARGS_AVAIL": 3}, attempt=1),
            event(3, {"PENDING_ARGS_AVAIL": 1}),
        ]
        runs = runs_of(events)
        assert [run.name for run in runs] == ["task 3", "task 1", "task 1", "task 2"]

    def test_what_was_heard_of_a_submission_is_added(self) -> None:
        heard = Submission(task_id(1), ("in",), ("out",))
        (run,) = runs_of([whole(1)], {task_id(1): heard})
        assert (run.argument_ids, run.return_ids) == (("in",), ("out",))

    def test_a_call_that_had_ended_submitted_nothing(self) -> None:
        call = replace(whole(1), kind="ACTOR_TASK", actor_id="a")  # it ended after 2 seconds
        during = event(2, {"PENDING_ARGS_AVAIL": 1}, parent=task_id(1))
        after = event(3, {"PENDING_ARGS_AVAIL": 3}, parent=task_id(1))
        told = {run.name: run for run in runs_of([call, during, after])}
        assert told["task 2"].parent_task_id == task_id(1)
        assert told["task 2"].submitter_actor_id is None
        assert told["task 3"].parent_task_id is None
        assert told["task 3"].submitter_actor_id == "a"

    def test_a_worker_s_pid_is_known_once_it_was_told(self) -> None:
        told = whole(1, pid=42)
        assert worker_pids([told, whole(2)]) == {"w": 42}
        assert worker_pids([whole(2), told, whole(3, worker="v")]) == {"w": 42, "v": None}


class TestCancellations:
    def test_what_a_cancelled_task_had_submitted_is_cancelled_with_it(self) -> None:
        stopped = {**WHOLE_STATES}
        parent = whole(1, phases=("task:execute", "task::mine"))
        child = event(2, stopped, parent=task_id(1), phases=("task:execute", "task::mine"))
        grandchild = event(3, stopped, parent=task_id(2), phases=("task:execute", "task::mine"))
        events = [parent, child, grandchild]

        def outcomes(heard: Heard) -> list[Outcome]:
            return [run.outcome for run in task_runs(events, heard, START_NS, END_NS)]

        one = (task_id(1),)
        assert (
            outcomes(Heard({}, cancelled=one, cancelled_with_children=one))
            == [Outcome.CANCELLED] * 3
        )
        alone = [Outcome.CANCELLED, Outcome.FAILED, Outcome.FAILED]
        assert outcomes(Heard({}, cancelled=one)) == alone

    def test_a_cancelled_stream_of_an_async_actor_is_no_failure(self) -> None:
        error = ("TASK_EXECUTION_EXCEPTION", "asyncio.exceptions.CancelledError")
        ended = event(1, {"FAILED": 1}, error=error)
        for cancelled, outcome in (((task_id(1),), Outcome.CANCELLED), ((), Outcome.FAILED)):
            (run,) = task_runs([ended], Heard({}, cancelled=cancelled), START_NS, END_NS)
            assert run.outcome is outcome


class TestErrors:
    def test_of_an_error_with_several_lines_the_one_with_its_type_is_told(self) -> None:
        message = """ray::fail() (pid=1)
  File "script.py", line 3, in fail
    raise RuntimeError("first\\nsecond")
RuntimeError: first
second"""
        (run,) = runs_of([event(1, {"FAILED": 1}, error=("TASK_EXECUTION_EXCEPTION", message))])
        assert run.error == "RuntimeError: first"


class TestStreams:
    def test_the_items_of_a_stream_are_known_once_it_was_read_to_its_end(self) -> None:
        mine = {task_id(1): Submission(task_id(1), streams=True)}
        for read, known in (((task_id(1),), True), ((), False)):
            heard = Heard(mine, read_to_the_end=read)
            (run,) = task_runs([whole(1)], heard, START_NS, END_NS)
            assert run.items_known is known
        (plain,) = runs_of([whole(1)], {task_id(1): Submission(task_id(1))})
        assert plain.items_known
