"""Where each thing of a cluster stands in the drawing: the same place in every frame.

Units are those of the drawing's view box, 440 wide. At a phone's width it shrinks to about 0.8,
so letters are 14 high, which leaves them 11 pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from raylessons.story.events import Event
from raylessons.story.scene import Scene, Status, TaskState, shown_nodes
from raylessons.trace.names import Names
from raylessons.trace.records import Node

WIDTH = 440
LEFT, RIGHT = 26, 414  # of a node; what moves between nodes runs outside it, on both sides
LEFT_SIDE, RIGHT_SIDE = 12, 428
INSET = 12
WORKER_WIDTH, WORKER_HEIGHT, WORKER_GAP = 110, 68, 8
STORE_LEFT, STORE_RIGHT = 284, RIGHT - INSET
HEADER_HEIGHT = 26  # of what has a title and things below it
CHIP_HEIGHT, CHIP_PITCH = 24, 29
ROW_HEIGHT = 28
LANE = 18  # above and below the workers, for what goes to them and comes from them
RULER_HEIGHT = 46
MOST_WORKERS = 8  # of one node; half as many where there are more than two nodes
MOST_ROWS = 5
MOST_CHIPS = 3


@dataclass(frozen=True)
class NodePlace:
    """Where a node and all that belongs to it stands."""

    node: Node | None  # None: the driver alone, where its node is not on record
    top: float
    bottom: float
    driver_top: float | None  # None: the driver is elsewhere
    workers: dict[int, tuple[float, float]]  # number: left, top
    workers_top: float
    store_height: float
    chips: int  # how many objects have room in the store


@dataclass(frozen=True)
class Layout:
    """Where everything stands."""

    places: tuple[NodePlace, ...]
    rows: int  # how many tasks have room in the driver
    height: float

    @property
    def driver_top(self) -> float:
        """Give the upper edge of the driver."""
        return next((each.driver_top for each in self.places if each.driver_top is not None), 0.0)


@dataclass(frozen=True)
class Spots:
    """Where the things of one scene stand: what has no spot is not drawn."""

    rows: dict[str, float]  # task id: middle
    workers: dict[str, tuple[float, float]]  # worker id: left, top
    chips: dict[tuple[str, str], float]  # object id, node id: top


def lay_out(events: Sequence[Event], names: Names) -> Layout:
    """Place everything that the events bring, so that no frame moves what another placed."""
    rows = min(len({event.run.task_id for event in events if event.run}), MOST_ROWS)
    nodes: list[Node | None] = [*shown_nodes(names)]
    if names.driver_node is None:
        nodes.insert(0, None)
    places: list[NodePlace] = []
    top = 12.0
    for node in nodes:
        workers = MOST_WORKERS if len(nodes) <= 2 else MOST_WORKERS // 2
        places.append(_place(node, top, rows, workers, events, names))
        top = places[-1].bottom + 12
    return Layout(tuple(places), rows, top + RULER_HEIGHT)


def find_spots(scene: Scene, layout: Layout, names: Names) -> Spots:
    """Find where the tasks, workers and objects of a scene stand."""
    middle = layout.driver_top + HEADER_HEIGHT + ROW_HEIGHT / 2
    rows = {
        task.run.task_id: middle + position * ROW_HEIGHT
        for position, task in enumerate(_tasks_with_a_row(scene, layout.rows))
    }
    seats = {
        (place.node.node_id, number): seat
        for place in layout.places
        if place.node is not None
        for number, seat in place.workers.items()
    }
    workers = {
        worker.worker_id: seats[worker.node_id, worker.number]
        for worker in names.workers.values()
        if (worker.node_id, worker.number) in seats
    }
    chips = {}
    for place in layout.places:
        if place.node is not None:
            top = place.workers_top + HEADER_HEIGHT
            for position, object_id in enumerate(_objects_with_a_chip(scene, place)):
                chips[object_id, place.node.node_id] = top + position * CHIP_PITCH
    return Spots(rows, workers, chips)


def _place(
    node: Node | None,
    top: float,
    rows: int,
    most_workers: int,
    events: Sequence[Event],
    names: Names,
) -> NodePlace:
    inside = top + HEADER_HEIGHT + 6
    driver_top = None
    if node is names.driver_node:
        driver_top = inside
        inside += HEADER_HEIGHT + 8 + ROW_HEIGHT * max(rows, 1)
    if node is None:
        return NodePlace(None, top, inside + INSET, driver_top, {}, inside, 0, 0)
    inside += LANE
    workers: dict[int, tuple[float, float]] = {}
    for position, number in enumerate(_seated(node, most_workers, names)):
        left = LEFT + INSET + position % 2 * (WORKER_WIDTH + WORKER_GAP)
        workers[number] = (left, inside + position // 2 * (WORKER_HEIGHT + LANE))
    lines = max(1, (len(workers) + 1) // 2)
    held = {object_id for event in events for object_id, at in event.made if at == node.node_id}
    chips = min(max(len(held), 1), MOST_CHIPS + 1)
    height = max(lines * (WORKER_HEIGHT + LANE) - LANE, HEADER_HEIGHT + chips * CHIP_PITCH + 1)
    bottom = inside + height + LANE
    return NodePlace(node, top, bottom, driver_top, workers, inside, height, chips)


def worker_numbers(node: Node, names: Names) -> list[int]:
    """List the workers of a node: those on record, and a place for each logical CPU."""
    known = {each.number for each in names.workers.values() if each.node_id == node.node_id}
    return sorted(known.union(range(1, int(min(node.logical_cpus, MOST_WORKERS)) + 1)))


def _seated(node: Node, most: int, names: Names) -> list[int]:
    """Choose the workers that have room: those of actors first, then by number."""
    homes = {
        worker.number
        for actor in names.actors.values()
        if (worker := names.workers.get(actor.worker_id or "")) and worker.node_id == node.node_id
    }
    numbers = worker_numbers(node, names)
    return sorted(sorted(numbers, key=lambda number: number not in homes)[:most])


def _tasks_with_a_row(scene: Scene, room: int) -> list[TaskState]:
    """Choose tasks: those that have just changed, then those on their way."""
    if len(scene.tasks) <= room:
        return [*scene.tasks]
    order = {status: place for place, status in enumerate(Status)}

    def rank(task: TaskState) -> tuple[bool, bool, int]:
        return (
            task.run.task_id not in scene.fresh,
            not task.on_worker,
            order[task.status],
        )

    chosen = {task.run.task_id for task in nsmallest(room - 1, scene.tasks, key=rank)}
    return [task for task in scene.tasks if task.run.task_id in chosen]


def _objects_with_a_chip(scene: Scene, place: NodePlace) -> list[str]:
    held = scene.held_by(place.node.node_id) if place.node else []
    if len(held) <= place.chips:
        return held
    chosen = nsmallest(place.chips - 1, held, key=lambda each: each not in scene.fresh)
    return [each for each in held if each in chosen]
