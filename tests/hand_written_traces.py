"""Hand-written traces: the lesson's story as Ray 2.60 records it, and what can go wrong in one."""

import math
from dataclasses import replace

from raylessons.trace.records import (
    DRIVER,
    Actor,
    Get,
    Node,
    ObjectCopy,
    Outcome,
    Phase,
    StoredObject,
    TaskKind,
    TaskRun,
    Trace,
    Transfer,
    Worker,
)

NODES = tuple(Node(f"n{number}", number, 2, is_driver_node=number == 1) for number in (1, 2, 3))
WORKERS = (
    Worker("w11", "n1", 4711, 1),
    Worker("w12", "n1", 4712, 2),
    Worker("w21", "n2", 4713, 1),
)


SIZE_BYTES = 16_000_253


def _phases(*times: float) -> tuple[Phase, ...]:
    names = ("deserialize_arguments", "execute", "store_outputs")
    return tuple(map(Phase, names, times, times[1:]))


RUNS = (
    TaskRun(
        "t1",
        "make_array",
        0,
        "n1",
        "w11",
        0.0004,
        0.0004,
        0.0074,
        0.0082,
        0.139,
        _phases(0.0082, 0.0083, 0.136, 0.139),
        Outcome.FINISHED,
        return_ids=("o1",),
    ),
    TaskRun(
        "t2",
        "make_array",
        0,
        "n2",
        "w21",
        0.0009,
        0.0009,
        0.0093,
        0.0101,
        0.1412,
        _phases(0.0101, 0.0102, 0.138, 0.1412),
        Outcome.FINISHED,
        return_ids=("o2",),
    ),
    TaskRun(
        "t3",
        "add_arrays",
        0,
        "n1",
        "w11",
        0.0013,
        0.1418,
        0.232,
        0.2331,
        0.345,
        _phases(0.2331, 0.2339, 0.341, 0.345),
        Outcome.FINISHED,
        argument_ids=("o1", "o2"),
        return_ids=("o3",),
    ),
)


def story(gets: bool = True) -> Trace:
    """Two arrays of 16 MB made on nodes 1 and 2, one copied, both added on node 1."""
    return Trace(
        nodes=NODES,
        workers=WORKERS,
        task_runs=RUNS,
        objects=(
            stored("o1", "ref1", "t1", ObjectCopy("n1", 0.1395)),
            stored("o2", "ref2", "t2", ObjectCopy("n2", 0.1417), ObjectCopy("n1", 0.2315)),
            stored("o3", "ref3", "t3", ObjectCopy("n1", 0.3455)),
        ),
        transfers=(Transfer("o2", "n2", "n1", 0.2315, "t3"),),
        gets=(Get("o3", 0.0016, 0.3462),) if gets else (),
        seconds=0.3468,
    )


def stored(object_id: str, label: str, task_id: str | None, *copies: ObjectCopy) -> StoredObject:
    return StoredObject(object_id, label, SIZE_BYTES, False, copies, task_id)


def small_story() -> Trace:
    """The same tasks with arrays of 20 elements, which reach no object store."""
    objects = tuple(
        StoredObject(f"o{turn}", f"ref{turn}", 288, True, (), f"t{turn}") for turn in (1, 2, 3)
    )
    return Trace(NODES, WORKERS, RUNS, objects, (), (Get("o3", 0.0016, 0.3462),), 0.3468)


def finished(task_id: str, name: str, *times: float, **more: object) -> TaskRun:
    """A run on worker 1 of node 1, submitted, ready, leased, started and ended at these times."""
    run = TaskRun(task_id, name, 0, "n1", "w11", *times, outcome=Outcome.FINISHED)
    return replace(run, **more)


def end_heard_late() -> Trace:
    """One worker runs two tasks, and the owner hears of the first end after the second start."""
    phases = {"phases": _phases(0.01, 0.011, 0.049, 0.05)}
    return Trace(
        nodes=NODES[:1],
        workers=WORKERS[:1],
        task_runs=(
            finished("t1", "noop", 0.0, 0.0, 0.009, 0.01, 0.07, **phases),
            finished("t2", "noop", 0.001, 0.001, 0.051, 0.052, 0.1),
        ),
        seconds=0.1,
    )


