"""What moves in a scene, as arrows between the things that stand still."""

from raylessons.drawing import layout as at
from raylessons.drawing.layout import Spots
from raylessons.drawing.svg import Point, arrow
from raylessons.story.scene import Arrow, Move, Scene, nearest
from raylessons.trace.names import Names
from raylessons.words import count

MOST_ARROWS = 8  # more than that hide what they point at
Points = list[Point]


def draw_arrows(scene: Scene, spots: Spots, names: Names) -> str:
    """Draw the arrows of a scene, as far as both their ends are drawn."""
    return "".join(_draw(each, scene, spots, names) for each in scene.arrows[:MOST_ARROWS])


def tell_undrawn(scene: Scene | None) -> str:
    """Tell how many arrows of a scene are too many to draw, or nothing where all are drawn."""
    undrawn = (len(scene.arrows) if scene else 0) - MOST_ARROWS
    return f" Not drawn: {count(undrawn, 'more arrow')}." if undrawn > 0 else ""


def _draw(each: Arrow, scene: Scene, spots: Spots, names: Names) -> str:
    if each.move in (Move.LEASE, Move.RETURN):
        points = _to_worker(each, spots)
        if each.move is Move.LEASE:
            return arrow(points, "lease")
        return arrow(points[::-1], "data")
    if each.move in (Move.STORE, Move.READ):
        points = _to_store(each, spots)
        return arrow(points if each.move is Move.STORE else points[::-1], "data")
    if each.move is Move.COPY:
        return arrow(_between_stores(each, spots), "copy")
    return arrow(_to_driver(each, scene, spots, names), "data")


def _to_worker(each: Arrow, spots: Spots) -> Points:
    """Lead from a task's row in the driver, round the left side, into the top of its worker."""
    if each.run is None:
        return []
    row = spots.rows.get(each.run.task_id)
    seat = spots.workers.get(each.run.worker_id or "")
    if row is None or seat is None:
        return []
    left, top = seat
    middle = left + at.WORKER_WIDTH / 2
    side, above = at.LEFT_SIDE, top - 10
    return [(at.LEFT + at.INSET, row), (side, row), (side, above), (middle, above), (middle, top)]


def _to_store(each: Arrow, spots: Spots) -> Points:
    """Lead from the bottom of a worker to an object in the store of its node."""
    if each.run is None:
        return []
    seat = spots.workers.get(each.run.worker_id or "")
    chip = spots.chips.get((each.object_id or "", each.to_node_id or ""))
    if seat is None or chip is None:
        return []
    middle, bottom = seat[0] + at.WORKER_WIDTH / 2, seat[1] + at.WORKER_HEIGHT
    below, aside = bottom + 10, at.STORE_LEFT - 8
    end = chip + at.CHIP_HEIGHT / 2
    return [(middle, bottom), (middle, below), (aside, below), (aside, end),
            (at.STORE_LEFT + 6, end)]  # fmt: skip


def _between_stores(each: Arrow, spots: Spots) -> Points:
    """Lead from an object to its copy on another node, round the right side."""
    source = spots.chips.get((each.object_id or "", each.from_node_id or ""))
    goal = spots.chips.get((each.object_id or "", each.to_node_id or ""))
    if source is None or goal is None:
        return []
    start, end, edge = source + at.CHIP_HEIGHT / 2, goal + at.CHIP_HEIGHT / 2, at.STORE_RIGHT - 6
    return [(edge, start), (at.RIGHT_SIDE, start), (at.RIGHT_SIDE, end), (edge, end)]


def _to_driver(each: Arrow, scene: Scene, spots: Spots, names: Names) -> Points:
    """Lead from an object to the row of its ref in the driver, round the right side."""
    object_id = each.object_id or ""
    chip = spots.chips.get((object_id, nearest(scene, object_id, names) or ""))
    rows = [row for task_id, row in spots.rows.items() if object_id in names.returns(task_id)]
    if chip is None or not rows:
        return []
    start, edge = chip + at.CHIP_HEIGHT / 2, at.STORE_RIGHT
    return [(edge - 6, start), (at.RIGHT_SIDE, start), (at.RIGHT_SIDE, rows[0]), (edge, rows[0])]
