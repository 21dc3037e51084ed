"""Run tests on a copy of the project that is broken on purpose."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mutations.mutation import Mutation
from mutations.page_runs import copy_mutated
from mutations.pages import PROJECT

PARTS = ("src", "tests", "docs", "requirements")
TESTS_LIMIT_SECONDS = 600


def run_package(mutations: list[Mutation]) -> list[str]:
    """Run the tests that must notice, whole and broken; tell what was not as it should be."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    failed, seconds = run_tests(tests, Mutation("nothing"))
    print(f"\npackage: {len(tests)} tests, {seconds:.0f} s unbroken", flush=True)
    if failed:
        return [f"package, unbroken: {test} fails: {why}" for test, why in failed.items()]
    wrong = []
    for mutation in mutations:
        failed, seconds = run_tests(mutation.tests, mutation)
        print(f"\n  {mutation.name} ({seconds:.0f} s)")
        for test, why in failed.items():
            print(f"    {test} fails: {why}")
        for test in mutation.tests:
            if not any(name.startswith(test) for name in failed):
                print(f"    {test} PASSED")
                wrong.append(f"package, {mutation.name}: {test} passed")
        sys.stdout.flush()
    return wrong


def run_tests(tests: Sequence[str], mutation: Mutation) -> tuple[dict[str, str], float]:
    """Run tests under a mutation; tell which failed with their reasons, and the seconds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            copy_mutated(part, folder, mutation.files)
        for file in PROJECT.iterdir():
            if file.is_file():
                shutil.copy(file, folder)
        start = time.monotonic()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "--tb=no",
                "-p",
                "no:cacheprovider",
                "-m=",
                *tests,
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=TESTS_LIMIT_SECONDS,
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run {', '.join(tests)}:\n{done.stdout}{done.stderr}")
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)(?: - )?(.*)", done.stdout, re.MULTILINE)
    return dict(failed), time.monotonic() - start
