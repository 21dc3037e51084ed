"""Run an answer on a real Ray under a deadline, and observe what it does."""

import asyncio
import inspect
import threading
import time
import traceback
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy as np
import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.clearing import answers, clear, unfinished
from raylessons.exercises.deadlines import Ending, Run, line_text
from raylessons.exercises.driver_calls import Call, DriverLog, by_id
from raylessons.exercises.picture import Picture, picture_of
from raylessons.exercises.waits import Arrival, Wait, list_waits
from raylessons.recording import calls
from raylessons.recording.calls import Listener, overhear
from raylessons.recording.luggage import Refs
from raylessons.recording.recorder import Recording, record
from raylessons.trace.records import Outcome, TaskRun, Trace

DEADLINE_SECONDS = 20.0
MOST_TASKS = 500
MOST_HANDED = 500
NO_TRACE = Trace()
GRACE_SECONDS = 1.0  # a task that ends as the answer does needs a moment
# A cancelled task ends when its worker next runs Python, on a busy machine much later.
CANCELLED_SECONDS = 10.0


class TooMuchError(BaseException):
    """Raised in an answer without end; being no `Exception`, it is not caught by mistake."""


@dataclass(frozen=True)
class Submission:
    """A call of `.remote()` in the driver, in seconds since the answer began."""

    seconds: float
    arguments: tuple[Any, ...]  # the refs among its arguments
    refs: tuple[Any, ...]  # none of a stream, whose refs come later
    task_id: str | None = None  # None: nothing came back that names the task
    thread: int = 0
    actor_id: str | None = None  # of the actor whose method it calls
    # Such as where to run.
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Handed:
    """A value that the answer handed over, in seconds since the answer began."""

    seconds: float
    value: Any


@dataclass(frozen=True)
class Observation:
    """What an answer did. Times are seconds since it began."""

    value: Any = None  # what it returned
    fetched: Any = None  # the value of the ref that it returned, where that was asked for
    is_iterator: bool = False
    is_sequence: bool = False  # a list, or what is as good as one
    handed: tuple[Handed, ...] = ()  # each value of the sequence or iterator that it returned
    seconds: float = 0.0
    error: BaseException | None = None
    error_line: str | None = None  # of the answer's own file
    timed_out: bool = False
    at_line: str | None = None  # where it was when its time was over
    calls: tuple[Call, ...] = ()  # ray.get, ray.wait and the watched functions, in the driver
    waits: tuple[Wait, ...] = ()  # in whatever way and thread of the driver
    own_thread: int = 0
    submissions: tuple[Submission, ...] = ()
    unready: frozenset[Any] = frozenset()  # refs of tasks that had not ended when the answer had
    left_running: int = 0  # how many of them it had not cancelled, and went on a moment later
    cancelled: int = 0  # how many of them it had cancelled
    unheeding: int = 0  # how many of those went on long after
    ray_lost: bool = False
    is_clean: bool = True  # False: something could not be stopped
    trace: Trace = NO_TRACE

    @property
    def values(self) -> list[Any]:
        """Return the values that were handed over, in their order."""
        return [handed.value for handed in self.handed]

    @property
    def runs(self) -> list[TaskRun]:
        """Return the task runs that finished."""
        return [run for run in self.trace.task_runs if run.outcome is Outcome.FINISHED]

    @property
    def picture(self) -> Picture | None:
        """Draw when its tasks ran and when it waited, as far as it was recorded."""
        runs = sorted(
            (run for run in self.trace.task_runs if run.started is not None),
            key=lambda run: run.started or 0.0,
        )
        tasks = [
            (f"{run.name} {number}", (run.started or 0.0, run.ended or self.seconds))
            for number, run in enumerate(runs, 1)
        ]
        waits = [(wait.start, wait.end or self.seconds) for wait in self.waits]
        return picture_of(tasks, waits) if tasks else None

    def named(self, *names: str) -> list[Call]:
        """Return the driver's calls of the functions of these names."""
        return [call for call in self.calls if call.name in names]


