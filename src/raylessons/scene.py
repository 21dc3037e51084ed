"""The cluster at one moment: where each task and each object is, as far as the records tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from raylessons.events import Event, Kind
from raylessons.names import Names, count, listing
from raylessons.trace import Node, Outcome, TaskRun

MOST_NODES = 6  # drawn and told one by one; of the others, how many there are
MOST_WORKERS = 6  # of one node


class Status(Enum):
    """Where a task is on its way."""

    WAITING = "waits"
    READY = "ready"
    LEASED = "leased"
    RUNNING = "runs"
    FINISHED = "finished"
    FAILED = "failed"


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
    removed: frozenset[str] = frozenset()  # ids of nodes
    arrows: tuple[Arrow, ...] = ()
    fresh: frozenset[str] = frozenset()  # ids of tasks, nodes and objects that changed here

    def lost(self, object_id: str) -> bool:
        """Tell whether an object was in a store and is in none any more."""
        return object_id in self.stored and not self.nodes_of(object_id)

    def nodes_of(self, object_id: str) -> list[str]:
        """List the ids of the nodes that hold a copy."""
        return [node_id for each, node_id in self.copies if each == object_id]

    def held_by(self, node_id: str) -> list[str]:
        """List the ids of the objects in a node's store."""
        return [object_id for object_id, each in self.copies if each == node_id]

    def on_worker(self, worker_id: str) -> list[TaskState]:
        """List the tasks that a worker has."""
        return [task for task in self.tasks if task.on_worker and task.run.worker_id == worker_id]


def after(scene: Scene, beat: Sequence[Event], names: Names) -> Scene:
    """Give the scene when the events have happened.

    >>> from raylessons.trace import TaskRun, Trace
    >>> run = TaskRun("t1", "noop")
    >>> scene = after(Scene(), [Event(Kind.SUBMIT, None, run=run)], Names(Trace()))
    >>> scene.tasks[0].status
    <Status.WAITING: 'waits'>
    """
    scene = replace(scene, arrows=(), fresh=frozenset())
    for event in beat:
        scene = _apply(scene, event, names)
    return scene


def _apply(scene: Scene, event: Event, names: Names) -> Scene:
    tasks = {task.run.task_id: task for task in scene.tasks}
    fresh = {each for each, _ in (*event.made, *event.gone)} | {*event.values}
    fresh |= {get.object_id for get in event.gets}
    if event.run is not None:
        tasks[event.run.task_id] = TaskState(event.run, _status(event))
        fresh.add(event.run.task_id)
    removed = scene.removed
    if event.kind is Kind.REMOVED and event.node_id is not None:
        removed |= {event.node_id}
        fresh.add(event.node_id)
    copies = [copy for copy in scene.copies if copy not in event.gone]
    return Scene(
        tasks=tuple(tasks.values()),
        copies=tuple(dict.fromkeys((*copies, *event.made))),
        exists=scene.exists | {*event.values},
        stored=scene.stored | {object_id for object_id, _ in event.made},
        removed=removed,
        arrows=scene.arrows + _arrows(scene, event, names),
        fresh=scene.fresh | fresh,
    )


def _status(event: Event) -> Status:
    run = event.run
    if event.kind is Kind.END and run is not None:
        return Status.FAILED if run.outcome is Outcome.FAILED else Status.FINISHED
    if event.kind is Kind.LEASE and run is not None:
        starts_later = run.started is None or event.reads_later
        return Status.LEASED if starts_later else Status.RUNNING
    return {Kind.READY: Status.READY, Kind.START: Status.RUNNING}.get(event.kind, Status.WAITING)


def _arrows(scene: Scene, event: Event, names: Names) -> tuple[Arrow, ...]:
    run, node_id = event.run, event.node_id
    if event.kind is Kind.LEASE:
        return (Arrow(Move.LEASE, run, to_node_id=node_id),)
    if event.kind is Kind.START and run is not None:
        return tuple(
            Arrow(Move.READ, run, object_id, node_id, node_id)
            for object_id in run.argument_ids
            if (object_id, node_id) in scene.copies
        )
    if event.kind is Kind.END:
        stored = [
            Arrow(Move.STORE, run, object_id, node_id, where) for object_id, where in event.made
        ]
        small = [
            Arrow(Move.RETURN, run, object_id, node_id)
            for object_id in event.values
            if names.objects[object_id].inlined
        ]
        return (*stored, *small)
    if event.kind is Kind.COPY and event.transfer is not None:
        move = event.transfer
        return (Arrow(Move.COPY, None, move.object_id, move.from_node_id, move.to_node_id),)
    if event.kind is Kind.GET:
        return tuple(
            Arrow(Move.GET, None, get.object_id, nearest(scene, get.object_id, names))
            for get in event.gets
            if get.returned is not None
        )
    return ()


