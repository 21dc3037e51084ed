"""Hand-written traces that look like the lesson's story on Ray 2.60."""

from raylessons.trace import (
    Get,
    Node,
    ObjectCopy,
    Outcome,
    Phase,
    StoredObject,
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
    size = 16_000_253
    return Trace(
        nodes=NODES,
        workers=WORKERS,
        task_runs=RUNS,
        objects=(
            StoredObject("o1", "ref1", size, False, (ObjectCopy("n1", 0.1395),), "t1"),
            StoredObject(
                "o2",
                "ref2",
                size,
                False,
                (ObjectCopy("n2", 0.1417), ObjectCopy("n1", 0.2315)),
                "t2",
            ),
            StoredObject("o3", "ref3", size, False, (ObjectCopy("n1", 0.3455),), "t3"),
        ),
        transfers=(Transfer("o2", "n2", "n1", 0.2315, "t3"),),
        gets=(Get("o3", 0.0016, 0.3462),) if gets else (),
        seconds=0.3468,
    )


def small_story() -> Trace:
    """The same tasks with arrays of 20 elements, which reach no object store."""
    objects = tuple(
        StoredObject(f"o{turn}", f"ref{turn}", 288, True, (), f"t{turn}") for turn in (1, 2, 3)
    )
    return Trace(NODES, WORKERS, RUNS, objects, (), (Get("o3", 0.0016, 0.3462),), 0.3468)
