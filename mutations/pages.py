"""The code cells of a page and its claims, read from its source."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mutations.mutation import Mutation

PROJECT = Path(__file__).parents[1]
# Its options are a line of tags, or a block between two lines of dashes.
CELL = re.compile(
    r"^```\{code-cell\}\n((?::tags: [^\n]*\n|---\n.*?\n---\n)?)(.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Cell:
    """A code cell: its tags, as they stand there, and its source."""

    tags: str
    source: str
    line: int

    @property
    def is_of_an_exercise(self) -> bool:
        """Tell whether it belongs to an exercise, which the tests of graders look after."""
        return "exercise-" in self.tags or bool(re.search(r"^check\(\d", self.source, re.MULTILINE))


def page_path(name: str) -> Path:
    """Find a page by its name, such as `chain-tasks`."""
    (path,) = (PROJECT / "docs").glob(f"*/{name}.md")
    return path


def mutated_pages() -> list[str]:
    """List the pages that have mutations, in the order of the alphabet."""
    names = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return sorted(
        path.stem
        for path in (PROJECT / "docs").glob("*/*.md")
        if path.stem.replace("-", "_") in names
    )


def mutations_of(name: str) -> tuple[Mutation, ...]:
    """Tell the mutations of a page, or of the package."""
    found: tuple[Mutation, ...] = import_module(f"mutations.{name.replace('-', '_')}").MUTATIONS
    return found


def read_cells(text: str) -> list[Cell]:
    """List the code cells of a page."""
    return [
        Cell(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in CELL.finditer(text)
    ]


def claim_calls(tree: ast.AST) -> list[ast.Call]:
    """Find the calls of `claim` in a cell, in the order in which they stand there."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "claim"
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def read_claims(cells: Iterable[Cell]) -> list[str]:
    """List the sentences of a page's claims as its source has them.

    The second of two that are alike ends in ` (2)`.
    """
    seen: Counter[str] = Counter()
    claims = []
    for cell in cells:
        for call in claim_calls(ast.parse(cell.source)):
            written = ast.get_source_segment(cell.source, call.args[0]) or ""
            # Written in several pieces, it is one sentence.
            sentence = re.sub(r'"\n\s*f?"', "", written).removeprefix("f").strip('"')
            seen[sentence] += 1
            claims.append(sentence if seen[sentence] == 1 else f"{sentence} ({seen[sentence]})")
    return claims


def find_claim(beginning: str, claims: list[str]) -> int:
    """Find the one claim whose sentence begins so, counted from 0.

    Raises `ValueError` where none or several do.
    """
    found = [number for number, claim in enumerate(claims) if claim.startswith(beginning)]
    if beginning in claims:
        found = [claims.index(beginning)]
    if len(found) != 1:
        raise ValueError(
            f"{len(found)} claims begin with {beginning!r}: expected one. "
            "Write the beginning of its sentence as it stands in the page."
        )
    return found[0]
