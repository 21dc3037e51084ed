"""Grader for the order in which tasks are submitted."""

import operator
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from random import Random
from statistics import fmean, median
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus
from raylessons.exercises.cases import Case, Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.schedule import Task, predict_schedule
from raylessons.words import count, format_seconds, listing, shorten
from raylessons.workloads import slow_square

Lengths = dict[str, float]  # of tasks in seconds, by their names

ORDER_CPUS = (2, 3)
TASKS = 6  # an answer may try all orders of so many
NAMES = (
    "apple", "bread", "cake", "dough", "egg", "fish", "grill", "honey", "iron", "juice", "kale",
    "lemon", "mint", "nuts", "onion", "pie", "quiche", "rice", "soup", "tea", "udon", "waffle",
)  # fmt: skip
GRAIN = 1e-9  # sums of fractions differ by less


def makespan(lengths: Mapping[str, float], order: Sequence[str], cpus: int) -> float:
    """Predict the seconds from the first start to the last end of these tasks, in this order."""
    return predict_schedule([Task(name, lengths[name]) for name in order], cpus).makespan


def _best(lengths: Mapping[str, float], cpus: int) -> float:
    """Predict the seconds to the last end in the best order: for what was drawn, longest first."""
    return makespan(lengths, _longest_first(lengths), cpus)


def _longest_first(lengths: Mapping[str, float]) -> list[str]:
    return sorted(lengths, key=lambda name: -lengths[name])


# Ways to a wrong order. Each tells of an order whether this way leads to it.
Way = Callable[[list[str], Lengths], bool]


def _falls(keys: Sequence[Any]) -> bool:
    return all(left >= right for left, right in pairwise(keys))


def _is_sorted(keys: Sequence[Any]) -> bool:
    return _falls(keys) or _falls(keys[::-1])


def _sorted_by_letter(at: int) -> Way:
    return lambda order, lengths: _is_sorted([name[at] for name in order])


def _is_longest_then_given(order: list[str], lengths: Lengths) -> bool:
    return order == _first_ones(lengths, 1)


def _is_longest_then_short(order: list[str], lengths: Lengths) -> bool:
    seconds = [lengths[name] for name in order]
    return seconds[0] == max(seconds) and _falls(seconds[:0:-1])


def _first_ones(lengths: Lengths, most: int) -> list[str]:
    longest = _longest_first(lengths)[:most]
    rest = [name for name in lengths if name not in longest]
    return [name for name in lengths if name in longest] + rest


def _is_rounded(order: list[str], lengths: Lengths) -> bool:
    """Tell whether the lengths were rounded before they were compared, and equal ones left."""
    return any(
        order
        in (sorted(names, key=lambda name: -cut(lengths[name])) for names in _both_ways(lengths))
        for cut in (int, round)
    )


def _both_ways(lengths: Lengths) -> tuple[list[str], list[str]]:
    return list(lengths), list(lengths)[::-1]


def _first_wave(most: int) -> Way:
    """List orders in which so many are the longest, sorted, and the others as they came."""

    def is_first_wave(order: list[str], lengths: Lengths) -> bool:
        longest = _longest_first(lengths)[:most]
        rest = [name for name in lengths if name not in longest]
        seconds = [lengths[name] for name in order[:most]]
        return order[most:] == rest and _falls(seconds) and set(order[:most]) == set(longest)

    return is_first_wave


def _two_groups(border: Callable[[Lengths], float]) -> Way:
    """List orders with those above some length first, and both groups as they came."""

    def is_in_two_groups(order: list[str], lengths: Lengths) -> bool:
        least = border(lengths)
        groups = (
            [name for name in lengths if is_long(lengths[name], least)]
            + [name for name in lengths if not is_long(lengths[name], least)]
            for is_long in (operator.gt, operator.ge)
        )
        return order in groups

    return is_in_two_groups