def maker_named_by_its_object() -> Trace:
    """A task without return ids, whose object names it, and one that takes the object in."""
    return Trace(
        nodes=NODES[:1],
        workers=WORKERS[:1],
        task_runs=(
            finished("t1", "make", 0.0, 0.0, 0.01, 0.02, 0.1),
            finished("t2", "use", 0.001, 0.1, 0.11, 0.12, 0.2, argument_ids=("o1",)),
        ),
        objects=(stored("o1", "ref1", "t1", ObjectCopy("n1", 0.1)),),
        seconds=0.3,
    )


def node_removed() -> Trace:
    """Node 2 leaves with the only copy of ref2, which is then made again on node 1."""
    again = finished("t2", "make_array", 0.41, 0.41, 0.415, 0.416, 0.55, attempt=1)
    return Trace(
        nodes=(NODES[0], replace(NODES[1], removed=0.4), NODES[2]),
        workers=WORKERS,
        task_runs=(*RUNS[:2], replace(again, worker_id="w12", return_ids=("o2",))),
        objects=(
            stored("o1", "ref1", "t1", ObjectCopy("n1", 0.1395)),
            stored("o2", "ref2", "t2", ObjectCopy("n2", 0.1417, 0.41), ObjectCopy("n1", 0.551)),
        ),
        gets=(Get("o2", 0.42, 0.56),),
        seconds=0.57,
    )


def worker_killed() -> Trace:
    """The worker of the first attempt dies; the second attempt runs in another."""
    return Trace(
        nodes=NODES[:1],
        workers=(Worker("w11", "n1", None, 1), Worker("w12", "n1", 77, 2)),
        task_runs=(
            TaskRun(
                "t1", "flaky", 0, "n1", "w11", 0.001, 0.001, 0.004, None, 0.016,
                outcome=Outcome.FAILED, error="WORKER_DIED: The worker died unexpectedly.\nMore.",
            ),
            finished(
                "t1", "flaky", 0.6, 0.6, 0.9, 0.91, 0.92,
                worker_id="w12", attempt=1, return_ids=("o1",),
            ),
        ),
        objects=(StoredObject("o1", "ref1", 28, True, (), "t1"),),
        seconds=1.0,
    )  # fmt: skip


def task_never_ended() -> Trace:
    whole = story(gets=False)
    open_run = replace(RUNS[2], ended=None, outcome=Outcome.UNFINISHED, phases=())
    objects = (*whole.objects[:2], StoredObject("o3", "ref3", task_id="t3"))
    return replace(whole, task_runs=(*RUNS[:2], open_run), objects=objects, seconds=0.4)


def object_lost() -> Trace:
    whole = story(gets=False)
    lost = stored("o1", "ref1", "t1", ObjectCopy("n1", 0.1395, lost=0.36))
    return replace(whole, objects=(lost, *whole.objects[1:]), seconds=0.4)


def clocks_differ() -> Trace:
    """Node 2's clock is behind, and add_arrays is dated before its arguments, end before start."""
    early = replace(RUNS[1], leased=-0.02, started=-0.015, ended=0.08, phases=())
    muddled = replace(RUNS[2], leased=0.09, started=0.1, ended=0.05, phases=())
    return replace(story(), task_runs=(RUNS[0], early, muddled))


