"""Graders for the size of tasks: batches, and what is too small for a task."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.trace.records import TaskKind
from raylessons.words import count, shorten

SECONDS_PER_ITEM = 0.002
FEWEST_ITEMS, MOST_ITEMS = 150, 450
MOST_TASKS_PER_CPU = 10
# How much bigger than the average a batch may be. Of three or more that are cut by one size, of
# which the last takes the rest, none is: the rest is more than nothing.
BIGGEST_BATCH = 1.5

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


@dataclass(frozen=True)
class Batching:
    """What an answer to exercise 8 did with some items, for some CPUs."""

    seen: Observation
    items: list[int]
    cpus: int
    done: dict[str, list[int]]  # the items that each task did, by its id

    @property
    def tasks(self) -> int:
        """Count the tasks, those that tasks started too."""
        started = {run.task_id for run in self.seen.runs if run.kind is not TaskKind.CREATION}
        return max(len(self.seen.submissions), len(self.done), len(started))

    @property
    def story(self) -> str:
        """Tell what ran."""
        cpus = count(self.cpus, "logical CPU")
        return f"{count(self.tasks, 'task')} ran for {len(self.items)} items and {cpus}."


def _many(chance: Random) -> tuple[list[int], int]:
    """Draw so many items that a task for each is too many, in no order, and some of them twice."""
    cpus = count_logical_cpus()
    number = min(max(FEWEST_ITEMS, 2 * MOST_TASKS_PER_CPU * cpus), MOST_ITEMS) + 1
    items = [chance.randrange(2, number) for _ in range(number - 1)]
    return [*items, items[0]], cpus


def _for_many_cpus(chance: Random) -> tuple[list[int], int]:
    """Draw items for more CPUs than a number that stands in an answer is made for."""
    cpus = chance.choice((5, 6, 7))
    items = [chance.randrange(2, 1000) for _ in range(13 * cpus + 2)]
    return items, cpus


BATCH_INPUTS: Family = {
    "many in no order, some of them twice": _many,
    "for more CPUs": _for_many_cpus,
}


def grade_batches(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 8: much small work in few tasks, and in enough of them."""
    require_ray()
    for case in draw(BATCH_INPUTS, seed):
        items, cpus = case.value
        batching = _run_batches(answer, items, cpus, deadline_seconds)
        if verdict := judge(BATCH_DEMANDS, batching):
            given = f"{len(items)} items, cpus={cpus}"
            return case.tell(verdict, batching.seen.picture, given)
    return passed(
        f"{batching.story} No batch held more than {max(map(len, batching.done.values()))} items.",
        all_kept(BATCH_DEMANDS),
    )


def _run_batches(
    answer: Callable[..., Any], items: list[int], cpus: int, deadline_seconds: float
) -> Batching:
    ledger = Ledger()

    def work(item: int) -> int:
        ledger.write(int(item))
        return tiny_work(item)

    seen = observe(
        answer,
        work,
        list(items),
        cpus,
        deadline_seconds=deadline_seconds,
        watched=(tiny_work,),
    )
    return Batching(seen, items, cpus, ledger.take_tasks())


def _batch_result(batching: Batching) -> Verdict | None:
    return wrong_list(batching.seen.values, [item * item for item in batching.items])


def _too_few_batches(batching: Batching) -> Verdict | None:
    if batching.tasks == 1 or len(batching.done) == 1:
        return not_yet(
            "one-task",
            batching.story,
            "One task for everything uses one CPU, however many there are. "
            "Cut the items into several batches.",
            "Cut `items` into slices, `items[start : start + size]`, and start a task for each.",
        )
    if len(batching.done) < batching.cpus:
        return not_yet(
            "too-few-tasks",
            f"{batching.story} {count(len(batching.done), 'of them')} had work.",
            "Some CPUs have no task at all. The number of CPUs is an argument: use it.",
            "Work out the size of a batch from `len(items)` and `cpus`, so that there are at "
            "least as many batches as CPUs.",
        )
    return None


def _too_many_batches(batching: Batching) -> Verdict | None:
    most = MOST_TASKS_PER_CPU * batching.cpus
    if batching.tasks >= len(batching.items):
        return not_yet(
            "task-per-item",
            batching.story,
            "Each item has a task of its own, and each task costs more than the work in it. "
            "Give a task many items.",
            "Write a remote function that takes `work` and a list of items, and calls `work` for "
            "each of them in a loop of its own.",
        )
    if batching.tasks > most:
        return not_yet(
            "too-many-tasks",
            batching.story,
            f"Your batches are still small: {most} tasks are plenty here. How many items must one "
            "take so that each CPU gets a few?",
            f"The number of batches has to stay between {batching.cpus} and {most}: work out the "
            "size of a batch from that.",
        )
    return None


def _batches_in_turn(batching: Batching) -> Verdict | None:
    seen = batching.seen
    if waits_between(seen.submissions, seen) < len(seen.submissions) - 1:
        return None
    return not_yet(
        "get-in-loop",
        f"{batching.story} Each was submitted only after you had waited for the one before.",
        "Your batches take turns. Submit all of them before you wait for the first.",
        "Collect the refs in a list first; then call `ray.get` once, on the whole list.",
    )


def _uneven_batches(batching: Batching) -> Verdict | None:
    sizes = [len(items) for items in batching.done.values()]
    average = sum(sizes) / len(sizes)
    if max(sizes) <= BIGGEST_BATCH * average:
        return None
    return not_yet(
        "uneven",
        f"{batching.story} The biggest batch held {max(sizes)} items, where the average is "
        f"{average:.0f}.",
        "One batch holds far more than the others, which are done long before it. "
        "Cut the items into batches of about one size.",
        "Choose the size of a batch first, for all of them the same, and let the last take what "
        "is left.",
    )


def _work_twice(batching: Batching) -> Verdict | None:
    done = Counter(item for items in batching.done.values() for item in items)
    again = done - Counter(batching.items)
    if not again:
        return None
    return not_yet(
        "work-twice",
        f"`work` was called {done.total()} times for {len(batching.items)} items.",
        "Some items are worked on more than once, and the extra results thrown away. Which "
        "batches have items in common, or which tasks are started a second time?",
    )


BATCH_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand(
        "Ray tasks call `work`, and not your program or its threads.",
        lambda each: outside_tasks(each.seen, "work", tiny_work),
    ),
    Demand("The results are right, and in the order of the items.", _batch_result),
    Demand("More than one task, and at least one for each of the `cpus`.", _too_few_batches),
    Demand("At most ten tasks for each of the `cpus`.", _too_many_batches),
    Demand("The tasks do not take turns.", _batches_in_turn),
    Demand("The batches are of about one size.", _uneven_batches),
    Demand("Each item is worked on once.", _work_twice),
)


def grade_choice(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
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
    section="Make small work big",
    task=(
        "`work` is a plain function that takes some milliseconds. Return a list of `work(item)` "
        "for all `items`, in their order, by tasks that each do many of them: at least one task "
        "for each of the `cpus` and more than one in total, at most ten for each, and all of "
        "about one size."
    ),
    starter_mistake="task-per-item",
    grader=grade_batches,
)


CHOICE = Exercise(
    number=9,
    title="Choose by size",
    call="my_choice(work, sizes, crossing)",
    section="Where the lines cross",
    task=(
        "`work(size)` takes longer for bigger sizes, and from `crossing` on it is worth a task. "
        "Return `work(size)` for all `sizes`, in their order: the bigger ones by tasks, the "
        "smaller ones by your program itself, while those run."
    ),
    starter_mistake="all-remote",
    grader=grade_choice,
)
