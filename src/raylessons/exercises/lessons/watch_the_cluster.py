"""Graders for the page that watches a cluster: reading a trace, and moving nothing big."""

from collections.abc import Callable
from typing import Any

import numpy as np
import ray

from raylessons.cluster.nodes import cluster_nodes, on_node
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.recording.recorder import record
from raylessons.trace.records import Node, ObjectCopy, StoredObject, Trace, Transfer
from raylessons.words import count, describe, format_bytes, times
from raylessons.workloads import add_arrays, make_array

BIG_ELEMENTS, SMALL_ELEMENTS = 1_000_000, 50_000


def moved_bytes(trace: Trace) -> int:
    """Tell how many bytes a trace saw copied from node to node. An unknown size counts as none.

    >>> moved_bytes(RECORDS[0])
    16000000
    """
    sizes = {stored.object_id: stored.size_bytes or 0 for stored in trace.objects}
    return sum(sizes.get(transfer.object_id, 0) for transfer in trace.transfers)


NODES = tuple(Node(f"n{number}", number, 2, is_driver_node=number == 1) for number in (1, 2, 3))
# The lesson's own program, with its one copy.
STORY = Trace(
    nodes=NODES,
    objects=(
        StoredObject("o1", "ref1", 16_000_000, False, (ObjectCopy("n1", 0.1),), "t1"),
        StoredObject(
            "o2", "ref2", 16_000_000, False, (ObjectCopy("n2", 0.1), ObjectCopy("n1", 0.2)), "t2"
        ),
        StoredObject("o3", "ref3", 8_000_000, False, (ObjectCopy("n1", 0.3),), "t3"),
    ),
    transfers=(Transfer("o2", "n2", "n1", 0.2, "t3"),),
)
# One object goes to two nodes, one travels with its ref, and of one nothing is known.
WIDE = Trace(
    nodes=NODES,
    objects=(
        StoredObject(
            "o1",
            "ref1",
            3_000_000,
            False,
            (ObjectCopy("n1", 0.1), ObjectCopy("n2", 0.2), ObjectCopy("n3", 0.2)),
        ),
        StoredObject("o2", "ref2", 208, True),
        StoredObject(
            "o3", "ref3", None, None, (ObjectCopy("n3", 0.3), ObjectCopy("n1", 0.4)), "t1"
        ),
        StoredObject("o4", "ref4", 500_000, False, (ObjectCopy("n2", 0.4),), "t2"),
    ),
    transfers=(
        Transfer("o1", "n1", "n2", 0.2),
        Transfer("o1", "n1", "n3", 0.2),
        Transfer("o3", "n3", "n1", 0.4),
    ),
)
RECORDS = (STORY, WIDE, Trace())


