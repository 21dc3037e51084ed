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


_last_mistakes: dict[int, str | None] = {}  # by the numbers of the exercises


def check(number: int, answer: Any, seed: int | None = None) -> None:
    """Check an answer to the exercise of that number, and show the verdict.

    The inputs are drawn anew each time, or under the `seed` that a verdict has named. Who makes
    the same mistake again is given a more direct hint.

    Raises `LookupError` where there is no such exercise, `RuntimeError` where Ray is not running.
    """
    verdict = find_exercise(number).grade(answer, seed=seed)
    is_again = verdict.mistake is not None and _last_mistakes.get(number) == verdict.mistake
    _last_mistakes[number] = verdict.mistake
    show(verdict.told_again() if is_again else verdict)


def last_mistake(number: int) -> str | None:
    """Name the mistake of the last answer to the exercise that was checked; `None`: it passed.

    Raises `KeyError` where none was checked.
    """
    return _last_mistakes[number]
