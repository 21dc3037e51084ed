"""Graders for Part 1: first tasks, and asking late."""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import ray

from raylessons.exercises.mistakes import (
    common_mistake,
    misfit,
    outside_tasks,
    sleeps_less,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import DEADLINE_SECONDS, Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.trace.names import count
from raylessons.workloads import slow_square

FIRST_CALL = "my_squares(numbers)"
BEST_CALL = "my_best(weigh, weigh_again, parcels)"

NUMBERS = (0.1, 0.04, 0.16, 0.08)
PARCELS = (4, 9, 1, 7)


def grade_first_tasks(
    answer: Callable[..., Any], deadline_seconds: float = DEADLINE_SECONDS
) -> Verdict:
    """Grade exercise 1: a slow loop as tasks that run at the same time."""
    if verdict := misfit(answer, FIRST_CALL, 1):
        return verdict
    seen = observe(answer, list(NUMBERS), deadline_seconds=deadline_seconds, watched=(slow_square,))
    expected = [number * number for number in NUMBERS]
    verdict = (
        common_mistake(seen)
        or outside_tasks(seen, "slow_square", slow_square)
        or wrong_list(seen.values, expected)
        or _one_after_another(seen, len(NUMBERS))
        or sleeps_less(seen, NUMBERS, "slow_square")
    )
    return verdict or passed(
        f"{count(len(seen.submissions), 'task')}, all submitted before the first result was asked "
        f"for, at most {seen.trace.peak_parallelism()} at once; "
        f"{seen.trace.makespan():.1f} s for {sum(NUMBERS):.2f} s of sleep."
    )


def weigh(parcel: int) -> int:
    """Weigh a parcel, which takes a fiftieth of a second."""
    time.sleep(0.02)
    return 10 * parcel


def weigh_again(weight: int) -> int:
    """Weigh once more; the heaviest may not stay so."""
    time.sleep(0.02)
    return second_weight(weight)


def second_weight(weight: int) -> int:
    """Tell what the second weighing of a parcel shows.

    >>> [second_weight(10 * parcel) for parcel in (4, 9, 1, 7)]
    [40, 6, 22, 10]
    """
    return weight * 7 % 48


def grade_best(answer: Callable[..., Any], deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
    """Grade exercise 2: two tasks for each parcel, and one wait, at the end."""
    if verdict := misfit(answer, BEST_CALL, 3):
        return verdict
    seen = observe(
        answer,
        ray.remote(weigh),
        ray.remote(weigh_again),
        list(PARCELS),
        deadline_seconds=deadline_seconds,
    )
    verdict = common_mistake(seen, wants="value") or _best_mistake(seen)
    return verdict or passed(
        f"{count(len(seen.submissions), 'task')} were submitted before the first value was asked "
        f"for, at most {seen.trace.peak_parallelism()} ran at once, and you asked for "
        f"{count(_refs_asked_for(seen), 'value')}."
    )


def _best_mistake(seen: Observation) -> Verdict | None:
    expected = max(second_weight(10 * parcel) for parcel in PARCELS)
    if not seen.submissions:
        return not_yet(
            "no-tasks",
            "no task ran.",
            "Your result comes from somewhere else than from the tasks. Call "
            "`weigh.remote(parcel)` for each parcel, and go on from what that returns.",
        )
    if seen.value != expected:
        return not_yet(
            "wrong-values",
            f"you returned {seen.value!r}, and the largest second weight is {expected}.",
            "Every parcel is weighed twice, and the largest of the second weights counts. "
            "The parcel that is heaviest the first time need not be so the second time.",
        )
    if waits_between(seen.submissions[: len(PARCELS)], seen):
        return not_yet(
            "get-in-loop",
            "you waited before every parcel had a task.",
            "You start a task, wait for it, and only then start the next, so that they take turns. "
            "Submit for every parcel before you wait for anything.",
        )
    if waits_between(seen.submissions, seen):
        return not_yet(
            "asks-midway",
            f"after {len(PARCELS)} tasks you waited, and then submitted the others.",
            "All second weighings wait until the last of the first is over. A task takes a ref "
            "where it wants a value: what can you pass to `weigh_again`?",
        )
    if len(seen.submissions) < 2 * len(PARCELS):
        return not_yet(
            "too-few-tasks",
            f"{count(len(seen.submissions), 'task')} ran for {len(PARCELS)} parcels.",
            "Each parcel is weighed twice, each time by a task of its own.",
        )
    if _refs_asked_for(seen) > len(PARCELS):
        return not_yet(
            "not-needed",
            f"you asked for {_refs_asked_for(seen)} values.",
            "Some of these values you never use. Ask only for those that the answer is made of.",
        )
    return None


def _one_after_another(seen: Observation, inputs: int) -> Verdict | None:
    tasks = max(len(seen.submissions), len(seen.trace.tasks()))
    if tasks < inputs:
        return not_yet(
            "one-task",
            f"{count(tasks, 'task')} ran for {inputs} inputs.",
            "One task that does everything does it one after the other. Give each input a task.",
        )
    if tasks >= 2 * inputs:
        return not_yet(
            "work-twice",
            f"{count(tasks, 'task')} ran for {inputs} inputs.",
            "You submit the work more than once, and Ray does it each time. Keep the refs that "
            "`.remote()` returns, and ask those for the results.",
        )
    if late := waits_between(seen.submissions, seen):
        return not_yet(
            "get-in-loop",
            f"{late} of {tasks} tasks were submitted only after you had waited for an earlier one.",
            "You start a task, wait for it, and only then start the next, so that they take turns. "
            "Start all of them before you wait for the first.",
        )
    return None


def _refs_asked_for(seen: Observation) -> int:
    return len(set(_refs_of_gets(seen)))


def _refs_of_gets(seen: Observation) -> Iterator[Any]:
    asked = (call.arguments.get("object_refs") for call in seen.named("get"))
    return chain.from_iterable(refs if isinstance(refs, list) else [refs] for refs in asked)
