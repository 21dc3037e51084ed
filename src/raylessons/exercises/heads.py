"""What an answer to exercise 16 holds while its caller has what it gave."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray

from raylessons.cluster import private
from raylessons.cluster.memory import measure_stores
from raylessons.exercises.cases import Family
from raylessons.exercises.demands import Demand
from raylessons.exercises.full_stores import ARRAY_BYTES, held_bytes
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import common_mistake, wrong_list
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.words import count, describe, shorten, times

ELEMENTS = ARRAY_BYTES // 8
HEAD = 3  # numbers of an array that are asked for


@dataclass(frozen=True)
class Look:
    """What was in the store while the caller had a head in hand."""

    held_bytes: int
    refs: int  # to arrays, that the driver had
    views: int  # among the heads so far

    @property
    def held(self) -> int:
        """Return how many arrays that is."""
        return round(self.held_bytes / ARRAY_BYTES)


@dataclass(frozen=True)
class Heads:
    """What an answer to exercise 16 did with some numbers."""

    numbers: list[int]
    seen: Observation
    looks: list[Look]  # one at each head, and one at the end
    made: dict[str, list[int]]  # the numbers of which each task made the arrays, by its id

    @property
    def is_asked_here(self) -> bool:
        """Tell whether the driver itself asked for an array."""
        return any(each.task_id in self.made for each in self.seen.submissions)

    @property
    def full(self) -> tuple[int, Look] | None:
        """Return the first look that found an array, and its number."""
        return next(((n, look) for n, look in enumerate(self.looks) if look.held), None)


class Caller:
    """Who takes the heads, keeps them, and looks into the store at each."""

    def __init__(self, ledger: Ledger, seconds: float) -> None:
        self.looks: list[Look] = []
        self._ledger = ledger
        self._seconds = seconds
        self._views = 0
        self._before = measure_stores().used_bytes

    def take(self, head: Any) -> None:
        """Take a head, and look."""
        self._views += is_view(head)
        self.look()

    def look(self) -> None:
        """Look into the store, after Ray had time to delete what nobody holds."""
        # Where something was held once, nobody needs to be patient again.
        patience = 0.0 if any(look.held for look in self.looks) else self._seconds
        held = held_bytes(self._before, patience)
        doers = self._ledger.read()
        refs = sum(private.returning_task(each) in doers for each in private.referenced_objects())
        self.looks.append(Look(held, refs, self._views))


def is_view(value: Any) -> bool:
    """Tell whether an array is a window on a whole one that was read in place.

    >>> is_view(np.ones(3)[:2]), is_view(np.frombuffer(bytes(ARRAY_BYTES))[:3])
    (False, True)
    """
    base = value
    while isinstance(base, np.ndarray):
        base = base.base
    # What came with its message lies in a buffer, too: a small one.
    return base is not None and base is not value and memoryview(base).nbytes >= ARRAY_BYTES


def _one_comes_again(chance: Random) -> list[int]:
    first, second, third = chance.sample(range(-99, 99), 3)
    return [first, second, first, third, second]


HEADS_INPUTS: Family = {
    "some numbers come again": _one_comes_again,
    "no number": lambda chance: [],
}


def run_heads(
    answer: Callable[..., Any],
    numbers: list[int],
    share: float,
    seconds: float,
    deadline_seconds: float,
) -> Heads:
    """Run an answer, and look into the store each time it hands a head over."""
    ledger = Ledger()
    caller = Caller(ledger, seconds)

    def make(number: int) -> NDArray[np.float64]:
        ledger.write(int(number))
        return np.arange(number, number + ELEMENTS, dtype=float)

    seen = observe(
        answer,
        ray.remote(num_cpus=share, max_retries=0)(make),
        list(numbers),
        deadline_seconds=deadline_seconds,
        recorded=False,
        on_handed=caller.take,
        keeps_refs=False,
    )
    if seen.ray_lost:
        return Heads(numbers, seen, [], {})
    if seen.error is None and not seen.timed_out:
        caller.look()
    return Heads(numbers, seen, caller.looks, ledger.take_tasks())


def _no_stream(heads: Heads) -> Verdict | None:
    if heads.seen.is_iterator:
        return None
    return not_yet(
        "no-stream",
        f"your function returned {describe(heads.seen.value)}.",
        "The caller takes one head after the other, and works with each before it asks for the "
        "next. What hands over one at a time?",
        "Leave `yield` in the loop, as it was.",
    )


def _wrong_heads(heads: Heads) -> Verdict | None:
    try:
        told = [_write_head(head) for head in heads.seen.values]
    except (TypeError, ValueError):
        return not_yet(
            "wrong-values",
            f"you handed over {shorten(heads.seen.values)}.",
            "Three numbers are asked for each time, in an array or a list.",
        )
    return wrong_list(told, [_write_head(range(n, n + HEAD)) for n in heads.numbers])


def _write_head(head: Any) -> str:
    return " ".join(f"{float(number):g}" for number in head)


def _not_made_or_again(heads: Heads) -> Verdict | None:
    made = Counter(number for numbers in heads.made.values() for number in numbers)
    if not made and heads.numbers:
        return not_yet(
            "no-tasks",
            f"no array was made, for {count(len(heads.numbers), 'number')}.",
            "Your heads come from somewhere else than from the arrays. Let `make.remote(number)` "
            "make each array, as before.",
        )
    again = [number for number, turns in made.items() if turns > 1]
    if not again:
        return None
    return not_yet(
        "made-twice",
        f"the array of {again[0]} was made {times(made[again[0]])}.",
        "A number that comes again has its array made again. What can you keep of an array that "
        "is small, and enough to answer with?",
        "Keep the heads in the dict, each a copy of three numbers, in the place of the refs.",
    )


def _keeps_memory(heads: Heads) -> Verdict | None:
    if heads.full is None:
        return None
    number, look = heads.full
    last = heads.looks[-1].held
    when = "at the end" if number == len(heads.looks) - 1 else f"when it had head {number + 1}"
    seen = f"the caller waited {when}, and {count(look.held, 'array')} stayed in the store."
    if len(heads.looks) > number + 1:
        seen += f" After the end there were {last}."
    if look.views:
        return not_yet(
            "hands-view",
            f"{seen} The caller had {count(look.views, 'head')} that are in the store.",
            "`array[:3]` has no numbers of its own: it is a window on the array that was read in "
            "place, and keeps all of it. What gives the caller three numbers, and no more?",
            "Hand over `array[:3].copy()`. Then see which variables still hold an array or a ref.",
        )
    if look.refs:
        return not_yet(
            "keeps-refs",
            f"{seen} Your program had {count(look.refs, 'ref')} to arrays.",
            "A ref holds its array, wherever it is: in a dict, in a list, in a variable of a loop "
            "or of a function that waits at its `yield`. Which of yours has one?",
            "Keep heads in the dict, and no refs; and put `ray.get(make.remote(number))` into one "
            "expression, or `del` the variable that has the ref.",
        )
    if heads.is_asked_here:
        return not_yet(
            "keeps-arrays",
            f"{seen} Your program had no ref to it.",
            "What you have read in place stays as long as a variable holds it, or a slice of it. "
            "While your function waits at `yield`, its variables live. Which one has the array?",
            "Say `del array` before the `yield`, or take the head in a function of its own, whose "
            "variables go when it returns. Whatever you keep for later has to be a copy.",
        )
    return not_yet(
        "keeps-elsewhere",
        f"{seen} Your program asked for no array itself.",
        "A task or an actor of yours has the ref, or the array. Does it let go of it?",
    )


HEADS_DEMANDS = (
    Demand("It comes to its end.", lambda each: common_mistake(each.seen, "stream")),
    Demand("It hands over one head after the other.", _no_stream),
    Demand("The heads are right, and in the order of the numbers.", _wrong_heads),
    Demand("The array of each number is made once.", _not_made_or_again),
    Demand("While the caller has a head, and at the end, no array is in the store.", _keeps_memory),
)
