"""Graders for losing a node: values that can be had, and a record of a node that went."""

from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.fatal_work import FatalWork, square_of
from raylessons.exercises.lost_nodes import tell_record, write_record
from raylessons.exercises.mistakes import common_mistake, outside_tasks, waits_between, wrong_list
from raylessons.exercises.node_reports import REPORT_DEMANDS, NodeReport
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.worker_deaths import WORKER_DEATHS, deaths_untold
from raylessons.trace.records import Trace
from raylessons.words import count, listing, shorten, times

MOST_TRIES = 4


@dataclass(frozen=True)
class Inputs:
    """Some numbers to work on, and what becomes of the workers that take them."""

    numbers: list[int]
    work: FatalWork

    @property
    def expected(self) -> list[int | None]:
        """Return the values that are asked for."""
        lost = self.work.kills | self.work.raises
        return [None if number in lost else square_of(number) for number in self.numbers]

    @property
    def words(self) -> str:
        """Tell what becomes of whom."""
        told = [
            f"{listing([str(each) for each in sorted(numbers)])} {does}"
            for numbers, does in (
                (self.work.kills, "kills its worker every time"),
                (self.work.kills_first, "the first time only"),
                (self.work.raises, "raises a `ValueError`"),
            )
            if numbers
        ]
        return ", ".join([f"`inputs={self.numbers}`", *told])


@dataclass(frozen=True)
class Keeping:
    """What an answer to exercise 19 did with some inputs."""

    seen: Observation
    inputs: Inputs
    tries: dict[int, list[str]]  # by number: the tasks that have tried it

    @property
    def values(self) -> list[Any]:
        """Return what it handed over."""
        return self.seen.values

    @property
    def story(self) -> str:
        """Tell what was handed over, and what was expected."""
        return (
            f"you handed over {shorten(self.values, 120)}, where "
            f"{shorten(self.inputs.expected, 120)} was expected."
        )

    @property
    def too_often(self) -> dict[int, int]:
        """Return how often those inputs were tried that were tried too often."""
        tries = {number: len(doers) for number, doers in self.tries.items()}
        inputs = Counter(self.inputs.numbers)
        return {n: each for n, each in tries.items() if each > MOST_TRIES * inputs[n]}

    def wrong_among(self, numbers: Container[int]) -> list[int]:
        """Return those of the numbers in whose places another value stands than is expected."""
        return [
            number
            for number, value, expected in zip(
                self.inputs.numbers, self.values, self.inputs.expected, strict=True
            )
            if number in numbers and not _is(value, expected)
        ]


def _is(value: Any, expected: int | None) -> bool:
    return value is None if expected is None else bool(np.array_equal(value, expected))


def _fatal_inputs(chance: Random) -> Inputs:
    """Draw ten inputs, of which the last is harmless, as is the one between any two others."""
    numbers = chance.sample(range(2, 60), 9)
    dies, dies_first, raises = (
        frozenset({numbers[place]}) for place in chance.sample([0, 2, 4, 6, 8], 3)
    )
    # One value is nought, and two are equal.
    numbers[1], numbers[5] = 0, numbers[3]
    work = FatalWork(dies, dies_first, raises)
    return Inputs([*numbers, chance.randrange(60, 99)], work)


FATAL_INPUTS: Family = {
    "nothing fails": lambda chance: Inputs(chance.sample(range(2, 60), 4), FatalWork()),
    "ten inputs, three of which fail": _fatal_inputs,
}


