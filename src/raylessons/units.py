"""Seconds and bytes, as a reader meets them in a sentence."""

import math


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


def _three_digits(number: float) -> str:
    if abs(number) >= 99.95:
        return f"{number:.0f}"
    digits = 1 if abs(number) >= 9.995 else 2
    return f"{number:.{digits}f}".rstrip("0").rstrip(".")
