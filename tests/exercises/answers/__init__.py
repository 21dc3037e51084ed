"""Answers to the exercises: right ones in several styles, and wrong ones with their mistakes.

`python -m answers 2 7-starter 7-in_threads`, in this folder's parent, grades some of them on a Ray
with two logical CPUs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

from raylessons.exercises.catalogue import Exercise, find_exercise
from raylessons.exercises.observing import DEADLINE_SECONDS

# Long enough for what an answer does before it hangs, short enough to wait for.
HANGING_SECONDS = 0.8


@dataclass(frozen=True)
class Sample:
    """An answer, and the mistake that its verdict must name: None where it is right."""

    name: str
    exercise: Exercise
    answer: Any
    mistake: str | None
    deadline_seconds: float = DEADLINE_SECONDS
    least_cpus: int = 1  # with fewer, no input on any Ray tells the mistake from a right answer


def passes(answer: FunctionType) -> FunctionType:
    """Mark a right answer."""
    answer.sample = (None,)
    return answer


def earns(
    mistake: str, *, hangs: bool = False, least_cpus: int = 1
) -> Callable[[FunctionType], FunctionType]:
    """Mark a wrong answer with the mistake that its verdict must name."""

    def mark(answer: FunctionType) -> FunctionType:
        seconds = HANGING_SECONDS if hangs else DEADLINE_SECONDS
        answer.sample = (mistake, seconds, least_cpus)
        return answer

    return mark


def samples(exercise: Exercise) -> list[Sample]:
    """Return an exercise's starter and solution, then the other answers as they are written."""
    module = import_module(f"answers.exercise_{exercise.number:02}")
    marked = [value for value in vars(module).values() if hasattr(value, "sample")]
    return [
        Sample(
            f"{exercise.number}-starter",
            exercise,
            _load(exercise, exercise.starter),
            exercise.starter_mistake,
        ),
        Sample(f"{exercise.number}-solution", exercise, _load(exercise, exercise.solution), None),
        *(
            Sample(f"{exercise.number}-{answer.__name__}", exercise, answer, *answer.sample)
            for answer in marked
        ),
    ]


def find_sample(name: str) -> Sample:
    """Return the sample of that name, such as `7-starter`."""
    number = int(name.split("-")[0])
    return next(sample for sample in samples(find_exercise(number)) if sample.name == name)


def _load(exercise: Exercise, source: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(compile(source, f"exercise {exercise.number}", "exec"), namespace)
    return namespace[exercise.name]
