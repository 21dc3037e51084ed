"""The cluster at one moment: where tasks and objects are, as far as the records tell."""

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import Enum

from raylessons.story.events import Event, Kind
from raylessons.trace.names import Names
from raylessons.trace.records import Node, Outcome, TaskRun

MOST_NODES = 4  # that a story shows; of the others, it says how many there are


class Status(Enum):
    """Where a task is on its way."""

    WAITING = "waits"
    READY = "ready"
    LEASED = "leased"
    RUNNING = "runs"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDS = {Outcome.FAILED: Status.FAILED, Outcome.CANCELLED: Status.CANCELLED}
STEPS = {Kind.READY: Status.READY, Kind.START: Status.RUNNING, Kind.YIELD: Status.RUNNING}


class Move(Enum):
    """What an arrow of the picture means."""

    LEASE = "a task goes to a worker"
    RETURN = "a small result goes to the owner of its ref"
    STORE = "a result goes to the object store"
    READ = "a task reads from the object store"
    COPY = "an object goes to another node"
    GET = "a value goes to the driver"


@dataclass(frozen=True)
class TaskState:
    """A task's latest attempt, and how far it has come."""

    run: TaskRun
    status: Status

    @property
    def on_worker(self) -> bool:
        """Tell whether a worker has it."""
        return self.status in (Status.LEASED, Status.RUNNING)


@dataclass(frozen=True)
class Arrow:
    """Something that moves in this frame."""

    move: Move
    run: TaskRun | None = None
    object_id: str | None = None
    from_node_id: str | None = None
    to_node_id: str | None = None


@dataclass(frozen=True)
class Scene:
    """The cluster at one moment, and what has just changed."""

    tasks: tuple[TaskState, ...] = ()  # by submission
    copies: tuple[tuple[str, str], ...] = ()  # (object id, node id), the primary copy first
    exists: frozenset[str] = frozenset()  # ids of objects whose value has been made
    stored: frozenset[str] = frozenset()  # ids of objects that have been in a store
    released: frozenset[str] = frozenset()  # ids of objects to which no ref is left
    spilled: frozenset[str] = frozenset()  # ids of objects that have gone to disk
    joined: frozenset[str] = frozenset()  # ids of nodes that were not there from the beginning
    removed: frozenset[str] = frozenset()  # ids of nodes
    arrows: tuple[Arrow, ...] = ()
    fresh: frozenset[str] = frozenset()  # ids of tasks, nodes and objects that changed here

    def lost(self, object_id: str) -> bool:
        """Tell whether an object was in a store, should be in one, and is in none any more."""
        is_wanted = object_id not in self.released and object_id not in self.spilled
        return is_wanted and object_id in self.stored and not self.nodes_of(object_id)

    def is_absent(self, node: Node) -> bool:
        """Tell whether a node has not joined the cluster yet."""
        return node.joined is not None and node.node_id not in self.joined

    def nodes_of(self, object_id: str) -> list[str]:
        """List the ids of the nodes that hold a copy."""
        return [node_id for each, node_id in self.copies if each == object_id]

    def held_by(self, node_id: str) -> list[str]:
        """List the ids of the objects in a node's store."""
        return [object_id for object_id, each in self.copies if each == node_id]


