"""What this process asks of Ray, overheard: its submissions, gets, waits, puts and cancellations.

No record of Ray's tells which refs a task was given or when a program waited for a result. So the
functions that a program's calls come by are replaced while somebody listens, by ones that do the
same and tell.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError

from raylessons.cluster import private
from raylessons.recording.luggage import Luggage, Refs, hex_ids
from raylessons.trace.records import TaskKind


@dataclass(frozen=True)
class Submission:
    """One `.remote()`: the ids of what went in and of what came back, which keep nothing alive."""

    task_id: str | None  # None: nothing came back that names the task
    argument_ids: tuple[str, ...] = ()
    return_ids: tuple[str, ...] = ()  # none for a stream, whose refs come later
    kind: TaskKind = TaskKind.TASK
    parent_task_id: str = ""  # of the thread that submitted it
    nested_ids: tuple[str, ...] = ()  # inside its arguments, or in what its function carries
    value_bytes: int = 0  # of its arguments by value, serialized
    actor_id: str | None = None
    streams: bool = False
    is_dynamic: bool = False  # it returns refs of as many results as it likes
    # As Ray was given them.
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Wait:
    """One `ray.get` of several refs, or what waits as one does; moments are since 1970."""

    call: str
    refs: tuple[Any, ...]
    asked_ns: int
    returned_ns: int | None  # None: it gave up waiting
    error: str | None  # what it raised: of several refs, nothing tells which holds it
    thread: int
    gave_up_ns: int | None = None


@dataclass(frozen=True)
class Round:
    """One `ray.wait`; moments are since 1970."""

    ready: tuple[Any, ...]  # refs, and generators
    refs: int
    num_returns: int
    asked_ns: int
    returned_ns: int


class Listener:
    """Whoever wants to know: it is called in the calling thread, so it should be quick."""

    def hear_submission(self, submission: Submission, given: Refs, returned: Refs) -> None:
        """Take in one `.remote()` after it came back, and the refs that it took and gave."""

    def hear_wait(self, wait: Wait) -> None:
        """Take in one `ray.get` or `await`, after it came back."""

    def hear_round(self, heard: Round) -> None:
        """Take in one `ray.wait`, after it came back."""

    def hear_put(self, ref: Any, task_id: str) -> None:
        """Take in one `ray.put`, and which task or thread of a driver made it."""

    def hear_item(self, ref: Any, generator_task_id: str) -> None:
        """Take in a ref that was read from a stream."""

    def hear_end_of_stream(self, generator_task_id: str) -> None:
        """Take in that a stream was read to its end."""

    def hear_lent(self, object_id: str) -> None:
        """Take in that a ref went inside of something else, where others may hold on to it."""

    def hear_cancel(self, task_id: str, *, recursive: bool) -> None:
        """Take in one `ray.cancel`, and whether it is to cancel what the task submitted, too."""


@dataclass
class _Open:
    """A `.remote()` that is under way in this thread, and what was serialized for it."""

    nested_ids: list[str] = field(default_factory=list)
    carried_ids: list[str] = field(default_factory=list)
    value_bytes: int = 0


class _ThisThread(threading.local):
    open: _Open | None = None
    is_reading = False  # from a stream: how Ray waits for the next item is no call of the program


_this_thread = _ThisThread()
_listeners: list[Listener] = []
_luggage = Luggage()


@contextmanager
def overhear(listener: Listener) -> Iterator[None]:
    """Tell the listener what this process asks of Ray inside the block, from any thread."""
    if not _listeners:
        _luggage.check_cluster()
        private.hook(
            {
                "task": _hear_remote(TaskKind.TASK),
                "creation": _hear_remote(TaskKind.CREATION),
                "call": _hear_remote(TaskKind.CALL),
                "get": _hear_get,
                "put": _hear_put,
                "serialize": _hear_serialization,
                "contain": _hear_contained_ref,
                "read stream": _hear_item,
                "read stream async": _hear_item_async,
                "future": _hear_future,
                "wait": _hear_wait,
                "cancel": _hear_cancel,
            }
        )
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
        if not _listeners:
            private.unhook()


Function = Callable[..., Any]


def _hear_remote(kind: TaskKind) -> Callable[[Function], Function]:
    def replacement(remote: Function) -> Function:
        def hear(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
            before, now = _this_thread.open, _Open()
            _this_thread.open = now
            try:
                result = remote(self, args=args, kwargs=kwargs, **options)
            finally:
                _this_thread.open = before
            given = _refs((*(args or ()), *(kwargs or {}).values()))
            returned = _refs(result if isinstance(result, list) else (result,))
            submission = _submission(kind, self, given, returned, result, now, options)
            for listener in _listeners:
                listener.hear_submission(submission, given, returned)
            return result

        return hear

    return replacement


def _submission(
    kind: TaskKind,
    what: Any,
    given: Refs,
    returned: Refs,
    result: Any,
    told: _Open,
    options: Mapping[str, Any],
) -> Submission:
    task_id, actor_id, streams = None, None, False
    if returned:
        task_id = returned[0].task_id().hex()
    elif isinstance(result, ray.ObjectRefGenerator):
        task_id, streams = result._generator_ref.task_id().hex(), True
    elif kind is TaskKind.CREATION:
        task_id, actor_id = private.creation_task_id(result._actor_id), result._actor_id.hex()
    nested = told.nested_ids
    if kind is TaskKind.CALL:
        actor_id = what._actor._actor_id.hex() if hasattr(what, "_actor") else None
    else:
        nested = [*nested, *_luggage.ids_of(what, told.carried_ids)]
    return Submission(
        task_id=task_id,
        argument_ids=hex_ids(given),
        return_ids=hex_ids(returned),
        kind=kind,
        parent_task_id=private.current_task_id(),
        nested_ids=tuple(dict.fromkeys(nested)) if nested else (),
        value_bytes=told.value_bytes,
        actor_id=actor_id,
        streams=streams,
        is_dynamic=options.get("num_returns", getattr(what, "_num_returns", None)) == "dynamic",
        options=options,
    )


def _hear_serialization(serialize: Function) -> Function:
    def hear(self: Any, value: Any) -> Any:
        serialized = serialize(self, value)
        if _this_thread.open is not None:
            _this_thread.open.value_bytes += serialized.total_bytes
        return serialized

    return hear


def _hear_contained_ref(contain: Function) -> Function:
    def hear(self: Any, object_ref: Any, **options: Any) -> Any:
        object_id = object_ref.hex()
        if not private.is_handle(object_id):
            now = _this_thread.open
            if now is not None:
                inside = now.nested_ids if self.is_in_band_serialization() else now.carried_ids
                inside.append(object_id)
            for listener in _listeners:
                listener.hear_lent(object_id)
        return contain(self, object_ref, **options)

    return hear


def _hear_get(get_objects: Function) -> Function:
    def hear(self: Any, object_refs: Any, *args: Any, **options: Any) -> Any:
        asked_ns = time.time_ns()
        refs = _refs(object_refs)
        try:
            result = get_objects(self, object_refs, *args, **options)
        except BaseException as error:
            now_ns = time.time_ns()
            returned_ns, gave_up_ns = (now_ns, None) if _is_an_answer(error) else (None, now_ns)
            why = describe_error(error)
            _tell_wait("ray.get", refs, asked_ns, returned_ns, why, gave_up_ns)
            raise
        told = (_error_in(value) for value in result[0] or ())
        first = next((each for each in told if each is not None), None)
        _tell_wait("ray.get", refs, asked_ns, time.time_ns(), first)
        return result

    return hear


def _is_an_answer(error: BaseException) -> bool:
    return isinstance(error, RayError) and not isinstance(error, GetTimeoutError)


def _error_in(value: Any) -> str | None:
    return describe_error(value) if isinstance(value, RayError) else None


def describe_error(error: BaseException) -> str:
    """Name an error as a sentence does: its type, and the last line of what it says.

    >>> describe_error(KeyError("mine"))
    "KeyError: 'mine'"
    """
    cause = getattr(error, "cause", None)
    shown = cause if isinstance(cause, BaseException) else error
    lines = [line.strip() for line in str(shown).splitlines() if line.strip()]
    return ": ".join([type(shown).__name__, *lines[-1:]])


def _hear_wait(wait: Function) -> Function:
    def hear(ray_waitables: Any, *args: Any, **options: Any) -> Any:
        asked_ns = time.time_ns()
        ready, rest = result = wait(ray_waitables, *args, **options)
        if _this_thread.is_reading:
            return result
        wanted = args[0] if args else options.get("num_returns", 1)
        heard = Round(tuple(ready), len(ready) + len(rest), wanted, asked_ns, time.time_ns())
        for listener in _listeners:
            listener.hear_round(heard)
        return result

    return hear


def _hear_future(set_future: Function) -> Function:
    def hear(result: Any, *, py_future: Any) -> None:
        now_ns = time.time_ns()
        refs = _refs([_awaited(py_future)])
        # Before the value is out, with which the program may leave the recording.
        _tell_wait("await", refs, now_ns, now_ns, _error_in(result))
        set_future(result, py_future=py_future)

    return hear


def _awaited(py_future: Any) -> Any:
    """Return the ref whose value a future is given, or `None` where the future does not tell.

    Ray notes it in the future right after it asks for the value, which can be there before.
    """
    last_ns = time.time_ns() + 100_000_000
    while not hasattr(py_future, "object_ref") and time.time_ns() < last_ns:
        time.sleep(0.001)
    return getattr(py_future, "object_ref", None)


def _tell_wait(
    call: str,
    refs: Refs,
    asked_ns: int,
    returned_ns: int | None,
    error: str | None,
    gave_up_ns: int | None = None,
) -> None:
    if refs:
        thread = threading.get_ident()
        wait = Wait(call, tuple(refs), asked_ns, returned_ns, error, thread, gave_up_ns)
        for listener in _listeners:
            listener.hear_wait(wait)


def _hear_put(put_object: Function) -> Function:
    def hear(self: Any, *args: Any, **options: Any) -> Any:
        ref = put_object(self, *args, **options)
        for listener in _listeners:
            listener.hear_put(ref, private.current_task_id())
        return ref

    return hear


def _hear_item(read: Function) -> Function:
    def hear(self: Any, *args: Any, **options: Any) -> Any:
        _this_thread.is_reading = True
        try:
            ref = read(self, *args, **options)
        except StopIteration:
            _tell_end_of_stream(self)
            raise
        finally:
            _this_thread.is_reading = False
        _tell_item(self, ref)
        return ref

    return hear


def _hear_item_async(read: Function) -> Function:
    async def hear(self: Any, *args: Any, **options: Any) -> Any:
        try:
            ref = await read(self, *args, **options)
        except StopAsyncIteration:
            _tell_end_of_stream(self)
            raise
        _tell_item(self, ref)
        return ref

    return hear


def _tell_item(generator: Any, ref: Any) -> None:
    if isinstance(ref, ray.ObjectRef) and not ref.is_nil():
        for listener in _listeners:
            listener.hear_item(ref, generator._generator_ref.task_id().hex())


def _tell_end_of_stream(generator: Any) -> None:
    for listener in _listeners:
        listener.hear_end_of_stream(generator._generator_ref.task_id().hex())


def _hear_cancel(cancel: Function) -> Function:
    def hear(ray_waitable: Any, **options: Any) -> Any:
        if isinstance(ray_waitable, ray.ObjectRefGenerator):
            ref = ray_waitable._generator_ref
        else:
            ref = ray_waitable
        if isinstance(ref, ray.ObjectRef):
            recursive = options.get("recursive", True)
            for listener in _listeners:
                listener.hear_cancel(ref.task_id().hex(), recursive=recursive)
        return cancel(ray_waitable, **options)

    return hear


def _refs(values: Iterable[Any]) -> Refs:
    return tuple([value for value in values if isinstance(value, ray.ObjectRef)])
