"""The exercises of the course: what each asks for, where it stands, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raylessons import grading_waits
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


def check_squares(answer: Callable[..., Any]) -> None:
    """Check exercise 7, and show the verdict."""
    show(grading_waits.grade_squares(answer))