def _is_half_sorted(order: list[str], lengths: Lengths) -> bool:
    """Tell whether a sort was begun and not carried through, in one of the usual ways."""
    return order in _half_sorted(lengths)


def _half_sorted(lengths: Lengths) -> list[list[str]]:
    given, longest = list(lengths), _longest_first(lengths)[0]
    shortest = min(lengths, key=lengths.__getitem__)
    bubbled, swapped = list(given), list(given)
    for at in range(len(given) - 1):
        if lengths[bubbled[at]] < lengths[bubbled[at + 1]]:
            bubbled[at], bubbled[at + 1] = bubbled[at + 1], bubbled[at]
    there = given.index(longest)
    swapped[0], swapped[there] = swapped[there], swapped[0]
    in_pairs = [
        name
        for at in range(0, len(given), 2)
        for name in sorted(given[at : at + 2], key=lambda name: -lengths[name])
    ]
    return [
        bubbled,
        swapped,
        in_pairs,
        [name for name in given if name != shortest] + [shortest],
        [*sorted(given[:-1], key=lambda name: -lengths[name]), given[-1]],
        [given[0], *sorted(given[1:], key=lambda name: -lengths[name])],
    ]


def _is_in_the_middle(order: list[str], lengths: Lengths) -> bool:
    """Tell whether the long ones are in the middle, and shorter ones on both sides."""
    seconds = [lengths[name] for name in order]
    top = seconds.index(max(seconds))
    return _falls(seconds[top:]) and _falls(seconds[top::-1])


def _around_the_longest(names: list[str]) -> list[str]:
    """Put the first into the middle, and the others by turns before and behind it."""
    return [*names[1::2][::-1], *names[::2]]


def _is_by_turns(order: list[str], lengths: Lengths) -> bool:
    """Tell whether long ones and short ones take turns."""
    return any(
        order in (_take_turns(names), _take_turns(names[::-1]))
        for names in (_longest_first(lengths), sorted(lengths, key=lengths.__getitem__))
    )


def _take_turns(names: list[str]) -> list[str]:
    """Take the first, the last, the second, the second but last, and so on."""
    left = list(names)
    taken: list[str] = []
    while left:
        taken.append(left.pop(-(len(taken) % 2)))
    return taken


def _dealt(cpus: int) -> Way:
    """List orders that hold what one CPU will run, then what the next will, and so on."""
    return lambda order, lengths: order in _deal(lengths, cpus)


def _deal(lengths: Lengths, cpus: int) -> list[list[str]]:
    """Share the tasks out by turns, or each to who has the least, and list them CPU by CPU."""
    names = _longest_first(lengths)
    to_least: list[list[str]] = [[] for _ in range(cpus)]
    for name in names:
        min(to_least, key=lambda own: sum(lengths[each] for each in own)).append(name)
    by_turns = [name for n in range(cpus) for name in names[n::cpus]]
    return [by_turns, [name for own in to_least for name in own]]


def _ends(cpus: int) -> Way:
    """List the orders in which tasks end."""

    def is_order_of_ends(order: list[str], lengths: Lengths) -> bool:
        return any(
            tuple(order)
            == predict_schedule(
                [Task(name, lengths[name]) for name in names], cpus
            ).completion_order
            for names in (list(lengths), _longest_first(lengths))
        )

    return is_order_of_ends


def _best_for(cpus: int) -> Way:
    return lambda order, lengths: makespan(lengths, order, cpus) <= _best(lengths, cpus) + GRAIN


@dataclass(frozen=True)
class WrongWay:
    """A mistake that leads to a wrong order, and what to say of it."""

    mistake: str
    leads_to: Way
    hint: str
    direct_hint: str


