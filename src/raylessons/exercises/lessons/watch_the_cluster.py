"""Graders for the page that watches a cluster: reading a trace, and moving nothing big."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from numbers import Real
from random import Random
from typing import Any

import numpy as np
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from raylessons.cluster import private
from raylessons.cluster.nodes import cluster_nodes, on_node, pick_nodes, require_ray
from raylessons.cluster.session import count_logical_cpus
from raylessons.exercises.cases import Case, Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.written_traces import Fate, tell_objects, tell_transfers, write_trace
from raylessons.exercises.wrong_totals import WRONG_TOTALS, find_counts, moved_bytes
from raylessons.recording.recorder import record
from raylessons.trace.records import Node, StoredObject, TaskKind, TaskRun, Trace
from raylessons.words import count, describe, format_bytes, listing, times
from raylessons.workloads import add_arrays, make_array

SMALL_ELEMENTS = 50_000


def _of(*fates: Fate) -> Callable[[Random], Trace]:
    return lambda chance: write_trace(fates, chance)


def _equally_big(chance: Random) -> Trace:
    size = chance.randrange(2_000_000, 20_000_000)
    equal = [Fate(places, size_bytes=size) for places in ("a>d", "d>b", "b")]
    return write_trace([*equal, Fate("a")], chance)


TRACES: Family = {
    "some copied, some not": _of(
        Fate("d"), Fate("a"), Fate("a>d"), Fate("d>b", readers=2), Fate("b>d", by_task=True), Fate()
    ),
    "one object on three nodes": _of(
        Fate("d>a>b"),
        Fate("a>b", is_released=True),
        Fate("b", is_spilled=True),
        Fate("d>a", is_put=True),
        Fate(),
    ),
    "two copied objects of one size": _equally_big,
    "copies that were lost": _of(
        Fate("a>b>-a>a"), Fate("b>a>-a>a"), Fate("a>-a>b"), Fate("d>a>-a"), Fate("b>-b")
    ),
    "nothing copied": _of(Fate("d"), Fate("a"), Fate("b"), Fate()),
    # The first that is asked for is unknown, and known ones come after it.
    "unknown sizes": lambda chance: write_trace(
        [
            Fate("a>d", is_known=False),
            Fate("d>a"),
            Fate("b", is_known=False),
            Fate("d>b", is_known=False),
            Fate("b>d"),
            Fate("a"),
        ],
        chance,
        in_order=True,
    ),
    "nothing on record": lambda chance: Trace(),
}

_READING_EXCEPTIONS = (
    (
        "'Transfer' object has no attribute",
        "A transfer knows `object_id`, `from_node_id`, `to_node_id`, `seen` and `task_id`, and no "
        "size. The object of that `object_id` has one, its `size_bytes`.",
    ),
    (
        "'StoredObject' object has no attribute",
        "An object of the trace knows its `object_id`, its `size_bytes` and its `copies`, among "
        "other things; `trace.transfers_of(stored)` finds the transfers of one.",
    ),
    (
        "'ObjectCopy' object has no attribute",
        "A copy knows `node_id`, `seen` and `lost`. The size is that of its object, "
        "`stored.size_bytes`.",
    ),
    (
        "'Trace' object has no attribute",
        "A trace has `trace.objects` and `trace.transfers`, which are tuples of records: loop over "
        "them.",
    ),
    (
        "No object is labelled",
        "`trace.object` finds an object by its label, such as `ref1`. A transfer names its object "
        "by `object_id`: look for that among `trace.objects`.",
    ),
    (
        "tuple indices must be integers",
        "`trace.objects` is a tuple, and its objects have no ids as places. Make a dict of it "
        "first, from `stored.object_id` to `stored.size_bytes`.",
    ),
    (
        "'tuple' object is not callable",
        "`trace.objects` and `trace.transfers` are no methods: write them with no brackets.",
    ),
    (
        "object is not subscriptable",
        "The records of a trace are no dicts: write `transfer.object_id`, with a dot.",
    ),
    (
        "object is not iterable",
        "Something there is one record, or one number, and no list. `trace.objects` and "
        "`trace.transfers` are what you can loop over.",
    ),
    (
        "fromhex",
        "The trace is a record, and holds all that is asked for. Ray itself may have forgotten the "
        "objects long ago: ask it nothing.",
    ),
    (
        "KeyError",
        "That key is not in your dict. A transfer names its object by `object_id`: is that what "
        "the keys of the dict are?",
    ),
    (
        "StopIteration",
        "`next` found no object of that id. Compare `stored.object_id` with `transfer.object_id`, "
        "and not a label with it.",
    ),
    (
        "unsupported operand",
        "Something there is no number. A record is not its size: that is `stored.size_bytes`.",
    ),
    (
        "is an empty sequence",
        "On some record there is nothing to choose from. Nothing was copied there: what number is "
        "that?",
    ),
)


@dataclass(frozen=True)
class Reading:
    """What an answer to exercise 10 made of a trace."""

    seen: Observation
    trace: Trace

    @property
    def number(self) -> float | None:
        """Return the number that it gave, None where it was none."""
        value = self.seen.value
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            return None
        number: float = value if isinstance(value, int) else float(value)
        return number

    @property
    def has_unknown_sizes(self) -> bool:
        """Tell whether the trace has an object of unknown size."""
        return any(stored.size_bytes is None for stored in self.trace.objects)

    @property
    def story(self) -> str:
        """Tell what it gave, and what was right."""
        return (
            f"you returned {describe(self.seen.value)} for a trace of "
            f"{count(len(self.trace.objects), 'object')} and "
            f"{count(len(self.trace.transfers), 'transfer')}, where {moved_bytes(self.trace)} was "
            "right."
        )


def grade_moved_bytes(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 10: how many bytes moved, on written traces and on one from this Ray."""
    require_ray()
    cases = draw(TRACES, seed)
    readings: list[Reading] = []
    for case in cases:
        readings.append(_read(answer, case.value, deadline_seconds))
        if readings[-1].number is None:
            break
    for case, reading in zip(cases, readings, strict=False):
        # All of them tell which mistake it is that makes this one wrong.
        if verdict := judge(READING_DEMANDS, reading, readings):
            return case.tell(verdict, given=tell_objects(case.value))
    last = _read(answer, _record_here(), deadline_seconds)
    if verdict := judge(READING_DEMANDS, last, [last]):
        return verdict
    return passed(
        f"{count(len(readings), 'written trace')} read right, and one recorded a moment ago: "
        f"{count(len(last.trace.objects), 'object')} on {count(len(last.trace.nodes), 'node')}, "
        f"{format_bytes(moved_bytes(last.trace))} moved.",
        all_kept(READING_DEMANDS),
    )


