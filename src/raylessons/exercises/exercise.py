"""An exercise: what it asks for, how a reader begins, and how an answer is graded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import SystemRandom
from typing import Any

from raylessons.exercises.mistakes import SECTIONS, signature_mistake
from raylessons.exercises.observing import DEADLINE_SECONDS
from raylessons.exercises.slowness import measure_slowness
from raylessons.exercises.verdicts import Section, Verdict

ANSWERS = Path(__file__).parent / "answers"
SEEDS = 10_000  # few enough that one is easily written down


@dataclass(frozen=True)
class Exercise:
    """An exercise of one page."""

    number: int
    title: str
    call: str  # how the check calls the answer, or its name alone where it may be a value
    task: str  # what is asked for, in Markdown
    starter_mistake: str  # the mistake that the starter makes
    grader: Callable[..., Verdict]  # of an answer, a deadline in seconds, and a seed
    section: str  # of its page, by title: what it is about
    sections: Mapping[str, Section] = field(default_factory=dict)  # for some mistakes another
    needs_nodes: bool = False  # it takes a cluster of several nodes
    store_bytes: int | None = None  # that its Ray's object store has; None: as much as Ray likes

    @property
    def name(self) -> str:
        """Return the name that an answer has."""
        return self.call.split("(", maxsplit=1)[0]

    @property
    def page(self) -> str:
        """Return the name of its page, as in the page's address: its grader's module has it."""
        return self.grader.__module__.rpartition(".")[-1].replace("_", "-")

    @property
    def starter(self) -> str:
        """Return the source of the cell that a reader changes."""
        return self._source("starter")

    @property
    def solution(self) -> str:
        """Return the source of one right answer."""
        return self._source("solution")

    def grade(
        self, answer: Any, deadline_seconds: float = DEADLINE_SECONDS, seed: int | None = None
    ) -> Verdict:
        """Grade an answer, on the Ray that runs here, with inputs drawn under a seed.

        Without a seed one is drawn, too. The deadline is that of a quiet machine: on a busy one
        an answer is given more. Raises `RuntimeError` where no Ray runs.
        """
        if "(" in self.call and (verdict := signature_mistake(answer, self.call)):
            return verdict
        seed = SystemRandom().randrange(SEEDS) if seed is None else seed
        verdict = self.grader(answer, deadline_seconds * measure_slowness(), seed)
        return replace(verdict, section=self.section_for(verdict.mistake))

    def section_for(self, mistake: str | None) -> Section | None:
        """Return the section that explains a mistake."""
        if mistake is None:
            return None
        return self.sections.get(mistake) or SECTIONS.get(mistake) or self.own_section

    @property
    def own_section(self) -> Section:
        """Return the section that the exercise is about."""
        return Section(self.page, self.section)

    def _source(self, kind: str) -> str:
        path = ANSWERS / f"exercise_{self.number:02}_{kind}.py"
        return path.read_text(encoding="utf-8")
