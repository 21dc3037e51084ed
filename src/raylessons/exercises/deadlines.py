"""Run a function under a deadline, and stop it where Python can."""

import ctypes
import linecache
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

PAUSE_SECONDS = 0.05


class Stopped(BaseException):
    """Raised inside a function whose time is over: no `except Exception` catches it."""


@dataclass(frozen=True)
class Ending:
    """How a function ended, or where it was when its time was over."""

    value: Any = None
    error: BaseException | None = None
    timed_out: bool = False
    at_line: str | None = None  # where it was, such as "line 7: while refs:"


class Run:
    """A function that runs in a thread of its own."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._value: Any = None
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self._has_ended = False
        # A daemon: a function that nothing stops must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="raylessons-answer", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Tell whether the function still runs."""
        return self._thread.is_alive()

    def end_within(
        self,
        seconds: float,
        code: CodeType | None = None,
        held_up: Callable[[], float] = lambda: 0.0,
    ) -> Ending:
        """Wait for the end, for some seconds at most. `code` names the file that matters.

        By how many seconds others have held the function up by now, or long work has, `held_up`
        tells: they do not count.
        """
        began = time.monotonic()
        while (left := began + seconds + held_up() - time.monotonic()) > 0:
            self._thread.join(left)
            if not self._thread.is_alive():
                break
        if self._thread.is_alive():
            return Ending(timed_out=True, at_line=line_of_thread(self._thread.ident or 0, code))
        return Ending(self._value, self._error)

    def stop(self, seconds: float) -> bool:
        """Raise `Stopped` in the function, again and again; tell whether that ended it.

        Python raises it at the next step of the function's own code. What it waits for outside
        Python, such as a `time.sleep` or a `ray.get`, has to end first, and a function that
        catches everything and goes on is never stopped: then only a new process helps.
        """
        until = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < until:
            with self._lock:
                if not self._has_ended:
                    _raise_in_thread(self._thread.ident or 0, Stopped)
            self._thread.join(PAUSE_SECONDS)
            with self._lock:
                if not self._has_ended:
                    _take_back(self._thread.ident or 0)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            try:
                self._value = self._function()
            except BaseException as error:
                self._error = error
            with self._lock:
                self._has_ended = True
        except Stopped:
            self._has_ended = True  # it came between the end and the note of it


def _raise_in_thread(ident: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(ident), None if error is None else ctypes.py_object(error)
    )


def _take_back(ident: int) -> None:
    """Take back what was to be raised in a thread that is not at a step of Python's.

    While it is pending there, CPython 3.11 hangs other threads that are profiled, and goes on to
    until some thread has had an exception raised in it: this one, then.
    """
    _raise_in_thread(ident, None)
    try:
        _raise_in_thread(threading.get_ident(), Stopped)
        while True:
            pass
    except Stopped:
        pass


def line_of_thread(ident: int, code: CodeType | None) -> str | None:
    """Tell at which line of the code's file a thread is, where it is in that file."""
    frame = sys._current_frames().get(ident)
    while frame is not None and code is not None:
        if frame.f_code.co_filename == code.co_filename:
            return line_text(code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def line_text(filename: str, number: int) -> str:
    """Write a line of a file with its number, as far as its text is known.

    >>> line_text("no such file", 7)
    'line 7'
    """
    text = linecache.getline(filename, number).strip()
    return f"line {number}: {text}" if text else f"line {number}"
