"""What is private to Ray is still as we take it to be: these fail where Ray has changed."""

import time
from collections.abc import Callable

import pytest
import ray

from raylessons.cluster.private import (
    RAISED,
    TaskEvent,
    locate_objects,
    read_task_events,
    returning_task,
)
from raylessons.workloads import make_array, noop

WAIT_SECONDS = 30  # a report comes every second, and on a busy machine much later

echo = ray.remote(noop)


def read_until(is_told: Callable[[list[TaskEvent]], bool]) -> list[TaskEvent]:
    """Read the events of this job until they tell what is wanted."""
    job_id = ray.get_runtime_context().get_job_id()
    end = time.monotonic() + WAIT_SECONDS
    while not is_told(events := read_task_events(job_id)):
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

    def test_neither_another_job_nor_the_driver_s_own_task_is_told(self) -> None:
        ray.get(echo.remote(3))
        read_until(bool)
        assert read_task_events("7f000000") == []
        own = ray.get_runtime_context().get_task_id()
        told = read_task_events(ray.get_runtime_context().get_job_id())
        assert own not in [event.task_id for event in told]


@pytest.mark.usefixtures("embedded_ray")
class TestObjects:
    def test_an_object_has_no_size_until_it_exists_and_then_a_place_if_it_is_big(self) -> None:
        make = ray.remote(make_array)
        ref, small = make.remote(100_000, 0), make.remote(1, 0)
        later = make.remote(10)
        ray.wait([ref, small], num_returns=2)
        told = locate_objects([ref, small, later])
        assert told[ref].node_ids == {ray.get_runtime_context().get_node_id()}
        assert (told[ref].size_bytes or 0) > 800_000
        assert (told[small].node_ids, (told[small].size_bytes or 0) < 1000) == (frozenset(), True)
        assert told[later].size_bytes is None
        ray.cancel(later)

    def test_an_id_tells_a_result_from_what_was_put(self) -> None:
        result = echo.remote(4)
        assert returning_task(result.hex()) == result.task_id().hex()
        assert returning_task(ray.put(5).hex()) is None
