"""How verdicts write values, errors and lines of code."""

from collections.abc import Sequence
from typing import Any

from raylessons.trace.names import count


def describe(value: object) -> str:
    """Name a value by its type, and show it where it is short.

    >>> describe([0, 1]), describe("x" * 99)
    ('the list `[0, 1]`', 'a value of type `str`')
    """
    text = repr(value)
    kind = type(value).__name__
    return f"the {kind} `{text}`" if len(text) <= 40 else f"a value of type `{kind}`"


def shorten(values: Sequence[Any], most: int = 80) -> str:
    """Write values as code, cut where they are long.

    >>> shorten([0.25, 1]), shorten(range(100), most=10)
    ('`[0.25, 1]`', '`[0, 1, 2,…` (100 values)')
    """
    text = repr(list(values))
    return (
        f"`{text}`"
        if len(text) <= most
        else f"`{text[:most].rstrip()}…` ({count(len(values), 'value')})"
    )


def times(number: int) -> str:
    """Write how often.

    >>> times(1), times(3)
    ('once', '3 times')
    """
    return "once" if number == 1 else f"{number} times"


def line_as_code(line: str) -> str:
    """Set the text of a numbered line as code.

    >>> line_as_code("line 7: while refs:"), line_as_code("line 7")
    ('line 7, `while refs:`', 'line 7')
    """
    number, _, text = line.partition(": ")
    return f"{number}, `{text}`" if text else number


def last_line(error: BaseException) -> str:
    """Take the last line of an error's message, which of a task's error is the cause.

    >>> last_line(ValueError("one" + chr(10) + "two"))
    'two'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[-1] if lines else ""
    text = text.removeprefix(f"{type(error).__name__}: ")
    return text if len(text) <= 120 else f"{text[:117]}..."