def advance(scene: Scene, events: Sequence[Event], names: Names) -> Scene:
    """Give the scene when the events have happened.

    >>> from raylessons.trace.records import TaskRun, Trace
    >>> run = TaskRun("t1", "noop")
    >>> scene = advance(Scene(), [Event(Kind.SUBMIT, None, run=run)], Names(Trace()))
    >>> scene.tasks[0].status
    <Status.WAITING: 'waits'>
    """
    tasks = {task.run.task_id: task for task in scene.tasks}
    copies = dict.fromkeys(scene.copies)
    exists, stored, removed = set(scene.exists), set(scene.stored), set(scene.removed)
    joined = set(scene.joined)
    fresh: set[str] = set()
    arrows: list[Arrow] = []
    for event in events:
        arrows += _arrows(event, copies, names)
        if event.run is not None:
            tasks[event.run.task_id] = TaskState(event.run, _status(event))
            fresh.add(event.run.task_id)
        if event.kind is Kind.JOINED and event.node_id is not None:
            joined.add(event.node_id)
            fresh.add(event.node_id)
        if event.kind is Kind.REMOVED and event.node_id is not None:
            removed.add(event.node_id)
            fresh.add(event.node_id)
        for copy in event.gone:
            copies.pop(copy, None)
        copies.update(dict.fromkeys(event.made))
        exists.update(event.values)
        stored.update(object_id for object_id, _ in event.made)
        fresh.update(event.values, (object_id for object_id, _ in (*event.made, *event.gone)))
        fresh.update(get.object_id for get in event.gets)
        fresh.update(event.wait_round.ready_ids if event.wait_round else ())
    # Nothing more comes after the last events.
    now = max((event.seconds for event in events), default=math.inf)
    released = {each for each, found in names.objects.items() if _is_past(found.released, now)}
    spilled = {each for each, found in names.objects.items() if _is_past(found.spilled, now)}
    return Scene(
        tasks=tuple(tasks.values()),
        copies=tuple(copy for copy in copies if copy[0] not in released | spilled),
        released=frozenset(released),
        spilled=frozenset(spilled),
        joined=frozenset(joined),
        exists=frozenset(exists),
        stored=frozenset(stored),
        removed=frozenset(removed),
        arrows=tuple(arrows),
        fresh=frozenset(fresh),
    )


def _is_past(moment: float | None, now: float) -> bool:
    return moment is not None and moment <= now


def _status(event: Event) -> Status:
    run = event.run
    if event.kind is Kind.END and run is not None:
        return ENDS.get(run.outcome, Status.FINISHED)
    if event.kind is Kind.LEASE and run is not None:
        return Status.LEASED if run.started is None or event.starts_later else Status.RUNNING
    return STEPS.get(event.kind, Status.WAITING)


def _arrows(event: Event, copies: Container[tuple[str, str]], names: Names) -> list[Arrow]:
    run, node_id = event.run, event.node_id
    if event.kind is Kind.LEASE:
        return [Arrow(Move.LEASE, run)]
    if event.kind is Kind.START and run is not None and node_id is not None:
        here = [each for each in run.argument_ids if (each, node_id) in copies]
        return [Arrow(Move.READ, run, each, node_id, node_id) for each in here]
    if event.kind in (Kind.END, Kind.YIELD):
        stored = [Arrow(Move.STORE, run, each, node_id, where) for each, where in event.made]
        small = [each for each in event.values if names.objects[each].inlined]
        return stored + [Arrow(Move.RETURN, run, each, node_id) for each in small]
    if event.kind is Kind.COPY and event.transfer is not None:
        move = event.transfer
        return [Arrow(Move.COPY, None, move.object_id, move.from_node_id, move.to_node_id)]
    returned = [get.object_id for get in event.gets if get.returned is not None]
    return [Arrow(Move.GET, None, each) for each in returned]


def nearest(scene: Scene, object_id: str, names: Names) -> str | None:
    """Choose the node from which the driver has an object: its own where that holds a copy."""
    held = scene.nodes_of(object_id)
    own = names.driver_node.node_id if names.driver_node else None
    return own if own in held else next(iter(held), None)


def shown_nodes(names: Names) -> list[Node]:
    """Choose the nodes to show: the driver's, then those where most happened."""
    objects = [copy.node_id for each in names.objects.values() for copy in each.copies]
    busy = objects + [worker.node_id for worker in names.workers.values()]

    def rank(node: Node) -> tuple[bool, int, int]:
        return not node.is_driver_node, -busy.count(node.node_id), node.number

    chosen = sorted(names.nodes.values(), key=rank)[:MOST_NODES]
    return sorted(chosen, key=lambda node: node.number)
