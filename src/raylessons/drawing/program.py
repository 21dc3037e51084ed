"""The program of a trace as a picture: its tasks, and the refs that tie them together."""

from collections import defaultdict

from raylessons.drawing.layout import RULER_HEIGHT, WIDTH
from raylessons.drawing.svg import CODE_LETTER, arrow, box, fit, line, text
from raylessons.graphs import layers
from raylessons.trace.names import Names
from raylessons.trace.records import TaskKind, TaskRun, Trace

MOST_LAYERS = 4
MOST_COLUMNS = 3
TASK_WIDTH, TASK_HEIGHT = 118, 34
REF_WIDTH, REF_HEIGHT = 70, 22
REF_GAP = 18  # between a task and its ref
COLUMN_WIDTH = 138
LARGEST = 1.35  # times the size of the other pictures


def draw_program(trace: Trace, names: Names, height: float) -> str:
    """Draw the tasks in layers, each with its ref, and lines from refs to the tasks they enter."""
    needs = trace.needs()
    found = [
        [names.tasks[task_id] for task_id in layer]
        for layer in layers({task_id: needs[task_id] for task_id in names.tasks})
    ]
    shown = found[:MOST_LAYERS]
    room = height - RULER_HEIGHT
    if not found:
        return text(WIDTH / 2, room / 2, "no task on record", "dim", "middle")
    columns = max(len(_cells(layer)) for layer in shown)
    block = TASK_HEIGHT + REF_GAP + REF_HEIGHT
    pitch = block + (34 if len(shown) <= 3 else 22)
    deep = len(shown) * pitch - pitch + block + 24 * (len(found) > len(shown))
    scale = min(LARGEST, (WIDTH - 24) / (columns * COLUMN_WIDTH), (room - 24) / deep)
    boxes, ties = "", ""
    refs: dict[str, tuple[float, float]] = {}
    for depth, layer in enumerate(shown):
        y = depth * pitch
        cells = _cells(layer)
        for column, runs in enumerate(cells):
            x = (column - (len(cells) - 1) / 2) * COLUMN_WIDTH
            boxes += _task(runs, x, y, names)
            for run in runs:
                entering = [refs[each] for each in run.argument_ids if each in refs]
                for position, start in enumerate(entering):
                    spread = (position - (len(entering) - 1) / 2) * min(36, 90 / len(entering))
                    ties += _tie(start, (x + spread, y))
                refs.update(dict.fromkeys(names.returns(run.task_id), (x, y + block)))
    if hidden := sum(map(len, found[MOST_LAYERS:])):
        boxes += text(0, len(shown) * pitch + 6, f"and {hidden} tasks behind them", "dim", "middle")
    top = (room - deep * scale) / 2
    return f'<g transform="translate({WIDTH / 2:g} {top:g}) scale({scale:.3g})">{ties}{boxes}</g>'


def _cells(layer: list[TaskRun]) -> list[list[TaskRun]]:
    """Give each task a cell of its own, or share one by name where there are too many."""
    if len(layer) <= MOST_COLUMNS:
        return [[run] for run in layer]
    by_name: dict[str, list[TaskRun]] = defaultdict(list)
    for run in layer:
        by_name[run.name].append(run)
    cells = list(by_name.values())
    last = [run for cell in cells[MOST_COLUMNS - 1 :] for run in cell]
    return cells[: MOST_COLUMNS - 1] + ([last] if last else [])


def _task(runs: list[TaskRun], x: float, y: float, names: Names) -> str:
    many = len({run.name for run in runs}) > 1
    made = all(run.kind is TaskKind.CREATION for run in runs)
    called = names.actor(runs[0].actor_id, runs[0]) if made else runs[0].name
    words = "tasks" if many else fit(called, TASK_WIDTH - 14, CODE_LETTER)
    look = "actor" if made else "task"
    picture = box(x - TASK_WIDTH / 2, y, TASK_WIDTH, TASK_HEIGHT, look)
    picture += text(x, y + 22, words, "code", "middle")
    bottom = y + TASK_HEIGHT
    if len(runs) > 1:
        return picture + text(x, bottom + REF_GAP + 12, f"× {len(runs)}", "b", "middle")
    returned = names.returns(runs[0].task_id)
    if not returned:
        return picture
    label = names.ref(returned[0]) + ("…" if len(returned) > 1 else "")
    top = bottom + REF_GAP
    picture += arrow([(x, bottom), (x, top)], "data")
    picture += box(x - REF_WIDTH / 2, top, REF_WIDTH, REF_HEIGHT, "ref", 11)
    return picture + text(x, top + 16, fit(label, REF_WIDTH - 8, CODE_LETTER), "code", "middle")


def _tie(start: tuple[float, float], end: tuple[float, float]) -> str:
    across, half = end[0] - start[0], (end[1] - 7 - start[1]) / 2
    curve = f"M{start[0]:g} {start[1]:g}c0 {half:g} {across:g} 0 {across:g} {2 * half:g}"
    return line(curve, "data") + line(f"M{end[0]:g} {end[1]:g}l-5-9h10z", "data head")
