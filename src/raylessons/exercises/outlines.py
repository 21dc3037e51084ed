"""What the exercises are called and ask for, read from the lessons' sources, which import Ray.

A command that lists, shows or refuses answers at once, where the import alone takes a second.
"""

import ast
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

LESSONS = Path(__file__).parent / "lessons"
ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Outline:
    """An exercise without its grader."""

    number: int
    title: str
    call: str  # how the check calls the answer, or its name alone where it may be a value
    task: str  # what is asked for, in Markdown
    page: str  # the name of its page, as in the page's address
    needs_nodes: bool = False  # it takes a cluster of several nodes

    @property
    def name(self) -> str:
        """Return the name that an answer has."""
        return self.call.split("(", maxsplit=1)[0]

    @property
    def starter(self) -> str:
        """Return the source of the cell that a reader changes."""
        path = ANSWERS / f"exercise_{self.number:02}_starter.py"
        return path.read_text(encoding="utf-8")


@cache
def list_outlines() -> tuple[Outline, ...]:
    """List the outlines of all exercises, by number."""
    found = [outline for path in LESSONS.glob("*.py") for outline in _outlines_in(path)]
    return tuple(sorted(found, key=lambda outline: outline.number))


def find_outline(number: int) -> Outline:
    """Return the outline of the exercise of that number.

    >>> find_outline(7).call
    'my_squares(square, numbers, deadline_seconds)'

    Raises `LookupError` where there is none.
    """
    for outline in list_outlines():
        if outline.number == number:
            return outline
    numbers = ", ".join(str(outline.number) for outline in list_outlines())
    raise LookupError(f"there is no exercise {number!r}: expected one of {numbers}.")


def _outlines_in(path: Path) -> list[Outline]:
    """Read what a lesson says of its exercises, each as `NAME = Exercise(number=1, ...)`."""
    told = {field.name for field in fields(Outline)} - {"page"}
    page = path.stem.replace("_", "-")
    return [
        Outline(
            page=page,
            **{
                each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg in told
            },
        )
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign)
        and isinstance(call := statement.value, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Exercise"
    ]
