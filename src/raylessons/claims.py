"""Statements of a page that ran: each holds and shows its figures, or stops the page."""

from dataclasses import dataclass

import numpy as np

from raylessons.display import keep_figure, show, write_fact
from raylessons.words import escape, format_seconds


class ClaimError(AssertionError):
    """A statement that did not hold when it ran."""


@dataclass(frozen=True)
class Claim:
    """A statement that held, and the figures that were measured for it."""

    sentence: str
    measured: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"✓ {self.sentence}{_in_brackets(self.measured)}"

    def _repr_html_(self) -> str:
        figures = ", ".join(
            f"{escape(name)} <b>{escape(value)}</b>" for name, value in self.measured
        )
        fact = write_fact("claim", {"sentence": self.sentence, "measured": self.measured})
        return (
            f'<p class="claim" {fact}>'
            '<span class="claim-mark" role="img" aria-label="Held in this run:">✓</span> '
            f"<span>{escape(self.sentence)}</span>"
            + (f' <span class="claim-figures">{figures}</span>' if figures else "")
            + "</p>"
        )


def claim(sentence: str, holds: bool, **measured: object) -> None:
    """Show `sentence` with its figures as one quiet line, or raise where it does not hold.

    A figure's name carries its unit, as in `chain_seconds=4.01`.

    >>> claim("Two and two are four.", 2 + 2 == 4, total=2 + 2)
    ✓ Two and two are four. (total 4)
    >>> claim("The chain takes two sleeps.", 6.0 < 5, chain_seconds=6.0)
    Traceback (most recent call last):
        ...
    raylessons.claims.ClaimError: This did not hold: The chain takes two sleeps. (chain 6 s)

    Raises `ClaimError` where the statement does not hold,
    `TypeError` where `holds` is not a truth value and `ValueError` where the sentence is empty.
    """
    if not sentence.strip():
        raise ValueError("sentence is empty: expected the statement that is claimed. Write it out.")
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(
            f"holds is {holds!r}: expected True or False. Pass a comparison such as seconds < 5."
        )
    figures = tuple(_written(name, value) for name, value in measured.items())
    if not holds:
        raise ClaimError(f"This did not hold: {sentence}{_in_brackets(figures)}")
    show(Claim(sentence, figures))


def note(**figures: object) -> None:
    """Keep figures for the sentences of the page, where `{glue:text}` names them.

    A drawing can be kept, too, for `{glue}` to show it on another page.
    Outside a notebook there is no page, and nothing happens.

    >>> note(chain_seconds=4.01)
    """
    for name, value in figures.items():
        keep_figure(name, value)


def _written(name: str, value: object) -> tuple[str, str]:
    if name.endswith("_seconds") and isinstance(value, int | float):
        return name.removesuffix("_seconds").replace("_", " "), format_seconds(float(value))
    if isinstance(value, float):
        return name.replace("_", " "), f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return name.replace("_", " "), str(value)


def _in_brackets(figures: tuple[tuple[str, str], ...]) -> str:
    if not figures:
        return ""
    return " (" + ", ".join(f"{name} {value}" for name, value in figures) + ")"