def _read(answer: Callable[..., Any], trace: Trace, deadline_seconds: float) -> Reading:
    seen = observe(answer, trace, deadline_seconds=deadline_seconds, recorded=False)
    return Reading(seen, trace)


def _record_here() -> Trace:
    """Record two arrays and their sum: made on two nodes, where there are two."""
    make, add = ray.remote(make_array), ray.remote(add_arrays)
    nodes = pick_nodes(2) if count_logical_cpus() else ()
    with record() as recording:
        arrays = [
            make.options(scheduling_strategy=on_node(number)).remote(SMALL_ELEMENTS, 0)
            for number in nodes
        ]
        if arrays:
            ray.wait([add.remote(*arrays, 0)])
    return recording.trace


def _no_number(reading: Reading, readings: list[Reading]) -> Verdict | None:
    seen = reading.seen
    if reading.has_unknown_sizes and (verdict := _fails_at_unknown(seen)):
        return verdict
    verdict = common_mistake(seen, "value", _READING_EXCEPTIONS)
    if verdict is not None or reading.number is not None:
        if verdict is not None and verdict.mistake == "none" and not reading.trace.transfers:
            return not_yet(
                "none",
                f"{verdict.seen} In this trace nothing was copied.",
                "Where nothing was copied, your function hands nothing back. Which number of bytes "
                "is that?",
                "Set a total to 0 before the loop, and return it behind the loop.",
            )
        return verdict
    story = f"your function returned {describe(seen.value)}."
    if isinstance(seen.value, str | bytes):
        return not_yet(
            "no-number",
            story,
            "You return words. One number of bytes is asked for, to count with.",
            "Return the sum itself, with no `str`, `format_bytes` or f-string.",
        )
    if isinstance(seen.value, bool | np.bool_):
        return not_yet(
            "no-number",
            story,
            "You say whether something moved. How many bytes did?",
            "Add up the sizes, and compare nothing with the sum.",
        )
    return not_yet(
        "no-number",
        story,
        "One number is asked for: all bytes that were copied, together. What makes one number of "
        "many?",
        "Return `sum(...)` of the sizes.",
    )


