"""Graders for Part 1: first tasks, asking late, and the order of submission."""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import ray

from raylessons.grading import DEADLINE_SECONDS, Observation, observe
from raylessons.mistakes import (
    common_mistake,
    misfit,
    outside_tasks,
    shorten,
    sleeps_less,
    waits_between,
    wrong_list,
)
from raylessons.names import count
from raylessons.schedule import Task, predict_schedule
from raylessons.verdicts import Verdict, not_yet, passed
from raylessons.workloads import slow_square

FIRST_CALL = "my_squares(numbers)"
BEST_CALL = "my_best(weigh, weigh_again, parcels)"
ORDER_CALL = "my_order(seconds)"

NUMBERS = (0.1, 0.04, 0.16, 0.08)
PARCELS = (4, 9, 1, 7)
# Names whose alphabet is of no use, and lengths that a good order packs better than another.
LENGTHS = (
    {"cake": 0.2, "bread": 0.1, "apple": 0.2, "pie": 0.5},
    {"tea": 0.2, "soup": 0.1, "roast": 0.4, "fish": 0.3, "egg": 0.1, "stew": 0.5},
    {"wash": 0.3, "dry": 0.3, "iron": 0.1, "fold": 0.4},
)
ORDER_CPUS = (2, 3)


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
    """Weigh a parcel, which takes a twentieth of a second."""
    time.sleep(0.05)
    return 10 * parcel


def weigh_again(weight: int) -> int:
    """Weigh once more; the heaviest may not stay so."""
    time.sleep(0.05)
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


def grade_order(answer: Callable[..., Any], deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
    """Grade exercise 3: the order of submission with the shortest makespan.

    The schedule oracle judges it, for fixed numbers of CPUs; then the real Ray runs it.
    """
    if verdict := misfit(answer, ORDER_CALL, 1):
        return verdict
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
        story = f"with {cpus} CPUs your order of {shorten(order)} takes {mine:.1f} s, "
        story += f"and {best:.1f} s is possible."
        if order == list(lengths):
            return not_yet(
                "as-given",
                story,
                "You submit the tasks in the order in which they came. Look at the end of the "
                "schedule: which task still runs when all other CPUs are idle?",
            )
        if order == _longest_first(lengths)[::-1] or order == sorted(lengths, key=lengths.get):  # type: ignore[arg-type]
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
