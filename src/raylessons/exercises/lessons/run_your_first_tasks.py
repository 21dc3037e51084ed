"""The page *Run your first tasks*: a slow loop as tasks."""

from collections.abc import Callable
from typing import Any

from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    sleeps_less,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count
from raylessons.workloads import slow_square

NUMBERS = (0.1, 0.04, 0.16, 0.08)


def grade_first_tasks(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 1: a slow loop as tasks that run at the same time."""
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
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Start all of them before you wait for the first.",
        )
    return None


FIRST_TASKS = Exercise(
    number=1,
    title="A slow loop as tasks",
    call="my_squares(numbers)",
    section="Five tasks at once",
    task=(
        "`slow_square` of the package sleeps for as many seconds as its argument says, then "
        "returns the square. Return the same list in the same order, in the time of the slowest "
        "call where there are CPUs enough."
    ),
    starter_mistake="driver",
    grader=grade_first_tasks,
)
