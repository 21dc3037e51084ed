"""What the driver asks of Ray, overheard: its submissions and its gets.

No record of Ray's tells which refs a task was given or when the driver waited for a result, and
Ray has no hook for either. So the functions that a program calls are replaced while one listens,
by ones that do the same and tell.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import ray
from ray.exceptions import GetTimeoutError, RayError

from raylessons.cluster.private import replace_remotes, restore_remotes


class Listener(Protocol):
    """Whoever wants to know. It is called in the driver's own thread, so it should be quick."""

    def hear_submission(self, arguments: list[Any], returned: list[Any]) -> None:
        """Take in the refs that one `.remote()` was given, and those that it gave back."""

    def hear_get(self, refs: list[Any], asked_ns: int, returned_ns: int | None) -> None:
        """Take in one `ray.get`, and when it gave values or a task's error."""


_get: Callable[..., Any] = ray.get
_listeners: list[Listener] = []


@contextmanager
def overhear(listener: Listener) -> Iterator[None]:
    """Tell the listener what this process asks of Ray inside the block, from any thread."""
    if not _listeners:
        ray.get = _tell_get
        replace_remotes(_telling)
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
        if not _listeners:
            ray.get = _get
            restore_remotes()


def _telling(remote: Callable[..., Any]) -> Callable[..., Any]:
    def tell(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        result = remote(self, args=args, kwargs=kwargs, **options)
        arguments = _refs((*(args or ()), *(kwargs or {}).values()))
        returned = _refs(result if isinstance(result, list) else [result])
        for listener in _listeners:
            listener.hear_submission(arguments, returned)
        return result

    return tell


def _tell_get(refs: Any, **options: Any) -> Any:
    asked_ns = time.time_ns()
    is_answered = True
    try:
        return _get(refs, **options)
    except BaseException as error:
        is_answered = isinstance(error, RayError) and not isinstance(error, GetTimeoutError)
        raise
    finally:
        returned_ns = time.time_ns() if is_answered else None
        asked_for = _refs(refs if isinstance(refs, list | tuple) else [refs])
        for listener in _listeners:
            listener.hear_get(asked_for, asked_ns, returned_ns)


def _refs(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, ray.ObjectRef)]
