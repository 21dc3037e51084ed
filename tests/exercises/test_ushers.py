"""Tasks end in the order of a turnstile's stages, and its usher sees what becomes of them."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import ray

from raylessons.cluster.session import start_ray, warm_up
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.ushers import HELD_TURNS, TURN_SECONDS, Stage, Turnstile, Usher

STAGES = (Stage((3,)), Stage((1, 1)), Stage((2,)))
NUMBERS = (1, 2, 3, 1)


@pytest.fixture(scope="module", autouse=True)
def one_cpu() -> Iterator[None]:
    start_ray(1)
    warm_up(workers=len(NUMBERS))  # or the turnstile opens while a worker starts
    yield
    ray.shutdown()


def run(
    answer: Any, stages: Sequence[Stage] = STAGES, busy_seconds: float = 0
) -> tuple[Observation, Usher]:
    turnstile = Turnstile()
    usher = Usher(turnstile, stages)

    @ray.remote(num_cpus=0.2)
    def square(number: int) -> int:
        turnstile.wait_for(number)
        turnstile.sign(number)
        return number * number

    def take(value: Any) -> None:
        usher.take_handed(value)
        if busy_seconds and value == STAGES[0].numbers[0] ** 2:
            usher.wait_for_ends(len(NUMBERS) + 1, busy_seconds)

    with usher.at_work():
        seen = observe(answer, square, recorded=False, on_handed=take)
    return seen, usher


def as_they_come(square: Any) -> Iterator[int]:
    waiting = [square.remote(number) for number in NUMBERS]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield ray.get(ready[0])


def test_tasks_end_in_the_order_of_the_stages_however_they_were_submitted() -> None:
    seen, usher = run(as_they_come)
    assert seen.values == [9, 1, 1, 4]
    assert (usher.held_in(seen), usher.has_stalled) == (None, False)
    assert usher.lost_in(seen, turns=0) == []
    assert sorted(usher.signatures) == ["1", "1", "2", "3"]
    assert [task.value for task in usher.tasks] == [1, 4, 9, 1]


def test_what_lies_there_while_the_caller_is_busy_is_not_held_back_by_the_answer() -> None:
    seen, usher = run(as_they_come, busy_seconds=1.5 * HELD_TURNS * TURN_SECONDS)
    assert seen.values == [9, 1, 1, 4]
    assert usher.held_in(seen) is None


def test_a_value_that_lies_there_while_another_is_waited_for_is_held_back() -> None:
    def in_turn(square: Any) -> Iterator[int]:
        for ref in [square.remote(number) for number in NUMBERS]:
            yield ray.get(ref)

    seen, usher = run(in_turn)
    assert seen.values == [1, 4, 9, 1]
    held = usher.held_in(seen)
    assert held is not None
    assert held.value == 9
    assert 0 < usher.seconds_in(seen, held.moment) < seen.seconds


def test_a_value_that_is_never_handed_over_is_lost() -> None:
    def loses_one(square: Any) -> Iterator[int]:
        yield from (value for value in as_they_come(square) if value != 4)
        time.sleep(0.5)

    seen, usher = run(loses_one)
    assert usher.lost_in(seen, turns=3) == [4]


def test_a_value_that_comes_when_the_answer_has_ended_is_neither_held_back_nor_lost() -> None:
    def leaves_early(square: Any) -> Iterator[int]:
        refs = [square.remote(number) for number in NUMBERS]
        yield 0
        ray.cancel(refs[0])

    seen, usher = run(leaves_early)
    assert (usher.held_in(seen), usher.lost_in(seen, turns=15)) == (None, [])


def test_the_gate_opens_where_what_it_waits_for_is_never_submitted() -> None:
    def one_by_one(square: Any) -> Iterator[int]:
        for number in NUMBERS:
            yield ray.get(square.remote(number))

    seen, usher = run(one_by_one)
    assert seen.values == [1, 4, 9, 1]
    assert usher.has_stalled
