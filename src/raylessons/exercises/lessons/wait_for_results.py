"""The page *Wait for results*: the rounds of `ray.wait`, and squares as they finish."""

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.driver_calls import Call
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    waited_again,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.predictions import (
    FINISH_SECONDS,
    NUM_RETURNS,
    ROUND_DEMANDS,
    TIMEOUT_SECONDS,
    Rounds,
    is_same,
    planned,
    read_prediction,
    write_rounds,
)
from raylessons.exercises.squarings import (
    EARLY_SHARE,
    Squaring,
    Trial,
    catches,
    mentions,
    side_by_side,
)
from raylessons.exercises.ushers import is_number
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.waits import LOOP, WAYS, refs_of
from raylessons.timing import stopwatch
from raylessons.waiting import wait_in_rounds
from raylessons.words import count, describe, last_line, line_as_code, shorten
from raylessons.workloads import slow_square

# The real run sleeps a fifth of that, so that a check does not take eight seconds.
SHRINK = 5
# On a busy machine a task ends late, and a round with it.
MOST_RUNS = 2
# Who ends later than that, and by a timeout that was to take longer, has asked for too much.
NEAR_DEADLINE_SECONDS = 0.4
# A square that lay there for so many of the usher's turns could have been handed over.
LOST_TURNS = 15


