"""How sentences are written: numbers and their units, lists, verbs, values, and what to escape."""

import html
import math
import re
from collections.abc import Sequence
from typing import Any

# What no XML may hold: control characters but for white space, and what is no character at all.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def format_seconds(seconds: float) -> str:
    """Write a time with three digits at most, in milliseconds below one second.

    >>> [format_seconds(seconds) for seconds in (0, 0.00042, 0.0051, 0.139, 2.14, 71)]
    ['0 ms', '0.42 ms', '5.1 ms', '139 ms', '2.14 s', '71 s']

    A time that is not a number, or has no end, is named as such.

    >>> format_seconds(float("nan"))
    'an unknown time'
    """
    if not math.isfinite(seconds):
        return "an unknown time"
    if abs(seconds) >= 0.9995:
        return f"{_three_digits(seconds)} s"
    return f"{_three_digits(seconds * 1000)} ms"


def format_bytes(size_bytes: int) -> str:
    """Write a size with three digits at most, in powers of 1000.

    >>> [format_bytes(size) for size in (0, 322, 102_400, 16_000_253)]
    ['0 bytes', '322 bytes', '102 kB', '16 MB']
    """
    size = float(size_bytes)
    if abs(size) < 1000:
        return f"{size_bytes} byte" + ("" if abs(size_bytes) == 1 else "s")
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if abs(size) < 999.5:
            return f"{_three_digits(size)} {unit}"
    return f"{_three_digits(size / 1000)} TB"


def count(number: float, noun: str) -> str:
    """Write a number with its noun.

    >>> count(1, "task"), count(3, "task"), count(0, "node"), count(0.5, "CPU")
    ('1 task', '3 tasks', 'no nodes', '0.5 CPUs')
    """
    if number == 1:
        return f"1 {noun}"
    if number == 0:
        return f"no {noun}s"
    return f"{number} {noun}s" if isinstance(number, int) else f"{number:g} {noun}s"


def times(number: int) -> str:
    """Write how often.

    >>> times(1), times(3)
    ('once', '3 times')
    """
    return "once" if number == 1 else f"{number} times"


def verb(subjects: Sequence[object], one: str, several: str) -> str:
    """Choose the form of a verb by how many do it.

    >>> verb(["ref1"], "exists", "exist"), verb(["ref1", "ref2"], "exists", "exist")
    ('exists', 'exist')
    """
    return one if len(subjects) == 1 else several


def listing(words: Sequence[str], most: int = 4) -> str:
    """Join words as a sentence does, and count those past the first `most`.

    >>> listing(["ref1"]), listing(["ref1", "ref2", "ref3"])
    ('ref1', 'ref1, ref2 and ref3')
    >>> listing(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def describe(value: object) -> str:
    """Name a value by its type, and show it where it is short.

    >>> describe([0, 1]), describe("x" * 99)
    ('the list `[0, 1]`', 'a value of type `str`')
    """
    text = _write(value)
    kind = type(value).__name__
    return f"the {kind} `{text}`" if len(text) <= 40 else f"a value of type `{kind}`"


def shorten(values: Sequence[Any], most: int = 80) -> str:
    """Write values as code, cut where they are long.

    >>> shorten([0.25, 1]), shorten(range(100), most=10)
    ('`[0.25, 1]`', '`[0, 1, 2,…` (100 values)')
    """
    text = _write(list(values))
    return (
        f"`{text}`"
        if len(text) <= most
        else f"`{text[:most].rstrip()}…` ({count(len(values), 'value')})"
    )


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


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter.

    >>> capital("node 1 leaves")
    'Node 1 leaves'
    """
    return sentence[:1].upper() + sentence[1:]


def escape(words: str) -> str:
    """Escape words for SVG and HTML, without the characters that no XML may hold.

    >>> escape('a < "b"\\x1b')
    'a &lt; &quot;b&quot;'
    """
    return html.escape(_NOT_XML.sub("", words))


def _write(value: object) -> str:
    """Write a value as its `repr`, or as that of any object where that fails.

    >>> class Unwritable:
    ...     def __repr__(self):
    ...         raise ValueError
    >>> _write([Unwritable()])
    'a list that cannot be written'
    """
    try:
        return repr(value)
    except Exception:  # it is the learner's own
        return f"a {type(value).__name__} that cannot be written"


def _three_digits(number: float) -> str:
    if abs(number) >= 99.95:
        return f"{number:.0f}"
    digits = 1 if abs(number) >= 9.995 else 2
    return f"{number:.{digits}f}".rstrip("0").rstrip(".")
