"""What an answer waited for in the driver: in which way, in which thread, from when to when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from raylessons.exercises.driver_calls import Call

# Each call that waits, as a learner writes it.
WAYS = {
    "get": "ray.get",
    "wait": "ray.wait",
    "result": "Future.result",
    "as_completed": "as_completed",
    "sleep": "time.sleep",
}
LOOP = "run_forever"


@dataclass(frozen=True)
class Wait:
    """A time in which a thread waited, in seconds since the answer began."""

    way: str  # such as "ray.get" or "await"
    thread: int
    start: float
    end: float | None  # None: it still waited when the answer was stopped
    refs: tuple[Any, ...] = ()  # what it waited for, as far as that is known


@dataclass(frozen=True)
class Arrival:
    """A value that Ray brought to a future, in seconds since the answer began."""

    seconds: float
    refs: tuple[Any, ...]


def list_waits(calls: Sequence[Call], arrivals: Iterable[Arrival]) -> tuple[Wait, ...]:
    """List what waited, in the order of their starts. A look that waits for nothing is none.

    >>> slept = Call("sleep", 0.1, thread=7, end=0.3)
    >>> looked = Call("wait", 0.4, thread=7, end=0.4, arguments={"timeout": 0})
    >>> [wait.way for wait in list_waits([slept, looked], [])]
    ['time.sleep']

    Nor is a get of what a `ray.wait` has called ready.

    >>> waited = Call("wait", 0.1, thread=7, end=0.2, result=(["ref1"], []))
    >>> asked = Call("get", 0.3, thread=7, end=0.3, arguments={"object_refs": "ref1"})
    >>> [wait.way for wait in list_waits([waited, asked], [])]
    ['ray.wait']

    Nor is the sleep of work that the driver does itself.

    >>> work = Call("slow_square", 0.0, thread=7, end=0.4)
    >>> list_waits([work, slept], [])
    ()

    A value that comes while an event loop runs was awaited there.

    >>> loop = Call("run_forever", 0.0, thread=8, end=0.9)
    >>> [(wait.way, wait.thread) for wait in list_waits([loop], [Arrival(0.5, ())])]
    [('await', 8)]
    """
    work = [call for call in calls if call.name not in (*WAYS, LOOP, "cancel")]
    waits = [
        Wait(WAYS[call.name], call.thread, call.start, call.end, refs_of(call))
        for call in calls
        if call.name in WAYS
        and call.timeout != 0
        and not any(_holds(each, call) for each in work)
        and not _is_ready(call, calls)
    ]
    loops = [call for call in calls if call.name == LOOP]
    for came in arrivals:
        for loop in loops:
            if loop.start <= came.seconds and (loop.end is None or came.seconds <= loop.end):
                waits.append(Wait("await", loop.thread, came.seconds, came.seconds, came.refs))
    return tuple(sorted(waits, key=lambda wait: wait.start))


def _holds(outer: Call, inner: Call) -> bool:
    has_begun = outer.thread == inner.thread and outer.start <= inner.start
    return has_begun and (outer.end is None or inner.start < outer.end)


def _is_ready(asked: Call, calls: Sequence[Call]) -> bool:
    """Tell whether all that a `ray.get` asks for had been called ready before."""
    if asked.name != "get":
        return False
    ready = [
        ref
        for call in calls
        if call.name == "wait" and call.end is not None and call.end <= asked.start
        # One that raised has no result.
        for ref in (call.result or ((), ()))[0]
    ]
    return all(ref in ready for ref in refs_of(asked))


def refs_of(call: Call) -> tuple[Any, ...]:
    """Return what a `ray.get` or `ray.wait` was asked for."""
    asked = call.arguments.get("object_refs", call.arguments.get("ray_waitables", ()))
    return tuple(asked) if isinstance(asked, list | tuple) else (asked,)
