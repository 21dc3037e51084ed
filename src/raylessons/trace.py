"""What a cluster did, as frozen records, and pure questions about them.

All times are seconds on one clock that starts at zero when the recording starts.
`None` stands for what Ray did not tell: unknown is never guessed.
"""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How an attempt at a task ended, as far as the records tell."""

    FINISHED = "finished"
    FAILED = "failed"
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Node:
    """A machine of the cluster, or what stands for one: a raylet with workers and a store."""

    node_id: str
    number: int  # from 1, the driver's node first: what the pages call it
    logical_cpus: float
    is_driver_node: bool = False
    removed: float | None = None  # seconds, when it left during the recording


@dataclass(frozen=True)
class Worker:
    """A process that runs tasks, on one node."""

    worker_id: str
    node_id: str
    pid: int | None
    number: int  # from 1 within its node


@dataclass(frozen=True)
class Phase:
    """A named part of a task run: `deserialize_arguments`, `execute` or `store_outputs`."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class TaskRun:
    """One attempt at one task."""

    task_id: str
    name: str
    attempt: int = 0
    node_id: str | None = None
    worker_id: str | None = None
    submitted: float | None = None  # the driver called .remote()
    arguments_ready: float | None = None  # every argument exists somewhere
    leased: float | None = None  # handed to a worker, its arguments on the worker's node
    started: float | None = None
    ended: float | None = None
    phases: tuple[Phase, ...] = ()
    outcome: Outcome = Outcome.UNFINISHED
    error: str | None = None
    parent_task_id: str | None = None
    argument_ids: tuple[str, ...] = ()  # of top-level arguments, in order, as far as told
    return_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectCopy:
    """A place where an object was seen in an object store, and when it was first seen there."""

    node_id: str
    seen: float
    lost: float | None = None


@dataclass(frozen=True)
class StoredObject:
    """A value that an object ref stands for."""

    object_id: str
    label: str  # what the pages call it, such as `ref3`
    size_bytes: int | None = None
    inlined: bool | None = None  # True: it travels with its ref and reaches no object store
    copies: tuple[ObjectCopy, ...] = ()  # by time: the first is the primary
    task_id: str | None = None  # the task that returned it; None when the driver put it


@dataclass(frozen=True)
class Transfer:
    """A copy of an object from one node's store to another's."""

    object_id: str
    from_node_id: str | None
    to_node_id: str
    seen: float  # the copy was complete no later than this
    task_id: str | None = None  # the task that needed it


@dataclass(frozen=True)
class Get:
    """A `ray.get` in the driver, for one object."""

    object_id: str
    asked: float
    returned: float | None = None  # None: it had not returned when the recording ended


@dataclass(frozen=True)
class Trace:
    """All that one recording holds."""

    nodes: tuple[Node, ...] = ()
    workers: tuple[Worker, ...] = ()
    task_runs: tuple[TaskRun, ...] = ()
    objects: tuple[StoredObject, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    gets: tuple[Get, ...] = ()  # as far as told: a recording need not see them
    seconds: float = 0.0  # from entering record() to leaving it
