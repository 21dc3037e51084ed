"""Answers in files: run one, and take the answer out."""

import linecache
import sys
import traceback
from pathlib import Path
from typing import Any

from raylessons.exercises.answer_sources import AnswerFileError, missing_name, read_source
from raylessons.exercises.deadlines import Run, line_text
from raylessons.exercises.observing import DEADLINE_SECONDS


def load_answer(path: Path, name: str, deadline_seconds: float = DEADLINE_SECONDS) -> Any:
    """Run the file, and return what it calls `name`.

    A file may end by `sys.exit()`, once it has defined the name.
    Raises `AnswerFileError` where the file cannot be read, is no Python, does not come to its end
    within the deadline, raises an exception, or has nothing of that name.
    """
    source = read_source(path, name)
    linecache.checkcache(str(path))  # it may have been saved since its lines were last shown
    # A name that no module has: Ray then sends the functions by value, and need not import them.
    namespace: dict[str, Any] = {"__name__": "answer", "__file__": str(path)}
    sys.argv = [str(path)]
    run = Run(lambda: exec(source.code, namespace))
    ending = run.end_within(deadline_seconds, source.code)
    if ending.timed_out:
        run.stop(1.0)
        raise AnswerFileError(
            f"{path} had not ended after {deadline_seconds:g} s, at {ending.at_line}. "
            f"Let the file only define {name}: the check calls it."
        )
    has_left = isinstance(ending.error, SystemExit) and name in namespace
    if ending.error is not None and not has_left:
        raise AnswerFileError(
            f"{path} raised {_describe_error(ending.error)}{_where(ending.error, path)}. "
            "Run it by itself until it ends without an error."
        )
    if name not in namespace:
        raise missing_name(path, name)
    return namespace[name]


def _describe_error(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip().rstrip(".")


def _where(error: BaseException, path: Path) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == str(path):
            return f", at {line_text(frame.filename, frame.lineno or 0)}"
    return ""