def grade_values(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 19: values of all inputs but those which kill their workers, or raise."""
    require_ray()
    most = 0
    for case in draw(FATAL_INPUTS, seed):
        keeping = _run_values(answer, case.value, deadline_seconds)
        most = max(most, *map(len, keeping.tries.values()), 0)
        if verdict := judge(VALUE_DEMANDS, keeping):
            return case.tell(verdict, given=case.value.words)
    return passed(
        "of ten inputs one killed each worker that took it, one the first of them, and one raised: "
        f"you have the values of the other eight. No input was tried more than {times(most)}.",
        all_kept(VALUE_DEMANDS),
    )


def _run_values(answer: Callable[..., Any], inputs: Inputs, deadline_seconds: float) -> Keeping:
    with deaths_untold(bool(inputs.work.kills)):
        seen = observe(
            answer,
            inputs.work.function,
            list(inputs.numbers),
            deadline_seconds=deadline_seconds,
            watched=(square_of,),
            recorded=False,
        )
    return Keeping(seen, inputs, {} if seen.ray_lost else inputs.work.take_tries())


def _values_by_driver(keeping: Keeping) -> Verdict | None:
    if not keeping.seen.named("square_of"):
        return None
    return outside_tasks(keeping.seen, "work", square_of)


def _values_end(keeping: Keeping) -> Verdict | None:
    seen, error = keeping.seen, keeping.seen.error
    is_expected = bool(keeping.inputs.work.kills) and isinstance(error, ray.exceptions.RayError)
    if not is_expected:
        return common_mistake(seen)
    reached = f"`{type(error).__name__}` reached your function, and all values were lost with it."
    gets = seen.named("get")
    is_of_all = not gets or isinstance(gets[-1].arguments.get("object_refs"), Sequence)
    if is_of_all:
        return not_yet(
            "one-get",
            reached,
            "You ask for all values in one call, and one error takes its place. "
            "For how many refs can one error stand?",
            "Call `ray.get(ref)` for one ref after the other, each in a `try` of its own.",
        )
    if isinstance(error, WORKER_DEATHS):
        return not_yet(
            "death-uncaught",
            reached,
            "A worker died, and your `except` lets that pass: it is no exception of your task, and "
            "no `RayTaskError`. What have both errors in common?",
            "`ray.exceptions.RayError` is the class of all errors of `ray.get`.",
        )
    return not_yet(
        "exception-uncaught",
        reached,
        "An input raised an exception, and your `except` lets it pass: it is there for dead "
        "workers alone. What have both errors in common?",
        "`ray.exceptions.RayError` is the class of all errors of `ray.get`.",
    )


def _not_for_each_input(keeping: Keeping) -> Verdict | None:
    seen, tries = keeping.seen, keeping.tries
    if not seen.submissions:
        return outside_tasks(seen, "work", square_of)
    took: dict[str, set[int]] = {}
    for number, doers in tries.items():
        for doer in doers:
            took.setdefault(doer, set()).add(number)
    if all(len(numbers) == 1 for numbers in took.values()):
        return None
    most = max(took.values(), key=len)
    if len(took) == 1:
        return not_yet(
            "one-task",
            f"one task worked on {shorten(sorted(most))}.",
            "One task does all: what kills its worker takes all values along. Give each input a "
            "task.",
        )
    return not_yet(
        "batches",
        f"{count(len(took), 'task')} worked on {len(keeping.inputs.numbers)} inputs, one of them "
        f"on {shorten(sorted(most))}.",
        "An input shares its task with others, and takes them along when it kills the worker. "
        "What has each input to have for itself?",
        "Call `.remote` once for each input. Big batches are quicker, and lose more.",
    )


def _values_in_turn(keeping: Keeping) -> Verdict | None:
    seen, number = keeping.seen, len(keeping.inputs.numbers)
    first = seen.submissions[:number]
    if waits_between(first, seen) < max(1, len(first) - 1):
        return None
    return not_yet(
        "get-in-loop",
        f"{count(len(first), 'task')} were submitted, each only after you had waited for the one "
        "before.",
        "Your inputs take turns. Submit all of them before you wait for the first.",
        "Make a list of all refs first. The `try` belongs in a second loop, over the refs.",
    )


def _tried_too_often(keeping: Keeping) -> Verdict | None:
    if not keeping.too_often:
        return None
    number, tries = max(keeping.too_often.items(), key=lambda each: each[1])
    return not_yet(
        "endless-retries",
        f"`work({number})` was called {times(tries)}.",
        "An input that kills its worker does so each time, and nothing ends its repetition. "
        "How often is it worth it?",
        "`max_retries=-1` is without end, and so is a loop until it works. Ray's default of three "
        "is enough.",
    )


def _wrong_length(keeping: Keeping) -> Verdict | None:
    values, expected = keeping.values, keeping.inputs.expected
    if len(values) == len(expected):
        return None
    if None in expected and values == [each for each in expected if each is not None]:
        return not_yet(
            "left-out",
            keeping.story,
            "What failed is left out, so nobody can tell which input a value belongs to. "
            "What belongs in the place of a lost one?",
            "Append `None` in the `except`.",
        )
    if len(values) > len(expected) and None in expected:
        return not_yet(
            "too-many",
            keeping.story,
            "There are more places than inputs. Does an input that failed get one in the `except` "
            "and another behind it?",
        )
    if None in expected:
        return not_yet(
            "lost-others",
            keeping.story,
            "The list ends too early: other inputs have gone with those that failed. "
            "Does your loop go on after an error?",
            "Put the `try` inside the loop, around the one `ray.get`.",
        )
    return wrong_list(values, expected)


def _lost_values(keeping: Keeping) -> Verdict | None:
    inputs, values = keeping.inputs, keeping.values
    work = inputs.work
    failing = work.kills | work.kills_first | work.raises
    lost = keeping.wrong_among(set(inputs.numbers) - failing)
    if not lost:
        return None
    got = [value for value in values if value is not None]
    if Counter(map(str, values)) == Counter(map(str, inputs.expected)):
        return not_yet(
            "wrong-order",
            keeping.story,
            "The values are right, and their order is not. Where does your function lose it?",
            "Keep each value at the place of its input: go through the refs in the order in which "
            "you made them.",
        )
    if lost == [0]:
        return not_yet(
            "nought",
            keeping.story,
            "The value 0 is a value. What does your function ask to find out whether there is one?",
            "0 is false in an `if` and in an `or`. Compare with `is None`, or do without.",
        )
    if None in values and all(value in inputs.expected for value in got):
        return not_yet(
            "lost-others",
            keeping.story,
            f"{listing([str(each) for each in lost])} did nothing wrong, and the value is lost. "
            "What else ends in your `except`, or is skipped by it?",
            "Put the `try` inside the loop, around the one `ray.get`, and wait without a timeout.",
        )
    return wrong_list(values, inputs.expected)


def _lost_at_first_death(keeping: Keeping) -> Verdict | None:
    lost = keeping.wrong_among(keeping.inputs.work.kills_first)
    if not lost:
        return None
    return not_yet(
        "no-retry",
        f"{keeping.story} {lost[0]} was tried {times(len(keeping.tries.get(lost[0], [])))}.",
        f"{lost[0]} kills its worker the first time only: tried again, it has a value. What does "
        "your function do about that?",
        "Ray tries a task again by itself, unless `max_retries` is 0. Leave that out, or set it to "
        "1.",
    )


def _not_none(keeping: Keeping) -> Verdict | None:
    work = keeping.inputs.work
    if not keeping.wrong_among(work.kills | work.raises):
        return None
    return not_yet(
        "not-none",
        keeping.story,
        "What has no value has something else in its place: an error, words or a number. `None` "
        "was asked for.",
        "Append `None` in the `except`, and not the error.",
    )


VALUE_DEMANDS = (
    Demand("Ray tasks call `work`, and not your program or its threads.", _values_by_driver),
    Demand("It ends, and returns a list of values, though inputs fail.", _values_end),
    Demand("Each input has a task of its own.", _not_for_each_input),
    Demand("The tasks do not take turns.", _values_in_turn),
    Demand(f"No input is tried more than {times(MOST_TRIES)}.", _tried_too_often),
    Demand("There is one place for each input.", _wrong_length),
    Demand("All inputs that do not fail have their values, in their order.", _lost_values),
    Demand("One that kills its worker the first time has its value.", _lost_at_first_death),
    Demand("What fails again, or raises, has `None`.", _not_none),
)


RECORDS: Family = {
    "a node went, and all that it took along finished elsewhere": lambda chance: write_record(
        ["g!s.", "g!d.", "g.", "s.", "d."], chance
    ),
    # With each end of a second attempt, and with a first that had failed before.
    "a node went, and some tasks did not finish": lambda chance: write_record(
        ["g!", "g!s*d.", "g!s*", "g!?~", "g!s~", "g*g!s.", "s."], chance
    ),
    "tasks failed for other reasons, too": lambda chance: write_record(
        ["ge", "g*s.", "g*", "g.s.", "g!d.", "s*d.", "se", "d~"], chance
    ),
    "a node went, and took nothing along": lambda chance: write_record(
        ["g.", "s*d.", "d."], chance
    ),
    "another node joined": lambda chance: write_record(["g!n.", "g!s.", "n."], chance),
    "no node went": lambda chance: write_record(["s*d.", "g.", "g*s.", "de"], chance, gone=False),
    "nothing on record": lambda chance: Trace(),
}


def grade_report(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 20: what written traces say about a node that went."""
    require_ray()
    for case in draw(RECORDS, seed):
        seen = observe(answer, case.value, deadline_seconds=deadline_seconds, recorded=False)
        if verdict := judge(REPORT_DEMANDS, NodeReport(seen, case.value)):
            return case.tell(verdict, given=tell_record(case.value))
    return passed(
        f"{count(len(RECORDS), 'written trace')} read right: in most of them a node went, and "
        "tasks failed for that and other reasons.",
        all_kept(REPORT_DEMANDS),
    )


VALUES = Exercise(
    number=19,
    title="Keep what can be had",
    call="my_values(work, inputs)",
    section="Everything at once",
    task=(
        "Return a list with `work(item)` for each of the `inputs`, which are numbers, in their "
        "order, by a task for each; they do not take turns. `work` is a plain function. Some "
        "inputs kill the worker that takes them, and some of these do so the first time only: "
        "tried again, they have a value. Others raise an exception. What has no value in the end "
        "gets `None`. No input is tried more than four times."
    ),
    starter_mistake="one-get",
    grader=grade_values,
    sections={
        "one-get": Section("lose-a-node", "Everything at once"),
        "lost-others": Section("lose-a-node", "Everything at once"),
        "left-out": Section("lose-a-node", "Everything at once"),
        "exception-uncaught": Section("survive-failures", "An exception"),
    },
)


NODE_REPORT = Exercise(
    number=20,
    title="Read what a node took along",
    call="my_report(trace)",
    section="A node that goes",
    task=(
        "`trace` is the record of a program, during which one node went, or none. Of its `nodes`, "
        "the one that went has a moment as its `removed`, the others have `None`. Of its "
        "`task_runs`, one that was lost with its node has an `error` that begins with `NODE_DIED`, "
        "and one that had a result has the `outcome` `Outcome.FINISHED`. Return `None` if no node "
        "went. Otherwise return a tuple: the number of the node that went, and a dict with the "
        "`task_id` of each task that lost a run with it. The value of each is the number of the "
        "node where the task finished in the end, or `None` if it did not."
    ),
    starter_mistake="last-attempts",
    grader=grade_report,
)
