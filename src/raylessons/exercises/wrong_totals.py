"""Wrong ways to count what moved in a trace, each with the number that it leads to."""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from raylessons.trace.records import ObjectCopy, StoredObject, Trace, Transfer

MOST_TIMES = 4  # that one object can have been counted, for what is tried
MOST_TRIED = 7  # objects

Total = Callable[[Trace], float]


@dataclass(frozen=True)
class WrongTotal:
    """A mistake that leads to a wrong number of bytes, and what to say of it."""

    mistake: str
    total: Total
    hint: str
    direct_hint: str = ""

    def explains(self, told: Iterable[tuple[Trace, float]]) -> bool:
        """Tell whether it leads to all these numbers."""
        return all(self._leads_to(trace, number) for trace, number in told)

    def _leads_to(self, trace: Trace, number: float) -> bool:
        try:
            wrong = self.total(trace)
        except (ArithmeticError, ValueError, LookupError):  # it would have raised, and told nothing
            return False
        return math.isclose(number, wrong, rel_tol=1e-12)


def sizes_of(trace: Trace) -> dict[str, int]:
    """Return the size of each object by its id, where none is known zero."""
    return {stored.object_id: stored.size_bytes or 0 for stored in trace.objects}


def moved_bytes(trace: Trace) -> int:
    """Tell how many bytes a trace saw copied from node to node. An unknown size counts as none.

    >>> from raylessons.trace.records import StoredObject, Transfer
    >>> there = [Transfer("o1", "n1", to, 0.1) for to in ("n2", "n3")]
    >>> moved_bytes(Trace(objects=(StoredObject("o1", "ref1", 4),), transfers=tuple(there)))
    8
    """
    return sum(_moved(trace))


def _moved(trace: Trace, counts: Callable[[Transfer], bool] = lambda transfer: True) -> list[int]:
    """List the size of each transfer that counts."""
    sizes = sizes_of(trace)
    return [sizes.get(one.object_id, 0) for one in trace.transfers if counts(one)]


def _by_object(weigh: Callable[[StoredObject], float]) -> Total:
    return lambda trace: sum((stored.size_bytes or 0) * weigh(stored) for stored in trace.objects)


def _by_transfer(counts: Callable[[Trace, Transfer], bool]) -> Total:
    return lambda trace: sum(_moved(trace, lambda one: counts(trace, one)))


def _places(trace: Trace) -> list[int]:
    """List the size of each object once for each place that it was in."""
    return [stored.size_bytes or 0 for stored in trace.objects for _ in stored.copies]


def _later_left(stored: StoredObject) -> int:
    return _present(stored.copies[1:])


def _times_moved(trace: Trace, stored: StoredObject) -> int:
    return len(trace.transfers_of(stored))


def _of_object(at: int) -> Total:
    """Count what moved of one object alone."""

    def total(trace: Trace) -> int:
        stored = trace.objects[at]
        return (stored.size_bytes or 0) * _times_moved(trace, stored)

    return lambda trace: total(trace) if trace.objects else 0


def _to_all_others(counts: Callable[[Trace, StoredObject], bool]) -> Total:
    """Count an object that counts once for each node but its own."""
    return lambda trace: sum(
        (stored.size_bytes or 0) * (len(trace.nodes) - 1)
        for stored in trace.objects
        if counts(trace, stored)
    )


def _ends(trace: Trace) -> int:
    """Count each transfer for each of its ends that is known."""
    sizes = sizes_of(trace)
    return sum(
        sizes.get(one.object_id, 0) * (1 if one.from_node_id is None else 2)
        for one in trace.transfers
    )


def _last_of(key: Callable[[Transfer], Any]) -> Total:
    """Count of the transfers with one key the last alone, as a dict keeps it."""

    def total(trace: Trace) -> int:
        sizes = sizes_of(trace)
        kept = {key(one): one.object_id for one in trace.transfers}
        return sum(sizes.get(object_id, 0) for object_id in kept.values())

    return total


