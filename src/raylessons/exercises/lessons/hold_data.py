"""Graders for holding data: what keeps an array, and what moves."""

from collections.abc import Callable
from random import Random
from typing import Any

from raylessons.cluster.nodes import cluster_nodes
from raylessons.exercises.cases import draw
from raylessons.exercises.demands import all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.full_stores import DELETION_SECONDS, MAKERS, STORE_BYTES, other_store
from raylessons.exercises.heads import HEADS_DEMANDS, HEADS_INPUTS, run_heads
from raylessons.exercises.moves import MOVING_DEMANDS, place_totals, run_moving
from raylessons.exercises.slowness import measure_slowness
from raylessons.exercises.squarings import cpu_share
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count, listing


def grade_heads(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 16: what a generator holds while its caller has what it gave."""
    if verdict := other_store():
        return verdict
    share, seconds = cpu_share(MAKERS), DELETION_SECONDS * measure_slowness()
    for case in draw(HEADS_INPUTS, seed):
        heads = run_heads(answer, case.value, share, seconds, deadline_seconds)
        if verdict := judge(HEADS_DEMANDS, heads):
            return case.tell(verdict, given=f"`numbers={case.value}`")
    return passed(
        "each array had gone when the caller had its head, and so it was at the end.",
        all_kept(HEADS_DEMANDS),
    )


def grade_moving(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 15: an array that is written once on each node that needs it.

    It takes a cluster of two nodes or more, each with a logical CPU.
    """
    nodes = [node for node in cluster_nodes() if node.logical_cpus >= 1]
    if len(nodes) < 2:
        return not_yet(
            "too-few-nodes",
            f"this Ray has {count(len(nodes), 'node')}.",
            "Where there is one node, nothing moves, whatever you do. Start three with "
            "`mini_cluster()` of `raylessons`, and check again.",
        )
    by_number = {node.number: node for node in nodes[:3]}
    stores = []
    for case in draw(place_totals(list(by_number)), seed):
        moving = run_moving(answer, case.value, by_number, Random(seed), deadline_seconds)
        if verdict := judge(MOVING_DEMANDS, moving):
            spread = case.value
            given = f"the array on node {spread.make_on}, `totals` on the nodes {spread.totals_on}"
            return case.tell(verdict, given=given)
        stores.append(moving.stores)
    told = listing([f"{written:.0f}" for written in stores])
    return passed(
        f"the array was written {told} times, once on each node that needed it.",
        all_kept(MOVING_DEMANDS),
    )


HEADS = Exercise(
    number=16,
    title="Find what keeps the memory",
    call="my_heads(make, numbers)",
    section="Who holds an object",
    task=(
        "`make.remote(number)` makes an array of 10 MB. The generator below yields the first "
        "three numbers of each array. Its values are right, it makes the array of each number "
        "once, and it fills the store. Keep all that, but for the last: while the caller has what "
        "you have yielded, and at the end, no array is in the store. The caller keeps all that "
        "you yield."
    ),
    starter_mistake="hands-view",
    grader=grade_heads,
    store_bytes=STORE_BYTES,
)


MOVING = Exercise(
    number=15,
    title="Halve the bytes moved",
    call="my_totals(make, totals)",
    section="Between nodes: put once",
    task=(
        "`make.remote()` makes an array of 8 MB on some node. `totals` is a list of remote "
        "functions, each of which runs on a certain node and takes such an array. Return a list of "
        "what each of them returns for the same array, in their order. Make the array once, and "
        "run each of the `totals` once, where it runs. The program below writes the array eight "
        "times or more. It is enough to write it once into the store of each node that makes or "
        "needs it: do that, and write it into no other."
    ),
    starter_mistake="by-value",
    grader=grade_moving,
    needs_nodes=True,
)
