"""What a cluster did, as frozen records, and pure questions about them.

All times are seconds on one clock that starts at zero when the recording starts.
`None` stands for what Ray did not tell: unknown is never guessed.
"""

import heapq
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from raylessons.graphs import longest_chain, makers

DRIVER = "driver"  # who put an object, where no task did


class Outcome(Enum):
    """How an attempt at a task ended, as far as the records tell."""

    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNFINISHED = "unfinished"


class TaskKind(Enum):
    """What a task is: a function, the making of an actor, or a call of an actor's method."""

    TASK = "task"
    CREATION = "actor creation"
    CALL = "actor call"


@dataclass(frozen=True)
class Node:
    """A machine of the cluster, or what stands for one: a raylet with workers and a store."""

    node_id: str
    number: int  # from 1, the driver's node first: what the pages call it
    logical_cpus: float
    is_driver_node: bool = False
    removed: float | None = None  # seconds, when it left during the recording
    joined: float | None = None  # seconds, when it came; None: it was there before


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
    kind: TaskKind = TaskKind.TASK
    actor_id: str | None = None  # of the actor that it makes or that it calls
    # Refs inside its arguments or in what its function carries: Ray does not wait for these.
    nested_ids: tuple[str, ...] = ()
    value_bytes: int | None = None  # of the arguments that it was given by value, serialized
    streams: bool = False  # it yields its results, one by one
    lacks: str | None = None  # it never started: it asks for this, which no node has
    items_known: bool = True  # False: the driver did not read its stream to the end
    # False: nobody heard its submission, so that its arguments are not known.
    arguments_known: bool = True
    submitter_actor_id: str | None = None  # a call of this actor submitted it: which, is not known


@dataclass(frozen=True)
class Actor:
    """A process that stays, with the state of one object, and runs calls of its methods."""

    actor_id: str
    name: str  # of its class
    node_id: str | None = None
    worker_id: str | None = None
    created: float | None = None  # seconds, when `.remote()` was called; negative: before
    ready: float | None = None  # its `__init__` had ended, the last time it was started
    died: float | None = None
    death: str | None = None  # why, as far as Ray tells
    restarts: int = 0
    concurrency: int | None = None  # how many of its calls may run at once


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
    task_id: str | None = None  # the task that returned it, where one did
    put_by: str | None = None  # the task that put it, or DRIVER; None: not put, or not known
    error: str | None = None  # it holds this error in the place of a value
    spilled: float | None = None  # seconds: it was seen to have gone to disk by then
    made: float | None = None  # seconds: it was there by then, while its task went on to yield
    released: float | None = None  # no ref to it was left by then: Ray deletes it


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
    """A `ray.get` in the driver, for one object, or what waits as one does."""

    object_id: str
    asked: float
    returned: float | None = None  # None: it had not returned when the recording ended
    error: str | None = None  # it raised this, and gave no value
    call: str = "ray.get"
    gave_up: float | None = None  # it ended then, at its timeout or by Ctrl+C, without an answer


