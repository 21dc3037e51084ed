"""The page *Run your first tasks*: a slow loop as tasks."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from inspect import isawaitable
from itertools import pairwise
from random import Random
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    SHORTEST_SHARE,
    TIMEOUT_HINT,
    common_mistake,
    longest_chain,
    outside_tasks,
    ran_in_turn,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.turns import (
    by_submitter,
    longest_sleep,
    threads_of,
    ways_between,
)
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.trace.records import TaskKind, TaskRun
from raylessons.words import count, shorten
from raylessons.workloads import slow_square

# What the calls of Ray's own pool are named that work; its others only look after its actors.
POOL = "PoolActor."
POOL_WORK = "PoolActor.run_batch"
# How much longer than the slowest call a program may sleep at once: it then waits for nothing.
LONGEST_SLEEP = 1.5
SHORTEST_LONG_SLEEP = 0.2
# Shares of all the sleep: of calls that end at once, and of one that others kept from ending.
AT_ONCE, BLOCKED = 0.1, 0.4


@dataclass(frozen=True)
class Squaring:
    """What an answer to exercise 1 did with some numbers."""

    seen: Observation
    numbers: list[float]
    left: list[float]  # what the answer has left of the list
    cpus: int

    @property
    def expected(self) -> list[float]:
        """Return the squares."""
        return [number * number for number in self.numbers]

    @property
    def values(self) -> list[Any]:
        """Return what came back; a square that was computed in another way is the same."""
        return [_as_expected(value, self.expected) for value in self.seen.values]

    @property
    def runs(self) -> list[TaskRun]:
        """Return the runs of tasks and of calls; that an actor is made is no work."""
        return [
            run
            for run in self.seen.runs
            if run.kind is not TaskKind.CREATION
            and (run.name == POOL_WORK or not run.name.startswith(POOL))
        ]

    @property
    def work(self) -> list[TaskRun]:
        """Return the runs of what most of the tasks ran: others make ready, or wait for these."""
        names = Counter(run.name for run in self.runs)
        return [run for run in self.runs if run.name == names.most_common(1)[0][0]]

    @property
    def submissions(self) -> list[Submission]:
        """Return the submissions of the work by the driver."""
        ids = {run.task_id for run in self.work}
        return [each for each in self.seen.submissions if each.task_id in ids]

    @property
    def tasks(self) -> int:
        """Count the tasks, those that tasks started too."""
        if not self.seen.trace.task_runs:
            return len(self.seen.submissions)
        return len(self.runs)

    @property
    def story(self) -> str:
        """Tell what ran."""
        return f"{count(self.tasks, 'task')} ran for {count(len(self.numbers), 'number')}."


def _several(chance: Random) -> list[float]:
    """Draw numbers in no order, two of them equal, and zero, whose square is none of the others."""
    equal, other = chance.sample(range(4, 16), 2)
    between = [other / 100, 0.0]
    chance.shuffle(between)
    # No order from small to big; the equal ones are not beside each other, and none is the last.
    return [equal / 100, between[0], equal / 100, between[1], 0.03]


def _slow(chance: Random) -> list[float]:
    """Draw one that outlasts a timeout of a second."""
    return [chance.randint(110, 130) / 100]


NUMBERS: Family = {
    "in no order, two of them equal, and zero": _several,
    "one that takes long": _slow,
    "none": lambda chance: [],
}


def grade_first_tasks(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 1: a slow loop as tasks that run at the same time."""
    require_ray()
    tries: list[Squaring] = []
    for case in draw(NUMBERS, seed):
        numbers = list(case.value)
        seen = observe(
            answer,
            numbers,
            deadline_seconds=deadline_seconds,
            watched=(slow_square,),
            # What runs beside what is seen with several, how long it runs with a long one.
            recorded=bool(numbers),
        )
        tries.append(Squaring(seen, list(case.value), numbers, count_logical_cpus()))
        if verdict := judge(SQUARE_DEMANDS, tries[-1]):
            return case.tell(verdict, seen.picture)
    first = tries[0]
    return passed(
        f"{first.story} At most {first.seen.trace.peak_parallelism()} ran at once; it took "
        f"{first.seen.trace.makespan():.1f} s for {sum(first.numbers):.2f} s of sleep.",
        all_kept(SQUARE_DEMANDS),
    )


