"""A page that fails stops the build, which names the page, its cell and the reason.

myst-nb can stop at the first page that fails, or go on and let a second build pass with it.
Here every page executes, a failed one is outdated until it runs, and the build names them all.
"""

import os
import re
from pathlib import Path

from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def failed_pages(env: BuildEnvironment) -> dict[str, str]:
    """Find the pages whose last execution failed, with the traceback."""
    executions = {name: NbMetadataCollector.get_exec_data(env, name) for name in env.found_docs}
    return {
        name: re.sub(r"\x1b\[[0-9;]*m", "", execution["traceback"])
        for name, execution in sorted(executions.items())
        if execution and not execution["succeeded"]
    }


def execute_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Read failed pages anew, whether or not they were edited."""
    return list(failed_pages(env))


def fail(app: Sphinx, env: BuildEnvironment) -> None:
    """Stop the build where pages failed, naming each page, its cell and the reason."""
    failures = failed_pages(env)
    if failures:
        # An exception of Sphinx's own would bury the reason under a report on its extensions.
        raise SystemExit(
            "\n".join(_failure(env.doc2path(page), why) for page, why in failures.items())
        )


def _failure(page: Path, traceback: str) -> str:
    reason = traceback.strip().splitlines()[-1]
    if reason.startswith("KeyboardInterrupt"):
        limit = os.environ["RAYLESSONS_PAGE_LIMIT_SECONDS"]
        reason = (
            f"This page ran past its limit of {limit} seconds, or was interrupted. "
            "Make its cells quicker, or raise RAYLESSONS_PAGE_LIMIT_SECONDS."
        )
    failed = re.search(r"following cell:\n-+\n(.*?)\n-{3,}\n", traceback, re.DOTALL)
    if failed is None:
        return f"\n{page}: this page failed: {reason}"
    cell = failed[1].strip()
    line = page.read_text(encoding="utf-8").split(cell)[0].count("\n") + 1
    shown = "\n".join(f"    {text}" for text in cell.splitlines())
    return f"\n{page}:{line}: this cell failed:\n\n{shown}\n\n{reason}"


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("env-get-outdated", execute_again)
    app.connect("env-check-consistency", fail)
