"""What an answer to exercise 17 does with arrays that do not all fit into the store."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray

from raylessons.exercises.cases import Case, Family
from raylessons.exercises.demands import Demand
from raylessons.exercises.full_stores import ARRAY_BYTES, STORE_BYTES, StoreWatch, other_store
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import common_mistake, waits_between, wrong_list
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.words import count, format_bytes

ELEMENTS = ARRAY_BYTES // 8
MAKE_SECONDS = 0.02
SOME, GIGABYTE = 30, 100  # arrays
MANY = 8  # with those that are read they fill the store
MOST_TRIES = 3
LITTLE_SHARE = 0.3  # of all bytes: a busy machine may be late to let go of so much


@dataclass(frozen=True)
class Stream:
    """What an answer to exercise 17 did with some numbers."""

    case: Case
    seen: Observation
    watch: StoreWatch
    made: dict[str, list[int]]  # the numbers of which each task made the arrays, by its id
    spans: list[tuple[int, int]]  # from when to when, in nanoseconds

    @property
    def numbers(self) -> list[int]:
        """Return the numbers that it was given."""
        numbers: list[int] = self.case.value
        return numbers

    @property
    def makers(self) -> list[Submission]:
        """Return the driver's submissions of tasks that made an array."""
        return [each for each in self.seen.submissions if each.task_id in self.made]

    @property
    def total_bytes(self) -> int:
        """Return how many bytes all arrays have."""
        return ARRAY_BYTES * len(self.numbers)

    @property
    def at_first(self) -> int:
        """Count the arrays that the driver ordered before it waited for anything."""
        return len(self.makers) - waits_between(self.makers, self.seen)

    @property
    def referenced(self) -> int:
        """Return how many arrays, at once, the driver or a task of its own had a ref to."""
        return self.watch.most_referenced(
            frozenset(ref for each in self.makers for ref in each.refs)
        )


def _some_numbers(chance: Random) -> list[int]:
    numbers = [chance.randint(-99, 99) for _ in range(SOME - 3)]
    return [*numbers, 0, numbers[2], numbers[0]]


def _a_gigabyte(chance: Random) -> list[int]:
    return [chance.randint(-99, 99) for _ in range(GIGABYTE)]


STREAM_INPUTS: Family = {
    "three times the store, some numbers twice": _some_numbers,
    "no number": lambda chance: [],
    "one number": lambda chance: [chance.randint(1, 99)],
    "a gigabyte": _a_gigabyte,
}


def run_stream(
    answer: Callable[..., Any], case: Case, share: float, deadline_seconds: float
) -> Stream:
    """Run an answer; once more where a little went to disk, as it may where the machine is busy."""
    for _ in range(MOST_TRIES):
        stream = _try_stream(answer, case, share, deadline_seconds)
        if not 0 < stream.watch.disk_bytes < LITTLE_SHARE * stream.total_bytes:
            break
    return stream


def _try_stream(
    answer: Callable[..., Any], case: Case, share: float, deadline_seconds: float
) -> Stream:
    other_store()  # which waits until what was there before is gone
    ledger, clock, watch = Ledger(), Ledger(), StoreWatch()

    def make(number: int) -> NDArray[np.float64]:
        clock.write(time.monotonic_ns())
        ledger.write(int(number))
        time.sleep(MAKE_SECONDS)
        array = np.full(ELEMENTS, float(number))
        clock.write(time.monotonic_ns())
        return array

    def last_made() -> float | None:
        # As many as were ordered: what makes more of them does not come further.
        moments = sorted(moment for each in clock.read().values() for moment in each)
        in_time = moments[: 2 * len(case.value)]
        return in_time[-1] / 1e9 if in_time else None

    with watch.watching():
        seen = observe(
            answer,
            ray.remote(num_cpus=share, max_retries=0)(make),
            list(case.value),
            deadline_seconds=deadline_seconds,
            recorded=False,
            keeps_refs=False,
            last_done=last_made,
        )
    if seen.ray_lost:
        return Stream(case, seen, watch, {}, [])
    stamps = clock.take_tasks().values()
    spans = [span for each in stamps for span in zip(each[::2], each[1::2], strict=False)]
    return Stream(case, seen, watch, ledger.take_tasks(), sorted(spans))


