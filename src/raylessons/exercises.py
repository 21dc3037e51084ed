"""The exercises of the course: what each asks for, where it stands, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raylessons import grading_tasks, grading_waits
from raylessons.claims import show
from raylessons.verdicts import Verdict

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
        grading_tasks.ORDER_CALL,
        "`seconds` maps the name of each task to its length. Return the names in the order in "
        "which to submit the tasks, so that the last ends as early as you can make it, whatever "
        "the lengths and the number of CPUs.",
        "as-given",
        grading_tasks.grade_order,
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
    show(grading_tasks.grade_order(answer))


def check_squares(answer: Callable[..., Any]) -> None:
    """Check exercise 7, and show the verdict."""
    show(grading_waits.grade_squares(answer))