def _as_expected(value: Any, expected: list[float]) -> Any:
    for square in expected:
        try:
            if math.isclose(value, square, rel_tol=1e-9, abs_tol=1e-12):
                return square
        except (TypeError, ValueError):
            return value
    return value


_SQUARE_EXCEPTIONS = (
    TIMEOUT_HINT,
    (
        "missing a required argument",
        "A task is started there without its number. What `slow_square` takes goes between the "
        "brackets of `.remote(...)`.",
    ),
    (
        "too many positional arguments",
        "`slow_square` takes one number, and was given several. Call `.remote(number)` once for "
        "each of them.",
    ),
    (
        "between instances of 'list'",
        "A task was given the whole list, where `slow_square` takes one number. Call "
        "`.remote(number)` once for each of them.",
    ),
    (
        "has no attribute 'get'",
        "The value of a ref comes from `ray.get(ref)`: a ref itself has no `get`.",
    ),
)


def _end(each: Squaring) -> Verdict | None:
    seen = each.seen
    verdict = common_mistake(seen, hints=_SQUARE_EXCEPTIONS)
    if verdict is None:
        return _unfinished_values(seen)
    if verdict.mistake == "exception" and not each.numbers:
        return replace(
            verdict,
            hint="There is no number here, and the list to return is empty. Which line of yours "
            "needs one at least?",
            direct_hint="Begin with `if not numbers: return []`, or leave out what needs a number.",
        )
    if verdict.mistake == "none" and not each.numbers:
        return replace(
            verdict,
            hint="There is no number here, and the list to return is empty: `[]`, and not `None`.",
        )
    if verdict.mistake == "no-list":
        return replace(verdict, hint=_type_hint(each), direct_hint="")
    if verdict.mistake == "generator":
        return replace(verdict, direct_hint="`list(...)` around it makes a list of an iterator.")
    if verdict.mistake == "refs":
        return replace(
            verdict, direct_hint="Return `ray.get(refs)`: the list of values, in the same order."
        )
    return verdict


def _type_hint(each: Squaring) -> str:
    value = each.seen.value
    if isinstance(value, dict):
        return (
            "You return a dict, where the caller wants a list with the square of each number in "
            "its place. A dict holds equal numbers only once."
        )
    if isinstance(value, set | frozenset):
        return (
            "You return a set, where the caller wants a list. A set holds equal squares once, and "
            "knows no order."
        )
    if isinstance(value, str):
        return "You return a text that looks like a list. Return the list itself."
    if any(_as_expected(value, [square]) is square for square in each.expected):
        return (
            "You return one square, where the caller wants a list of all. Does a `return` stand "
            "inside your loop, or do you keep only the last one?"
        )
    return (
        "The caller wants a list, with one square for each number. You return something that was "
        "made of it, or never came to be a list."
    )


def _unfinished_values(seen: Observation) -> Verdict | None:
    """Return the verdict on a list of what is yet to become values."""
    inner = [
        value
        for values in seen.values
        for value in (values if isinstance(values, list | tuple) else [values])
    ]
    refs = [value for value in inner if isinstance(value, ray.ObjectRef)]
    if refs:
        return not_yet(
            "refs",
            f"{count(len(refs), 'object ref')} came back, inside of lists or tuples.",
            "Your list still holds refs: promises of results. `ray.get` takes a flat list of refs, "
            "and brings their values.",
        )
    futures = [value for value in seen.values if isinstance(value, Future) or isawaitable(value)]
    if not futures:
        return None
    return not_yet(
        "futures",
        f"{count(len(futures), 'value')} of {len(seen.values)} came back as "
        f"`{type(futures[0]).__name__}`.",
        "These are promises of results, not the results: nobody has waited for them. What does, "
        "with what you use there?",
        "A `Future` gives its value by `.result()`, a coroutine by `await`, best all of them by "
        "`asyncio.gather`.",
    )