def _not_made(stream: Stream) -> Verdict | None:
    if stream.made or not stream.numbers:
        return None
    return not_yet(
        "no-tasks",
        f"no array was made, for {count(len(stream.numbers), 'number')}.",
        "Your results come from somewhere else than from the arrays. Let `make.remote(number)` "
        "make one for each number, and add up what is in it.",
    )


def _wrong_sums(stream: Stream) -> Verdict | None:
    return wrong_list(stream.seen.values, [float(ELEMENTS * number) for number in stream.numbers])


def _made_twice(stream: Stream) -> Verdict | None:
    made = Counter(number for numbers in stream.made.values() for number in numbers)
    again = made - Counter(stream.numbers)
    if not again:
        return None
    return not_yet(
        "made-twice",
        f"{count(made.total(), 'array')} were made for {count(len(stream.numbers), 'number')}.",
        "Each `make.remote(number)` makes the array again. Which line asks for an array that you "
        "have had already?",
        "Call `make.remote` once for each number, and keep its ref until you have its sum.",
    )


def _one_at_a_time(stream: Stream) -> Verdict | None:
    if len(stream.numbers) < 2:
        return None
    if stream.makers:
        is_serial = waits_between(stream.makers, stream.seen) >= len(stream.makers) - 1
    else:
        ends = [end for _, end in stream.spans]
        is_serial = all(
            start >= end for (start, _), end in zip(stream.spans[1:], ends, strict=False)
        )
    if not is_serial:
        return None
    return not_yet(
        "one-at-a-time",
        "each array was asked for only when the one before had come.",
        "That needs little room, and while you read one array nobody makes the next. How many "
        "can be under way at once and still all fit into the store?",
        "Start three or four before you wait for the first, and one more for each that you have "
        "read.",
    )


def _all_at_once(stream: Stream) -> Verdict | None:
    at_first = stream.at_first
    if at_first <= MANY:
        return None
    seen = f"{count(at_first, 'array')} were asked for before you waited for anything."
    if disk := stream.watch.disk_bytes:
        seen = f"{seen[:-1]}, and {format_bytes(disk)} went to disk."
    if len(stream.seen.submissions) - len(stream.makers) >= len(stream.numbers) - 1:
        return not_yet(
            "all-at-once",
            seen,
            "Your second tasks give back little, but nothing keeps Ray from making all arrays "
            "before the first of them is added up. What bounds how many are under way?",
            "Start the two tasks for the next number only when a sum has come: `ray.wait` for "
            "one as soon as four are out.",
        )
    return not_yet(
        "all-at-once",
        seen,
        f"Ten arrays fill the store, and {at_first} are made whether you have read the first "
        "or not. How many do you need at one time?",
        "Start four. Then, as long as there are numbers, add up one array, let go of it, and "
        "start the next.",
    )


def _on_disk(stream: Stream) -> Verdict | None:
    watch = stream.watch
    if not watch.disk_bytes:
        return None
    seen = f"{format_bytes(watch.disk_bytes)} of {format_bytes(stream.total_bytes)} went to disk"
    if stream.referenced > MANY:
        return not_yet(
            "keeps-refs",
            f"{seen}; at one time you had refs to {stream.referenced} arrays.",
            "You start few at a time, and still have the refs of those that you have read. A ref "
            "holds its whole array: in which list, or variable, are they?",
            "Take a ref out of its list when you read it, as `refs.pop(0)` does, or the second "
            "list of `ray.wait`.",
        )
    return not_yet(
        "keeps-arrays",
        f"{seen}; at one time there were {format_bytes(watch.peak_bytes)} in a store of "
        f"{format_bytes(STORE_BYTES)}.",
        "You have let go of the refs, and hold what you have read: an array that is read in "
        "place stays in the store. Which variable or list has more of them than you need?",
        "Add up each array as soon as you have it, and keep the sum alone.",
    )


STREAM_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand("The arrays are made by `make`.", _not_made),
    Demand("The sums are right, and in the order of the numbers.", _wrong_sums),
    Demand("No array is made twice.", _made_twice),
    Demand("It asks for a second array before the first has come.", _one_at_a_time),
    Demand("It asks for eight arrays at most before the first has come.", _all_at_once),
    Demand("Nothing goes to disk.", _on_disk),
)
