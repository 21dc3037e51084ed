"""Look at a program's objects again and again while it runs."""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import ray

from raylessons.cluster.nodes import ray_nodes
from raylessons.cluster.private import (
    ObjectLocation,
    call_when_ready,
    cancel_call,
    current_task_id,
    locate_objects,
    pending_tasks,
    putter_key,
    ray_stays,
    referenced_objects,
    returning_task,
    task_key,
)
from raylessons.recording.calls import Listener, Round, Submission, Wait
from raylessons.recording.luggage import Refs, hex_ids
from raylessons.recording.objects import Sighting
from raylessons.trace.records import Get, TaskKind, WaitRound

# A look at a few objects takes about 20 microseconds; a copy between nodes some milliseconds.
SHORTEST_PAUSE_SECONDS = 0.0005
# Looking takes a fiftieth of one thread at most, however many objects there are.
PAUSE_PER_LOOK = 50
NODE_LOOK_SECONDS = 0.1
# Ray's word of a copy reaches the owner about a millisecond after the copy.
GRACE_SECONDS = 0.005
# Each takes some 50 microseconds of the program's time; where more results are to come, the thread
# sees most of them.
MOST_CALLS = 16
END_OF_STREAM = "ObjectRefStreamEndOfStreamError"  # what an `async for` ends with


