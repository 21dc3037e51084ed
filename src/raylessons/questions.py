"""What a page found out about a question that it had asked its reader."""

from dataclasses import dataclass
from numbers import Real

from raylessons.display import show, write_fact
from raylessons.words import escape


@dataclass(frozen=True)
class Answer:
    """A question by its name, and what was right in this run: an option, a figure, or unknown."""

    question: str
    right: str | float | None

    def __repr__(self) -> str:
        return f"→ In this run: {self._written}"

    def _repr_html_(self) -> str:
        fact = write_fact("answer", {"question": self.question, "right": self.right})
        return f'<p class="answer" {fact}>In this run: <b>{escape(self._written)}</b></p>'

    @property
    def _written(self) -> str:
        if self.right is None:
            return "not known"
        return self.right if isinstance(self.right, str) else f"{self.right:.3g}"


def reveal(question: str, right: str | float | None) -> None:
    """Show what was right in this run: of the options the one that begins so, or a figure.

    `None` says that it is not known, as on a cluster that differs from what the question is about.

    >>> reveal("chain-seconds", 4.0123)
    → In this run: 4.01
    >>> reveal("who-waits", "your program" if 4.0123 > 1 else "nobody")
    → In this run: your program

    Raises `ValueError` where the question or the option is empty, and `TypeError` where what is
    right is neither words, a number nor `None`.
    """
    for name, words in (("question", question), ("right", right)):
        if isinstance(words, str) and not words.strip():
            raise ValueError(f"{name} is empty: expected words. Write those of the question.")
    if isinstance(right, bool) or not isinstance(right, str | Real | None):
        raise TypeError(
            f"right is {right!r}: expected how an option begins, or a number. Pass one of them, as "
            'in "yes" if seconds < 1 else "no".'
        )
    show(Answer(question, float(right) if isinstance(right, Real) else right))
