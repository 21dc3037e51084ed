"""What a recording tells of a real Ray on this machine, and of one that goes wrong."""

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.util.placement_group import placement_group, remove_placement_group

from raylessons.cluster.private import referenced_objects
from raylessons.recording.recorder import Recording, record
from raylessons.trace.gaps import tell_gaps
from raylessons.trace.records import DRIVER, Outcome, TaskKind, Trace
from raylessons.workloads import add_arrays, make_array, noop

ELEMENTS = 2_000_000  # 16 MB: far too much to be sent with a ref

make = ray.remote(make_array)
add = ray.remote(add_arrays)
echo = ray.remote(noop)


@ray.remote(max_retries=0)
def fail() -> None:
    raise ValueError("no such luck")


@ray.remote(max_retries=1)
def die_the_first_time(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return "alive"


def _cancel_at_last(ref: ray.ObjectRef) -> None:
    """Cancel a task until that has ended it: Ray may interrupt it where nothing heeds that."""
    for _ in range(20):
        ray.cancel(ref)
        if ray.wait([ref], timeout=3)[0]:
            return


@ray.remote
def wait_after(started: Path, marker: Path) -> None:
    started.touch()
    while not marker.exists():
        time.sleep(0.01)


@ray.remote(max_retries=0)
def leave() -> None:
    sys.exit(0)


@ray.remote
def wait_for(marker: Path) -> None:
    while not marker.exists():
        time.sleep(0.01)


@ray.remote
def delegate() -> int:
    number: int = ray.get(echo.remote(7))
    return number


@ray.remote
class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self, number: int) -> int:
        self.count += number
        return self.count


def add_for_ever(counter: Any) -> None:
    """Call an actor as long as it lives: `ray.kill` returns before it is gone."""
    while True:
        ray.get(counter.add.remote(2))


def test_recording_without_ray_says_to_start_it() -> None:
    assert not ray.is_initialized()
    with pytest.raises(RuntimeError, match=r"ray\.init"), record():
        pass


@pytest.fixture(scope="module")
def trace(embedded_ray: object) -> Trace:
    with record() as recording:
        left = make.remote(ELEMENTS, seconds_per_element=0)
        right = make.remote(ELEMENTS, seconds_per_element=0)
        ray.get(add.remote(left, right, seconds_per_element=0))
    return recording.trace


class TestTheStory:
    def test_every_task_comes_back_in_the_order_of_submission(self, trace: Trace) -> None:
        assert [run.name for run in trace.task_runs] == ["make_array", "make_array", "add_arrays"]
        assert all(run.outcome is Outcome.FINISHED for run in trace.task_runs)

    def test_the_steps_of_a_run_follow_each_other(self, trace: Trace) -> None:
        for run in trace.task_runs:
            times = [run.submitted, run.arguments_ready, run.leased, run.started, run.ended]
            known = [time for time in times if time is not None]
            assert len(known) == 5
            assert known == sorted(known)
            assert 0 <= known[0] <= known[-1] <= trace.seconds

    def test_the_phases_of_a_run_are_told(self, trace: Trace) -> None:
        for run in trace.task_runs:
            assert [phase.name for phase in run.phases] == [
                "deserialize_arguments",
                "execute",
                "store_outputs",
            ]

    def test_refs_are_labelled_in_the_order_of_their_first_use(self, trace: Trace) -> None:
        results = [run.return_ids[0] for run in trace.task_runs]
        assert [stored.object_id for stored in trace.objects] == results
        assert [stored.label for stored in trace.objects] == ["ref1", "ref2", "ref3"]

    def test_a_task_that_adds_starts_after_both_of_its_inputs_exist(self, trace: Trace) -> None:
        total = trace.task("add_arrays")
        inputs = trace.arguments(total)
        assert [stored.label for stored in inputs] == ["ref1", "ref2"]
        assert total.started is not None
        assert all(stored.copies[0].seen <= total.started for stored in inputs)

    def test_sixteen_megabytes_reach_the_object_store(self, trace: Trace) -> None:
        for stored in trace.objects:
            assert stored.inlined is False
            assert stored.size_bytes is not None
            assert stored.size_bytes > 8 * ELEMENTS
            assert [copy.node_id for copy in stored.copies] == [trace.node(1).node_id]
        assert trace.transfers == ()

    def test_the_driver_s_get_returns_once_the_sum_is_made(self, trace: Trace) -> None:
        """Not after `ended`: Ray gives the value first, then notes that the task has ended."""
        (get,) = trace.gets
        execute = trace.task("add_arrays").phases[1]
        assert get.object_id == trace.object("ref3").object_id
        assert get.returned is not None
        assert get.asked < execute.end < get.returned

    def test_the_only_node_is_the_driver_s_and_its_workers_are_numbered(self, trace: Trace) -> None:
        (node,) = trace.nodes
        assert (node.number, node.is_driver_node, node.logical_cpus) == (1, True, 4.0)
        assert [worker.number for worker in trace.workers] == [
            number + 1 for number in range(len(trace.workers))
        ]
        assert all(worker.pid for worker in trace.workers)


