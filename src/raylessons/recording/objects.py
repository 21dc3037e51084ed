"""What was seen of a program's objects while it ran, as stored objects and transfers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from raylessons.cluster.private import putter_key, task_key
from raylessons.graphs import makers
from raylessons.trace.records import (
    DRIVER,
    Get,
    ObjectCopy,
    Outcome,
    StoredObject,
    TaskKind,
    TaskRun,
    Transfer,
)

# Ray sends a result with its ref whose data has fewer bytes than `max_direct_call_object_size`. The
# sizes that it tells count the metadata as well, which has from 3 bytes to 12.
LARGEST_INLINED_BYTES = 102_399 + 3
SMALLEST_STORED_BYTES = 102_400 + 12


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
    label: str = ""
    error: str | None = None
    made_ns: int | None = None  # it was there by then: it was read from a stream
    was_put: bool = False  # by this driver, while somebody listened
    spilled_ns: int | None = None  # it was seen to have gone to disk
    released_ns: int | None = None  # no ref to it was left
    size_bytes: int | None = None
    inlined: bool | None = None
    copies: list[CopySighting] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether the object exists: Ray tells a size from then on."""
        return self.size_bytes is not None

    def is_missing_on(self, node_id: str) -> bool:
        """Tell whether it exists, is in some store, and has never been seen in that node's."""
        places = {copy.node_id for copy in self.copies}
        return self.is_ready and not self.inlined and node_id not in places

    def look(
        self, node_ids: Collection[str], size_bytes: int | None, spilled: bool, now_ns: int
    ) -> None:
        """Take in what Ray says of the object now."""
        if spilled and self.spilled_ns is None:
            self.spilled_ns = now_ns
        if size_bytes is not None:
            self.size_bytes = size_bytes
        present = [copy for copy in self.copies if copy.lost_ns is None]
        for copy in present:
            if copy.node_id not in node_ids:
                copy.lost_ns = now_ns
        gained = sorted(set(node_ids) - {copy.node_id for copy in present})
        self.copies += [CopySighting(node_id, now_ns) for node_id in gained]
        if self.copies:
            self.inlined = False
        elif size_bytes is not None and size_bytes <= LARGEST_INLINED_BYTES:
            self.inlined = True


def stored_objects(
    sightings: Collection[Sighting],
    runs: Collection[TaskRun],
    made_by: Mapping[str, str],
    proofs: Mapping[tuple[str, str], Sequence[float]],
    start_ns: int,
    end_ns: int,
    driver_task_ids: Iterable[str] = (),
) -> tuple[StoredObject, ...]:
    """Return the objects in the order of first use, times in seconds since the start.

    `made_by` is what `made_here` tells, `proofs` what `proven_copies` does. A look comes a little
    after what it sees, so a copy moves back to the first thing that cannot have been without it. A
    copy that was seen after the end, with no such thing, is left out. A task runs again when its
    result has no copy left: copies that were gone when the new one was seen were lost by then.
    """
    putters = {task_key(run.task_id): run.task_id for run in runs}
    putters |= {task_key(task_id): DRIVER for task_id in driver_task_ids}
    proofs_of: dict[str, dict[str, Sequence[float]]] = {}  # by object, then by node
    for (object_id, node_id), moments in proofs.items():
        proofs_of.setdefault(object_id, {})[node_id] = moments
    ran_again = {
        (run.task_id, run.node_id): began
        for run in runs
        if run.attempt and (began := run.started if run.leased is None else run.leased) is not None
    }
    end = (end_ns - start_ns) / 1e9

    def moment(time_ns: int | None) -> float | None:
        return None if time_ns is None or time_ns > end_ns else (time_ns - start_ns) / 1e9

    objects = []
    for sighting in sightings:
        copies: list[ObjectCopy] = []
        lost_before: dict[str, float] = {}
        for number, sighted in enumerate(sighting.copies):
            node_id = sighted.node_id
            seen = (sighted.seen_ns - start_ns) / 1e9
            lost = None if sighted.lost_ns is None else (sighted.lost_ns - start_ns) / 1e9
            since = lost_before.get(node_id, float("-inf"))
            known = proofs_of.get(sighting.object_id, {}).get(node_id, ())
            proven = [time for time in known if time > since]
            if sighting.made_ns is not None and number == 0:
                proven.append((sighting.made_ns - start_ns) / 1e9)
            seen = min([seen, *proven])
            if number == 0 and sighting.object_id not in made_by:
                seen = min(seen, end)  # it was there before it was used
            began = ran_again.get((made_by.get(sighting.object_id, ""), node_id))
            if began is not None and began <= seen:
                looked = (sighted.seen_ns - start_ns) / 1e9
                copies = [_lost_by(copy, began, looked) for copy in copies]
            if seen <= end:
                copies.append(ObjectCopy(node_id, seen, lost if lost and lost <= end else None))
            lost_before[node_id] = since if lost is None else lost
        # A result of more bytes, and what was put, lie in a store wherever they are at all.
        is_kept = (sighting.size_bytes or 0) >= SMALLEST_STORED_BYTES or (
            copies and sighting.task_id is None
        )
        if is_kept:
            seen_on = {copy.node_id for copy in sighting.copies}
            for node_id, moments in proofs_of.get(sighting.object_id, {}).items():
                # A program may let go of a ref before the owner is told of the copy that it read.
                if node_id not in seen_on:
                    copies.append(ObjectCopy(node_id, min(moments)))
        objects.append(
            StoredObject(
                object_id=sighting.object_id,
                label=sighting.label,
                size_bytes=sighting.size_bytes,
                inlined=False if copies else sighting.inlined,
                copies=tuple(sorted(copies, key=lambda copy: copy.seen)),
                task_id=sighting.task_id,
                put_by=_putter(sighting, putters),
                error=sighting.error,
                spilled=None
                if sighting.spilled_ns is None
                else min(end, (sighting.spilled_ns - start_ns) / 1e9),
                made=moment(sighting.made_ns),
                released=moment(sighting.released_ns),
            )
        )
    return tuple(objects)