def observe(
    answer: Callable[..., Any],
    *arguments: Any,
    deadline_seconds: float = DEADLINE_SECONDS,
    watched: Iterable[Callable[..., Any]] = (),
    recorded: bool = True,
    fetch: bool = False,
    on_handed: Callable[[Any], None] | None = None,
    keeps_refs: bool = True,
    last_done: Callable[[], float | None] = lambda: None,
) -> Observation:
    """Run `answer(*arguments)` in a thread, record Ray meanwhile, and clean up after it.

    Calls of the `watched` functions in the driver are logged. What an answer leaves running a
    moment after its end is counted, then cancelled. An answer that outlives the deadline is
    stopped: its tasks are cancelled, and `Stopped` is raised in it. Where it is not `recorded`,
    the trace is empty, and Ray's late records need not be waited for. With `fetch`, the value of
    the ref that it returns is waited for, too. Each value that it hands over is told to
    `on_handed`, in its thread, and the deadline does not count how long that takes. An observation
    that keeps no refs has their ids: it holds no object of the answer's, and can neither count nor
    cancel what that leaves running. Where `last_done` tells at which `time.monotonic()` the answer
    has last come further in work that is long, the deadline counts from then.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    log = DriverLog(watched, keeps_refs=keeps_refs)
    attempt = _Attempt(answer, arguments, log, fetch, on_handed, keeps_refs, last_done)
    with overhear(attempt):
        try:
            trace, left = _run_on_ray(attempt, deadline_seconds, recorded)
            ray_lost = False
        except (RuntimeError, ray.exceptions.RayError):
            # The records of a Ray that has gone cannot be read.
            trace, left, ray_lost = NO_TRACE, _Left(), True
        is_clean = not ray_lost and attempt.clear()
        if not is_clean:
            log.stop()  # what waits outside Python is stopped when it comes back
    ending = attempt.ending
    if ending.timed_out or isinstance(ending.error, ray.exceptions.RayError):
        ray_lost = ray_lost or not answers()
    return Observation(
        value=attempt.value,
        fetched=attempt.fetched,
        is_iterator=attempt.is_iterator,
        is_sequence=attempt.is_sequence,
        handed=attempt.handed_in_time,
        seconds=attempt.seconds,
        error=ending.error,
        error_line=None if ending.error is None else _error_line(ending.error, _code(answer)),
        timed_out=ending.timed_out,
        at_line=ending.at_line,
        calls=tuple(log.calls),
        waits=list_waits(log.calls, attempt.arrivals),
        own_thread=attempt.thread,
        submissions=attempt.submitted_in_time,
        unready=left.unready,
        left_running=left.running,
        cancelled=left.cancelled,
        unheeding=left.unheeding,
        ray_lost=ray_lost,
        is_clean=is_clean,
        trace=NO_TRACE if ray_lost else trace,
    )


@dataclass(frozen=True)
class _Left:
    """What an answer had left when it ended."""

    unready: frozenset[Any] = frozenset()  # refs of tasks that had not ended
    running: int = 0  # how many of them it had not cancelled, and went on a moment later
    cancelled: int = 0  # how many of them it had cancelled
    unheeding: int = 0  # how many of those went on long after


def _run_on_ray(
    attempt: "_Attempt", deadline_seconds: float, recorded: bool
) -> tuple[Trace, _Left]:
    """Run an attempt to its end or its deadline. Raises `RuntimeError` where Ray goes meanwhile."""
    recording: Recording | None
    # The limit within the recording, so that this has heard what the limit then refuses.
    with record() if recorded else nullcontext() as recording, overhear(_Limit()):
        attempt.run_within(deadline_seconds)
        require_ray()
        unready = unfinished(attempt.refs, seconds=0)
        cancelled = [ref for ref in unready if ref in attempt.cancelled]
        uncancelled = [ref for ref in attempt.refs if ref not in attempt.cancelled]
        is_in_time = not attempt.ending.timed_out
        grace_seconds = GRACE_SECONDS if unready and is_in_time else 0
        running = len(unfinished(uncancelled, grace_seconds))
        # Where others go on, nobody asks any longer whether these end.
        patience = CANCELLED_SECONDS if is_in_time and not running else 0
        unheeding = len(unfinished(cancelled, patience))
        left = _Left(frozenset(unready), running, len(cancelled), unheeding)
    return recording.trace if recording is not None else NO_TRACE, left


class _Attempt(Listener):
    """An answer at work, with what it has handed over and submitted so far."""

    def __init__(
        self,
        answer: Callable[..., Any],
        arguments: tuple[Any, ...],
        log: DriverLog,
        fetch: bool,
        on_handed: Callable[[Any], None] | None,
        keeps_refs: bool,
        last_done: Callable[[], float | None],
    ) -> None:
        self._answer = answer
        self._arguments = arguments
        self._log = log
        self._fetch = fetch
        self._on_handed = on_handed
        self._keeps_refs = keeps_refs
        self._last_done = last_done
        self.value: Any = None
        self.fetched: Any = None
        self.handed: list[Handed] = []
        self.submissions: list[Submission] = []
        self.arrivals: list[Arrival] = []
        self.is_iterator = False
        self.is_sequence = False
        self.thread = 0
        self._run: Run | None = None
        self.ending = Ending()
        self.seconds = 0.0
        self._taking: list[float] = []  # when the caller began to take values, and when it ended
        self.handed_in_time: tuple[Handed, ...] = ()
        self.submitted_in_time: tuple[Submission, ...] = ()

    @property
    def refs(self) -> list[Any]:
        """Return the refs of all tasks that it has submitted so far, as far as they are kept."""
        if not self._keeps_refs:
            return []
        return [ref for submission in self.submissions for ref in submission.refs]

    @property
    def cancelled(self) -> set[Any]:
        """Return the refs that it has cancelled so far, by whatever name it calls ray.cancel."""
        return {
            ref
            for call in self._log.named("cancel")
            if isinstance(ref := call.arguments.get("ray_waitable"), ray.ObjectRef)
        }

    def run_within(self, deadline_seconds: float) -> None:
        """Run to the end, or to the deadline, and keep what had been done by then."""
        self._log.began = time.time()
        began = time.monotonic()
        try:
            with _rays_names_kept():
                self._run = Run(self._answer_and_hand_over)
                self.ending = self._run.end_within(
                    deadline_seconds,
                    _code(self._answer),
                    lambda: max(self._caller_seconds(), (self._last_done() or began) - began),
                )
        except KeyboardInterrupt:
            self.clear()
            raise
        self.seconds = self._log.now()
        self.handed_in_time, self.submitted_in_time = tuple(self.handed), tuple(self.submissions)

    def clear(self) -> bool:
        """Stop what still runs; tell whether nothing of it does any longer."""
        return self._run is None or clear(self._run, self)

    def _answer_and_hand_over(self) -> None:
        self.thread = threading.get_ident()
        with self._log.listening():
            self.value = self._answer(*self._arguments)
            if inspect.iscoroutine(self.value):
                self.value = asyncio.run(_await(self.value))
            self.is_sequence = is_sequence(self.value)
            self.is_iterator = isinstance(self.value, Iterator | AsyncIterator)
            if isinstance(self.value, AsyncIterator):
                asyncio.run(self._hand_over_as_they_come(self.value))
            elif self.is_iterator or self.is_sequence:
                for each in self.value:
                    self._hand_over(each)
        if self._fetch and isinstance(self.value, ray.ObjectRef):
            self.fetched = ray.get(self.value)

    async def _hand_over_as_they_come(self, values: AsyncIterator[Any]) -> None:
        async for each in values:
            await asyncio.sleep(0)  # until then the loop holds what it has awaited last
            self._hand_over(each)

    def _hand_over(self, value: Any) -> None:
        self.handed.append(Handed(self._log.now(), value))
        if self._on_handed is not None:
            self._taking.append(time.monotonic())
            self._on_handed(value)
            self._taking.append(time.monotonic())
        if self.is_iterator and len(self.handed) >= MOST_HANDED:
            raise TooMuchError(f"{MOST_HANDED} values were handed over")

    def _caller_seconds(self) -> float:
        """Return for how long the answer has waited until its caller had taken a value."""
        moments = [*self._taking]
        if len(moments) % 2:  # it takes one now
            moments.append(time.monotonic())
        return sum(moments[1::2]) - sum(moments[::2])

    def hear_submission(self, submission: calls.Submission, given: Refs, returned: Refs) -> None:
        """Note a task whose results the answer may ask for."""
        if returned or submission.streams:
            now, thread = self._log.now(), threading.get_ident()
            if not self._keeps_refs:
                given, returned = by_id(given), by_id(returned)
            heard = Submission(
                now,
                given,
                returned,
                submission.task_id,
                thread,
                submission.actor_id,
                submission.options,
            )
            self.submissions.append(heard)

    def hear_wait(self, wait: calls.Wait) -> None:
        """Note a value that Ray brought to a future: the driver's log has the other waits."""
        if wait.call == "await":
            refs = wait.refs if self._keeps_refs else by_id(wait.refs)
            self.arrivals.append(Arrival(self._log.now(), refs))


