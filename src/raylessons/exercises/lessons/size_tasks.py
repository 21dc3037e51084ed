"""Graders for the size of tasks: batches, and what is too small for a task."""

import time
from collections.abc import Callable
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import DEADLINE_SECONDS, Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count, shorten

SECONDS_PER_ITEM = 0.002
FEWEST_ITEMS, MOST_ITEMS = 150, 450
MOST_TASKS_PER_CPU = 10
# A batch that holds more than this share of all work leaves the others idle.
LARGEST_SHARE = 0.75

SIZES = (3, 90, 1, 60, 120, 5, 2)
CROSSING = 60
SECONDS_PER_SIZE = 0.0005


def tiny_work(item: int) -> int:
    """Return the square of a number, after two milliseconds."""
    time.sleep(SECONDS_PER_ITEM)
    return item * item


def sized_work(size: int) -> int:
    """Return the square of a size, after half as many milliseconds."""
    time.sleep(size * SECONDS_PER_SIZE)
    return size * size


def grade_batches(
    answer: Callable[..., Any], deadline_seconds: float = DEADLINE_SECONDS
) -> Verdict:
    """Grade exercise 8: much small work in few tasks, and in enough of them."""
    require_ray()
    cpus = int(ray.cluster_resources()["CPU"])
    most = MOST_TASKS_PER_CPU * cpus
    # So many that a task for each is too many, and no number that a batch size divides.
    items = list(range(min(max(FEWEST_ITEMS, 2 * most), MOST_ITEMS) + 1))
    seen = observe(
        answer,
        tiny_work,
        list(items),
        cpus,
        deadline_seconds=deadline_seconds,
        watched=(tiny_work,),
    )
    verdict = (
        common_mistake(seen)
        or outside_tasks(seen, "work", tiny_work)
        or wrong_list(seen.values, [item * item for item in items])
        or _batch_mistake(seen, len(items), cpus)
    )
    return verdict or passed(
        f"{count(len(seen.submissions), 'task')} for {len(items)} items on "
        f"{count(cpus, 'logical CPU')}; they took {seen.trace.makespan():.2f} s, "
        f"and one after another would take {len(items) * SECONDS_PER_ITEM:.2f} s at least."
    )


def _batch_mistake(seen: Observation, items: int, cpus: int) -> Verdict | None:
    tasks, most = len(seen.submissions), MOST_TASKS_PER_CPU * cpus
    story = f"{count(tasks, 'task')} ran for {items} items on {count(cpus, 'logical CPU')}."
    if tasks == 1:
        return not_yet(
            "one-task",
            story,
            "One task for everything uses one CPU, however many there are. "
            "Cut the items into several batches.",
        )
    if tasks >= items:
        return not_yet(
            "task-per-item",
            story,
            "Each item has a task of its own, and each task costs more than the work in it. "
            "Give a task many items.",
        )
    if tasks > most:
        return not_yet(
            "too-many-tasks",
            story,
            f"Your batches are still small: {most} tasks are plenty here. How many items must one "
            "take so that each CPU gets a few?",
        )
    if tasks < cpus:
        return not_yet(
            "too-few-tasks",
            story,
            "Some CPUs have no task at all. The number of CPUs is an argument: use it.",
        )
    if waits_between(seen.submissions, seen) >= tasks - 1:
        return not_yet(
            "get-in-loop",
            f"{story} Each was submitted only after you had waited for the one before.",
            "Your batches take turns. Submit all of them before you wait for the first.",
        )
    share = _largest_share(seen)
    if share > LARGEST_SHARE:
        return not_yet(
            "uneven",
            f"{story} One of them did {100 * share:.0f} % of the work.",
            "One batch holds nearly everything, and all others are done long before it. "
            "Cut the items into batches of one size.",
        )
    return None


