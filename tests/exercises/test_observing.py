"""What grading does with answers that hang, interfere, or take Ray with them."""

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import ray

from raylessons.cluster import private
from raylessons.cluster.session import start_ray
from raylessons.exercises import observing
from raylessons.exercises.catalogue import EXERCISES, check, find_exercise
from raylessons.exercises.deadlines import Stopped
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import common_mistake, waits_between
from raylessons.exercises.observing import observe
from raylessons.workloads import slow_square


def test_grading_without_ray_says_to_start_it() -> None:
    assert not ray.is_initialized()
    for exercise in EXERCISES:
        parameters = exercise.call.count(",") + 1
        answer = {1: lambda a: a, 2: lambda a, b: a, 3: lambda a, b, c: a}[parameters]
        with pytest.raises(RuntimeError, match=r"ray\.init"):
            exercise.grade(answer)


@pytest.mark.parametrize(
    "exercise", [each for each in EXERCISES if "(" in each.call], ids=lambda each: each.title
)
def test_a_check_of_what_is_no_function_says_to_pass_its_name(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    check(exercise.number, [0, 1, 4])
    printed = capsys.readouterr().out
    assert printed.startswith("? Not graded. The check calls your function itself.")
    assert f"`{exercise.name}`" in printed
    assert "the list `[0, 1, 4]`" in printed


def test_a_function_with_other_parameters_is_told_those_that_the_check_passes() -> None:
    verdict = find_exercise(7).grade(lambda numbers: numbers)
    assert (verdict.mistake, verdict.graded) == ("arguments", False)
    assert "`(numbers)`" in verdict.seen
    assert "`my_squares(square, numbers, deadline_seconds)`" in verdict.hint


@pytest.fixture(scope="module")
def one_cpu() -> Iterator[None]:
    start_ray(1)
    yield
    ray.shutdown()


@pytest.mark.usefixtures("one_cpu")
class TestObserving:
    def test_a_wait_in_a_thread_and_one_in_the_answer_are_told_apart(self) -> None:
        def answer() -> int:
            thread = threading.Thread(target=slow_square, args=(0.01,))
            thread.start()
            thread.join()
            return slow_square(0)

        seen = observe(answer, watched=(slow_square,), recorded=False)
        squares = seen.named("slow_square")
        assert [call.thread == seen.own_thread for call in squares] == [False, True]
        assert [call.arguments["number"] for call in squares] == [0.01, 0]
        assert [call.result for call in squares] == [pytest.approx(0.0001), 0]

    def test_an_answer_may_record_and_get_by_any_name(self) -> None:
        from ray import get

        from raylessons.recording.recorder import record

        def answer() -> int:
            with record(wait_seconds=0):
                return get(ray.remote(slow_square).remote(0))

        seen = observe(answer)
        assert (seen.value, len(seen.named("get"))) == (0, 1)
        assert [run.name for run in seen.runs] == ["slow_square"]

    def test_a_wait_is_heard_in_whatever_way_a_learner_writes_it(self) -> None:
        nap = ray.remote(slow_square)

        async def awaits() -> object:
            return await nap.remote(0)

        ways: dict[str, Callable[[], object]] = {
            "ray.get": lambda: ray.get(nap.remote(0)),
            "ray.wait": lambda: ray.wait([nap.remote(0)]),
            "await": lambda: asyncio.run(awaits()),
            "Future.result": lambda: nap.remote(0).future().result(),
            "time.sleep": lambda: time.sleep(0.01),
        }
        for way, answer in ways.items():
            seen = observe(answer, recorded=False)
            assert [wait.way for wait in seen.waits] == [way]
            assert seen.waits[0].thread == seen.own_thread

    def test_a_look_at_what_is_ready_is_no_wait(self) -> None:
        seen = observe(lambda: ray.wait([ray.put(7)], timeout=0), recorded=False)
        assert (len(seen.calls), seen.waits) == (1, ())

    def test_an_observation_that_keeps_no_refs_holds_no_object(self) -> None:
        ones = ray.remote(np.ones)

        def answer() -> float:
            ready, _ = ray.wait([ones.remote(200_000)])
            return float(ray.get(ready[0]).sum())

        before = private.referenced_objects()
        seen = observe(answer, recorded=False, keeps_refs=False)
        assert private.referenced_objects() <= before
        assert seen.value == 200_000.0
        assert [wait.way for wait in seen.waits] == ["ray.wait"]
        assert seen.waits[0].refs == seen.submissions[0].refs

    def test_a_thread_that_waits_does_not_hold_up_what_others_submit(self) -> None:
        nap = ray.remote(slow_square)

        def in_threads(workers: int) -> Callable[[], list[float]]:
            def answer() -> list[float]:
                with ThreadPoolExecutor(workers) as pool:
                    return list(pool.map(lambda n: ray.get(nap.remote(n)), [0.2, 0.2, 0.2]))

            return answer

        side_by_side, in_turn = (observe(in_threads(workers)) for workers in (3, 1))
        assert waits_between(side_by_side.submissions, side_by_side) == 0
        assert waits_between(in_turn.submissions, in_turn) == 2

    def test_each_in_a_thread_that_is_joined_at_once_is_seen_to_take_turns(self) -> None:
        nap = ray.remote(slow_square)

        def answer() -> None:
            for _ in range(3):
                thread = threading.Thread(target=lambda: ray.get(nap.remote(0)))
                thread.start()
                thread.join()

        seen = observe(answer)
        assert waits_between(seen.submissions, seen) == 2

    def test_an_async_answer_is_run_and_an_async_generator_read(self) -> None:
        async def answer() -> list[int]:
            return [7]

        async def generator() -> AsyncIterator[int]:
            yield 7

        assert observe(answer, recorded=False).values == [7]
        seen = observe(generator, recorded=False)
        assert (seen.values, seen.is_iterator) == ([7], True)

    def test_values_are_told_of_as_they_are_handed_over(self) -> None:
        told: list[int] = []

        def answer() -> Iterator[int]:
            yield 7
            yield len(told)

        assert observe(answer, recorded=False, on_handed=told.append).values == [7, 1]

    def test_the_time_in_which_its_caller_takes_a_value_is_not_counted(self) -> None:
        def answer() -> Iterator[int]:
            yield from range(3)

        def answer_that_hangs() -> Iterator[int]:
            yield 7
            while True:
                time.sleep(0.02)

        def take(value: int) -> None:
            time.sleep(1)

        assert not observe(answer, deadline_seconds=2, recorded=False, on_handed=take).timed_out
        seen = observe(answer_that_hangs, deadline_seconds=0.5, recorded=False, on_handed=take)
        assert (seen.values, seen.timed_out) == ([7], True)
        assert seen.seconds >= 1.5

    def test_the_deadline_counts_from_the_last_of_long_work(self) -> None:
        done: list[float] = []

        def answer(pieces: int, is_endless: bool) -> None:
            for _ in range(pieces):
                time.sleep(0.2)
                done.append(time.monotonic())
            while is_endless:
                time.sleep(0.02)

        def last_done() -> float | None:
            return done[-1] if done else None

        seen = observe(answer, 8, False, deadline_seconds=1, recorded=False, last_done=last_done)
        assert not seen.timed_out
        seen = observe(answer, 8, True, deadline_seconds=1, recorded=False, last_done=last_done)
        assert seen.timed_out
        assert seen.seconds >= 2.6
        assert observe(answer, 8, False, deadline_seconds=1, recorded=False).timed_out

    def test_what_was_cancelled_is_told_from_what_goes_on(self) -> None:
        def hang() -> None:
            while True:
                time.sleep(0.02)

        def answer() -> int:
            refs = [ray.remote(num_cpus=0)(hang).remote() for _ in range(3)]
            ray.wait(refs, timeout=2)  # let them start
            cancel = ray.cancel
            thread = threading.Thread(target=lambda: [cancel(ref) for ref in refs[1:]])
            thread.start()
            thread.join()
            return 7

        seen = observe(answer, recorded=False)
        assert (seen.left_running, seen.cancelled) == (1, 2)

    def test_a_cancelled_task_that_does_not_hear_it_is_told_of(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(observing, "CANCELLED_SECONDS", 0.2)

        def sleep_long() -> None:
            time.sleep(3)

        def answer() -> int:
            ref = ray.remote(num_cpus=0)(sleep_long).remote()
            ray.wait([ref], timeout=1)  # let it start
            ray.cancel(ref)
            return 7

        seen = observe(answer, recorded=False)
        assert (seen.left_running, seen.cancelled, seen.unheeding) == (0, 1, 1)

    def test_a_wait_that_raised_is_one_in_the_list_of_waits(self) -> None:
        def answer() -> int:
            ref = ray.put(7)
            with contextlib.suppress(ValueError):
                ray.wait([ref], num_returns=2)
            return ray.get(ref)

        assert [wait.way for wait in observe(answer, recorded=False).waits] == [
            "ray.wait",
            "ray.get",
        ]

    def test_a_function_of_rays_that_an_answer_puts_away_comes_back(self) -> None:
        wait = ray.wait

        def answer() -> int:
            ray.wait = None
            return 7

        assert (observe(answer).value, ray.wait) == (7, wait)

    def test_a_ledger_tells_which_task_did_what_and_leaves_the_driver_out(self) -> None:
        ledger = Ledger()

        @ray.remote
        def batch(numbers: list[int]) -> str:
            for number in numbers:
                ledger.write(number)
            return ray.get_runtime_context().get_task_id()

        ledger.write(5)
        ids = ray.get([batch.remote([1, 2]), batch.remote([3])])
        assert ledger.take_tasks() == {ids[0]: [1, 2], ids[1]: [3]}
        assert ledger.take_tasks() == {}

    def test_a_returned_ref_stays_one_and_what_async_code_returns_is_its_value(
        self,
    ) -> None:
        async def answer() -> ray.ObjectRef:
            return ray.put(7)

        for each in (answer, lambda: ray.put(7)):
            seen = observe(each, recorded=False, fetch=True)
            assert isinstance(seen.value, ray.ObjectRef)
            assert (seen.fetched, seen.waits) == (7, ())

    def test_a_driver_that_spins_is_stopped_where_it_was(self) -> None:
        ended = []

        def answer() -> None:
            try:
                while True:
                    pass
            except Stopped:
                ended.append("stopped")
                raise

        seen = observe(answer, deadline_seconds=0.3)
        assert (seen.timed_out, seen.is_clean, ended) == (True, True, ["stopped"])
        assert "while True:" in str(seen.at_line) or "pass" in str(seen.at_line)

    def test_a_driver_in_a_long_sleep_is_left_behind_and_said_so(self) -> None:
        seen = observe(time.sleep, 8, deadline_seconds=0.1)
        assert (seen.timed_out, seen.is_clean) == (True, False)

    def test_a_driver_that_was_left_behind_is_stopped_when_it_comes_back(self) -> None:
        came_back, ended = threading.Event(), threading.Event()

        def answer() -> None:
            try:
                came_back.wait()
                time.sleep(0)
                time.sleep(60)
            finally:
                ended.set()

        seen = observe(lambda: answer(), deadline_seconds=0.3, recorded=False)
        assert (seen.timed_out, seen.is_clean) == (True, False)
        came_back.set()
        assert ended.wait(timeout=10)

    def test_an_answer_that_could_not_be_stopped_is_told_to_restart_python(self) -> None:
        def my_moved_bytes(trace: object) -> None:
            time.sleep(8)

        verdict = find_exercise(10).grade(my_moved_bytes, deadline_seconds=1.0)
        assert verdict.mistake == "endless"
        assert "could not be stopped: restart Python" in verdict.hint

    def test_a_task_that_ignores_being_asked_to_end_is_ended_by_force(self) -> None:
        def answer() -> object:
            @ray.remote
            def stubborn() -> None:
                while True:
                    with contextlib.suppress(BaseException):
                        time.sleep(0.1)

            return ray.get(stubborn.remote())

        seen = observe(answer, deadline_seconds=1.0)
        assert (seen.timed_out, seen.is_clean) == (True, True)
        assert ray.get(ray.remote(slow_square).remote(0), timeout=30) == 0

    def test_what_runs_on_after_the_answer_is_counted_and_cancelled(self) -> None:
        seen = observe(lambda: [ray.remote(slow_square).remote(60)] and 7)
        assert (seen.value, seen.left_running, seen.is_clean) == (7, 1, True)
        assert ray.get(ray.remote(slow_square).remote(0), timeout=30) == 0

    def test_a_big_argument_and_a_numpy_result_do_no_harm(self) -> None:
        verdict = find_exercise(1).grade(lambda numbers: np.array(numbers) ** 2)
        assert verdict.mistake is not None
        assert not verdict.passed


@pytest.mark.parametrize("number", [1, 2, 7])
def test_an_answer_that_would_end_ray_is_told_so_and_ray_stays(number: int) -> None:
    @ray.remote
    def nap() -> None:
        time.sleep(0.2)

    def answer(numbers: object, again: object = None, third: object = None) -> None:
        refs = [nap.remote() for _ in range(3)]  # noqa: F841 - held to the end
        time.sleep(0.1)
        end_ray()

    end_ray = ray.shutdown  # by another name, too
    start_ray(1)
    try:
        verdict = find_exercise(number).grade(answer)
        assert (verdict.mistake, verdict.graded) == ("ray-shutdown", False)
        assert "end_ray()" in verdict.seen
        assert ray.get(nap.remote()) is None
    finally:
        ray.shutdown()


def test_a_ray_that_goes_before_the_recording_begins_is_told_so() -> None:
    def goes_as_it_is_looked_at() -> Iterator[Callable[..., object]]:
        ray.shutdown()
        yield slow_square

    start_ray(1)
    try:
        seen = observe(lambda: 7, watched=goes_as_it_is_looked_at())
    finally:
        ray.shutdown()
    assert (seen.ray_lost, seen.value, seen.seconds) == (True, None, 0.0)
    verdict = common_mistake(seen)
    assert verdict is not None
    assert verdict.mistake == "ray-lost"


LOSING_RAY = """
import os, signal, subprocess, sys
import ray
from raylessons.exercises.catalogue import find_exercise
from raylessons.cluster.session import start_ray


def my_best(weigh, weigh_again, parcels):
    children = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    for line in children.stdout.splitlines():
        pid, name = line.split()[:2]
        if name == "raylet":
            os.kill(int(pid), signal.SIGKILL)
    return ray.get(weigh.remote(1))


start_ray(1)
print(find_exercise(2).grade(my_best, deadline_seconds=3).mistake)
ray.shutdown()
start_ray(1)
print(ray.get(ray.remote(lambda: "fit again").remote()))
ray.shutdown()
"""


def test_a_ray_that_dies_meanwhile_is_told_from_a_wrong_answer() -> None:
    # In a process of its own: Ray prints the last words of the one that died.
    done = subprocess.run(
        [sys.executable, "-c", LOSING_RAY], capture_output=True, text=True, timeout=120
    )
    assert "\nray-lost\n" in done.stdout, done
    assert "fit again" in done.stdout