@pytest.mark.usefixtures("embedded_ray")
class TestWhatIsRecorded:
    def test_tasks_of_before_and_after_stay_out(self) -> None:
        ray.get(echo.options(name="before").remote(1))
        with record() as recording:
            ray.get(echo.options(name="inside").remote(1))
        ray.get(echo.options(name="after").remote(1))
        assert [run.name for run in recording.trace.task_runs] == ["inside"]

    def test_nothing_submitted_is_a_trace_without_tasks(self) -> None:
        with record() as recording:
            pass
        assert recording.trace.task_runs == ()
        assert len(recording.trace.nodes) == 1

    def test_a_small_result_is_inlined_and_is_in_no_store(self) -> None:
        with record() as recording:
            ray.get(make.remote(20, seconds_per_element=0))
        small = recording.trace.object("ref1")
        assert small.inlined is True
        assert small.copies == ()

    def test_refs_that_nobody_named_are_seen_too(self) -> None:
        with record() as recording:
            ray.get(add.remote(make.remote(ELEMENTS, 0), make.remote(ELEMENTS, 0), 0))
        assert [len(stored.copies) for stored in recording.trace.objects] == [1, 1, 1]

    def test_arguments_by_name_and_what_was_put_are_told(self) -> None:
        with record() as recording:
            put = ray.put(5)
            ray.get(echo.remote(value=put))
        trace = recording.trace
        assert trace.arguments(trace.task("noop")) == (trace.object("ref1"),)
        assert trace.object("ref1").object_id == put.hex()
        assert trace.object("ref1").task_id is None

    def test_a_ref_inside_a_list_is_no_argument_and_is_told_as_what_it_is(self) -> None:
        with record() as recording:
            put = ray.put(5)
            ray.get(echo.remote([put]))
        run = recording.trace.task("noop")
        assert (run.argument_ids, run.nested_ids) == ((), (put.hex(),))

    def test_a_task_submitted_by_a_task_has_it_as_its_parent(self) -> None:
        with record() as recording:
            ray.get(delegate.remote())
        trace = recording.trace
        assert trace.task("noop").parent_task_id == trace.task("delegate").task_id
        assert trace.task("delegate").parent_task_id is None

    def test_calls_of_an_actor_are_told_with_their_arguments(self) -> None:
        with record() as recording:
            counter = Counter.remote()
            two = echo.remote(2)
            assert ray.get(counter.add.remote(two)) == 2
        trace = recording.trace
        assert trace.task("Counter.add").argument_ids == (two.hex(),)
        assert trace.task("Counter.__init__").outcome is Outcome.FINISHED

    def test_each_of_several_results_is_an_object(self) -> None:
        with record() as recording:
            ray.get(echo.options(num_returns=2).remote((1, 2)))
        assert len(recording.trace.task("noop").return_ids) == 2
        assert len(recording.trace.objects) == 2

    def test_a_hundred_tasks_come_back_whole(self) -> None:
        with record() as recording:
            ray.get([echo.remote(number) for number in range(100)])
        runs = recording.trace.task_runs
        assert len(runs) == 100
        assert all(len(run.phases) == 3 for run in runs)
        assert 1 <= recording.trace.peak_parallelism() <= 4


@ray.remote(num_returns="streaming")
def count_slowly(to: int) -> Iterator[np.ndarray]:
    for number in range(to):
        time.sleep(0.2)
        yield np.full(200_000, number)


@ray.remote
def put_several(number: int) -> list[Any]:
    return [ray.put(np.ones(200_000)) for _ in range(number)]


