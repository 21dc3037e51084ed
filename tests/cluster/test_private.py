"""What is private to Ray is still as we take it to be: these fail where Ray has changed."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import ray
from ray_servers import listeners_of_ray_in

from raylessons.cluster.private import (
    DEATH,
    RAISED,
    TaskEvent,
    current_task_id,
    deaths_untold,
    hush_reports,
    is_in_async_actor,
    locate_objects,
    pending_tasks,
    putter_key,
    ray_stays,
    read_actors,
    read_task_events,
    referenced_objects,
    report_seconds,
    returning_task,
    start_patiently,
    task_key,
)
from raylessons.cluster.session import start_ray
from raylessons.workloads import make_array, noop, slow_square

WAIT_SECONDS = 30  # a report comes every second, and on a busy machine much later

echo = ray.remote(noop)


def read_until(is_told: Callable[[list[TaskEvent]], bool]) -> list[TaskEvent]:
    """Read the events of this job until they tell what is wanted."""
    job_id = ray.get_runtime_context().get_job_id()
    end = time.monotonic() + WAIT_SECONDS
    while not is_told(events := read_task_events(job_id).events):
        assert time.monotonic() < end, events
    return events


@pytest.mark.usefixtures("embedded_ray")
class TestTaskEvents:
    def test_a_task_is_told_with_its_place_its_states_and_its_worker_s_spans(self) -> None:
        ref = echo.options(name="mine").remote(1)
        ray.get(ref)
        mine = ref.task_id().hex()
        (event,) = (
            each
            for each in read_until(
                lambda events: any(
                    "task::mine" in [span for span, _, _ in each.spans_ns]
                    and "FINISHED" in each.states_ns
                    for each in events
                    if each.task_id == mine
                )
            )
            if each.task_id == mine
        )
        assert (event.name, event.attempt, event.parent_task_id) == ("mine", 0, None)
        assert event.node_id == ray.get_runtime_context().get_node_id()
        assert event.worker_id is not None
        assert event.worker_pid is not None
        states = ("PENDING_ARGS_AVAIL", "PENDING_NODE_ASSIGNMENT", "SUBMITTED_TO_WORKER")
        assert {*states, "RUNNING", "FINISHED"} <= set(event.states_ns)
        names = {name for name, start, end in event.spans_ns if start <= end}
        assert {"task:deserialize_arguments", "task:execute", "task:store_outputs"} <= names
        assert (event.error_kind, event.error_message) == (None, "")

    def test_a_task_that_raised_is_told_with_its_error(self) -> None:
        @ray.remote
        def fail() -> None:
            raise ValueError("no such thing")

        ray.wait([fail.remote()])
        failed = read_until(lambda events: any(event.error_kind for event in events))
        (event,) = (event for event in failed if event.error_kind)
        assert event.error_kind == RAISED
        assert "ValueError: no such thing" in event.error_message

    def test_what_a_task_submits_names_it_as_its_parent(self) -> None:
        @ray.remote
        def parent() -> int:
            child: int = ray.get(echo.options(name="child").remote(2))
            return child

        ref = parent.remote()
        ray.get(ref)
        events = read_until(
            lambda events: any(event.name == "child" and event.parent_task_id for event in events)
        )
        (child,) = (event for event in events if event.name == "child" and event.parent_task_id)
        assert child.parent_task_id == ref.task_id().hex()

    def test_records_are_not_asked_for_through_a_proxy(self, monkeypatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, nobody)
        ref = echo.remote(4)
        ray.get(ref)
        read_until(lambda events: ref.task_id().hex() in [each.task_id for each in events])

    def test_neither_another_job_nor_the_driver_s_own_task_is_told(self) -> None:
        ray.get(echo.remote(3))
        read_until(bool)
        assert read_task_events("7f000000").events == []
        own = ray.get_runtime_context().get_task_id()
        told = read_task_events(ray.get_runtime_context().get_job_id()).events
        assert own not in [event.task_id for event in told]


@pytest.mark.usefixtures("embedded_ray")
class TestObjects:
    def test_an_object_has_no_size_until_it_exists_and_then_a_place_if_it_is_big(self) -> None:
        make = ray.remote(make_array)
        ref, small = make.remote(100_000, 0), make.remote(1, 0)
        later = make.remote(10)
        ray.wait([ref, small], num_returns=2)
        ids = [each.hex() for each in (ref, small, later)]
        big, little, nothing = (locate_objects(ids)[each] for each in ids)
        assert big.node_ids == {ray.get_runtime_context().get_node_id()}
        assert (big.size_bytes or 0) > 800_000
        assert (little.node_ids, (little.size_bytes or 0) < 1000) == (frozenset(), True)
        assert nothing.size_bytes is None
        ray.cancel(later)

    def test_to_look_at_an_object_keeps_nothing_alive_and_takes_nothing_away(self) -> None:
        ref = ray.remote(make_array).remote(100_000, 0)
        ray.wait([ref])
        object_id = ref.hex()
        locate_objects([object_id])
        assert object_id in referenced_objects()
        assert ray.get(ref).size == 100_000
        del ref
        assert object_id not in referenced_objects()
        assert locate_objects([object_id])[object_id].size_bytes is None
        assert object_id not in referenced_objects()

    def test_what_a_driver_submitted_is_pending_until_it_has_ended(self) -> None:
        nap = ray.remote(slow_square)
        before = pending_tasks([current_task_id()])
        ref = nap.remote(60)
        assert nap.options(num_returns=0).remote(1) is None
        pending = pending_tasks([current_task_id()]) - before
        assert ref.task_id().hex() in pending
        assert len(pending) == 2
        ray.cancel(ref, force=True)
        ray.wait([ref])
        assert ref.task_id().hex() not in pending_tasks([current_task_id()])

    def test_an_id_tells_a_result_from_what_was_put(self) -> None:
        result = echo.remote(4)
        assert returning_task(result.hex()) == result.task_id().hex()
        put = ray.put(5)
        assert returning_task(put.hex()) is None
        assert putter_key(put.hex()) == task_key(current_task_id())


@pytest.mark.usefixtures("embedded_ray")
class TestActors:
    def test_an_actor_with_an_async_method_is_an_async_one_in_its_other_methods_too(self) -> None:
        class Plain:
            def is_async(self) -> bool:
                return is_in_async_actor()

        class Async(Plain):
            async def wait(self) -> None:
                pass

        actors = [ray.remote(num_cpus=0)(each).remote() for each in (Plain, Async)]
        assert ray.get([each.is_async.remote() for each in actors]) == [False, True]
        assert not ray.get(ray.remote(is_in_async_actor).remote())

    def test_an_actor_is_told_with_its_place_and_its_death(self) -> None:
        @ray.remote(num_cpus=0)
        class Parrot:
            def say(self) -> int:
                return 1

        parrot = Parrot.remote()
        ray.get(parrot.say.remote())
        job_id = ray.get_runtime_context().get_job_id()
        (alive,) = (each for each in read_actors(job_id) if each.name == "Parrot")
        assert alive.actor_id == parrot._actor_id.hex()
        assert alive.node_id == ray.get_runtime_context().get_node_id()
        assert None not in (alive.worker_id, alive.pid)
        assert (alive.start_ms > 0, alive.end_ms, alive.death, alive.restarts) == (True, 0, None, 0)
        ray.kill(parrot)
        end = time.monotonic() + WAIT_SECONDS
        while not (dead := next(a for a in read_actors(job_id) if a.name == "Parrot")).end_ms:
            assert time.monotonic() < end
        assert "ray.kill" in (dead.death or "")


@pytest.mark.usefixtures("embedded_ray")
def test_a_worker_that_is_made_to_die_is_not_printed_of_and_another_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dying = ray.remote(max_retries=0)(lambda status: os._exit(status))
    with deaths_untold(), pytest.raises(ray.exceptions.WorkerCrashedError):
        ray.get(dying.remote(1))
    assert DEATH not in capsys.readouterr().out
    with pytest.raises(ray.exceptions.WorkerCrashedError):
        ray.get(dying.remote(1))
    end = time.monotonic() + WAIT_SECONDS
    while DEATH not in capsys.readouterr().out:
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.usefixtures("embedded_ray")
def test_no_report_is_printed_until_it_may_be_again(capsys: pytest.CaptureFixture[str]) -> None:
    dying = ray.remote(max_retries=0)(lambda status: os._exit(status))
    restore = hush_reports()
    try:
        for _ in range(2):  # the report of the first comes before that of the second, if it does
            with pytest.raises(ray.exceptions.WorkerCrashedError):
                ray.get(dying.remote(1))
        assert DEATH not in capsys.readouterr().out
    finally:
        restore()
    end = time.monotonic() + WAIT_SECONDS
    while DEATH not in capsys.readouterr().out:  # within five seconds, Ray prints the same once
        assert time.monotonic() < end
        with pytest.raises(ray.exceptions.WorkerCrashedError):
            ray.get(dying.remote(1))
        time.sleep(0.5)


def test_a_cluster_tells_how_often_its_records_are_reported() -> None:
    ray.shutdown()  # the last of this module: it ends the module's Ray
    ray.init(
        address="local",
        num_cpus=1,
        include_dashboard=False,
        _system_config={"task_events_report_interval_ms": 150},
    )
    try:
        assert report_seconds() == 0.15
    finally:
        ray.shutdown()


def test_records_are_said_to_be_dropped_where_the_oldest_that_is_left_is_not_older() -> None:
    ray.shutdown()
    ray.init(
        address="local",
        num_cpus=1,
        include_dashboard=False,
        _system_config={
            "task_events_max_num_task_in_gcs": 20,
            "task_events_report_interval_ms": 150,
        },
    )
    try:
        job_id, began_ns = ray.get_runtime_context().get_job_id(), time.time_ns()
        assert read_task_events(job_id, began_ns).limit is None
        ray.get([echo.remote(1) for _ in range(40)])
        end = time.monotonic() + WAIT_SECONDS
        while (read := read_task_events(job_id, began_ns)).limit is None:
            assert time.monotonic() < end
        assert read.limit == 20
        later_ns = time.time_ns()
        # Once it is told that they have finished, what came after them has all its records.
        while read_task_events(job_id, later_ns).limit is not None:
            assert time.monotonic() < end
    finally:
        ray.shutdown()


class TestAStartOnABusyMachine:
    LATE = "The current node timed out during startup. This could happen because"

    def test_ray_raises_what_is_looked_for(self) -> None:
        source = Path(ray.__file__).parent / "_private" / "node.py"
        assert '"The current node timed out during startup. This "' in source.read_text("utf-8")

    def test_a_start_that_came_late_is_tried_again_and_leaves_no_process_of_rays(self) -> None:
        nap = [sys.executable, "-c", "import time; time.sleep(60)"]
        tries: list[tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]] = []

        def start() -> str:
            of_ray = subprocess.Popen([*nap, f"{Path(ray.__file__).parent}/core/src"])
            tries.append((of_ray, subprocess.Popen(nap)))
            if len(tries) == 1:
                raise Exception(self.LATE)
            return "started"

        assert start_patiently(start) == "started"
        (late, beside), others = tries
        assert late.wait(timeout=10) < 0
        for process in (beside, *others):
            assert process.poll() is None
            process.kill()
            process.wait()

    def test_what_never_comes_up_says_what_to_do(self) -> None:
        def start() -> None:
            raise Exception(self.LATE)

        with pytest.raises(RuntimeError, match="3 times: this machine has too much other work"):
            start_patiently(start)

    def test_another_error_is_raised_at_once(self) -> None:
        begun = []

        def start() -> None:
            begun.append(1)
            raise ConnectionError("no such host")

        with pytest.raises(ConnectionError, match="no such host"):
            start_patiently(start)
        assert begun == [1]


def test_another_thread_shuts_ray_down_only_after_it_had_to_stay() -> None:
    start_ray(num_cpus=1)
    with ThreadPoolExecutor(1) as thread:
        with ray_stays():
            shutdown = thread.submit(ray.shutdown)
            time.sleep(0.5)
            assert ray.is_initialized()
        shutdown.result()
    with pytest.raises(RuntimeError, match="Ray has been shut down"), ray_stays():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Ray is for one machine by default")
def test_a_ray_that_ray_init_starts_listens_to_others_too(ray_folder: str) -> None:
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    servers = listeners_of_ray_in(ray_folder)
    assert {"gcs_server", "raylet"} <= {each.program for each in servers if not each.is_local}
