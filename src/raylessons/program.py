"""The program of a trace as a picture: its tasks, and the refs that tie them together."""

from collections import defaultdict

from raylessons.layout import WIDTH
from raylessons.names import Names
from raylessons.svg import CODE_LETTER, arrow, box, fit, line, text
from raylessons.trace import TaskRun, Trace

MOST_LAYERS = 4
MOST_COLUMNS = 3
PILL_WIDTH, PILL_HEIGHT = 118, 34
REF_WIDTH = 70
LAYER_HEIGHT = 128


def layers(trace: Trace, names: Names) -> list[list[TaskRun]]:
    """Sort tasks by how many tasks must come before them.

    >>> trace = Trace(task_runs=(TaskRun("t1", "noop"), TaskRun("t2", "noop")))
    >>> [[run.task_id for run in layer] for layer in layers(trace, Names(trace))]
    [['t1', 't2']]
    """
    runs = {run.task_id: run for run in reversed(trace.task_runs)}
    producer = {ref: task_id for task_id in runs for ref in names.returns(task_id)}
    depth = dict.fromkeys(runs, 0)
    for _ in range(len(runs)):  # as deep as a chain can be; records that form a circle stop here
        changed = False
        for task_id, run in runs.items():
            needed = [depth[producer[ref]] + 1 for ref in run.argument_ids if ref in producer]
            deeper = min(max(needed, default=0), len(runs) - 1)
            changed |= deeper > depth[task_id]
            depth[task_id] = max(depth[task_id], deeper)
        if not changed:
            break
    found: dict[int, list[TaskRun]] = defaultdict(list)
    for task_id in reversed(runs):
        found[depth[task_id]].append(runs[task_id])
    return [found[place] for place in sorted(found)]


def draw_program(trace: Trace, names: Names, height: float) -> list[str]:
    """Draw the tasks in layers, each with its ref, and lines from refs to the tasks they enter."""
    found = layers(trace, names)
    shown = found[:MOST_LAYERS]
    pitch = min(LAYER_HEIGHT, (height - 90) / max(len(shown), 1))
    top = max(16, (height - 60 - pitch * len(shown)) / 2)
    boxes, lines, refs = [], [], {}
    for depth, layer in enumerate(shown):
        cells = _cells(layer)
        for column, runs in enumerate(cells):
            middle = (
                WIDTH * (column + 0.5) / len(cells)
                if len(cells) == 1
                else (WIDTH / 2 + (column - (len(cells) - 1) / 2) * 138)
            )
            y = top + depth * pitch
            boxes.append(_task(runs, middle, y, names))
            for run in runs:
                for place, object_id in enumerate(names.returns(run.task_id)):
                    refs[object_id] = (middle, y + PILL_HEIGHT + 40)
                    if place == 0 and len(runs) == 1:
                        boxes.append(_ref(names.ref(object_id), middle, y))
                entering = [refs[each] for each in run.argument_ids if each in refs]
                for position, (x, from_y) in enumerate(entering):
                    spread = (position - (len(entering) - 1) / 2) * min(36, 90 / len(entering))
                    lines.append(_tie(x, from_y, middle + spread, y))
    if len(found) > len(shown):
        hidden = sum(map(len, found[MOST_LAYERS:]))
        boxes.append(
            text(
                WIDTH / 2,
                top + pitch * len(shown),
                f"and {hidden} more behind them",
                "dim",
                "middle",
            )
        )
    if not found:
        boxes.append(text(WIDTH / 2, height / 2 - 20, "no task on record", "dim", "middle"))
    return [*dict.fromkeys(lines), *boxes]


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


def _task(runs: list[TaskRun], middle: float, y: float, names: Names) -> str:
    many = len({run.name for run in runs}) > 1
    words = "tasks" if many else fit(runs[0].name, PILL_WIDTH - 14, CODE_LETTER)
    picture = box(middle - PILL_WIDTH / 2, y, PILL_WIDTH, PILL_HEIGHT, "task")
    picture += text(middle, y + 22, words, "code on", "middle")
    if len(runs) > 1:
        picture += text(middle, y + PILL_HEIGHT + 18, f"× {len(runs)}", "b", "middle")
    return picture


def _ref(label: str, middle: float, y: float) -> str:
    top = y + PILL_HEIGHT + 18
    return (
        arrow([(middle, y + PILL_HEIGHT), (middle, top)], "data")
        + box(middle - REF_WIDTH / 2, top, REF_WIDTH, 22, "ref", 11)
        + text(middle, top + 16, fit(label, REF_WIDTH - 8, CODE_LETTER), "code on", "middle")
    )


def _tie(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (to_y - 7 - y) / 2
    return line(f"M{x:g} {y:g}c0 {half:g} {to_x - x:g} 0 {to_x - x:g} {2 * half:g}", "data") + line(
        f"M{to_x:g} {to_y:g}l-5-9h10z", "data head"
    )