@ray.remote(num_returns=0)
def tell_nobody() -> None:
    pass


@ray.remote(num_cpus=0)
class Asynchronous:
    async def submit(self, number: int) -> int:
        return sum(await asyncio.gather(*[echo.remote(1) for _ in range(number)]))


@ray.remote(num_cpus=0, max_concurrency=2)
class Threaded:
    def submit(self, number: int) -> int:
        return sum(ray.get([echo.remote(1) for _ in range(number)]))


@ray.remote
class Lingering:
    def begin(self, go_on: Path, done: Path) -> None:
        """Start a thread that submits a task when this call has long returned."""
        threading.Thread(target=self.submit, args=(go_on, done)).start()

    def submit(self, go_on: Path, done: Path) -> None:
        _eventually(go_on.exists)
        ray.get(echo.remote(1))
        done.touch()


@pytest.mark.usefixtures("embedded_ray")
class TestWhatIsNoPlainTask:
    def test_a_stream_is_one_task_and_each_item_is_there_while_it_goes_on(self) -> None:
        with record() as recording:
            items = [ray.get(ref)[0] for ref in count_slowly.remote(3)]
        trace = recording.trace
        run = trace.task("count_slowly")
        assert items == [0, 1, 2]
        assert (run.streams, run.outcome) == (True, Outcome.FINISHED)
        assert [trace.makers()[each.object_id] for each in trace.objects] == [run.task_id] * 3
        moments = [each.made for each in trace.objects]
        assert None not in moments
        assert moments == sorted(moments, key=lambda moment: moment or 0.0)
        assert run.ended is not None
        assert (moments[0] or 0.0) < run.ended - 0.2
        assert [get.object_id for get in trace.gets] == [each.object_id for each in trace.objects]

    def test_what_a_task_put_itself_is_told_as_its_own(self) -> None:
        with record() as recording:
            assert [ray.get(ref).size for ref in ray.get(put_several.remote(2))] == [200_000] * 2
        trace = recording.trace
        run = trace.task("put_several")
        inner = [each for each in trace.objects if each.task_id is None]
        assert [each.put_by for each in inner] == [run.task_id] * 2

    def test_what_the_driver_put_is_told_as_the_driver_s_from_any_thread(self) -> None:
        with record() as recording, ThreadPoolExecutor(1) as pool:
            refs = [ray.put(1), pool.submit(ray.put, 2).result()]
            ray.get([echo.remote(ref) for ref in refs])
        told = {each.object_id: each.put_by for each in recording.trace.objects}
        assert [told[ref.hex()] for ref in refs] == [DRIVER, DRIVER]

    def test_a_task_without_results_is_waited_for_and_told(self) -> None:
        with record() as recording:
            tell_nobody.remote()
        assert recording.trace.task("tell_nobody").return_ids == ()
        assert recording.trace.unrecorded_tasks == 0

    def test_an_actor_is_told_with_its_worker_and_its_init_ran_there(self) -> None:
        with record() as recording:
            counter = Counter.remote()
            ray.get([counter.add.remote(1) for _ in range(3)])
        trace = recording.trace
        (actor,) = trace.actors
        init, calls = trace.task("Counter.__init__"), trace.tasks("Counter.add")
        assert (actor.name, actor.restarts, actor.died) == ("Counter", 0, None)
        assert {run.worker_id for run in (init, *calls)} == {actor.worker_id}
        assert {run.node_id for run in (init, *calls)} == {actor.node_id}
        assert init.kind is TaskKind.CREATION
        assert {run.kind for run in calls} == {TaskKind.CALL}
        assert trace.peak_parallelism() == 1
        assert actor.created == init.submitted
        assert actor.ready == init.ended

    def test_an_actor_that_was_killed_is_told_with_the_reason(self) -> None:
        with record() as recording:
            counter = Counter.remote()
            ray.get(counter.add.remote(1))
            ray.kill(counter)
            with pytest.raises(ray.exceptions.ActorDiedError):
                add_for_ever(counter)
            time.sleep(0.5)
        (actor,) = recording.trace.actors
        assert actor.died is not None
        assert "ray.kill" in (actor.death or "")
        assert recording.trace.task_runs[-1].outcome is Outcome.FAILED

    def test_to_ask_for_an_actor_that_exists_makes_none(self) -> None:
        options = {"name": "only one", "get_if_exists": True}
        first = Counter.options(**options).remote()
        ray.get(first.add.remote(1))
        with record() as recording:
            same = Counter.options(**options).remote()
            ray.get(same.add.remote(1))
        assert [run.name for run in recording.trace.task_runs] == ["Counter.add"]

    @pytest.mark.parametrize("kind", [Asynchronous, Threaded])
    @pytest.mark.parametrize("is_new", [True, False])
    def test_what_a_concurrent_actor_submits_is_told_with_its_actor(
        self, kind: Any, is_new: bool
    ) -> None:
        before = None if is_new else kind.remote()
        if before is not None:
            ray.get(before.submit.remote(0))
        with record() as recording:
            actor = before or kind.remote()
            assert ray.get(actor.submit.remote(4)) == 4
        trace = recording.trace
        leaves = trace.tasks("noop")
        assert len(leaves) == 4
        assert {run.submitter_actor_id for run in leaves} == {actor._actor_id.hex()}
        assert {run.parent_task_id for run in leaves} == {None}
        assert not any(run.arguments_known for run in leaves)

    def test_a_handle_inside_an_argument_is_no_ref(self) -> None:
        with record() as recording:
            counter = Counter.remote()
            ray.get(echo.remote([counter]))
        assert recording.trace.task("noop").nested_ids == ()
        assert [each.task_id for each in recording.trace.objects] == [
            recording.trace.task("noop").task_id
        ]

    def test_the_end_of_a_stream_is_no_object_however_it_is_read(self) -> None:
        async def read() -> int:
            return sum([(await ref)[0] async for ref in count_slowly.remote(3)])

        with record() as recording:
            assert asyncio.run(read()) == 3
        trace = recording.trace
        assert [each.error for each in trace.objects] == [None] * 3
        assert trace.task("count_slowly").items_known
        with record() as recording:
            ray.get(next(count_slowly.remote(3)))
        assert not recording.trace.task("count_slowly").items_known

    def test_what_a_task_returns_as_it_likes_is_its_own(self) -> None:
        def as_it_likes(number: int) -> Iterator[int]:
            yield from range(number)

        with pytest.warns(DeprecationWarning, match="num_returns='dynamic'"):
            task = ray.remote(num_returns="dynamic")(as_it_likes)
        with record() as recording:
            _, second = ray.get(task.remote(2))
            ray.get(echo.remote(second))
        trace = recording.trace
        (run,) = (each for each in trace.tasks() if "as_it_likes" in each.name)
        assert trace.makers()[second.hex()] == run.task_id
        assert trace.needs()[trace.task("noop").task_id] == [run.task_id]

    def test_what_the_program_let_go_is_told_so_unless_others_may_hold_it(self) -> None:
        with record() as recording:
            kept = make.remote(ELEMENTS, 0)
            gone = make.remote(ELEMENTS, 0)
            lent = make.remote(ELEMENTS, 0)
            ray.get([kept, gone, lent])
            ray.get(echo.remote([lent]))
            ids = [ref.hex() for ref in (kept, gone, lent)]
            del gone, lent
            seen = recording._watcher.sightings[ids[1]]
            assert _eventually(lambda: seen.released_ns is not None)
        told = {each.object_id: each.released is not None for each in recording.trace.objects}
        assert [told[each] for each in ids] == [False, True, False]
        assert kept

    def test_the_ref_of_a_placement_group_is_not_called_a_put(self) -> None:
        with record() as recording:
            group = placement_group([{"CPU": 1}])
            ray.get(group.ready())
            remove_placement_group(group)
        assert [each.put_by for each in recording.trace.objects] == [None]

    def test_an_actor_that_waits_for_room_has_no_place(self) -> None:
        with record(wait_seconds=1) as recording:
            waiting = Counter.options(num_cpus=1000).remote()
        (actor,) = recording.trace.actors
        run = recording.trace.task("Counter.__init__")
        assert (actor.node_id, run.node_id, run.worker_id) == (None, None, None)
        assert waiting

    def test_what_a_thread_submits_after_its_call_is_told_with_its_actor(
        self, tmp_path: Path
    ) -> None:
        go_on, done = tmp_path / "go on", tmp_path / "done"
        with record() as recording:
            actor = Lingering.remote()
            ray.get(actor.begin.remote(go_on, done))
            go_on.touch()
            assert _eventually(done.exists)
        (leaf,) = recording.trace.tasks("noop")
        assert (leaf.parent_task_id, leaf.submitter_actor_id) == (None, actor._actor_id.hex())

    def test_results_that_nobody_holds_are_told_with_their_size(self) -> None:
        with record() as recording:
            ray.get(add.remote(make.remote(20, 0), make.remote(20, 0), 0))
            ray.get(add.remote(make.remote(ELEMENTS, 0), make.remote(ELEMENTS, 0), 0))
        told = recording.trace.objects
        assert [each.inlined for each in told] == [True] * 3 + [False] * 3
        assert all(each.size_bytes for each in told)
        assert [len(each.copies) for each in told] == [0] * 3 + [1] * 3
        assert tell_gaps(recording.trace) == ""

    def test_a_big_argument_by_value_is_told_with_its_bytes(self) -> None:
        with record() as recording:
            ray.get(echo.remote(np.ones(100_000)))
        assert (recording.trace.task("noop").value_bytes or 0) > 800_000


