"""Graders for chains of tasks: how an answer ties its tasks together by their refs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import common_mistake, waits_between
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.graphs import layers
from raylessons.words import count, describe, times
from raylessons.workloads import add_arrays

CHAINED = 4
# Odd twice on the way down, 7 to 4 to 2 to 1: an answer that forgets the odd one out loses it.
IN_A_TREE = 7


def add_arrays_at_once(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Add two arrays as `add_arrays` does, without its sleep: here the order of things counts."""
    return add_arrays(left, right, seconds_per_element=0)


def grade_sum(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 4: the sum of many arrays, with no wait in the function."""
    seen, given, total = _observe(answer, CHAINED, deadline_seconds)
    verdict = common_mistake(seen, wants="ref") or _tie_mistake(seen, given, total)
    return verdict or passed(
        f"you returned a ref at once, with {count(len(seen.submissions), 'task')} behind it, the "
        f"longest chain {count(_depth(seen), 'task')}; its value is the sum of all {CHAINED} "
        "arrays, and your function never waited."
    )


def grade_tree_sum(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 5: the same sum as a tree, which is as deep as its logarithm."""
    seen, given, total = _observe(answer, IN_A_TREE, deadline_seconds)
    verdict = common_mistake(seen, wants="ref") or _tie_mistake(seen, given, total)
    return (
        verdict
        or _tree_mistake(seen)
        or passed(
            f"{count(len(seen.submissions), 'task')} for {IN_A_TREE} arrays, and no chain longer "
            f"than {count(_depth(seen), 'task')}, where one after another takes {IN_A_TREE - 1}."
        )
    )


def _observe(
    answer: Callable[..., Any], arrays: int, deadline_seconds: float
) -> tuple[Observation, list[Any], np.ndarray]:
    require_ray()
    # Powers of two: every selection of them has a sum of its own.
    values = [np.array([2.0**power]) for power in range(arrays)]
    refs = [ray.put(value) for value in values]
    seen = observe(
        answer,
        ray.remote(add_arrays_at_once),
        list(refs),
        deadline_seconds=deadline_seconds,
        recorded=False,
        fetch=True,
    )
    return seen, refs, np.sum(values, axis=0)


def _tie_mistake(seen: Observation, given: list[Any], total: np.ndarray) -> Verdict | None:
    waits = seen.named("get", "wait")
    if not seen.submissions:
        return not_yet(
            "driver",
            "no task ran.",
            "Nothing is added by a task: your program does it itself, or not at all. "
            "What does `add.remote` take, and what does it return?",
        )
    if waits and (
        waits_between(seen.submissions, seen) or waits[0].start < seen.submissions[0].seconds
    ):
        return not_yet(
            "asks-early",
            f"you waited {times(len(waits))}, before all tasks were submitted.",
            "You fetch values only to hand them to the next task. A task takes a ref where it "
            "wants a value: leave the values where they are.",
        )
    if waits:
        return not_yet(
            "asks-at-end",
            f"you submitted all tasks, and then waited {times(len(waits))}.",
            "Who calls you may not need the value yet. Return the ref, and leave the wait to them.",
        )
    if not isinstance(seen.value, ray.ObjectRef):
        return not_yet(
            "no-ref",
            f"your function returned {describe(seen.value)}.",
            "The caller wants one ref, to the sum of all arrays. Which task comes last?",
        )
    if not np.array_equal(seen.fetched, total):
        return not_yet(
            "wrong-values",
            f"the sum of arrays that hold {_powers(len(given))} came out as {seen.fetched}.",
            "The sum is not that of all arrays, each once. Draw your tasks as dots and their refs "
            "as lines: which array has no line, or two?",
        )
    reached = _reached(seen)
    if not set(given) <= reached:
        return not_yet(
            "hidden-refs",
            f"{len(reached & set(given))} of {len(given)} refs were arguments of a task.",
            "You pass refs inside a list, where Ray does not look: the task started before its "
            "arrays needed to exist, and waits in a worker. Pass each ref as an argument.",
        )
    return None


def _tree_mistake(seen: Observation) -> Verdict | None:
    depth, best = _depth(seen), math.ceil(math.log2(IN_A_TREE))
    if len(seen.submissions) < IN_A_TREE - 1:
        return not_yet(
            "one-task",
            f"{count(len(seen.submissions), 'task')} for {IN_A_TREE} arrays.",
            "One task that adds several arrays adds them one after the other. "
            "Let each task add two.",
        )
    if depth <= best:
        return None
    story = f"the longest chain has {count(depth, 'task')}, and {best} are enough."
    if depth == IN_A_TREE - 1:
        return not_yet(
            "chain",
            story,
            "Each task needs the sum of the one before, so no two can run together. "
            "Which arrays can be added at the same time, right at the beginning?",
        )
    return not_yet(
        "lopsided",
        story,
        "Some pairs are added at the same time, and then one branch grows long. "
        "After the first round of pairs: what would a second round of pairs add?",
    )


def _reached(seen: Observation) -> set[Any]:
    """Return the refs that the returned one depends on, as far as Ray can know."""
    arguments = {ref: each.arguments for each in seen.submissions for ref in each.refs}
    reached: set[Any] = set()
    unvisited = [seen.value]
    while unvisited:
        ref = unvisited.pop()
        if ref not in reached:
            reached.add(ref)
            unvisited += arguments.get(ref, ())
    return reached


def _depth(seen: Observation) -> int:
    """Count the tasks of the longest chain."""
    made_by = {ref: str(turn) for turn, each in enumerate(seen.submissions) for ref in each.refs}
    needs = {
        str(turn): [made_by[ref] for ref in each.arguments if ref in made_by]
        for turn, each in enumerate(seen.submissions)
    }
    return len(layers(needs))


def _powers(number: int) -> str:
    return ", ".join(f"{2**power}" for power in range(number))


SUM = Exercise(
    number=4,
    title="Sum many arrays",
    call="my_sum(add, refs)",
    section="Pass refs, not results",
    task=(
        "`add` is a remote function that adds two arrays, and `refs` are the refs of several. "
        "Return one ref, to the sum of all of them, and let your function wait for nothing."
    ),
    starter_mistake="asks-early",
    grader=grade_sum,
)


TREE_SUM = Exercise(
    number=5,
    title="Sum them in a tree",
    call="my_tree_sum(add, refs)",
    section="Pass refs, not results",
    task=(
        "The same sum, in which as many additions as can be run at the same time: no chain may be "
        "longer than it must be. Seven arrays need three rounds of additions. Every `add` takes "
        "two arrays, and still nothing waits."
    ),
    starter_mistake="chain",
    grader=grade_tree_sum,
)