def _fails_at_unknown(seen: Observation) -> Verdict | None:
    """Return the verdict on an answer that came to an end with all sizes known, and now to none."""
    direct_hint = "`stored.size_bytes or 0` is 0 where the size is `None`."
    if isinstance(seen.error, TypeError) and "NoneType" in str(seen.error):
        return not_yet(
            "unknown-size",
            f"`TypeError` came of a trace with an object whose size Ray did not tell: {seen.error}",
            "A trace says `None` where it knows nothing. Count what is unknown as nothing.",
            direct_hint,
        )
    if isinstance(seen.error, LookupError | StopIteration):
        return not_yet(
            "unknown-size",
            f"`{type(seen.error).__name__}` came of a trace with objects of unknown size.",
            "You look up what you have left out: the objects of unknown size are not where you "
            "look, and their transfers are there. Which number can stand for them?",
            direct_hint,
        )
    if seen.error is None and not seen.timed_out and seen.value is None:
        return not_yet(
            "unknown-size",
            "it returned `None` for a trace with objects of unknown size.",
            "You give up where one size is unknown. That one counts as nothing, and the others "
            "count as ever.",
            f"Go on with the next object. {direct_hint}",
        )
    return None


def _wrong_number(reading: Reading, readings: list[Reading]) -> Verdict | None:
    number = reading.number
    if number is None or number == moved_bytes(reading.trace):
        return None
    told = [(each.trace, each.number) for each in readings if each.number is not None]
    for wrong in WRONG_TOTALS:
        if wrong.explains(told):
            return not_yet(wrong.mistake, reading.story, wrong.hint, wrong.direct_hint)
    before = readings[: readings.index(reading) + 1]
    if len(before) > 1 and number == sum(moved_bytes(each.trace) for each in before):
        return not_yet(
            "keeps-state",
            reading.story,
            "Your number holds what you had counted for the traces before. What lives longer than "
            "one call of your function?",
            "A list or dict as the default of a parameter, or outside of the function, is made "
            "once: make it inside.",
        )
    if len({number for _, number in told}) == 1 and len(told) > 1:
        return not_yet(
            "constant",
            reading.story,
            "You return the same number for every trace. Which part of `trace` does your function "
            "read?",
            "Work the number out from `trace.transfers` and `trace.objects`.",
        )
    if reading.has_unknown_sizes:
        return not_yet(
            "unknown-size",
            reading.story,
            "With objects of unknown size you come to another number than the known ones give. "
            "An unknown size counts as nothing, and the others count as ever.",
            "`stored.size_bytes or 0` is 0 where the size is `None`; go on with the next object.",
        )
    return not_yet("wrong-values", reading.story, *_hint_by_counts(reading.trace, number))


def _hint_by_counts(trace: Trace, number: float) -> tuple[str, str]:
    """Say of one object how often it was counted, and how often it was copied."""
    direct = (
        "Go through `trace.transfers`, and add up for each the `size_bytes` of the object whose "
        "`object_id` it names."
    )
    counts = find_counts(trace, number) or {}
    for stored in trace.objects:
        mine = counts.get(stored.object_id)
        if mine is not None and mine != len(trace.transfers_of(stored)):
            often = "leave it out" if mine == 0 else f"count it {times(mine)}"
            return f"{tell_transfers(trace, stored)}, and you {often}. What decides that?", direct
    return "Take one transfer by hand: which object does it name, and how big is that?", direct


READING_DEMANDS = (
    Demand("It ends, and returns a number.", _no_number),
    Demand(
        "Each copy from one node to another counts, with its bytes, and nothing else does.",
        lambda reading, readings: (
            None if reading.has_unknown_sizes else _wrong_number(reading, readings)
        ),
    ),
    Demand(
        "An object of unknown size counts as nothing.",
        lambda reading, readings: (
            _wrong_number(reading, readings) if reading.has_unknown_sizes else None
        ),
    ),
)


def combine(big: Any, small: Any) -> float:
    """Add up all numbers of two arrays."""
    return float(big.sum() + small.sum())


FEWEST_BIG, MOST_BIG = 800_000, 1_200_000  # elements, of eight bytes
FEWEST_SMALL, MOST_SMALL = 40_000, 60_000  # enough to be stored
BYTES_PER_ELEMENT = 8
IDLE_SECONDS = 5.0  # within which a node is heard to have room again
LATE_SECONDS = 2.0  # within which word of a copy has come
MOST_TRIES = 3  # where Ray has the choice


@dataclass(frozen=True)
class Places:
    """On which nodes the arrays of exercise 11 are made, by their numbers."""

    big: int
    small: int