def grade_rounds(answer: Any, deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 6: how many refs are ready after each round, and when it ends.

    The answer is a list or anything as good as one, or a function that returns that: pairs of a
    count and its seconds, or what `plan_rounds` gives. The plan of the package judges it, then a
    real Ray runs the rounds.
    """
    require_ray()
    if callable(answer) or isinstance(answer, Iterator):
        if verdict := _needs_arguments(answer):
            return verdict
        ask = answer if callable(answer) else lambda: answer
        seen = observe(ask, deadline_seconds=deadline_seconds, recorded=False)
        if verdict := common_mistake(seen, "value"):
            return verdict
        answer = seen.values if seen.is_iterator and seen.values else seen.value
    prediction = read_prediction(answer)
    if verdict := judge(ROUND_DEMANDS, prediction):
        return verdict
    plan = planned()
    for _ in range(MOST_RUNS):
        rounds = _run_on_ray()
        if is_same(rounds, plan):
            break
    told = (
        "the plan gives the same rounds. Five tasks on this Ray, at a fifth of the time, gave "
        f"{write_rounds(rounds)}."
    )
    if not is_same(rounds, plan):
        told = f"{told} This machine is busy, and its rounds ended later."
    return passed(told, all_kept(ROUND_DEMANDS))


def _needs_arguments(answer: Any) -> Verdict | None:
    try:
        inspect.signature(answer).bind()
    except ValueError:  # some built-in functions have no signature
        return None
    except TypeError:
        if not callable(answer):
            return None
        return not_yet(
            "arguments",
            f"you passed {describe(answer)}, which takes arguments.",
            "Pass the list of your rounds, `my_rounds`. A function is called with no arguments.",
        )
    return None


def _run_on_ray() -> Rounds:
    nap: Callable[..., Any] = side_by_side(slow_square, tasks=len(FINISH_SECONDS)).remote
    refs = [nap(seconds / SHRINK) for seconds in FINISH_SECONDS]
    with stopwatch() as watch:
        return [
            (len(ready), round(watch.seconds * SHRINK, 1))
            for ready, _ in wait_in_rounds(
                refs,
                deadline_seconds=10 * max(FINISH_SECONDS),
                num_returns=NUM_RETURNS,
                timeout_seconds=TIMEOUT_SECONDS / SHRINK,
            )
        ]


def grade_squares(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 7: squares handed over as they finish, despite failures, by a deadline.

    The tasks ask for a small share of a CPU, so that all run at once however many Ray has.
    """
    require_ray()
    squaring = Squaring(answer, deadline_seconds, seed)
    verdict = judge(SQUARE_DEMANDS, squaring)
    trial = squaring.last
    if verdict is not None and trial is not None:
        return trial.case.tell(verdict, trial.picture, trial.asked.told)
    ordered, failing = squaring.ordered, squaring.failing.asked
    how = "each as soon as its task had finished"
    if ordered.is_open:
        how = "on a machine too busy to tell how soon"
    return passed(
        f"{count(len(ordered.asked.numbers), 'square')}, {how}; the other {len(failing.squares)} "
        f"of {len(failing.numbers)} where some failed; and at a deadline of "
        f"{squaring.hanging.asked.deadline_seconds:g} s what was there, with the "
        f"{count(squaring.hanging.seen.cancelled, 'task')} that hung cancelled.",
        all_kept(SQUARE_DEMANDS),
    )


def _comes_to_an_end(squaring: Squaring) -> Verdict | None:
    seen = squaring.ordered.seen
    verdict = common_mistake(seen, "stream")
    if verdict is not None and verdict.mistake == "no-list" and is_number(seen.value):
        return not_yet(
            "returns-one",
            f"your function returned {describe(seen.value)}, and with that it was over.",
            "`return` ends the function with the first square. What hands over one value, and goes "
            "on with the loop?",
            "Write `yield` in the place of that `return`.",
        )
    return verdict


def _no_task(squaring: Squaring) -> Verdict | None:
    return outside_tasks(squaring.ordered.seen, "slow_square", slow_square)


def _wrong_squares(squaring: Squaring) -> Verdict | None:
    trial = squaring.ordered
    if verdict := _too_busy(trial):
        return verdict
    seen, expected = trial.seen, trial.asked.squares
    values = list(seen.values)
    numbers_handed = Counter(value for value in values if is_number(value))
    if waited_again(seen) and numbers_handed - Counter(expected):
        return not_yet(
            "not-removed",
            f"`ray.wait` was given refs that it had already called ready, and "
            f"{count(len(values), 'square')} came for {count(len(expected), 'number')}.",
            "You wait for refs that are finished, and get them again. Go on with the second list "
            "that `ray.wait` returns: it holds the rest.",
            "Write `ready, waiting = ray.wait(waiting)`, for a next round that has only the rest.",
        )
    story = f"you handed over {shorten(values)}, where {shorten(expected)} was expected."
    if any(isinstance(value, list | tuple | dict) for value in values):
        return not_yet(
            "nested",
            story,
            "You hand over lists or tuples, where the caller wants the squares themselves, one by "
            "one. What stands behind your `yield`?",
            "`yield from values` hands over what is in a list one by one; `ray.get(ready[0])` is "
            "the value of one ref.",
        )
    missing = Counter(expected) - numbers_handed
    is_short = len(values) < len(expected) and sum(missing.values()) == len(expected) - len(values)
    if is_short:
        return _squares_missing(trial, missing, story)
    if values and set(map(repr, values)) <= set(map(repr, trial.asked.numbers)):
        return not_yet(
            "no-squares",
            story,
            "These are the numbers, and not their squares. What does a task return, and what "
            "takes that out of its ref?",
            "`ray.get(ref)` gives the square that the task returned: hand that over.",
        )
    # Any order is right here, as long as it is the one in which they finished: see below.
    return wrong_list(sorted(values, key=_by_place(expected)), expected)


def _too_busy(trial: Trial) -> Verdict | None:
    if not (trial.is_open and trial.ran_out):
        return None
    return not_yet(
        "too-busy",
        f"after {trial.asked.deadline_seconds:g} s, the deadline, tasks had not ended that sleep "
        "for a fraction of a second.",
        "This machine is so busy that its workers hardly get to run, and nothing can be said of "
        "your function. Check again when it has less to do.",
    )


def _squares_missing(trial: Trial, missing: Mapping[float, int], story: str) -> Verdict:
    seen = trial.seen
    if _cancels_and_waits(seen):
        return not_yet(
            "cancels-early",
            f"{story} You cancelled tasks before, and waited on.",
            "You cancel tasks whose squares are still wanted: the deadline is far away. When does "
            "your function come by the line that cancels?",
            "Let `ray.cancel` stand behind the loop that waits, and not inside it.",
        )
    if set(missing) == {0}:
        return not_yet(
            "nought-lost",
            story,
            "The square of 0 is missing. It is a square as any other: what does your function "
            "make of a value that counts as false?",
            "`if value:` is false for 0, too. Tell a task that failed by its exception, or compare "
            "with `is not None`.",
        )
    rounds = [call for call in seen.named("wait") if isinstance(call.result, tuple)]
    if rounds and not rounds[-1].result[0] and rounds[-1].result[1]:
        return not_yet(
            "ends-early",
            f"{story} A round of `ray.wait` came back with nothing after "
            f"{rounds[-1].end or 0.0:.2f} s, and your function ended.",
            "A round with nothing ready ends your loop, long before the deadline. What tells you "
            "that the deadline is over?",
            "Ask the clock: end where `time.perf_counter()` has passed your deadline, or give each "
            "round all that is left of it.",
        )
    if any(len(call.result[0]) > 1 for call in rounds):
        return not_yet(
            "drops-ready",
            f"{story} A round had several refs ready.",
            "More than one task can be ready in a round. What becomes of the others?",
            "Go through all of `ready` in a loop, or ask for one ref a round.",
        )
    if set(missing) == {trial.asked.numbers[-1] ** 2} and set(missing.values()) == {1}:
        return not_yet(
            "lost-equal",
            f"{story} Two of the numbers are equal.",
            "Equal numbers have a square each, and one of them came only once. What in your "
            "function keeps one of each, and forgets the others?",
            "A dict with the numbers or values as keys, or a set, holds equal ones once. Refs are "
            "never equal: use them as keys.",
        )
    return not_yet(
        "lost",
        f"{story} {count(sum(missing.values()), 'square')} did not come.",
        "Your loop ends while squares are still missing. For how long does it go on, and what "
        "becomes of the refs that are left then?",
        "Go on `while waiting`, which is false only when no ref is left, and hand over one value "
        "for each ref that `ray.wait` calls ready.",
    )


def _cancels_and_waits(seen: Observation) -> bool:
    cancels = [call.start for call in seen.named("cancel")]
    waits = [call.start for call in seen.named("wait", "get") if call.timeout != 0]
    return bool(cancels and waits) and max(waits) > min(cancels)


def _tasks_in_turn(squaring: Squaring) -> Verdict | None:
    trial = squaring.ordered
    seen, asked = trial.seen, trial.asked.numbers
    if len(seen.submissions) < len(asked):
        return not_yet(
            "one-task",
            f"{count(len(seen.submissions), 'task')} ran for {len(asked)} numbers.",
            "One task that does everything does it one after the other. Give each number a task.",
            "Begin with `refs = [square.remote(number) for number in numbers]`.",
        )
    if len(seen.submissions) > len(asked):
        return not_yet(
            "work-twice",
            f"{len(seen.submissions)} tasks were started for {len(asked)} numbers.",
            "Some numbers have more than one task. Find the second place that calls `.remote`, or "
            "the loop that comes by it again.",
            "Call `square.remote(number)` once for each number, keep the refs, and ask only those "
            "for values.",
        )
    if late := waits_between(seen.submissions, seen):
        return not_yet(
            "get-in-loop",
            f"{late} of {len(seen.submissions)} tasks were submitted "
            "only after you had waited for an earlier one.",
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Start all of them before you wait for the first.",
            "Begin with `refs = [square.remote(number) for number in numbers]`, and wait in a loop "
            "of its own behind that.",
        )
    if len(trial.usher.signatures) < len(asked):
        return not_yet(
            "sleeps-less",
            f"{len(asked)} tasks ran, and {len(trial.usher.signatures)} of them were tasks of "
            "`square`.",
            "Your tasks do less than they were asked to: `square` is the remote function that you "
            "were given, and it is to do the work.",
            "Start the tasks with `square.remote(number)`, and leave your own function out.",
        )
    return None


def _held_back(squaring: Squaring) -> Verdict | None:
    trial = squaring.ordered
    held = trial.held
    if held is None:
        return None
    seen = trial.seen
    moment = trial.usher.seconds_in(seen, held.moment)
    number = trial.number_of.get(held.value, held.value)
    story = f"the square of {number:g} was ready for more than half a second"
    waiting = [
        call
        for call in seen.calls
        if call.thread == seen.own_thread
        and (call.name in WAYS or call.name == LOOP)
        and call.start <= moment
        and (call.end is None or call.end >= moment)
    ]
    if verdict := _chunked(seen, story):
        return verdict
    if waiting:
        refs = [ref for ref in refs_of(waiting[-1]) if isinstance(ref, ray.ObjectRef)]
        if verdict := _held_by(waiting[-1], refs, trial, story):
            return verdict
    if not seen.is_sequence:
        if LOOP in [call.name for call in waiting] and mentions(squaring.answer, "gather"):
            return not_yet(
                "waits-for-all",
                f"{story}, while `gather` waited for the others.",
                "`gather` comes back when the last is there. What tells you as soon as the first "
                "of several is ready?",
                "`asyncio.wait(..., return_when=asyncio.FIRST_COMPLETED)` does, or `ray.wait`.",
            )
        values = [trial.usher.value_of(ref) for each in seen.submissions for ref in each.refs]
        if seen.values == values:
            return _in_submission_order(f"{story}, while you waited for others.")
    if seen.is_sequence:
        return not_yet(
            "all-at-once",
            f"{story}, and then you returned {count(len(seen.values), 'square')} at once.",
            "You return all of them together, so the first has to wait until the last is there. "
            "What hands over one value, and goes on?",
            "Write `yield value` in your loop, in the place where you put the value into the list.",
        )
    return not_yet(
        "all-at-once",
        f"{story}, and came only after others.",
        "You had the first result, and kept it until others were there. Where does your function "
        "keep it, and what could you write there instead?",
        "Hand each over in the turn in which it is ready: `yield` it in the loop that waits, and "
        "not behind that loop.",
    )


def _chunked(seen: Observation, story: str) -> Verdict | None:
    chunks = [
        call.arguments["chunk_size"]
        for call in seen.named("as_completed")
        if call.arguments.get("chunk_size", 1) > 1
    ]
    if not chunks:
        return None
    return not_yet(
        "chunks",
        f"{story}, in a chunk of {chunks[0]}.",
        f"Ray waits for {chunks[0]} results there, or for all where there are fewer, before it "
        "hands over the first. Which argument says for how many?",
        "Pass `chunk_size=1`: then each comes alone.",
    )


def _held_by(call: Call, refs: list[Any], trial: Trial, story: str) -> Verdict | None:
    """Return the verdict on what an answer waited for, while a square was ready."""
    wanted = call.arguments.get("num_returns", 1) if call.name == "wait" else len(refs)
    if call.name == "sleep":
        seconds = (call.end or trial.seen.seconds) - call.start
        return not_yet(
            "sleeps",
            f"{story}, while you slept for {seconds:.1f} s.",
            "What gets ready while your program sleeps is left there until it wakes up. What waits "
            "as long as it must, and no longer?",
            "`ray.wait` comes back as soon as one is ready: it does the sleeping for you.",
        )
    if call.name in ("get", "wait") and wanted > 1:
        if wanted >= len(refs) or call.name == "get":
            return not_yet(
                "waits-for-all",
                f"{story}, while you waited for {count(wanted, 'result')} with `ray.{call.name}`.",
                "You wait until all are there before you hand over the first. How many have to be "
                "ready before you can hand over one?",
                "`ray.wait(waiting, num_returns=1)` comes back with the first that is ready. Hand "
                "that over, and go round for the next.",
            )
        return not_yet(
            "waits-for-several",
            f"{story}, while you waited until {count(wanted, 'result')} were ready.",
            "What is ready is left there until the round is full. How many results should a round "
            "ask for?",
            "Pass `num_returns=1`.",
        )
    if call.name == "result" or (len(refs) == 1 and wanted == 1):
        value = trial.usher.value_of(refs[0]) if refs else None
        awaited = trial.number_of.get(value) if is_number(value) else None
        if awaited is None or awaited == trial.asked.numbers[0]:
            return _in_submission_order(f"{story}, while you waited for one task alone.")
        return not_yet(
            "own-order",
            f"{story}, while you waited for the square of {awaited:g} alone.",
            "You have chosen beforehand which task you wait for. A task can start late, and take "
            "longer than its number says: who can tell you which is ready?",
            "Pass all refs that are left to `ray.wait`, which gives you the first that is ready.",
        )
    return None


def _in_submission_order(story: str) -> Verdict:
    return not_yet(
        "submission-order",
        story,
        "You hand over in the order of submission: a quick task waits for a slow one before "
        "it in the list. Ask Ray which refs are ready, and take those first.",
        "`ready, waiting = ray.wait(waiting)` gives you the first that is ready, whichever it is, "
        "and the rest for the next round.",
    )


def _no_numbers(squaring: Squaring) -> Verdict | None:
    seen = squaring.empty.seen
    if seen.timed_out:
        return not_yet(
            "no-numbers",
            f"with no numbers it had not ended after {seen.seconds:.1f} s.",
            "Where there are no numbers there is nothing to wait for. What ends your loop then?",
            "Loop `while waiting`, which an empty list ends at once.",
        )
    if seen.error is not None and not seen.ray_lost:
        return not_yet(
            "no-numbers",
            f"with no numbers it raised `{type(seen.error).__name__}: {last_line(seen.error)}`.",
            "Where there are no numbers there is nothing to hand over, and your function fails. "
            "Which line takes it for granted that there is one?",
            "Ask whether any ref is left *before* you call `ray.wait` or choose one: "
            "`while waiting:` does.",
        )
    if verdict := common_mistake(seen, "stream"):
        return verdict
    if not seen.values:
        return None
    return not_yet(
        "no-numbers",
        f"with no numbers you handed over {shorten(seen.values)}.",
        "Where there are no numbers there is nothing to hand over.",
    )


def _stays_on(squaring: Squaring) -> Verdict | None:
    trial = squaring.ordered
    if not trial.stays_on:
        return None
    return not_yet(
        "stays-on",
        f"the last square came after {trial.seen.handed[-1].seconds:.1f} s, and you ended after "
        f"{trial.seen.seconds:.1f} s, at the deadline.",
        "All squares have come, and your function goes on to the deadline for nothing. What tells "
        "it that no task is left?",
        "Loop `while waiting`: it ends when no ref is left, and the deadline ends it otherwise.",
    )


def _failure_costs(squaring: Squaring) -> Verdict | None:
    trial = squaring.failing
    if verdict := _too_busy(trial):
        return verdict
    seen, asked = trial.seen, trial.asked
    story = f"of {len(asked.numbers)} tasks two raised and a third lost its worker"
    if len(seen.submissions) > len(asked.numbers):
        return not_yet(
            "tries-again",
            f"{story}, and {len(seen.submissions)} tasks were started in all.",
            "You start a task again that has failed, and it fails again. A failed task may cost "
            "its own square: what is left to do for it?",
            "Nothing: in the `except`, write `continue` or `pass`.",
        )
    caught = isinstance(seen.error, ray.exceptions.RayError) and not isinstance(
        seen.error, ray.exceptions.GetTimeoutError
    )
    if caught and not (seen.ray_lost or seen.timed_out):
        return _failure_raises(trial, story, catches(squaring.answer))
    if verdict := common_mistake(seen, "stream"):
        return verdict
    extra = [value for value in seen.values if not is_number(value) or value not in asked.squares]
    if extra:
        return not_yet(
            "failure-handed",
            f"{story}, and you handed over {shorten(seen.values)}.",
            "A task that failed has no square. Hand nothing over for it.",
            "In the `except`, write `continue` or `pass`, and let the `yield` stand where only a "
            "value can reach it.",
        )
    if Counter(seen.values) - Counter(asked.squares):
        return not_yet(
            "handed-again",
            f"{story}, and you handed over {shorten(seen.values)}, some of it twice.",
            "Where a task failed you hand over a square that you had before. Which value does your "
            "variable hold after an exception?",
            "Put the `yield` into the `try`, or into its `else`, where only a new value gets.",
        )
    missing = Counter(asked.squares) - Counter(seen.values)
    late = {number * number for number in asked.stages[-1].numbers}
    as_completed = [
        call
        for call in seen.named("as_completed")
        if not call.arguments.get("yield_obj_refs", True)
    ]
    if missing and _cancels_and_waits(seen):
        return not_yet(
            "cancels-early",
            f"{story}, and you cancelled others then: {len(seen.values)} of the other "
            f"{len(asked.squares)} squares came.",
            "One task has failed, and you end the others, which are fine. Which tasks should "
            "you cancel, and when?",
            "In the `except` leave the others alone: cancel only at the deadline.",
        )
    together = [call for call in seen.named("get") if len(refs_of(call)) > 1]
    if late <= set(missing) and as_completed:
        return not_yet(
            "as-completed-raises",
            f"{story}, and `as_completed` was over then: {len(seen.values)} of the other "
            f"{len(asked.squares)} squares came.",
            "`as_completed` and `map_unordered` raise at a task that failed, and hand over nothing "
            "after that. What can they give you instead of values?",
            "Pass `yield_obj_refs=True`, and ask each ref for its value in a `try` of its own.",
        )
    if late <= set(missing) and not together:
        return not_yet(
            "gives-up",
            f"{story}, and your function ended there: {len(seen.values)} of the other "
            f"{len(asked.squares)} squares came.",
            "The first failure ends your loop, and the results behind it are lost. What should "
            "the loop do instead when one task has failed?",
            "Put the `try` inside the loop, around the one value, and go on: `continue`, and "
            "neither `break` nor `return`.",
        )
    if missing:
        return not_yet(
            "batch-lost",
            f"{story}, and {len(seen.values)} of the other {len(asked.squares)} squares came.",
            "One failed task costs you results that came in the same round. Around how many "
            "values does your `try` stand?",
            "Go through the refs that are ready one by one, each with a `ray.get` and a `try` of "
            "its own.",
        )
    if trial.stays_on:
        return not_yet(
            "waits-for-the-failed",
            f"{story}; the last square came after {seen.handed[-1].seconds:.1f} s, and you ended "
            f"after {seen.seconds:.1f} s, at the deadline.",
            "All tasks have ended, and you wait on for something from those that failed. How does "
            "your function know that one of them is done?",
            "Take a ref off your list when its task has ended, whether it has failed or not.",
        )
    return None


def _failure_raises(trial: Trial, story: str, catches_some: bool) -> Verdict:
    seen, asked = trial.seen, trial.asked
    cause = getattr(seen.error, "cause", None) or seen.error
    kind = type(cause).__name__
    told = (
        f"{story}, and `{kind}` ended your function after it had handed over "
        f"{len(seen.values)} of {count(len(asked.squares), 'square')}."
    )
    if not catches_some:
        return not_yet(
            "failure-raises",
            told,
            "One failed task costs you the results of the others. `ray.get` raises what its task "
            "raised: where would you catch it so that your loop goes on?",
            "Inside the loop, around the `ray.get` of one ref: "
            "`try: yield ray.get(ref)`, and `except ray.exceptions.RayError: pass`.",
        )
    return not_yet(
        "narrow-catch",
        told,
        f"You catch some failures, and `{kind}` is none of them. A task can raise anything, and "
        "its worker can die: which class do all of Ray's errors belong to?",
        "Catch `ray.exceptions.RayError`: it takes in what a task raised, whatever that was, and "
        "the loss of its worker.",
    )


def _misses_the_deadline(squaring: Squaring) -> Verdict | None:
    trial = squaring.hanging
    seen, seconds = trial.seen, trial.asked.deadline_seconds
    if seen.ray_lost:
        return common_mistake(seen, "stream")
    own = [call for call in seen.calls if call.thread == seen.own_thread and call.name in WAYS]
    # Some give a timeout that is longer than they may take: that is no heed of the deadline.
    too_long = [
        call
        for call in own
        if call.timeout is not None
        and call.start < seconds + NEAR_DEADLINE_SECONDS < call.start + call.timeout
        and (call.end is None or call.end > seconds + NEAR_DEADLINE_SECONDS)
    ]
    if len(seen.submissions) < len(trial.asked.numbers):
        return not_yet(
            "leaves-out",
            f"{len(seen.submissions)} tasks were started for {len(trial.asked.numbers)} numbers.",
            "You leave out numbers that you take to be too long. Each number must have a task: "
            "what becomes of those that are still out at the deadline?",
            "Start a task for each number, and cancel those that have not finished by then.",
        )
    is_late = seen.timed_out or seen.seconds > seconds + NEAR_DEADLINE_SECONDS
    if is_late and too_long and (too_long[-1].timeout or 0) > 1.05 * seconds:
        last = too_long[-1]
        return not_yet(
            "timeout-too-long",
            f"{seen.seconds - seconds:.1f} s after a deadline of {seconds:g} s your function was "
            f"still at work, in a wait with a timeout of {last.timeout:g} s.",
            "The timeout of that wait is longer than all the time that you have. How many seconds "
            "are left of the deadline when it begins?",
            "A timeout is in seconds: `max(0, deadline - time.perf_counter())`, with a deadline "
            "that you work out once, before the loop.",
        )
    if is_late and too_long:
        last = too_long[-1]
        return not_yet(
            "timeout-per-round",
            f"{seen.seconds - seconds:.1f} s after a deadline of {seconds:g} s your function was "
            f"still at work; the wait that began after {last.start:.2f} s had a timeout of "
            f"{last.timeout:.2f} s.",
            "Each round gets the whole time again, so the rounds together take longer "
            "than the deadline. Give each round only what is left of it.",
            "Work out `deadline = time.perf_counter() + deadline_seconds` once, before the loop, "
            "and pass `timeout=max(0, deadline - time.perf_counter())` in each round.",
        )
    if seen.timed_out:
        return _goes_on(trial, own)
    if isinstance(seen.error, TimeoutError):
        return not_yet(
            "deadline-raises",
            f"at the deadline `{type(seen.error).__name__}` ended your function.",
            "Your caller gets an exception at the deadline, where it could have had an ordinary "
            "end. Ask which refs are ready, rather than for a value that may not be there.",
            "`ray.wait` with a `timeout` comes back with an empty list, and raises nothing.",
        )
    if isinstance(seen.error, ray.exceptions.TaskCancelledError):
        return not_yet(
            "cancelled-raises",
            "`TaskCancelledError` ended your function.",
            "A task that you have cancelled has no value, and to ask for it raises. Who still "
            "asks for one?",
            "Cancel last, and ask no cancelled ref for its value.",
        )
    if seen.error is not None and "ray.cancel() only" in str(seen.error):
        return not_yet(
            "cancels-no-ref",
            f"it raised `{last_line(seen.error)}`",
            "`ray.cancel` takes one ref. What did you pass to it?",
            "Go through the refs that are left: `for ref in waiting: ray.cancel(ref)`.",
        )
    if seen.error is not None and "ray.kill() only" in str(seen.error):
        return not_yet(
            "cancels-no-ref",
            f"it raised `{last_line(seen.error)}`",
            "`ray.kill` ends an actor. Which call ends a task?",
            "Go through the refs that are left: `for ref in waiting: ray.cancel(ref)`.",
        )
    if verdict := common_mistake(seen, "stream"):
        return verdict
    if seen.seconds < EARLY_SHARE * seconds:
        return not_yet(
            "ends-early",
            f"your function ended after {seen.seconds:.2f} s, where the deadline was {seconds:g} s "
            f"and {count(len(seen.unready), 'task')} had not finished.",
            "You end before the deadline, and what gets ready in between is lost. What makes your "
            "loop end there?",
            "A round that comes back with nothing is the end only where it had all the time that "
            "was left: `timeout=max(0, deadline - time.perf_counter())`.",
        )
    return None


def _goes_on(trial: Trial, own: Sequence[Call]) -> Verdict:
    """Judge an answer that was still at work long after the deadline."""
    seen, seconds = trial.seen, trial.asked.deadline_seconds
    story = (
        f"{seen.seconds - seconds:.1f} s after a deadline of {seconds:g} s your function was "
        "still at work"
    )
    where = f", at {line_as_code(seen.at_line)}" if seen.at_line else ""
    # What was open then came back afterwards, when the tasks were ended.
    is_open = [call for call in own if call.end is None or call.end >= seen.seconds]
    is_open = [call for call in is_open if call.start < seen.seconds]
    if any(call.timeout is None for call in is_open):
        return not_yet(
            "timeout-ignored",
            f"{story}, in a wait with no timeout{where}.",
            "A task that hangs would hold you forever. Both `ray.wait` and `ray.get` take a "
            "`timeout`: how many seconds are left of the deadline?",
            "Work out `deadline = time.perf_counter() + deadline_seconds` once, before the loop, "
            "and pass `timeout=max(0, deadline - time.perf_counter())` in each round.",
        )
    return not_yet(
        "deadline-ignored",
        f"{story}{where}.",
        "Your waits end and your function goes on: nothing in it asks whether the deadline is "
        "over. Where in your loop would you ask, and what comes then?",
        "Work out `deadline = time.perf_counter() + deadline_seconds` once, before the loop, and "
        "leave the loop once `time.perf_counter() >= deadline`.",
    )


def _loses_what_was_ready(squaring: Squaring) -> Verdict | None:
    trial = squaring.hanging
    lost = trial.usher.lost_in(trial.seen, LOST_TURNS)
    if not lost:
        return None
    ready = sum(is_number(task.value) for task in trial.usher.tasks)
    return not_yet(
        "partial-lost",
        f"by the deadline {count(ready, 'square')} had come, and you had handed over "
        f"{ready - len(lost)} of them.",
        "Something hangs, and what was ready is lost with it. Hand over what is there.",
        "Hand each over in the round in which it is ready; at the deadline there is nothing left "
        "to hand over then.",
    )


def _leaves_tasks(squaring: Squaring) -> Verdict | None:
    return _still_running(squaring.hanging.seen, squaring.answer)


def _still_running(seen: Observation, answer: Callable[..., Any]) -> Verdict | None:
    if seen.left_running and seen.cancelled:
        return not_yet(
            "cancels-some",
            f"you ended in time and cancelled {count(seen.cancelled, 'task')}, and "
            f"{seen.left_running} more went on without you.",
            "You cancel some of the tasks that hang, and others go on. Through which refs does "
            "your loop go when it cancels?",
            "Cancel each ref that is left, in a loop: `for ref in waiting: ray.cancel(ref)`.",
        )
    if seen.left_running and mentions(answer, "cancel"):
        return not_yet(
            "cancels-none",
            f"you ended in time, {count(seen.left_running, 'task')} went on without you, and "
            "`ray.cancel` was called for none of them.",
            "Your function has a line that cancels, and at the deadline it does nothing. Which way "
            "does your function leave the loop then, and does it come by that line with the refs "
            "that are left?",
            "Put `for ref in waiting: ray.cancel(ref)` behind the loop, with the refs that "
            "`ray.wait` called not ready, and leave the loop by `break`.",
        )
    if seen.left_running:
        return not_yet(
            "left-running",
            f"you ended in time, and {count(seen.left_running, 'task')} went on without you.",
            "Nobody waits for these tasks any longer, and they still hold workers. "
            "Which call of Ray ends a task?",
            "After the loop, write `for ref in waiting: ray.cancel(ref)`. It has to be reached "
            "whichever way the loop ends.",
        )
    if seen.unheeding:
        return not_yet(
            "left-running",
            f"you cancelled {count(seen.cancelled, 'task')}, and {seen.unheeding} of them had not "
            "ended long after.",
            "The tasks were asked to end, and did not hear it. Check again; should it come back, "
            "`ray.cancel(ref, force=True)` ends the worker itself.",
        )
    return None


def _suits_quick_callers_only(squaring: Squaring) -> Verdict | None:
    trial = squaring.called_slowly
    seen, seconds = trial.seen, trial.asked.deadline_seconds
    story = f"the deadline of {seconds:g} s was over when the caller had done with the first square"
    if seen.error is not None and not seen.ray_lost:
        return not_yet(
            "negative-timeout",
            f"{story}, and `{type(seen.error).__name__}: {last_line(seen.error)}` ended your "
            "function.",
            "The caller took its time over a square, and then less than nothing was left of the "
            "deadline. What is the least that a timeout can be?",
            "`timeout=max(0, deadline - time.perf_counter())` is never below zero.",
        )
    if seen.timed_out:
        return not_yet(
            "nought-is-none",
            f"{story}, and {seen.seconds - seconds:.1f} s later your function was still at work.",
            "The caller took its time over a square, and then nothing was left of the deadline. "
            "What does your function do when no time is left?",
            "A timeout of 0 looks once and comes back; `None`, or no timeout at all, waits for "
            "ever. `or` takes 0 for false.",
        )
    return common_mistake(seen, "stream") or _still_running(seen, squaring.answer)


SQUARE_DEMANDS = (
    Demand("It ends, and hands over values.", _comes_to_an_end),
    Demand("Ray tasks do the work, and not your program or its threads.", _no_task),
    Demand("Each number has its square, and there is nothing else.", _wrong_squares),
    Demand("A task of `square` for each number, all started before you wait.", _tasks_in_turn),
    Demand("Each square comes as soon as its task has finished.", _held_back),
    Demand("It ends when all tasks have finished.", _stays_on),
    Demand("Where there are no numbers, it ends with none.", _no_numbers),
    Demand("A task that fails, or whose worker dies, costs its own square alone.", _failure_costs),
    Demand("It ends at the deadline, not before and not long after.", _misses_the_deadline),
    Demand("What was ready by then has been handed over.", _loses_what_was_ready),
    Demand("The tasks that have not finished by then are cancelled.", _leaves_tasks),
    Demand("All that holds for a caller that takes its time, too.", _suits_quick_callers_only),
)


def _by_place(expected: Sequence[Any]) -> Callable[[Any], int]:
    return lambda value: expected.index(value) if value in expected else len(expected)


ROUNDS = Exercise(
    number=6,
    title="Predict the rounds",
    call="my_rounds",
    section="Two at a time",
    sections={
        "one-after-another": Section("wait-for-results", "Five chains, one answer"),
        "nothing-at-timeout": Section("wait-for-results", "A round with a timeout"),
        "twice": Section("wait-for-results", "Take what is ready"),
    },
    task=(
        "Five tasks finish after 0, 2, 4, 6 and 8 seconds. A loop waits for them with "
        "`ray.wait`, until none is left. Each round asks for two results, or for the one that is "
        "left, and has a timeout of 2.5 seconds. Write a pair for each round: how many results it "
        "hands over, and after how many seconds since the beginning it ends."
    ),
    starter_mistake="incomplete",
    grader=grade_rounds,
)
SQUARES = Exercise(
    number=7,
    title="Squares as they finish",
    call="my_squares(square, numbers, deadline_seconds)",
    section="Take what is ready",
    sections={
        mistake: Section("wait-for-results", title)
        for title, mistakes in {
            "Five chains, one answer": ("waits-for-all", "all-at-once"),
            "Two at a time": ("waits-for-several", "drops-ready"),
            "A round with a timeout": ("ends-early", "deadline-ignored"),
            "One fails": (
                "failure-raises",
                "narrow-catch",
                "gives-up",
                "waits-for-the-failed",
                "tries-again",
                "handed-again",
                "batch-lost",
                "failure-handed",
                "nought-lost",
            ),
            "One hangs": (
                "timeout-per-round",
                "timeout-too-long",
                "timeout-ignored",
                "deadline-raises",
                "cancelled-raises",
                "cancels-no-ref",
                "partial-lost",
                "cancels-some",
                "cancels-none",
                "cancels-early",
                "leaves-out",
                "negative-timeout",
                "nought-is-none",
                "left-running",
            ),
            "What Ray has ready-made": ("chunks", "as-completed-raises"),
        }.items()
        for mistake in mistakes
    },
    task=(
        "`square` is a remote function: `square.remote(number)` sleeps for `number` seconds, or "
        "longer, and returns the square. Start a task for each of the `numbers`, all before you "
        "wait, and hand over the squares with `yield`: each once, as soon as its task has "
        "finished. A task that fails, or whose worker dies, costs you its own square alone. "
        "End when all have finished, and after `deadline_seconds` at the latest: then with what "
        "you have, and cancel the tasks that have not finished."
    ),
    starter_mistake="submission-order",
    grader=grade_squares,
)
