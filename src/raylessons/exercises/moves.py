"""What an answer to exercise 15 writes into the stores of several nodes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from raylessons.cluster.memory import measure_stores
from raylessons.exercises.cases import Family
from raylessons.exercises.demands import Demand
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import common_mistake, wrong_list
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.exercises.waits import refs_of
from raylessons.trace.records import Node
from raylessons.words import count, format_bytes, times

MOVED_ELEMENTS = 1_000_000
MOST_TRIES = 3


@dataclass(frozen=True)
class Spread:
    """Where the array of exercise 15 is made, and on which nodes it is needed."""

    make_on: int
    totals_on: list[int]

    @property
    def needed_on(self) -> set[int]:
        """Return the nodes whose stores have to have it."""
        return {self.make_on, *self.totals_on}


@dataclass(frozen=True)
class Moving:
    """What an answer to exercise 15 did with an array."""

    spread: Spread
    seen: Observation
    expected: list[float]
    written_bytes: int
    made: list[str]  # the tasks that made the array, by their ids
    ran: dict[str, list[int]]  # the totals of each task, and on which node: by `_code`

    @property
    def stores(self) -> float:
        """Return how many times the array was written."""
        return self.written_bytes / (8 * MOVED_ELEMENTS)

    @property
    def is_too_much(self) -> bool:
        """Tell whether that is more than once for each node that needs it."""
        return self.stores > len(self.spread.needed_on) + 0.5

    @property
    def calls(self) -> list[Submission]:
        """Return the driver's submissions of the totals."""
        return [each for each in self.seen.submissions if each.task_id in self.ran]


def _code(total: int, node: int) -> int:
    return 100 * total + node


def place_totals(nodes: list[int]) -> Family:
    """Return where the array can be made and needed on some nodes, the program's own first."""
    here, *far = nodes

    def all_nodes(chance: Random) -> Spread:
        totals = [*nodes, *nodes]
        chance.shuffle(totals)
        return Spread(chance.choice(far), totals)

    def far_ones(chance: Random) -> Spread:
        totals = [*far, *far, *far]
        chance.shuffle(totals)
        return Spread(chance.choice(far), totals)

    def made_here(chance: Random) -> Spread:
        totals = [*nodes, *far]
        chance.shuffle(totals)
        return Spread(here, totals)

    return {
        "needed on all nodes, made on another than your program's": all_nodes,
        "not needed on the node of your program": far_ones,
        "made on the node of your program": made_here,
    }


def run_moving(
    answer: Callable[..., Any],
    spread: Spread,
    nodes: dict[int, Node],
    chance: Random,
    deadline_seconds: float,
) -> Moving:
    """Run an answer; once more where one was written too many, as a busy cluster may do."""
    for _ in range(MOST_TRIES):
        moving = _try_moving(answer, spread, nodes, chance, deadline_seconds)
        if not moving.is_too_much or moving.stores > len(spread.needed_on) + 1.5:
            break
    return moving


def _try_moving(
    answer: Callable[..., Any],
    spread: Spread,
    nodes: dict[int, Node],
    chance: Random,
    deadline_seconds: float,
) -> Moving:
    makings, ledger = Ledger(), Ledger()
    filling = chance.randint(1, 9)
    factors = chance.sample(range(2, 99), len(spread.totals_on))
    number_of = {node.node_id: node.number for node in nodes.values()}

    def make() -> NDArray[np.float64]:
        makings.write(1)
        return np.full(MOVED_ELEMENTS, float(filling))

    def total_of(place: int, factor: int) -> Callable[[Any], float]:
        def total(array: NDArray[np.float64]) -> float:
            node_id = ray.get_runtime_context().get_node_id()
            ledger.write(_code(place, number_of.get(node_id, 0)))
            return factor * float(array.sum())

        return total

    def remote(function: Callable[..., Any], number: int) -> Any:
        there = NodeAffinitySchedulingStrategy(nodes[number].node_id, soft=False)
        return ray.remote(max_retries=0, scheduling_strategy=there)(function)

    totals = [
        remote(total_of(place, factor), number)
        for place, (factor, number) in enumerate(zip(factors, spread.totals_on, strict=True))
    ]
    before = measure_stores().written_bytes
    seen = observe(
        answer,
        remote(make, spread.make_on),
        totals,
        deadline_seconds=deadline_seconds,
        watched=(ray.put,),
        recorded=False,
    )
    expected = [float(factor * filling * MOVED_ELEMENTS) for factor in factors]
    if seen.ray_lost:
        return Moving(spread, seen, expected, 0, [], {})
    written = measure_stores().written_bytes - before
    return Moving(spread, seen, expected, written, [*makings.take_tasks()], ledger.take_tasks())


