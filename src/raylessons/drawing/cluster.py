"""A scene as a picture: nodes, their workers and object stores, and the driver with its refs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from raylessons.drawing import layout as at
from raylessons.drawing.actors import Resident, find_residents, method, waits_for_turn
from raylessons.drawing.layout import Layout, NodePlace, Spots
from raylessons.drawing.svg import CODE_LETTER, box, fit, text
from raylessons.story.scene import Scene, Status, TaskState
from raylessons.trace.names import Names
from raylessons.trace.records import TaskKind, Worker
from raylessons.words import count, format_bytes


def draw_cluster(
    scene: Scene, layout: Layout, spots: Spots, names: Names, seconds: float = 0.0
) -> str:
    """Draw all that stands still in a scene at a moment."""
    residents = find_residents(scene, seconds, names)
    busy: dict[tuple[str, int], list[TaskState]] = defaultdict(list)
    for task in scene.tasks:
        worker = _worker_of(task, names)
        if worker is not None:
            busy[worker.node_id, worker.number].append(task)
    living = {
        (worker.node_id, worker.number): residents[worker_id]
        for worker_id, worker in names.workers.items()
        if worker_id in residents
    }
    nodes = [_node(place, scene, spots, busy, living, names) for place in layout.places]
    return "".join(nodes) + _driver(scene, layout, spots, names)


Seat = tuple[str, int]  # node id, number of a worker


def _node(
    place: NodePlace,
    scene: Scene,
    spots: Spots,
    busy: Mapping[Seat, Sequence[TaskState]],
    living: Mapping[Seat, Resident],
    names: Names,
) -> str:
    width, height = at.RIGHT - at.LEFT, place.bottom - place.top
    node = place.node
    if node is None:
        return box(at.LEFT, place.top, width, height, "card", 12)
    gone, absent = node.node_id in scene.removed, scene.is_absent(node)
    note = count(node.logical_cpus, "CPU")
    if hidden := len(at.worker_numbers(node, names)) - len(place.workers):
        note += f", {count(hidden, 'worker')} not drawn"
    note = "left the cluster" if gone else "not there yet" if absent else note
    style = "card gone" if gone or absent else "card"
    picture = box(at.LEFT, place.top, width, height, style, 12)
    picture += text(at.LEFT + at.INSET, place.top + 22, f"Node {node.number}", "b")
    picture += text(at.STORE_RIGHT, place.top + 22, note, "bad" if gone else "dim", "end")
    if gone or absent:
        return picture
    for number, spot in place.workers.items():
        seat = (node.node_id, number)
        if seat in living:
            picture += _actor(living[seat], spot, scene)
        else:
            picture += _worker(number, spot, busy.get(seat, ()), scene, names)
    return picture + _store(place, scene, spots, names)


def _worker_of(task: TaskState, names: Names) -> Worker | None:
    return names.workers.get(task.run.worker_id or "") if task.on_worker else None


def _worker(
    number: int,
    seat: tuple[float, float],
    tasks: Sequence[TaskState],
    scene: Scene,
    names: Names,
) -> str:
    left, top = seat
    look = "slot busy" if tasks else "slot"
    picture = box(left, top, at.WORKER_WIDTH, at.WORKER_HEIGHT, look)
    picture += text(left + 9, top + 18, f"worker {number}", "dim")
    if not tasks:
        return picture + text(left + 9, top + 50, "idle", "dim")
    task = tasks[0]
    new = " new" if task.run.task_id in scene.fresh else ""
    refs = ", ".join(names.ref(each) for each in names.returns(task.run.task_id))
    room = at.WORKER_WIDTH - 14
    picture += box(left + 5, top + 25, at.WORKER_WIDTH - 10, 38, f"task{new}", 6)
    picture += icon(task.status, left + at.WORKER_WIDTH - 16, top + 13)
    picture += text(left + 9, top + 41, fit(task.run.name, room, CODE_LETTER), "code on")
    below = f"and {len(tasks) - 1} more" if len(tasks) > 1 else f"→ {refs}" if refs else ""
    return picture + text(left + 9, top + 57, fit(below, room), "on")


def _actor(resident: Resident, spot: tuple[float, float], scene: Scene) -> str:
    """Draw a process that stays, with what it runs and how many calls wait in its queue."""
    left, top = spot
    width, room = at.WORKER_WIDTH, at.WORKER_WIDTH - 18
    picture = box(left, top, width, at.WORKER_HEIGHT, "gone" if resident.is_dead else "actor")
    picture += text(left + 9, top + 18, fit(resident.actor.name, room), "b")
    if resident.is_dead:
        return picture + text(left + 9, top + 41, "has died", "bad")
    queue = f"{resident.waiting} wait" + ("s" if resident.waiting == 1 else "")
    if resident.waiting:
        picture += text(left + 9, top + 61, queue)
    if not resident.running:
        words = "idle" if resident.is_ready else "starts"
        return picture + text(left + 9, top + 41, words, "dim")
    first, *others = resident.running
    new = " new" if any(each.run.task_id in scene.fresh for each in resident.running) else ""
    more = f" +{len(others)}" if others else ""
    name = fit(method(first), room - 14 - len(more) * CODE_LETTER, CODE_LETTER) + more
    picture += box(left + 5, top + 25, width - 10, 23, f"task{new}", 6)
    picture += icon(first.status, left + width - 16, top + 36)
    return picture + text(left + 9, top + 41, name, "code on")


def _store(place: NodePlace, scene: Scene, spots: Spots, names: Names) -> str:
    assert place.node is not None
    node_id = place.node.node_id
    left, width = at.STORE_LEFT, at.STORE_RIGHT - at.STORE_LEFT
    picture = box(left, place.workers_top, width, place.store_height, "store")
    picture += text(left + 9, place.workers_top + 18, "object store", "dim")
    held = scene.held_by(node_id)
    shown = [object_id for object_id in held if (object_id, node_id) in spots.chips]
    for object_id in shown:
        top = spots.chips[object_id, node_id]
        look = "object" if scene.nodes_of(object_id)[0] == node_id else "object copied"
        look += " new" if object_id in scene.fresh else ""
        size = names.objects[object_id].size_bytes if object_id in names.objects else None
        words = names.ref(object_id) + ("" if size is None else f" {format_bytes(size)}")
        picture += box(left + 6, top, width - 12, at.CHIP_HEIGHT, look, 5)
        picture += text(left + 13, top + 17, fit(words, width - 24), "on")
    if len(held) > len(shown):
        top = place.workers_top + at.HEADER_HEIGHT + len(shown) * at.CHIP_PITCH
        picture += text(left + 13, top + 17, f"and {len(held) - len(shown)} more", "dim")
    return picture


def _driver(scene: Scene, layout: Layout, spots: Spots, names: Names) -> str:
    top = layout.driver_top
    left, right = at.LEFT + at.INSET, at.STORE_RIGHT
    height = at.HEADER_HEIGHT + 8 + at.ROW_HEIGHT * max(layout.rows, 1)
    mine = all(names.submitter(task.run) == "the driver" for task in scene.tasks)
    picture = box(left, top, right - left, height, "driver")
    picture += text(left + 9, top + 18, "driver", "b")
    if scene.tasks:
        note = "owner of these refs" if mine else "tasks and their refs"
        picture += text(right - 9, top + 18, note, "", "end")
    below = top + at.HEADER_HEIGHT + at.ROW_HEIGHT / 2 + 5
    shown = [task for task in scene.tasks if task.run.task_id in spots.rows]
    picture += "".join(_row(each, spots.rows[each.run.task_id], scene, names) for each in shown)
    if not scene.tasks:
        picture += text(left + 9, below, "no task submitted yet")
    elif len(shown) < len(scene.tasks):
        hidden = len(scene.tasks) - len(shown)
        picture += text(left + 9, below + at.ROW_HEIGHT * len(shown), f"and {hidden} more")
    return picture


def _row(task: TaskState, middle: float, scene: Scene, names: Names) -> str:
    left, right = at.LEFT + at.INSET + 8, at.STORE_RIGHT - 9
    start: float = left
    picture = ""
    returned = names.returns(task.run.task_id)
    lost = task.status is Status.FINISHED and any(scene.lost(each) for each in returned)
    if returned:
        more = "…" if len(returned) > 1 else ""
        label = fit(names.ref(returned[0]), 80, CODE_LETTER) + more
        width = round(len(label) * CODE_LETTER) + 10
        look = "ref full" if returned[0] in scene.exists and not lost else "ref"
        look += " new" if returned[0] in scene.fresh else ""
        picture += box(left, middle - 11, width, 22, look, 11)
        picture += text(left + 5, middle + 5, label, "code")
        start += width + 6
    made = task.run.kind is TaskKind.CREATION
    called = names.actor(task.run.actor_id, task.run) if made else task.run.name
    call = f"{called}({', '.join(names.ref(each) for each in task.run.argument_ids)})"
    call += f" #{task.run.attempt + 1}" if task.run.attempt else ""
    failed = lost or task.status in (Status.FAILED, Status.CANCELLED)
    # A call is not leased a worker: it stands in its actor's queue.
    waits = "queued" if task.status is Status.LEASED else "waits"
    words = waits if waits_for_turn(task) else task.status.value
    words = "lost" if lost else words
    sign = Status.WAITING if waits_for_turn(task) else task.status
    look = " ".join(["bad"] * failed + ["b"] * (task.run.task_id in scene.fresh))
    picture += text(start, middle + 5, fit(call, right - 90 - start, CODE_LETTER), "code")
    picture += icon(Status.FAILED if lost else sign, right - 78, middle)
    return picture + text(right, middle + 5, words, look, "end")


def icon(status: Status, x: float, y: float) -> str:
    """Draw the sign of a task's status, so that its colour is not what tells."""
    return _ICONS[status].format(x=f"{x:g}", y=f"{y:g}", left=f"{x - 4.5:g}", top=f"{y - 4.5:g}")


_ICONS = {
    Status.WAITING: '<circle class="sign" cx="{x}" cy="{y}" r="4.5"/>',
    Status.READY: '<circle class="sign" cx="{x}" cy="{y}" r="4.5"/>'
    '<path class="ink" d="M{x} {top}a4.5 4.5 0 0 1 0 9z"/>',
    Status.LEASED: '<circle class="ink" cx="{x}" cy="{y}" r="4.5"/>',
    Status.RUNNING: '<path class="ink" d="M{left} {top}l9 4.5l-9 4.5z"/>',
    Status.FINISHED: '<path class="sign" d="M{left} {y}l3.5 4l6-8"/>',
    Status.FAILED: '<path class="sign bad" d="M{left} {top}l9 9m0-9l-9 9"/>',
    Status.CANCELLED: '<path class="sign bad" d="M{left} {y}h9"/>',
}
