"""Look at a program's objects again and again while it runs."""

import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import ray

from raylessons.cluster.nodes import ray_nodes
from raylessons.cluster.private import locate_objects, returning_task
from raylessons.recording.objects import Sighting, Submission
from raylessons.trace.records import Get

# A look at a few refs takes about 20 microseconds; a copy between nodes some milliseconds.
SHORTEST_PAUSE_SECONDS = 0.0005
# Looking takes a twentieth of one thread at most, however many refs there are.
PAUSE_PER_LOOK = 20
NODE_LOOK_SECONDS = 0.1
# Ray's word of a copy reaches the owner about a millisecond after the copy.
GRACE_SECONDS = 0.005


class Watcher:
    """A thread that looks at the objects of the driver's tasks, and holds none up.

    It must hold a ref to learn of its object, and a held ref keeps the object in its store. So
    it holds the driver's own refs, and lets one go once its task has ended, nobody else holds it
    and no unfinished task takes it: about when Ray would have freed the object anyway.
    """

    def __init__(self) -> None:
        self.sightings: dict[str, Sighting] = {}
        self.submissions: dict[str, Submission] = {}
        self.nodes_gone_ns: dict[str, int] = {}
        self._heard: deque[tuple[list[Any], list[Any]]] = deque()
        self._gets: deque[tuple[list[str], int, int | None]] = deque()
        self._labels: dict[str, str] = {}
        self._takers: dict[str, list[str]] = {}
        self._held: dict[str, Sighting] = {}
        self._over_since: dict[str, float] = {}
        self._next_node_look = time.monotonic() + NODE_LOOK_SECONDS
        self._stopped = threading.Event()
        self._thread = ThreadPoolExecutor(1, "raylessons-watcher")
        self._looking: Future[None] = self._thread.submit(self._look_until_stopped)

    def hear_submission(self, arguments: list[Any], returned: list[Any]) -> None:
        """Note one submission. The driver waits for this, so the thread does the rest."""
        self._heard.append((arguments, returned))

    def hear_get(self, refs: list[Any], asked_ns: int, returned_ns: int | None) -> None:
        """Note one `ray.get`. A ref from before the recording is watched from now on."""
        self._heard.append((refs, []))
        self._gets.append(([ref.hex() for ref in refs], asked_ns, returned_ns))

    def gets(self, start_ns: int) -> Iterator[Get]:
        """Yield the gets in the order of their return, in seconds since the start."""
        for object_ids, asked_ns, returned_ns in self._gets:
            returned = None if returned_ns is None else (returned_ns - start_ns) / 1e9
            for object_id in object_ids:
                yield Get(object_id, (asked_ns - start_ns) / 1e9, returned)

    def label(self, ref: Any, label: str) -> None:
        """Watch a ref under a label of the reader's. Raises `ValueError` for a label in use."""
        if label in self._labels.values() and self._labels.get(ref.hex()) != label:
            raise ValueError(f"{label!r} is the label of another ref: expected one of its own.")
        self._labels[ref.hex()] = label
        self._heard.append(([ref], []))

    def stop(self) -> None:
        """Look a last time. Raises what made a look fail, if one did."""
        self._stopped.set()
        self._thread.shutdown()
        if not ray.is_initialized():
            raise RuntimeError(
                "Ray was shut down while recording. Call ray.shutdown() after the block."
            )
        self._looking.result()
        self._look()
        self._look_at_nodes()
        self._label_all()

    def unfinished_tasks(self) -> set[str]:
        """Return the ids of the heard tasks of which a result is not there yet."""
        waiting = {
            object_id: sighting
            for object_id, sighting in self._held.items()
            if sighting.task_id in self.submissions and not sighting.is_ready
        }
        if not waiting:
            return set()
        _, unready = ray.wait(
            [sighting.ref for sighting in waiting.values()],
            num_returns=len(waiting),
            timeout=0,
            fetch_local=False,  # to fetch would move what is only being asked about
        )
        return {ref.task_id().hex() for ref in unready}

    def has_lost_copies(self) -> bool:
        """Tell whether an object has gone from a place where it was."""
        return any(
            copy.lost_ns is not None
            for sighting in self.sightings.values()
            for copy in sighting.copies
        )

    def let_go(self, proven: Collection[tuple[str, str]], wait_seconds: float) -> None:
        """Look where the objects are that existed when it stopped, then hold no ref any longer.

        `proven` are ids of objects and of nodes where they must have been: it looks again until
        Ray has told of each, or the wait is over.
        """
        for object_id, sighting in [*self._held.items()]:
            if not sighting.is_ready:
                self._release(object_id)
        end = time.monotonic() + wait_seconds
        self._look_at_objects()
        while self._is_any_unseen(proven) and time.monotonic() < end:
            time.sleep(GRACE_SECONDS)
            self._look_at_objects()
        for object_id in [*self._held]:
            self._release(object_id)

    def _label_all(self) -> None:
        taken = set(self._labels.values())
        spare = count(len(self.sightings) + 1)
        for position, sighting in enumerate(self.sightings.values(), start=1):
            label = f"ref{position}"
            free = label if label not in taken else f"ref{next(spare)}"
            sighting.label = self._labels.get(sighting.object_id, free)

    def _is_any_unseen(self, proven: Collection[tuple[str, str]]) -> bool:
        return any(
            object_id in self._held and self._held[object_id].is_missing_on(node_id)
            for object_id, node_id in proven
        )

    def _look_until_stopped(self) -> None:
        while not self._stopped.is_set():
            began = time.perf_counter()
            self._look()
            took = time.perf_counter() - began
            self._stopped.wait(max(SHORTEST_PAUSE_SECONDS, PAUSE_PER_LOOK * took))

    def _look(self) -> None:
        while self._heard:
            self._take_in(*self._heard.popleft())
        self._look_at_objects()
        if time.monotonic() >= self._next_node_look:
            self._look_at_nodes()
        now = time.monotonic()
        for object_id, sighting in [*self._held.items()]:
            if sighting.inlined:  # it has no place, and there is no more to learn
                self._release(object_id)
            elif not self._is_over(sighting):
                self._over_since.pop(object_id, None)
            elif now - self._over_since.setdefault(object_id, now) > GRACE_SECONDS:
                self._release(object_id)

    def _take_in(self, arguments: list[Any], returned: list[Any]) -> None:
        for ref in [*arguments, *returned]:
            object_id = ref.hex()
            if object_id not in self.sightings:
                sighting = Sighting(
                    object_id=object_id,
                    task_id=returning_task(object_id),
                    ref=ref,
                )
                self.sightings[object_id] = self._held[object_id] = sighting
        if returned:
            task_id = returned[0].task_id().hex()
            self.submissions[task_id] = Submission(
                task_id=task_id,
                argument_ids=tuple(ref.hex() for ref in arguments),
                return_ids=tuple(ref.hex() for ref in returned),
            )
            for ref in arguments:
                self._takers.setdefault(ref.hex(), []).append(task_id)

    def _look_at_objects(self) -> None:
        locations = locate_objects(sighting.ref for sighting in self._held.values())
        now_ns = time.time_ns()
        for ref, location in locations.items():
            self._held[ref.hex()].look(location.node_ids, location.size_bytes, now_ns)

    def _look_at_nodes(self) -> None:
        now_ns = time.time_ns()
        for node in ray_nodes():
            if not node["Alive"]:
                self.nodes_gone_ns.setdefault(node["NodeID"], now_ns)
        self._next_node_look = time.monotonic() + NODE_LOOK_SECONDS

    def _is_over(self, sighting: Sighting) -> bool:
        """Tell whether only the watcher still wants the object."""
        if sighting.task_id in self.submissions and not sighting.is_ready:
            return False
        if _references(sighting) > _REFERENCES_WHEN_ALONE:
            return False
        waiting = [
            task_id
            for task_id in self._takers.get(sighting.object_id, ())
            if not self._has_ended(task_id)
        ]
        self._takers[sighting.object_id] = waiting
        return not waiting

    def _has_ended(self, task_id: str) -> bool:
        return all(self.sightings[one].is_ready for one in self.submissions[task_id].return_ids)

    def _release(self, object_id: str) -> None:
        self._held.pop(object_id).ref = None


def _references(sighting: Sighting) -> int:
    return sys.getrefcount(sighting.ref)


# What Python counts where only a sighting holds its ref: more than one, since asking counts too.
_SAMPLE = Sighting("", None, ref=object())
_REFERENCES_WHEN_ALONE = _references(_SAMPLE)