def grade_moved_bytes(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 10: how many bytes moved, on traces from a drawer and on one from this Ray."""
    for trace in RECORDS:
        seen = observe(answer, trace, deadline_seconds=deadline_seconds, recorded=False)
        if verdict := _reading_mistake(seen, trace):
            return verdict
    trace = _record_here()
    seen = observe(answer, trace, deadline_seconds=deadline_seconds, recorded=False)
    return _reading_mistake(seen, trace) or passed(
        f"{count(len(RECORDS), 'written trace')} read right, and one recorded a moment ago: "
        f"{count(len(trace.objects), 'object')} on {count(len(trace.nodes), 'node')}, "
        f"{format_bytes(seen.value)} moved."
    )


def _record_here() -> Trace:
    make, add = ray.remote(make_array), ray.remote(add_arrays)
    with record() as recording:
        arrays = [make.remote(SMALL_ELEMENTS, 0) for _ in range(2)]
        ray.wait([add.remote(*arrays, 0)])
    return recording.trace


def _reading_mistake(seen: Observation, trace: Trace) -> Verdict | None:
    expected = moved_bytes(trace)
    if isinstance(seen.error, TypeError) and any(one.size_bytes is None for one in trace.objects):
        return not_yet(
            "unknown-size",
            f"`TypeError` came of a trace with an object whose size Ray did not tell: {seen.error}",
            "A trace says `None` where it knows nothing. Count what is unknown as nothing.",
        )
    if verdict := common_mistake(seen, wants="value"):
        return verdict
    if seen.value == expected and isinstance(seen.value, int) and not isinstance(seen.value, bool):
        return None
    story = (
        f"you returned {describe(seen.value)} for a trace of {count(len(trace.objects), 'object')} "
        f"and {count(len(trace.transfers), 'transfer')}, where {expected} was right."
    )
    known = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    moved = {transfer.object_id for transfer in trace.transfers}
    guesses = {
        sum(known.values()): (
            "all-objects",
            "You count every object. Most of them stayed where they were made: which part of the "
            "trace shows what was copied?",
        ),
        sum(known[one.object_id] * len(one.copies) for one in trace.objects): (
            "all-copies",
            "You count every place that an object was in, with the one where it was made. "
            "Nothing had to move there.",
        ),
        len(trace.transfers): (
            "counts-transfers",
            "You count the copies, and not their bytes. An object knows its size: how do you find "
            "the object of a transfer?",
        ),
        sum(known[each] for each in moved): (
            "each-once",
            "You count each object once, and one of these went to two nodes: "
            "its bytes moved twice.",
        ),
    }
    if isinstance(seen.value, int) and seen.value in guesses:
        mistake, hint = guesses[seen.value]
        return not_yet(mistake, story, hint)
    return not_yet(
        "wrong-values",
        story,
        "Take one transfer by hand: which object does it name, and how big is that?",
    )


def combine(big: Any, small: Any) -> float:
    """Add up all numbers of two arrays."""
    return float(big.sum() + small.sum())


def grade_total(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 11: a task that runs where its bigger input lies.

    It takes a cluster of two nodes or more: the big array is made on the last of them.
    """
    nodes = cluster_nodes()
    if len(nodes) < 2:
        return not_yet(
            "too-few-nodes",
            f"this Ray has {count(len(nodes), 'node')}.",
            "Where there is one node, nothing moves, whatever you do. Start three with "
            "`mini_cluster()` of `raylessons`, and check again.",
        )
    ones = ray.remote(np.ones)
    far = len(nodes)
    big = ones.options(scheduling_strategy=on_node(far)).remote(BIG_ELEMENTS)
    small = ones.options(scheduling_strategy=on_node(1)).remote(SMALL_ELEMENTS)
    ray.wait([big, small], num_returns=2, fetch_local=False)
    seen = observe(
        answer, ray.remote(combine), big, small, deadline_seconds=deadline_seconds, fetch=True
    )
    verdict = common_mistake(seen, wants="ref") or _move_mistake(seen, big, small, far)
    return verdict or passed(
        f"`combine` ran on node {far}, where the big array was; "
        f"{format_bytes(_moved(seen, small))} of the small one moved there, "
        f"and none of the {format_bytes(8 * BIG_ELEMENTS)} of the big one."
    )


def _move_mistake(seen: Observation, big: Any, small: Any, far: int) -> Verdict | None:
    if fetched := [call for call in seen.named("get") if big in _asked(call.arguments)]:
        return not_yet(
            "fetches",
            f"the driver asked for the big array {times(len(fetched))}.",
            "`ray.get` brings the whole array to the driver. The task can have it where it is: "
            "what is it that you pass to the task?",
        )
    if not seen.submissions:
        return not_yet(
            "no-tasks", "no task ran.", "Nothing was combined by a task: call `combine.remote`."
        )
    if not isinstance(seen.value, ray.ObjectRef):
        return not_yet(
            "no-ref",
            f"your function returned {describe(seen.value)}.",
            "Return the ref of the total, and leave the wait to who needs it.",
        )
    if seen.fetched != BIG_ELEMENTS + SMALL_ELEMENTS:
        return not_yet(
            "wrong-values",
            f"the total is {seen.fetched}, where {BIG_ELEMENTS + SMALL_ELEMENTS} was right.",
            "The total is that of both arrays, each once.",
        )
    arguments = {ref for each in seen.submissions for ref in each.arguments}
    if big not in arguments:
        return not_yet(
            "hidden-refs",
            "the big array was no argument of a task that Ray could see.",
            "A ref inside a list tells Ray nothing of the bytes behind it, so the task is "
            "placed without them. Pass the ref as an argument.",
        )
    if _moved(seen, big):
        where = {node.node_id: node.number for node in seen.trace.nodes}
        ran = [where.get(run.node_id or "") for run in seen.runs]
        return not_yet(
            "big-moved",
            f"the big array was on node {far}, your task ran on node {ran[0] if ran else '?'}, "
            f"and {format_bytes(_moved(seen, big))} were copied.",
            "The task was sent away from its data. Who would choose better than you, if you left "
            "the choice, and what does it know of the arguments?",
        )
    return None


def _asked(arguments: dict[str, Any]) -> list[Any]:
    refs = arguments.get("object_refs")
    return refs if isinstance(refs, list) else [refs]


def _moved(seen: Observation, ref: Any) -> int:
    sizes = {stored.object_id: stored.size_bytes or 0 for stored in seen.trace.objects}
    return sum(
        sizes.get(transfer.object_id, 0)
        for transfer in seen.trace.transfers
        if transfer.object_id == ref.hex()
    )


MOVED_BYTES = Exercise(
    number=10,
    title="Count what moved",
    call="my_moved_bytes(trace)",
    section="What is not on the node is copied, once",
    task=(
        "Given the `trace` of a recording, return how many bytes were copied from one node to "
        "another. What went to two nodes was copied twice. An object of unknown size counts as "
        "nothing."
    ),
    starter_mistake="all-objects",
    grader=grade_moved_bytes,
)


TOTAL = Exercise(
    number=11,
    title="Move nothing big",
    call="my_total(combine, big, small)",
    section="What moves where",
    task=(
        "`big` and `small` are refs of arrays that are on different nodes, and `combine` is a "
        "remote function that adds them up. Return the ref of their total, made without moving "
        "the big one."
    ),
    starter_mistake="big-moved",
    grader=grade_total,
    needs_nodes=True,
)
