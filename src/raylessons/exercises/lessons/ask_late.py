"""The page *Ask late*: two tasks for each parcel, and one wait."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Number
from random import Random
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import (
    TIMEOUT_HINT,
    common_mistake,
    ran_in_turn,
    waits_between,
)
from raylessons.exercises.observing import Observation, Submission, is_sequence, observe
from raylessons.exercises.turns import (
    by_submitter,
    longest_sleep,
    threads_of,
    ways_between,
)
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.waits import refs_of
from raylessons.trace.records import TaskRun
from raylessons.words import count, describe, shorten

WEIGH_SECONDS = 0.02
PARCELS_AT_ONCE = 6
# How much longer than a chain of two weighings no program has to sleep at once.
LONGEST_SLEEP = 0.3
GUESSES = 15
ONE_SLOW = "one parcel that takes long"
# Longer than a second, which a timeout may be thought to be enough.
LONG_SECONDS = 1.1


def second_weight(weight: float) -> float:
    """Tell what the second weighing of a parcel shows, in halves.

    >>> [second_weight(10 * parcel) for parcel in (4, 9, 1, 7)]
    [10.0, 1.5, 5.5, 2.5]
    """
    return weight * 7 % 48 / 4


def require_one(value: object, function: str, what: str) -> None:
    """Raise `TypeError` where a function was given something else than one number."""
    if isinstance(value, Number):
        return
    held = _refs_in(value)
    inside = f" with {count(held, 'ref')} in it" if held else ""
    raise TypeError(f"{function} takes one {what}, and was given a {type(value).__name__}{inside}")


def _refs_in(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(inner, list | tuple | type({}.values())):
        return 0
    return sum(isinstance(each, ray.ObjectRef) for each in inner)


@dataclass(frozen=True)
class Weighing:
    """What an answer to exercise 2 did with some parcels."""

    seen: Observation
    parcels: list[int]
    left: list[int]  # what the answer has left of the list
    chain_seconds: float  # that a parcel takes
    weighed: dict[str, list[int]]  # the parcels that each task weighed, by its id
    weighed_again: dict[str, list[int]]  # the weights

    @property
    def seconds(self) -> list[float]:
        """Return the second weights, in the order of the parcels."""
        return [second_weight(10 * parcel) for parcel in self.parcels]

    @property
    def best(self) -> float:
        """Return the largest second weight."""
        return max(self.seconds)

    def runs(self, name: str) -> list[TaskRun]:
        """Return the runs of `weigh` or of `weigh_again`, those too that did not come to an end."""
        return [run for run in self.seen.trace.tasks() if run.name == name]

    def count(self, name: str) -> int:
        """Count how often was weighed."""
        ledger = self.weighed if name == "weigh" else self.weighed_again
        return max(len(_all(ledger)), len(self.runs(name)))

    def submissions(self, *names: str) -> list[Submission]:
        """Return what the driver submitted of `weigh` and of `weigh_again`."""
        ledgers = {"weigh": self.weighed, "weigh_again": self.weighed_again}
        ids = {task_id for name in names for task_id in ledgers[name]}
        ids |= {run.task_id for name in names for run in self.runs(name)}
        return [each for each in self.seen.submissions if each.task_id in ids]

    @property
    def asked_for(self) -> set[Any]:
        """Return the refs whose values the driver asked for."""
        asked = {ref for call in self.seen.named("get") for ref in refs_of(call)}
        return asked.union(*(wait.refs for wait in self.seen.waits if wait.way == "await"))

    @property
    def first_weights_asked_for(self) -> set[Any]:
        """Return the refs of first weights whose values the driver asked for."""
        firsts = {ref for each in self.submissions("weigh") for ref in each.refs}
        return firsts & self.asked_for

    @property
    def story(self) -> str:
        """Tell how often was weighed."""
        first, second = self.count("weigh"), self.count("weigh_again")
        return (
            f"for {count(len(self.parcels), 'parcel')}, {count(first, 'task')} of `weigh` and "
            f"{second} of `weigh_again` ran."
        )


def _all(done: dict[str, list[int]]) -> list[int]:
    return sorted(each for by_task in done.values() for each in by_task)


def _draw_parcels(is_fit: Callable[[list[int], int], bool]) -> Callable[[Random], list[int]]:
    """Draw six parcels of which one, at a place that is fit, weighs most the second time.

    Two others are equal, and the best weight is no whole one.
    """

    def make(chance: Random) -> list[int]:
        while True:
            parcels = chance.sample(range(5, 40), PARCELS_AT_ONCE - 1)
            equal = parcels[chance.randrange(len(parcels))]
            parcels.insert(chance.randrange(PARCELS_AT_ONCE), equal)
            seconds = [second_weight(10 * parcel) for parcel in parcels]
            best = seconds.index(max(seconds))
            if seconds.count(seconds[best]) == 1 and seconds[best] % 1 and is_fit(parcels, best):
                return parcels

    return make


def _is_hidden(parcels: list[int], best: int) -> bool:
    """Tell whether all that can be taken for the largest second weight is told from it."""
    seconds = [second_weight(10 * parcel) for parcel in parcels]
    # As text, the best comes last here: that is for another input.
    guesses = [guess for guess, *_ in _guesses(parcels, seconds) if guess != seconds[best]]
    return (
        0 < best < len(parcels) - 1
        and parcels[best] not in (min(parcels), max(parcels))
        and max(seconds, key=str) == seconds[best]
        and len(guesses) == len(set(guesses)) == GUESSES - 1
    )


def _is_first(parcels: list[int], best: int) -> bool:
    """Tell whether the first is the best, and the heaviest, and not so as text."""
    seconds = [second_weight(10 * parcel) for parcel in parcels]
    others = (seconds[0], seconds[-1], min(seconds), max(seconds[1:]))
    guesses = [guess for guess, *_ in _guesses(parcels, seconds)]
    return (
        best == 0
        and parcels[0] == max(parcels)
        and max(seconds, key=str) not in others
        # What an answer finds that leaves out the first is taken for nothing else.
        and max(seconds[1:]) not in guesses
    )


def _is_last(parcels: list[int], best: int) -> bool:
    return best == len(parcels) - 1 and parcels[-1] == min(parcels)


PARCELS: Family = {
    "the best is neither the first nor the last, neither heavy nor light": _draw_parcels(
        _is_hidden
    ),
    "the first is the best, and the heaviest": _draw_parcels(_is_first),
    "the last is the best, and the lightest": _draw_parcels(_is_last),
    "all second weights are 0": lambda chance: chance.sample([24, 48, 72], 2),
    ONE_SLOW: lambda chance: [chance.choice([1, 3, 5, 7])],
}


def grade_best(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 2: two tasks for each parcel, and one wait, at the end."""
    require_ray()
    tries: list[Weighing] = []
    for case in draw(PARCELS, seed):
        seconds = LONG_SECONDS if case.kind == ONE_SLOW else WEIGH_SECONDS
        weighing = _run_weighing(
            answer, case.value, deadline_seconds, seconds=seconds, recorded=not tries
        )
        tries.append(weighing)
        if verdict := judge(BEST_DEMANDS, weighing):
            return case.tell(verdict, weighing.seen.picture)
    first = tries[0]
    return passed(
        f"{first.story} At most {first.seen.trace.peak_parallelism()} ran at once. You asked for "
        f"{count(len(first.asked_for), 'value')}, none of them a first weight.",
        all_kept(BEST_DEMANDS),
    )


