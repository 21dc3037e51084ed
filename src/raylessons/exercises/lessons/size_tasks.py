"""Graders for the size of tasks: batches, and what is too small for a task."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from statistics import mean, median
from typing import Any

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.driver_calls import Call
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import (
    common_mistake,
    longest_chain,
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

SECONDS_PER_SIZE = 0.0005
LOWEST_CROSSING, HIGHEST_CROSSING, BIGGEST_SIZE = 40, 70, 120


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
    """Draw so many items that a task for each is too many, in no order, some twice, and zero."""
    cpus = count_logical_cpus()
    number = min(max(FEWEST_ITEMS, 2 * MOST_TASKS_PER_CPU * cpus), MOST_ITEMS)
    items = [chance.randrange(2, number) for _ in range(number - 1)]
    return [*items, items[0], 0], cpus


def _for_one_cpu(chance: Random) -> tuple[list[int], int]:
    """Draw as many items for one CPU: a number that an answer has typed makes too many batches."""
    return [chance.randrange(2, 1000) for _ in range(FEWEST_ITEMS)], 1


def _for_many_cpus(chance: Random) -> tuple[list[int], int]:
    """Draw items that batches of their number by that of the CPUs, rounded up, leave CPUs without.

    With n CPUs and n (n - 2) + 1 items such batches hold n - 1, and are one too few.
    """
    cpus = chance.randint(17, 20)
    return [chance.randrange(2, 1000) for _ in range(cpus * (cpus - 2) + 1)], cpus


FOR_MANY_CPUS = "for many CPUs"
BATCH_INPUTS: Family = {
    "many in no order, some of them twice": _many,
    "for one CPU": _for_one_cpu,
    FOR_MANY_CPUS: _for_many_cpus,
}


def grade_batches(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 8: much small work in few tasks, and in enough of them."""
    require_ray()
    first = None
    for case in draw(BATCH_INPUTS, seed):
        items, cpus = case.value
        # An actor holds a CPU: there are not as many as the last case says.
        if case.kind == FOR_MANY_CPUS and first is not None and first.seen.trace.actors:
            continue
        batching = _run_batches(answer, items, cpus, deadline_seconds)
        first = first or batching
        if verdict := judge(BATCH_DEMANDS, batching):
            given = f"{len(items)} items, cpus={cpus}"
            return case.tell(verdict, batching.seen.picture, given)
    sizes = [len(items) for items in first.done.values()] if first else [0]
    return passed(
        f"{first.story if first else ''} They held {min(sizes)} to {max(sizes)} items.",
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
            f"{batching.story} Of these, {len(batching.done)} had work.",
            "Some CPUs have no task at all. The number of CPUs is an argument: use it.",
            "Work out the size of a batch from `len(items)` and `cpus`, with at "
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
    if batching.cpus == 1:
        return None  # where there is one, they do so whatever is submitted when
    if 2 < len(batching.done) <= longest_chain(seen):
        return not_yet(
            "chain",
            f"{batching.story} Each was given the ref of the one before.",
            "A task that takes the result of another waits for it, so your batches take turns. "
            "What does a batch need to know of the one before?",
            "Give each batch its items alone, and join the results at the end.",
        )
    doers = {run.actor_id for run in seen.runs if run.task_id in batching.done}
    if len(doers) == 1 and None not in doers:
        return not_yet(
            "one-actor",
            f"{batching.story} All were calls of one actor.",
            "An actor does one call after the other, in one process. Who could do the other "
            "batches meanwhile?",
            "Use tasks here: nothing has to be kept from one batch to the next.",
        )
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


@dataclass(frozen=True)
class Choice:
    """What an answer to exercise 9 did with some sizes."""

    seen: Observation
    sizes: list[int]
    crossing: int
    done: dict[str, list[int]]  # the sizes that each task did, by its id

    @property
    def big(self) -> list[int]:
        """Return the sizes that tasks should do, from the smallest on."""
        return sorted(size for size in self.sizes if size >= self.crossing)

    @property
    def small(self) -> list[int]:
        """Return the sizes that the program should do itself, from the smallest on."""
        return sorted(size for size in self.sizes if size < self.crossing)

    @property
    def calls(self) -> list[Call]:
        """Return the calls of `work` in the program itself."""
        return self.seen.named("sized_work")

    @property
    def here(self) -> list[int]:
        """Return the sizes that the program did itself, from the smallest on."""
        return sorted(call.arguments["size"] for call in self.calls)

    @property
    def there(self) -> list[int]:
        """Return the sizes that tasks did, from the smallest on."""
        return sorted(size for sizes in self.done.values() for size in sizes)

    @property
    def story(self) -> str:
        """Tell who did what."""
        return (
            f"with a crossing at {self.crossing}, your program did {shorten(self.here)} itself, "
            f"and tasks did {shorten(self.there)}."
        )


def _around_the_crossing(chance: Random) -> tuple[list[int], int]:
    """Draw sizes at, just below and far from the crossing, where no average of them splits alike.

    Some come twice, and small ones stand before big ones and behind them.
    """
    while True:
        crossing = chance.randint(LOWEST_CROSSING, HIGHEST_CROSSING)
        small, biggest = chance.randint(1, 9), chance.randint(BIGGEST_SIZE - 9, BIGGEST_SIZE)
        middle = [crossing - 1, 0, small, crossing, chance.choice((crossing, biggest))]
        chance.shuffle(middle)
        # The one that takes longest is not the last task, and the last size none of the equal ones.
        sizes = [small, biggest, *middle, chance.randint(10, 19)]
        if not any(crossing - 1 < each(sizes) <= crossing for each in (mean, median)):
            return sizes, crossing


def _all_small(chance: Random) -> tuple[list[int], int]:
    return [chance.randint(1, 9) for _ in range(4)], 50


def _all_big(chance: Random) -> tuple[list[int], int]:
    return [chance.randint(20, 40) for _ in range(3)], 20


CHOICE_INPUTS: Family = {
    "at, one below and far from the crossing, some of them twice": _around_the_crossing,
    "all smaller than the crossing": _all_small,
    "none smaller than the crossing": _all_big,
}


def grade_choice(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 9: tasks for what is worth one, and the rest in the driver meanwhile."""
    for case in draw(CHOICE_INPUTS, seed):
        sizes, crossing = case.value
        choice = _run_choice(answer, sizes, crossing, deadline_seconds)
        if verdict := judge(CHOICE_DEMANDS, choice):
            given = f"sizes={sizes}, crossing={crossing}"
            return case.tell(verdict, choice.seen.picture, f"`{given}`")
    return passed(
        f"{count(len(CHOICE_INPUTS), 'list')} of sizes, each with a crossing of its own: tasks did "
        "all from the crossing on, and your program the smaller ones before it waited.",
        all_kept(CHOICE_DEMANDS),
    )


def _run_choice(
    answer: Callable[..., Any], sizes: list[int], crossing: int, deadline_seconds: float
) -> Choice:
    ledger = Ledger()

    def work(size: int) -> int:
        ledger.write(int(size))
        return sized_work(size)

    seen = observe(
        answer,
        work,
        list(sizes),
        crossing,
        deadline_seconds=deadline_seconds,
        watched=(sized_work,),
    )
    return Choice(seen, sizes, crossing, ledger.take_tasks())


def _no_work(choice: Choice) -> Verdict | None:
    if choice.here or choice.there:
        return None
    return outside_tasks(choice.seen, "work", sized_work) or not_yet(
        "no-work",
        f"{count(len(choice.seen.submissions), 'task')} ran, and none of them called `work`.",
        "Your results come from somewhere else than from the work. Let a task, or your program, "
        "call `work(size)` for each size.",
    )


def _not_by_tasks(choice: Choice) -> Verdict | None:
    here, there, big = choice.here, choice.there, choice.big
    if big and not there:
        if any(call.thread != choice.seen.own_thread for call in choice.calls):
            return outside_tasks(choice.seen, "work", sized_work)
        return not_yet(
            "all-local",
            choice.story,
            "The big ones are worth a task: they could run at the same time. "
            "Compare each size with `crossing`.",
            "Make a remote function with `ray.remote(work)`, and call its `.remote(size)` for "
            "each size from `crossing` on.",
        )
    if big and here and min(here) >= choice.crossing and set(choice.small) <= set(there):
        return not_yet(
            "reversed",
            choice.story,
            "That is the wrong way round: the big ones are worth a task, the small ones are not.",
        )
    if verdict := _boundary(choice):
        return verdict
    if choice.small and not here and set(choice.small) <= set(there):
        return not_yet(
            "all-remote",
            choice.story,
            "The small ones became tasks, too, and each of those costs more than its work. "
            "What is quicker here is done here.",
            "For a size below `crossing` call `work(size)`, without any task.",
        )
    if _too_often(choice):
        return not_yet(
            "work-twice",
            choice.story,
            "Something is done more than once. Which line starts the tasks a second time, or does "
            "here what a task does, too?",
            "Keep each ref, and ask it for the result: every `.remote()` does the work again.",
        )
    if set(there) != set(big):
        return not_yet(
            "other-sizes",
            choice.story,
            f"Tasks should do {shorten(big)}, and nothing else decides it than whether a size is "
            "smaller than `crossing`. What does your function compare?",
            "Use the argument `crossing` itself: `size >= crossing` is a task.",
        )
    if len(choice.done) < len(there):
        return not_yet(
            "one-task",
            f"{count(len(choice.done), 'task')} did {shorten(there)}.",
            "One task that does several big ones does them one after the other. Give each of "
            "them a task.",
        )
    doers = {run.actor_id for run in choice.seen.runs if run.task_id in choice.done}
    if len(there) > 1 and len(doers) == 1 and None not in doers:
        return not_yet(
            "one-actor",
            f"{shorten(there)} were done by calls of one actor.",
            "An actor does one call after the other, so no two big ones run at once. "
            "What does the same work without an actor?",
            "`ray.remote(work)` makes a task of the work: nothing has to be kept between two.",
        )
    return None


def _boundary(choice: Choice) -> Verdict | None:
    """Tell whether all is right but for the sizes that are the crossing itself."""
    here, there = Counter(choice.here), Counter(choice.there)
    crossing = choice.crossing
    others = (here, there, Counter(choice.small), Counter(choice.big))
    mine, tasks, small, big = ({s: n for s, n in each.items() if s != crossing} for each in others)
    if crossing not in choice.sizes or (mine, tasks) != (small, big):
        return None
    if not here[crossing] and there[crossing]:
        return None
    both = "does it as well as a task" if there[crossing] else "does it itself"
    does = both if here[crossing] else "leaves it out, and so do the tasks"
    return not_yet(
        "boundary",
        f"{choice.story} The size {crossing} is the crossing itself: your program {does}.",
        f"A task is worth it from the crossing on, so {crossing} is a task, once. "
        "Look at your comparisons.",
        "`size >= crossing` is a task, and `size < crossing` is not: each size is one of the two.",
    )


def _too_often(choice: Choice) -> Counter[int]:
    return Counter([*choice.here, *choice.there]) - Counter(choice.sizes)


def _not_here(choice: Choice) -> Verdict | None:
    # Who does equal sizes once, and hands the result over twice, does all that is asked.
    if set(choice.here) == set(choice.small):
        return None
    if again := Counter(choice.here) - Counter(choice.small):
        return not_yet(
            "work-twice",
            f"your program called `work` for {shorten(sorted(again))} once too often.",
            "Your program does a size again, or one that a task has done. Each is done once.",
        )
    return not_yet(
        "lost",
        choice.story,
        "Some of the smaller ones are never done. Does every size reach a call of `work`?",
    )


def _choice_result(choice: Choice) -> Verdict | None:
    verdict = wrong_list(choice.seen.values, [size * size for size in choice.sizes])
    big = [size * size for size in choice.sizes if size >= choice.crossing]
    small = [size * size for size in choice.sizes if size < choice.crossing]
    if verdict is None or list(choice.seen.values) not in (big + small, small + big):
        return verdict
    return replace(
        verdict,
        hint="The results of the tasks are in one group, and your own in another. How does each "
        "come to the place of its size?",
        direct_hint="Keep refs and values by the places of their sizes, with `enumerate`; then "
        "fill one list.",
    )


def _not_meanwhile(choice: Choice) -> Verdict | None:
    seen = choice.seen
    if not choice.calls or not seen.submissions:
        return None
    first = seen.submissions[0].seconds
    waited = any(
        wait.thread == call.thread and first <= wait.start < call.start
        for wait in seen.waits
        for call in choice.calls
    )
    if waited:
        return not_yet(
            "waits-first",
            f"{choice.story} You waited for a task before your program had done its own part.",
            "While tasks run, your program has nothing to do but its own small work. "
            "Submit first, then do that, and wait last.",
            "Keep the refs, do all the small sizes, and only then call `ray.get`.",
        )
    early = [call for call in choice.calls if call.start < seen.submissions[-1].seconds]
    if early:
        sizes = shorten([call.arguments["size"] for call in early])
        return not_yet(
            "works-first",
            f"{choice.story} It did {sizes} before the last task was submitted.",
            "While your program did these, a big one had not been started yet, and could have "
            "been running. What has to come first?",
            "Go through the sizes twice: once to submit the tasks, and then to do the small ones.",
        )
    return None


CHOICE_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand("`work` is called for the sizes.", _no_work),
    Demand("Each size from `crossing` on has a task of its own.", _not_by_tasks),
    Demand("Your program does each of the smaller ones itself, once.", _not_here),
    Demand("The results are right, and in the order of the sizes.", _choice_result),
    Demand("It submits the tasks, then does its own part, and then waits.", _not_meanwhile),
)


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
        "Return a list of `work(size)` for all `sizes`, in their order: each of the bigger ones "
        "by a task of its own, and the smaller ones by your program itself, while those run."
    ),
    starter_mistake="all-remote",
    grader=grade_choice,
)
