"""What is broken on purpose, and what must notice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Edits = tuple[tuple[str, str], ...]  # each replaces a text that occurs once by another


@dataclass(frozen=True)
class Mutation:
    """One thing broken on purpose: in a page, in what it runs on, or in the package."""

    name: str
    edits: Edits = ()  # of the page's own text
    files: Mapping[str, Edits] = field(default_factory=dict)  # of other files, by path
    before: Callable[[], None] | None = None  # of `worlds`: runs before the page's first cell
    breaks: tuple[str, ...] = ()  # claims that must fail, by the beginnings of their sentences
    tests: tuple[str, ...] = ()  # tests that must fail, as pytest names them


def edit(text: str, edits: Edits, where: str) -> str:
    """Apply edits to a text one after another.

    Raises `ValueError` where an old text does not occur exactly once.
    """
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(
                f"{where} has this text {text.count(old)} times: expected it once. "
                f"Write a mutation's old text as it stands there now:\n{old}"
            )
        text = text.replace(old, new)
    return text
