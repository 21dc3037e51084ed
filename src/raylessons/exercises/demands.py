"""What an exercise asks for, demand by demand, and which of them an answer keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from raylessons.exercises.verdicts import Kept, Verdict


@dataclass(frozen=True)
class Demand:
    """One thing that an exercise asks of an answer."""

    says: str  # a sentence
    mistake: Callable[..., Verdict | None]  # of what was seen: the verdict where it is not kept


def judge(demands: Sequence[Demand], *seen: Any) -> Verdict | None:
    """Return the verdict on the first demand that is not kept, None where all are.

    >>> from raylessons.exercises.verdicts import not_yet
    >>> is_list = Demand("A list.", lambda value: None)
    >>> is_long = Demand("Long.", lambda value: None if value else not_yet("empty", "[].", "Fill."))
    >>> [judge([is_list, is_long], value) is None for value in ([7], [])]
    [True, False]
    >>> [kept.is_kept for kept in judge([is_list, is_long, is_list], []).demands]
    [True, False, None]
    """
    for number, demand in enumerate(demands):
        verdict = demand.mistake(*seen)
        if verdict is not None:
            before = [Kept(each.says, True) for each in demands[:number]]
            after = [Kept(each.says, None) for each in demands[number + 1 :]]
            return replace(verdict, demands=(*before, Kept(demand.says, False), *after))
    return None


def all_kept(demands: Sequence[Demand]) -> tuple[Kept, ...]:
    """Return the demands as those that an answer has kept."""
    return tuple(Kept(demand.says, True) for demand in demands)