_BY_LENGTH = "`sorted(seconds, key=seconds.get)` goes by the lengths, and `reverse=True` turns it."
_DEALT = (
    "You seem to share the tasks out among the CPUs, and list them CPU by CPU. Who gives a task "
    "to a CPU, and which task does it take when one is free?",
    "Ray gives the first task in the queue to whichever CPU is free. Leave the sharing to it, and "
    "return one order: the longest first.",
)
_ENDS = (
    "This is the order in which the tasks would end. The question is in which order to hand them "
    "in.",
    "Return the names as you would pass them to Ray, sorted by their lengths, longest first. You "
    "need no schedule for that.",
)
WRONG_WAYS = (
    WrongWay(
        "as-given",
        lambda order, lengths: order == list(lengths),
        "You submit the tasks in the order in which they came. Look at the end of the "
        "schedule: which task still runs when all other CPUs are idle?",
        f"Put the longest first. {_BY_LENGTH}",
    ),
    WrongWay(
        "backwards",
        lambda order, lengths: order == list(lengths)[::-1],
        "You turn the order round in which the tasks came, and that has nothing to do with their "
        "lengths. What should decide which task comes first?",
        f"Reversed is not sorted. {_BY_LENGTH}",
    ),
    WrongWay(
        "shortest-first",
        lambda order, lengths: _falls([lengths[name] for name in order[::-1]]),
        "The short ones go first, and the longest starts last and runs on alone. "
        "When should a task start that takes long?",
        "You sort by the right thing, and the wrong way round: `sorted` takes `reverse=True`.",
    ),
    WrongWay(
        "by-name",
        lambda order, lengths: _is_sorted(order),
        "You sort the names by the alphabet. A dict gives its keys when it is sorted: how do you "
        "tell `sorted` to look at the length of each?",
        f"The alphabet says nothing of lengths. {_BY_LENGTH}",
    ),
    *(
        WrongWay(
            "by-letter",
            _sorted_by_letter(at),
            f"You sort by {which} letter of each name. What `sorted` passes to your `key` is a "
            "name, and no pair of a name and a length.",
            "Sort `seconds.items()`, whose elements are pairs, and then keep the names; or give "
            "`sorted` the key `seconds.get`.",
        )
        for at, which in ((1, "the second"), (0, "the first"), (-1, "the last"))
    ),
    WrongWay(
        "by-letter",
        lambda order, lengths: _is_sorted([len(name) for name in order]),
        "You sort by how many letters a name has. That is the length of the name, and not that of "
        "its task: where does that stand?",
        "`seconds[name]` is the length of a task. Give `sorted` the key `seconds.get`, and "
        "`reverse=True`.",
    ),
    WrongWay(
        "as-text",
        lambda order, lengths: _is_sorted([str(lengths[name]) for name in order]),
        "You compare the lengths as text, and as text 9.5 comes after 10. What makes a number of "
        "it again, or does it have to be text at all?",
        "Sort by the numbers themselves: `seconds[name]`, with no `str` and no f-string.",
    ),
    WrongWay(
        "rounded",
        _is_rounded,
        "Lengths that differ by less than a second count as equal to you. What does `int` or "
        "`round` make of 0.25 and of 0.1?",
        "Compare the lengths as they are, with no `int`, `round` or `//`.",
    ),
    WrongWay(
        "longest-only",
        _is_longest_then_given,
        "You put the longest first and leave the others as they came. Which of those is left "
        "running alone at the end?",
        "What holds for the longest holds for the second longest, too: sort them all by their "
        "lengths, longest first.",
    ),
    WrongWay(
        "longest-only",
        _is_longest_then_short,
        "The longest goes first, and then the short ones go before the long ones. Which of them "
        "is left running alone at the end?",
        "What holds for the longest holds for the second longest, too: sort them all by their "
        "lengths, longest first.",
    ),
    WrongWay(
        "by-turns",
        _is_by_turns,
        "Long ones and short ones take turns in your order. So a long one comes late: what runs "
        "beside it at the end?",
        "Short ones fill gaps best when they come last. Sort all by their lengths, longest first.",
    ),
    WrongWay(
        "half-sorted",
        _is_half_sorted,
        "Your order is sorted in part: some tasks have changed places, and others are where they "
        "came. Does your sorting go on until nothing is left to change?",
        f"`sorted` does all of it. {_BY_LENGTH}",
    ),
    WrongWay(
        "in-the-middle",
        _is_in_the_middle,
        "The long ones are in the middle of your order, with shorter ones before them. What would "
        "change if a long one began before the short ones?",
        f"Put the longest first, all through the list. {_BY_LENGTH}",
    ),
    *(
        WrongWay(
            "first-wave",
            _first_wave(most),
            f"The {most} longest go first, and the others stay as they came. When the first CPU is "
            "free again, which of the others should it take?",
            "What holds for the first ones holds for the next, too: sort all by their lengths, "
            "longest first.",
        )
        for most in range(2, TASKS - 1)
    ),
    *(
        WrongWay(
            "two-groups",
            _two_groups(border),
            "You put long ones before short ones, and within the two groups you leave the order as "
            "it came. Is that good enough at the end of each group?",
            "Two groups are too coarse: sort all by their lengths, longest first.",
        )
        for border in (
            lambda lengths: fmean(lengths.values()),
            lambda lengths: median(lengths.values()),
            *(lambda lengths, seconds=seconds: seconds for seconds in (0.1, 0.2, 0.25, 0.5, 1, 5)),
        )
    ),
    *(WrongWay("cpu-by-cpu", _dealt(cpus), *_DEALT) for cpus in (2, 3, 4)),
    *(WrongWay("order-of-ends", _ends(cpus), *_ENDS) for cpus in (1, 2, 3, 4)),
    *(
        WrongWay(
            "one-number-of-cpus",
            _best_for(cpus),
            f"With {cpus} CPUs your order is as good as can be, and with another number it is "
            "not. Nobody tells you how many there will be: what is a good order for any number?",
            "Do not work out a schedule for one number of CPUs. Sort the tasks by their lengths, "
            "longest first.",
        )
        for cpus in ORDER_CPUS
    ),
)