def _outside(each: Squaring) -> Verdict | None:
    seen = each.seen
    if not each.numbers:
        return None
    if seen.named("slow_square"):
        verdict = outside_tasks(seen, "slow_square", slow_square)
        if verdict is None or verdict.mistake == "threads":
            return verdict and replace(
                verdict,
                direct_hint="`ray.remote(slow_square)` makes a remote function; "
                "`.remote(number)` starts a task with it. No thread is needed.",
            )
        direct = (
            "Write `square = ray.remote(slow_square)` once, and `square.remote(number)` for each "
            "number; then `ray.get` of the list of refs."
        )
        if not seen.submissions:
            return replace(verdict, direct_hint=direct)
        return replace(
            verdict,
            hint="Tasks run, and your program calls `slow_square` itself besides, for which it "
            "stands still. Which line has it in brackets, without `.remote`?",
            direct_hint=f"No line calls `slow_square(...)` itself. {direct}",
        )
    if seen.submissions or each.runs:
        return None
    if seen.values and all(value is None for value in seen.values):
        return not_yet(
            "no-tasks",
            f"no task ran, and you returned {shorten(seen.values)}.",
            "No task was started, and `None` stands for each square. Does an `except` of yours "
            "hide what Ray says of it?",
            "Take the `try` away and read the error. A task is started by `.remote(number)`.",
        )
    if any(wait.way == "time.sleep" for wait in seen.waits):
        return not_yet(
            "driver",
            "no task ran, and your program slept by itself.",
            "Your program does the work of `slow_square` itself. Which call hands it to a worker "
            "and comes back at once?",
            "Write `square = ray.remote(slow_square)`, and start a task with "
            "`square.remote(number)` for each number.",
        )
    if seen.seconds >= SHORTEST_SHARE * max(each.numbers):
        return not_yet(
            "no-tasks",
            f"no task of Ray's ran, in {seen.seconds:.1f} s.",
            "Something else than Ray did the work, such as processes of your own. Let Ray's "
            "workers do it: they can be on other machines, too.",
            "`ray.remote(slow_square)` makes a remote function; `.remote(number)` starts a task.",
        )
    return outside_tasks(seen, "slow_square", slow_square)


