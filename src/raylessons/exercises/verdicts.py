"""What a check says of an answer: passed, or what was seen, which mistake that is, what to try."""

from dataclasses import dataclass, replace
from enum import Enum

from raylessons.display import write_fact
from raylessons.exercises.picture import Picture
from raylessons.words import escape

# An answer with one of these was never run to its end: there is nothing to judge it by.
NOT_GRADED = frozenset(
    {
        *("not-callable", "arguments", "ray-shutdown", "ray-lost", "too-busy"),
        *("busy-nodes", "too-few-nodes", "other-store", "store-in-use"),
    }
)


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
class Kept:
    """A demand of an exercise, and whether an answer keeps it."""

    says: str
    is_kept: bool | None  # None: it was not looked at

    @property
    def mark(self) -> str:
        """Give the sign before the demand."""
        return {True: "✓", False: "✗", None: "·"}[self.is_kept]


@dataclass(frozen=True)
class Section:
    """A section of a lesson."""

    page: str  # its name in the page's address
    title: str


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
    direct_hint: str = ""  # what to say who makes that mistake again
    given: str = ""  # the input on which it was seen
    demands: tuple[Kept, ...] = ()  # what was asked
    section: Section | None = None  # the one that explains it
    picture: Picture | None = None  # of the answer's own tasks

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

    @property
    def paragraphs(self) -> list[str]:
        """Return what is said below the advice, a paragraph each."""
        told = [f"Seen: {self.seen}"]
        if self.given:
            told.append(f"Input: {self.given}")
        if not self.passed:
            told += [f"{each.mark} {each.says}" for each in self.demands]
            if self.picture is not None:
                told.append(repr(self.picture))
            if self.section is not None:
                told.append(f"Read: {self.section.title}, on the page {self.section.page}.")
        return told

    def told_again(self) -> "Verdict":
        """Return what to say where the same mistake was made before: the more direct hint."""
        return replace(self, hint=self.direct_hint or self.hint)

    def __repr__(self) -> str:
        lines = [f"{self.standing.mark} {self.advice}", *self.paragraphs]
        return "\n  ".join("\n".join(lines).splitlines())

    def _repr_html_(self) -> str:
        fact = write_fact("verdict", {"passed": self.passed, "mistake": self.mistake})
        given = f'<p class="verdict-seen">Input: {_with_code(self.given)}</p>' if self.given else ""
        return (
            f'<div class="verdict verdict-{self.standing.look}" {fact}>'
            f'<p><span class="verdict-mark" aria-hidden="true">{self.standing.mark}</span> '
            f"<b>{self.standing.word}</b> {_with_code(self.hint)}{self._link()}</p>"
            f'<p class="verdict-seen">Seen: {_with_code(self.seen)}</p>'
            f"{given}{self._list()}{self._figure()}</div>"
        )

    def _link(self) -> str:
        if self.passed or self.section is None:
            return ""
        page, title = self.section.page, escape(self.section.title)
        # The site makes a link of it.
        return f' Read <span class="verdict-section" data-page="{page}">{title}</span>.'

    def _list(self) -> str:
        if not self.demands:
            return ""
        looks = {True: ("kept", "Kept"), False: ("missed", "Not kept"), None: ("open", "Not seen")}
        items = "".join(
            f'<li class="verdict-{looks[each.is_kept][0]}"><span aria-hidden="true">{each.mark}'
            f'</span><span><span class="verdict-word">{looks[each.is_kept][1]}: </span>'
            f"{_with_code(each.says)}</span></li>"
            for each in self.demands
        )
        kept = sum(each.is_kept is True for each in self.demands)
        summary = f"What was asked: {kept} of {len(self.demands)} kept"
        opened = "" if self.passed else " open"
        return f"<details{opened}><summary>{summary}</summary><ul>{items}</ul></details>"

    def _figure(self) -> str:
        if self.passed or self.picture is None:
            return ""
        return self.picture._repr_html_()


def not_yet(mistake: str, seen: str, hint: str, direct_hint: str = "") -> Verdict:
    """Judge an answer that makes a mistake: its short name, what was seen, what to try.

    >>> not_yet("none", "it returned `None`.", "Return something.").passed
    False
    """
    return Verdict(False, seen, mistake, hint, direct_hint)


def passed(seen: str, demands: tuple[Kept, ...] = ()) -> Verdict:
    """Judge an answer that is right.

    >>> passed("4 tasks ran side by side.")
    ✓ Passed.
      Seen: 4 tasks ran side by side.
    """
    return Verdict(True, seen, demands=demands)


def _with_code(sentence: str) -> str:
    """Escape a sentence, and set what stands between backticks as code.

    >>> _with_code("ask `ray.get` < 1")
    'ask <code>ray.get</code> &lt; 1'
    """
    parts = escape(sentence).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
