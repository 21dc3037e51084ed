"""What a check says of an answer: passed, or what was seen, which mistake that is, what to try."""

import html
import json
from dataclasses import dataclass

# An answer with one of these was never run to its end: there is nothing to judge it by.
NOT_GRADED = frozenset({"not-callable", "arguments", "ray-lost", "too-few-nodes"})


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
    def graded(self) -> bool:
        """Tell whether the answer could be graded at all."""
        return self.mistake not in NOT_GRADED

    def __repr__(self) -> str:
        mark = "✓ Passed." if self.passed else "✗ Not yet." if self.graded else "? Not graded."
        return f"{mark} {self.hint}".rstrip() + f"\n  Seen: {self.seen}"

    def _repr_html_(self) -> str:
        if self.passed:
            kind, mark, word = "passed", "✓", "Passed."
        elif self.graded:
            kind, mark, word = "not-yet", "✗", "Not yet."
        else:
            kind, mark, word = "not-graded", "?", "Not graded."
        record = html.escape(json.dumps({"passed": self.passed, "mistake": self.mistake}))
        return (
            f'<div class="verdict verdict-{kind}" data-verdict="{record}">'
            f'<p><span class="verdict-mark" aria-hidden="true">{mark}</span> '
            f"<b>{word}</b> {_with_code(self.hint)}</p>"
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
    parts = html.escape(sentence, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