def _lost_by(copy: ObjectCopy, began: float, looked: float) -> ObjectCopy:
    """Let a copy that was seen to be gone at that look be lost by the time its task ran again."""
    if copy.lost is None or copy.lost > looked or copy.seen >= began:
        return copy
    return replace(copy, lost=min(copy.lost, began))


def _putter(sighting: Sighting, putters: Mapping[str, str]) -> str | None:
    """Tell who put an object: its id says it, save that Ray gives such ids of its own accord, too.

    The ref of a placement group's `ready()` is one of these, and has no size.
    """
    putter = None if sighting.task_id else putters.get(putter_key(sighting.object_id))
    is_certain = sighting.was_put or sighting.size_bytes is not None
    return None if putter == DRIVER and not is_certain else putter


def made_here(sightings: Iterable[Sighting], runs: Iterable[TaskRun]) -> dict[str, str]:
    """Tell which of these runs made each object, as {object id: task id}."""
    return makers(
        ((run.task_id, run.return_ids) for run in runs),
        ((sighting.object_id, sighting.task_id) for sighting in sightings),
    )


def proven_copies(
    runs: Iterable[TaskRun],
    gets: Iterable[Get],
    driver_node_id: str,
    made_by: Mapping[str, str],
) -> dict[tuple[str, str], list[float]]:
    """Return when an object must have been on a node, by the ids of both.

    A result is stored where its task ran, before the end of the task is told. A task is handed
    to a worker once its arguments are on the node, a call of an actor starts then. A `ray.get`
    reads from the driver's node.
    """
    proofs: dict[tuple[str, str], list[float]] = {}
    made: dict[str, list[str]] = {}
    for object_id, task_id in made_by.items():
        made.setdefault(task_id, []).append(object_id)
    for run in runs:
        if run.node_id is None:
            continue
        if run.outcome is Outcome.FINISHED and run.ended is not None:
            for object_id in made.get(run.task_id, ()):
                proofs.setdefault((object_id, run.node_id), []).append(run.ended)
        had_arguments = run.started if run.kind is TaskKind.CALL else run.leased
        if had_arguments is not None:
            for given in run.argument_ids:
                proofs.setdefault((given, run.node_id), []).append(had_arguments)
    for get in gets:
        if get.returned is not None and get.error is None:
            proofs.setdefault((get.object_id, driver_node_id), []).append(get.returned)
    return proofs


def transfers(objects: Iterable[StoredObject], runs: Sequence[TaskRun]) -> tuple[Transfer, ...]:
    """Return a transfer for each place that an object gained while another place held it.

    Where several held it, Ray does not tell which one sent it, so the sender is `None`. A copy
    that came from no holder was made by running the task again: it is no transfer. The task is
    the first on that node that could have asked for it.
    """
    takers: dict[str, list[TaskRun]] = {}
    for run in runs:
        for object_id in run.argument_ids:
            takers.setdefault(object_id, []).append(run)
    found = []
    for stored in objects:
        for copy in stored.copies:
            holders = [
                other.node_id
                for other in stored.copies
                if other.seen < copy.seen and (other.lost is None or other.lost > copy.seen)
            ]
            if holders:
                asking = [
                    (run.arguments_ready, run.task_id)
                    for run in takers.get(stored.object_id, ())
                    if run.node_id == copy.node_id
                    and run.arguments_ready is not None
                    and run.arguments_ready <= copy.seen
                ]
                found.append(
                    Transfer(
                        object_id=stored.object_id,
                        from_node_id=holders[0] if len(holders) == 1 else None,
                        to_node_id=copy.node_id,
                        seen=copy.seen,
                        task_id=min(asking)[1] if asking else None,
                    )
                )
    return tuple(sorted(found, key=lambda transfer: transfer.seen))
