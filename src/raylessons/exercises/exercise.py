"""An exercise: what it asks for, how a reader begins, and how an answer is graded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raylessons.exercises.mistakes import signature_mistake
from raylessons.exercises.observing import DEADLINE_SECONDS
from raylessons.exercises.verdicts import Verdict

ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Exercise:
    """An exercise of one page."""

    number: int
    title: str
    call: str  # how the check calls the answer, or its name alone where it may be a value
    task: str  # what is asked for, in Markdown
    starter_mistake: str  # the mistake that the starter makes
    grader: Callable[..., Verdict]  # of an answer and a deadline in seconds
    needs_nodes: bool = False  # it takes a cluster of several nodes

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

    def grade(self, answer: Any, deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
        """Grade an answer, on the Ray that runs here. Raises `RuntimeError` where none does."""
        if "(" in self.call and (verdict := signature_mistake(answer, self.call)):
            return verdict
        return self.grader(answer, deadline_seconds)

    def _source(self, kind: str) -> str:
        path = ANSWERS / f"exercise_{self.number:02}_{kind}.py"
        return path.read_text(encoding="utf-8")
