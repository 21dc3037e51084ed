"""Answers to the exercises: right ones in several styles, and wrong ones with their mistakes."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

# Long enough for what an answer does before it hangs, short enough to wait for.
HANGING_SECONDS = 0.8


@dataclass(frozen=True)
class Sample:
    """An answer, and what grading it must give."""

    number: int
    answer: Any
    mistake: str | None
    deadline_seconds: float

    @property
    def name(self) -> str:
        return f"{self.number}-{self.answer.__name__}"


def passes(answer: FunctionType) -> FunctionType:
    """Mark a right answer."""
    answer.sample = (None, 30.0)  # type: ignore[attr-defined]
    return answer


def earns(mistake: str, hangs: bool = False) -> Callable[[FunctionType], FunctionType]:
    """Mark a wrong answer with the mistake that its verdict must name."""

    def mark(answer: FunctionType) -> FunctionType:
        answer.sample = (mistake, HANGING_SECONDS if hangs else 30.0)  # type: ignore[attr-defined]
        return answer

    return mark


def samples(number: int) -> list[Sample]:
    """Return the answers to one exercise, in the order in which they are written."""
    module = import_module(f"answers.exercise_{number:02}")
    found = [value for value in vars(module).values() if hasattr(value, "sample")]
    return [Sample(number, answer, *answer.sample) for answer in found]