@pytest.mark.usefixtures("embedded_ray")
class TestTasksThatDoNotEndWell:
    def test_a_task_that_raises_is_told_with_its_error(self) -> None:
        with record() as recording:
            ray.wait([fail.remote()])
        failed = recording.trace.task("fail")
        assert failed.outcome is Outcome.FAILED
        assert failed.error == "ValueError: no such luck"
        (waited,) = recording.trace.wait_rounds
        assert (waited.ready_ids, waited.refs) == (failed.return_ids, 1)
        assert 0 <= waited.asked <= waited.returned <= recording.trace.seconds

    def test_a_stream_that_has_a_value_is_told_of_a_wait(self) -> None:
        @ray.remote(num_returns="streaming")
        def count_up() -> Iterator[int]:
            yield 0
            yield 1

        with record() as recording:
            stream = count_up.remote()
            ready, _ = ray.wait([stream], timeout=30)
            assert [ray.get(ref) for ref in stream] == [0, 1]
        (waited,) = recording.trace.wait_rounds
        assert (ready, waited.ready_ids, waited.ready_streams) == ([stream], (), 1)

    def test_a_block_that_raises_has_a_trace_all_the_same(self) -> None:
        with pytest.raises(ValueError, match="no such luck"), record() as recording:
            ray.get(fail.remote())
        assert recording.trace.task("fail").outcome is Outcome.FAILED
        assert recording.trace.gets[0].returned is not None

    def test_a_get_that_raised_is_told_with_its_error(self) -> None:
        with record() as recording, contextlib.suppress(ValueError):
            ray.get(fail.remote())
        (get,) = recording.trace.gets
        assert (get.error, get.returned is None) == ("ValueError: no such luck", False)
        assert recording.trace.object("ref1").error == "ValueError: no such luck"

    def test_a_task_that_was_cancelled_while_it_ran_is_cancelled(self, tmp_path: Path) -> None:
        started, never = tmp_path / "started", tmp_path / "never"
        with record() as recording:
            ref = wait_after.remote(started, never)
            assert _eventually(started.exists)
            _cancel_at_last(ref)
            with pytest.raises(ray.exceptions.TaskCancelledError):
                ray.get(ref)
        run = recording.trace.task("wait_after")
        assert (run.outcome, run.error) == (Outcome.CANCELLED, None)

    def test_a_task_that_left_its_process_has_failed(self) -> None:
        with record() as recording, contextlib.suppress(ray.exceptions.WorkerCrashedError):
            ray.get(leave.remote())
        run = recording.trace.task("leave")
        assert run.outcome is Outcome.FAILED
        assert (run.error or "").startswith("WorkerCrashedError")

    def test_a_task_that_got_an_error_for_a_value_has_failed_like_the_one_before(self) -> None:
        with record() as recording, contextlib.suppress(ValueError):
            ray.get(echo.remote(fail.remote()))
        assert [run.outcome for run in recording.trace.task_runs] == [Outcome.FAILED] * 2

    def test_a_task_that_no_node_can_run_never_started_and_is_not_waited_for(self) -> None:
        with record(wait_seconds=60) as recording:
            ref = echo.options(resources={"none": 1}).remote(1)
            with pytest.raises(ray.exceptions.GetTimeoutError):
                ray.get(ref, timeout=0.1)
            ended = time.monotonic()
        assert time.monotonic() - ended < 30
        run = recording.trace.task("noop")
        assert (run.outcome, run.started) == (Outcome.UNFINISHED, None)
        ray.cancel(ref)

    def test_a_killed_worker_is_told_and_the_second_attempt_too(self, tmp_path: Path) -> None:
        with record() as recording:
            assert ray.get(die_the_first_time.remote(tmp_path / "marker")) == "alive"
        first, second = recording.trace.task_runs
        assert (first.attempt, first.outcome) == (0, Outcome.FAILED)
        assert (second.attempt, second.outcome) == (1, Outcome.FINISHED)
        assert first.error is not None
        assert first.error.startswith("WORKER_DIED")
        assert first.worker_id not in (None, second.worker_id)
        assert first.started is None  # the dead worker took that with it
        assert recording.trace.task("die_the_first_time") == second

    def test_what_no_node_has_is_told_of_a_task_that_never_started(self) -> None:
        with record() as recording:
            stuck = echo.options(resources={"none": 1}).remote(1)
            with pytest.raises(ray.exceptions.GetTimeoutError):
                ray.get(stuck, timeout=0.1)
        ray.cancel(stuck)
        assert "1 none" in (recording.trace.task("noop").lacks or "")

    def test_a_task_that_still_runs_is_unfinished_and_not_waited_for(self, tmp_path: Path) -> None:
        with record(wait_seconds=60) as recording:
            slow = wait_for.remote(tmp_path / "marker")
            del slow  # as a program does that never asks for the result
            ray.get(echo.remote(1))
            ended = time.monotonic()
        assert time.monotonic() - ended < 30  # half of the wait: to wait for it would take all
        (tmp_path / "marker").touch()
        trace = recording.trace
        assert trace.task("wait_for").outcome is Outcome.UNFINISHED
        assert trace.task("wait_for").ended is None
        assert trace.task("noop").outcome is Outcome.FINISHED

    def test_a_get_that_timed_out_never_returned(self, tmp_path: Path) -> None:
        with record() as recording:
            slow = wait_for.remote(tmp_path / "marker")
            with pytest.raises(ray.exceptions.GetTimeoutError):
                ray.get(slow, timeout=0)
            (tmp_path / "marker").touch()
            ray.get(slow)
        assert [get.returned is None for get in recording.trace.gets] == [True, False]
        assert [get.gave_up is None for get in recording.trace.gets] == [False, True]

    def test_no_wait_at_the_end_gives_what_is_known_by_then(self) -> None:
        with record(wait_seconds=0) as recording:
            ref = echo.remote(1)
            ray.get(ref)
        assert [stored.object_id for stored in recording.trace.objects] == [ref.hex()]