class _Limit(Listener):
    """Ends an answer, from within its `.remote()`, once it has submitted all that it may."""

    def __init__(self) -> None:
        self._submitted = 0

    def hear_submission(self, submission: calls.Submission, given: Refs, returned: Refs) -> None:
        """Count it, and raise `TooMuchError` at the last that may be."""
        self._submitted += 1
        if self._submitted >= MOST_TASKS:
            raise TooMuchError(f"{MOST_TASKS} tasks were submitted")


def is_sequence(value: object) -> bool:
    """Tell whether a value is a list, or is as good as one where a list is asked for.

    >>> [is_sequence(value) for value in ([1], (1,), range(3), np.ones(2), {1: 2}.values())]
    [True, True, True, True, True]
    >>> [is_sequence(value) for value in ({1: 2}, {1}, "one", iter([1]), np.ones(()))]
    [False, False, False, False, False]
    """
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, list | tuple | range | deque | type({}.values()))


async def _await(value: Any) -> Any:
    return await value


@contextmanager
def _rays_names_kept() -> Iterator[None]:
    """Give Ray's functions their names back, whatever an answer has called so."""
    before = dict(vars(ray))
    try:
        yield
    finally:
        vars(ray).update(before)


def _code(answer: Callable[..., Any]) -> CodeType | None:
    return getattr(inspect.unwrap(answer), "__code__", None)


def _error_line(error: BaseException, code: CodeType | None) -> str | None:
    lines = [
        line_text(frame.filename, frame.lineno or 0)
        for frame in traceback.extract_tb(error.__traceback__)
        if code is not None and frame.filename == code.co_filename
    ]
    return lines[-1] if lines else None
