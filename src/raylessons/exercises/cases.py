"""The inputs of an exercise: a family with the cases that must occur, drawn anew each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from raylessons.exercises.picture import Picture
from raylessons.exercises.verdicts import Verdict
from raylessons.words import shorten

# An input of one kind, which tells some mistake from a right answer, drawn by a source of chance.
Family = Mapping[str, Callable[[Random], Any]]


@dataclass(frozen=True)
class Case:
    """One input, and the kind that it is of."""

    kind: str  # such as "two equal numbers"
    value: Any
    seed: int

    def tell(self, verdict: Verdict, picture: Picture | None = None, given: str = "") -> Verdict:
        """Let a verdict say on which input it is, in words of its own if given, and what ran."""
        words = given or shorten(self.value)
        told = f"{words} ({self.kind}; seed {self.seed})."
        return replace(verdict, given=told, picture=picture)


def draw(family: Family, seed: int) -> list[Case]:
    """Draw an input of each kind. The same seed draws the same.

    >>> family = {"no number": lambda chance: [], "one number": lambda chance: [chance.random()]}
    >>> [case.kind for case in draw(family, seed=1)]
    ['no number', 'one number']
    >>> draw(family, seed=1) == draw(family, seed=1) != draw(family, seed=2)
    True
    """
    return [Case(kind, make(Random(f"{kind} {seed}")), seed) for kind, make in family.items()]
