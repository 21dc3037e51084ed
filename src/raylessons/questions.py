"""What a page found out about a question that it had asked its reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

from raylessons.display import show, write_fact
from raylessons.words import escape


@dataclass(frozen=True)
class Answer:
    """A question by its name, and what was right in this run."""

    question: str
    right: str | float | tuple[str, ...] | None  # an option, a figure, an order, or unknown

    def __repr__(self) -> str:
        return f"→ In this run: {self._written}"

    def _repr_html_(self) -> str:
        fact = write_fact("answer", {"question": self.question, "right": self.right})
        return f'<p class="answer" {fact}>In this run: <b>{escape(self._written)}</b></p>'

    @property
    def _written(self) -> str:
        if self.right is None:
            return "not known"
        if isinstance(self.right, tuple):
            return ", ".join(self.right)
        return self.right if isinstance(self.right, str) else f"{self.right:.3g}"


def reveal(question: str, right: str | float | Sequence[str] | None) -> None:
    """Show what was right in this run: how the right option begins, a figure, or an order.

    `None` says that it is not known, as on a cluster that differs from what the question is about.

    >>> reveal("chain-seconds", 4.0123)
    → In this run: 4.01
    >>> reveal("who-waits", "your program" if 4.0123 > 1 else "nobody")
    → In this run: your program
    >>> reveal("who-comes-first", sorted(["B", "A"]))
    → In this run: A, B

    Raises `ValueError` where the question or what is right is empty, and `TypeError` where what is
    right is neither words, a number, an order of words nor `None`.
    """
    known = _read(right)
    words = known if isinstance(known, tuple) else (known,) if isinstance(known, str) else None
    for name, given in (("question", (question,)), ("right", words)):
        if given is not None and not (given and all(one.strip() for one in given)):
            raise ValueError(f"{name} is empty: expected words. Write those of the question.")
    show(Answer(question, known))


def _read(right: object) -> str | float | tuple[str, ...] | None:
    if right is None or isinstance(right, str):
        return right
    if isinstance(right, Real) and not isinstance(right, bool):
        return float(right)
    if isinstance(right, Sequence) and all(isinstance(one, str) for one in right):
        return tuple(right)
    raise TypeError(
        f"right is {right!r}: expected how an option begins, a number, or an order of words. Pass "
        'one of them, as in "yes" if seconds < 1 else "no".'
    )