def _square_result(each: Squaring) -> Verdict | None:
    values, expected, numbers = each.values, each.expected, each.numbers
    verdict = wrong_list(values, expected)
    if verdict is None:
        return None
    calls = {wait.way for wait in each.seen.waits} | {call.name for call in each.seen.calls}
    told = f"you returned {shorten(each.seen.values)}, where {shorten(expected)} was expected."
    if all(value is None for value in values) and values:
        return not_yet(
            "holes",
            told,
            "Each element is `None`, which is what a function without `return` gives, or a method "
            "such as `append`. Where does the square get lost?",
            "Let the function that runs as a task end in `return`.",
        )
    if all(isinstance(value, tuple) for value in values) and values:
        return not_yet(
            "nested",
            told,
            "Each element is a tuple, with more in it than the square. The caller wants the "
            "squares alone.",
            "Take the square out of each tuple, in a comprehension.",
        )
    if all(isinstance(value, list) and len(value) == 1 for value in values) and values:
        return not_yet(
            "nested",
            told,
            "Each square is in a list of its own. `ray.get` of a list brings a list, also where "
            "there is one ref in it.",
            "Ask once for the whole list, `ray.get(refs)`, or for a ref without brackets.",
        )
    if not values and each.seen.submissions:
        return not_yet(
            "lost",
            told,
            "Your list stayed empty, though tasks ran. A task cannot change a list of your "
            "program: it has one of its own, in another process.",
            "What a task has to say, it returns. Ask for that by `ray.get`.",
        )
    if values == [number**4 for number in numbers] and values:
        return not_yet(
            "wrong-values",
            told,
            "These are squares of the squares: what came from `slow_square` was squared again.",
            "The value of each ref is the square already: return it as it is.",
        )
    if values and values == [place**2 for place in range(len(values))]:
        return not_yet(
            "wrong-values",
            told,
            "These are the squares of 0, 1, 2 and so on: of places in the list, or of numbers that "
            "your function has written in it. Which numbers does it have to square?",
            "Pass each number of `numbers` itself: `for number in numbers`.",
        )
    if values and all(value == int(value) for value in values if _is_number(value)):
        return not_yet(
            "wrong-values",
            told,
            "All of these are whole numbers, and the numbers are not. What cuts off the rest?",
            "Leave out `int` and `round`, and pass each number as it is.",
        )
    if len(values) > len(expected) > 0 and values[-len(expected) :] == expected:
        return not_yet(
            "wrong-values",
            told,
            "Squares of an earlier call stand before those of this one. Which list of yours lives "
            "on from one call to the next?",
            "Make the list inside the function: a default argument, or a list outside, is made "
            "only once.",
        )
    if len(values) > 1 and values == [expected[-1]] * len(expected):
        return not_yet(
            "twice",
            told,
            "Every task squared the last number. A function that uses a variable of the loop looks "
            "it up when it runs, and not when it was made.",
            "Give the task its number as an argument: `.remote(number)`.",
        )
    if values == numbers:
        return not_yet(
            "wrong-values",
            told,
            "These are the numbers themselves. What your tasks return goes nowhere.",
            "Return what `ray.get` brings.",
        )
    if Counter(map(repr, values)) == Counter(map(repr, expected)):
        return _wrong_order(values, expected, calls, threads_of(each.seen.submissions), told)
    if verdict.mistake == "lost" and len(values) < len(expected):
        return _lost(each, values, told)
    if verdict.mistake == "twice" and len(values) == len(expected):
        return not_yet(
            "twice",
            told,
            "One square stands where others belong. Which place does each result go to, and which "
            "number does each task get?",
            "Every task gets the number of its own turn, and its result goes to the same place.",
        )
    return verdict


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _wrong_order(
    values: list[Any], expected: list[float], calls: set[str], threads: int, told: str
) -> Verdict:
    if {"wait", "ray.wait", "as_completed"} & calls:
        hint = (
            "The squares come as their tasks end, the quickest first. They belong in the order of "
            "the numbers."
        )
        direct = "`ray.get(refs)` gives the values in the order of the refs, whichever ends first."
    elif values == sorted(expected) or values == sorted(expected, reverse=True):
        hint = "The squares come sorted. They belong in the order of the numbers."
        direct = "Leave out what sorts, of the numbers or of the squares."
    elif values == expected[::-1]:
        hint = "The squares come back to front. Where do you take from the end of a list?"
        direct = "`pop()` takes the last one. Go through the list from its start."
    elif values == [one for square in dict.fromkeys(expected) for one in expected if one == square]:
        hint = "Equal squares stand together. They belong where their numbers are in the list."
        direct = "Go by the places of the list, and not by the keys of a dict: `enumerate`."
    elif threads > 1:
        hint = (
            "Your threads append to a list when they are done, the quickest first. The squares "
            "belong in the order of the numbers."
        )
        direct = "`executor.map` gives results in order; but tasks need no threads to run at once."
    else:
        hint = (
            "The squares are right, and not in the order of the numbers. Where does your function "
            "lose it?"
        )
        direct = (
            "Keep the refs in a list in the order of the numbers, and ask `ray.get` for that list."
        )
    return not_yet("wrong-order", told, hint, direct)


