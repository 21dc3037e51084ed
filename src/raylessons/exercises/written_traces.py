"""Traces for an answer to read: written as Ray's records would tell, about objects that move."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from raylessons.recording.objects import transfers
from raylessons.trace.records import (
    DRIVER,
    Get,
    Node,
    ObjectCopy,
    Outcome,
    StoredObject,
    TaskRun,
    Trace,
)
from raylessons.words import count, listing

NODES = tuple(Node(f"n{number}", number, 2, is_driver_node=number == 1) for number in (1, 2, 3))
SMALLEST, BIGGEST = 200_000, 40_000_000  # bytes of what is stored
STEP_SECONDS = 0.02


@dataclass(frozen=True)
class Fate:
    """What becomes of one object: the nodes where it comes to be, in order.

    Each step is a node: `d` is the driver's, `a` and `b` are the others. A `-` before one says
    that the copy there is lost. What comes to a node while another holds it was copied; else its
    task made it again. Nothing: it travels with its ref.
    """

    places: str = ""
    is_put: bool = False  # by the driver, and not returned by a task
    is_known: bool = True  # its size
    is_spilled: bool = False
    is_released: bool = False  # in the end
    by_task: bool = False  # a task reads it on the driver's node, and not your program
    readers: int = 1  # tasks that read it wherever it is copied to
    size_bytes: int | None = None  # None: it is drawn


def write_trace(fates: Sequence[Fate], chance: Random, in_order: bool = False) -> Trace:
    """Write the trace of some objects, in any order or in theirs.

    >>> trace = write_trace([Fate("d>a>b"), Fate("a>-a>b")], Random(1))
    >>> [one.from_node_id for one in trace.transfers]
    ['n1', None]
    """
    others = chance.sample(("n2", "n3"), 2)
    node_ids = {"d": "n1", "a": others[0], "b": others[1]}
    parts = [
        _Part(number, fate, node_ids, chance)
        for number, fate in enumerate(fates if in_order else chance.sample(fates, len(fates)), 1)
    ]
    objects = tuple(part.stored for part in parts)
    runs = tuple(run for part in parts for run in part.runs)
    return Trace(
        nodes=NODES,
        task_runs=runs,
        objects=objects,
        # Equal ids, and not one and the same: a trace that was read from a file has such.
        transfers=tuple(
            replace(one, object_id="".join(one.object_id)) for one in transfers(objects, runs)
        ),
        gets=tuple(get for part in parts for get in part.gets),
        seconds=max((part.now for part in parts), default=0.0),
    )


class _Part:
    """One object of a trace that is written, with the tasks that make and read it."""

    def __init__(self, number: int, fate: Fate, node_ids: dict[str, str], chance: Random) -> None:
        self.number = number
        self.fate = fate
        self.now = number * 10 * STEP_SECONDS
        self.object_id = f"o{number}"
        self.copies: list[ObjectCopy] = []
        self.runs: list[TaskRun] = []
        self.gets: list[Get] = []
        self.attempts = 0
        self.chance = chance
        drawn = chance.randrange(SMALLEST, BIGGEST) if fate.places else chance.randrange(200, 9000)
        self.size_bytes = drawn if fate.size_bytes is None else fate.size_bytes
        if not fate.places:
            self._make("n1")
            self.gets.append(Get(self.object_id, self.now, self.now + STEP_SECONDS))
        for step in filter(None, fate.places.split(">")):
            self._take(step, node_ids)

    @property
    def stored(self) -> StoredObject:
        """Return the object."""
        return StoredObject(
            self.object_id,
            f"ref{self.number}",
            size_bytes=self.size_bytes if self.fate.is_known else None,
            inlined=not self.copies,
            copies=tuple(self.copies),
            task_id=None if self.fate.is_put else f"make{self.number}",
            put_by=DRIVER if self.fate.is_put else None,
            spilled=self.now if self.fate.is_spilled else None,
            released=self.now if self.fate.is_released else None,
        )

    def _take(self, step: str, node_ids: dict[str, str]) -> None:
        self.now += STEP_SECONDS
        node_id = node_ids[step.removeprefix("-")]
        if step.startswith("-"):
            at = max(n for n, copy in enumerate(self.copies) if copy.node_id == node_id)
            self.copies[at] = replace(self.copies[at], lost=self.now)
        elif any(copy.lost is None for copy in self.copies):
            self._read(node_id)
        else:
            self._make(node_id)
            self.copies.append(ObjectCopy(node_id, self.now))

    def _make(self, node_id: str) -> None:
        if self.fate.is_put:
            return
        self.runs.append(
            TaskRun(
                f"make{self.number}",
                "make_array",
                attempt=self.attempts,
                node_id=node_id,
                submitted=self.now - 0.004,
                arguments_ready=self.now - 0.004,
                leased=self.now - 0.003,
                started=self.now - 0.002,
                ended=self.now,
                outcome=Outcome.FINISHED,
                return_ids=(self.object_id,),
            )
        )
        self.attempts += 1

    def _read(self, node_id: str) -> None:
        self.copies.append(ObjectCopy(node_id, self.now))
        if node_id == "n1" and not self.fate.by_task:
            self.gets.append(Get(self.object_id, self.now - 0.004, self.now))
            return
        for reader in range(self.fate.readers):
            self.runs.append(
                TaskRun(
                    f"add{self.number}-{len(self.copies)}-{reader}",
                    "add_arrays",
                    node_id=node_id,
                    submitted=self.now - 0.006,
                    arguments_ready=self.now - 0.005,
                    leased=self.now,
                    started=self.now + 0.001,
                    ended=self.now + 0.002,
                    outcome=Outcome.FINISHED,
                    argument_ids=(self.object_id,),
                    value_bytes=self.chance.randrange(300, 900),
                )
            )


def tell_objects(trace: Trace) -> str:
    """Tell of each object how big it is, and where it came to be, in a line.

    >>> tell_objects(write_trace([Fate("d>a", size_bytes=9)], Random(1)))
    'ref1, 9 bytes, made on node 1, copied to node 2'
    """
    told = [_tell_object(trace, stored) for stored in trace.objects]
    return "; ".join(told) if told else "a trace with nothing in it"


def _tell_object(trace: Trace, stored: StoredObject) -> str:
    size = "of unknown size" if stored.size_bytes is None else f"{stored.size_bytes:,} bytes"
    numbers = {node.node_id: node.number for node in trace.nodes}
    if not stored.copies:
        return f"{stored.label}, {size}, {'sent with its ref' if stored.inlined else 'never seen'}"
    copied = {(one.to_node_id, one.seen) for one in trace.transfers_of(stored)}
    words = [
        f"{'copied to' if (copy.node_id, copy.seen) in copied else 'made on'} "
        f"node {numbers.get(copy.node_id, '?')}{', lost there' if copy.lost is not None else ''}"
        for copy in stored.copies
    ]
    return f"{stored.label}, {size}, {', '.join(words)}"


def tell_transfers(trace: Trace, stored: StoredObject) -> str:
    """Tell how often an object was copied, and to which nodes.

    >>> trace = write_trace([Fate("d>a>b", size_bytes=9)], Random(1))
    >>> tell_transfers(trace, trace.objects[0])
    '`ref1` was copied 2 times, to node 2 and node 3'
    """
    numbers = {node.node_id: node.number for node in trace.nodes}
    came = [f"node {numbers.get(one.to_node_id, '?')}" for one in trace.transfers_of(stored)]
    if not came:
        return f"`{stored.label}` was never copied"
    often = "once" if len(came) == 1 else count(len(came), "time")
    return f"`{stored.label}` was copied {often}, to {listing(came)}"
