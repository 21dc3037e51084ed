"""Answers in files: read one, run it, and take the answer out."""

import traceback
from pathlib import Path
from typing import Any

from raylessons.exercises.deadlines import Run, line_text
from raylessons.exercises.observing import DEADLINE_SECONDS


class AnswerFileError(Exception):
    """A file that holds no answer that can be graded; it says why, and what to do."""


def load_answer(path: Path, name: str, deadline_seconds: float = DEADLINE_SECONDS) -> Any:
    """Run the file, and return what it calls `name`.

    Raises `AnswerFileError` where the file cannot be read, is no Python, does not come to its end
    within the deadline, raises an exception, or has nothing of that name.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise AnswerFileError(
            f"{path} cannot be read: {reason}. Give the name of the file that holds {name}."
        ) from None
    try:
        code = compile(source, str(path), "exec")
    except (SyntaxError, ValueError) as error:
        message = "".join(traceback.format_exception_only(error)).rstrip()
        raise AnswerFileError(f"{path} is not valid Python. Correct this:\n{message}") from None
    # A name that no module has: Ray then sends the functions by value, and need not import them.
    namespace: dict[str, Any] = {"__name__": "answer", "__file__": str(path)}
    run = Run(lambda: exec(code, namespace))
    ending = run.end_within(deadline_seconds, code)
    if ending.timed_out:
        run.stop(1.0)
        raise AnswerFileError(
            f"{path} had not ended after {deadline_seconds:g} s, at {ending.at_line}. "
            f"Let the file only define {name}: the check calls it."
        )
    if ending.error is not None:
        raise AnswerFileError(
            f"{path} raised {_describe_error(ending.error)}{_where(ending.error, path)}. "
            "Run it by itself until it ends without an error."
        )
    if name not in namespace:
        raise AnswerFileError(f"{path} has no {name}. Define it, under that name.")
    return namespace[name]


def _describe_error(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip().rstrip(".")


def _where(error: BaseException, path: Path) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == str(path):
            return f", at {line_text(frame.filename, frame.lineno or 0)}"
    return ""
