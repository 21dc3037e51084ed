"""The page *Run your first tasks*: a slow loop as tasks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    longest_chain,
    outside_tasks,
    ran_in_turn,
    sleeps_less,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.trace.records import TaskKind, TaskRun
from raylessons.words import count
from raylessons.workloads import slow_square


@dataclass(frozen=True)
class Squaring:
    """What an answer to exercise 1 did with some numbers."""

    seen: Observation
    numbers: list[float]

    @property
    def runs(self) -> list[TaskRun]:
        """Return the runs of tasks and of calls; that an actor is made is no work."""
        return [run for run in self.seen.runs if run.kind is not TaskKind.CREATION]

    @property
    def work(self) -> list[TaskRun]:
        """Return the runs of what most of the tasks ran: others make ready, or wait for these."""
        names = Counter(run.name for run in self.runs)
        return [run for run in self.runs if run.name == names.most_common(1)[0][0]]

    @property
    def submissions(self) -> list[Submission]:
        """Return the submissions of the work by the driver."""
        ids = {run.task_id for run in self.work}
        return [
            each
            for each in self.seen.submissions
            if any(ref.task_id().hex() in ids for ref in each.refs)
        ]

    @property
    def tasks(self) -> int:
        """Count the tasks, those that tasks started too."""
        return max(len(self.seen.submissions), len(self.runs))

    @property
    def story(self) -> str:
        """Tell what ran."""
        return f"{count(self.tasks, 'task')} ran for {count(len(self.numbers), 'number')}."


def _several(chance: Random) -> list[float]:
    """Draw numbers in no order, two of them equal, and zero, whose square is none of the others."""
    equal, other = chance.sample(range(4, 16), 2)
    between = [other / 100, 0.0]
    chance.shuffle(between)
    # No order from small to big; the equal ones are not beside each other, and none is the last.
    return [equal / 100, between[0], equal / 100, between[1], 0.03]


def _slow(chance: Random) -> list[float]:
    """Draw one that outlasts a timeout of a second."""
    return [chance.randint(110, 130) / 100]


NUMBERS: Family = {
    "in no order, two of them equal, and zero": _several,
    "one that takes long": _slow,
    "none": lambda chance: [],
}


def grade_first_tasks(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 1: a slow loop as tasks that run at the same time."""
    tries: list[Squaring] = []
    for case in draw(NUMBERS, seed):
        numbers = list(case.value)
        seen = observe(answer, numbers, deadline_seconds=deadline_seconds, watched=(slow_square,))
        tries.append(Squaring(seen, list(case.value)))
        if verdict := judge(SQUARE_DEMANDS, tries[-1]):
            return case.tell(verdict, seen.picture)
    first = tries[0]
    return passed(
        f"{first.story} At most {first.seen.trace.peak_parallelism()} ran at once; it took "
        f"{first.seen.trace.makespan():.1f} s for {sum(first.numbers):.2f} s of sleep.",
        all_kept(SQUARE_DEMANDS),
    )


def _square_result(each: Squaring) -> Verdict | None:
    return wrong_list(each.seen.values, [number * number for number in each.numbers])


def _number_of_tasks(each: Squaring) -> Verdict | None:
    # Equal numbers may share a task: their square is the same.
    if each.tasks < len(set(each.numbers)):
        return not_yet(
            "one-task",
            each.story,
            "One task that does several does them one after the other. Give each number a task.",
            "Call `.remote(number)` once for each number, in a loop or a comprehension.",
        )
    if len(each.numbers) > 1 and each.tasks >= 2 * len(each.numbers):
        return not_yet(
            "work-twice",
            each.story,
            "You submit the work more than once, and Ray does it each time. Which line does so a "
            "second time?",
            "Keep the refs that `.remote()` returns in a list, and ask those for the results.",
        )
    return None


def _one_after_another(each: Squaring) -> Verdict | None:
    seen = each.seen
    if late := waits_between(each.submissions, seen):
        return not_yet(
            "get-in-loop",
            f"{late} of {each.tasks} tasks were submitted only after you had waited for an "
            "earlier one.",
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Start all of them before you wait for the first.",
            "Two steps: a list of refs, `[square.remote(number) for number in numbers]`, and then "
            "one `ray.get` of the whole list.",
        )
    if ran_in_turn(each.work):
        return not_yet(
            "get-in-loop",
            f"{each.story} Each was submitted only when the one before had ended.",
            "Your tasks take turns. Who waits for one before it starts the next?",
            "Start all of them before anybody waits for the first.",
        )
    if 2 < len(each.numbers) <= longest_chain(seen):
        return not_yet(
            "chain",
            f"{each.story} Each was given the ref of the one before.",
            "A task that takes the result of another waits for it, so your tasks take turns. "
            "What does a square need to know of the one before?",
            "Give each task its number alone, and make the list of the results at the end.",
        )
    if len(each.numbers) > 1 and _did_one_actor_all(each):
        return not_yet(
            "one-actor",
            f"{each.story} All were calls of one actor.",
            "An actor does one call after the other. What runs side by side, and keeps nothing?",
            "`ray.remote(slow_square)` makes a task of the function: no actor is needed.",
        )
    return None


def _did_one_actor_all(each: Squaring) -> bool:
    """Tell whether all work was calls of one actor, of which no two overlap."""
    if len({run.actor_id for run in each.work} - {None}) != 1:
        return False
    # The call itself: Ray counts a call that waits for the loop of an async actor as started.
    spans = sorted(
        (phase.start, phase.end)
        for run in each.work
        for phase in run.phases
        if phase.name == "execute"
    )
    return all(after[0] >= before[1] for before, after in pairwise(spans))


SQUARE_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand(
        "Ray tasks call `slow_square`, and not your program or its threads.",
        lambda each: outside_tasks(each.seen, "slow_square", slow_square) if each.numbers else None,
    ),
    Demand("The squares are right, and in the order of the numbers.", _square_result),
    Demand("Each number has a task of its own, and one.", _number_of_tasks),
    Demand("The tasks do not take turns.", _one_after_another),
    Demand(
        "Each task sleeps as long as its number says.",
        lambda each: sleeps_less(each.seen, each.numbers, "slow_square"),
    ),
)


FIRST_TASKS = Exercise(
    number=1,
    title="A slow loop as tasks",
    call="my_squares(numbers)",
    section="Five tasks at once",
    task=(
        "`slow_square` of the package sleeps for as many seconds as its argument says, then "
        "returns the square. The function below returns the list of squares. Let tasks call "
        "`slow_square`, one for each number, and return the same list in the same order, in the "
        "time of the slowest call where there are CPUs enough."
    ),
    starter_mistake="driver",
    grader=grade_first_tasks,
)
