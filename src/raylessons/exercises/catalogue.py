"""The exercises of the course: what each asks for, where it stands, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raylessons.claims import show
from raylessons.exercises.lessons import chain_tasks as grading_chains
from raylessons.exercises.lessons import rounds as grading_rounds
from raylessons.exercises.lessons import see_how_ray_schedules as grading_schedules
from raylessons.exercises.lessons import size_tasks as grading_sizes
from raylessons.exercises.lessons import tasks as grading_tasks
from raylessons.exercises.lessons import waits as grading_waits
from raylessons.exercises.lessons import watch_the_cluster as grading_clusters
from raylessons.exercises.verdicts import Verdict

ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Exercise:
    """An exercise of one page."""

    number: int
    title: str
    page: str  # the name of the page, as in its address
    call: str  # how the check calls the answer
    task: str  # what is asked for, in Markdown
    starter_mistake: str  # the mistake that the starter makes
    grade: Callable[..., Verdict]
    needs_nodes: bool = False  # it takes a cluster of several nodes

    @property
    def name(self) -> str:
        """Return the name that an answer has."""
        return self.call.split("(", maxsplit=1)[0]

    @property
    def starter(self) -> str:
        """Return the source of the cell that a reader changes."""
        return self._source("starter")

    @property
    def solution(self) -> str:
        """Return the source of one right answer."""
        return self._source("solution")

    def _source(self, kind: str) -> str:
        path = ANSWERS / f"exercise_{self.number:02}_{kind}.py"
        return path.read_text(encoding="utf-8")


EXERCISES = (
    Exercise(
        1,
        "A slow loop as tasks",
        "run-your-first-tasks",
        grading_tasks.FIRST_CALL,
        "`slow_square` of the package sleeps for as many seconds as its argument says, then "
        "returns the square. Return the same list in the same order, in the time of the slowest "
        "call where there are CPUs enough.",
        "driver",
        grading_tasks.grade_first_tasks,
    ),
    Exercise(
        2,
        "Ask later",
        "ask-late",
        grading_tasks.BEST_CALL,
        "`weigh` and `weigh_again` are remote functions. `my_best` weighs every parcel, weighs "
        "the weight again, and returns the largest second weight. It is right, and it is slow. "
        "Make it as quick as its longest chain, and ask for as few values as you can.",
        "get-in-loop",
        grading_tasks.grade_best,
    ),
    Exercise(
        3,
        "Find the order",
        "see-how-ray-schedules",
        grading_schedules.ORDER_CALL,
        "`seconds` maps the name of each task to its length. Return the names in the order in "
        "which to submit the tasks, so that the last ends as early as you can make it, whatever "
        "the lengths and the number of CPUs.",
        "as-given",
        grading_schedules.grade_order,
    ),
    Exercise(
        4,
        "Sum many arrays",
        "chain-tasks",
        grading_chains.SUM_CALL,
        "`add` is a remote function that adds two arrays, and `refs` are the refs of several. "
        "Return one ref, to the sum of all of them, and let your function wait for nothing.",
        "asks-early",
        grading_chains.grade_sum,
    ),
    Exercise(
        5,
        "Sum them in a tree",
        "chain-tasks",
        grading_chains.TREE_CALL,
        "The same sum, in which as many additions as can be run at the same time: no chain may be "
        "longer than it must be. Seven arrays need three rounds of additions. Every `add` takes "
        "two arrays, and still nothing waits.",
        "chain",
        grading_chains.grade_tree_sum,
    ),
    Exercise(
        6,
        "Predict the rounds",
        "wait-for-results",
        grading_rounds.ROUNDS_NAME,
        "Five tasks finish after 0, 2, 4, 6 and 8 seconds. A loop waits for them with "
        "`ray.wait`, two results a round, and a timeout of 2.5 seconds. Write one pair for each "
        "round: how many results it hands over, and after how many seconds since the beginning.",
        "incomplete",
        grading_rounds.grade_rounds,
    ),
    Exercise(
        7,
        "Squares as they finish",
        "wait-for-results",
        grading_waits.SQUARES_CALL,
        "`square` is a remote function: `square.remote(number)` sleeps for `number` seconds and "
        "returns its square. Hand over the squares of all `numbers` with `yield`: each once, as "
        "soon as its task has finished. A task that fails costs you its own square alone. "
        "After `deadline_seconds` end with what you have, and end the tasks that still run.",
        "submission-order",
        grading_waits.grade_squares,
    ),
    Exercise(
        8,
        "Batch small work",
        "size-tasks",
        grading_sizes.BATCHES_CALL,
        "`work` is a plain function that takes two milliseconds. Return `work(item)` for all "
        "`items`, in their order, by tasks that each do many of them: at least one task for each "
        "of the `cpus` and more than one in all, at most ten for each, and all of about one size.",
        "task-per-item",
        grading_sizes.grade_batches,
    ),
    Exercise(
        9,
        "Choose by size",
        "size-tasks",
        grading_sizes.CHOICE_CALL,
        "`work(size)` takes longer for bigger sizes, and from `crossing` on it is worth a task. "
        "Return `work(size)` for all `sizes`, in their order: the bigger ones by tasks, the "
        "smaller ones by your program itself, while those run.",
        "all-remote",
        grading_sizes.grade_choice,
    ),
    Exercise(
        10,
        "Count what moved",
        "watch-the-cluster",
        grading_clusters.MOVED_CALL,
        "Given the `trace` of a recording, return how many bytes were copied from one node to "
        "another. What went to two nodes was copied twice. An object of unknown size counts as "
        "nothing.",
        "all-objects",
        grading_clusters.grade_moved_bytes,
    ),
    Exercise(
        11,
        "Move nothing big",
        "watch-the-cluster",
        grading_clusters.PLACE_CALL,
        "`big` and `small` are refs of arrays that lie on different nodes, and `combine` is a "
        "remote function that adds them up. Return the ref of their total, made without moving "
        "the big one.",
        "big-moved",
        grading_clusters.grade_total,
        needs_nodes=True,
    ),
)


def find_exercise(number: int) -> Exercise:
    """Return the exercise of that number.

    Raises `LookupError` where there is none.
    """
    for exercise in EXERCISES:
        if exercise.number == number:
            return exercise
    numbers = ", ".join(str(exercise.number) for exercise in EXERCISES)
    raise LookupError(f"there is no exercise {number}: expected one of {numbers}.")


def check_first_tasks(answer: Callable[..., Any]) -> None:
    """Check exercise 1, and show the verdict."""
    show(grading_tasks.grade_first_tasks(answer))


def check_best(answer: Callable[..., Any]) -> None:
    """Check exercise 2, and show the verdict."""
    show(grading_tasks.grade_best(answer))


def check_order(answer: Callable[..., Any]) -> None:
    """Check exercise 3, and show the verdict."""
    show(grading_schedules.grade_order(answer))


def check_squares(answer: Callable[..., Any]) -> None:
    """Check exercise 7, and show the verdict."""
    show(grading_waits.grade_squares(answer))


def check_sum(answer: Callable[..., Any]) -> None:
    """Check exercise 4, and show the verdict."""
    show(grading_chains.grade_sum(answer))


def check_tree_sum(answer: Callable[..., Any]) -> None:
    """Check exercise 5, and show the verdict."""
    show(grading_chains.grade_tree_sum(answer))


def check_batches(answer: Callable[..., Any]) -> None:
    """Check exercise 8, and show the verdict."""
    show(grading_sizes.grade_batches(answer))


def check_choice(answer: Callable[..., Any]) -> None:
    """Check exercise 9, and show the verdict."""
    show(grading_sizes.grade_choice(answer))


def check_moved_bytes(answer: Callable[..., Any]) -> None:
    """Check exercise 10, and show the verdict."""
    show(grading_clusters.grade_moved_bytes(answer))


def check_total(answer: Callable[..., Any]) -> None:
    """Check exercise 11, and show the verdict."""
    show(grading_clusters.grade_total(answer))


def check_rounds(answer: Any) -> None:
    """Check exercise 6, and show the verdict."""
    show(grading_rounds.grade_rounds(answer))
