"""What a check says of an answer: passed, or what was seen, which mistake that is, what to try."""

from dataclasses import dataclass
from enum import Enum

from raylessons.display import write_fact
from raylessons.words import escape

# An answer with one of these was never run to its end: there is nothing to judge it by.
NOT_GRADED = frozenset({"not-callable", "arguments", "ray-lost", "too-few-nodes"})


class Standing(Enum):
    """Where an answer stands: the name of its look on the page, its mark, and its word."""

    PASSED = ("passed", "✓", "Passed.")
    NOT_YET = ("not-yet", "✗", "Not yet.")
    NOT_GRADED = ("not-graded", "?", "Not graded.")

    def __init__(self, look: str, mark: str, word: str) -> None:
        self.look = look
        self.mark = mark
        self.word = word


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer.

    >>> Verdict(False, "3 tasks ran.", "get-in-loop", "You wait too early. Ask later.")
    ✗ Not yet. You wait too early. Ask later.
      Seen: 3 tasks ran.
    """

    passed: bool
    seen: str
    mistake: str | None = None  # a short name of the mistake, None where it passed
    hint: str = ""  # which mistake it is, and the next thing to try

    @property
    def standing(self) -> Standing:
        """Tell where the answer stands."""
        if self.passed:
            return Standing.PASSED
        return Standing.NOT_GRADED if self.mistake in NOT_GRADED else Standing.NOT_YET

    @property
    def graded(self) -> bool:
        """Tell whether the answer could be graded at all."""
        return self.standing is not Standing.NOT_GRADED

    @property
    def advice(self) -> str:
        """Give the word and the hint in one line."""
        return f"{self.standing.word} {self.hint}".rstrip()

    def __repr__(self) -> str:
        return f"{self.standing.mark} {self.advice}\n  Seen: {self.seen}"

    def _repr_html_(self) -> str:
        fact = write_fact("verdict", {"passed": self.passed, "mistake": self.mistake})
        return (
            f'<div class="verdict verdict-{self.standing.look}" {fact}>'
            f'<p><span class="verdict-mark" aria-hidden="true">{self.standing.mark}</span> '
            f"<b>{self.standing.word}</b> {_with_code(self.hint)}</p>"
            f'<p class="verdict-seen">Seen: {_with_code(self.seen)}</p></div>'
        )


def not_yet(mistake: str, seen: str, hint: str) -> Verdict:
    """Judge an answer that makes a mistake: its short name, what was seen, what to try.

    >>> not_yet("none", "it returned `None`.", "Return something.").passed
    False
    """
    return Verdict(False, seen, mistake, hint)


def passed(seen: str) -> Verdict:
    """Judge an answer that is right.

    >>> passed("4 tasks ran side by side.")
    ✓ Passed.
      Seen: 4 tasks ran side by side.
    """
    return Verdict(True, seen)


def _with_code(sentence: str) -> str:
    """Escape a sentence, and set what stands between backticks as code.

    >>> _with_code("ask `ray.get` < 1")
    'ask <code>ray.get</code> &lt; 1'
    """
    parts = escape(sentence).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