def _run_weighing(
    answer: Callable[..., Any],
    parcels: list[int],
    deadline_seconds: float,
    *,
    seconds: float,
    recorded: bool,
) -> Weighing:
    first, second = Ledger(), Ledger()

    def weigh(parcel: int) -> int:
        require_one(parcel, "weigh", "parcel")
        first.write(int(parcel))
        time.sleep(seconds)
        return 10 * parcel

    def weigh_again(weight: int) -> float:
        require_one(weight, "weigh_again", "weight")
        second.write(int(weight))
        time.sleep(WEIGH_SECONDS)
        return second_weight(weight)

    given = list(parcels)
    seen = observe(
        answer,
        ray.remote(weigh),
        ray.remote(weigh_again),
        given,
        deadline_seconds=deadline_seconds,
        recorded=recorded,
    )
    return Weighing(
        seen, list(parcels), given, seconds + WEIGH_SECONDS, first.take_tasks(), second.take_tasks()
    )


_BEST_EXCEPTIONS = (
    (
        "with 1 ref in it",
        "A ref inside of a list stays a ref: the task was given the list, and nobody waited for "
        "what is in it. Pass the ref itself, as an argument of its own.",
    ),
    (
        "refs in it",
        "One task was given the whole list of refs, where it takes one. Call `.remote` once for "
        "each of them.",
    ),
    (
        "weigh takes one parcel",
        "`weigh` takes one parcel, and was given more, or something else. Call "
        "`weigh.remote(parcel)` once for each.",
    ),
    (
        "weigh_again takes one weight",
        "`weigh_again` takes one weight, and was given more, or something else. Call "
        "`weigh_again.remote` once for each of what `weigh.remote` returns.",
    ),
    TIMEOUT_HINT,
    (
        "Calling 'put' on",
        "`ray.put` takes a value, and what `.remote()` returns is a ref already: pass it on as it "
        "is.",
    ),
    (
        "decorator must be applied to either a function or a class",
        "`ray.remote` takes a plain Python function: neither what is remote already, as `weigh` "
        "and `weigh_again` are, nor a built-in function such as `max`.",
    ),
    (
        "missing a required argument",
        "A task is started there without what it takes, which goes between the brackets of "
        "`.remote(...)`.",
    ),
    (
        "too many positional arguments",
        "`weigh` takes one parcel, and `weigh_again` one weight. Call `.remote` once for each.",
    ),
    (
        "is not iterable",
        "`max` and loops take several things, and were given one. Is the list of all the weights "
        "there, or a single one?",
    ),
    (
        "argument is empty",
        "`max` had nothing to choose from. What goes into it, also where a weight is 0 or where "
        "there is one parcel? And a `map` or a generator can be gone through only once.",
    ),
)


