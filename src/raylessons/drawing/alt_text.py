"""A scene in words, for those who do not see the picture: what is drawn, and no more."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from raylessons.drawing.actors import (
    Resident,
    find_residents,
    tell_resident,
    waits_for_turn,
)
from raylessons.story.scene import Scene, Status, TaskState, shown_nodes
from raylessons.trace.names import Names
from raylessons.trace.records import Node, TaskKind
from raylessons.words import count, listing

Item = TypeVar("Item")
MOST_TOLD = 8  # of one kind: a long list tells less than its length
WORDS = {
    Status.WAITING: "waits",
    Status.READY: "has its arguments and waits for a worker",
    Status.LEASED: "has a worker",
    Status.RUNNING: "runs",
    Status.FINISHED: "has finished",
    Status.FAILED: "has failed",
    Status.CANCELLED: "has been cancelled",
}


def describe(scene: Scene, names: Names, seconds: float = 0.0) -> str:
    """Say what the picture of a scene at a moment shows.

    >>> from raylessons.trace.records import Node, Trace
    >>> describe(Scene(), Names(Trace(nodes=(Node("n1", 1, 2.0, is_driver_node=True),))))
    'Node 1 with the driver: no task on its 2 logical CPUs; nothing in its object store.'
    """
    sentences = []
    refs = [each for task in scene.tasks for each in names.returns(task.run.task_id)]
    if refs:
        sentences.append(f"Refs: {_some(refs, lambda each: _ref(scene, names, each))}.")
    residents = find_residents(scene, seconds, names)
    queued = {each.actor.actor_id for each in residents.values() if not each.is_dead}
    elsewhere = [
        task
        for task in scene.tasks
        if (not task.on_worker or waits_for_turn(task))
        and not (waits_for_turn(task) and task.run.actor_id in queued)
    ]
    if elsewhere:
        told = _some(elsewhere, lambda task: f"{names.task(task.run)} {_status(task)}")
        sentences.append(f"Tasks on no worker: {told}.")
    nodes = shown_nodes(names)
    working: dict[str | None, list[TaskState]] = defaultdict(list)
    for task in scene.tasks:
        if task.on_worker and task.run.worker_id not in residents and not waits_for_turn(task):
            working[task.run.node_id].append(task)
    sentences += [
        _node(scene, node, working[node.node_id], _at(node, residents, names), names)
        for node in nodes
    ]
    if hidden := len(names.nodes) - len(nodes):
        sentences.append(f"Not drawn: {count(hidden, 'more node')}.")
    return " ".join(sentences) or "Nothing is on record."


def _status(task: TaskState) -> str:
    waits = task.status in (Status.READY, Status.LEASED)
    if task.run.kind is TaskKind.CALL and waits:
        return "waits for its turn"
    return WORDS[task.status]


def _at(node: Node, residents: Mapping[str, Resident], names: Names) -> list[Resident]:
    return [
        each
        for worker_id, each in residents.items()
        if worker_id in names.workers and names.workers[worker_id].node_id == node.node_id
    ]


def _some(items: Sequence[Item], say: Callable[[Item], str]) -> str:
    """List the first few, and count the others without looking at them."""
    words = [say(item) for item in items[:MOST_TOLD]]
    if len(items) > MOST_TOLD:
        words.append(f"{len(items) - MOST_TOLD} more")
    return listing(words, most=len(words))


def _ref(scene: Scene, names: Names, object_id: str) -> str:
    label = names.ref(object_id)
    if object_id not in scene.exists:
        return f"{label} has no value yet"
    if scene.lost(object_id):
        return f"the value of {label} is lost"
    if held := scene.nodes_of(object_id):
        return f"the value of {label} is on {listing([names.node(each) for each in held])}"
    if names.objects[object_id].inlined:
        return f"the value of {label} is with its owner"
    return f"{label} has a value"


def _node(
    scene: Scene,
    node: Node,
    here: Sequence[TaskState],
    actors: Sequence[Resident],
    names: Names,
) -> str:
    name = f"Node {node.number}" + (" with the driver" if node.is_driver_node else "")
    if node.node_id in scene.removed:
        return f"{name} has left the cluster."
    if scene.is_absent(node):
        return f"{name} has not joined the cluster yet."
    cpus = count(node.logical_cpus, "logical CPU")
    work = _some(here, lambda task: _worker(task, names)) or f"no task on its {cpus}"
    held = _some(scene.held_by(node.node_id), names.sized)
    if actors:
        work += f"; {_some(actors, lambda each: tell_resident(each, names))}"
    return f"{name}: {work}; {held or 'nothing'} in its object store."


def _worker(task: TaskState, names: Names) -> str:
    worker = names.workers.get(task.run.worker_id or "")
    who = f"worker {worker.number}" if worker else "a worker not on record"
    return f"{who} {'has' if task.status is Status.LEASED else 'runs'} {names.task(task.run)}"