def put_and_nested() -> Trace:
    """The driver puts an object; its task submits two of its own, one of two results."""
    return Trace(
        nodes=NODES[:2],
        workers=WORKERS,
        task_runs=(
            finished(
                "p", "parent", 0.01, 0.01, 0.02, 0.021, 0.3,
                argument_ids=("o0",), return_ids=("o9",),
            ),
            finished(
                "c1", "child", 0.05, 0.05, 0.06, 0.061, 0.2,
                node_id="n2", worker_id="w21", parent_task_id="p", return_ids=("o1", "o2"),
            ),
            finished(
                "c2", "child", 0.051, 0.051, 0.06, 0.061, 0.2, worker_id="w12", parent_task_id="p",
            ),
        ),
        objects=(
            replace(
                stored("o0", "data", None, ObjectCopy("n1", 0.005), ObjectCopy("n2", 0.058)),
                put_by=DRIVER,
            ),
            StoredObject("o9", "total", 10, True, (), "p"),
            stored("o1", "left", "c1", ObjectCopy("n2", 0.201)),
            stored("o2", "right", "c1", ObjectCopy("n2", 0.201)),
        ),
        seconds=0.35,
    )  # fmt: skip


def circle() -> Trace:
    """Two tasks that each take the other's result: no such record can be right."""
    return Trace(
        nodes=NODES,
        workers=WORKERS,
        task_runs=(
            finished("a", "f", 0.1, 0.1, 0.1, 0.15, 0.2, argument_ids=("ob",), return_ids=("oa",)),
            finished("b", "g", 0.1, 0.1, 0.1, 0.12, 0.2, argument_ids=("oa",), return_ids=("ob",)),
        ),
        objects=(StoredObject("oa", "ref1", task_id="a"), StoredObject("ob", "ref2", task_id="b")),
    )


def bare() -> Trace:
    """Records that tell hardly anything, some of it about nodes and objects they do not name."""
    return Trace(
        task_runs=(
            TaskRun("x", "f"),
            TaskRun(
                "y", "g", 0, "n7", "w7", ended=0.1, outcome=Outcome.FINISHED, argument_ids=("o7",)
            ),
            TaskRun("z", "h", started=math.nan, ended=math.inf, outcome=Outcome.FINISHED),
        )
    )


def badly_named() -> Trace:
    """Names that would break SVG and HTML, and that are too long for their boxes."""
    whole = story()
    name = '<script>"x" & a name that is much too long\x1b\x00'
    return replace(
        whole,
        task_runs=tuple(replace(run, name=name) for run in whole.task_runs),
        objects=tuple(replace(each, label=f'<"&{each.label}' * 5) for each in whole.objects),
    )


