"""The lesson's tasks, as plain functions: a page wraps them with `ray.remote`."""

import threading
import time
from functools import cache

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_ELEMENT = 0.1


def _require_size(size: int) -> None:
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(
            f"size is {size!r}: expected a whole number of elements. Pass an int such as 20."
        )
    if size < 0:
        raise ValueError(f"size is {size}: expected zero or more elements. Pass an int such as 20.")


def _require_seconds(seconds: float) -> None:
    if not seconds >= 0:
        raise ValueError(
            f"seconds is {seconds!r}: expected zero or more seconds. Pass a number such as 0.5."
        )


def _sleep(seconds: float) -> None:
    if seconds:  # a sleep of no seconds can take longer than to make a thousand numbers
        time.sleep(seconds)


def make_array(size: int, seconds_per_element: float = SECONDS_PER_ELEMENT) -> NDArray[np.float64]:
    """Return `size` random numbers, after sleeping 0.1 seconds for each.

    The sleep stands for work: it takes time, and it leaves the core free.

    >>> make_array(20, seconds_per_element=0).shape
    (20,)

    Raises `TypeError` when the size is not whole,
    `ValueError` when it or the sleep is below zero.
    """
    _require_size(size)
    _require_seconds(seconds_per_element)
    _sleep(size * seconds_per_element)
    return _generator(threading.get_ident()).standard_normal(size)


@cache
def _generator(thread: int) -> np.random.Generator:
    # Making one costs as much as thousands of numbers, and threads that share one wait for it.
    return np.random.default_rng()


def add_arrays(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    seconds_per_element: float = SECONDS_PER_ELEMENT,
) -> NDArray[np.float64]:
    """Return the sum of two arrays, after sleeping 0.1 seconds for each element.

    >>> add_arrays(np.array([1.0, 2.0]), np.array([10.0, 20.0]), seconds_per_element=0)
    array([11., 22.])

    Raises `ValueError` when the sizes differ or the sleep is below zero.
    """
    if left.size != right.size:
        raise ValueError(
            f"left has {left.size} elements and right has {right.size}: expected one size. "
            "Make both arrays with the same size."
        )
    _require_seconds(seconds_per_element)
    _sleep(left.size * seconds_per_element)
    return np.add(left, right)


def slow_square(number: float) -> float:
    """Return the square of `number`, after sleeping `number` seconds.

    >>> slow_square(0)
    0

    Raises `ValueError` when the number, and so the sleep, is below zero.
    """
    _require_seconds(number)
    _sleep(number)
    return number * number


def noop(value: object) -> object:
    """Return `value`: a task with no work in it, so that what it takes is overhead.

    >>> noop(7)
    7
    """
    return value
