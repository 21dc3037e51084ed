"""Traces of all sorts, right and wrong, for what must hold whatever a record says."""

from dataclasses import replace

from hand_written_traces import NODES
from hypothesis import strategies as some

from raylessons.trace.records import (
    Actor,
    Get,
    ObjectCopy,
    Outcome,
    Phase,
    StoredObject,
    TaskKind,
    TaskRun,
    Trace,
    Transfer,
    WaitRound,
    Worker,
)

moments = some.none() | some.floats(-0.1, 1.0)
node_ids = some.none() | some.sampled_from(["n1", "n2", "n3", "gone"])
object_ids = some.sampled_from(["o1", "o2", "o3", "o4"])
actor_ids = some.sampled_from(["a1", "a2"])
errors = some.none() | some.text(max_size=20)
phases = some.builds(
    Phase,
    some.sampled_from(["deserialize_arguments", "execute", "store_outputs", "other"]),
    some.floats(-0.1, 1.0),
    some.floats(-0.1, 1.0),
)
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
    phases=some.just(()) | some.lists(phases, max_size=3).map(tuple),
    kind=some.sampled_from(TaskKind),
    actor_id=some.none() | actor_ids | some.just("gone"),
    streams=some.booleans(),
    arguments_known=some.booleans(),
)
actors = some.builds(
    Actor,
    actor_ids,
    some.sampled_from(["Counter", "node 1 · worker 1", "<b>"]),
    node_id=node_ids,
    worker_id=some.none() | some.sampled_from(["w1", "w2", "gone"]),
    created=moments,
    ready=moments,
    died=moments,
    death=errors,
    restarts=some.integers(0, 2),
    concurrency=some.none() | some.sampled_from([1, 3]),
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
    error=errors,
    spilled=moments,
    released=moments,
)
transfers = some.builds(
    Transfer, object_ids, node_ids, some.sampled_from(["n1", "n2"]), some.floats(0, 1)
)
any_traces = some.builds(
    Trace,
    nodes=some.just((NODES[0], replace(NODES[1], removed=0.5), replace(NODES[2], joined=0.25)))
    | some.just(()),
    workers=some.just((Worker("w1", "n1", 1, 1), Worker("w2", "n2", 2, 7))),
    task_runs=some.lists(runs, max_size=6, unique_by=lambda run: (run.task_id, run.attempt)).map(
        tuple
    ),
    objects=some.lists(objects, max_size=4, unique_by=lambda each: each.object_id).map(tuple),
    transfers=some.lists(transfers, max_size=3).map(tuple),
    gets=some.lists(
        some.builds(Get, object_ids, some.floats(0, 1), moments, errors, gave_up=moments)
    ).map(tuple),
    wait_rounds=some.lists(
        some.builds(
            WaitRound,
            some.lists(object_ids, max_size=2).map(tuple),
            some.integers(1, 4),
            some.integers(1, 3),
            some.floats(0, 1),
            some.floats(0, 1),
            some.integers(0, 1),
        ),
        max_size=3,
    ).map(tuple),
    seconds=some.floats(0, 1),
    actors=some.lists(actors, max_size=2, unique_by=lambda each: each.actor_id).map(tuple),
    unrecorded_tasks=some.integers(0, 2),
    record_limit=some.none() | some.just(300),
)
