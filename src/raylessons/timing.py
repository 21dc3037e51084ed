"""How long things take: one run, or several with their median and spread."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Stopwatch:
    """The seconds since it was started; they stand still once it is stopped."""

    started: float
    stopped: float | None = None

    @property
    def seconds(self) -> float:
        """Tell the seconds so far, or between start and stop."""
        return (time.perf_counter() if self.stopped is None else self.stopped) - self.started


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time a block, also when it raises.

    >>> with stopwatch() as watch:
    ...     total = sum(range(1000))
    >>> 0 < watch.seconds < 1
    True
    """
    watch = Stopwatch(time.perf_counter())
    try:
        yield watch
    finally:
        watch.stopped = time.perf_counter()


def duration_line(seconds: float, label: str = "Total time") -> str:
    """Write a duration as a line.

    >>> duration_line(4.0123)
    'Total time: 4.012 seconds'
    >>> duration_line(0.5, label="40 elements")
    '40 elements: 0.500 seconds'
    """
    return f"{label}: {seconds:.3f} seconds"


@dataclass(frozen=True)
class Sample:
    """The seconds that each repeat of one measurement took."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Tell the middle value, in seconds.

        >>> Sample((1.0, 9.0, 2.0)).median
        2.0
        """
        return statistics.median(self.seconds)

    @property
    def fastest(self) -> float:
        """Tell the least value, in seconds."""
        return min(self.seconds)

    @property
    def slowest(self) -> float:
        """Tell the greatest value, in seconds."""
        return max(self.seconds)

    def per(self, parts: int) -> "Sample":
        """Share every repeat among `parts` equal parts.

        >>> Sample((1.0, 3.0)).per(10)
        Sample(seconds=(0.1, 0.3))
        """
        return Sample(tuple(seconds / parts for seconds in self.seconds))


def measure(work: Callable[[], object], repeats: int, warmups: int = 1) -> Sample:
    """Run `work` some times uncounted, then `repeats` times timed.

    >>> len(measure(lambda: sum(range(10)), repeats=3).seconds)
    3

    Raises `ValueError` when there would be no repeat, or fewer than no warm-ups.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats!r}: expected one or more. Pass an int such as 5.")
    if warmups < 0:
        raise ValueError(f"warmups is {warmups!r}: expected zero or more. Pass an int such as 1.")
    for _ in range(warmups):
        work()
    seconds = []
    for _ in range(repeats):
        with stopwatch() as watch:
            work()
        seconds.append(watch.seconds)
    return Sample(tuple(seconds))
