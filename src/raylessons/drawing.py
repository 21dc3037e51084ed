"""A trace as accessible SVG: the cluster, frame by frame."""

from dataclasses import dataclass
from html import escape
from importlib.resources import files

from raylessons import layout as at
from raylessons.events import events
from raylessons.layout import Layout, NodePlace, lay_out
from raylessons.names import Names
from raylessons.program import draw_program
from raylessons.scene import Arrow, Move, Scene, Status, TaskState, describe
from raylessons.story import Frame, frames
from raylessons.svg import CODE_LETTER, arrow, box, fit, group, line, text
from raylessons.trace import Trace
from raylessons.units import format_seconds

STYLE = files("raylessons").joinpath("drawing.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Drawing:
    """A trace drawn as a story: a page shows it as pictures, a terminal as sentences."""

    trace: Trace
    frames: tuple[Frame, ...]

    def __repr__(self) -> str:
        lines = [
            f"{place}. {format_seconds(frame.seconds)}: {frame.headline}. {frame.description}"
            for place, frame in enumerate(self.frames, start=1)
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Write every frame below the other; the site's player shows one at a time."""
        draw = _Painter(self.trace, self.frames)
        figures = "".join(
            f"<li><figure>{draw(frame)}<figcaption><strong>{escape(frame.headline)}</strong>"
            f"<span>{escape(frame.description)}</span></figcaption></figure></li>"
            for frame in self.frames
        )
        return (
            f'<div class="story" data-frames="{len(self.frames)}"><style>{STYLE}</style>'
            f'<ol class="story-frames">{figures}</ol>{_legend()}</div>'
        )


def draw_story(trace: Trace) -> Drawing:
    """Draw a trace from the program to the last thing that happened.

    >>> draw_story(Trace())
    1. 0 ms: No task is on record. The recording holds no task, so there is none to follow.
    2. 0 ms: No node is on record. The recording does not tell where the tasks ran.
    3. 0 ms: The recording ends. It lasted 0 ms.
    """
    return Drawing(trace, frames(trace))


def draw_frame(trace: Trace, frame: Frame) -> str:
    """Draw one frame of a trace as an SVG that needs nothing else."""
    svg = _Painter(trace, frames(trace))(frame)
    head, tail = svg.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{tail}'


class _Painter:
    """Draws the frames of one trace, each thing at one place."""

    def __init__(self, trace: Trace, told: tuple[Frame, ...]) -> None:
        self.trace = trace
        self.names = Names(trace)
        self.layout: Layout = lay_out(self.names, events(trace))
        self.moments = [frame.seconds for frame in told]

    def __call__(self, frame: Frame) -> str:
        height = self.layout.height
        if frame.scene is None:
            words, parts = frame.description, draw_program(self.trace, self.names, height)
        else:
            words, parts = describe(frame.scene, self.names), self._cluster(frame.scene)
        return (
            f'<svg class="story-frame" role="img" viewBox="0 0 {at.WIDTH} {height:g}">'
            f"<title>{escape(frame.headline)}</title><desc>{escape(words)}</desc>"
            f"{box(0, 0, at.WIDTH, height, 'paper', 14)}{''.join(parts)}"
            f"{self._ruler(frame.seconds)}</svg>"
        )

    def _cluster(self, scene: Scene) -> list[str]:
        rows = self._rows(scene)
        parts = [self._node(place, scene) for place in self.layout.places]
        parts.append(self._driver(rows, scene))
        parts += [self._arrow(each, scene, rows) for each in scene.arrows[:8]]
        return parts

    def _rows(self, scene: Scene) -> list[TaskState]:
        """Choose the tasks that have a row: what moves first, then what is under way."""
        order = list(Status)
        urgent = sorted(
            scene.tasks,
            key=lambda task: (
                task.run.task_id not in scene.fresh,
                not task.on_worker,
                order.index(task.status),
            ),
        )
        most = self.layout.rows - (len(scene.tasks) > self.layout.rows)
        chosen = {task.run.task_id for task in urgent[:most]}
        return [task for task in scene.tasks if task.run.task_id in chosen]

    def _node(self, place: NodePlace, scene: Scene) -> str:
        if place.node is None:
            return box(at.LEFT, place.top, at.RIGHT - at.LEFT, place.height, "card", 12)
        gone = place.node.node_id in scene.removed
        cpus = place.node.logical_cpus
        note = "left the cluster" if gone else f"{cpus:g} CPU" + ("" if cpus == 1 else "s")
        parts = [
            box(
                at.LEFT,
                place.top,
                at.RIGHT - at.LEFT,
                place.height,
                "card gone" if gone else "card",
                12,
            ),
            text(at.LEFT + at.INSET, place.top + 22, f"Node {place.node.number}", "b"),
            text(at.STORE_RIGHT, place.top + 22, note, "bad" if gone else "dim", "end"),
        ]
        if not gone:
            parts += [self._worker(place, number, scene) for number in place.workers]
            parts.append(self._store(place, scene))
        return "".join(parts)

    def _worker(self, place: NodePlace, number: int, scene: Scene) -> str:
        left, top = place.workers[number]
        assert place.node is not None
        here = [
            task
            for task in scene.tasks
            if task.on_worker
            and (worker := self.names.workers.get(task.run.worker_id or ""))
            and worker.number == number
            and worker.node_id == place.node.node_id
        ]
        parts = [
            box(left, top, at.WORKER_WIDTH, at.WORKER_HEIGHT, "slot busy" if here else "slot"),
            text(left + 9, top + 18, f"worker {number}", "dim"),
        ]
        if not here:
            return "".join(parts) + text(left + 9, top + 50, "idle", "dim")
        task = here[0]
        new = " new" if task.run.task_id in scene.fresh else ""
        refs = " ".join(map(self.names.ref, self.names.returns(task.run.task_id)))
        parts += [
            box(left + 5, top + 25, at.WORKER_WIDTH - 10, 38, f"task{new}", 6),
            _icon(task.status, left + at.WORKER_WIDTH - 16, top + 13),
            text(
                left + 10,
                top + 41,
                fit(task.run.name, at.WORKER_WIDTH - 18, CODE_LETTER),
                "code on",
            ),
            text(left + 10, top + 57, fit(f"→ {refs}" if refs else "", 86), "on"),
        ]
        return "".join(parts)

    def _store(self, place: NodePlace, scene: Scene) -> str:
        width = at.STORE_RIGHT - at.STORE_LEFT
        assert place.node is not None
        held = scene.held_by(place.node.node_id)
        parts = [
            box(at.STORE_LEFT, place.workers_top, width, place.store_height, "store"),
            text(at.STORE_LEFT + 9, place.workers_top + 18, "object store", "dim"),
        ]
        shown = self._chips(place, scene)
        for position, object_id in enumerate(shown):
            top = place.chip_top(position)
            new = " new" if object_id in scene.fresh else ""
            copied = scene.nodes_of(object_id)[0] != place.node.node_id
            words = f"{self.names.ref(object_id)} {self.names.size(object_id)}"
            parts += [
                box(
                    at.STORE_LEFT + 6,
                    top,
                    width - 12,
                    at.CHIP_HEIGHT,
                    f"object{' copied' if copied else ''}{new}",
                    5,
                ),
                text(at.STORE_LEFT + 13, top + 17, fit(words, width - 24), "on"),
            ]
        if hidden := len(held) - len(shown):
            parts.append(
                text(
                    at.STORE_LEFT + 13, place.chip_top(len(shown)) + 17, f"and {hidden} more", "dim"
                )
            )
        return "".join(parts)

    def _chips(self, place: NodePlace, scene: Scene) -> list[str]:
        held = scene.held_by(place.node.node_id) if place.node else []
        if len(held) <= place.chips:
            return held
        chosen = sorted(held, key=lambda each: each not in scene.fresh)[: place.chips - 1]
        return [each for each in held if each in chosen]

    def _driver(self, rows: list[TaskState], scene: Scene) -> str:
        top = self.layout.driver_top
        if top is None:
            return ""
        left, right = at.LEFT + at.INSET, at.STORE_RIGHT
        height = 34 + at.ROW_HEIGHT * max(self.layout.rows, 1)
        parts = [
            box(left, top, right - left, height, "driver"),
            text(left + 9, top + 18, "driver", "b on"),
            text(right - 9, top + 18, "its tasks and their refs", "on", "end"),
        ]
        for position, task in enumerate(rows):
            parts.append(self._row(task, self.layout.row_middle(position), scene))
        if hidden := len(scene.tasks) - len(rows):
            parts.append(
                text(left + 9, self.layout.row_middle(len(rows)) + 5, f"and {hidden} more", "on")
            )
        if not scene.tasks:
            parts.append(text(left + 9, self.layout.row_middle(0) + 5, "none yet", "on"))
        return group("program", parts)

    def _row(self, task: TaskState, middle: float, scene: Scene) -> str:
        left, right = at.LEFT + at.INSET + 8, at.STORE_RIGHT - 9
        new = " new" if task.run.task_id in scene.fresh else ""
        parts = []
        start: float = left
        returned = self.names.returns(task.run.task_id)
        for object_id in returned[:1]:
            label = fit(self.names.ref(object_id), 80, CODE_LETTER)
            width = len(label) * CODE_LETTER + 10
            known = object_id in scene.exists and not scene.lost(object_id)
            new_ref = " new" if object_id in scene.fresh else ""
            parts += [
                box(left, middle - 11, width, 22, f"ref{' full' if known else ''}{new_ref}", 11),
                text(left + 5, middle + 5, label, "code on"),
            ]
            start = left + width + 6
        call = fit(self.names.call(task.run), right - 84 - start, CODE_LETTER)
        words = task.status.value
        lost = [each for each in returned if scene.lost(each)]
        if task.status is Status.FINISHED and lost:
            words = "lost"
        parts += [
            text(start, middle + 5, call, "code on"),
            _icon(Status.FAILED if words == "lost" else task.status, right - 74, middle),
            text(right, middle + 5, words, f"on{new}", "end"),
        ]
        return "".join(parts)

    def _arrow(self, each: Arrow, scene: Scene, rows: list[TaskState]) -> str:
        run = each.run
        source, goal = self.layout.node(each.from_node_id), self.layout.node(each.to_node_id)
        if each.move is Move.LEASE and run is not None:
            seat = self._seat(goal, run.worker_id)
            row = self._row_of(run.task_id, rows)
            if seat is None or row is None:
                return ""
            left, top = seat
            middle = left + at.WORKER_WIDTH / 2
            return arrow(
                [
                    (at.LEFT + at.INSET, row),
                    (12, row),
                    (12, top - 10),
                    (middle, top - 10),
                    (middle, top),
                ],
                "lease",
            )
        if each.move is Move.RETURN and run is not None:
            seat = self._seat(source, run.worker_id)
            row = self._row_of(run.task_id, rows)
            if seat is None or row is None:
                return ""
            left, top = seat
            middle = left + at.WORKER_WIDTH / 2
            return arrow(
                [
                    (middle, top),
                    (middle, top - 10),
                    (12, top - 10),
                    (12, row),
                    (at.LEFT + at.INSET, row),
                ],
                "data",
            )
        if each.move in (Move.STORE, Move.READ) and run is not None:
            seat = self._seat(source, run.worker_id)
            chip = self._chip_middle(goal, each.object_id, scene)
            if seat is None or chip is None:
                return ""
            left, top = seat
            middle = left + at.WORKER_WIDTH / 2
            bottom = top + at.WORKER_HEIGHT
            points = [
                (middle, bottom),
                (middle, bottom + 10),
                (at.STORE_LEFT - 8, bottom + 10),
                (at.STORE_LEFT - 8, chip),
                (at.STORE_LEFT + 6, chip),
            ]
            return arrow(points if each.move is Move.STORE else points[::-1], "data")
        start = self._chip_middle(source, each.object_id, scene)
        if each.move is Move.COPY:
            end = self._chip_middle(goal, each.object_id, scene)
            if start is None or end is None:
                return ""
            edge = at.STORE_RIGHT - 6
            return arrow([(edge, start), (428, start), (428, end), (edge, end)], "copy")
        row = self._row_of_object(each.object_id, rows)
        if start is None or row is None:
            return ""
        return arrow(
            [(at.STORE_RIGHT - 6, start), (428, start), (428, row), (at.STORE_RIGHT, row)], "data"
        )

    def _seat(self, place: NodePlace | None, worker_id: str | None) -> tuple[float, float] | None:
        worker = self.names.workers.get(worker_id or "")
        return place.workers.get(worker.number) if place and worker else None

    def _row_of(self, task_id: str, rows: list[TaskState]) -> float | None:
        return next(
            (
                self.layout.row_middle(position)
                for position, task in enumerate(rows)
                if task.run.task_id == task_id
            ),
            None,
        )

    def _row_of_object(self, object_id: str | None, rows: list[TaskState]) -> float | None:
        return next(
            (
                self.layout.row_middle(position)
                for position, task in enumerate(rows)
                if object_id in self.names.returns(task.run.task_id)
            ),
            None,
        )

    def _chip_middle(
        self, place: NodePlace | None, object_id: str | None, scene: Scene
    ) -> float | None:
        shown = self._chips(place, scene) if place else []
        if place is None or object_id not in shown:
            return None
        return place.chip_top(shown.index(object_id)) + at.CHIP_HEIGHT / 2

    def _ruler(self, seconds: float) -> str:
        """Draw the time that has passed, to scale, with a tick for each frame."""
        y = self.layout.height - at.RULER_HEIGHT + 14
        whole = max(*self.moments, self.trace.seconds, 1e-9)

        def x(moment: float) -> float:
            return round(at.LEFT + (at.RIGHT - at.LEFT) * min(max(moment / whole, 0), 1), 1)

        now = x(seconds)
        ticks = "".join(f"M{place:g} {y - 4:g}v8" for place in sorted(set(map(x, self.moments))))
        parts = [
            line(f"M{at.LEFT} {y:g}H{at.RIGHT}{ticks}", "axis"),
            line(f"M{at.LEFT} {y:g}H{now:g}", "past"),
            f'<circle class="now" cx="{now:g}" cy="{y:g}" r="6"/>',
        ]
        label = format_seconds(seconds)
        half = len(label) * 4
        middle = min(max(now, at.LEFT + half), at.RIGHT - half)
        parts.append(text(round(middle), y + 23, label, "b", "middle"))
        if middle - half > at.LEFT + 40:
            parts.append(text(at.LEFT, y + 23, "0 ms", "dim"))
        if middle + half < at.RIGHT - 70:
            parts.append(text(at.RIGHT, y + 23, format_seconds(whole), "dim", "end"))
        return group("ruler", parts)


_ICONS = {
    Status.WAITING: '<circle class="icon open" cx="{x}" cy="{y}" r="4.5"/>',
    Status.READY: '<circle class="icon open" cx="{x}" cy="{y}" r="4.5"/>'
    '<path class="icon" d="M{x} {t}a4.5 4.5 0 0 1 0 9z"/>',
    Status.LEASED: '<circle class="icon" cx="{x}" cy="{y}" r="4.5"/>',
    Status.RUNNING: '<path class="icon" d="M{l} {t}l9 4.5l-9 4.5z"/>',
    Status.FINISHED: '<path class="icon stroke" d="M{l} {y}l3.5 4l6-8"/>',
    Status.FAILED: '<path class="icon stroke bad" d="M{l} {t}l9 9m0-9l-9 9"/>',
}


def _icon(status: Status, x: float, y: float) -> str:
    return _ICONS[status].format(x=f"{x:g}", y=f"{y:g}", l=f"{x - 4.5:g}", t=f"{y - 4.5:g}")


def _legend() -> str:
    def sample(picture: str, words: str) -> str:
        return (
            f'<li><svg class="story-frame" aria-hidden="true" viewBox="0 0 44 24">{picture}'
            f"</svg>{words}</li>"
        )

    return (
        '<ul class="story-legend" aria-label="What the shapes mean">'
        + "".join(
            [
                sample(box(2, 2, 40, 20, "task", 6), "a task on a worker"),
                sample(box(2, 2, 40, 20, "slot", 6), "a worker with nothing to do"),
                sample(box(2, 2, 40, 20, "ref", 10), "a ref: its value is not made yet"),
                sample(box(2, 2, 40, 20, "ref full", 10), "a ref whose value exists"),
                sample(box(2, 2, 40, 20, "object", 5), "an object, where it was made"),
                sample(box(2, 2, 40, 20, "object copied", 5), "a copy of it on another node"),
                sample(arrow([(2, 12), (42, 12)], "lease"), "a task goes to a worker"),
                sample(arrow([(2, 12), (42, 12)], "data"), "data within a node, or to the driver"),
                sample(arrow([(2, 12), (42, 12)], "copy"), "an object is copied between nodes"),
            ]
        )
        + "</ul>"
    )