def _end(each: Weighing) -> Verdict | None:
    verdict = common_mistake(each.seen, wants="value", hints=_BEST_EXCEPTIONS)
    if verdict is None:
        return None
    error = each.seen.error
    if isinstance(error, ray.exceptions.RayTaskError) and "instances of 'ray" in str(error):
        return replace(
            verdict,
            hint="Refs inside of a list stay refs in the task, and refs cannot be compared. How "
            "does a task get the values?",
            direct_hint="Pass them one by one, `largest.remote(*refs)`: then it gets the values.",
        )
    if "instances of 'ray" in str(error):
        return replace(
            verdict,
            hint="Refs cannot be compared: they are promises of weights. What takes the weights "
            "out of them, all at once?",
            direct_hint="`max(ray.get(refs))`: first the values, then the largest.",
        )
    if verdict.mistake == "refs":
        return replace(verdict, direct_hint="Return what `ray.get` brings, and not the ref.")
    if verdict.mistake == "none" and not each.best:
        return replace(
            verdict,
            hint="The largest second weight is 0 here, and you return `None`. 0 counts as false "
            "where a condition asks `if weight`.",
        )
    return verdict


def _no_weighing(each: Weighing) -> Verdict | None:
    if each.count("weigh") or each.count("weigh_again"):
        return None
    return not_yet(
        "no-tasks",
        "no task weighed anything.",
        "Your result comes from somewhere else than from the tasks. Which call starts one?",
        "Call `weigh.remote(parcel)` for each parcel, and go on from what that returns.",
    )


def _is_best(each: Weighing) -> bool:
    try:
        return bool(each.seen.value == each.best)
    except (TypeError, ValueError):  # such as an array, which is neither true nor false
        return False


_LEFT_OUT = (
    "Not all of the parcels were weighed twice, and the largest weight is among the others. "
    "Which ones does your function leave out?",
    "Weigh each parcel, and each weight again: no parcel can be left out.",
)