def crowd(tasks: int = 100) -> Trace:
    """Twelve nodes of four workers each, which take turns at many tasks."""
    nodes = tuple(Node(f"n{number}", number, 4, number == 1) for number in range(1, 13))
    workers = tuple(
        Worker(f"w{number}{slot}", f"n{number}", None, slot)
        for number in range(1, 13)
        for slot in range(1, 5)
    )
    runs, objects = [], []
    for turn in range(tasks):
        worker = workers[turn % len(workers)]
        start = 0.01 + 0.1 * (turn // len(workers)) + 0.0003 * turn
        end = start + 0.05 + 0.001 * (turn % 7)
        times = (0.0001 * turn, 0.0001 * turn, start - 0.001, start, end)
        where = {"node_id": worker.node_id, "worker_id": worker.worker_id}
        runs.append(finished(f"t{turn}", "slow_square", *times, **where))
        copy = ObjectCopy(worker.node_id, end)
        objects.append(stored(f"o{turn}", f"ref{turn + 1}", f"t{turn}", copy))
    return Trace(nodes, workers, tuple(runs), tuple(objects), seconds=objects[-1].copies[0].seen)


def hang() -> Trace:
    """A task that no node can run, one that waits for its result, and a get that timed out."""
    return Trace(
        nodes=NODES[:1],
        workers=WORKERS[:1],
        task_runs=(
            TaskRun("t1", "needs_a_gpu", submitted=0.01, return_ids=("o1",)),
            TaskRun("t2", "use", submitted=0.02, argument_ids=("o1",), return_ids=("o2",)),
        ),
        objects=(
            StoredObject("o1", "ref1", task_id="t1"),
            StoredObject("o2", "ref2", task_id="t2"),
        ),
        gets=(Get("o2", 0.03, 3.03, "GetTimeoutError: Get timed out."),),
        seconds=3.04,
    )


def call(task_id: str, name: str, *times: float | None, **more: object) -> TaskRun:
    """A call of actor a1 in worker 2 of node 1, submitted, started and ended at these times."""
    submitted, started, ended = times
    run = TaskRun(
        task_id, name, 0, "n1", "w12", submitted, None, None, started, ended,
        outcome=Outcome.FINISHED, kind=TaskKind.CALL, actor_id="a1",
    )  # fmt: skip
    return replace(run, **more)


def actor_counts() -> Trace:
    """A Counter is made, answers one call after another while a task runs, and is killed."""
    creation = call("c", "Counter.__init__", 0.01, 0.3, 0.34, kind=TaskKind.CREATION, leased=0.28)
    calls = [
        call(f"m{turn}", "Counter.add", 0.02 + 0.001 * turn, at, at + 0.1, return_ids=(f"o{turn}",))
        for turn, at in enumerate((0.35, 0.46, 0.57, 0.68))
    ]
    lost = call("m9", "Counter.add", 0.03, 0.79, 0.85, outcome=Outcome.FAILED,
                error="ActorDiedError: The actor was killed.", return_ids=("o9",))  # fmt: skip
    returned = [*(each.return_ids[0] for each in calls), "o9"]
    return Trace(
        nodes=NODES[:1],
        workers=WORKERS[:2],
        task_runs=(
            creation,
            *calls,
            lost,
            finished("t1", "noop", 0.05, 0.05, 0.06, 0.07, 0.5, return_ids=("o8",)),
        ),
        objects=tuple(
            StoredObject(object_id, f"ref{turn}", 28, True, task_id=task_id)
            for turn, (object_id, task_id) in enumerate(
                zip([*returned, "o8"], ["m0", "m1", "m2", "m3", "m9", "t1"], strict=True), start=1
            )
        ),
        gets=(Get("o9", 0.04, 0.86, "ActorDiedError: The actor was killed."),),
        actors=(Actor("a1", "Counter", "n1", "w12", 0.01, 0.34, 0.85, "killed by ray.kill", 0, 1),),
        seconds=1.0,
    )


def actor_at_once() -> Trace:
    """An actor of two threads that was restarted on node 2, one call of which was cancelled."""
    where = {"node_id": "n2", "worker_id": "w21"}
    return Trace(
        nodes=NODES[:2],
        workers=WORKERS,
        task_runs=(
            call("c", "Fetcher.__init__", 0.0, 0.1, 0.12, kind=TaskKind.CREATION, leased=0.09),
            call("m1", "Fetcher.get", 0.01, 0.13, 0.5),
            call("m2", "Fetcher.get", 0.01, 0.14, 0.3, outcome=Outcome.CANCELLED),
            call("m3", "Fetcher.get", 0.01, 0.31, 0.4),
            call("m4", "Fetcher.get", 0.6, 0.9, 1.2, **where),
            call("m5", "Fetcher.get", 0.6, None, None, outcome=Outcome.UNFINISHED, **where),
        ),
        actors=(Actor("a1", "Fetcher", "n2", "w21", 0.0, 0.85, restarts=1, concurrency=2),),
        seconds=1.3,
    )


def actor_waits() -> Trace:
    """An actor for which there is no place yet, and two calls that wait for it."""
    pending = {"node_id": None, "worker_id": None, "outcome": Outcome.UNFINISHED}
    return Trace(
        nodes=NODES[:1],
        workers=WORKERS[:1],
        task_runs=(
            call("c", "Model.__init__", 0.1, None, None, kind=TaskKind.CREATION, **pending),
            call("m1", "Model.ask", 0.11, None, None, **pending),
            call("m2", "Model.ask", 0.12, None, None, **pending),
        ),
        actors=(Actor("a1", "Model", created=0.1),),
        seconds=2.0,
    )


ODD = (
    end_heard_late,
    maker_named_by_its_object,
    node_removed,
    worker_killed,
    task_never_ended,
    object_lost,
    clocks_differ,
    put_and_nested,
    circle,
    bare,
    badly_named,
    crowd,
    hang,
    actor_counts,
    actor_at_once,
    actor_waits,
    Trace,
)
