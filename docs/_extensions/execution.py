"""What pages need to execute: an honest cache key, kernels with a time limit, failures that count.

myst-nb can stop at the first page that fails, or go on and let a second build pass with it.
Here every page executes, a failed one is outdated until it runs, and the build names them all.
"""

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import raylessons

PAGE_LIMIT_SECONDS = "300"


def cache_folder(root: Path) -> Path:
    """Name the folder of the outputs made by this package, lock, Python, CPU count and cluster."""
    key = hashlib.sha256()
    package = Path(raylessons.__file__).parent
    # Not the Python files alone: a story's style, say, is part of every output that it draws.
    parts = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    for part in [*sorted(parts), root / "requirements" / "docs.txt"]:
        key.update(part.name.encode())
        key.update(part.read_bytes())
    for fact in (sys.version, os.cpu_count(), os.environ.get("RAY_ADDRESS", "local")):
        key.update(repr(fact).encode())
    return root / "_site" / "executed" / key.hexdigest()[:16]


def prepare_kernels(docs: Path) -> None:
    """Give the pages' kernels a Ray of their own, no chatter, and a time limit for the page."""
    os.environ.setdefault("RAY_ADDRESS", "local")
    os.environ.setdefault("RAYLESSONS_PAGE_LIMIT_SECONDS", PAGE_LIMIT_SECONDS)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_LOGGER_LEVEL"] = "error"
    # IPython writes into its folder, so that it gets a copy outside the sources.
    kernel_folder = docs.parent / "_site" / "ipython"
    shutil.copytree(docs / "_ipython", kernel_folder, dirs_exist_ok=True)
    os.environ["IPYTHONDIR"] = str(kernel_folder)


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


def setup(app: Sphinx) -> dict[str, object]:
    """Connect to the build."""
    app.connect("env-get-outdated", execute_again)
    app.connect("env-check-consistency", fail)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