def nearest(scene: Scene, object_id: str, names: Names) -> str | None:
    """Choose the node from which the driver has an object: its own where that holds a copy."""
    held = scene.nodes_of(object_id)
    own = names.driver_node.node_id if names.driver_node else None
    return own if own in held else next(iter(held), None)


def shown_nodes(names: Names) -> list[Node]:
    """Choose the nodes to show: the driver's, then those where most happened."""
    objects = [copy.node_id for each in names.objects.values() for copy in each.copies]
    busy = objects + [worker.node_id for worker in names.workers.values()]
    ranked = sorted(
        names.nodes.values(),
        key=lambda node: (not node.is_driver_node, -busy.count(node.node_id), node.number),
    )
    return sorted(ranked[:MOST_NODES], key=lambda node: node.number)


def slots(node: Node, names: Names) -> list[int]:
    """List the numbers of the workers to draw: those on record, and one per logical CPU."""
    known = {each.number for each in names.workers.values() if each.node_id == node.node_id}
    return sorted(known | set(range(1, int(min(node.logical_cpus, MOST_WORKERS)) + 1)))


def describe(scene: Scene, names: Names) -> str:
    """Say in words what the picture of a scene shows, for those who do not see it."""
    sentences = []
    if refs := [each for task in scene.tasks for each in names.returns(task.run.task_id)]:
        sentences.append(f"Refs: {listing([_ref(scene, names, r) for r in refs], 8)}.")
    off_worker = [task for task in scene.tasks if not task.on_worker]
    if off_worker:
        told = [f"{names.task(task.run)} {_WORDS[task.status]}" for task in off_worker]
        sentences.append(f"Tasks without a worker: {listing(told, 8)}.")
    nodes = shown_nodes(names)
    sentences += [_node_sentence(scene, node, names) for node in nodes]
    if hidden := len(names.nodes) - len(nodes):
        sentences.append(f"Not shown: {count(hidden, 'more node')}.")
    return " ".join(sentences) or "Nothing is on record."


_WORDS = {
    Status.WAITING: "waits",
    Status.READY: "has its arguments and waits for a worker",
    Status.LEASED: "was handed over",
    Status.RUNNING: "runs",
    Status.FINISHED: "has finished",
    Status.FAILED: "has failed",
}


def _ref(scene: Scene, names: Names, object_id: str) -> str:
    label = names.ref(object_id)
    if object_id not in scene.exists:
        return f"{label} has no value yet"
    if scene.lost(object_id):
        return f"the value of {label} is lost"
    if held := scene.nodes_of(object_id):
        return f"the value of {label} is on {listing([names.node(each) for each in held])}"
    if names.objects[object_id].inlined:
        return f"the value of {label} is with its ref"
    return f"{label} has a value"


def _node_sentence(scene: Scene, node: Node, names: Names) -> str:
    name = f"Node {node.number}" + (" with the driver" if node.is_driver_node else "")
    if node.node_id in scene.removed:
        return f"{name} has left the cluster."
    here = [task for task in scene.tasks if task.on_worker and task.run.node_id == node.node_id]
    told = []
    for task in here:
        worker = names.workers.get(task.run.worker_id or "")
        who = f"worker {worker.number}" if worker else "a worker"
        verb = "has" if task.status is Status.LEASED else "runs"
        told.append(f"{who} {verb} {names.task(task.run)}")
    held = [f"{names.ref(each)} ({names.size(each)})" for each in scene.held_by(node.node_id)]
    work = listing(told) or f"no task on its {count(int(node.logical_cpus), 'logical CPU')}"
    return f"{name}: {work}; {listing(held) or 'nothing'} in its object store."