def _largest_share(seen: Observation) -> float:
    # Its work alone: a worker that has just started takes long over the first task, however small.
    phases = [phase for run in seen.runs for phase in run.phases if phase.name == "execute"]
    spans = [phase.end - phase.start for phase in phases]
    return max(spans, default=0.0) / max(sum(spans), SECONDS_PER_ITEM)


def grade_choice(answer: Callable[..., Any], deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
    """Grade exercise 9: tasks for what is worth one, and the rest in the driver meanwhile."""
    seen = observe(
        answer,
        sized_work,
        list(SIZES),
        CROSSING,
        deadline_seconds=deadline_seconds,
        watched=(sized_work,),
    )
    verdict = (
        common_mistake(seen)
        or _place_mistake(seen)
        or wrong_list(seen.values, [size * size for size in SIZES])
    )
    local = [call for call in seen.named("sized_work") if call.thread == seen.own_thread]
    return verdict or passed(
        f"{count(len(seen.submissions), 'task')} for the sizes from {CROSSING} on, and "
        f"{count(len(local), 'call')} in the driver, all before you waited."
    )


def _place_mistake(seen: Observation) -> Verdict | None:
    small = sorted(size for size in SIZES if size < CROSSING)
    big = sorted(size for size in SIZES if size >= CROSSING)
    calls = seen.named("sized_work")
    local = sorted(call.arguments["size"] for call in calls)
    story = (
        f"with a crossing at {CROSSING}, the driver did {shorten(local)} itself, and "
        f"{count(len(seen.submissions), 'task')} ran."
    )
    if any(call.thread != seen.own_thread for call in calls):
        return outside_tasks(seen, "work", sized_work)
    if not local and not seen.submissions:
        return outside_tasks(seen, "work", sized_work)
    if not local:
        return not_yet(
            "all-remote",
            story,
            "The small ones became tasks, too, and each of those costs more than its work. "
            "What is quicker here is done here.",
        )
    if not seen.submissions:
        return not_yet(
            "all-local",
            story,
            "The big ones are worth a task: they could run at the same time. "
            "Compare each size with `crossing`.",
        )
    if local == big or (local and min(local) > min(big) and len(seen.submissions) >= len(small)):
        return not_yet(
            "reversed",
            story,
            "That is the wrong way round: the big ones are worth a task, the small ones are not.",
        )
    if CROSSING in local and local != small:
        return not_yet(
            "boundary",
            story,
            f"A task is worth it from the crossing on, so {CROSSING} is a task, too. "
            "Look at your comparison.",
        )
    if local != small or len(seen.submissions) != len(big):
        return not_yet(
            "other-sizes",
            story,
            f"The driver should do {shorten(small)}, each once, and tasks the other "
            f"{len(big)}. What decides between them?",
        )
    last = max(call.start for call in calls)
    if any(wait.start < last for wait in seen.named("get", "wait")):
        return not_yet(
            "waits-first",
            f"{story} You waited for a task before the driver had done its own part.",
            "While tasks run, the driver has nothing to do but its own small work. "
            "Submit first, then do that, and wait last.",
        )
    return None


BATCHES = Exercise(
    number=8,
    title="Batch small work",
    call="my_batches(work, items, cpus)",
    task=(
        "`work` is a plain function that takes two milliseconds. Return `work(item)` for all "
        "`items`, in their order, by tasks that each do many of them: at least one task for each "
        "of the `cpus` and more than one in total, at most ten for each, and all of about one size."
    ),
    starter_mistake="task-per-item",
    grader=grade_batches,
)


CHOICE = Exercise(
    number=9,
    title="Choose by size",
    call="my_choice(work, sizes, crossing)",
    task=(
        "`work(size)` takes longer for bigger sizes, and from `crossing` on it is worth a task. "
        "Return `work(size)` for all `sizes`, in their order: the bigger ones by tasks, the "
        "smaller ones by your program itself, while those run."
    ),
    starter_mistake="all-remote",
    grader=grade_choice,
)