Orders = Callable[[Lengths], Iterable[Sequence[str]]]


def _draw_lengths(chance: Random, make: Callable[[], list[float]], wrong: Orders) -> Lengths:
    """Draw tasks for which longest first is best, and which each wrong order packs worse."""
    while True:
        lengths = dict(zip(chance.sample(NAMES, TASKS), make(), strict=True))
        best = {cpus: _best(lengths, cpus) for cpus in ORDER_CPUS}
        if all(_packs_worse(lengths, order, best) for order in wrong(lengths)) and not any(
            _can_end_before(lengths, best[cpus], cpus) for cpus in ORDER_CPUS
        ):
            return lengths


def _packs_worse(lengths: Lengths, order: Sequence[str], best: Mapping[int, float]) -> int | None:
    """Return the first number of CPUs with which this order takes longer than the best."""
    return next(
        (cpus for cpus in best if makespan(lengths, order, cpus) > best[cpus] + GRAIN), None
    )


def _not_by_length(lengths: Lengths) -> Iterator[Sequence[str]]:
    """Yield the orders that come of other things than lengths, and those made for some CPUs."""
    given, names = list(lengths), sorted(lengths)
    letters = sorted(lengths, key=lambda name: name[1])
    yield from (given, given[::-1], sorted(lengths, key=lengths.__getitem__))
    yield from (names, names[::-1], letters, letters[::-1])
    for cpus in ORDER_CPUS:
        yield from _deal(lengths, cpus)
    for cpus in ORDER_CPUS:  # what takes long comes last
        yield min(permutations(lengths), key=lambda order: makespan(lengths, order, cpus))


def _by_other_numbers(lengths: Lengths) -> list[list[str]]:
    """List the orders that come of comparing the lengths as text or in part, and the given one."""
    text = sorted(lengths, key=lambda name: str(lengths[name]))
    rounded = sorted(lengths, key=lambda name: -round(lengths[name]))
    cut = sorted(lengths, key=lambda name: -int(lengths[name]))
    first = [_first_ones(lengths, most) for most in (1, 2, 3)]
    return [list(lengths), text, text[::-1], *first, *([] if rounded == cut else [rounded])]