def _lost(each: Squaring, values: list[Any], told: str) -> Verdict:
    expected = each.expected
    rounds = [call for call in each.seen.named("wait") if isinstance(call.result, tuple)]
    if rounds and any(call.result[1] for call in rounds[-1:]):
        if rounds[-1].timeout is not None:
            hint = (
                "`ray.wait` came back at its timeout, before all tasks had ended, and what was not "
                "ready by then is lost."
            )
        else:
            hint = (
                "`ray.wait` comes back as soon as one task has ended, if you ask for no more. The "
                "others are in its second list, and lost."
            )
        return not_yet("lost", told, hint, "`ray.get(refs)` waits for all, however long they take.")
    if len(values) == 1 and values != expected[:1]:
        hint = (
            "Only one square came back, and not the first. What happens to a ref, or to a list, "
            "when the next turn of the loop begins?"
        )
        direct = "Make a list before the loop, and append each ref to it."
    elif len(values) == 1:
        hint = (
            "One square came back, of several. Does a `return` stand inside your loop, or does "
            "each turn make a new list?"
        )
        direct = "Make the list before the loop, and return it after the loop."
    elif values == [square for square in expected if square]:
        hint = "The square of zero is missing. Zero counts as false where a condition asks `if x`."
        direct = "Leave out the condition: zero is a number like any other."
    elif values == expected[1:]:
        hint = "The first square is missing. With which place does your list begin?"
        direct = "Places count from 0: go through the list itself, `for number in numbers`."
    elif values == expected[:-1]:
        hint = "The last square is missing. Where does your list end?"
        direct = "Go through the list itself, `for number in numbers`, and not to a place of it."
    else:
        hint = "Some squares never came. Is there a task for every number, and do you ask for each?"
        direct = "One ref for each number, all in one list, and `ray.get` of that list."
    return not_yet("lost", told, hint, direct)


def _changed_input(each: Squaring) -> Verdict | None:
    if each.left == each.numbers:
        return None
    return not_yet(
        "changes-input",
        f"`numbers` was {shorten(each.numbers)}, and is {shorten(each.left)} now.",
        "The list belongs to who calls your function, and has changed. Which line takes something "
        "out of it, or puts it in another order?",
        "Go through it by `for number in numbers`, or work with `list(numbers)`, a copy.",
    )


def _number_of_tasks(each: Squaring) -> Verdict | None:
    numbers = each.numbers
    if not each.seen.trace.task_runs or len(numbers) < 2:
        return None
    # Equal numbers may share a task: their square is the same.
    if each.tasks == 1:
        return not_yet(
            "one-task",
            each.story,
            "One task that does all does one after the other. Give each number a task.",
            "Call `.remote(number)` once for each number, in a loop or a comprehension.",
        )
    if each.tasks < len(set(numbers)):
        return not_yet(
            "too-few-tasks",
            each.story,
            "Some tasks have several numbers, and do one after the other, where there may be CPUs "
            "enough for all. Give each number a task of its own.",
            "Call `.remote(number)` once for each number, in a loop or a comprehension.",
        )
    if len(each.submissions) > len(numbers) or len(each.work) >= 2 * len(numbers):
        return not_yet(
            "work-twice",
            f"{count(len(each.work), 'task')} of one kind ran for {count(len(numbers), 'number')}.",
            "You submit some of the work more than once, and Ray does it each time. Which line "
            "does so a second time?",
            "Keep the refs that `.remote()` returns in a list, and ask those for the results.",
        )
    return None


