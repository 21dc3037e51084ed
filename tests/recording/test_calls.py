"""That listening to what a program asks of Ray changes nothing for the program."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import ray

from raylessons.cluster.private import is_hooked
from raylessons.recording.calls import Listener, Round, Submission, Wait, overhear
from raylessons.recording.luggage import Refs, hex_ids
from raylessons.trace.records import TaskKind
from raylessons.workloads import noop, slow_square

echo = ray.remote(noop)
nap = ray.remote(slow_square)


@ray.remote(num_returns="streaming")
def count_up(to: int) -> Iterator[int]:
    yield from range(to)


GET = ray.get


class Notes(Listener):
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.refs: list[tuple[Refs, Refs]] = []
        self.waits: list[Wait] = []
        self.rounds: list[Round] = []
        self.puts: list[Any] = []
        self.items: list[tuple[Any, str]] = []
        self.cancelled: list[str] = []
        self.ended: list[str] = []
        self.lent: list[str] = []

    def hear_submission(self, submission: Submission, given: Refs, returned: Refs) -> None:
        self.submissions.append(submission)
        self.refs.append((given, returned))

    def hear_wait(self, wait: Wait) -> None:
        self.waits.append(wait)

    def hear_round(self, heard: Round) -> None:
        self.rounds.append(heard)

    def hear_put(self, ref: Any, task_id: str) -> None:
        self.puts.append(ref)

    def hear_item(self, ref: Any, generator_task_id: str) -> None:
        self.items.append((ref, generator_task_id))

    def hear_end_of_stream(self, generator_task_id: str) -> None:
        self.ended.append(generator_task_id)

    def hear_lent(self, object_id: str) -> None:
        self.lent.append(object_id)

    def hear_cancel(self, task_id: str, *, recursive: bool) -> None:
        self.cancelled.append(task_id)


@ray.remote
class Echo:
    def say(self, value: object) -> object:
        return value


@pytest.mark.usefixtures("embedded_ray")
class TestOverhearing:
    def test_every_way_to_submit_is_heard(self) -> None:
        """Fails loudly where a Ray of the future submits in another way."""
        notes = Notes()
        with overhear(notes):
            actor = Echo.remote()
            one = echo.remote(1)
            two = echo.options(name="two").remote(one)
            three = actor.say.remote(value=two)
            four = actor.say.options(name="four").remote(three)
        assert notes.refs == [
            ((), ()),
            ((), (one,)),
            ((one,), (two,)),
            ((two,), (three,)),
            ((three,), (four,)),
        ]
        assert [heard.kind for heard in notes.submissions] == [
            TaskKind.CREATION,
            TaskKind.TASK,
            TaskKind.TASK,
            TaskKind.CALL,
            TaskKind.CALL,
        ]
        for heard, (given, returned) in zip(notes.submissions, notes.refs, strict=True):
            assert (heard.argument_ids, heard.return_ids) == (hex_ids(given), hex_ids(returned))
        assert [heard.task_id for heard in notes.submissions[1:]] == [
            ref.task_id().hex() for ref in (one, two, three, four)
        ]
        assert {heard.actor_id for heard in notes.submissions} == {None, actor._actor_id.hex()}
        assert ray.get(four) == 1

    def test_a_get_gives_what_it_gave_before_and_is_heard(self) -> None:
        notes = Notes()
        first, second = echo.remote(1), echo.remote(2)
        with overhear(notes):
            assert ray.get(first) == 1
            assert ray.get([first, second], timeout=60) == [1, 2]
        assert [wait.refs for wait in notes.waits] == [(first,), (first, second)]
        assert all(wait.error is None for wait in notes.waits)
        assert all(wait.asked_ns <= (wait.returned_ns or 0) for wait in notes.waits)

    def test_a_wait_gives_what_it_gave_before_and_is_heard_with_what_was_ready(self) -> None:
        notes = Notes()
        made = [echo.remote(1), echo.remote(2)]
        never = ray.remote(num_cpus=99)(noop).remote(3)
        ray.get(made)
        with overhear(notes):
            assert ray.wait([*made, never], num_returns=2) == (made, [never])
            assert ray.wait([never], timeout=0.01) == ([], [never])
        ray.cancel(never)
        told = [(heard.ready, heard.refs, heard.num_returns) for heard in notes.rounds]
        assert told == [(tuple(made), 3, 2), ((), 1, 1)]
        assert all(heard.asked_ns <= heard.returned_ns for heard in notes.rounds)

    def test_a_get_that_raises_raises_and_is_heard(self) -> None:
        notes = Notes()
        with overhear(notes), pytest.raises(TypeError, match="missing a required argument"):
            ray.get(echo.remote())
        with overhear(notes), pytest.raises(ValueError, match="Invalid type"):
            ray.get(42)
        assert (notes.submissions, notes.waits) == ([], [])
        with overhear(notes), pytest.raises(ray.exceptions.RayTaskError):
            ray.get(echo.options(num_returns=2).remote(None))
        ((wait), (heard)) = (*notes.waits, *notes.submissions)
        assert hex_ids(wait.refs) == heard.return_ids
        assert wait.returned_ns is not None
        assert "TypeError" in (wait.error or "")

    def test_a_get_that_gives_up_is_told_from_one_that_raises(self) -> None:
        notes = Notes()
        with overhear(notes):
            ref = nap.remote(60)
            with pytest.raises(ray.exceptions.GetTimeoutError):
                ray.get(ref, timeout=0)
            ray.cancel(ref)
        (wait,) = notes.waits
        assert wait.returned_ns is None
        assert notes.cancelled == [ref.task_id().hex()]

    def test_refs_inside_lists_and_in_what_a_function_carries_are_heard(self) -> None:
        notes, inside, around = Notes(), ray.put(1), ray.put(2)

        @ray.remote
        def uses() -> int:
            number: int = ray.get(around)
            return number

        with overhear(notes):
            echo.remote({"deep": [inside]})
            first = uses.remote()
            second = uses.remote()
        assert [heard.argument_ids for heard in notes.submissions] == [(), (), ()]
        assert [heard.nested_ids for heard in notes.submissions] == [
            (inside.hex(),),
            (around.hex(),),
            (around.hex(),),
        ]
        assert ray.get([first, second]) == [2, 2]

    def test_what_goes_by_value_is_heard_with_its_bytes(self) -> None:
        notes = Notes()
        with overhear(notes):
            echo.remote(np.ones(100_000))
            echo.remote(ray.put(np.ones(100_000)))
        by_value, by_ref = notes.submissions
        assert by_value.value_bytes > 800_000
        assert by_ref.value_bytes < 1000
        assert hex_ids(tuple(notes.puts)) == by_ref.argument_ids

    def test_a_stream_is_heard_and_each_of_its_items(self) -> None:
        notes = Notes()
        with overhear(notes):
            refs = list(count_up.remote(3))
        (heard,) = notes.submissions
        assert (heard.streams, heard.return_ids) == (True, ())
        assert notes.items == [(ref, heard.task_id) for ref in refs]

    def test_a_task_without_results_is_heard_though_nothing_names_it(self) -> None:
        notes = Notes()
        with overhear(notes):
            echo.options(num_returns=0).remote(1)
        assert [heard.task_id for heard in notes.submissions] == [None]

    def test_an_await_and_a_future_are_heard(self) -> None:
        notes = Notes()

        async def wait_for(ref: Any) -> Any:
            return await ref

        with overhear(notes):
            first, second = echo.remote(1), echo.remote(2)
            assert asyncio.run(wait_for(first)) == 1
            assert second.future().result() == 2
        assert [(wait.call, wait.refs) for wait in notes.waits] == [
            ("await", (first,)),
            ("await", (second,)),
        ]

    def test_every_thread_is_heard_with_what_ray_calls_it(self) -> None:
        notes = Notes()
        with overhear(notes), ThreadPoolExecutor(1) as pool:
            pool.submit(echo.remote, 1).result()
            echo.remote(2)
        first, second = notes.submissions
        assert first.parent_task_id != second.parent_task_id

    def test_a_function_that_holds_on_to_ray_s_own_still_runs(self) -> None:
        def wait_for_one(wait: Any = ray.wait) -> int:
            return len(wait([echo.remote(1)])[0])

        with overhear(Notes()):
            wait = ray.wait
            waits = ray.remote(lambda: wait is ray.wait and wait_for_one(wait))
            assert ray.get(waits.remote()) == 1

    def test_a_name_that_was_taken_before_is_heard_of_a_get_and_not_of_a_wait(self) -> None:
        from ray import get, wait

        notes = Notes()
        with overhear(notes):
            get(echo.remote(1))
            wait([echo.remote(2)])
        assert (len(notes.waits), notes.rounds) == (1, [])

    def test_nothing_is_heard_or_replaced_outside(self) -> None:
        outer, inner = Notes(), Notes()
        with overhear(outer):
            with overhear(inner):
                assert is_hooked()
                echo.remote(1)
            echo.remote(2)
        echo.remote(3)
        assert len(outer.submissions) == 2
        assert len(inner.submissions) == 1
        assert ray.get is GET
        assert not is_hooked()

    def test_two_listeners_may_leave_in_any_order(self) -> None:
        first, second = overhear(Notes()), overhear(Notes())
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
        assert ray.get is GET
        assert not is_hooked()
