"""Traces of all sorts, right and wrong, for what must hold whatever a record says."""

from dataclasses import replace

from hand_written_traces import NODES
from hypothesis import strategies as some

from raylessons.trace.records import (
    Get,
    ObjectCopy,
    Outcome,
    StoredObject,
    TaskRun,
    Trace,
    Transfer,
    Worker,
)

moments = some.none() | some.floats(-0.1, 1.0)
node_ids = some.none() | some.sampled_from(["n1", "n2", "n3", "gone"])
object_ids = some.sampled_from(["o1", "o2", "o3", "o4"])
runs = some.builds(
    TaskRun,
    task_id=some.sampled_from(["t1", "t2", "t3"]),
    name=some.sampled_from(["f", "g"]),
    attempt=some.integers(0, 2),
    node_id=node_ids,
    worker_id=some.none() | some.sampled_from(["w1", "w2", "gone"]),
    submitted=moments,
    arguments_ready=moments,
    leased=moments,
    started=moments,
    ended=moments,
    outcome=some.sampled_from(Outcome),
    error=some.none() | some.text(max_size=20),
    parent_task_id=some.none() | some.sampled_from(["t1", "t2"]),
    argument_ids=some.lists(object_ids, max_size=3).map(tuple),
    return_ids=some.lists(object_ids, max_size=2).map(tuple),
)
copies = some.builds(
    ObjectCopy, some.sampled_from(["n1", "n2", "gone"]), some.floats(0, 1), moments
)
objects = some.builds(
    StoredObject,
    object_ids,
    some.text(max_size=5),
    some.none() | some.integers(0, 10**9),
    some.none() | some.booleans(),
    some.lists(copies, max_size=3).map(tuple),
    some.none() | some.sampled_from(["t1", "t2", "gone"]),
)
transfers = some.builds(
    Transfer, object_ids, node_ids, some.sampled_from(["n1", "n2"]), some.floats(0, 1)
)
any_traces = some.builds(
    Trace,
    nodes=some.just((NODES[0], replace(NODES[1], removed=0.5), NODES[2])) | some.just(()),
    workers=some.just((Worker("w1", "n1", 1, 1), Worker("w2", "n2", 2, 7))),
    task_runs=some.lists(runs, max_size=6, unique_by=lambda run: (run.task_id, run.attempt)).map(
        tuple
    ),
    objects=some.lists(objects, max_size=4, unique_by=lambda each: each.object_id).map(tuple),
    transfers=some.lists(transfers, max_size=3).map(tuple),
    gets=some.lists(some.builds(Get, object_ids, some.floats(0, 1), moments)).map(tuple),
    seconds=some.floats(0, 1),
)