class Watcher(Listener):
    """A thread that looks at the objects of the driver's tasks, and keeps none of them alive.

    Of what exists it holds ids and no refs, so that an object goes when the program lets it go.
    What is gone before it was looked at stays unknown.
    """

    def __init__(self) -> None:
        self.sightings: dict[str, Sighting] = {}
        self.tasks: dict[str, Submission] = {}  # by task id
        self.nameless_tasks = 0  # whose `.remote()` gave nothing that tells their id
        self.nodes_seen_ns: dict[str, int] = {}
        self.nodes_gone_ns: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.cancelled_with_children: set[str] = set()
        self.read_to_the_end: set[str] = set()  # ids of tasks whose stream was
        self.own_tasks = {current_task_id()}  # the driver's threads, by the ids that Ray gives
        self._heard: deque[Callable[[], object]] = deque()
        self._ready: set[str] = set()  # ids of objects that the program knows to be there
        self._gets: list[tuple[tuple[str, ...], Wait]] = []
        self._rounds: list[tuple[tuple[str, ...], int, Round]] = []
        self._lent: set[str] = set()  # ids of objects to which others may hold refs
        self._dynamic: dict[str, str] = {}  # tasks that return as many results as they like
        self._labels: dict[str, str] = {}
        self._calls: dict[str, int] = {}  # by object id: looks that wait for a result
        self._watched: dict[str, Sighting] = {}
        self._next_node_look = time.monotonic() + NODE_LOOK_SECONDS
        self._stopped = threading.Event()
        self._thread = ThreadPoolExecutor(1, "raylessons-watcher")
        self._looking: Future[None] = self._thread.submit(self._look_until_stopped)

    # The program waits for these, so they note ids, and leave the rest to the thread.

    def hear_submission(self, submission: Submission, given: Refs, returned: Refs) -> None:
        """Note one submission."""
        self._heard.append(partial(self._take_in_task, submission))
        if len(self._calls) < MOST_CALLS:
            for ref in returned:
                self._look_when_ready(ref)

    def hear_wait(self, wait: Wait) -> None:
        """Note one `ray.get`. A ref from before the recording is watched from now on."""
        object_ids = hex_ids(wait.refs)
        if wait.returned_ns is not None:
            self._ready.update(object_ids)
        facts = replace(wait, refs=())
        # Now, since many a program lets go of a ref as soon as it has the value.
        located = locate_objects(object_ids) if wait.returned_ns is not None else {}
        self._heard.append(lambda: self._take_in_wait(object_ids, facts, located))

    def hear_round(self, heard: Round) -> None:
        """Note one `ray.wait`."""
        refs = tuple(each for each in heard.ready if isinstance(each, ray.ObjectRef))
        ready_ids, streams = hex_ids(refs), len(heard.ready) - len(refs)
        self._ready.update(ready_ids)
        self._rounds.append((ready_ids, streams, replace(heard, ready=())))
        self._heard.append(lambda: [self._watch(each) for each in ready_ids])

    def hear_put(self, ref: Any, task_id: str) -> None:
        """Note one `ray.put`."""
        object_id = ref.hex()
        self.own_tasks.add(task_id)
        self._heard.append(lambda: self._take_in_put(object_id))

    def hear_item(self, ref: Any, generator_task_id: str) -> None:
        """Note that an item was read from a stream, and so was there by now."""
        object_id, now_ns = ref.hex(), time.time_ns()
        location = locate_objects([object_id])[object_id]
        self._heard.append(
            lambda: self._take_in_item(object_id, generator_task_id, location, now_ns)
        )

    def hear_end_of_stream(self, generator_task_id: str) -> None:
        """Note that all items of a stream are known."""
        self.read_to_the_end.add(generator_task_id)

    def hear_lent(self, object_id: str) -> None:
        """Note that the driver is not alone with a ref."""
        self._lent.add(object_id)

    def hear_cancel(self, task_id: str, *, recursive: bool) -> None:
        """Note that a task was to be cancelled."""
        self.cancelled.add(task_id)
        if recursive:
            self.cancelled_with_children.add(task_id)

    def label(self, ref: Any, label: str) -> None:
        """Watch a ref under a label of the reader's. Raises `ValueError` for a label in use."""
        object_id = ref.hex()
        if label in self._labels.values() and self._labels.get(object_id) != label:
            raise ValueError(f"{label!r} is the label of another ref: expected one of its own.")
        self._labels[object_id] = label
        self._heard.append(lambda: self._watch(object_id))

    def gets(self, start_ns: int) -> Iterator[Get]:
        """Yield the gets in the order of their return, in seconds since the start."""
        for object_ids, wait in self._gets:
            asked = (wait.asked_ns - start_ns) / 1e9
            returned, gave_up = (
                None if moment is None else (moment - start_ns) / 1e9
                for moment in (wait.returned_ns, wait.gave_up_ns)
            )
            for object_id in object_ids:
                yield Get(object_id, asked, returned, wait.error, wait.call, gave_up)

    def wait_rounds(self, start_ns: int) -> Iterator[WaitRound]:
        """Yield the rounds of `ray.wait` by their return, in seconds since the start."""
        for ready_ids, streams, heard in self._rounds:
            asked, returned = (
                (moment - start_ns) / 1e9 for moment in (heard.asked_ns, heard.returned_ns)
            )
            yield WaitRound(ready_ids, heard.refs, heard.num_returns, asked, returned, streams)

    def stop(self) -> None:
        """Look a last time. Raises what made a look fail, if one did."""
        self._stopped.set()
        self._thread.shutdown()
        if ray.is_initialized():
            for wait_id in [*self._calls.values()]:
                cancel_call(wait_id)
        if not ray.is_initialized():
            raise RuntimeError(
                "Ray was shut down while recording. Call ray.shutdown() after the block."
            )
        self._looking.result()
        self._look()
        self._look_at_nodes()
        self._label_all()

    def unfinished_tasks(self) -> set[str]:
        """Return the ids of this driver's tasks that go on, heard or not.

        Ray notes the end of a task a moment after it gave out the result.
        """
        ended = {
            task_id
            for task_id, heard in self.tasks.items()
            if heard.return_ids and self._ready.issuperset(heard.return_ids)
        }
        return pending_tasks(self.own_tasks) - ended

    def has_lost_copies(self) -> bool:
        """Tell whether an object has gone from a place where it was."""
        return any(
            copy.lost_ns is not None
            for sighting in self.sightings.values()
            for copy in sighting.copies
        )

    def look_for(self, proven: Collection[tuple[str, str]], wait_seconds: float) -> None:
        """Look where the objects are that existed when it stopped.

        `proven` are ids of objects and of nodes where they must have been: it looks again until
        Ray has told of each that the program still holds, or the wait is over.
        """
        for object_id, sighting in [*self._watched.items()]:
            if not sighting.is_ready:
                del self._watched[object_id]
        end = time.monotonic() + wait_seconds
        self._look_at_objects()
        while self._is_any_unseen(proven) and time.monotonic() < end:
            time.sleep(GRACE_SECONDS)
            self._look_at_objects()

    def _label_all(self) -> None:
        taken = set(self._labels.values())
        spare = count(len(self.sightings) + 1)
        for position, sighting in enumerate(self.sightings.values(), start=1):
            label = f"ref{position}"
            free = label if label not in taken else f"ref{next(spare)}"
            sighting.label = self._labels.get(sighting.object_id, free)

    def _is_any_unseen(self, proven: Collection[tuple[str, str]]) -> bool:
        return any(
            object_id in self._watched and self._watched[object_id].is_missing_on(node_id)
            for object_id, node_id in proven
        )

    def _look_when_ready(self, ref: Any) -> None:
        """Look at a result as soon as it exists, since the program may let it go at once."""
        object_id = ref.hex()

        def look() -> None:
            if not ray.is_initialized():
                return  # it has been shut down, which cancels the tasks that had not ended
            location, now_ns = locate_objects([object_id])[object_id], time.time_ns()
            self._heard.append(lambda: self._see(self._watch(object_id), location, now_ns))
            self._calls.pop(object_id, None)

        self._calls[object_id] = call_when_ready(ref, look)

    def _look_until_stopped(self) -> None:
        while not self._stopped.is_set():
            began = time.perf_counter()
            with ray_stays():
                self._look()
            took = time.perf_counter() - began
            self._stopped.wait(max(SHORTEST_PAUSE_SECONDS, PAUSE_PER_LOOK * took))

    def _look(self) -> None:
        while self._heard:
            self._heard.popleft()()
        self._look_at_objects()
        if time.monotonic() >= self._next_node_look:
            self._look_at_nodes()

    def _watch(self, object_id: str) -> Sighting:
        sighting = self.sightings.get(object_id)
        if sighting is None:
            # Of a task that returns what it likes, the ids are those of what it puts.
            task_id = returning_task(object_id) or self._dynamic.get(putter_key(object_id))
            sighting = Sighting(object_id=object_id, task_id=task_id)
            self.sightings[object_id] = self._watched[object_id] = sighting
        sighting.released_ns = None
        return sighting

    def _take_in_task(self, heard: Submission) -> None:
        self.own_tasks.add(heard.parent_task_id)
        if heard.task_id is None:
            self.nameless_tasks += 1
        elif heard.kind is not TaskKind.CREATION or heard.task_id not in self.tasks:
            self.tasks[heard.task_id] = heard
            if heard.is_dynamic:
                self._dynamic[task_key(heard.task_id)] = heard.task_id
        for object_id in (*heard.argument_ids, *heard.nested_ids, *heard.return_ids):
            self._watch(object_id)

    def _take_in_wait(
        self, object_ids: tuple[str, ...], wait: Wait, located: Mapping[str, ObjectLocation]
    ) -> None:
        # Ray gets the end of a stream as an object, too, where a program reads the last item.
        told = tuple(each for each in object_ids if not self._is_end_of_stream(each, wait.error))
        self._gets.append((told, wait))
        for object_id in told:
            sighting = self._watch(object_id)
            if object_id in located and wait.returned_ns is not None:
                self._see(sighting, located[object_id], wait.returned_ns)
            if len(told) == 1 and wait.returned_ns is not None:
                sighting.error = wait.error

    def _is_end_of_stream(self, object_id: str, error: str | None) -> bool:
        heard = self.tasks.get(returning_task(object_id) or "")
        is_unread = heard is not None and heard.streams and object_id not in self.sightings
        return is_unread and (error is None or error.startswith(END_OF_STREAM))

    def _take_in_put(self, object_id: str) -> None:
        self._watch(object_id).was_put = True

    def _take_in_item(
        self, object_id: str, generator_task_id: str, location: ObjectLocation, now_ns: int
    ) -> None:
        sighting = self._watch(object_id)
        self._see(sighting, location, now_ns)
        sighting.task_id = generator_task_id
        sighting.made_ns = now_ns

    def _look_at_objects(self) -> None:
        if not self._watched:
            return
        held = referenced_objects()
        for object_id in [each for each in self._watched if each not in held]:
            # The program has let it go: there is no more to learn.
            sighting = self._watched.pop(object_id)
            if object_id not in self._lent:
                sighting.released_ns = time.time_ns()
        located = locate_objects(self._watched)
        now_ns = time.time_ns()
        for object_id, location in located.items():
            self._see(self._watched[object_id], location, now_ns)

    def _see(self, sighting: Sighting, location: ObjectLocation, now_ns: int) -> None:
        sighting.look(location.node_ids, location.size_bytes, location.spilled, now_ns)
        if sighting.inlined:  # it has no place, and there is no more to learn
            self._watched.pop(sighting.object_id, None)

    def _look_at_nodes(self) -> None:
        now_ns = time.time_ns()
        for node in ray_nodes():
            self.nodes_seen_ns.setdefault(node["NodeID"], now_ns)
            if not node["Alive"]:
                self.nodes_gone_ns.setdefault(node["NodeID"], now_ns)
        self._next_node_look = time.monotonic() + NODE_LOOK_SECONDS
