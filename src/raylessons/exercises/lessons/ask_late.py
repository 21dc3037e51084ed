"""The page *Ask late*: two tasks for each parcel, and one wait."""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import ray

from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    waits_between,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count

PARCELS = (4, 9, 1, 7)


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


def grade_best(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 2: two tasks for each parcel, and one wait, at the end."""
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
            "The parcel that is heaviest the first time may not be so the second time.",
        )
    if waits_between(seen.submissions[: len(PARCELS)], seen):
        return not_yet(
            "get-in-loop",
            "you waited before every parcel had a task.",
            "You start a task, wait for it, and only then start the next, so they take turns. "
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


def _refs_asked_for(seen: Observation) -> int:
    return len(set(_refs_of_gets(seen)))


def _refs_of_gets(seen: Observation) -> Iterator[Any]:
    asked = (call.arguments.get("object_refs") for call in seen.named("get"))
    return chain.from_iterable(refs if isinstance(refs, list) else [refs] for refs in asked)


BEST = Exercise(
    number=2,
    title="Ask later",
    call="my_best(weigh, weigh_again, parcels)",
    section="Ask at the end",
    task=(
        "`weigh` and `weigh_again` are remote functions. `my_best` weighs every parcel, weighs "
        "the weight again, and returns the largest second weight. It is right, and it is slow. "
        "Make it as quick as its longest chain, and ask for as few values as you can."
    ),
    starter_mistake="get-in-loop",
    grader=grade_best,
)
