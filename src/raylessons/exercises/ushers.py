"""A turnstile at which the tasks of an exercise wait, so that they end in an order that is known.

On a busy machine nothing else tells which task ends first, and how long a result then lay there
is a matter of luck. So an usher lets the tasks through, the next of them once the answer has handed
over what the last have made, and counts how long that takes in turns of its own: what holds up the
answer holds up the usher as well.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from numbers import Real
from typing import Any
from uuid import uuid4

import ray

# As they are before a recording replaces them: nobody hears what an usher asks.
from ray import get as ray_get, wait as ray_wait

from raylessons.cluster import private
from raylessons.exercises.observing import Observation
from raylessons.recording.calls import Listener, Submission, overhear
from raylessons.recording.luggage import Refs

TURN_SECONDS = 0.02
POLL_SECONDS = 0.05  # in a task: workers come last on a busy machine, and looking takes time
# A result that lay there for so many turns was held back: a second look each tenth is quick enough.
HELD_TURNS = 30
# So many turns without anything new: what the usher waits for does not come.
STALLED_TURNS = 75
MOST_SECONDS = 30.0  # at the turnstile, where nobody opens it


@dataclass(frozen=True)
class Turnstile:
    """A turnstile for numbers, on whatever node: it travels with the tasks."""

    name: str = field(default_factory=lambda: f"raylessons-{uuid4().hex}")

    def wait_for(self, number: float) -> None:
        """Wait, in a task, until the turnstile is open for its number."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end and not private.read_notes(self._place(number)):
            time.sleep(POLL_SECONDS)

    def open_for(self, number: float) -> None:
        """Open the turnstile for the tasks of a number."""
        private.keep_note(self._place(number), "open")

    def sign(self, number: float) -> None:
        """Write down, in a task, that it has been here with its number."""
        private.keep_note(f"{self.name}/signed/{private.current_task_id()}", str(number))

    def take_signatures(self) -> list[str]:
        """Return the numbers that were signed for, and let the cluster forget the turnstile."""
        signed = private.read_notes(f"{self.name}/signed/")
        private.forget_notes(f"{self.name}/")
        return list(signed.values())

    def _place(self, number: float) -> str:
        return f"{self.name}/open/{float(number):g}/"  # an answer may make another type of it


@dataclass(frozen=True)
class Stage:
    """Numbers whose tasks are let through together, and how many turns pass after they ended."""

    numbers: tuple[float, ...]
    pause_turns: int = 0


@dataclass
class Task:
    """What became of a task; moments are seconds since 1970."""

    submitted: float
    value: Any = None
    failed: bool = False
    ended: float | None = None
    turn: int = 0  # in which its end was seen
    handed_turn: int | None = None


@dataclass(frozen=True)
class Held:
    """A value that lay there, while others were waited for."""

    value: Any
    moment: float