@dataclass(frozen=True)
class WaitRound:
    """A `ray.wait` in the driver."""

    ready_ids: tuple[str, ...]  # of the objects whose refs it gave back as ready
    refs: int  # it was given so many
    num_returns: int  # and asked for so many: it gives back fewer when its time is over
    asked: float
    returned: float
    ready_streams: int = 0  # generators that had a value, or were over


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
    actors: tuple[Actor, ...] = ()
    unrecorded_tasks: int = 0  # submissions that were heard, and of which Ray has no record
    record_limit: int | None = None  # Ray keeps so many, and may have dropped some of these tasks
    wait_rounds: tuple[WaitRound, ...] = ()  # by the moment of their return

    def tasks(self, name: str | None = None) -> tuple[TaskRun, ...]:
        """Return the last attempt at each task, or at each task of that name.

        >>> runs = TaskRun("t1", "noop"), TaskRun("t1", "noop", attempt=1), TaskRun("t2", "add")
        >>> [(run.name, run.attempt) for run in Trace(task_runs=runs).tasks()]
        [('noop', 1), ('add', 0)]
        """
        last: dict[str, TaskRun] = {}
        for run in self.task_runs:
            if run.attempt >= last.get(run.task_id, run).attempt:
                last[run.task_id] = run
        return tuple(run for run in last.values() if name in (None, run.name))

    def task(self, name: str) -> TaskRun:
        """Return the last attempt at the one task of that name.

        Raises `ValueError` where no task or more than one is named so.
        """
        found = self.tasks(name)
        if len(found) != 1:
            raise ValueError(
                f"{len(found)} tasks of this trace are named {name!r}: expected one. "
                f"Pass one of {sorted({run.name for run in self.task_runs})}, "
                "or call tasks() for all of a name."
            )
        return found[0]

    def object(self, label: str) -> StoredObject:
        """Return the object of that label, such as `ref1`. Raises `ValueError` without one."""
        for stored in self.objects:
            if stored.label == label:
                return stored
        labels = [stored.label for stored in self.objects]
        raise ValueError(f"No object is labelled {label!r}: expected one of {labels}.")

    def node(self, number: int) -> Node:
        """Return the node of that number. Raises `ValueError` without one."""
        for node in self.nodes:
            if node.number == number:
                return node
        numbers = [node.number for node in self.nodes]
        raise ValueError(f"No node has the number {number!r}: expected one of {numbers}.")

    def node_of(self, part: TaskRun | Worker | ObjectCopy) -> Node | None:
        """Return the node where it ran, lives or lies, or `None` where Ray did not tell."""
        return next((node for node in self.nodes if node.node_id == part.node_id), None)

    def tasks_on(self, node: Node) -> tuple[TaskRun, ...]:
        """Return the last attempts that ran on the node."""
        return tuple(run for run in self.tasks() if run.node_id == node.node_id)

    def arguments(self, run: TaskRun) -> tuple[StoredObject, ...]:
        """Return the objects that it was given as refs, in order, as far as they are known."""
        return tuple(
            self._objects_by_id[given] for given in run.argument_ids if given in self._objects_by_id
        )

    def makers(self) -> Mapping[str, str]:
        """Tell which task on record made each object, as {object id: task id}.

        >>> Trace(task_runs=(TaskRun("t1", "noop", return_ids=("o1",)),)).makers()
        {'o1': 't1'}
        """
        return self._made_by

    def needs(self) -> dict[str, list[str]]:
        """Tell which tasks made the arguments of each task, as {task id: task ids}."""
        return {
            run.task_id: [
                self._made_by[given] for given in run.argument_ids if given in self._made_by
            ]
            for run in self.tasks()
        }

    def transfers_of(self, stored: StoredObject) -> tuple[Transfer, ...]:
        """Return the transfers that copied the object to another node."""
        return tuple(one for one in self.transfers if one.object_id == stored.object_id)

    def waiting_time(self, run: TaskRun) -> float | None:
        """Return the seconds from its submission to its start, or `None` where one is unknown.

        Where the clocks of two nodes disagree by more than it waited, zero.
        """
        return _span(run.submitted, run.started)

    def waiting_for_arguments(self, run: TaskRun) -> float | None:
        """Return the seconds from its submission until every argument existed somewhere.

        A run that was given no refs waited zero seconds. `None` where a time is unknown.

        >>> run = TaskRun("t1", "add", submitted=0.5, arguments_ready=2.0, argument_ids=("o1",))
        >>> Trace().waiting_for_arguments(run)
        1.5
        """
        return 0.0 if _needs_nothing(run) else _span(run.submitted, run.arguments_ready)

    def waiting_for_worker(self, run: TaskRun) -> float | None:
        """Return the seconds from when its arguments existed until a worker had it.

        Copying the arguments to the worker's node is part of it. A call of an actor waits in the
        actor's queue, until it starts. `None` where a time is unknown.

        >>> Trace().waiting_for_worker(TaskRun("t1", "noop", submitted=0.5, leased=0.75))
        0.25
        """
        ready = run.submitted if _needs_nothing(run) else run.arguments_ready
        is_leased = run.kind is TaskKind.TASK and run.leased is not None
        return _span(ready, run.leased if is_leased else run.started)

    def running_time(self, run: TaskRun) -> float | None:
        """Return the seconds from its start to its end, or `None` where they are unknown.

        A run that had not ended counts until the end of the recording. Where the clocks of two
        nodes disagree by more than it ran, zero.
        """
        return _span(run.started, self._end(run))

    def makespan(self) -> float:
        """Return the seconds from the first submission to the last end; zero without a run.

        >>> Trace().makespan()
        0.0
        """
        begins = [run.submitted for run in self.task_runs if run.submitted is not None]
        ends = [end for run in self.task_runs if (end := self._end(run)) is not None]
        return max(0.0, max(ends) - min(begins)) if begins and ends else 0.0

    def peak_parallelism(self) -> int:
        """Return the most runs that were under way at one moment, of those with a known start.

        >>> runs = [TaskRun(task_id=t, name="f", started=0.0, ended=1.0) for t in ("t1", "t2")]
        >>> Trace(task_runs=(*runs, TaskRun("t3", "f", started=1.0, ended=2.0))).peak_parallelism()
        2
        """
        peak = 0
        ends: list[float] = []  # a heap
        for start, end in sorted(self._spans()):
            while ends and ends[0] <= start:
                heapq.heappop(ends)
            heapq.heappush(ends, end)
            peak = max(peak, len(ends))
        return peak

    def critical_path(self) -> tuple[TaskRun, ...]:
        """Return the chain of tasks, each given what the one before returned, that ran longest.

        No cluster, however large, can run the program faster than this chain. It holds the last
        attempts. A task of unknown running time counts as zero seconds.
        """
        tasks = {run.task_id: run for run in self.tasks()}
        seconds = {run.task_id: self.running_time(run) or 0.0 for run in tasks.values()}
        # What a stream yields is there before its task ends: it makes no chain of whole tasks.
        early = {stored.object_id for stored in self.objects if stored.made is not None}
        needs = {
            run.task_id: [
                self._made_by[given]
                for given in run.argument_ids
                if given in self._made_by and given not in early
            ]
            for run in tasks.values()
        }
        return tuple(tasks[task_id] for task_id in longest_chain(needs, seconds))

    @cached_property
    def _objects_by_id(self) -> dict[str, StoredObject]:
        return {stored.object_id: stored for stored in self.objects}

    @cached_property
    def _made_by(self) -> dict[str, str]:
        return makers(
            ((run.task_id, run.return_ids) for run in self.task_runs),
            ((stored.object_id, stored.task_id) for stored in self.objects),
        )

    def _spans(self) -> Iterator[tuple[float, float]]:
        """Yield from when to when each run was under way, of those with a known start."""
        next_start: dict[str, float] = {}  # by worker, for tasks: it has one after another
        known = [run for run in self.task_runs if run.started is not None]
        for run in sorted(known, key=lambda run: run.started or 0.0, reverse=True):
            start, end = run.started, self._left_worker(run)
            if start is None or not math.isfinite(start):
                continue
            end = start if end is None else end
            if run.kind is TaskKind.TASK and run.worker_id is not None:
                end = min(end, next_start.get(run.worker_id, math.inf))
                next_start[run.worker_id] = start
            yield start, end

    def _left_worker(self, run: TaskRun) -> float | None:
        # Its owner hears of an end a moment after the worker has taken up the next task.
        return max((phase.end for phase in run.phases), default=self._end(run))

    def _end(self, run: TaskRun) -> float | None:
        is_open = run.ended is None and run.outcome is Outcome.UNFINISHED
        return self.seconds if is_open else run.ended


def _needs_nothing(run: TaskRun) -> bool:
    return run.arguments_known and not run.argument_ids


def _span(start: float | None, end: float | None) -> float | None:
    """Return the seconds between two times, or `None` where one is unknown or no number.

    Clocks of two nodes may disagree: never less than zero.
    """
    if start is None or end is None or not math.isfinite(end - start):
        return None
    return max(0.0, end - start)
