"""What an answer to exercise 7 does with the numbers that it is given."""

import inspect
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from dis import get_instructions
from functools import cached_property
from random import Random
from threading import Event
from types import CodeType
from typing import Any

import ray

from raylessons.cluster import private
from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus, warm_up
from raylessons.exercises.cases import Case, Family, draw
from raylessons.exercises.mistakes import (
    waits_between,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.picture import Picture, picture_of
from raylessons.exercises.slowness import measure_slowness
from raylessons.exercises.ushers import Held, Stage, Turnstile, Usher, is_number
from raylessons.schedule import CPU_GRAIN
from raylessons.words import listing
from raylessons.workloads import slow_square

MOST_NUMBERS = 6
# Where a busy machine shows nothing, once more, with a deadline three times as late.
MOST_TRIES = 3
ROOMY_SECONDS = 4.0  # a deadline that nothing has to do with
PAUSE_TURNS = 10  # of the usher's: a fifth of a second
DEADLINE_SECONDS = 1.2
SHORT_DEADLINE_SECONDS = 0.4
LATE_SHARE = 0.55  # of the deadline, after which the last square comes
STAYING_SECONDS = 1.0
# The clocks of an answer and of the check differ by less than that.
EARLY_SHARE = 0.9
# Tasks that hang do so for much longer: who is at work after this time waits for them.
LATE_SECONDS = 3.0


def side_by_side(function: Callable[..., Any], tasks: int) -> Any:
    """Make a remote function of which `tasks` run at once, however many CPUs Ray has.

    Each asks for a small share of a CPU: the functions of the exercises sleep. Workers for them
    are started, so that none is late.

    Raises `RuntimeError` where Ray is not running.
    """
    return ray.remote(num_cpus=cpu_share(tasks))(function)


def cpu_share(tasks: int) -> float:
    """Start workers for some tasks, and return the share of a CPU with which all run at once.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    warm_up(workers=tasks)
    return math.floor(min(1.0, count_logical_cpus() / tasks) * CPU_GRAIN) / CPU_GRAIN


@dataclass(frozen=True)
class Numbers:
    """An input of exercise 7, and what becomes of its tasks."""

    numbers: list[float]
    deadline_seconds: float
    stages: tuple[Stage, ...] = ()  # in which they end; those in none end by themselves
    raising: Mapping[float, type[Exception]] = field(default_factory=dict)
    dying: frozenset[float] = frozenset()

    @property
    def squares(self) -> list[float]:
        """Return the squares of those whose tasks end well, in the order of their stages."""
        failing = {*self.raising, *self.dying}
        order = [number for stage in self.stages for number in stage.numbers]
        return [
            number * number
            for number in sorted(self.numbers, key=lambda n: order.index(n) if n in order else 99)
            if number not in failing
        ]

    @property
    def hanging(self) -> int:
        """Count those that end long after the deadline."""
        return sum(number > self.deadline_seconds for number in self.numbers)

    @property
    def told(self) -> str:
        """Tell what was given, and what became of it."""
        told = f"numbers={self.numbers}, deadline_seconds={self.deadline_seconds:g}"
        if self.raising:
            words = listing([f"{number:g}" for number in self.raising])
            dying = listing([f"{number:g}" for number in self.dying])
            return f"{told}; the tasks of {words} raise, the worker of {dying} dies"
        if self.stages:
            order = [listing([f"{n:g}" for n in stage.numbers]) for stage in self.stages]
            return f"{told}; the tasks finish in the order {', '.join(order)}"
        return told


@dataclass(frozen=True)
class Trial:
    """What an answer to exercise 7 did with one input."""

    case: Case
    seen: Observation
    usher: Usher

    @property
    def asked(self) -> Numbers:
        """Return the input."""
        asked: Numbers = self.case.value
        return asked

    @property
    def number_of(self) -> dict[Any, float]:
        """Map each square to its number."""
        return {number * number: number for number in self.asked.numbers}

    @property
    def is_open(self) -> bool:
        """Tell whether the machine was too busy to show what was to be seen."""
        seen = self.seen
        if seen.error or seen.timed_out or len(seen.submissions) != len(self.asked.numbers):
            return False
        if self.held or waits_between(seen.submissions, seen):
            return False
        return self.usher.has_stalled or self.ran_out

    @property
    def ran_out(self) -> bool:
        """Tell whether squares are missing because their tasks were late for the deadline."""
        if len(self.seen.values) >= len(self.asked.squares):
            return False
        latest = self.asked.deadline_seconds - STAYING_SECONDS
        ends = [
            task.ended is None or self.usher.seconds_in(self.seen, task.ended) > latest
            for task in self.usher.tasks
        ]
        return self.seen.seconds >= EARLY_SHARE * self.asked.deadline_seconds and any(ends)

    @property
    def held(self) -> Held | None:
        """Return the first square that was held back."""
        return self.usher.held_in(self.seen)

    @property
    def stays_on(self) -> bool:
        """Tell whether it went on to the deadline, long after the last square."""
        last = max((each.seconds for each in self.seen.handed), default=0.0)
        end = self.seen.seconds
        return end >= EARLY_SHARE * self.asked.deadline_seconds and end - last > STAYING_SECONDS

    @property
    def picture(self) -> Picture | None:
        """Draw from when to when its tasks were waited for, and when it waited."""
        tasks = []
        for task in self.usher.tasks:
            number = self.number_of.get(task.value) if is_number(task.value) else None
            name = "a task" if number is None else f"square({number:g})"
            start = self.usher.seconds_in(self.seen, task.submitted)
            end = task.ended and self.usher.seconds_in(self.seen, task.ended)
            tasks.append((name, (start, end or max(start, self.seen.seconds))))
        waits = [(wait.start, wait.end or self.seen.seconds) for wait in self.seen.waits]
        return picture_of(tasks, waits) if tasks else None


def _in_another_order(chance: Random) -> Numbers:
    """Draw numbers that finish in no order that can be told from them, nor from their places."""
    low, twice, high = (each / 100 for each in sorted(chance.sample(range(3, 20), 3)))
    middle = [0, twice, high]
    chance.shuffle(middle)
    stages = (Stage((high,)), Stage((0,)), Stage((twice, twice)), Stage((low,)))
    return Numbers([low, *middle, twice], ROOMY_SECONDS, stages)


def _none_at_all(chance: Random) -> Numbers:
    return Numbers([], ROOMY_SECONDS)


def _some_that_fail(chance: Random) -> Numbers:
    """Draw numbers of which some fail, in each way, before others are done."""
    first, early, raising, second, dying, late = (n / 100 for n in chance.sample(range(1, 10), 6))
    numbers = [first, early, raising, second, dying, late]
    chance.shuffle(numbers)
    # A pause after each, so that an answer meets with them one by one.
    stages = (
        Stage((first,)),
        Stage((early, raising), PAUSE_TURNS),
        Stage((second,), PAUSE_TURNS),
        Stage((dying,), PAUSE_TURNS),
        Stage((late,)),
    )
    raises = {raising: ValueError, second: ZeroDivisionError}
    return Numbers(numbers, ROOMY_SECONDS, stages, raises, frozenset({dying}))


def _a_slow_caller(chance: Random) -> Numbers:
    """Draw numbers of which one comes, and the caller is busy with it until after the deadline."""
    first, last = (float(n) for n in chance.sample(range(60, 99), 2))
    return Numbers([first, chance.randint(3, 9) / 100, last], SHORT_DEADLINE_SECONDS)


def _some_that_hang(chance: Random) -> Numbers:
    """Draw numbers of which most hang, the first and the last too."""
    first, second, last = (float(n) for n in chance.sample(range(60, 99), 3))
    early = chance.randint(3, 9) / 100
    middle = [second, early, LATE_SHARE * DEADLINE_SECONDS]
    chance.shuffle(middle)
    return Numbers([first, *middle, last], DEADLINE_SECONDS)


SQUARE_INPUTS: Family = {
    "another order, two equal, one nought": _in_another_order,
    "no numbers": _none_at_all,
    "some fail": _some_that_fail,
    "some hang": _some_that_hang,
    "some hang, and the caller takes longer than the deadline over the first": _a_slow_caller,
}


@dataclass(frozen=True)
class Pause:
    """What keeps the caller busy with a square, the first or a later one."""

    square: int  # counted from 1
    keep: Callable[[Usher, Numbers], None]


class Squaring:
    """What an answer to exercise 7 does with its inputs, each tried when it is first asked for."""

    def __init__(self, answer: Callable[..., Any], deadline_seconds: float, seed: int) -> None:
        self.answer = answer
        self._most_seconds = deadline_seconds
        self._cases = draw(SQUARE_INPUTS, seed)
        self._share = cpu_share(MOST_NUMBERS)
        self._slowness = measure_slowness()
        self.last: Trial | None = None

    @cached_property
    def ordered(self) -> Trial:
        """Try the input whose tasks finish in another order."""
        return self._try(self._cases[0], Pause(2, _until_two_are_ready))

    @cached_property
    def empty(self) -> Trial:
        """Try no numbers."""
        return self._try(self._cases[1])

    @cached_property
    def failing(self) -> Trial:
        """Try the input some of whose tasks fail."""
        with private.deaths_untold():
            return self._try(self._cases[2], Pause(1, _until_three_have_ended))

    @cached_property
    def hanging(self) -> Trial:
        """Try the input some of whose tasks hang, for longer where none was ready in time."""
        case = self._cases[3]
        for _ in range(MOST_TRIES):
            deadline = case.value.deadline_seconds
            trial = self._try_once(case, most_seconds=deadline + LATE_SECONDS)
            # On a busy machine none may be ready in time, and then none can be lost.
            is_shown = any(is_number(task.value) for task in trial.usher.tasks)
            if is_shown and not trial.seen.unheeding:
                break
            case = replace(case, value=replace(case.value, deadline_seconds=3 * deadline))
        self.last = trial
        return trial

    @cached_property
    def called_slowly(self) -> Trial:
        """Try the input whose first square keeps the caller busy until after the deadline."""
        case = self._cases[4]
        for _ in range(MOST_TRIES):
            deadline = case.value.deadline_seconds
            pause = Pause(1, _for_the_deadline)
            trial = self._try_once(case, 2 * deadline + LATE_SECONDS, pause)
            if trial.seen.handed:
                break  # on a busy machine none may be ready in time, and then nothing is shown
            case = replace(case, value=replace(case.value, deadline_seconds=3 * deadline))
        self.last = trial
        return trial

    def _try(self, case: Case, pause: Pause | None = None) -> Trial:
        for _ in range(MOST_TRIES):
            trial = self._try_once(case, self._most_seconds, pause)
            if not trial.is_open:
                break
            longer = 3 * case.value.deadline_seconds
            case = replace(case, value=replace(case.value, deadline_seconds=longer))
        self.last = trial
        return trial

    def _try_once(self, case: Case, most_seconds: float, pause: Pause | None = None) -> Trial:
        asked: Numbers = case.value
        handed = 0

        def take(value: Any) -> None:
            nonlocal handed
            usher.take_handed(value)
            handed += 1
            if pause is not None and handed == pause.square:
                pause.keep(usher, asked)

        turnstile = Turnstile()
        usher = Usher(turnstile, asked.stages, self._slowness)
        square = ray.remote(num_cpus=self._share, max_retries=0)(_make_square(asked, turnstile))
        with usher.at_work():
            seen = observe(
                self.answer,
                square,
                list(asked.numbers),
                asked.deadline_seconds,
                deadline_seconds=most_seconds,
                watched=(slow_square, ray.util.as_completed),
                recorded=False,
                on_handed=take,
            )
        return Trial(case, seen, usher)


def _until_two_are_ready(usher: Usher, asked: Numbers) -> None:
    """Keep the caller busy with the second square until the two after it are ready at once."""
    usher.wait_for_ends(4, LATE_SECONDS)


def _until_three_have_ended(usher: Usher, asked: Numbers) -> None:
    """Keep the caller busy until one that failed and another are ready at once."""
    usher.wait_for_ends(3, LATE_SECONDS)


def _for_the_deadline(usher: Usher, asked: Numbers) -> None:
    Event().wait(asked.deadline_seconds)  # no sleep, which would count as one of the answer's


def mentions(answer: Callable[..., Any], name: str) -> bool:
    """Tell whether a function uses a name, or a function that it defines does.

    >>> [mentions(lambda refs: [map(ray.cancel, refs)], name) for name in ("cancel", "kill")]
    [True, False]
    """
    return any(name in code.co_names for code in _codes(answer))


def catches(answer: Callable[..., Any]) -> bool:
    """Tell whether a function has an `except` with a class, or a function that it defines has.

    >>> catches(mentions)
    False
    """
    steps = (step for code in _codes(answer) for step in get_instructions(code))
    return any("EXC_MATCH" in step.opname for step in steps)  # Python 3.10 names it otherwise


def _codes(answer: Callable[..., Any]) -> Iterator[CodeType]:
    left = [getattr(inspect.unwrap(answer), "__code__", None)]
    while left:
        code = left.pop()
        if isinstance(code, CodeType):
            yield code
            left += code.co_consts


def _make_square(asked: Numbers, turnstile: Turnstile) -> Callable[[float], float]:
    gated = {number for stage in asked.stages for number in stage.numbers}
    raising, dying = dict(asked.raising), asked.dying

    def square(number: float) -> float:
        end = time.monotonic() + number
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.02))  # so short that ray.cancel can step in between
        if number in gated:
            turnstile.wait_for(number)
        turnstile.sign(number)
        if number in dying:
            os._exit(1)
        if number in raising:
            raise raising[number](f"the task of {number} failed")
        return number * number

    return square