def _object_of(trace: Trace, transfer: Transfer) -> StoredObject:
    return next(one for one in trace.objects if one.object_id == transfer.object_id)


def _present(copies: Sequence[ObjectCopy]) -> int:
    return sum(copy.lost is None for copy in copies)


def _driver_node(trace: Trace) -> str | None:
    return next((node.node_id for node in trace.nodes if node.is_driver_node), None)


def _at(number: int) -> Total:
    return lambda trace: _moved(trace)[number] if trace.transfers else 0


def _arguments(trace: Trace, counts: Callable[[StoredObject, str | None], bool]) -> int:
    return sum(
        stored.size_bytes or 0
        for run in trace.tasks()
        for stored in trace.arguments(run)
        if counts(stored, run.node_id)
    )


def _lay_elsewhere(stored: StoredObject, node_id: str | None) -> bool:
    return bool(stored.copies) and stored.copies[0].node_id != node_id


def _zipped(trace: Trace) -> int:
    return sum(
        stored.size_bytes or 0 for stored, _ in zip(trace.objects, trace.transfers, strict=False)
    )


def _gets(trace: Trace) -> int:
    sizes = sizes_of(trace)
    return sum(sizes.get(get.object_id, 0) for get in trace.gets)


def _scaled(factor: float) -> Total:
    return lambda trace: moved_bytes(trace) * factor


