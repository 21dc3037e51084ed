"""The mistakes that any answer can make, whatever its exercise asks for."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import ray

from raylessons.exercises.driver_calls import ShutdownError
from raylessons.exercises.observing import Observation, Submission, TooMuchError
from raylessons.exercises.verdicts import Section, Verdict, not_yet
from raylessons.exercises.waits import Wait
from raylessons.graphs import layers
from raylessons.trace.records import TaskRun
from raylessons.words import count, describe, last_line, line_as_code, shorten, times

# A clock's grain and the way of a record, and no more: a sleep never ends early.
SHORTEST_SHARE = 0.9
# What an exercise asks its answer to return; a stream may be a list, too.
Wanted = Literal["list", "stream", "ref", "value"]

# Where a mistake is explained that any exercise can meet with.
SECTIONS = {
    "refs": Section("run-your-first-tasks", "Turn the function into a task"),
    "get-in-loop": Section("ask-late", "Ask in the loop"),
    "asks-midway": Section("ask-late", "Ask at the end"),
    "not-needed": Section("ask-late", "Ask for what you need"),
    "asks-early": Section("chain-tasks", "Pass refs, not results"),
    "asks-at-end": Section("chain-tasks", "Ask late"),
    "hidden-refs": Section("chain-tasks", "A ref in a list"),
    "driver": Section("run-your-first-tasks", "Turn the function into a task"),
    "threads": Section("run-your-first-tasks", "Turn the function into a task"),
    "no-tasks": Section("run-your-first-tasks", "Turn the function into a task"),
    "one-task": Section("run-your-first-tasks", "Five tasks at once"),
    "not-removed": Section("wait-for-results", "Forget to drop the finished ones"),
    "worker-died": Section("run-your-first-tasks", "When a task fails"),
    "exception": Section("run-your-first-tasks", "When a task fails"),
}

# For exercises that ask for no deadline.
TIMEOUT_HINT = (
    "GetTimeoutError",
    "Your `timeout` was over before the slowest task had ended. `ray.get` without one waits "
    "as long as it takes, and no longer.",
)
# What an exception says, and what its reader has to know: the first that fits.
_EXCEPTION_HINTS = (
    (
        "cannot be called directly",
        "A remote function is not called with brackets alone: write `.remote(...)`, which starts "
        "a task and comes back with its ref.",
    ),
    (
        "has no attribute 'remote'",
        "What stands before `.remote` there is a plain function. `ray.remote(function)` makes a "
        "remote one of it.",
    ),
    (
        "ray.init twice",
        "Ray runs already when the check calls your function, and cannot be started twice. Take "
        "`ray.init` out of it.",
    ),
    (
        "Attempting to call `get` on the value",
        "`ray.get` takes a ref, or one flat list of refs, and was given lists inside of a list.",
    ),
    (
        "Invalid type of object refs",
        "`ray.get` takes a ref or a list of refs, and was given something else. A `map` or a "
        "generator becomes a list by `list(...)`; a value that was fetched already is no ref.",
    ),
    (
        "get() takes",
        "`ray.get` takes one argument: a ref, or a list of refs. Is there a star in that line, or "
        "are the brackets of the list missing?",
    ),
    (
        "can't be used in 'await' expression",
        "`await` takes one ref, and was given something else. `await asyncio.gather(*refs)` waits "
        "for a whole list of refs.",
    ),
    (
        "ray.wait",
        "`ray.wait` takes one flat list of refs, none of them twice, and asks for no more of them "
        "than there are. Look at what the line passes to it.",
    ),
    (
        "ObjectRef",
        "There a ref stands where a value is wanted, or the other way round. A ref is a promise: "
        "`ray.get` takes the value out of it, and a task's argument needs no `ray.get`.",
    ),
    (
        "is an empty sequence",
        "Somewhere there is nothing to choose from. What should come out where the input is empty?",
    ),
    (
        "serialize",
        "Something that your task takes along cannot be sent to another process. Look at what the "
        "function uses besides its arguments.",
    ),
)


def signature_mistake(answer: object, call: str) -> Verdict | None:
    """Return the verdict on an answer that cannot be called as its exercise calls it.

    >>> signature_mistake([0, 1], "my_squares(numbers)").mistake
    'not-callable'
    >>> signature_mistake(lambda: 0, "my_squares(numbers)").mistake
    'arguments'
    >>> signature_mistake(lambda numbers: 0, "my_squares(numbers)") is None
    True
    """
    name, _, parameters = call.partition("(")
    if not callable(answer):
        return not_yet(
            "not-callable",
            f"you passed {describe(answer)}.",
            f"The check calls your function itself. Pass it by its name alone, `{name}`, "
            "with no brackets after it.",
        )
    try:
        signature = inspect.signature(answer)
    except ValueError:  # some built-in functions have none
        return None
    try:
        signature.bind(*parameters.split(","))
    except TypeError:
        return not_yet(
            "arguments",
            f"your function takes `{signature}`.",
            f"The check calls `{call}`. Give your function these parameters, in this order.",
        )
    return None


def common_mistake(
    seen: Observation, wants: Wanted = "list", hints: Sequence[tuple[str, str]] = ()
) -> Verdict | None:
    """Return the verdict on an answer that did not come to a usable end, None where it did.

    `hints` are for exceptions that the exercise knows better: what one says, and what to know.
    """
    verdict = _unfinished(seen) or _raised(seen, hints) or _unusable(seen, wants)
    if verdict is not None and not seen.is_clean and verdict.mistake != "ray-lost":
        hint = f"{verdict.hint} It could not be stopped: restart Python before you go on."
        return replace(verdict, hint=hint)
    return verdict


def _unfinished(seen: Observation) -> Verdict | None:
    if isinstance(seen.error, ShutdownError):
        where = f", at {line_as_code(seen.error_line)}" if seen.error_line else ""
        return not_yet(
            "ray-shutdown",
            f"your function ends Ray{where}.",
            "The program that calls your function goes on with this Ray, as the check does. Take "
            "`ray.shutdown()` out of it, and check again.",
        )
    if seen.ray_lost:
        return not_yet(
            "ray-lost",
            f"Ray was gone {seen.seconds:.1f} s after your function began.",
            "Ray ended while your function ran, so nothing can be said of it. Take "
            "`ray.shutdown()` out of it if it is there, start Ray again and check again.",
        )
    again = waited_again(seen)
    if again and (seen.timed_out or isinstance(seen.error, TooMuchError)):
        return not_yet(
            "not-removed",
            f"`ray.wait` was given a ref that it had already called ready, {times(again)}.",
            "You wait for refs that are finished, so the first of them comes back forever. "
            "Go on with the second list that `ray.wait` returns: it holds the rest.",
        )
    if isinstance(seen.error, TooMuchError):
        return not_yet(
            "flood",
            f"{seen.error} within {seen.seconds:.1f} s, then it was stopped.",
            "Your function submits or hands over without end, and a cluster would drown in that. "
            "Look for the loop around it: it should take one turn for each input, and then end.",
        )
    if seen.timed_out and (lacks := [run.lacks for run in seen.trace.task_runs if run.lacks]):
        return not_yet(
            "never-started",
            f"{count(len(lacks), 'task')} asked for {lacks[0]}, which no node has.",
            "These tasks never start, and your function waits for them. How much of what there is "
            "does one of them need?",
            "Take the `num_cpus` out of the task: one CPU is what it asks for then.",
        )
    if seen.timed_out:
        where = f", at {line_as_code(seen.at_line)}" if seen.at_line else ""
        return not_yet(
            "endless",
            f"it had not ended after {seen.seconds:.1f} s{where}; then it was stopped.",
            "Your function does not come to an end. Ask of the line that it was at: what would "
            "have to happen for this to go on, and does anything make it happen?",
        )
    return None


def _raised(seen: Observation, hints: Sequence[tuple[str, str]]) -> Verdict | None:
    if seen.error is None:
        return None
    error = seen.error
    where = f", from {line_as_code(seen.error_line)}" if seen.error_line else ""
    if isinstance(error, ray.exceptions.WorkerCrashedError):
        return not_yet(
            "worker-died",
            f"a worker process died, and `{type(error).__name__}` reached your function{where}.",
            "Something in your task ends the whole process: `os._exit`, a crash in compiled code, "
            "or too much memory. Let a task end by `return` or by an exception.",
        )
    return not_yet(
        "exception",
        f"it raised `{type(error).__name__}: {last_line(error)}`{where}.",
        _exception_hint(error, hints),
    )


def _exception_hint(error: BaseException, hints: Sequence[tuple[str, str]]) -> str:
    said = f"{type(error).__name__}: {error}"
    for words, hint in (*hints, *_EXCEPTION_HINTS):
        if words in said:
            return hint
    if isinstance(error, ray.exceptions.RayTaskError):
        return (
            "One of your tasks raised this, and `ray.get` passed it on. Call the task's function "
            "by hand with the same argument, and see which line of it fails."
        )
    if isinstance(error, NameError):
        return "A name is used that nothing has been given at that line. Is it spelled as above?"
    if isinstance(error, IndexError | KeyError):
        return (
            "That line asks for an element that is not there. How many are there with this input, "
            "and which of them does it ask for?"
        )
    if isinstance(error, ZeroDivisionError):
        return "Something is divided by nought there. With which input does that happen?"
    if isinstance(error, RecursionError):
        return "Your function calls itself without end. Which input should it answer at once?"
    return (
        "Your function ends in an exception. Start at that line, and ask which value there is "
        "not what you took it for."
    )


def _unusable(seen: Observation, wants: Wanted) -> Verdict | None:
    if seen.value is None:
        return not_yet(
            "none",
            "your function returned `None`.",
            "Your function hands nothing back. Does every way through it end in a `return`, "
            "or reach a `yield`?",
        )
    refs = [value for value in (seen.value, *seen.values) if isinstance(value, ray.ObjectRef)]
    if refs and wants != "ref":
        return not_yet(
            "refs",
            f"{count(len(refs), 'object ref')} came back.",
            "These are refs: promises of results, not the results. What takes a value out of "
            "a ref, and when is the best moment to call it?",
        )
    if wants == "list" and seen.is_iterator:
        return not_yet(
            "generator",
            f"your function returned {describe(seen.value)}.",
            "An iterator hands over its values one by one, and can be read only once. The caller "
            "asked for a list: what makes one of it?",
        )
    if wants in ("list", "stream") and not (seen.is_iterator or seen.is_sequence):
        return not_yet(
            "no-list",
            f"your function returned {describe(seen.value)}.",
            "The caller wants a list, with one element for each result.",
        )
    return None


def outside_tasks(seen: Observation, work: str, function: Callable[..., Any]) -> Verdict | None:
    """Return the verdict on an answer whose work, which it knows as `work`, no Ray task did."""
    calls = seen.named(function.__name__)
    if any(call.thread == seen.own_thread for call in calls):
        return not_yet(
            "driver",
            f"the driver called `{work}` {times(len(calls))}, and "
            f"{count(len(seen.submissions), 'task')} ran.",
            "The driver does the work itself, one call after the other. "
            "Which call hands it to a worker and comes back at once?",
        )
    if calls:
        return not_yet(
            "threads",
            f"{count(len({call.thread for call in calls}), 'thread')} of the driver called "
            f"`{work}`, and {count(len(seen.submissions), 'task')} ran.",
            "Threads sleep side by side, but they share one process on one machine, and Ray knows "
            "nothing of them. Let Ray run the work as tasks.",
        )
    if not seen.submissions:
        return not_yet(
            "no-tasks",
            f"no task ran, and the driver did not call `{work}` either.",
            "Your results come from somewhere else than from the work. "
            f"Let a task call `{work}` for each input, whatever the inputs are.",
        )
    return None


def sleeps_less(seen: Observation, numbers: Sequence[float], work: str) -> Verdict | None:
    """Return the verdict on an answer with a task that ended before its work can have.

    Where there are other tasks than one for each number, which of them works is not known.
    """
    spans = sorted(
        run.ended - run.started
        for run in seen.runs
        if run.started is not None and run.ended is not None
    )
    if len(spans) != len(numbers):
        return None
    shares = [
        span / number for span, number in zip(spans, sorted(numbers), strict=False) if number > 0
    ]
    if min(shares, default=1.0) >= SHORTEST_SHARE:
        return None
    return not_yet(
        "sleeps-less",
        f"a task ended after {100 * min(shares):.0f} % of the time that `{work}` takes.",
        f"Your tasks do less than they were asked to. Let each of them call `{work}`.",
    )


def wrong_list(values: Sequence[Any], expected: Sequence[Any]) -> Verdict | None:
    """Return the verdict on a list that is not the expected one.

    >>> wrong_list([1, 4], [1, 4]) is None
    True
    >>> [wrong_list(values, [1, 4]).mistake for values in ([4, 1], [1], [1, 4, 4], [[1], [4]], [2])]
    ['wrong-order', 'lost', 'twice', 'nested', 'wrong-values']
    >>> wrong_list([1, 9, 25, 4, 16], [1, 4, 9, 16, 25]).hint[:37]
    'You deal the inputs out like cards, t'
    """
    values, expected = list(values), list(expected)
    if values == expected:
        return None
    seen = f"you handed over {shorten(values)}, where {shorten(expected)} was expected."
    if any(isinstance(value, list | tuple) for value in values):
        return not_yet(
            "nested",
            seen,
            "Your list holds lists or tuples, where the caller wants the values themselves in one "
            "flat list. What joins them, in their order?",
            "Go through the lists, and through each of them: "
            "`[value for values in lists for value in values]`.",
        )
    if any(value is None for value in values) and None not in expected:
        return not_yet(
            "holes",
            seen,
            "Some places hold `None`: nothing was ever put there. Which place does each result "
            "belong to, also where two inputs are equal?",
            "`enumerate` gives each input its place, where `index` finds the first of equal ones.",
        )
    if any(value not in expected for value in values):
        return not_yet(
            "wrong-values",
            seen,
            "There are values that nothing in the input leads to. Follow the first of them back: "
            "which call made it, and of which input?",
        )
    if any(values.count(value) > expected.count(value) for value in values):
        return not_yet(
            "twice",
            seen,
            "The values are right, and some come more than once. Find the two places that hand "
            "one over, or the two that submit its task.",
        )
    if len(values) < len(expected):
        return _lost(values, expected, seen)
    return not_yet("wrong-order", seen, *_hints_on_order(values, expected))


def _hints_on_order(values: list[Any], expected: list[Any]) -> tuple[str, str]:
    for hands in range(2, len(expected)):
        if values == [each for hand in range(hands) for each in expected[hand::hands]]:
            return (
                f"You deal the inputs out like cards, to {hands} at a time, and put what each has "
                "got one after the other. Which inputs stand side by side then?",
                "Cut the inputs into stretches: `items[start : start + size]`, and not "
                "`items[start::step]`.",
            )
    if values == expected[::-1]:
        return (
            "The values are right, and come back to front. Where do you take from the end?",
            "`pop()` takes the last one. Go through the list from its start.",
        )
    return (
        "The values are right, and their order is not. In which order do the inputs come, "
        "and where does your function lose it?",
        "Keep each result at the place of its input: with a list of refs in the order of the "
        "inputs, or by `enumerate`.",
    )


def _lost(values: list[Any], expected: list[Any], seen: str) -> Verdict:
    missing = count(len(expected) - len(values), "result")
    if len(values) > 1 and values == expected[: len(values)]:
        return not_yet(
            "lost",
            f"{seen} The last {missing} did not come.",
            "All is right up to an end that comes too early. What becomes of the inputs that are "
            "left over at the end?",
            "Count the inputs that your last turn takes, and compare with how many there are: a "
            "division that is rounded down, or a `zip`, leaves a rest.",
        )
    if all(values.count(value) == 1 for value in values) and set(values) == set(expected):
        return not_yet(
            "lost-equal",
            seen,
            "Equal results came only once. What in your function keeps one of each, and forgets "
            "the others?",
            "A dict with the inputs as keys, or a set, holds equal ones once. Go by their places "
            "in the list, with `enumerate`.",
        )
    return not_yet(
        "lost",
        f"{seen} {missing} did not come.",
        "Some results never came. Does every input reach a task, and does every task's result "
        "reach the caller?",
    )


def ran_in_turn(runs: Iterable[TaskRun]) -> bool:
    """Tell whether each of three runs or more was submitted only when the one before had ended.

    This is so by whatever way somebody waited between, in the driver or in a task.

    >>> turns = [TaskRun(f"{n}", "nap", submitted=n, started=n, ended=n + 1) for n in range(3)]
    >>> ran_in_turn(turns), ran_in_turn(turns[:2])
    (True, False)
    """
    times = sorted(
        (run.submitted, run.ended)
        for run in runs
        if run.submitted is not None and run.ended is not None
    )
    return len(times) > 2 and all(after[0] >= before[1] for before, after in pairwise(times))


def longest_chain(seen: Observation) -> int:
    """Count the tasks of the longest chain in which each was given the ref of the one before."""
    made_by = {ref: str(turn) for turn, each in enumerate(seen.submissions) for ref in each.refs}
    needs = {
        str(turn): [made_by[ref] for ref in each.arguments if ref in made_by]
        for turn, each in enumerate(seen.submissions)
    }
    return len(layers(needs))


def waited_again(seen: Observation) -> int:
    """Count the refs that `ray.wait` called ready more than once."""
    ready = [
        ref
        for call in seen.named("wait")
        if isinstance(call.result, tuple)
        for ref in call.result[0]
    ]
    return len(ready) - len(set(ready))


def waits_between(submissions: Sequence[Submission], seen: Observation) -> int:
    """Count the submissions before which the driver had waited, since the first of them.

    A thread that waits holds up what it submits itself, and not what other threads do: unless
    each of them submits only when another has had its result.
    """
    if not submissions:
        return 0
    first = submissions[0].seconds
    waits = [wait for wait in seen.waits if wait.start >= first]
    late = sum(
        any(wait.thread == each.thread and _is_over(wait, each) for wait in waits)
        for each in submissions
    )
    # A thread that has ended may have left its number to the next.
    return max(late, len(submissions) - 1 if _take_turns(submissions, waits) else 0)


def _is_over(wait: Wait, submission: Submission) -> bool:
    return wait.end is not None and wait.end <= submission.seconds


def _take_turns(submissions: Sequence[Submission], waits: Sequence[Wait]) -> bool:
    """Tell whether each task was submitted only when the one before had been waited for."""
    pairs = list(pairwise(submissions))
    # Of two, the second thread may just be late.
    return len(pairs) > 1 and all(
        any(set(before.refs) & set(wait.refs) and _is_over(wait, after) for wait in waits)
        for before, after in pairs
    )
