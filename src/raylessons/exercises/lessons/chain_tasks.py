"""Graders for chains of tasks: how an answer ties its tasks together by their refs."""

import asyncio
import concurrent.futures
import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Case, Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.gates import Gate
from raylessons.exercises.ledger import Ledger
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import Observation, Submission, observe
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.waits import Wait
from raylessons.graphs import layers
from raylessons.words import count, describe, last_line, line_as_code, listing, times, verb
from raylessons.workloads import add_arrays

EXACT_BITS = 52  # of a float: whole numbers of so many are exact
LONGEST_FIRST_SECONDS = 60.0
MORE_PATIENT = 2  # times as patient with tasks whose function has returned
ELEMENTS = 2  # of each array: a sum of all their elements is another value
# Of a future's value, which need not come from Ray: a thread's may be a submission alone. Only an
# answer that is held up by a gate waits there for a value.
DOUBTFUL_WAYS = ("Future.result", "as_completed")


@dataclass(frozen=True)
class Arrays:
    """How many arrays an answer is given, and whether they exist before it has returned."""

    number: int
    are_made: bool = True
    one_comes_twice: bool = False


def _some(*numbers: int, **options: bool) -> Callable[[Random], Arrays]:
    return lambda chance: Arrays(chance.choice(numbers), **options)


SUM_INPUTS: Family = {
    "several arrays": _some(5, 6, 7),
    "many arrays": _some(9, 10, 11, 12),
    "one array alone": _some(1),
    "two arrays": _some(2),
    "made only after your function has returned": _some(3, 4, 5, are_made=False),
    "the first ref comes again": _some(4, 5, 6, 7, one_comes_twice=True),
}
TREE_INPUTS: Family = {
    "seven arrays": _some(7),
    "many arrays": _some(*range(17, 34)),
    "a power of two": _some(4, 8),
    "one more than a power of two": _some(5, 9),
    "twice an odd number": _some(6, 10),
    "one array alone": _some(1),
    "two arrays": _some(2),
    "three arrays": _some(3),
    "made only after your function has returned": _some(5, 6, 7, are_made=False),
    "the first ref comes again": _some(4, 5, 6, 7, one_comes_twice=True),
}


