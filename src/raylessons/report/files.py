"""Programs and traces as JSON files, which say what they are."""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from raylessons.report.program import Program
from raylessons.trace.records import Trace

FORMAT = "raylessons program"
VERSION = 2  # a new one where an older reader would misread a file, not where a fact is added
# JSON has no numbers for these. A field of numbers holds no other words.
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def write_trace(trace: Trace, path: str | Path) -> None:
    """Write a trace to a JSON file, of which `read_trace` makes the same trace again.

    Raises `OSError` where the file cannot be written.
    """
    path = Path(path)
    write_program(Program(path.stem, (trace,)), path)


def read_trace(path: str | Path) -> Trace:
    """Read the trace that `write_trace`, or `raylessons record -o trace.json`, wrote.

    Raises `ValueError` for a file that holds no trace, or several; `OSError` where it cannot be
    read.
    """
    traces = read_program(path).traces
    if len(traces) != 1:
        raise ValueError(
            f"{str(path)!r} holds {len(traces)} traces, one for each time that its program started "
            "Ray: expected one. Call raylessons.report.files.read_program() for all of them."
        )
    return traces[0]


def write_program(program: Program, path: str | Path) -> None:
    """Write a program and its traces to a JSON file. Raises `OSError` where it cannot."""
    document = {"format": FORMAT, "version": VERSION, "program": to_json(program)}
    Path(path).write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


def read_program(path: str | Path) -> Program:
    """Read what `write_program` wrote.

    Raises `ValueError` for a file that is no such JSON, or of another version; `OSError` where it
    cannot be read.
    """
    make = "Make it with `raylessons record -o trace.json script.py`"
    try:
        document = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{str(path)!r} is not JSON ({error}): expected a recorded program. {make}."
        ) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(
            f"{str(path)!r} is JSON of another kind: expected an object whose format is "
            f"{FORMAT!r}. {make}."
        )
    if document.get("version") != VERSION:
        raise ValueError(
            f"{str(path)!r} has the format version {document.get('version')!r}: expected "
            f"{VERSION}. {make} again, or read it with the raylessons that wrote it."
        )
    try:
        program: Program = from_json(Program, document.get("program"), "program")
    except ValueError as error:
        raise ValueError(f"{str(path)!r} was changed or cut: {error}. {make} again.") from None
    return program


def to_json(value: Any) -> Any:
    """Turn a record into what JSON can hold; what a field is by default stays out.

    >>> from raylessons.trace.records import Node
    >>> to_json(Node("a3f", 1, math.inf))
    {'node_id': 'a3f', 'number': 1, 'logical_cpus': 'inf'}
    """
    if is_dataclass(value):
        given = ((each, getattr(value, each.name)) for each in fields(value))
        return {each.name: to_json(held) for each, held in given if held != each.default}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def from_json(kind: Any, value: Any, place: str) -> Any:
    """Turn what `to_json` gave into a record of that type again.

    >>> from raylessons.trace.records import Node
    >>> from_json(Node, {"node_id": "a3f", "number": 1, "logical_cpus": 2}, "node")
    Node(node_id='a3f', number=1, logical_cpus=2, is_driver_node=False, removed=None, joined=None)

    Raises `ValueError` for a value of another type, which it finds by its place.

    >>> from_json(tuple[float, ...], [0.5, "soon"], "times")
    Traceback (most recent call last):
    ValueError: times[1] is 'soon': expected a number
    """
    if get_origin(kind) in (UnionType, Union):
        if value is None:
            return None
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
    if is_dataclass(kind):
        return _record_from_json(kind, value, place)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{place} is {_short(value)}: expected a list")
        each_kind, _ = get_args(kind)
        return tuple(from_json(each_kind, each, f"{place}[{n}]") for n, each in enumerate(value))
    if issubclass(kind, Enum):
        words = [each.value for each in kind]
        if value not in words:
            raise ValueError(f"{place} is {_short(value)}: expected one of {words}")
        return kind(value)
    if kind is float and isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    types, expected = _PLAIN[kind]
    if not isinstance(value, types) or isinstance(value, bool) is not (kind is bool):
        raise ValueError(f"{place} is {_short(value)}: expected {expected}")
    return value


_PLAIN: Mapping[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
}


def _record_from_json(kind: Any, value: Any, place: str) -> Any:
    known = _fields(kind)
    if not isinstance(value, dict):
        raise ValueError(f"{place} is {_short(value)}: expected an object")
    for name in value:
        if name not in known:
            raise ValueError(f"{place} has {_short(name)}: expected {', '.join(known)} alone")
    for name, (field, _) in known.items():
        if name not in value and field.default is MISSING:
            raise ValueError(f"{place} has no {name}: expected one")
    return kind(
        **{name: from_json(known[name][1], each, f"{place}.{name}") for name, each in value.items()}
    )


@cache
def _fields(kind: Any) -> Mapping[str, tuple[Field[Any], Any]]:
    """Give the fields of a record by name, each with its type."""
    types = get_type_hints(kind)
    return {each.name: (each, types[each.name]) for each in fields(kind)}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