def _one_after_another(each: Squaring) -> Verdict | None:
    seen, work = each.seen, each.work
    if len(each.numbers) < 2 or not work:
        return None
    if 2 < len(each.numbers) <= longest_chain(seen):
        return not_yet(
            "chain",
            f"{each.story} Each was given the ref of the one before.",
            "A task that takes the result of another waits for it, so your tasks take turns. "
            "What does a square need to know of the one before?",
            "Give each task its number alone, and make the list of the results at the end.",
        )
    if verdict := _too_few_actors(each):
        return verdict
    if late := _late(each):
        return _in_turn(each, late)
    if any(map(ran_in_turn, by_submitter(work, seen.runs))):
        return not_yet(
            "get-in-loop",
            f"{each.story} Each was submitted only when the one before had ended.",
            "Your tasks take turns. Who waits for one before it starts the next?",
            "Start all of them before anybody waits for the first: in your program, and in a task "
            "of yours that starts others.",
        )
    asked = max((each.options.get("num_cpus") or 0 for each in each.submissions), default=0)
    if asked > 1:
        return not_yet(
            "too-many-cpus",
            f"each task asked for {asked:g} CPUs.",
            "A task that asks for several CPUs keeps others from running beside it, and sleeps no "
            "faster. How many does one call need?",
            "Leave out `num_cpus`: one CPU is what a task asks for by itself.",
        )
    return None


def _late(each: Squaring) -> int:
    """Count the submissions that somebody waited before."""
    late = waits_between(each.submissions, each.seen)
    actors = {run.actor_id for run in each.work} - {None}
    if actors:  # A pool gives an actor its next call when the one before has ended.
        return late if late > len(each.work) - len(actors) else 0
    if late == 1 and not any(
        wait.way != "await" and wait.thread == each.seen.own_thread for wait in each.seen.waits
    ):
        return 0  # On a busy machine, a thread may be done before the last one starts.
    return late


def _in_turn(each: Squaring, late: int) -> Verdict:
    ways = ways_between(each.submissions, each.seen)
    told = (
        f"{late} of {each.tasks} tasks were submitted only after you had waited, by "
        f"{' and '.join(f'`{way}`' for way in sorted(ways))}."
    )
    direct = (
        "Two steps: a list of refs, `[square.remote(number) for number in numbers]`, and then "
        "one `ray.get` of the whole list. A `map` or a generator is no such list: it starts a task "
        "only when the next ref is asked for."
    )
    if ways == {"time.sleep"}:
        hint = (
            "Your program sleeps between two tasks, so the next one starts later than it could. "
            "Start all of them at once."
        )
    elif ways == {"await"}:
        hint = (
            "An `await` in a loop waits for one task before the next is started, so they take "
            "turns. Start all of them before you await the first."
        )
        direct = (
            "Two steps: a list of refs, `[square.remote(number) for number in numbers]`, and then "
            "`await asyncio.gather(*refs)`."
        )
    elif 1 < threads_of(each.submissions) < len(each.submissions) - 1:
        hint = (
            "Your threads are fewer than the numbers: each starts a task, waits for it, and only "
            "then starts another. All tasks have to start before anybody waits."
        )
    elif late < len(each.submissions) - 1:
        hint = (
            "Some tasks are started, waited for, and only then the others are started. Start all "
            "of them before you wait for any."
        )
    else:
        hint = (
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Start all of them before you wait for the first."
        )
    return not_yet("get-in-loop", told, hint, direct)


def _too_few_actors(each: Squaring) -> Verdict | None:
    """Return the verdict on actors that have more calls than one, and do them in turn."""
    calls: dict[str, list[TaskRun]] = defaultdict(list)
    for run in each.work:
        if run.actor_id is not None:
            calls[run.actor_id].append(run)
    needed = len(set(each.numbers))
    if each.work[0].name != POOL_WORK:
        needed = min(needed, max(2, each.cpus))
    else:
        needed = min(needed, each.cpus)
    if (
        not calls
        or len(calls) >= needed
        or not all(_take_turns(runs, each.numbers) for runs in calls.values())
    ):
        return None
    told = f"{count(len(each.work), 'call')} went to {count(len(calls), 'actor')}."
    if len(calls) > 1:
        return not_yet(
            "too-few-actors",
            told,
            "An actor does one call after the other, and there are more numbers and more CPUs than "
            "actors. What runs side by side, as many as there are?",
            "Give each number a task: `ray.remote(slow_square)` makes one of the function.",
        )
    return not_yet(
        "one-actor",
        told,
        "An actor does one call after the other. What runs side by side, and keeps nothing?",
        "`ray.remote(slow_square)` makes a task of the function: no actor is needed.",
    )