@dataclass(frozen=True)
class Totalling:
    """What an answer to exercise 11 did with two arrays."""

    case: Case
    seen: Observation
    big: Any
    small: Any
    elements: tuple[int, int]
    home: Node  # of the big one
    small_home: Node
    nodes: tuple[Node, ...]
    copied_to: frozenset[str]  # where the big one was at the end but at home, by node id

    @property
    def big_ones(self) -> dict[str, StoredObject]:
        """Return all objects that are as big as the big array or half as big, by id."""
        least = self.elements[0] * BYTES_PER_ELEMENT // 2
        return {
            stored.object_id: stored
            for stored in self.seen.trace.objects
            if (stored.size_bytes or 0) >= least
        }

    @property
    def strays(self) -> list[TaskRun]:
        """Return the tasks that were given a big object on another node than it was made on."""
        homes = {
            object_id: stored.copies[0].node_id
            for object_id, stored in self.big_ones.items()
            if stored.copies
        }
        homes[self.big.hex()] = self.home.node_id
        return [
            run
            for run in self.seen.trace.task_runs
            if run.node_id is not None
            and any(homes.get(given, run.node_id) != run.node_id for given in run.argument_ids)
        ]

    @property
    def hidden_in(self) -> list[TaskRun]:
        """Return the tasks that took the big array along inside of something else."""
        return [run for run in self.seen.trace.task_runs if self.big.hex() in run.nested_ids]

    @property
    def has_moved(self) -> bool:
        """Tell whether the big array, or as much as it, came to another node."""
        hidden = [run.node_id for run in self.hidden_in if run.node_id is not None]
        is_at_home = any(
            self.big.hex() in (*run.argument_ids, *run.nested_ids)
            and run.node_id == self.home.node_id
            for run in self.seen.trace.task_runs
        )
        return (
            bool(self.strays or self.copied_to)
            # Whoever read it to its end had it on the own node.
            or (bool(hidden) and not is_at_home and self.home.node_id not in hidden)
            or any(one.object_id in self.big_ones for one in self.seen.trace.transfers)
        )

    def number_of(self, node_id: str | None) -> int | None:
        """Return the number of a node, None where it is not known."""
        return next((node.number for node in self.nodes if node.node_id == node_id), None)

    def submission_of(self, run: TaskRun) -> Submission | None:
        """Return the call that submitted a task, where the program did."""
        for each in self.seen.submissions:
            if each.task_id == run.task_id:
                return each
        return None

    @property
    def is_left_to_ray(self) -> bool:
        """Tell whether Ray had the choice where to run all tasks that had the big array."""
        submitted = [self.submission_of(run) for run in self.strays]
        return (
            bool(submitted)
            and all(run.kind is TaskKind.TASK for run in self.strays)
            and not self.hidden_in
            and all(each is not None and _leaves_choice(each) for each in submitted)
        )

    @property
    def is_spread(self) -> bool:
        """Tell whether the answer asked Ray to spread a task that has the big array."""
        return any(
            each.options.get("scheduling_strategy") == "SPREAD" and self.big in each.arguments
            for each in self.seen.submissions
        )

    @property
    def target(self) -> int | None:
        """Return the number of the node that the task was sent to, None where it was not."""
        for each in self.seen.submissions:
            strategy = each.options.get("scheduling_strategy")
            if self.big in each.arguments and isinstance(strategy, NodeAffinitySchedulingStrategy):
                return self.number_of(strategy.node_id)
        return None


def _leaves_choice(submission: Submission) -> bool:
    options = submission.options
    return options.get("scheduling_strategy") in (None, "DEFAULT") and not (
        options.get("resources") or options.get("label_selector")
    )


def _place_arrays(nodes: tuple[Node, ...], seed: int) -> Family:
    """Say where the arrays will be made: the big one not where the program is."""
    here = next(node.number for node in nodes)
    far = [node.number for node in nodes if node.number != here]
    Random(seed).shuffle(far)
    one, other = far[0], far[-1]
    if one == other:  # of two nodes, the big array has to be on this one, too
        return {
            "big on another node than your program": lambda chance: Places(one, here),
            "big on your program's node": lambda chance: Places(here, one),
        }
    return {
        "neither on your program's node": lambda chance: Places(one, other),
        "big on yet another node": lambda chance: Places(other, here),
        "small on your program's node": lambda chance: Places(one, here),
    }


