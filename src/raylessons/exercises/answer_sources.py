"""Answers in files, as they can be judged without being run: nothing here needs Ray."""

import ast
import inspect
import io
import symtable
import tokenize
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from types import CodeType

from raylessons.exercises.verdicts import Verdict, not_yet

# What may give a module a name that its text does not show.
DYNAMIC = frozenset({"eval", "exec", "globals", "locals", "setattr", "vars"})
# What ends a process without a word. Each may be called by the last part of its name, too.
ENDS_PROCESS = ("os._exit", "os.abort", "os.kill", "os.killpg", "signal.raise_signal")


class AnswerFileError(Exception):
    """A file that holds no answer that can be graded; it says why, and what to do."""


@dataclass(frozen=True)
class AnswerSource:
    """The text of an answer's file, compiled."""

    path: Path
    text: str
    tree: ast.Module
    code: CodeType


def read_source(path: Path, name: str) -> AnswerSource:
    """Read and compile a file that should define `name`.

    It may begin with a byte-order mark, and name its encoding as Python wants it.
    Raises `AnswerFileError` where the file cannot be read, is no Python, or cannot have the name.
    """
    text = _read_text(path, name)
    try:
        with warnings.catch_warnings():  # Python gives them when the file is run
            warnings.simplefilter("ignore")
            tree = ast.parse(text, str(path))
            code = compile(tree, str(path), "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = "".join(traceback.format_exception_only(error)).rstrip()
        raise AnswerFileError(f"{path} is not valid Python. Correct this:\n{message}") from None
    source = AnswerSource(path, text, tree, code)
    if not _may_define(source, name):
        raise missing_name(path, name)
    return source


def missing_name(path: Path, name: str) -> AnswerFileError:
    """Say that a file has nothing of a name."""
    return AnswerFileError(f"{path} has no {name}. Define it, under that name.")


def parameter_mistake(source: AnswerSource, call: str) -> Verdict | None:
    """Return the verdict on a function that cannot be called as its exercise calls it.

    None, too, where only running the file tells what the name stands for.
    """
    name, _, parameters = call.partition("(")
    if not parameters:
        return None
    definitions = [
        node
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    if len(definitions) != 1 or definitions[0].decorator_list or _is_bound_otherwise(source, name):
        return None
    signature = _signature(definitions[0].args)
    try:
        signature.bind(*parameters.split(","))
    except TypeError:
        # In the words of `mistakes.signature_mistake`, which has run the file.
        return not_yet(
            "arguments",
            f"your function takes `{signature}`.",
            f"The check calls `{call}`. Give your function these parameters, in this order.",
        )
    return None


def find_process_ends(source: AnswerSource) -> list[str]:
    """Name the calls of a file that end a whole process, with their lines."""
    ends = {*ENDS_PROCESS, *(name.rpartition(".")[-1] for name in ENDS_PROCESS)}
    found = {
        (node.lineno, called)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in ends
    }
    return [f"`{called}` in line {line}" for line, called in sorted(found)]


def _read_text(path: Path, name: str) -> str:
    try:
        content = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        # With the line ends of Python, as a file that is opened for reading has them.
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except OSError as error:
        reason = str(error.strerror)
    except UnicodeDecodeError as error:
        reason = f"it is not text in {error.encoding.upper()}"
    except SyntaxError as error:  # by the tokenizer: no such encoding, or no UTF-8 in the first
        unknown = "encoding problem" in str(error) or "unknown encoding" in str(error)
        reason = f"it says that it has an {error.msg}" if unknown else "it is not text in UTF-8"
    raise AnswerFileError(
        f"{path} cannot be read: {reason}. Give the name of the file that holds {name}."
    )


def _may_define(source: AnswerSource, name: str) -> bool:
    return _is_bound(_symbols(source), name) or _is_dynamic(source)


def _is_dynamic(source: AnswerSource) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
        or (isinstance(node, ast.Name) and node.id in DYNAMIC)
        for node in ast.walk(source.tree)
    )


def _symbols(source: AnswerSource) -> symtable.SymbolTable:
    return symtable.symtable(source.text, str(source.path), "exec")


def _is_bound(table: symtable.SymbolTable, name: str) -> bool:
    """Tell whether the module's own name is bound, at its top or by a function's `global`."""
    for each in _tables(table):
        if name not in each.get_identifiers():
            continue
        symbol = each.lookup(name)
        is_here = each is table or symbol.is_declared_global()
        if is_here and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
            return True
    return False


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _is_bound_otherwise(source: AnswerSource, name: str) -> bool:
    """Tell whether the module's name may be bound by more than one definition at its top."""
    rest = [
        node
        for node in source.tree.body
        if not (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name)
    ]
    own = ast.unparse(ast.Module(rest, []))
    inside = [
        each
        for each in _tables(_symbols(source))
        if each.get_type() == "function"
        and name in each.get_identifiers()
        and each.lookup(name).is_declared_global()
    ]
    return (
        bool(inside)
        or _is_dynamic(source)
        or _is_bound(symtable.symtable(own, str(source.path), "exec"), name)
    )


class _Text(str):
    """An expression of the file, which a signature writes as it stands there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(arguments: ast.arguments) -> Signature:
    places = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(places) - len(arguments.defaults)) + arguments.defaults
    kinds = [
        *[Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs),
        *[Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args),
    ]
    parameters = [_parameter(*each) for each in zip(places, kinds, defaults, strict=True)]
    if arguments.vararg:
        parameters.append(_parameter(arguments.vararg, Parameter.VAR_POSITIONAL))
    for place, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(_parameter(place, Parameter.KEYWORD_ONLY, default))
    if arguments.kwarg:
        parameters.append(_parameter(arguments.kwarg, Parameter.VAR_KEYWORD))
    return Signature(parameters)


def _parameter(
    place: ast.arg, kind: "inspect._ParameterKind", default: ast.expr | None = None
) -> Parameter:
    return Parameter(
        place.arg,
        kind,
        default=Parameter.empty if default is None else _Text(ast.unparse(default)),
        annotation=(
            Parameter.empty if place.annotation is None else _Text(ast.unparse(place.annotation))
        ),
    )
