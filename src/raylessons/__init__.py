"""What the pages of Ray Lessons import, and what a reader takes away.

`from raylessons import record, draw_story` is all that a page, a notebook or a program of your own
needs: the names in `__all__`, each loaded when it is first asked for. Behind them lie these rooms;
an import only goes down.

- `commands`: the command line.
- `exercises`: what each asks for, and graders that say what is wrong with an answer.
- `report`: any program recorded, summed up, and written as one page.
- `drawing`, `plots`: a trace as pictures of a cluster, and measurements as Bokeh figures; what a
  page lets its reader choose.
- `story`: a trace as a few frames, in words.
- `recording`: how a trace comes about.
- `cluster`: a Ray to run on: a session, three nodes on this machine, what is private to Ray.
- `claims`, `questions`, `schedule`, `sweeps`, `waiting`: statements that ran; what is right of what
  a page asked; who runs when; how big a task must be to be worth it; results as they finish.
- `trace`, `timing`, `rounds`, `workloads`, `display`: what happened; how long things take; when
  `ray.wait` returns; the tasks of the lessons; what an output shows.
- `words`, `graphs`: how sentences are written, and questions of any graph of tasks.
"""

from importlib import import_module

__version__ = "0.1.0"

# The names of the face, by the modules that have them; `__init__.pyi` tells type checkers the same.
# They are loaded on demand: a worker that imports `raylessons.workloads`, to find a lesson's task,
# comes by here and must not load Bokeh for it. No library does that here, since a worker of a
# cluster that a reader joins has this package from the driver, and nothing else.
_FACE = {
    "claims": ("ClaimError", "claim", "note"),
    "cluster.dashboard": ("Picture", "photograph_dashboard"),
    "cluster.listeners": ("Listener", "find_listeners"),
    "cluster.memory": ("StoreUse", "backing_file", "measure_stores"),
    "cluster.mini": ("MiniCluster", "mini_cluster"),
    "cluster.nodes": ("on_node", "pick_nodes"),
    "cluster.session": ("Session", "start_ray", "warm_up"),
    "drawing.comparison": ("Comparison", "compare"),
    "drawing.page": ("Drawing", "draw_story"),
    "exercises.catalogue": ("check",),
    "exercises.verdicts": ("Verdict",),
    "plots.explorer": ("Explorer",),
    "plots.figure": ("Plot",),
    "plots.programs": ("explore_schedules",),
    "plots.rounds": ("explore_rounds",),
    "plots.schedules": ("plot_beside", "plot_makespans", "plot_prediction"),
    "plots.sizes": ("explore_sizes",),
    "plots.sweeps": ("plot_sweep",),
    "plots.timeline": ("plot_timeline",),
    "questions": ("reveal",),
    "recording.recorder": ("Recording", "record"),
    "report.files": ("read_trace", "write_trace"),
    "report.page": ("write_report",),
    "rounds": ("PlannedRound", "plan_rounds"),
    "schedule": ("PlannedRun", "Schedule", "Task", "predict_schedule"),
    "story.frames": ("Frame",),
    "sweeps": (
        "Point",
        "Sweep",
        "crossing",
        "describe_crossing",
        "one_two_five",
        "predict_speedup",
        "sweep",
    ),
    "timing": ("Sample", "Stopwatch", "duration_line", "measure", "stopwatch"),
    "trace.records": (
        "Actor",
        "Get",
        "Node",
        "ObjectCopy",
        "Outcome",
        "Phase",
        "StoredObject",
        "TaskKind",
        "TaskRun",
        "Trace",
        "Transfer",
        "WaitRound",
        "Worker",
    ),
    "waiting": ("Gathered", "gather", "wait_in_rounds"),
    "words": ("format_bytes", "format_seconds"),
    "workloads": ("add_arrays", "make_array", "noop", "slow_square"),
}
_HOMES = {name: module for module, names in _FACE.items() for name in names}
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    """Load a name of the face, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the face, loaded or not."""
    return sorted({*globals(), *__all__})
