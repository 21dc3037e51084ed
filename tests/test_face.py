"""What `from raylessons import ...` gives, and what it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import raylessons

NAMES = [name for name in raylessons.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", raylessons.__all__)
def test_every_name_of_the_face_leads_somewhere(name: str) -> None:
    assert getattr(raylessons, name) is not None
    assert name in dir(raylessons)


def test_what_is_not_of_the_face_is_refused_by_name() -> None:
    with pytest.raises(ImportError, match="'no_such_name'"):
        from raylessons import no_such_name  # noqa: F401
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = raylessons.no_such_name


def test_no_name_of_the_face_is_that_of_a_room_or_a_module() -> None:
    package = Path(raylessons.__file__).parent
    modules = {path.stem for path in package.iterdir()}
    assert modules.isdisjoint(NAMES)


def test_a_type_checker_is_told_of_the_same_names_in_the_same_modules() -> None:
    stub = Path(raylessons.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    told = {
        alias.asname: statement.module
        for statement in ast.parse(stub).body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert told == {name: getattr(raylessons, name).__module__ for name in NAMES}


def test_a_worker_that_looks_for_a_task_loads_neither_ray_nor_bokeh() -> None:
    code = (
        "import sys, raylessons.workloads; "
        "print([name for name in ('ray', 'bokeh', 'IPython') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