def _wrong_best(each: Weighing) -> Verdict | None:
    if not is_sequence(each.seen.value) and _is_best(each):
        return None
    told = (
        f"you returned {describe(each.seen.value)}, and the largest second weight is {each.best}."
    )
    if hints := _type_hints(each):
        return not_yet("wrong-values", told, *hints)
    one_alone = (each.seconds[0], each.seconds[-1])  # a loop that ended early, or kept one ref
    if set(each.parcels) - set(_all(each.weighed)) and each.seen.value not in one_alone:
        return not_yet("too-few-tasks", told, *_LEFT_OUT)
    return not_yet("wrong-values", told, *_value_hints(each))


def _type_hints(each: Weighing) -> tuple[str, str] | None:
    value = each.seen.value
    if isinstance(value, Number):
        return None
    if isinstance(value, tuple | list) and 1 < len(value) < min(3, len(each.parcels)):
        return (
            "You return the weight together with something else. The weight alone was asked for.",
            "Return the largest second weight, and nothing beside it.",
        )
    if is_sequence(value) or isinstance(value, set | frozenset):
        if len(value) == 1:
            return (
                "You return the weight in a list, where the weight itself was asked for. "
                "`ray.get` of a list brings a list.",
                "Return `max(...)` of the list of second weights.",
            )
        return (
            "You return a list of weights. The largest of them was asked for.",
            "Return `max(...)` of the list of second weights.",
        )
    if isinstance(value, dict):
        return (
            "You return a dict. The largest of the second weights was asked for.",
            "Return `max(weights.values())`.",
        )
    return (
        "The caller wants a number: the largest second weight.",
        "Return `max(...)` of the list of second weights.",
    )


def _value_hints(each: Weighing) -> tuple[str, str]:
    value, parcels, seconds = each.seen.value, each.parcels, each.seconds
    rounds = [call for call in each.seen.named("wait") if isinstance(call.result, tuple)]
    if rounds and rounds[-1].result[1]:
        if rounds[-1].timeout is not None:
            return (
                "`ray.wait` came back at its timeout, before all had been weighed, and what was "
                "not ready by then is left out.",
                "`ray.get` waits for all, however long they take.",
            )
        return (
            "`ray.wait` comes back as soon as one task has ended, if you ask for no more. The "
            "others are in its second list, and you leave them out.",
            "`ray.get(refs)` waits for all.",
        )
    if each.weighed and not each.weighed_again and value in (0, None):
        return (
            "No task of `weigh_again` ran. Does an `except` of yours hide why?",
            "Take the `try` away, and read the error.",
        )
    if len(parcels) == 1:
        return (
            "With one parcel alone, something else than its second weight came out. Does your "
            "function compare neighbours, or leave one out?",
            "`max` of the list of second weights is right for one, too.",
        )
    if each.best:
        for guess, hint, direct_hint in _guesses(parcels, seconds):
            if value == guess:
                return hint, direct_hint
    if each.best == 0:
        return (
            "The largest second weight is 0 here, and something else came out. 0 counts as false "
            "where a condition asks `if weight`, or behind an `or`.",
            "Let `max` compare the weights, and ask of none of them whether it is true.",
        )
    if {10 * parcel for parcel in parcels} - set(_all(each.weighed_again)):
        return _LEFT_OUT
    return (
        "Every parcel was weighed twice, and something else than the largest second weight came "
        "out. Follow the best of them: where does your function lose it?",
        "The second weights are what `weigh_again.remote` leads to: return `max` of these alone.",
    )


