"""What runs in the kernel of a mutated page: each claim's outcome is kept, and the page goes on."""

import ast
import json
import os
from pathlib import Path

from mutations.pages import claim_calls
from raylessons.claims import ClaimError, claim

OUTCOMES = "RAYLESSONS_OUTCOMES"  # the file that takes them, a line for each


class _Guard(ast.NodeTransformer):
    """Give each claim of a cell its number, and let the cell go on after one that fails."""

    def __init__(self, numbers: dict[tuple[int, int], int]) -> None:
        self.numbers = numbers

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        number = self.numbers.get((node.value.lineno, node.value.col_offset))
        if number is None:
            return node
        call = ast.unparse(node).removeprefix("claim(")
        return ast.parse(
            f"try:\n    claim_at({number}, {call}\n"
            f"except Exception as _broken:\n    claim_raised({number}, _broken)\n"
        ).body[0]


def guard_claims(source: str, first: int) -> str:
    """Rewrite a cell so that its claims, numbered from `first`, keep what becomes of them."""
    tree = ast.parse(source)
    calls = claim_calls(tree)
    if not calls:
        return source
    numbers = {(call.lineno, call.col_offset): first + n for n, call in enumerate(calls)}
    return ast.unparse(_Guard(numbers).visit(tree))


def claim_at(number: int, sentence: str, holds: bool, **measured: object) -> None:
    """Keep whether the claim held, with its figures."""
    try:
        claim(sentence, holds, **measured)
    except ClaimError as error:
        _keep(number, "failed", str(error).removeprefix("This did not hold: "))
    else:
        _keep(number, "held", sentence)


def claim_raised(number: int, error: Exception) -> None:
    """Keep that the claim could not even be worked out."""
    _keep(number, "raised", f"{type(error).__name__}: {error}".splitlines()[0])


def _keep(number: int, outcome: str, why: str) -> None:
    with Path(os.environ[OUTCOMES]).open("a", encoding="utf-8") as outcomes:
        outcomes.write(json.dumps([number, outcome, why]) + "\n")