def grade_total(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 11: a task that runs where its bigger input lies.

    It takes a cluster of two nodes or more, each with a logical CPU.
    """
    nodes = tuple(node for node in cluster_nodes() if node.logical_cpus >= 1)
    if len(nodes) < 2:
        return not_yet(
            "too-few-nodes",
            f"this Ray has {count(len(nodes), 'node')}.",
            "Where there is one node, nothing moves, whatever you do. Start three with "
            "`mini_cluster()` of `raylessons`, and check again.",
        )
    done: list[Totalling] = []
    for case in draw(_place_arrays(nodes, seed), seed):
        chance = Random(f"{case.kind} {seed}")
        done.append(_run_total(answer, case, nodes, chance, deadline_seconds))
        if judge(TOTAL_DEMANDS[:-1], done[-1], done):
            break
    for each in done:
        if verdict := judge(TOTAL_DEMANDS, each, done):
            given = (
                f"`big` of {each.elements[0]} numbers on node {each.home.number}, `small` of "
                f"{each.elements[1]} on node {each.small_home.number}"
            )
            return each.case.tell(verdict, each.seen.picture, given)
    at = listing([f"node {each.home.number}" for each in done])
    return passed(
        f"{count(len(done), 'total')}, with the big array on {at}: it was on no other node "
        "afterwards, and no task had it elsewhere.",
        all_kept(TOTAL_DEMANDS),
    )


def _run_total(
    answer: Callable[..., Any],
    case: Case,
    nodes: tuple[Node, ...],
    chance: Random,
    deadline_seconds: float,
) -> Totalling:
    """Run it on two new arrays; once more where a busy cluster moved what Ray had the choice of."""
    for _ in range(MOST_TRIES):
        total = _try_total(answer, case, nodes, chance, deadline_seconds)
        if not (total.has_moved and total.is_left_to_ray):
            break
    return total


def _try_total(
    answer: Callable[..., Any],
    case: Case,
    nodes: tuple[Node, ...],
    chance: Random,
    deadline_seconds: float,
) -> Totalling:
    ones, places = ray.remote(np.ones), case.value
    elements = (chance.randint(FEWEST_BIG, MOST_BIG), chance.randint(FEWEST_SMALL, MOST_SMALL))
    big, small = (
        ones.options(scheduling_strategy=on_node(number)).remote(size)
        for number, size in zip((places.big, places.small), elements, strict=True)
    )
    ray.wait([big, small], num_returns=2, fetch_local=False)
    _wait_for_room()
    home = _find_home(big, places.big, nodes)
    small_home = _find_home(small, places.small, nodes)
    seen = observe(
        answer, ray.remote(combine), big, small, deadline_seconds=deadline_seconds, fetch=True
    )
    total = Totalling(case, seen, big, small, elements, home, small_home, nodes, frozenset())
    return total if seen.ray_lost else replace(total, copied_to=_copies(total))


def _wait_for_room() -> None:
    """Wait until all CPUs are heard to be free: a node that is in use passes tasks on."""
    until = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < until:
        if ray.available_resources().get("CPU", 0) >= count_logical_cpus():
            return
        time.sleep(0.02)


def _find_home(ref: Any, planned: int, nodes: tuple[Node, ...]) -> Node:
    """Return where an array was made, once the driver knows, so that an answer can ask for it.

    Word of that comes to the driver a moment after the array is ready.
    """
    until = time.monotonic() + IDLE_SECONDS
    while not (node_ids := _where(ref)) and time.monotonic() < until:
        time.sleep(0.005)
    intended = next(node for node in nodes if node.number == planned)
    return next((node for node in nodes if node.node_id in node_ids), intended)


def _where(ref: Any) -> list[str]:
    return list(private.locate_objects([ref.hex()])[ref.hex()].node_ids)


def _copies(total: Totalling) -> frozenset[str]:
    """Return where else the big array is: where something could have read it unseen, a bit later.

    A task that was given it had it on its node, and that is on record. Who had its ref inside of
    something, or was started by another task, may have read it, and word of that comes late.
    """
    runs = total.seen.trace.task_runs
    is_certain = all(run.arguments_known for run in runs) and all(
        run.node_id == total.home.node_id for run in total.hidden_in
    )
    until = time.monotonic() + (0 if is_certain or total.has_moved else LATE_SECONDS)
    while not (elsewhere := set(_where(total.big)) - {total.home.node_id}):
        if time.monotonic() >= until:
            break
        time.sleep(0.02)
    return frozenset(elsewhere)


_TOTAL_EXCEPTIONS = (
    (
        "'soft'",
        "`NodeAffinitySchedulingStrategy` takes the id of a node, and `soft`: whether the task may "
        "run elsewhere if that node is gone. `on_node` sets it for you.",
    ),
    (
        "'ray.ObjectRef' object is not iterable",
        "What you call there takes a list of refs, as `get_object_locations([big])` does.",
    ),
    (
        "KeyError",
        "`get_object_locations` returns a dict whose keys are the refs: ask it for `big`.",
    ),
    (
        "could not be broadcast",
        "The arrays have different lengths, and cannot be added element by element. `combine` adds "
        "up all their numbers: give it the two refs.",
    ),
    (
        "the nodes of this cluster are",
        "There is no such node, and `big` is on another one each time. What knows where it is?",
    ),
    (
        "missing a required argument",
        "`combine` takes two arguments, the one ref and the other: `combine.remote(big, small)`.",
    ),
    (
        "missing 1 required positional argument",
        "`combine` takes two arguments, the one ref and the other: `combine.remote(big, small)`.",
    ),
    (
        "too many positional arguments",
        "`combine` takes two arguments, the one ref and the other: `combine.remote(big, small)`.",
    ),
    (
        "'list' object has no attribute",
        "A list went where an array is wanted: `combine` takes the two refs, each as an argument "
        "of its own.",
    ),
    (
        "cannot be called directly",
        "A remote function is not called with brackets alone: `combine.remote(big, small)` starts "
        "a task, and comes back with the ref that is asked for.",
    ),
    (
        "ObjectRef",
        "`big` and `small` are refs, and your program can do nothing with the arrays behind them "
        "before it has fetched them. A task can: pass the refs to `combine` as they are.",
    ),
    (
        "Unschedulable",
        "Your task was sent to a node that is not there. `big` is on another one each time.",
    ),
    (
        "scheduling_strategy",
        "That is no scheduling strategy. `on_node(2)` of `raylessons` is one, and to leave the "
        "choice to Ray takes none at all.",
    ),
)


def _no_end(total: Totalling, _: list[Totalling]) -> Verdict | None:
    seen = total.seen
    if seen.timed_out and isinstance(seen.value, ray.ObjectRef):
        return not_yet(
            "never-made",
            f"it returned a ref, and after {seen.seconds:.1f} s there was no value of it.",
            "The total never came. Does its task ask for more than a node has, or wait for "
            "something that never ends?",
            "Start it with no options: `combine.remote(big, small)`.",
        )
    return common_mistake(seen, "ref", _TOTAL_EXCEPTIONS)


def _fetches(total: Totalling, _: list[Totalling]) -> Verdict | None:
    seen = total.seen
    if total.home.is_driver_node or _is_ref(seen.value, total.big):
        return None
    gets = [get for get in seen.trace.gets if get.object_id in {total.big.hex(), *total.big_ones}]
    if gets:
        return not_yet(
            "fetches",
            f"your program asked for the big array {times(len(gets))}, with `{gets[0].call}`.",
            "That brings the whole array to your program. The task can have it where it is: "
            "what is it that you pass to the task?",
            "Pass the refs, as you got them: `combine.remote(big, small)`. No `ray.get` and no "
            "`await` of `big`.",
        )
    if any(total.big in _fetched_by(call) for call in seen.named("wait")):
        return not_yet(
            "wait-fetches",
            "`ray.wait` said that the big array is ready, which it does once it is here.",
            "`ray.wait` fetches what it waits for. Do you have to wait for the array at all, "
            "before you pass its ref to a task?",
            "Leave the wait out: a task waits for its arguments. Or say `fetch_local=False`.",
        )
    return None


def _is_ref(value: object, ref: Any) -> bool:
    return isinstance(value, ray.ObjectRef) and value == ref


def _fetched_by(call: Any) -> list[Any]:
    is_local = call.arguments.get("fetch_local", True)
    return list(call.result[0]) if is_local and isinstance(call.result, tuple) else []


def _no_task(total: Totalling, _: list[Totalling]) -> Verdict | None:
    value = total.seen.value
    is_given = _is_ref(value, total.big) or _is_ref(value, total.small)
    if total.seen.submissions or _is_ref_to_be(value) or is_given:
        return None
    return not_yet(
        "no-tasks",
        "no task ran.",
        "Nothing was combined by a task: call `combine.remote`.",
        "`combine.remote(big, small)` starts a task, and returns the ref of the total.",
    )


def _is_ref_to_be(value: object) -> bool:
    """Tell whether a value could still give a ref, and is none."""
    return callable(value) or isinstance(value, Future)


def _no_ref(total: Totalling, _: list[Totalling]) -> Verdict | None:
    seen = total.seen
    if isinstance(seen.value, ray.ObjectRef):
        return None
    story = f"your function returned {describe(seen.value)}."
    if _is_ref_to_be(seen.value):
        return not_yet(
            "no-ref",
            story,
            "A future is no ref: does it hold one, or fetch the total to your program?"
            if isinstance(seen.value, Future)
            else "You return a function. Nothing runs before somebody calls it: what does it give?",
            "Return what `combine.remote(big, small)` returns, with nothing around it.",
        )
    if seen.is_iterator:
        return not_yet(
            "no-ref",
            story,
            "With `yield` your function gives its ref only to who asks for the next. The ref "
            "itself is asked for.",
            "Write `return` in the place of `yield`.",
        )
    if any(isinstance(value, ray.ObjectRef) for value in seen.values):
        return not_yet(
            "no-ref",
            story,
            "A ref came back inside of something else. The ref of the total is asked for, alone.",
            "Return what `combine.remote(big, small)` returns, with nothing around it.",
        )
    return not_yet(
        "no-ref",
        story,
        "Return the ref of the total, and leave the wait to who needs it.",
        "Return what `combine.remote(big, small)` returns, with no `ray.get`.",
    )


def _wrong_total(total: Totalling, _: list[Totalling]) -> Verdict | None:
    big, small = total.elements
    fetched = total.seen.fetched
    if not isinstance(fetched, ray.ObjectRef) and _is_number(fetched, big + small):
        return None
    story = f"the ref stands for {describe(fetched)}, where {big + small} was right."
    if isinstance(fetched, ray.ObjectRef):
        return not_yet(
            "ref-of-ref",
            "the ref stands for another ref.",
            "A task of yours returns a ref, so you have the ref of a ref. Whose ref is that "
            "of the total?",
            "Call `combine.remote(big, small)` yourself, and return what it returns.",
        )
    if fetched is None:
        return not_yet(
            "wrong-values",
            "the ref stands for `None`.",
            "Your task hands nothing back. Does every way through it end in a `return`?",
        )
    if isinstance(fetched, np.ndarray):
        return not_yet(
            "wrong-values",
            story,
            "That is an array, and the total of both is one number. Which task adds them up?",
            "Return what `combine.remote(big, small)` returns.",
        )
    known = {
        2 * big: "That is twice the sum of the big one: `small` is missing.",
        2 * small: "That is twice the sum of the small one: `big` is missing.",
        big: "That is the sum of the big one alone: `small` is missing.",
        small: "That is the sum of the small one alone: `big` is missing.",
        2 * big + small: "You count the big one twice.",
        big + 2 * small: "You count the small one twice.",
        big - small: "You take the small one away, and should add it.",
    }
    told = next((hint for number, hint in known.items() if _is_number(fetched, number)), "")
    hint = told or "That is another number than both arrays together give."
    return not_yet(
        "wrong-values",
        story,
        f"{hint} The total is that of both arrays, each once.",
        "`combine.remote(big, small)` adds up both of them.",
    )


def _is_number(value: object, number: int) -> bool:
    try:
        return bool(value == number)
    except ValueError:  # of an array, whose truth is that of each
        return False


def _big_moved(total: Totalling, done: list[Totalling]) -> Verdict | None:
    if not total.has_moved:
        return _moved_but_for_luck(total)
    runs = total.strays or total.hidden_in
    ran = next((number for run in runs if (number := total.number_of(run.node_id))), None)
    story = f"the big array was on node {total.home.number}"
    if ran is not None and ran != total.home.number:
        story += f", and a task that had it ran on node {ran}"
    elif total.copied_to:
        numbers = [total.number_of(node_id) for node_id in sorted(total.copied_to)]
        came = [f"node {number}" for number in numbers if number is not None]
        story += f", and then also on {listing(came)}" if came else ", and then also on another"
    else:
        story += ", and as many bytes were copied to another node"
    story += "."
    if total.strays:
        return _tell_stray(total, done, story)
    if total.hidden_in:
        return not_yet(
            "hidden-refs",
            f"{story} The task had its ref inside of something else.",
            "A ref inside a list, or one that a function takes from around it, tells Ray nothing "
            "of the bytes behind it, so the task is placed without them. Pass the ref as an "
            "argument.",
            "Write `combine.remote(big, small)`, with the refs as arguments of their own.",
        )
    return not_yet(
        "big-moved",
        story,
        "A task that you did not submit yourself needed it, or a process that is not on its node. "
        "Who would choose better where to run, if you passed the refs to one task?",
        "Write `combine.remote(big, small)`, and nothing else.",
    )


def _tell_stray(total: Totalling, done: list[Totalling], story: str) -> Verdict:
    if total.is_spread:
        return _spread(f"{story} It was submitted with `SPREAD`.")
    if any(run.kind is not TaskKind.TASK for run in total.strays):
        return not_yet(
            "actor-elsewhere",
            f"{story} That was a call of an actor.",
            "An actor has its node before it is given the refs, and stays there. What is placed "
            "only when its arguments are known?",
            "Let a task add them up: `combine.remote(big, small)`.",
        )
    if total.is_left_to_ray:
        return not_yet(
            "busy-nodes",
            f"{story} Ray had the choice, {MOST_TRIES} times.",
            "You left the choice to Ray, which is right, and the node of `big` had no room each "
            "time. Check again when nothing else runs on this cluster.",
        )
    targets = [each.target for each in done]
    if None not in targets and len(done) > 1:
        if set(targets) == {next(node.number for node in total.nodes if node.is_driver_node)}:
            return _sent_away(story)
        if targets == [each.small_home.number for each in done]:
            return not_yet(
                "to-small",
                f"{story} You sent it to the node of the small one.",
                "You bring the task to the small array, so the big one has to come there. Which "
                "of the two is better moved?",
                "Send the task to the node of `big`, or leave the choice to Ray: "
                "`combine.remote(big, small)`.",
            )
        if len(set(targets)) == 1:
            return not_yet(
                "fixed-node",
                f"{story} You sent it to node {targets[0]} each time.",
                "You send the task to one certain node, and the big array is on another one each "
                "time. What knows where it is?",
                "Leave `scheduling_strategy` out: Ray looks where the arguments are. Or ask "
                "`ray.experimental.get_object_locations`.",
            )
    return _sent_away(story)


def _moved_but_for_luck(total: Totalling) -> Verdict | None:
    """Return the verdict on an answer for which the big array was in the right place by chance."""
    if not total.is_spread:
        return None
    return _spread(
        "the task was submitted with `SPREAD`, and came to the node of the big array by chance."
    )


def _spread(story: str) -> Verdict:
    return not_yet(
        "spread",
        story,
        "`SPREAD` asks Ray to use the nodes by turns, wherever the arguments are. What does "
        "Ray do if you ask for nothing?",
        "Leave `scheduling_strategy` out: Ray runs a task where the most bytes of its arguments "
        "are.",
    )


def _sent_away(story: str) -> Verdict:
    return not_yet(
        "big-moved",
        story,
        "The task was sent away from its data. Who would choose better than you, if you left "
        "the choice, and what does it know of the arguments?",
        "Leave `scheduling_strategy` out: Ray runs a task where the most bytes of its arguments "
        "are.",
    )


TOTAL_DEMANDS = (
    Demand("It ends, and its total is made.", _no_end),
    Demand("Your program does not fetch the big array itself.", _fetches),
    Demand("A task makes the total.", _no_task),
    Demand("It returns one ref.", _no_ref),
    Demand("The total is that of both arrays.", _wrong_total),
    Demand("The big array is moved to no other node.", _big_moved),
)


MOVED_BYTES = Exercise(
    number=10,
    title="Count what moved",
    call="my_moved_bytes(trace)",
    section="What is not on the node is copied, once",
    task=(
        "Given the `trace` of a recording, return how many bytes were copied from one node to "
        "another, as a number. What went to two nodes was copied twice, and so was what was lost "
        "on a node and copied there again. What was lost and made again by its task was not "
        "copied. An object of unknown size counts as nothing."
    ),
    starter_mistake="all-objects",
    grader=grade_moved_bytes,
)


TOTAL = Exercise(
    number=11,
    title="Move nothing big",
    call="my_total(combine, big, small)",
    section="What moves where",
    sections={
        "fetches": Section("watch-the-cluster", "Where a result is before you ask, and after"),
        "wait-fetches": Section("watch-the-cluster", "Where a result is before you ask, and after"),
    },
    task=(
        "`big` and `small` are refs of arrays that are on different nodes, other ones each time, "
        "and `combine` is a remote function that adds up all numbers of two arrays. Return the "
        "ref of their total, made by a task, without moving the big array to another node."
    ),
    starter_mistake="big-moved",
    grader=grade_total,
    needs_nodes=True,
)
