"""Values that do not exist until an answer has returned: whoever waits for one is held up."""

import functools
import inspect
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import ray

from raylessons.cluster import private
from raylessons.exercises.deadlines import line_of_thread

# How long an answer is given that need not wait: it hands over some refs. Then the gate opens, so
# that one which waits goes on, and shows the rest of what it does.
OPENS_AFTER_SECONDS = 4.0
POLL_SECONDS = 0.01
LONGEST_SECONDS = 60.0  # where the program that would open it has been killed


class Gate:
    """Holds values back until the answer that it watches has returned, in whatever way."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._name = f"raylessons-gate-{uuid4().hex}"
        # Of no CPU, so that it takes none from the answer; and one task for all, in one worker.
        make = ray.remote(num_cpus=0, num_returns=len(values))(_hold_back)
        made = make.remote(self._name, list(values))
        self.refs: list[Any] = made if isinstance(made, list) else [made]
        self._lock = threading.Lock()
        self._is_open = False
        self._timer: threading.Timer | None = None
        self.held_up = False  # the answer had not returned when the gate opened by itself
        self.held_at_line: str | None = None
        self.opened_after_seconds: float | None = None  # since the answer was called

    def watching(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """Return the answer, but for the gate, which opens when it returns."""

        @functools.wraps(answer)
        def watched(*arguments: Any) -> Any:
            thread, began = threading.get_ident(), time.time()
            self._timer = threading.Timer(
                OPENS_AFTER_SECONDS, self._give_up, [answer, thread, began]
            )
            self._timer.daemon = True
            self._timer.start()
            value = None
            try:
                value = answer(*arguments)
            finally:
                if not _is_async(value):
                    self.open()
            return self._open_after(value) if _is_async(value) else value

        return watched

    def open(self) -> None:
        """Let the values through."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if not self._is_open:
                self._is_open = True
                private.keep_note(self._name, "open")

    def close_down(self) -> None:
        """Let the task of the gate end, and the cluster forget it."""
        self.open()
        ray.wait(self.refs, timeout=LONGEST_SECONDS, fetch_local=False)
        private.forget_notes(self._name)

    async def _open_after(self, value: Awaitable[Any]) -> Any:
        try:
            return await value
        finally:
            self.open()

    def _give_up(self, answer: Callable[..., Any], thread: int, began: float) -> None:
        with self._lock:
            if self._is_open:
                return
            code = getattr(inspect.unwrap(answer), "__code__", None)
            self.held_up = True
            self.held_at_line = line_of_thread(thread, code)
            self.opened_after_seconds = time.time() - began
        self.open()


def _is_async(value: Any) -> bool:
    # A ref can be awaited, too.
    return inspect.isawaitable(value) and not isinstance(value, ray.ObjectRef)


def _hold_back(name: str, values: list[Any]) -> Any:
    until = time.monotonic() + LONGEST_SECONDS
    while not private.read_notes(name) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    return values if len(values) > 1 else values[0]