def _wrong_totals(moving: Moving) -> Verdict | None:
    return wrong_list(moving.seen.values, moving.expected)


def _moved_tasks(moving: Moving) -> Verdict | None:
    ran = Counter(code for codes in moving.ran.values() for code in codes)
    planned = Counter(_code(place, on) for place, on in enumerate(moving.spread.totals_on))
    if ran == planned:
        return None
    if not ran:
        return not_yet(
            "no-tasks",
            "none of the `totals` ran as a task.",
            "Each of the `totals` is a remote function: its `.remote(...)` runs it on its node.",
        )
    if {code // 100 for code in ran} == {code // 100 for code in planned} and (
        ran.total() == planned.total()
    ):
        return not_yet(
            "other-node",
            f"{count((ran - planned).total(), 'total')} ran on another node than planned.",
            "The array moved less because the tasks moved. They are to stay where they are: each "
            "of the `totals` knows its node, when you call it without options.",
        )
    return not_yet(
        "not-once",
        f"{count(len(planned), 'total')} were given, and tasks ran {times(ran.total())}.",
        "Run each of the `totals` once. Which of them do you call again, or never?",
    )


def _made_again(moving: Moving) -> Verdict | None:
    if len(moving.made) == 1:
        return None
    return not_yet(
        "made-again",
        f"the array was made {times(len(moving.made))}.",
        "Every `make.remote()` makes another array, and stores it. How many do you need?",
        "Call `make.remote()` once, before the loop, and give its ref to all of the `totals`.",
    )


def _writes_more(moving: Moving) -> Verdict | None:
    if not moving.is_too_much:
        return None
    needed = len(moving.spread.needed_on)
    seen = (
        f"{format_bytes(moving.written_bytes)} were written, the array about {moving.stores:.0f} "
        f"times; {count(needed, 'node')} needed it."
    )
    puts = moving.seen.named("put")
    if moving.calls and not any(each.arguments for each in moving.calls):
        return not_yet(
            "by-value",
            f"{seen} Each of the `totals` was given the array by value.",
            "A value is put into the store again for each call, and each of these objects goes to "
            "the node of its task. What can you give to all of them instead?",
            "Give them the ref that `make.remote()` returns, with no `ray.get` before.",
        )
    if len(puts) > 1:
        return not_yet(
            "puts-again",
            f"{seen} Your program called `ray.put` {times(len(puts))}.",
            "Every `ray.put` stores a new object, also of the same array. One ref can be given to "
            "all. And is the array not in a store already?",
            "Give the ref that `make.remote()` returns to all of the `totals`.",
        )
    if puts or _has_fetched(moving):
        return not_yet(
            "fetches",
            f"{seen} Your program fetched it.",
            "The array came to your program, and it was in a store before: that of the node where "
            "it was made. Who needs it where your program is?",
            "Pass on the ref of `make.remote()` as it is: no `ray.get`, no `ray.put`, and no "
            "`ray.wait` either, which fetches, too.",
        )
    return not_yet(
        "writes-more",
        seen,
        "Some task of yours stores the array again, or has it where none of the `totals` needs it. "
        "Which one, and what is it for?",
        "Give the ref of `make.remote()` to each of the `totals`, and start no other task.",
    )


def _has_fetched(moving: Moving) -> bool:
    makers = [each for each in moving.seen.submissions if each.task_id in moving.made]
    made = [ref for each in makers for ref in each.refs]
    fetching = (
        refs_of(call)
        for call in (*moving.seen.named("get"), *moving.seen.named("wait"))
        if call.arguments.get("fetch_local", True)
    )
    return any(ref in refs for refs in fetching for ref in made)


MOVING_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand("The totals are right, and in their order.", _wrong_totals),
    Demand("Each of the `totals` runs once, on its node.", _moved_tasks),
    Demand("The array is made once.", _made_again),
    Demand("It is written once on each node that needs it, and nowhere else.", _writes_more),
)