@pytest.mark.usefixtures("embedded_ray")
class TestUsingARecording:
    def test_inside_a_task_it_is_refused_with_the_task_s_name(self) -> None:
        @ray.remote
        def records() -> str:
            try:
                with record():
                    return "recorded"
            except RuntimeError as error:
                return str(error)

        told = ray.get(records.options(name="mine").remote())
        assert "inside the task 'mine': expected a driver" in told

    def test_its_trace_is_refused_until_the_block_has_ended(self) -> None:
        with record() as recording, pytest.raises(RuntimeError, match="after the `with record"):
            _ = recording.trace

    def test_a_watched_ref_has_the_label_that_it_was_given(self) -> None:
        untouched = ray.put(1)
        with record() as recording:
            first, second = echo.remote(1), echo.remote(2)
            recording.watch(answer=second, untouched=untouched)
            ray.get([first, second])
        labels = {stored.object_id: stored.label for stored in recording.trace.objects}
        assert labels[first.hex()] == "ref1"
        assert labels[second.hex()] == "answer"
        assert labels[untouched.hex()] == "untouched"

    def test_no_two_refs_have_one_label(self) -> None:
        with record() as recording:
            refs = [echo.remote(number) for number in range(3)]
            recording.watch(ref1=refs[1], ref9=refs[2])
            with pytest.raises(ValueError, match="'ref9' is the label of another ref"):
                recording.watch(ref9=refs[0])
            ray.get(refs)
        labels = {stored.object_id: stored.label for stored in recording.trace.objects}
        assert [labels[ref.hex()] for ref in refs] == ["ref4", "ref1", "ref9"]

    def test_only_refs_can_be_watched(self) -> None:
        with record() as recording, pytest.raises(TypeError, match="answer is int: expected"):
            recording.watch(answer=42)

    def test_nothing_can_be_watched_after_the_end(self) -> None:
        with record() as recording:
            pass
        with pytest.raises(RuntimeError, match="has ended"):
            recording.watch(answer=ray.put(1))

    @pytest.mark.parametrize("wait_seconds", [-1, float("nan")])
    def test_a_wait_below_zero_is_refused(self, wait_seconds: float) -> None:
        with (
            pytest.raises(ValueError, match="expected zero or more"),
            record(wait_seconds=wait_seconds),
        ):
            pass

    def test_a_recording_inside_another_tells_its_own_part(self) -> None:
        with record() as outer:
            ray.get(echo.options(name="first").remote(1))
            with record() as inner:
                ray.get(echo.options(name="second").remote(1))
            ray.get(echo.options(name="third").remote(1))
        assert [run.name for run in inner.trace.task_runs] == ["second"]
        assert [run.name for run in outer.trace.task_runs] == ["first", "second", "third"]

    def test_it_keeps_no_object_that_the_program_let_go(self) -> None:
        with record() as recording:
            ref = make.remote(ELEMENTS, seconds_per_element=0)
            ray.wait([ref])
            object_id = ref.hex()
            assert _eventually(lambda: _size(recording, object_id) is not None)
            del ref
            assert _eventually(lambda: object_id not in referenced_objects(), seconds=1)

    def test_an_argument_goes_when_the_task_that_takes_it_has_ended(self, tmp_path: Path) -> None:
        @ray.remote
        def take(_: object, marker: Path) -> None:
            while not marker.exists():
                time.sleep(0.01)

        with record():
            ref = make.remote(ELEMENTS, seconds_per_element=0)
            object_id = ref.hex()
            taken = take.remote(ref, tmp_path / "marker")
            ray.wait([ref])
            del ref
            assert not _eventually(lambda: object_id not in referenced_objects(), seconds=0.2)
            (tmp_path / "marker").touch()
            ray.get(taken)
            assert _eventually(lambda: object_id not in referenced_objects(), seconds=1)