_EACH_TRANSFER = (
    "Go through `trace.transfers`, and add up for each the `size_bytes` of the object whose "
    "`object_id` it names."
)
_COUNTS_COPIES = (
    "Each transfer of the trace is one copy from node to node, and nothing else is. "
    + _EACH_TRANSFER
)
_UNITS = (
    "Bytes are asked for, as a whole number, and you give another unit.",
    "Return the sum of `size_bytes` as it is: no division, no `format_bytes`.",
)
_SOME_NODES = (
    "You count only some directions: to or from one node. Every copy from one node to another "
    "counts, whichever these are.",
    "Leave out the comparison of nodes: each transfer of the trace goes from one node to another.",
)
WRONG_TOTALS = (
    WrongTotal(
        "always-nought",
        lambda trace: 0,
        "Your number stays at nought. Do you ever find the object that a transfer names? Which two "
        "things do you compare, and how?",
        "Compare `transfer.object_id` with `stored.object_id`, and by `==`: a label such as `ref1` "
        "is another thing, and `is` asks for one and the same text in memory.",
    ),
    WrongTotal(
        "all-objects",
        _by_object(lambda stored: 1),
        "You count every object. Most of them stayed where they were made: which part of the "
        "trace shows what was copied?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "all-objects",
        _by_object(lambda stored: not stored.inlined),
        "You count every object that was in a store. Most of them stayed where they were made: "
        "which part of the trace shows what was copied?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "all-copies",
        _by_object(lambda stored: len(stored.copies)),
        "You count every place that an object was in, with the one where it was made. "
        "Nothing had to move there.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "all-copies",
        _by_object(lambda stored: len(stored.copies) if len(stored.copies) > 1 else 0),
        "Of each object that moved you count every place, with the one where it was made. "
        "Nothing had to move there.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "all-copies",
        _by_object(lambda stored: len({copy.node_id for copy in stored.copies})),
        "You count every node that an object was on, with the one where it was made. "
        "Nothing had to move there.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "all-copies",
        lambda trace: sum(_places(trace)[1:]),
        "You count every place but one, of all objects together. Each object has a place where it "
        "was made, and nothing had to move there.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "minus-inlined",
        _by_object(lambda stored: len(stored.copies) - 1),
        "You count one place less than each object was in. That is less than nothing for an "
        "object that travels with its ref and is in no store at all.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "copies-but-first",
        _by_object(lambda stored: max(0, len(stored.copies) - 1)),
        "You count all places of an object but the first. Some of these were lost, and then its "
        "task made the object again, on another node: that was no copy. Which part of the trace "
        "holds the copies from node to node, and nothing else?",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "nodes-but-first",
        _by_object(lambda stored: max(0, len({copy.node_id for copy in stored.copies}) - 1)),
        "You count the nodes that an object was on, but for one. What was lost on a node and "
        "copied there again moved twice.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "still-there",
        _by_object(lambda stored: max(0, _present(stored.copies) - 1)),
        "You count the copies that are still there. One that was lost later has moved, too.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "still-there",
        _by_object(_later_left),
        "You count the later copies that are still there. One that was lost has moved, too, and "
        "one that was made again has not.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "released",
        _by_transfer(lambda trace, one: _object_of(trace, one).released is None),
        "You leave out what was released later. Its bytes have moved, too.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "inlined",
        lambda trace: (
            moved_bytes(trace)
            + sum(stored.size_bytes or 0 for stored in trace.objects if stored.inlined)
        ),
        "You count what travels with its ref, too. That is in no store, and is copied from none: "
        "a trace has no transfer of it.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "spilled",
        lambda trace: (
            moved_bytes(trace)
            + sum(stored.size_bytes or 0 for stored in trace.objects if stored.spilled is not None)
        ),
        "You count what went to disk, too. That stays with its node, and moves to no other.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "still-there",
        _by_transfer(
            lambda trace, one: any(
                copy.node_id == one.to_node_id and copy.lost is None
                for copy in _object_of(trace, one).copies
            )
        ),
        "You leave out what was copied and lost later. Its bytes have moved, too.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "counts-transfers",
        lambda trace: len(trace.transfers),
        "You count the copies, and not their bytes. An object knows its size: how do you find "
        "the object of a transfer?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "counts-transfers",
        lambda trace: sum(len(stored.copies) for stored in trace.objects),
        "You count places, and not bytes. What does an object know of its size?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "counts-transfers",
        lambda trace: len({one.object_id for one in trace.transfers}),
        "You count objects, and not bytes. What does an object know of its size?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "counts-transfers",
        lambda trace: sum(size > 0 for size in _moved(trace)),
        "You count the copies of known size, and not their bytes. An object knows its size: what "
        "do you add for each copy?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "counts-transfers",
        lambda trace: len(trace.objects),
        "You count objects, and all of them. Bytes are asked for, and of those that were copied.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "each-once",
        _by_object(lambda stored: len(stored.copies) > 1),
        "You count an object once if it was in more than one place. One that went to two nodes "
        "moved twice, and one that was made again did not move at all.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "each-once",
        _last_of(lambda one: one.object_id),
        "You count each object once, and one of these went to two nodes: its bytes moved twice.",
        "Count an object as often as there are transfers of it: a set or a dict by `object_id` "
        "keeps one of each.",
    ),
    WrongTotal(
        "each-way-once",
        _last_of(lambda one: (one.object_id, one.to_node_id)),
        "You count an object once for each node that it came to. One of these was lost there and "
        "copied again: its bytes moved twice.",
        "Put the transfers into no set and no dict: each of them counts.",
    ),
    WrongTotal(
        "each-way-once",
        _last_of(lambda one: (one.object_id, one.from_node_id, one.to_node_id)),
        "You count an object once for each way that it went. One of these went the same way "
        "twice, as it had been lost: its bytes moved twice.",
        "Put the transfers into no set and no dict: each of them counts.",
    ),
    WrongTotal(
        "known-source",
        _by_transfer(lambda trace, one: one.from_node_id is not None),
        "You leave out a copy of which the trace does not know the sender. Several nodes had the "
        "object, and one of them sent it: it moved all the same.",
        "Do not ask for `from_node_id`: where it is `None`, the object was copied, too.",
    ),
    WrongTotal(
        "known-source",
        _by_transfer(
            lambda trace, one: _object_of(trace, one).copies[0].node_id == one.from_node_id
        ),
        "You count only what was sent by the node where the object was made. Any node that has a "
        "copy can send it on.",
        "Do not ask for `from_node_id`: each transfer counts, whoever sent it.",
    ),
    WrongTotal(
        "for-tasks",
        _by_transfer(lambda trace, one: one.task_id is not None),
        "You count only what was copied for a task. What your program fetches itself, with "
        "`ray.get`, is copied to its node, too.",
        "Do not ask for `task_id`: each transfer counts, whoever needed it.",
    ),
    WrongTotal(
        "for-the-driver",
        _by_transfer(lambda trace, one: one.task_id is None),
        "You count only what your program fetched itself. What is copied for a task counts, too.",
        "Do not ask for `task_id`: each transfer counts, whoever needed it.",
    ),
    *(
        WrongTotal("some-nodes", _by_transfer(counts), *_SOME_NODES)
        for counts in (
            lambda trace, one: one.to_node_id == _driver_node(trace),
            lambda trace, one: one.to_node_id != _driver_node(trace),
            lambda trace, one: one.from_node_id == _driver_node(trace),
            lambda trace, one: one.from_node_id != _driver_node(trace),
        )
    ),
    WrongTotal(
        "equal-sizes",
        lambda trace: sum(set(_moved(trace))),
        "You count equal sizes once. Two objects can be equally big, and one can be copied twice.",
        "Add up a list of sizes: a set, or a dict by size, keeps one of those that are equal.",
    ),
    WrongTotal(
        "equal-sizes",
        lambda trace: sum({sizes_of(trace)[one.object_id] for one in trace.transfers}),
        "You count equal sizes once. Two objects can be equally big.",
        "Add up a list of sizes: a set, or a dict by size, keeps one of those that are equal.",
    ),
    WrongTotal(
        "first-only",
        _at(0),
        "You count the first transfer alone. Does your loop come to the others? A `return` in it "
        "ends it before, and a generator that was read is empty for the next one.",
        "Set a total to 0 before the loop, add to it in the loop, and return it behind the loop.",
    ),
    WrongTotal(
        "last-only",
        _at(-1),
        "You count the last transfer alone: each one takes the place of what was there before. "
        "What adds it?",
        "Set a total to 0 before the loop, and write `total += ...` in it.",
    ),
    *(
        WrongTotal(
            "last-only",
            _of_object(at),
            "You count one object alone. Does your total begin anew for each object, or does a "
            "`return` end the loop too early?",
            "Set the total to 0 before all loops, and return it behind all of them.",
        )
        for at in (-1, 0)
    ),
    WrongTotal(
        "biggest-only",
        lambda trace: max(_moved(trace), default=0),
        "You count the biggest copy alone. All of them moved.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "biggest-only",
        lambda trace: max(sizes_of(trace).values(), default=0),
        "You return the size of the biggest object. What was copied is asked for, and all of it.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "one-per-node",
        _last_of(lambda one: one.to_node_id),
        "You count one object for each node that something came to: a dict by node keeps the last "
        "alone.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "one-per-node",
        _last_of(lambda one: one.from_node_id),
        "You count one object for each node that sent something: a dict by node keeps the last "
        "alone.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "zipped",
        _zipped,
        "You take the first object for the first transfer, the second for the second, and so on. "
        "They are not in step: what does a transfer say of its object?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "doubled",
        _scaled(2),
        "Your number is twice what it should be. Do you count a copy where it is sent, and again "
        "where it arrives?",
        "A copy moves its bytes once. " + _EACH_TRANSFER,
    ),
    WrongTotal(
        "doubled",
        _ends,
        "You count a copy where it is sent, and again where it arrives. It moves its bytes once.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "multiplied",
        lambda trace: sum(
            (stored.size_bytes or 0) * _times_moved(trace, stored) ** 2 for stored in trace.objects
        ),
        "For each transfer of an object you count all transfers of it. Two of them make four.",
        "Loop over the transfers or over the objects, and not over one inside the other; or add "
        "the size once for each transfer.",
    ),
    *(
        WrongTotal(
            "multiplied",
            _to_all_others(counts),
            "You take it that an object goes to each of the other nodes. Most go to one of them, "
            "or to none: what tells you which?",
            _EACH_TRANSFER,
        )
        for counts in (
            lambda trace, stored: bool(trace.transfers_of(stored)),
            lambda trace, stored: True,
        )
    ),
    WrongTotal(
        "multiplied",
        lambda trace: sum(sizes_of(trace).values()) * len(trace.transfers),
        "You count all objects for each transfer. A transfer moves one object, the one that it "
        "names.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "multiplied",
        lambda trace: moved_bytes(trace) * len(trace.transfers),
        "You multiply what moved by the number of transfers. Each of them is in the sum already.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "average",
        lambda trace: moved_bytes(trace) / len(trace.transfers) if trace.transfers else 0,
        "You divide by the number of transfers. All bytes that moved are asked for, and not the "
        "average of a copy.",
        "Return the sum as it is.",
    ),
    WrongTotal(
        "argument-bytes",
        lambda trace: _arguments(trace, lambda stored, node_id: True),
        "You count the arguments of each task. One that is on the task's node already is read "
        "there, and is not copied.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "argument-bytes",
        lambda trace: _arguments(trace, _lay_elsewhere),
        "You count an argument for each task that ran on another node than it was made on. Two "
        "tasks on one node share one copy, and what your program fetches is copied, too.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "by-value",
        lambda trace: sum(run.value_bytes or 0 for run in trace.task_runs),
        "You count what went along in the calls, by value. That is no object of a store: which "
        "part of the trace shows what stores copied?",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "gets",
        _gets,
        "You count what your program asked for with `ray.get`. Some of it was on its node already, "
        "and tasks need copies, too.",
        _COUNTS_COPIES,
    ),
    WrongTotal(
        "results-only",
        _by_transfer(lambda trace, one: _object_of(trace, one).task_id is not None),
        "You leave out what your program had put into the store itself. It was copied, too.",
        _EACH_TRANSFER,
    ),
    WrongTotal(
        "results-only",
        _by_transfer(lambda trace, one: one.object_id in trace.makers()),
        "You leave out what no task had returned: your program had put it into the store itself. "
        "It was copied, too.",
        _EACH_TRANSFER,
    ),
    *(
        WrongTotal("units", _scaled(factor), *_UNITS)
        for factor in (1e-3, 1e-6, 1e-9, 1 / 1024, 1 / 1024**2, 1 / 1024**3, 8)
    ),
    *(
        WrongTotal("units", total, *_UNITS)
        for unit in (10**3, 10**6, 1024, 1024**2)
        for total in (
            lambda trace, unit=unit: moved_bytes(trace) // unit,
            lambda trace, unit=unit: sum(size // unit for size in _moved(trace)),
            *(
                lambda trace, unit=unit, digits=digits: round(moved_bytes(trace) / unit, digits)
                for digits in range(4)
            ),
        )
    ),
)


def find_counts(trace: Trace, number: float) -> dict[str, int] | None:
    """Find how often each object must have been counted, by its id, to come to this number.

    Of several ways the one that is nearest to the right one; None where there is none.

    >>> objects = StoredObject("o1", "ref1", 500), StoredObject("o2", "ref2", 30)
    >>> find_counts(Trace(objects=objects), 1030)
    {'o1': 2, 'o2': 1}
    """
    sizes = {object_id: size for object_id, size in sizes_of(trace).items() if size}
    if len(sizes) > MOST_TRIED:
        return None
    right = [sum(one.object_id == each for one in trace.transfers) for each in sizes]
    ways = (
        counts
        for counts in itertools.product(range(MOST_TIMES), repeat=len(sizes))
        if sum(map(int.__mul__, counts, sizes.values())) == number
    )
    nearest = min(ways, key=lambda counts: sum(map(_apart, counts, right)), default=None)
    return None if nearest is None else dict(zip(sizes, nearest, strict=True))


def _apart(one: int, other: int) -> int:
    return abs(one - other)
