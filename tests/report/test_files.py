"""Traces as JSON."""

import json
import math
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from any_traces import any_traces
from hand_written_traces import ODD, bare, story
from hypothesis import given, strategies as some

from raylessons.report.files import read_program, read_trace, to_json, write_program, write_trace
from raylessons.report.program import Program
from raylessons.trace import records
from raylessons.trace.records import Node, Trace

# Every field of every record, those of the future too: a default must not hide one.
for kind in vars(records).values():
    if is_dataclass(kind) and isinstance(kind, type):
        every_field: dict[str, Any] = {field.name: ... for field in fields(kind)}
        some.register_type_strategy(kind, some.builds(kind, **every_field))


def reread(trace: Trace, folder: Path) -> Trace:
    write_trace(trace, folder / "trace.json")
    return read_trace(folder / "trace.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traces")


@given(trace=some.from_type(Trace) | any_traces)
def test_a_trace_that_was_written_is_read_as_it_was(folder: Path, trace: Trace) -> None:
    again = reread(trace, folder)
    assert to_json(again) == to_json(trace)
    assert again == trace or "nan" in repr(trace)  # nan equals nothing


@pytest.mark.parametrize("make", ODD)
def test_odd_traces_survive(make: Any, tmp_path: Path) -> None:
    assert reread(make(), tmp_path) == make()


def test_times_that_are_no_numbers_survive_in_standard_json(tmp_path: Path) -> None:
    trace = replace(bare(), nodes=(Node("n1", 1, -math.inf),))
    assert reread(trace, tmp_path) == trace

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    json.loads((tmp_path / "trace.json").read_text(), parse_constant=refuse)


def test_a_program_keeps_what_is_told_of_it(tmp_path: Path) -> None:
    program = Program(
        "é.py", (story(), Trace()), "2026-01-02T03:04:05+00:00", "It ended.", ("So.",)
    )
    write_program(program, tmp_path / "program.json")
    assert read_program(tmp_path / "program.json") == program


def test_the_trace_of_a_program_with_several_is_asked_for_otherwise(tmp_path: Path) -> None:
    write_program(Program("twice.py", (story(), story())), tmp_path / "two.json")
    with pytest.raises(ValueError, match=r"two.json' holds 2 traces.*expected one\. Call .*read_"):
        read_trace(tmp_path / "two.json")


def changed(**changes: Any) -> str:
    document = {
        "format": "raylessons program",
        "version": 2,
        "program": {"title": "a", "traces": []},
    }
    return json.dumps(document | changes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON .* expected a recorded program"),
        ("[" * 100_000, "is not JSON"),
        ("\xff", "is not JSON"),
        ("[1, 2]", "JSON of another kind: expected an object whose format is 'raylessons program'"),
        ('{"traceEvents": []}', "JSON of another kind"),
        (changed(version=1), "has the format version 1: expected 2"),
        (changed(version=None), "has the format version None: expected 2"),
        (changed(program=None), "program is None: expected an object"),
        (changed(program={"title": "a"}), "program has no traces: expected one"),
        (changed(program={"title": 1, "traces": []}), "program.title is 1: expected text"),
        (changed(program={"title": "a", "traces": {}}), r"program.traces is \{\}: expected a list"),
        (
            changed(program={"title": "a", "traces": [{"secs": 1}]}),
            r"program.traces\[0\] has 'secs': expected nodes, workers, .* alone",
        ),
        (
            changed(program={"title": "a", "traces": [{"unrecorded_tasks": True}]}),
            r"program.traces\[0\].unrecorded_tasks is True: expected a whole number",
        ),
        (
            changed(program={"title": "a", "traces": [{"seconds": "soon"}]}),
            r"seconds is 'soon': expected a number",
        ),
        (
            changed(
                program={
                    "title": "a",
                    "traces": [{"task_runs": [{"task_id": "t", "name": "f", "outcome": "well"}]}],
                }
            ),
            r"outcome is 'well': expected one of \['finished', ",
        ),
    ],
)
def test_a_file_that_is_no_recorded_program_is_refused_with_its_name(
    text: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=f"some.json' .*{told}.*Make it with|{told}.*raylessons"):
        read_program(path)
