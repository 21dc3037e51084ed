"""What was seen of a program's objects while it ran, as stored objects and transfers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from raylessons.trace import ObjectCopy, Outcome, StoredObject, TaskRun, Transfer

# Ray sends a result of up to this many bytes with its ref: `max_direct_call_object_size`.
LARGEST_INLINED_BYTES = 100 * 1024


@dataclass(frozen=True)
class Submission:
    """One call of `.remote()` by the driver: the ids of what went in and of what came back."""

    task_id: str
    argument_ids: tuple[str, ...]
    return_ids: tuple[str, ...]


@dataclass
class CopySighting:
    """A place where an object was seen; times are nanoseconds since the epoch."""

    node_id: str
    seen_ns: int
    lost_ns: int | None = None


@dataclass
class Sighting:
    """What has been seen of one object so far."""

    object_id: str
    task_id: str | None
    label: str
    ref: Any  # the ObjectRef, held while there is something to learn, then None
    size_bytes: int | None = None
    inlined: bool | None = None
    copies: list[CopySighting] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether the object exists: Ray tells a size from then on."""
        return self.size_bytes is not None

    def look(self, node_ids: set[str], size_bytes: int | None, now_ns: int) -> None:
        """Take in what Ray says of the object now."""
        if size_bytes is not None:
            self.size_bytes = size_bytes
        present = [copy for copy in self.copies if copy.lost_ns is None]
        for copy in present:
            if copy.node_id not in node_ids:
                copy.lost_ns = now_ns
        gained = sorted(node_ids - {copy.node_id for copy in present})
        self.copies += [CopySighting(node_id, now_ns) for node_id in gained]
        if self.copies:
            self.inlined = False
        elif size_bytes is not None and size_bytes <= LARGEST_INLINED_BYTES:
            self.inlined = True


def stored_objects(
    sightings: Iterable[Sighting], runs: Sequence[TaskRun], start_ns: int
) -> tuple[StoredObject, ...]:
    """Return the objects in the order of first use, times in seconds since the start.

    A look comes a little after what it sees. So a sighting moves back to what must have come
    later: a result was stored before its task's end was told, and an argument was on a node
    before a task that takes it was handed to a worker there.
    """
    first_ends: dict[str, float] = {}
    for run in runs:
        if run.outcome is Outcome.FINISHED and run.ended is not None:
            first_ends.setdefault(run.task_id, run.ended)
    takers = _takers(runs)
    objects = []
    for sighting in sightings:
        copies: list[ObjectCopy] = []
        for copy in sighting.copies:
            seen = (copy.seen_ns - start_ns) / 1e9
            if copies:
                taker = _first_taker(takers.get(sighting.object_id, ()), copy.node_id, seen)
                later = None if taker is None else taker.leased
            else:
                later = first_ends.get(sighting.task_id or "")
            copies.append(
                ObjectCopy(
                    node_id=copy.node_id,
                    seen=seen if later is None else min(seen, later),
                    lost=None if copy.lost_ns is None else (copy.lost_ns - start_ns) / 1e9,
                )
            )
        objects.append(
            StoredObject(
                object_id=sighting.object_id,
                label=sighting.label,
                size_bytes=sighting.size_bytes,
                inlined=sighting.inlined,
                copies=tuple(copies),
                task_id=sighting.task_id,
            )
        )
    return tuple(objects)


def transfers(objects: Iterable[StoredObject], runs: Sequence[TaskRun]) -> tuple[Transfer, ...]:
    """Return a transfer for each place that an object gained while another place held it.

    Where several held it, Ray does not tell which one sent it, so the sender is `None`. A copy
    that came from no holder was made by running the task again: it is no transfer.
    """
    takers = _takers(runs)
    found = []
    for stored in objects:
        for index, copy in enumerate(stored.copies):
            holders = [
                other.node_id
                for other in stored.copies[:index]
                if other.lost is None or other.lost > copy.seen
            ]
            if holders:
                run = _first_taker(takers.get(stored.object_id, ()), copy.node_id, copy.seen)
                found.append(
                    Transfer(
                        object_id=stored.object_id,
                        from_node_id=holders[0] if len(holders) == 1 else None,
                        to_node_id=copy.node_id,
                        seen=copy.seen,
                        task_id=None if run is None else run.task_id,
                    )
                )
    return tuple(sorted(found, key=lambda transfer: transfer.seen))


def _takers(runs: Iterable[TaskRun]) -> dict[str, list[TaskRun]]:
    takers: dict[str, list[TaskRun]] = {}
    for run in runs:
        for object_id in run.argument_ids:
            takers.setdefault(object_id, []).append(run)
    return takers


def _first_taker(takers: Iterable[TaskRun], node_id: str, seen: float) -> TaskRun | None:
    """Return the first run on the node that could have asked for a copy seen by then."""
    fitting = [
        run
        for run in takers
        if run.node_id == node_id
        and run.arguments_ready is not None
        and run.arguments_ready <= seen
    ]
    return min(fitting, key=lambda run: run.arguments_ready or 0.0, default=None)
