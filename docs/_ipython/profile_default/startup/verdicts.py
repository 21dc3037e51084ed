# Runs in the kernel of a page, before its first cell.
# A page shows what a check says of a starter and of a solution: where that is another verdict than
# the page is written for, the cell fails. On a joined cluster an exercise may have no place.

import os

from IPython import get_ipython


def require_verdicts(shell):
    """Follow each check with a look at its verdict."""
    import ast

    def require(number, is_solution):
        from raylessons.exercises.catalogue import find_exercise, last_mistake

        expected = None if is_solution else find_exercise(number).starter_mistake
        if (mistake := last_mistake(number)) != expected:
            kind = "solution" if is_solution else "starter"
            raise AssertionError(
                f"The check of the {kind} of exercise {number} told the mistake {mistake!r}: "
                f"expected {expected!r}."
            )

    class Follow(ast.NodeTransformer):
        def visit_Module(self, tree):
            # A solution is checked in the cell that defines it, a starter in the next.
            made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign)
            is_solution = any(isinstance(node, made) for node in tree.body)
            body = []
            for node in tree.body:
                body.append(node)
                match node:
                    case ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(int(number)), _])):
                        body += ast.parse(f"__require_verdict({number}, {is_solution})").body
            tree.body = body
            return ast.fix_missing_locations(tree)

    shell.ast_transformers.append(Follow())
    shell.user_global_ns["__require_verdict"] = require


if os.environ.get("RAY_ADDRESS", "local") in ("", "local"):
    require_verdicts(get_ipython())
del get_ipython, os, require_verdicts
