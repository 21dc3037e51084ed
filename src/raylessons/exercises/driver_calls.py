"""What a function does in the driver: the calls that matter, by which thread, from when to when."""

import asyncio
import concurrent.futures
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import ray

from raylessons.exercises.deadlines import Stopped

# As they are before anything replaces them, which a recording does.
RAY_CALLS = (ray.get, ray.wait, ray.cancel)
RAY_SHUTDOWN = inspect.unwrap(ray.shutdown).__code__
# What keeps a thread until something has come, or for a while.
BLOCKING_CALLS = (
    concurrent.futures.Future.result,
    concurrent.futures.as_completed,
    asyncio.BaseEventLoop.run_forever,  # and all that is awaited in it
)


class ShutdownError(BaseException):
    """Raised where `ray.shutdown` is called; being no `Exception`, it is not caught by mistake."""


@dataclass
class Call:
    """A call in the driver; times are seconds since the log began."""

    name: str
    start: float
    thread: int
    end: float | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    result: Any = None

    @property
    def timeout(self) -> float | None:
        """Return the timeout that a `ray.get` or `ray.wait` was given."""
        return self.arguments.get("timeout")


class DriverLog:
    """The calls of some functions that are made while it listens, in their order.

    Python's own profiling hook tells of each call in a thread, whatever name it is called by,
    so that nothing has to be replaced. `ray.get`, `ray.wait`, `ray.cancel`, `time.sleep` and what
    waits for a future are always listened for. A call of `ray.shutdown` raises `ShutdownError` and
    goes no further: others go on with this Ray, and some of its functions end the process without
    a word where it has gone under them. A log that keeps no refs has their ids instead, and
    no values, so that it holds no object.
    """

    def __init__(
        self, functions: Iterable[Callable[..., Any]] = (), *, keeps_refs: bool = True
    ) -> None:
        self.began = time.time()
        self._keep = _as_it_is if keeps_refs else by_id
        self.calls: list[Call] = []
        self._names: dict[CodeType, str] = {}
        for function in (*RAY_CALLS, *BLOCKING_CALLS, *functions):
            self._names[inspect.unwrap(function).__code__] = function.__name__
        self._open: dict[tuple[int, str], Call] = {}
        self._thread = 0
        self._is_stopping = False

    def named(self, name: str) -> list[Call]:
        """Return the calls of the function of that name."""
        return [call for call in self.calls if call.name == name]

    def now(self) -> float:
        """Tell the seconds since the log began."""
        return time.time() - self.began

    def stop(self) -> None:
        """Raise `Stopped` in the thread that listens, at its next call, or end of one.

        This reaches a function that was waiting outside Python, at the moment when it comes back.
        """
        self._is_stopping = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen in this thread, and in those that start meanwhile."""
        self._thread = threading.get_ident()
        before, before_in_threads = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._hear)
        sys.setprofile(self._hear)
        try:
            yield
        finally:
            sys.setprofile(before)
            threading.setprofile(before_in_threads)

    def _hear(self, frame: FrameType, event: str, result: Any) -> None:
        if self._is_stopping and threading.get_ident() == self._thread:
            self._is_stopping = False
            raise Stopped
        if event.startswith("c_"):
            # Written in C, it has no frame of its own: this is its caller's, and it is the result.
            if result is time.sleep:
                self._note(frame, event.removeprefix("c_"), "sleep", {}, None)
            return
        if frame.f_code is RAY_SHUTDOWN and event == "call":
            raise ShutdownError("ray.shutdown() was called")
        name = self._names.get(frame.f_code)
        # Who asks a future that is done does not wait: asyncio does so for each that it awaits.
        if name == "result" and event == "call" and frame.f_locals["self"].done():
            return
        if name is not None:
            self._note(frame, event, name, dict(frame.f_locals), result)

    def _note(
        self, frame: FrameType, event: str, name: str, arguments: dict[str, Any], result: Any
    ) -> None:
        if event == "call":
            kept = {each: self._keep(value) for each, value in arguments.items()}
            call = Call(name, self.now(), threading.get_ident(), arguments=kept)
            self.calls.append(call)
            self._open[id(frame), name] = call
        elif (id(frame), name) in self._open:
            call = self._open.pop((id(frame), name))
            call.end = self.now()
            call.result = self._keep(result)


def _as_it_is(value: Any) -> Any:
    return value


def by_id(value: Any) -> Any:
    """Return what a call was given or gave, with ids for refs, and nothing that could hold one.

    >>> by_id((ray.ObjectRef.nil(), [7])) == (ray.ObjectRef.nil().hex(), (7,))
    True
    """
    if isinstance(value, ray.ObjectRef):
        return value.hex()
    if isinstance(value, list | tuple):
        return tuple(by_id(each) for each in value)
    return value if isinstance(value, bool | int | float) else None
