"""All exercises of the course, by number: those that the modules of `lessons` define."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from raylessons.display import show
from raylessons.exercises import lessons
from raylessons.exercises.exercise import Exercise

EXERCISES = tuple(
    sorted(
        (
            defined
            for module in iter_modules(lessons.__path__, f"{lessons.__name__}.")
            for defined in vars(import_module(module.name)).values()
            if isinstance(defined, Exercise)
        ),
        key=lambda exercise: exercise.number,
    )
)


def find_exercise(number: int) -> Exercise:
    """Return the exercise of that number.

    Raises `LookupError` where there is none.
    """
    for exercise in EXERCISES:
        if exercise.number == number:
            return exercise
    numbers = ", ".join(str(exercise.number) for exercise in EXERCISES)
    raise LookupError(f"there is no exercise {number!r}: expected one of {numbers}.")


def check(number: int, answer: Any) -> None:
    """Check an answer to the exercise of that number, and show the verdict.

    Raises `LookupError` where there is no such exercise, `RuntimeError` where Ray is not running.
    """
    show(find_exercise(number).grade(answer))