@dataclass(frozen=True)
class Tying:
    """How an answer tied its tasks to some arrays and to one another."""

    seen: Observation
    given: list[Any]  # the refs of the arrays
    values: list[np.ndarray]
    nested: int = 0  # calls of `add` in tasks that the answer's function did not submit itself
    gate: Gate | None = None

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Return the tasks that the function submitted."""
        return self.seen.submissions

    @property
    def story(self) -> str:
        """Tell what was submitted."""
        return f"{count(len(self.submissions), 'task')} for {count(len(self.given), 'array')}"

    @property
    def total(self) -> np.ndarray:
        """Return the sum of all arrays."""
        return np.asarray(np.sum(self.values, axis=0))

    @property
    def returns_given(self) -> bool:
        """Tell whether the returned ref is one of those that were given."""
        value = self.seen.value
        return isinstance(value, ray.ObjectRef) and value in self.given

    @property
    def holds_total(self) -> bool:
        """Tell whether the answer returned the sum itself, which it cannot have without a wait."""
        value = self.seen.value
        return isinstance(value, np.ndarray) and np.array_equal(value, self.total)

    @property
    def has_total(self) -> bool:
        """Tell whether the value of the returned ref is the sum of all arrays."""
        try:
            return np.array_equal(self.seen.fetched, self.total)
        except Exception:  # of whatever a task of the answer's own returns
            return False

    @property
    def waits(self) -> list[Wait]:
        """Return what the function waited for, as far as that is no matter of doubt."""
        is_passed_by_value = self.has_total and 0 in self.shares
        held = self.holds_total or is_passed_by_value or (self.gate and self.gate.held_up)
        return [wait for wait in self.seen.waits if held or wait.way not in DOUBTFUL_WAYS]

    @cached_property
    def arguments(self) -> set[Any]:
        """Return the refs that tasks take, each as an argument of its own."""
        return {ref for each in self.submissions for ref in each.arguments}

    @cached_property
    def made_by(self) -> dict[Any, int]:
        """Tell which task returned each ref, by its place among the submissions."""
        return {ref: place for place, each in enumerate(self.submissions) for ref in each.refs}

    @cached_property
    def needs(self) -> list[list[int]]:
        """Tell which tasks each task waits for, as far as Ray knows."""
        needs = []
        last_call: dict[str, int] = {}
        for place, each in enumerate(self.submissions):
            needs.append([self.made_by[ref] for ref in each.arguments if ref in self.made_by])
            if each.actor_id is not None:  # an actor runs its calls one after the other
                if each.actor_id in last_call:
                    needs[-1].append(last_call[each.actor_id])
                last_call[each.actor_id] = place
        return needs

    @cached_property
    def shares(self) -> list[int]:
        """Count how often each of the given refs is in the returned one, were all tasks to add."""
        shares: list[list[int]] = []
        for each, needs in zip(self.submissions, self.needs, strict=True):
            own = [each.arguments.count(ref) for ref in self.given]
            each_sum = zip(own, *(shares[place] for place in needs), strict=True)
            shares.append([sum(counts) for counts in each_sum])
        value = self.seen.value
        if isinstance(value, ray.ObjectRef) and value in self.made_by:
            return shares[self.made_by[value]]
        return [int(self.returns_given and value == ref) for ref in self.given]

    @cached_property
    def depths(self) -> list[int]:
        """Count the tasks of the longest chain that ends in each task."""
        depths: list[int] = []
        for needs in self.needs:
            depths.append(1 + max((depths[place] for place in needs), default=0))
        return depths

    def depth(self, ref: Any) -> int:
        """Count the tasks of the longest chain behind a ref."""
        return self.depths[self.made_by[ref]] if ref in self.made_by else 0

    @property
    def unused(self) -> list[int]:
        """Return the depths of the arrays and sums that no task takes and nobody returns."""
        used = {*self.arguments, self.seen.value}
        refs = [*dict.fromkeys(self.given), *self.made_by]
        return [self.depth(ref) for ref in refs if ref not in used]

    @property
    def used_again(self) -> list[Any]:
        """Return the refs that more than one task takes, and not because they came twice."""
        takers = Counter(ref for each in self.submissions for ref in set(each.arguments))
        return [ref for ref, tasks in takers.items() if tasks > max(1, self.given.count(ref))]

    @property
    def looks(self) -> int:
        """Count how often the function looked whether something is there, and did not wait."""
        return sum(call.timeout == 0 for call in self.seen.named("get", "wait"))

    @cached_property
    def rounds(self) -> list[int]:
        """Count the tasks of each round: of those that need equally many before them."""
        names = {str(place): list(map(str, needs)) for place, needs in enumerate(self.needs)}
        return list(map(len, layers(names)))

    @property
    def best(self) -> int:
        """Return the number of rounds that are enough."""
        return (len(self.given) - 1).bit_length()


def grade_sum(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 4: the sum of many arrays, with no wait in the function."""
    tied = []
    for case in draw(SUM_INPUTS, seed):
        tied.append(_tie(answer, case.value, deadline_seconds))
        if verdict := judge(SUM_DEMANDS, tied[-1]):
            return _tell(verdict, case, tied)
    most = max(len(each.given) for each in tied)
    return passed(
        f"for one array and for as many as {most} you returned one ref, to the sum of all, and "
        "your function never waited: not even where no array existed before it had returned.",
        all_kept(SUM_DEMANDS),
    )