def _take_turns(runs: list[TaskRun], numbers: list[float]) -> bool:
    """Tell whether the calls of one actor did not sleep side by side."""
    # The call itself: Ray counts a call that waits for the loop of an async actor as started.
    spans = sorted(
        (phase.start, phase.end) for run in runs for phase in run.phases if phase.name == "execute"
    )
    if all(after[0] >= before[1] for before, after in pairwise(spans)):
        return True
    # A loop that is blocked by one call after the other tells of their ends when it is free again:
    # all but the first end at once, the short ones with the long ones.
    later = sorted(spans, key=lambda span: span[1])[1:]
    ends = [end for _, end in later]
    shortest = min((end - start for start, end in later), default=0.0)
    return (
        len(later) > 2
        and max(ends) - min(ends) < AT_ONCE * sum(numbers)
        and shortest > BLOCKED * sum(numbers)
    )


def _sleeps_less(each: Squaring) -> Verdict | None:
    spans = sorted(
        (
            run.ended - run.started
            for run in each.work
            if run.started is not None and run.ended is not None
        ),
        reverse=True,
    )
    # Where there are others than one for each number, which of them works is not known.
    numbers = next(
        (one for one in (each.numbers, list(set(each.numbers))) if len(one) == len(spans)), []
    )
    pairs = zip(spans, sorted(numbers, reverse=True), strict=bool(numbers))
    shares = [span / number for span, number in pairs if number > 0]
    if min(shares, default=1.0) >= SHORTEST_SHARE:
        return None
    return not_yet(
        "sleeps-less",
        f"a task ended after {100 * min(shares):.0f} % of the time that `slow_square` takes.",
        "Your tasks do less than they were asked to. What do they call in the place of "
        "`slow_square`?",
        "Let each task call `slow_square(number)`, and compute nothing by itself.",
    )


def _sleeps_more(each: Squaring) -> Verdict | None:
    slowest, longest = max(each.numbers, default=0.0), longest_sleep(each.seen)
    if longest <= max(LONGEST_SLEEP * slowest, SHORTEST_LONG_SLEEP):
        return None
    return not_yet(
        "sleeps-more",
        f"your program slept for {longest:.1f} s, and the slowest call takes {slowest:.2f} s.",
        "Your program sleeps longer than any task does. Which call waits until the tasks have "
        "ended, and no longer?",
        "Leave out `time.sleep`: `ray.get` waits as long as it takes.",
    )


SQUARE_DEMANDS = (
    Demand("It ends, and returns a list of values.", _end),
    Demand("Ray tasks call `slow_square`, and not your program or its threads.", _outside),
    Demand("The squares are right, and in the order of the numbers.", _square_result),
    Demand("The list `numbers` stays as it is.", _changed_input),
    Demand("Each number has a task of its own, and one.", _number_of_tasks),
    Demand("The tasks do not take turns.", _one_after_another),
    Demand("Each task sleeps as long as its number says.", _sleeps_less),
    Demand("Your program does not sleep longer than the tasks.", _sleeps_more),
)


FIRST_TASKS = Exercise(
    number=1,
    title="A slow loop as tasks",
    call="my_squares(numbers)",
    section="Five tasks at once",
    task=(
        "`slow_square` of the package sleeps for as many seconds as its argument says, then "
        "returns the square. The function below returns the list of squares. Let tasks call "
        "`slow_square`, one for each number, and return the same list in the same order, in the "
        "time of the slowest call where there are CPUs enough. There may be no numbers at all, "
        "and `numbers` has to stay as it is."
    ),
    starter_mistake="driver",
    grader=grade_first_tasks,
)