def _in_part(lengths: Lengths) -> list[list[str]]:
    """List the orders that come of half a sort, or of mixing long ones and short ones."""
    falling = _longest_first(lengths)
    middle = _around_the_longest(falling)
    return [*_half_sorted(lengths), middle, middle[::-1], _take_turns(falling)]


def _can_end_before(lengths: Lengths, seconds: float, cpus: int) -> bool:
    """Tell whether some way of sharing the tasks out ends sooner."""
    if seconds <= max(max(lengths.values()), sum(lengths.values()) / cpus) + GRAIN:
        return False
    return any(makespan(lengths, order, cpus) < seconds - GRAIN for order in permutations(lengths))


def _in_fractions(chance: Random) -> Lengths:
    """Draw lengths below half a second, which a real Ray can run in a moment, no two equal."""
    return _draw_lengths(
        chance, lambda: [each / 20 for each in chance.sample(range(1, 9), TASKS)], _not_by_length
    )


def _longer_as_text(chance: Random) -> Lengths:
    """Draw lengths of which the longest, written as text, come before shorter ones."""

    def make() -> list[float]:
        kinds = ((10, 10.5, 11.25, 12), (2.25, 3.5, 8.75, 9.5), (0.75, 1, 1.5))
        lengths = [each for kind in kinds for each in chance.sample(kind, TASKS // len(kinds))]
        return chance.sample([*lengths[:-1], 0], TASKS)

    return _draw_lengths(chance, make, _by_other_numbers)


def _some_equal(chance: Random) -> Lengths:
    """Draw lengths of which two come twice so that none may be taken for the other."""

    def make() -> list[float]:
        one, two, *others = (grains / 20 for grains in chance.sample(range(1, 9), TASKS - 2))
        return chance.sample([one, one, two, two, *others], TASKS)

    return _draw_lengths(chance, make, _in_part)


def _alone(chance: Random) -> Lengths:
    return {chance.choice(NAMES): 0.25}


ORDER_INPUTS: Family = {
    "short tasks": _in_fractions,
    "longer than nine seconds, shorter, and none at all": _longer_as_text,
    "equal lengths": _some_equal,
    "one task alone": _alone,
}

_EXCEPTIONS = (
    (
        "KeyError",
        "The keys of `seconds` are the names of the tasks, and there are no others: no positions, "
        "and no lengths. What is in the square brackets on that line?",
    ),
    (
        "object is not callable",
        "The `key` of `sorted` is a function that it calls with each name. `seconds.get` is one; "
        "with brackets after it, it is a call, and a list or dict is no function.",
    ),
    (
        "not supported between",
        "Things were compared that have no order, such as `None`. What does your `key` give for "
        "one name, if you call it by hand?",
    ),
    (
        "no attribute 'sort'",
        "A dict cannot be sorted where it stands. `sorted(...)` makes a sorted list of its keys: "
        "which arguments tell it by what to sort?",
    ),
    (
        "to unpack",
        "A loop over a dict gives its keys, the names alone. What gives pairs of a name and a "
        "length?",
    ),
    (
        "changed size during iteration",
        "You take tasks out of `seconds` while a loop runs over it. Loop over a list of its names, "
        "or as long as there are any.",
    ),
    (
        "bad operand type",
        "The `key` of `sorted` is called with a name, which is text. The length of its task is "
        "`seconds[name]`.",
    ),
    (
        "required positional argument",
        "Something is called with another number of arguments than it takes. `sorted` and `max` "
        "call their `key` with one: the name.",
    ),
)


@dataclass(frozen=True)
class Ordering:
    """What an answer to exercise 3 returned for some tasks."""

    case: Case
    seen: Observation

    @property
    def lengths(self) -> Lengths:
        """Return the lengths that it was given."""
        lengths: Lengths = self.case.value
        return lengths

    @property
    def order(self) -> list[Any]:
        """Return what it returned, as a list."""
        return self.seen.values

    @property
    def is_complete(self) -> bool:
        """Tell whether it has each name once, and nothing else."""
        names = [name for name in self.order if isinstance(name, str)]
        return len(names) == len(self.order) and sorted(names) == sorted(self.lengths)


def grade_order(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 3: the order of submission with the shortest makespan.

    The schedule oracle judges it, for fixed numbers of CPUs; then the real Ray runs one.
    """
    require_ray()
    orderings: list[Ordering] = []
    for case in draw(ORDER_INPUTS, seed):
        seen = observe(answer, dict(case.value), deadline_seconds=deadline_seconds, recorded=False)
        orderings.append(Ordering(case, seen))
        if not orderings[-1].is_complete:
            break  # with what may have taken long
    for ordering in orderings:
        # All of them tell which mistake it is that makes this one too long.
        if verdict := judge(ORDER_DEMANDS, ordering, orderings):
            return ordering.case.tell(verdict, given=_write_lengths(ordering.lengths))
    return _pass(orderings)


def _pass(orderings: list[Ordering]) -> Verdict:
    first = orderings[0]
    cpus = count_logical_cpus()
    planned = makespan(first.lengths, first.order, cpus)
    took = _run(first.lengths, first.order)
    numbers = " and with ".join(map(str, ORDER_CPUS))
    return passed(
        f"{count(len(orderings), 'order')}, and no other ends sooner with {numbers} CPUs. "
        f"On this Ray, with {count(cpus, 'logical CPU')}, the first should take "
        f"{planned:.2f} s, and took {took:.2f} s.",
        all_kept(ORDER_DEMANDS),
    )


def _run(lengths: Lengths, order: list[str]) -> float:
    nap = ray.remote(slow_square)
    start = time.perf_counter()
    ray.get([nap.remote(lengths[name]) for name in order])
    return time.perf_counter() - start


def _write_lengths(lengths: Lengths) -> str:
    return f"`{ {name: round(seconds, 2) for name, seconds in lengths.items()} }`"


def _no_list(ordering: Ordering, _: list[Ordering]) -> Verdict | None:
    seen = ordering.seen
    refs = [each for each in (seen.value, *seen.values) if isinstance(each, ray.ObjectRef)]
    if seen.error is None and not seen.timed_out and refs:
        return not_yet(
            "refs",
            f"{count(len(refs), 'object ref')} came back.",
            "You start the tasks yourself. Here nothing runs: what is asked for is the order, "
            "as a list of names.",
            "Return `sorted(...)` of the names, with no `.remote` and no `ray.get`.",
        )
    verdict = common_mistake(seen, hints=_EXCEPTIONS)
    if verdict is None or verdict.mistake not in ("no-list", "none", "generator"):
        return verdict
    hint, direct = _NO_LIST[verdict.mistake]
    if isinstance(seen.value, str):
        hint = (
            "You return one name, and all are asked for: which comes first, which next, and so on?"
            if seen.value in ordering.lengths
            else "You return one text. A list is asked for, with a name in each element."
        )
    elif isinstance(seen.value, set | frozenset):
        hint = "You return a set, and a set has no order. The order is what is asked for."
    elif isinstance(seen.value, dict):
        hint = "You return a dict. A list of its names is asked for, in their order."
    return not_yet(verdict.mistake, verdict.seen, hint, direct)


_NO_LIST = {
    "no-list": (
        "A list is asked for, with the name of each task in it.",
        "`sorted(...)` returns a list: return what it gives for all names.",
    ),
    "none": (
        "Your function hands nothing back. Does it end in a `return`, and does what you return "
        "give something back? `list.sort()` sorts where it is and gives `None`.",
        "Write `return sorted(...)`: unlike `list.sort`, it gives the sorted list.",
    ),
    "generator": (
        "What you return gives its names one by one, and only once. The caller asked for a list: "
        "what makes one of it?",
        "Put `list(...)` around it.",
    ),
}


def _no_names(ordering: Ordering, _: list[Ordering]) -> Verdict | None:
    order, lengths = ordering.order, ordering.lengths
    strange = [each for each in order if not (isinstance(each, str) and each in lengths)]
    if not strange:
        return None
    story = f"you returned {_show(order)} for the tasks {shorten(list(lengths))}."
    if all(isinstance(each, Task) for each in strange):
        return not_yet(
            "pairs",
            story,
            "Your list holds tasks of `predict_schedule`. The names alone are asked for.",
            "Take `task.name` of each of them.",
        )
    if all(isinstance(each, tuple | list) for each in strange):
        if any(isinstance(name, float | int) for each in strange for name in each):
            return not_yet(
                "pairs",
                story,
                "Your list holds pairs of a name and its length. The names alone are asked for: "
                "how do you take them out of the pairs, in the order that they have now?",
                "Write `[name for name, length in pairs]` of your sorted pairs.",
            )
        return not_yet(
            "nested",
            story,
            "Your list holds lists. One flat list of names is asked for: Ray itself shares the "
            "tasks out among its CPUs, the next one to whichever is free.",
            "Forget the CPUs, and sort all names into one list.",
        )
    if all(_is_number(each) for each in strange):
        if ordering.seen.submissions:
            return not_yet(
                "results",
                story,
                "You run the tasks and return their results. Here nothing runs: what is asked "
                "for is the order, as a list of names.",
                "Return `sorted(...)` of the names, with no `.remote` and no `ray.get`.",
            )
        if any(each in lengths.values() for each in strange):
            return not_yet(
                "wrong-values",
                story,
                "Return the names of the tasks. The lengths that belong to them you may use to "
                "sort by, not to return.",
                "`sorted(seconds.values())` loses the names. Sort the names, `sorted(seconds, "
                "key=…)`, by the length of each.",
            )
        return not_yet(
            "wrong-values",
            story,
            "Your list holds numbers, perhaps the places of the tasks. Which name belongs to each?",
            "Return the names themselves, the keys of `seconds`.",
        )
    if all(isinstance(each, str) and any(name in each for name in lengths) for each in strange):
        return not_yet(
            "other-names",
            story,
            "You return the names with something added to them. The names as they are in `seconds` "
            "are asked for.",
            "Return `sorted(seconds, ...)` itself: no f-string and no `str`.",
        )
    return not_yet(
        "other-names",
        story,
        "Some of what you return is no name of a task that you were given. Every check draws "
        "other tasks: where do your names come from?",
        "Take the names from `seconds`, whose keys they are, and write none of them down.",
    )


def _show(order: list[Any]) -> str:
    try:
        return shorten(order)
    except Exception:
        return count(len(order), "value")


def _is_number(value: object) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, str)


def _not_once(ordering: Ordering, _: list[Ordering]) -> Verdict | None:
    if ordering.is_complete:
        return None
    order, lengths = ordering.order, ordering.lengths
    twice = [name for name, times in Counter(order).items() if times > 1]
    missing = [name for name in lengths if name not in order]
    story = f"you returned {shorten(order)} for {_write_lengths(lengths)}."
    left_out = f"Not among them: {listing([f'`{name}`' for name in missing])}."
    kept = [lengths[name] for name in order]
    often = Counter(lengths.values())
    if all(lengths[name] in kept for name in missing) and all(
        often[lengths[name]] > 1 for name in (*missing, *twice)
    ):
        return not_yet(
            "equal-lengths",
            f"{story} {left_out if missing else 'Some came more than once.'}",
            "With two tasks that are equally long it goes wrong: one is lost, or comes twice. Do "
            "you look names up by a length somewhere, in a dict or with `index`, or compare in a "
            "way that leaves out what is equal?",
            "A length can belong to several names, and a name has one length. So sort the names, "
            "and look up the length of each: `seconds[name]`.",
        )
    if twice:
        return not_yet(
            "twice",
            f"{story} {listing([f'`{name}`' for name in twice])} came more than once.",
            "A name that comes twice would be a task that runs twice. Which two places of your "
            "function put it into the list?",
            "Take a name out of what is left, once you have put it into the list.",
        )
    if not any(lengths[name] for name in missing):
        return not_yet(
            "no-length",
            f"{story} {left_out}",
            "A task that takes no time is a task, too. Do you ask somewhere whether a length is "
            "true? Zero is not.",
            "`sorted(seconds, ...)` keeps all names, whatever their lengths.",
        )
    return not_yet(
        "lost",
        f"{story} {left_out}",
        "All tasks have to run, and one alone came out of your function. Does a `return` in a loop "
        "end it too early, or do you choose only one?"
        if len(order) == 1
        else "All tasks have to run, and you leave some out. What happens to the names that you do "
        "not choose first, and to the last one?",
        "`sorted(seconds, ...)` keeps them all. If you choose names one by one, go on until none "
        "is left.",
    )


def _too_long(ordering: Ordering, orderings: list[Ordering]) -> Verdict | None:
    order, lengths = ordering.order, ordering.lengths
    best = {cpus: _best(lengths, cpus) for cpus in ORDER_CPUS}
    cpus = _packs_worse(lengths, order, best)
    if cpus is None:
        return None
    mine = makespan(lengths, order, cpus)
    story = f"with {cpus} CPUs your order of {shorten(order)} takes {format_seconds(mine)}, "
    story += f"and {format_seconds(best[cpus])} is possible."
    telling = [each for each in orderings if each.is_complete and len(each.lengths) > 1]
    for way in WRONG_WAYS:
        if all(way.leads_to(each.order, each.lengths) for each in telling):
            return not_yet(way.mistake, story, way.hint, way.direct_hint)
    return not_yet("too-long", story, *_hint_at_end(lengths, order, cpus))


def _hint_at_end(lengths: Lengths, order: list[str], cpus: int) -> tuple[str, str]:
    """Name the task that ends last, and a shorter one that was started before it."""
    schedule = predict_schedule([Task(name, lengths[name]) for name in order], cpus)
    last = max(schedule.runs, key=lambda run: run.end)
    before = order[: order.index(last.name)]
    shorter = [name for name in before if lengths[name] < lengths[last.name]]
    start = format_seconds(last.start)
    if not shorter:
        return (
            f"`{last.name}` ends last, and starts after {start}. Two shorter ones were handed in "
            "the wrong way round before it: are all tasks sorted by their lengths?",
            f"Put the longest first, all through the list. {_BY_LENGTH}",
        )
    return (
        f"`{last.name}` ends last: it takes {format_seconds(lengths[last.name])} and starts after "
        f"{start}. Before it you hand in `{shorter[0]}`, which takes "
        f"{format_seconds(lengths[shorter[0]])}. What if those two changed places?",
        f"Put the longest first, all through the list. {_BY_LENGTH}",
    )


ORDER_DEMANDS = (
    Demand("It ends, and returns a list.", _no_list),
    Demand("The list holds names of the tasks, and nothing else.", _no_names),
    Demand("It holds each name once.", _not_once),
    Demand("No other order ends sooner, with 2 CPUs or with 3.", _too_long),
)


ORDER = Exercise(
    number=3,
    title="Find the order",
    call="my_order(seconds)",
    section="Unequal tasks",
    task=(
        "`seconds` is a dict with the name of each task and its length. Return a list of all the "
        "names, in the order in which to submit the tasks so that the last of them ends as early "
        "as possible. You do not know how many CPUs there will be: it has to be a good order for "
        "any number of them."
    ),
    starter_mistake="as-given",
    grader=grade_order,
)