@pytest.mark.usefixtures("embedded_ray")
class TestRaysOwnWords:
    def test_ray_s_timeline_and_the_trace_agree_on_every_task(self, tmp_path: Path) -> None:
        """`ray.timeline()` tells microseconds since the epoch, the trace seconds since its start.

        So the two agree when one shift of the clock fits every phase of every task.
        """
        with record() as recording:
            ray.get([make.remote(ELEMENTS, seconds_per_element=0) for _ in range(4)])
        told = {
            event["args"]["task_id"]: event
            for event in ray.timeline()
            if event["cat"].startswith("task::") and "task_id" in event["args"]
        }
        runs = recording.trace.task_runs
        for run in runs:
            assert told[run.task_id]["tid"] == f"worker:{run.worker_id}"
        shifts = [told[run.task_id]["ts"] / 1e6 - run.phases[0].start for run in runs]
        spans = [told[run.task_id]["dur"] / 1e6 for run in runs]
        # Ray tells a task as a whole, from just before its first phase to just after its last.
        for run, shift, span in zip(runs, shifts, spans, strict=True):
            assert shift == pytest.approx(shifts[0], abs=0.005)
            assert span == pytest.approx(run.phases[-1].end - run.phases[0].start, abs=0.01)


def _size(recording: Recording, object_id: str) -> int | None:
    sighting = recording._watcher.sightings.get(object_id)
    return None if sighting is None else sighting.size_bytes


def _eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Ask again and again until it holds, or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.005)
    return False


class TestRayThatGoesAway:  # the last of this module, since it ends the module's Ray
    @pytest.mark.usefixtures("embedded_ray")
    def test_a_shutdown_while_recording_is_told(self, capfd: pytest.CaptureFixture[str]) -> None:
        @ray.remote
        def nap() -> None:
            time.sleep(0.2)

        def shut_down_at_work() -> None:
            refs = [nap.remote() for _ in range(6)]
            ray.get(refs[0])
            ray.shutdown()

        with pytest.raises(RuntimeError, match="shut down while recording"), record():
            shut_down_at_work()
        time.sleep(0.5)  # what Ray's threads have to say comes late
        assert "Traceback" not in capfd.readouterr().err
