"""Where each thing of a cluster stands in the drawing: the same place in every frame.

Units are those of the drawing's view box, 440 wide. At a phone's width it shrinks to about 0.8,
so letters are 14 high, which leaves them 11 pixels.
"""

from dataclasses import dataclass

from raylessons.events import Event, Kind
from raylessons.names import Names
from raylessons.scene import shown_nodes, slots
from raylessons.trace import Node

WIDTH = 440
LEFT, RIGHT = 26, 414  # of a node; what moves between nodes runs outside, on both sides
INSET = 12
WORKER_WIDTH, WORKER_HEIGHT, WORKER_GAP = 106, 68, 10
STORE_LEFT = 284
STORE_RIGHT = RIGHT - INSET
CHIP_HEIGHT, CHIP_PITCH = 24, 29
ROW_HEIGHT = 28
LANE = 18  # above and below the workers, for what goes to them and comes from them
RULER_HEIGHT = 46
MOST_ROWS = 5
MOST_CHIPS = 3


@dataclass(frozen=True)
class NodePlace:
    """Where a node and all that belongs to it stands."""

    node: Node | None  # None: the driver, where its node is not on record
    top: float
    height: float
    driver_top: float | None
    workers: dict[int, tuple[float, float]]  # number: left, top
    workers_top: float
    store_height: float
    chips: int  # how many objects have room

    @property
    def bottom(self) -> float:
        """Give the lower edge."""
        return self.top + self.height

    def chip_top(self, place: int) -> float:
        """Give the upper edge of the object at a place in the store."""
        return self.workers_top + 26 + place * CHIP_PITCH


@dataclass(frozen=True)
class Layout:
    """Where everything stands."""

    places: tuple[NodePlace, ...]
    rows: int  # of tasks, in the driver
    height: float

    @property
    def driver_top(self) -> float | None:
        """Give the upper edge of the driver."""
        return next(
            (place.driver_top for place in self.places if place.driver_top is not None), None
        )

    def row_middle(self, place: int) -> float:
        """Give the middle of a task's row in the driver."""
        return (self.driver_top or 0) + 26 + place * ROW_HEIGHT + ROW_HEIGHT / 2

    def node(self, node_id: str | None) -> NodePlace | None:
        """Find a node's place, if it is drawn."""
        return next(
            (
                place
                for place in self.places
                if place.node is not None and place.node.node_id == node_id
            ),
            None,
        )


def lay_out(names: Names, happened: tuple[Event, ...]) -> Layout:
    """Place everything that the events bring, so that no frame moves what another placed."""
    tasks = {event.run.task_id for event in happened if event.run is not None}
    rows = min(len(tasks), MOST_ROWS)
    places: list[NodePlace] = []
    top = 12.0
    nodes: list[Node | None] = [*shown_nodes(names)]
    if names.driver_node is None:
        nodes.insert(0, None)
    for node in nodes:
        places.append(_place(node, top, rows, names, happened))
        top = places[-1].bottom + 12
    return Layout(tuple(places), rows, top + RULER_HEIGHT)


def _place(
    node: Node | None, top: float, rows: int, names: Names, happened: tuple[Event, ...]
) -> NodePlace:
    inside = top + 32
    driver_top = None
    if node is None or (node.is_driver_node and node is names.driver_node):
        driver_top = inside
        inside += 34 + ROW_HEIGHT * max(rows, 1)
    if node is None:
        return NodePlace(None, top, inside + INSET - top, driver_top, {}, inside, 0, 0)
    inside += LANE
    workers: dict[int, tuple[float, float]] = {
        number: (
            LEFT + INSET + place % 2 * (WORKER_WIDTH + WORKER_GAP),
            inside + place // 2 * (WORKER_HEIGHT + LANE),
        )
        for place, number in enumerate(slots(node, names))
    }
    lines = max(1, (len(workers) + 1) // 2)
    kept = {
        object_id
        for event in happened
        for object_id, where in event.made
        if where == node.node_id and event.kind is not Kind.LOST
    }
    chips = min(max(len(kept), 1), MOST_CHIPS) + (len(kept) > MOST_CHIPS)
    height = max(lines * (WORKER_HEIGHT + LANE) - LANE, 26 + chips * CHIP_PITCH + 1)
    return NodePlace(
        node, top, inside + height + LANE - top, driver_top, workers, inside, height, chips
    )
