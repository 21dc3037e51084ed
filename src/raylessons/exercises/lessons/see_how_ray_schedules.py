"""Grader for the order in which tasks are submitted."""

import time
from collections.abc import Callable
from typing import Any

import ray

from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import common_mistake, wrong_list
from raylessons.exercises.observing import observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.schedule import Task, predict_schedule
from raylessons.words import count, shorten
from raylessons.workloads import slow_square

# Names whose alphabet is of no use, and lengths that a good order packs better than another.
LENGTHS = (
    {"cake": 0.1, "bread": 0.05, "apple": 0.1, "pie": 0.25},
    {"tea": 0.1, "soup": 0.05, "roast": 0.2, "fish": 0.15, "egg": 0.05, "stew": 0.25},
    {"wash": 0.15, "dry": 0.15, "iron": 0.05, "fold": 0.2},
)
ORDER_CPUS = (2, 3)


def grade_order(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 3: the order of submission with the shortest makespan.

    The schedule oracle judges it, for fixed numbers of CPUs; then the real Ray runs it.
    """
    for lengths in LENGTHS:
        seen = observe(answer, dict(lengths), deadline_seconds=deadline_seconds, recorded=False)
        if verdict := common_mistake(seen) or _order_mistake(seen.values, lengths):
            return verdict
    cpus = int(ray.cluster_resources()["CPU"])
    took = _run(lengths, seen.values)
    return passed(
        f"{count(len(LENGTHS) * len(ORDER_CPUS), 'schedule')}, none longer than it must be. "
        f"On this Ray, with {count(cpus, 'logical CPU')}, the last should take "
        f"{makespan(lengths, seen.values, cpus):.2f} s, and took {took:.2f} s."
    )


def _order_mistake(order: list[Any], lengths: dict[str, float]) -> Verdict | None:
    if sorted(order, key=str) != sorted(lengths):
        unknown = [name for name in order if name not in lengths]
        if unknown:
            return not_yet(
                "wrong-values",
                f"you returned {shorten(order)} for the tasks {shorten(list(lengths))}.",
                "Return the names of the tasks. The lengths that belong to them you may use to "
                "sort by, not to return.",
            )
        return wrong_list(sorted(order), sorted(lengths))
    for cpus in ORDER_CPUS:
        mine, best = (makespan(lengths, names, cpus) for names in (order, _longest_first(lengths)))
        if mine <= best + 1e-9:
            continue
        story = f"with {cpus} CPUs your order of {shorten(order)} takes {mine:.2f} s, "
        story += f"and {best:.2f} s is possible."
        if order == list(lengths):
            return not_yet(
                "as-given",
                story,
                "You submit the tasks in the order in which they came. Look at the end of the "
                "schedule: which task still runs when all other CPUs are idle?",
            )
        if order == _longest_first(lengths)[::-1] or order == sorted(
            lengths, key=lengths.__getitem__
        ):
            return not_yet(
                "shortest-first",
                story,
                "The short ones go first, and the longest starts last and runs on alone. "
                "When should a task start that takes long?",
            )
        return not_yet(
            "too-long",
            story,
            "Another order ends sooner. Find the task that ends last in your schedule: "
            "could it have started before another?",
        )
    return None


def makespan(lengths: dict[str, float], order: list[str], cpus: int) -> float:
    """Predict the seconds from the first start to the last end of these tasks, in this order."""
    return predict_schedule([Task(name, lengths[name]) for name in order], cpus).makespan


def _longest_first(lengths: dict[str, float]) -> list[str]:
    return sorted(lengths, key=lambda name: -lengths[name])


def _run(lengths: dict[str, float], order: list[str]) -> float:
    nap = ray.remote(slow_square)
    start = time.perf_counter()
    ray.get([nap.remote(lengths[name]) for name in order])
    return time.perf_counter() - start


ORDER = Exercise(
    number=3,
    title="Find the order",
    call="my_order(seconds)",
    section="Unequal tasks",
    task=(
        "`seconds` maps the name of each task to its length. Return the names in the order in "
        "which to submit the tasks so that the last ends as early as you can make it, whatever "
        "the lengths and the number of CPUs."
    ),
    starter_mistake="as-given",
    grader=grade_order,
)