def _guesses(parcels: list[int], seconds: list[float]) -> list[tuple[float, str, str]]:
    """Return what may be taken for the largest second weight, and what to say then."""
    best = seconds.index(max(seconds))
    return [
        (
            10 * max(parcels),
            "That is the largest of the first weights. The second ones count.",
            "Give what `weigh.remote` returns to `weigh_again.remote`, and compare those results.",
        ),
        (
            int(max(seconds)),
            "That is the largest second weight without its half. What cuts it off?",
            "Leave out `int` and `round`, and return the weight as it is.",
        ),
        (
            seconds[parcels.index(max(parcels))],
            "That is the second weight of the parcel that was heaviest the first time. Another "
            "may be heavier the second time.",
            "Weigh every parcel again, and take the largest of the second weights.",
        ),
        (
            min(seconds),
            "That is the smallest of the second weights, and the largest was asked for.",
            "`max` takes the largest. In a loop, keep what is larger than the best so far.",
        ),
        (
            seconds[-1],
            "That is the second weight of the last parcel. What became of the others?",
            "Keep the refs of all parcels in a list, and take the largest of all their values.",
        ),
        (
            seconds[0],
            "That is the second weight of the first parcel. What became of the others?",
            "A `return` inside the loop ends it in its first turn: return after the loop.",
        ),
        (
            parcels[best],
            "That is the parcel with the largest second weight. Its second weight was asked for.",
            "Return the weight, and not what you found it by.",
        ),
        (
            best,
            "That is the place of the parcel with the largest second weight. Its second weight "
            "was asked for.",
            "Return the weight, and not what you found it by.",
        ),
        (
            max(seconds, key=str),
            "That is the largest in the order of texts, in which 9 comes after 10. Weights are "
            "numbers.",
            "Leave out `str`, and compare the weights themselves.",
        ),
        (
            max(10 * second_weight(parcel) for parcel in parcels),
            "Your two weighings are the wrong way round: `weigh` comes first, and `weigh_again` "
            "takes what it returns.",
            "`weigh_again.remote(weigh.remote(parcel))`.",
        ),
        (
            100 * max(parcels),
            "You weighed with `weigh` both times. The second weighing is by `weigh_again`.",
            "`weigh_again.remote(weigh.remote(parcel))`.",
        ),
        (
            sum(seconds),
            "That is the sum of the second weights, and the largest of them was asked for.",
            "`max` in the place of `sum`.",
        ),
        (
            max(map(second_weight, parcels)),
            "You weighed the parcels again without weighing them first: what `weigh_again` takes "
            "is a weight.",
            "Give it what `weigh.remote(parcel)` returns, and not the parcel.",
        ),
        (
            max(map(second_weight, seconds)),
            "That is the largest of third weights: what came from `weigh_again` was weighed again.",
            "Two weighings for each parcel: `weigh`, and `weigh_again` once.",
        ),
        (
            0,
            "0 came out, with which a search for the largest begins. Does your loop ever compare "
            "a weight, and keep it?",
            "In each turn, `best = max(best, weight)`.",
        ),
    ]


def _changed_input(each: Weighing) -> Verdict | None:
    if each.left == each.parcels:
        return None
    return not_yet(
        "changes-input",
        f"`parcels` was {shorten(each.parcels)}, and is {shorten(each.left)} now.",
        "The list belongs to who calls your function, and has changed. Which line takes something "
        "out of it, or puts it in another order?",
        "Go through it by `for parcel in parcels`, or work with `list(parcels)`, a copy.",
    )


def _weighed_too_rarely(each: Weighing) -> Verdict | None:
    # Equal parcels may share their tasks: what these show is the same.
    parcels = set(each.parcels)
    unweighed = parcels - set(_all(each.weighed))
    if unweighed:
        return not_yet(
            "too-few-tasks",
            f"{each.story} Never weighed: {shorten(sorted(unweighed))}.",
            "Some parcels were never weighed by a task. Which ones does your function leave out?",
            "`weigh.remote(parcel)` for each parcel of the list, without a condition.",
        )
    if {10 * parcel for parcel in parcels} - set(_all(each.weighed_again)):
        return not_yet(
            "too-few-tasks",
            each.story,
            "Each parcel is weighed twice, each time by a task, and some were not weighed again. "
            "Who does the second weighing in your function, and of which parcels?",
            "`weigh_again.remote(ref)` for each ref that `weigh.remote` returns.",
        )
    return None


def _weighed_too_often(each: Weighing) -> Verdict | None:
    size = len(each.parcels)
    often = [name for name in ("weigh", "weigh_again") if each.count(name) > size]
    if not often and not Counter(_all(each.weighed)) - Counter(each.parcels):
        return None
    names = " and ".join(f"`{name}`" for name in often) or "`weigh`"
    return not_yet(
        "work-twice",
        each.story,
        f"Some tasks of {names} are started a second time, and each of them weighs anew. Which "
        "line calls `.remote()` again?",
        "Keep each ref that `.remote()` returns, and use it again in the place of a second call.",
    )


