"""Execute a page in a kernel of its own, broken or not, and tell what became of its claims."""

import ast
import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from lesson_site.kernels import prepare_kernels
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from mutations.kernel import OUTCOMES, guard_claims
from mutations.mutation import Edits, Mutation, edit
from mutations.pages import PROJECT, Cell, claim_calls, page_path, read_cells

CELL_LIMIT_SECONDS = 90  # a sweep takes half a minute; what a mutation makes wait for ever ends


@dataclass(frozen=True)
class PageRun:
    """What became of the claims of a page, by number, and which other cells raised."""

    seconds: float
    failed: Mapping[int, str]  # with its figures
    raised: Mapping[int, str]  # could not be worked out
    held: frozenset[int]
    errors: tuple[str, ...]  # each with the line of its cell


def run_page(name: str, mutation: Mutation) -> PageRun:
    """Execute a page under a mutation, going on where a claim fails or a cell raises."""
    path = page_path(name)
    cells = read_cells(edit(path.read_text("utf-8"), mutation.edits, path.name))
    with TemporaryDirectory() as folder:
        copy_mutated("src", Path(folder), mutation.files)
        start = time.monotonic()
        errors, outcomes = _execute(cells, mutation, Path(folder))
        seconds = time.monotonic() - start
    told: dict[str, dict[int, str]] = {"failed": {}, "raised": {}, "held": {}}
    for number, outcome, why in outcomes:
        told[outcome].setdefault(number, why)
    broken = told["failed"].keys() | told["raised"].keys()
    return PageRun(
        seconds, told["failed"], told["raised"], frozenset(told["held"].keys() - broken), errors
    )


def copy_mutated(part: str, folder: Path, files: Mapping[str, Edits]) -> None:
    """Copy a part of the project into a folder, with the edits of those files that lie in it."""
    shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path, edits in files.items():
        if path.startswith(f"{part}/"):
            file = folder / path
            file.write_text(edit(file.read_text("utf-8"), edits, path), "utf-8")


def _execute(
    cells: list[Cell], mutation: Mutation, folder: Path
) -> tuple[tuple[str, ...], list[tuple[int, str, str]]]:
    prepare_kernels(PROJECT / "docs")
    cwd, outcomes = folder / "cwd", folder / "outcomes"
    cwd.mkdir()
    outcomes.touch()
    run = [Cell("", _first_cell(mutation), 0)]
    count = 0
    for cell in cells:
        if not cell.is_of_an_exercise:
            run.append(replace(cell, source=guard_claims(cell.source, count)))
        count += len(claim_calls(ast.parse(cell.source)))
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.source) for cell in run]
    )
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        timeout=CELL_LIMIT_SECONDS,
        interrupt_on_timeout=True,
        resources={"metadata": {"path": str(cwd)}},
    )
    # The copied package comes before the installed one, in the kernel and in its workers.
    python_path = os.pathsep.join([str(folder / "src"), str(PROJECT)])
    environment = {**os.environ, "PYTHONPATH": python_path, OUTCOMES: str(outcomes)}
    environment["RAY_ADDRESS"] = "local"  # what is broken may be no cluster of anybody's
    environment["RAYLESSONS_PAGE_LIMIT_SECONDS"] = "3600"  # each cell has a limit here
    errors = []
    try:
        client.execute(env=environment)
    except DeadKernelError as error:
        errors.append(f"the kernel died: {error}")
    for cell, executed in zip(run, notebook.cells, strict=True):
        for output in executed.get("outputs", ()):
            if output.output_type == "error" and "raises-exception" not in cell.tags:
                why = re.sub(r"\x1b\[[0-9;]*m", "", f"{output.ename}: {output.evalue}")
                errors.append(f"line {cell.line}: {why.strip().splitlines()[0]}")
    return tuple(errors), [json.loads(line) for line in outcomes.read_text("utf-8").splitlines()]


def _first_cell(mutation: Mutation) -> str:
    source = "from mutations.kernel import claim_at, claim_raised\n"
    if mutation.before is not None:
        name = mutation.before.__name__
        source += f"from mutations.worlds import {name}\n{name}()\n"
    return source