def grade_tree_sum(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 5: the same sum as a tree, which is as deep as its logarithm."""
    tied = []
    for case in draw(TREE_INPUTS, seed):
        tied.append(_tie(answer, case.value, deadline_seconds))
        if verdict := judge(TREE_DEMANDS, tied[-1]):
            return _tell(verdict, case, tied)
    many = max(tied, key=lambda each: len(each.given))
    return passed(
        f"{many.story}, in {len(many.rounds)} rounds, where one after another takes "
        f"{len(many.given) - 1}. Every other number of arrays took as few rounds as it can, too.",
        all_kept(TREE_DEMANDS),
    )


def _tie(answer: Callable[..., Any], arrays: Arrays, deadline_seconds: float) -> Tying:
    require_ray()
    # A worker's first addition imports much, which on a busy machine takes longer than all others.
    nothing = np.zeros(ELEMENTS)
    ray.wait([_remote_add(Ledger()).remote(nothing, nothing)], timeout=LONGEST_FIRST_SECONDS)
    tying = _tie_once(answer, arrays, deadline_seconds)
    if not _is_late(tying) or tying.nested or 0 in tying.shares:
        return tying
    # The function is done, and its tasks may just be late on a machine with much else to do.
    return _tie_once(answer, arrays, MORE_PATIENT * deadline_seconds)


def _is_late(tying: Tying) -> bool:
    return tying.seen.timed_out and isinstance(tying.seen.value, ray.ObjectRef)


def _tie_once(answer: Callable[..., Any], arrays: Arrays, deadline_seconds: float) -> Tying:
    # Powers, of ten where their sum can be exact: every selection has a sum of its own.
    base = min(10, int(2 ** (EXACT_BITS / arrays.number)))
    values = [np.full(ELEMENTS, float(base**power)) for power in range(arrays.number)]
    gate = None if arrays.are_made else Gate(values)
    refs = [ray.put(value) for value in values] if gate is None else gate.refs
    if arrays.one_comes_twice:
        refs[2], values[2] = refs[0], values[0]
    ledger = Ledger()
    try:
        seen = observe(
            answer if gate is None else gate.watching(answer),
            _remote_add(ledger),
            list(refs),
            deadline_seconds=deadline_seconds,
            recorded=False,
            fetch=True,
        )
    finally:
        if gate is not None:
            gate.close_down()
    submitted = {each.task_id for each in seen.submissions}
    nested = set() if seen.ray_lost else ledger.take_tasks().keys() - submitted
    return Tying(seen, refs, values, len(nested), gate)


def _remote_add(ledger: Ledger) -> Any:
    def add(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        ledger.write(1)
        # Without its sleep: here the order of things counts.
        return add_arrays(left, right, seconds_per_element=0)

    return ray.remote(add)


def _tell(verdict: Verdict, case: Case, tied: Sequence[Tying]) -> Verdict:
    """Say on which input an answer failed, and on which one of another kind it did not."""
    first, last = tied[0], tied[-1]
    if last is not first:
        seen = f"{verdict.seen} With {_arrays(first)} it was right."
        verdict = replace(verdict, seen=seen)
        if verdict.mistake == "lost" and len(last.submissions) == len(first.submissions):
            verdict = replace(
                verdict,
                mistake="fixed-number",
                hint=f"Your function is made for {_arrays(first)}, and takes as many tasks for any "
                "other number. What in it depends on how many refs it was given?",
                direct_hint="Let a loop go through all `refs`, whose number is `len(refs)`, and "
                "write no place of one as a number but the first.",
            )
    return case.tell(verdict, given=f"the refs of {_arrays(last)}")


# What an exception says that the exercises' answers often end in, and what its reader has to know.
_EXCEPTIONS = (
    (
        ("+: ",),
        "`+` adds values, and a ref is none: the array may not exist yet. What adds two arrays "
        "once they do?",
        "`add.remote(left, right)` takes two refs, and returns the ref of their sum at once.",
    ),
    (
        ("missing a required argument",),
        "`add` takes two arrays, each as an argument of its own, and that line passes one. A pair "
        "or a list is one argument: what takes it apart?",
        "Write `add.remote(left, right)`, or `add.remote(*pair)`.",
    ),
    (
        ("too many positional arguments",),
        "`add` takes two arrays, and that line passes more. How do two at a time become the sum "
        "of all?",
        "Pass two refs to `add.remote`, the sum so far and the next one, and keep the ref that it "
        "returns as the sum so far.",
    ),
    (
        ("has no attribute 'size'", "elements and right has"),
        "`add` adds two arrays of one size, and one of your tasks was given something else. Where "
        "does that come from: the beginning of your sum, or a ref that has no partner?",
        "A sum begins with the first ref, and a ref without a partner goes on as it is: neither "
        "needs a number to be added.",
    ),
    (
        ("Calling 'put' on",),
        "What you put there is a ref already, and `ray.put` is for values. Which ref does your "
        "caller want?",
        "Return the ref itself, with no `ray.put` around it.",
    ),
    (
        ("must be applied to either a function or a class",),
        "`ray.remote` takes a plain function, made by `def` or `lambda`. What is it given there? "
        "`add` is remote already.",
        "Call `add.remote(left, right)` as it is.",
    ),
    (
        ("unique ray_waitables",),
        "The same ref may come twice in `refs`, and `ray.wait` takes none twice. What do you ask "
        "it for, where Ray itself waits for what an addition needs?",
        "Leave the `ray.wait` out, and pass the refs on whether they are ready or not.",
    ),
    (
        ("reduce() of empty", "reduce() arg"),
        "There is nothing there to reduce. What is left of the refs at that line, where there is "
        "one array alone?",
        "`reduce(add.remote, refs)` takes the first ref for the beginning, and needs no other.",
    ),
)


def _unfinished(tying: Tying) -> Verdict | None:
    seen = tying.seen
    if isinstance(seen.error, ray.exceptions.RayTaskError):
        return _failed_task(seen, str(seen.error))
    if isinstance(seen.error, TypeError | AttributeError | ValueError):
        for words, hint, direct in _EXCEPTIONS:
            if any(each in str(seen.error) for each in words):
                return not_yet("exception", _raised(seen), hint, direct)
    if _is_late(tying):
        return _waits_in_task(tying) or not_yet(
            "endless-task",
            f"you returned a ref, whose value had not come after {seen.seconds:.1f} s.",
            "A task behind your ref never ends. Look for a loop inside it, or for something that "
            "it waits for and that never comes.",
        )
    if isinstance(seen.error, RecursionError):
        return not_yet(
            "exception",
            _raised(seen),
            "Your function calls itself without end. Which refs should it answer at once, and is "
            "each part that it calls itself with smaller than the whole?",
            "One ref alone is its own sum: return it. And cut so that no part is empty, as "
            "`len(refs) // 2` does.",
        )
    verdict = common_mistake(seen, wants="ref")
    if verdict is None or not seen.is_clean:
        return verdict
    if verdict.mistake == "none":
        return not_yet(
            "none",
            f"your function returned `None`, and had submitted {_tasks(tying)}.",
            "Your function hands nothing back. Does every way through it end in a `return`, with "
            "the ref that its caller wants?",
            "End it with `return`, and the ref of the last `add.remote`.",
        )
    if verdict.mistake == "endless":
        hint = (
            "Your function does not come to an end. Does each turn of its loop leave fewer refs to "
            "add, and does it stop where one is left?"
        )
        direct = "Loop `while len(refs) > 1`, and put fewer refs into `refs` in each turn."
        return replace(verdict, hint=hint, direct_hint=direct)
    return verdict


def _failed_task(seen: Observation, said: str) -> Verdict | None:
    if "Invalid type of object refs" in said:
        return not_yet(
            "exception",
            _raised(seen),
            "One of your tasks asks for the value of what is a value already: a ref that is an "
            "argument of its own arrives as its array.",
            "Leave out the `ray.get` inside of the task.",
        )
    if "ObjectRef" in said or "'list' object has no attribute 'size'" in said:
        return not_yet(
            "hidden-refs",
            _raised(seen),
            "One of your tasks was given refs in a list, and there they stay refs. Which arguments "
            "does Ray turn into arrays before a task begins?",
            "Pass each ref as an argument of its own: `add.remote(refs[0], refs[1])`, or `*refs` "
            "to a remote function that takes any number.",
        )
    if "read-only" in said:
        return not_yet(
            "read-only",
            _raised(seen),
            "One of your tasks changes an array that it was given, and Ray gives out arrays to "
            "read alone. How do you add two without changing either?",
            "Make a new array in the task: `left + right`, and not `left += right`.",
        )
    for words, hint, direct in _EXCEPTIONS:
        if any(each in said for each in words):
            return not_yet("exception", _raised(seen), hint, direct)
    return not_yet(
        "exception",
        _raised(seen),
        "One of your tasks raised this, and whoever asks for its value gets it. Call the task's "
        "function by hand with two arrays, and see which line of it fails.",
    )


def _raised(seen: Observation) -> str:
    error = seen.error or ValueError()
    where = f", from {line_as_code(seen.error_line)}" if seen.error_line else ""
    return f"it raised `{type(error).__name__}: {last_line(error)}`{where}."


def _no_task(tying: Tying) -> Verdict | None:
    if tying.submissions or len(tying.given) == 1:
        return None
    if tying.seen.waits or tying.holds_total:
        return not_yet(
            "driver",
            "your function fetched the arrays, and no task ran.",
            "Your program adds the arrays itself, and waits for all of them first. Which call "
            "lets a worker add two of them, and comes back at once?",
            "`add.remote(refs[0], refs[1])` takes the refs, and returns the ref of the sum.",
        )
    if tying.looks:
        return _only_what_is_there(tying, "nothing was submitted")
    if tying.returns_given:
        return not_yet(
            "no-tasks",
            f"no task ran, and you returned a ref that you were given, for {_arrays(tying)}.",
            "Nothing is added. What does `add.remote` take, and what does it return?",
            "Call `add.remote` with two refs, and go on with the ref that it returns.",
        )
    if callable(tying.seen.value):
        return not_yet(
            "no-tasks",
            "your function returned a function, and no task ran.",
            "What you return would start the additions, and nobody has called it. What starts a "
            "task, and what comes back from that at once?",
            "Call it: `add.remote(...)` starts an addition and returns the ref of its sum.",
        )
    return not_yet(
        "no-tasks",
        f"no task ran, and your function returned {describe(tying.seen.value)}.",
        "Nothing is added by a task. What does `add.remote` take, and what does it return?",
        "Call `add.remote` with two refs, and go on with the ref that it returns.",
    )


def _only_what_is_there(tying: Tying, story: str) -> Verdict:
    return not_yet(
        "lost",
        f"{story}, and your function looked {times(tying.looks)} which refs are ready.",
        "Your function adds those arrays that are there when it looks, and leaves the others out. "
        "Which of the refs can be passed to `add.remote`?",
        "Pass all of them on, whether they are ready or not: Ray begins each addition when its two "
        "arrays are there.",
    )


def _waited(tying: Tying) -> Verdict | None:
    gate, waits = tying.gate, tying.waits
    if gate is not None and gate.held_up:
        return _held_up(tying, gate)
    if not waits:
        return None if not tying.holds_total else _asks_at_end(tying, "you have its value.", False)
    ways = list(dict.fromkeys(wait.way for wait in waits))
    story = f"your function waited {times(len(waits))}, by {listing([f'`{way}`' for way in ways])}"
    if ways == ["time.sleep"] and tying.looks:
        return _polls(tying, f"{story}.")
    if ways == ["time.sleep"]:
        return not_yet(
            "sleeps",
            f"{story}.",
            "A pause is a wait, too. Ray begins each addition as soon as its arrays are there: "
            "what does the pause make sure of?",
            "Leave the `time.sleep` out. A ref can be handed over before its value exists.",
        )
    submissions = tying.submissions
    last = max((each.seconds for each in submissions), default=0.0)
    early = [wait for wait in waits if wait.start < last]
    if not early:
        return _asks_at_end(tying, f"{story}.", isinstance(tying.seen.value, ray.ObjectRef))
    story = f"{story}, before all tasks were submitted."
    if set(ways) <= {"ray.wait", "time.sleep"}:
        return not_yet(
            "asks-early",
            story,
            "`ray.wait` takes no value, and holds your function up all the same. Ray begins each "
            "addition when its two arrays are there: what else do you wait for?",
            "Leave the `ray.wait` out, and pass the refs on whether they are ready or not.",
        )
    return _asks_early(tying, story, early[0].start < min(each.seconds for each in submissions))


def _polls(tying: Tying, story: str) -> Verdict:
    return not_yet(
        "polls",
        f"{story} It looked {times(tying.looks)} whether something is there.",
        "A loop that looks again and again is a wait, too. Ray begins each addition when its two "
        "arrays are there: what do you have to know of that?",
        "Leave the loop out, and pass the refs on whether they are ready or not.",
    )


def _held_up(tying: Tying, gate: Gate) -> Verdict:
    opened = gate.opened_after_seconds or 0.0
    where = f", and was at {line_as_code(gate.held_at_line)}" if gate.held_at_line else ""
    story = f"the arrays were not there for {opened:.0f} s: your function waited for them{where}."
    if tying.looks > len(tying.given):
        return _polls(tying, story)
    late = [each for each in tying.submissions if each.seconds > opened]
    if late:
        return _asks_early(tying, story, len(late) == len(tying.submissions))
    return _asks_at_end(tying, story, isinstance(tying.seen.value, ray.ObjectRef))


def _asks_early(tying: Tying, story: str, at_first: bool) -> Verdict:
    if at_first and tying.arguments >= set(tying.given):
        return not_yet(
            "asks-early",
            story,
            "Your additions take refs, and still your function waits for a value before them. "
            "What does it need that for?",
            "Leave the wait out: a ref can be added whether its array is there or not, and one "
            "without a partner goes on as it is.",
        )
    if at_first:
        return not_yet(
            "asks-early",
            story,
            "You wait for the arrays only to hand them to a task. A task takes a ref where it "
            "wants a value: what can you leave out?",
            "Pass the refs as they are, `add.remote(refs[0], refs[1])`, and wait for none of them.",
        )
    return not_yet(
        "asks-early",
        story,
        "You wait for one addition before you submit the next, which needs nothing but its ref. "
        "What can you leave out?",
        "Keep what `add.remote` returns, and pass it to the next `add.remote` as it is.",
    )


def _asks_at_end(tying: Tying, story: str, has_ref: bool) -> Verdict:
    direct = (
        "Leave out what waits after the last `add.remote`: its ref is all that you return."
        if has_ref
        else "Return what the last `add.remote` returned, with nothing around it."
    )
    return not_yet(
        "asks-at-end",
        f"{tying.story} were submitted; then {story}",
        "Who calls you may not need the value yet. Return the ref, and leave the wait to them.",
        direct,
    )


def _no_ref(tying: Tying) -> Verdict | None:
    value = tying.seen.value
    if isinstance(value, ray.ObjectRef):
        return None
    direct = "Return the ref of the last `add.remote`, the one that all others lead to."
    if tying.seen.is_iterator:
        hint = (
            "A `yield` makes a generator of your function, which hands over values one by one."
            if inspect.isgenerator(value)
            else "What you return hands over its values one by one, each when it is asked for it."
        )
        return not_yet(
            "no-ref",
            f"your function returned {describe(value)}.",
            f"{hint} The caller wants one ref: which?",
            direct,
        )
    if isinstance(value, concurrent.futures.Future | asyncio.Future):
        return not_yet(
            "no-ref",
            "your function returned a future.",
            "A future is another promise of the same value, and the caller wants Ray's own, which "
            "a task can take. What did you make the future of?",
            "Return the ref itself, with no `.future()` after it.",
        )
    refs = [each for each in tying.seen.values if isinstance(each, ray.ObjectRef)]
    if len(refs) == 1:
        return not_yet(
            "no-ref",
            "your function returned a list with one ref in it.",
            "The ref is there, and the caller wants it without its list. How do you take it out?",
            "Return its one element: `[0]` after it.",
        )
    if refs:
        return not_yet(
            "no-ref",
            f"your function returned {count(len(refs), 'ref')}.",
            "The caller wants one ref, to the sum of all arrays. Which of yours is it, or what "
            "would still have to be added?",
            direct,
        )
    return not_yet(
        "no-ref",
        f"your function returned {describe(value)}.",
        "The caller wants one ref, to the sum of all arrays. Which task comes last?",
        direct,
    )


def _wrong_sum(tying: Tying) -> Verdict | None:
    fetched = tying.seen.fetched
    if _holds_refs(fetched):
        return not_yet(
            "ref-to-ref",
            f"the value of your ref is {describe(fetched)}.",
            "Your ref leads to another ref, and not to an array: a task of yours starts the "
            "additions, and returns their ref. Who else could start them?",
            "Call `add.remote` in your function itself, and return the last ref that it gives you.",
        )
    if tying.has_total:
        return None
    if not _is_sum(tying):
        return _other_value(tying)
    if tying.returns_given:
        return not_yet(
            "lost-ref",
            f"{tying.story}, and you returned one of the refs that you were given.",
            "The sums that your tasks make go nowhere: nothing keeps the refs that `add.remote` "
            "returns. What should the next addition take, and what your caller?",
            "Give the result a name, `total = add.remote(total, ref)`, and return that.",
        )
    wanted = [tying.given.count(ref) for ref in tying.given]
    shares = list(enumerate(zip(tying.shares, wanted, strict=True)))
    lost = [place for place, (share, times) in shares if share < times]
    again = [place for place, (share, times) in shares if share > times]
    if once := [place for place in lost if tying.shares[place]]:
        return not_yet(
            "equal-refs",
            f"{_names(once)} are the same ref, and its array is in the sum once.",
            "Two equal refs are two arrays to add, and your function takes them for one. What in "
            "it holds each ref only once, or skips one that equals another?",
            "Keep the refs in a list, and go by their places: a `dict` or a `set` has equal ones "
            "once, and `==` takes one for the other.",
        )
    return _missing(tying, lost, again) if lost else _twice(tying, again)


def _holds_refs(fetched: Any) -> bool:
    each = fetched if isinstance(fetched, list | tuple) else [fetched]
    return any(isinstance(one, ray.ObjectRef) for one in each)


def _is_sum(tying: Tying) -> bool:
    """Tell whether the value is what comes of it if all tasks add."""
    shares = dict(zip(tying.given, tying.shares, strict=True))
    values = dict(zip(tying.given, tying.values, strict=True))
    summed = np.sum([share * values[ref] for ref, share in shares.items()], axis=0)
    try:
        return np.shape(tying.seen.fetched) == summed.shape and np.allclose(
            tying.seen.fetched, summed
        )
    except Exception:  # of whatever a task of the answer's own returns
        return False


def _other_value(tying: Tying) -> Verdict:
    fetched = tying.seen.fetched
    story = f"the sum of {_arrays(tying)} came out as {describe(fetched)}."
    is_numeric = isinstance(fetched, np.ndarray | np.generic | int | float)
    if is_numeric and np.shape(fetched) != tying.total.shape:
        return not_yet(
            "wrong-shape",
            f"{story} Each array has {ELEMENTS} elements, and so has their sum.",
            "The sum of arrays is an array again, of the same size. What does your task do with "
            "their elements?",
            "`left + right` adds element by element, as `np.sum(arrays, axis=0)` does for several. "
            "Without `axis=0`, all elements become one number.",
        )
    return not_yet(
        "wrong-values",
        f"{story} {describe(tying.total)} was expected.",
        "Your tasks do something else than add each array once. Call your task's function by hand, "
        "with small arrays, and compare.",
    )


def _missing(tying: Tying, lost: list[int], again: list[int]) -> Verdict:
    twice = f", and has several times {_names(again)}" if again else ""
    story = f"the sum lacks {_names(lost)}{twice}."
    if again and _adds_to_itself(tying):
        return _added_to_itself(story)
    if tying.looks and tying.gate is not None:
        return _only_what_is_there(tying, story.rstrip("."))
    unused = tying.unused
    sums = sum(depth > 0 for depth in unused)
    if tying.used_again and sums:
        return not_yet(
            "unused-sums",
            f"{story} {_sums(sums)} added to nothing, and some refs to more than one.",
            "Your function begins with the same refs again and again, and the sums that it made of "
            "them go nowhere. What should it go on with after an addition?",
            "Give the sum the name of what it was made of, `total = add.remote(total, ref)`, or "
            "`refs = sums` after a round.",
        )
    if sums and max(unused) >= tying.depth(tying.seen.value):
        return not_yet(
            "unfinished",
            f"{story} {_sums(sums)} added to nothing.",
            "Your function stops while there are sums left to be added. How many refs are there "
            "when it returns, and how many should there be?",
            "Go on until one ref is left, as `while len(refs) > 1` does, with the `return` after "
            "the loop.",
        )
    if len(tying.submissions) == 1:
        return not_yet(
            "unfinished",
            f"{story} {_tasks(tying)} ran.",
            "Your function returns after one addition. Does its `return` stand inside of a loop, "
            "or what is there to make it add the others?",
            "Let a loop go through `refs[1:]`, with the `return` after it, as far to the left as "
            "the `for`.",
        )
    taken = len(tying.given) - len(lost)
    if len(lost) > 1 and lost[0] == taken == len(tying.submissions) + 1 and tying.rounds[0] == 1:
        return not_yet(
            "fixed-number",
            story,
            f"Your function adds {taken} arrays, and leaves the others out. What in it depends on "
            "how many refs it was given?",
            "Let a loop go through all others, `refs[1:]`, however many there are.",
        )
    is_in_pairs = tying.rounds[0] > 1 or len(tying.given) == 3
    if is_in_pairs and len(unused) == len(set(unused)) and not again:
        return not_yet(
            "lost",
            story,
            "What has no partner is lost. When refs are taken in pairs and their number is odd, "
            "be it in the first round or in a later one, what becomes of the last?",
            "Whenever the number of refs is odd, take the last one along to the next round as it "
            "is: `refs[-1:]`.",
        )
    if again:
        return not_yet(
            "wrong-values",
            story,
            "Some arrays take the place of others. Draw your tasks as dots and their refs as "
            "lines: which array has no line, and which has two?",
            "Print the places in `refs` that each `add.remote` takes, and look where one is "
            "skipped.",
        )
    return not_yet(
        "lost",
        story,
        "Some arrays reach no task. Which places of `refs` does your function go through or cut "
        "into parts: where does each of them begin, and where does it end?",
        "A slice ends before its last place, and so does a `range`: after `refs[:middle]` comes "
        "`refs[middle:]`, and after `refs[0]` comes `refs[1:]`.",
    )


def _adds_to_itself(tying: Tying) -> bool:
    return any(
        len(each.arguments) == 2 and each.arguments[0] == each.arguments[1]
        for each in tying.submissions
    )


def _added_to_itself(story: str) -> Verdict:
    return not_yet(
        "twice",
        f"{story} A task was given the same ref twice.",
        "One of your additions adds a ref to itself. What are left and right in the first turn of "
        "your loop, and where one ref has no partner?",
        "The sum begins with `refs[0]`, so the loop begins with `refs[1]`; of pairs, one half is "
        "`refs[::2]`, the other `refs[1::2]`. What has no partner goes on as it is.",
    )


def _twice(tying: Tying, again: list[int]) -> Verdict:
    story = f"the sum has several times {_names(again)}."
    if _adds_to_itself(tying):
        return _added_to_itself(story)
    return not_yet(
        "twice",
        story,
        "Every array may go into one addition alone, and every sum, too. Which of your refs "
        "is an argument of two tasks?",
        "A loop over pairs goes on by two, `zip(refs[::2], refs[1::2])`, and a ref that has been "
        "added is not used again.",
    )


def _waits_in_task(tying: Tying) -> Verdict | None:
    if tying.nested:
        return not_yet(
            "waits-in-task",
            f"{count(tying.nested, 'addition')} {verb(range(tying.nested), 'was', 'were')} started "
            "inside of a task of yours.",
            "A task of yours starts the additions and then waits for them, with a worker that does "
            "nothing else. Who could start them, without a wait?",
            "Call `add.remote` in your function itself, and return the last ref that it gives you.",
        )
    hidden = tying.shares.count(0)
    if hidden:
        return not_yet(
            "hidden-refs",
            f"{hidden} of {count(len(tying.given), 'ref')} "
            f"{verb(range(hidden), 'was', 'were')} no argument of a task that the sum depends on.",
            "You pass refs inside of something else, where Ray does not look: the task starts "
            "before its arrays exist, and waits for them in a worker. How does it get arrays?",
            "Pass each ref as an argument of its own: two to `add.remote`, or `*refs` to a remote "
            "function that takes any number.",
        )
    return None


def _not_in_pairs(tying: Tying) -> Verdict | None:
    number = len(tying.given)
    most = max((len(each.arguments) for each in tying.submissions), default=0)
    if most > 2 or len(tying.submissions) < number - 1:
        name = "one-task" if len(tying.submissions) == 1 else "more-than-two"
        return not_yet(
            name,
            f"{tying.story}; one of them took {most} arrays.",
            "A task that adds several arrays adds them one after the other, where workers could "
            "do it at the same time. What is the smallest piece of the sum?",
            "Let each task add two: `add.remote(left, right)`.",
        )
    if len(tying.submissions) == number - 1 and all(
        len(each.arguments) == 2 for each in tying.submissions
    ):
        return None
    story = f"{tying.story}, where {number - 1} are enough."
    if sums := sum(depth > 0 for depth in tying.unused):
        return not_yet(
            "extra-tasks",
            f"{story} {_sums(sums)} neither added to anything nor returned.",
            "Some sums are made and thrown away. Which call in your function starts additions "
            "whose ref nobody takes, perhaps for a second time?",
            "Call what starts the additions once, give its result a name, and use that.",
        )
    return not_yet(
        "extra-tasks",
        story,
        "Some of your tasks add nothing that is needed. Does each of them take two refs, of "
        "which the sum needs both?",
        "A ref without a partner needs no task: put it into the next round as it is.",
    )


def _too_deep(tying: Tying) -> Verdict | None:
    depth, number = len(tying.rounds), len(tying.given)
    if depth <= tying.best:
        return None
    story = f"{tying.story} in {depth} rounds, where {tying.best} are enough."
    if depth == number - 1:
        return not_yet(
            "chain",
            story,
            "Each task needs the sum of the one before, so no two can run together. "
            "Which arrays can be added at the same time, right at the beginning?",
            "Add the refs in pairs, the first with the second, the third with the fourth, and so "
            "on. Then do the same with the list of their sums, until one ref is left.",
        )
    place, tasks, left = _narrow_round(tying)
    done = f"round {place} begins with {count(left, 'ref')}, and adds {_pairs(tasks)} of them"
    if place == 1:
        return not_yet(
            "lopsided",
            f"{story} At once, {_pairs(left // 2)} can be added, and yours are {tasks}.",
            "Your tasks are several chains, or one with a branch. How many pairs are there at "
            "first, and which of them does your function add at once?",
            "Add all refs in pairs, then all sums in pairs, and so on, until one ref is left.",
        )
    return not_yet(
        "lopsided",
        f"{story} Of these, {done}, where {left // 2} could be.",
        "Some pairs are added at the same time, and then one branch grows long. "
        "After the first round of pairs: what would a second round of pairs add?",
        "Do with the list of sums what you did with the list of refs, again and again, until one "
        "ref is left. What has no partner goes to the end of the next list.",
    )


def _narrow_round(tying: Tying) -> tuple[int, int, int]:
    """Return the first round with fewer additions than it could have: its place, they, its refs."""
    left = len(tying.given)
    for place, tasks in enumerate(tying.rounds, 1):
        if tasks < left // 2:
            return place, tasks, left
        left -= tasks
    raise AssertionError("as many additions as can be in every round are no more rounds than best")


def _arrays(tying: Tying) -> str:
    return count(len(tying.given), "array")


def _tasks(tying: Tying) -> str:
    return count(len(tying.submissions), "task")


def _sums(number: int) -> str:
    return f"{count(number, 'sum')} {verb(range(number), 'was', 'were')}"


def _pairs(number: int) -> str:
    return count(number, "pair")


def _names(places: Sequence[int]) -> str:
    return listing([f"`refs[{place}]`" for place in places])


SUM_DEMANDS = (
    Demand("It ends, and so do its tasks.", _unfinished),
    Demand("Tasks add the arrays.", _no_task),
    Demand("Your function waits for nothing.", _waited),
    Demand("It returns one ref.", _no_ref),
    Demand("The value of that ref is the sum of all arrays, each once.", _wrong_sum),
    Demand("No task waits for another: each ref is an argument of its own.", _waits_in_task),
)
TREE_DEMANDS = (
    *SUM_DEMANDS,
    Demand("Each task adds two arrays, and none is needless.", _not_in_pairs),
    Demand("No chain of tasks is longer than it must be.", _too_deep),
)
SECTIONS = {
    "read-only": Section("chain-tasks", "Change what arrives"),
    "one-task": Section("chain-tasks", "Pass refs, not results"),
    "waits-in-task": Section("chain-tasks", "Ask late"),
    "sleeps": Section("chain-tasks", "Ask late"),
}


SUM = Exercise(
    number=4,
    title="Sum many arrays",
    call="my_sum(add, refs)",
    section="Pass refs, not results",
    task=(
        "`add` is a remote function that adds two arrays, and `refs` is a list of refs, to one "
        "array or more, all of one size; the same ref may come twice. Return one ref, to the sum "
        "of all of them. Let your function wait for nothing, and no task ask for a value: pass "
        "each ref as an argument of its own."
    ),
    starter_mistake="asks-early",
    grader=grade_sum,
    sections=SECTIONS,
)


TREE_SUM = Exercise(
    number=5,
    title="Sum them in a tree",
    call="my_tree_sum(add, refs)",
    section="Pass refs, not results",
    task=(
        "The same sum, in which as many additions as can be run at the same time: for any number "
        "of arrays, no chain of tasks may be longer than it must be. Each task adds two arrays, "
        "so seven take six tasks, in three rounds. As before, nothing waits."
    ),
    starter_mistake="chain",
    grader=grade_tree_sum,
    sections=SECTIONS,
)