def _waits_early(each: Weighing) -> Verdict | None:
    seen, size = each.seen, len(each.parcels)
    firsts = each.submissions("weigh")
    if late := _late(firsts, seen, allowed=1):
        return _in_turn(each, firsts, late)
    groups = by_submitter([*each.runs("weigh"), *each.runs("weigh_again")], seen.trace.tasks())
    if any(ran_in_turn(run for run in runs if run.name == "weigh") for runs in groups):
        return not_yet(
            "get-in-loop",
            "each parcel was weighed only when the one before had been.",
            "Your tasks take turns. Who waits for one before it starts the next?",
            "Start all of them before anybody waits for the first: in your program, and in a task "
            "of yours that starts others.",
        )
    if late := _late(each.submissions("weigh", "weigh_again"), seen, allowed=2):
        return _midway(each, late)
    if size > 2 and any(map(_has_a_break, groups)):
        return not_yet(
            "asks-midway",
            "the second weighings were started when the last of the first had ended.",
            "All second weighings wait until the last of the first is over. Who waits for them, "
            "and what can `weigh_again` take in the place of a value?",
            "`weigh_again.remote(weigh.remote(parcel))`: the ref goes straight into the next task.",
        )
    return None


def _late(submissions: list[Submission], seen: Observation, allowed: int) -> int:
    """Count the submissions that somebody waited before.

    On a busy machine, a thread of the answer's may be done with a parcel before the last one
    starts: so many submissions are allowed for that.
    """
    late = waits_between(submissions, seen)
    own = any(wait.way != "await" and wait.thread == seen.own_thread for wait in seen.waits)
    return late if own or late > allowed or late == len(submissions) - 1 else 0


def _in_turn(each: Weighing, submissions: list[Submission], late: int) -> Verdict:
    ways = ways_between(submissions, each.seen)
    told = (
        f"{late} of {count(len(submissions), 'parcel')} were given to `weigh` only after you had "
        f"waited, by {' and '.join(f'`{way}`' for way in sorted(ways))}."
    )
    if ways == {"time.sleep"}:
        hint = (
            "Your program sleeps between two parcels, so the next one is weighed later than it "
            "could be. Start all of them at once."
        )
    elif ways == {"await"}:
        hint = (
            "An `await` in a loop waits for one parcel before the next is weighed, so they take "
            "turns. Submit for every parcel before you await anything."
        )
    elif 1 < threads_of(submissions) < len(submissions) - 1:
        hint = (
            "Your threads are fewer than the parcels: each starts a task, waits for it, and only "
            "then starts another. All tasks have to start before anybody waits."
        )
    elif late < len(submissions) - 1:
        hint = (
            "Some parcels are weighed, waited for, and only then the others. Submit for every "
            "parcel before you wait for anything."
        )
    else:
        hint = (
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Submit for every parcel before you wait for anything."
        )
    return not_yet(
        "get-in-loop",
        told,
        hint,
        "Two lists of refs: one by `weigh.remote` for each parcel, one by `weigh_again.remote` "
        "for each of those refs. Then one `ray.get`. A `map` or a generator is no such list: it "
        "starts a task only when the next ref is asked for.",
    )