class Usher(Listener):
    """Lets the tasks of an answer through, stage by stage, and sees what becomes of them."""

    def __init__(
        self, turnstile: Turnstile, stages: Sequence[Stage], slowness: float = 1.0
    ) -> None:
        self._turnstile = turnstile
        self._stalled_turns = STALLED_TURNS * slowness  # workers may be held up, and this is not
        self._stages = list(stages)
        self._let_through = 0
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._turn = self._last_news = self._stage_ended = 0
        self._handed: list[Any] = []
        self._tasks: dict[Any, Task] = {}
        self._held: Held | None = None  # the first
        self._turn_moments: list[float] = []
        self.has_stalled = False
        self.signatures: list[str] = []

    @property
    def tasks(self) -> list[Task]:
        """Return the tasks in the order in which they were submitted."""
        return list(self._tasks.values())

    def value_of(self, ref: Any) -> Any:
        """Return the value of a task, None where it has none."""
        task = self._tasks.get(ref)
        return None if task is None else task.value

    def held_in(self, seen: Observation) -> Held | None:
        """Return the first value that was held back while the answer ran."""
        held = self._held
        is_in_time = held is not None and held.moment < self._end_of(seen)
        return held if is_in_time else None

    def lost_in(self, seen: Observation, turns: int) -> list[Any]:
        """Return the values that were ready for so many turns when the answer ended."""
        end = self._end_of(seen)
        last_turn = sum(moment <= end for moment in self._turn_moments)
        return [
            task.value
            for task in self._tasks.values()
            if self._lies_there(task) and last_turn - task.turn >= turns
        ]

    def seconds_in(self, seen: Observation, moment: float) -> float:
        """Return a moment in seconds since the answer began."""
        first = next(iter(self._tasks.values()), None)
        if first is None or not seen.submissions:
            return 0.0
        return moment - first.submitted + seen.submissions[0].seconds

    def wait_for_ends(self, tasks: int, seconds: float) -> None:
        """Wait until so many tasks have ended, for some seconds at most.

        It is not the answer that holds back what lies there meanwhile.
        """
        end = time.monotonic() + seconds
        pause = threading.Event()  # no sleep, which would count as one of the answer's
        is_over = False
        while not is_over:
            is_over = time.monotonic() > end or self._count_ended() >= tasks
            with self._lock:
                for task in self._tasks.values():
                    if self._lies_there(task):
                        task.turn = self._turn
            pause.wait(0 if is_over else TURN_SECONDS)

    def _end_of(self, seen: Observation) -> float:
        first = next(iter(self._tasks.values()), None)
        if first is None or not seen.submissions:
            return time.time()
        return first.submitted + seen.seconds - seen.submissions[0].seconds

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let tasks through meanwhile."""
        thread = threading.Thread(target=self._work, name="raylessons-usher", daemon=True)
        self._let_next_through()
        thread.start()
        try:
            with overhear(self):
                yield
        finally:
            self._is_over.set()
            thread.join()
            if ray.is_initialized():
                with suppress(RuntimeError, ray.exceptions.RayError):  # Ray has gone
                    self._note_ends()  # also of what has ended since its last turn
                    self.signatures = self._turnstile.take_signatures()

    def hear_submission(self, submission: Submission, given: Refs, returned: Refs) -> None:
        """Note a task."""
        with self._lock:
            for ref in returned:
                self._tasks.setdefault(ref, Task(time.time()))
            self._last_news = self._turn

    def take_handed(self, value: Any) -> None:
        """Note a value that the answer has handed over."""
        with self._lock:
            self._last_news = self._turn
            if not is_number(value):
                return
            self._handed.append(value)
            for task in self._tasks.values():
                if self._lies_there(task) and task.value == value:
                    task.handed_turn = self._turn
                    break

    def _work(self) -> None:
        while not self._is_over.wait(TURN_SECONDS):
            try:
                self._take_turn()
            except (RuntimeError, ValueError, ray.exceptions.RayError):
                return  # Ray has gone

    def _take_turn(self) -> None:
        with self._lock:
            self._turn += 1
            self._turn_moments.append(time.time())
        self._note_ends()
        with self._lock:
            self._judge()

    def _note_ends(self) -> None:
        with self._lock:
            pending = [ref for ref, task in self._tasks.items() if task.ended is None]
        if pending:
            ready, _ = ray_wait(pending, num_returns=len(pending), timeout=0, fetch_local=False)
            for ref in ready:
                self._note_end(ref)

    def _note_end(self, ref: Any) -> None:
        value, failed = None, False
        try:
            value = ray_get(ref, timeout=1)
        except Exception:  # whatever a task raised
            failed = True
        with self._lock:
            task = self._tasks[ref]
            task.value, task.failed, task.ended = value, failed, time.time()
            task.turn = self._last_news = self._turn
            if is_number(value) and self._handed.count(value) > self._handed_before(value):
                task.handed_turn = self._turn  # it was quicker than this turn

    def _handed_before(self, value: Any) -> int:
        handed = [task.value for task in self._tasks.values() if task.handed_turn is not None]
        return handed.count(value)

    def _judge(self) -> None:
        lying = [task for task in self._tasks.values() if self._lies_there(task)]
        late = [task for task in lying if self._turn - task.turn >= HELD_TURNS]
        if late and self._held is None:
            self._held = Held(late[0].value, time.time())
        if late:
            self._let_all_through()
            return
        if self._turn - self._last_news >= self._stalled_turns and self._let_through < len(
            self._stages
        ):
            self.has_stalled = True
            self._let_all_through()
            return
        if lying or self._count_ended() < sum(
            len(stage.numbers) for stage in self._stages[: self._let_through]
        ):
            self._stage_ended = self._turn
            return
        pause = self._stages[self._let_through - 1].pause_turns if self._let_through else 0
        if self._turn - self._stage_ended >= pause:
            self._let_next_through()

    def _let_next_through(self) -> None:
        if self._let_through < len(self._stages):
            for number in self._stages[self._let_through].numbers:
                self._turnstile.open_for(number)
            self._let_through += 1
            self._stage_ended = self._last_news = self._turn

    def _let_all_through(self) -> None:
        while self._let_through < len(self._stages):
            self._let_next_through()

    def _count_ended(self) -> int:
        return sum(task.ended is not None for task in self.tasks)

    def _lies_there(self, task: Task) -> bool:
        return is_number(task.value) and task.ended is not None and task.handed_turn is None


def is_number(value: object) -> bool:
    """Tell whether a value is a number, of Python's or of NumPy's.

    >>> [is_number(value) for value in (0, 0.25, [4], None, True)]
    [True, True, False, False, False]
    """
    return isinstance(value, Real) and not isinstance(value, bool)