def _midway(each: Weighing, late: int) -> Verdict:
    told = (
        f"{late} of {count(each.count('weigh_again'), 'task')} of `weigh_again` were submitted "
        "only after you had waited for others."
    )
    asked = each.first_weights_asked_for
    firsts = each.submissions("weigh")
    until = max(
        (call.end or 0.0 for call in each.seen.named("get") if asked & set(refs_of(call))),
        default=float("inf"),
    )
    seconds = [one.seconds for one in each.submissions("weigh_again")]
    again = each.submissions("weigh_again")
    if late == len(again) - 1 and not asked and waits_between(again, each.seen) == late:
        return not_yet(
            "asks-midway",
            told,
            "The second weighings take turns: you start one, wait for it, and only then start the "
            "next. Start all of them before you wait for the first.",
            "A list of refs, by `weigh_again.remote` for each; then one `ray.get` of the list.",
        )
    if not firsts or (asked and min(seconds, default=0.0) < until):
        hint = (
            "Your program fetches each first weight, only to hand it on. A task takes a ref where "
            "it wants a value, and waits by itself: what can you pass to `weigh_again`?"
        )
    elif asked:
        hint = (
            "All second weighings wait until the last of the first is over. A task takes a ref "
            "where it wants a value: what can you pass to `weigh_again`?"
        )
    else:
        hint = (
            "Your program waits for first weighings before it starts all of the second. A task "
            "that is given a ref waits for it by itself, so there is nothing to wait for here."
        )
    return not_yet(
        "asks-midway",
        told,
        hint,
        "`weigh_again.remote(weigh.remote(parcel))`: the ref goes straight into the next task.",
    )


def _has_a_break(runs: list[TaskRun]) -> bool:
    """Tell whether one party began to weigh again when its last first weighing had ended."""
    ends = [run.ended for run in runs if run.name == "weigh" and run.ended is not None]
    starts = [
        run.submitted for run in runs if run.name == "weigh_again" and run.submitted is not None
    ]
    return len(ends) > 2 and bool(starts) and min(starts) >= max(ends)


def _asks_for_too_much(each: Weighing) -> Verdict | None:
    asked, firsts = len(each.asked_for), len(each.first_weights_asked_for)
    size = len(each.parcels)
    if firsts:
        return not_yet(
            "not-needed",
            f"you asked for {count(asked, 'value')}, {firsts} of them first weights.",
            "Your program never needs a first weight: it is of use to `weigh_again` alone, which "
            "takes its ref. Which line asks for it?",
            "Ask for what `weigh_again.remote` returns, and for nothing else.",
        )
    if asked <= size:
        return None
    return not_yet(
        "not-needed",
        f"you asked for {count(asked, 'value')}, for {count(size, 'parcel')}.",
        "Some of these values you never use. Ask only for those that the answer is made of.",
        "Ask for what `weigh_again.remote` returns, and for nothing else.",
    )


def _sleeps(each: Weighing) -> Verdict | None:
    longest = longest_sleep(each.seen)
    if longest <= each.chain_seconds + LONGEST_SLEEP:
        return None
    return not_yet(
        "sleeps-more",
        f"your program slept for {longest:.1f} s, and a parcel takes {each.chain_seconds:.2f} s.",
        "Your program sleeps longer than the tasks take. Which call waits until they have ended, "
        "and no longer?",
        "Leave out `time.sleep`: `ray.get` waits as long as it takes.",
    )


BEST_DEMANDS = (
    Demand("It ends, and returns a value.", _end),
    Demand("Tasks weigh the parcels.", _no_weighing),
    Demand("The value is the largest second weight.", _wrong_best),
    Demand("The list `parcels` stays as it is.", _changed_input),
    Demand("Tasks weigh each parcel, and its weight again.", _weighed_too_rarely),
    # Before the waits: what is weighed after one, and had been before, is no matter of waiting.
    Demand("They do so once.", _weighed_too_often),
    Demand("All tasks are started before you wait for any.", _waits_early),
    Demand("You ask for no first weight, and for no more values than parcels.", _asks_for_too_much),
    Demand("Your program does not sleep longer than the tasks.", _sleeps),
)


BEST = Exercise(
    number=2,
    title="Ask later",
    call="my_best(weigh, weigh_again, parcels)",
    section="Ask at the end",
    task=(
        "`weigh` and `weigh_again` are remote functions. `my_best` weighs every parcel, weighs "
        "the weight again, and returns the largest second weight; there is one parcel at least. "
        "It is right, and it is slow. Make it as quick as its longest chain: start each task "
        "once, and all of them before you wait for any. Ask for as few values as you can, and "
        "for no first weight. `parcels` has to stay as it is."
    ),
    starter_mistake="get-in-loop",
    sections={
        "asks-midway": Section("ask-late", "Ask for what you need"),
        "too-few-tasks": Section("run-your-first-tasks", "Turn the function into a task"),
    },
    grader=grade_best,
)
