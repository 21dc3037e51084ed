"""The page *Wait for results*: the rounds of `ray.wait`, and squares as they finish."""

import math
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import count_logical_cpus, warm_up
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    sleeps_less,
    waited_again,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.schedule import CPU_GRAIN
from raylessons.timing import stopwatch
from raylessons.waiting import PlannedRound, plan_rounds, wait_in_rounds
from raylessons.words import count, describe, shorten
from raylessons.workloads import slow_square

FINISH_SECONDS = (0.0, 2.0, 4.0, 6.0, 8.0)
NUM_RETURNS = 2
TIMEOUT_SECONDS = 2.5
# A prediction is about which sleep a round ends with, not about tenths.
NEAR_SECONDS = 0.3
# The real run sleeps a fifth of that, so that a check does not take eight seconds.
SHRINK = 5
# On a busy machine a task ends late, and a round with it.
MOST_RUNS = 2

Rounds = list[tuple[int, float | None]]

# In an order that is not the one they finish in, with gaps that outlast a busy machine's stalls.
NUMBERS = (0.7, 0.1, 0.4)
# A result that lay finished for longer than this, while others were awaited, was held back.
HELD_SECONDS = 0.25
# Where tasks happened to finish in the order of submission, nothing can be told from that.
MOST_TRIES = 3
FAILING = (0.2, -1, 0.1)
HANGING = (60, 0.1, 0.5, 0.9)
HANGING_DEADLINE_SECONDS = 0.6
# How much later than its deadline an answer may end, on a machine with other things to do.
LATE_SECONDS = 0.6


def side_by_side(function: Callable[..., Any], tasks: int) -> Any:
    """Make a remote function of which `tasks` run at once, however many CPUs Ray has.

    Each asks for a small share of a CPU: the functions of the exercises sleep. Workers for them
    are started, so that none is late.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    warm_up(workers=tasks)
    cpus = count_logical_cpus()
    share = math.floor(min(1.0, cpus / tasks) * CPU_GRAIN) / CPU_GRAIN
    return ray.remote(num_cpus=share)(function)


def grade_rounds(answer: Any, deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 6: how many refs are ready after each round, and when it ends.

    The answer is a list, or a function that returns one: pairs of a count and its seconds, or
    counts alone. The plan of the package judges it, then a real Ray runs the rounds.
    """
    require_ray()
    if callable(answer):
        seen = observe(answer, deadline_seconds=deadline_seconds, recorded=False)
        if verdict := common_mistake(seen):
            return verdict
        answer = seen.values
    if answer is None:
        return not_yet("none", "you passed `None`.", "Pass the list of your rounds.")
    rounds = _read(answer)
    if rounds is None:
        return not_yet(
            "wrong-shape",
            f"you passed {describe(answer)}.",
            "Write one pair for each round, (results, seconds), in a list: the first is (2, 2.0).",
        )
    verdict = _round_mistake(rounds)
    if verdict is not None:
        return verdict
    for _ in range(MOST_RUNS):
        rounds = _run_on_ray()
        if _same(rounds, _pairs(plan_rounds(FINISH_SECONDS, NUM_RETURNS, TIMEOUT_SECONDS))):
            break
    return passed(
        "the plan gives the same rounds. Five tasks on this Ray, at a fifth of the time, gave "
        f"{_written(rounds)}."
    )


def _read(answer: object) -> Rounds | None:
    if not isinstance(answer, list | tuple):
        return None
    rounds: Rounds = []
    for each in answer:
        pair = (each, None) if isinstance(each, int) else each
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return None
        ready, seconds = pair
        if not isinstance(ready, int) or not isinstance(seconds, int | float | None):
            return None
        rounds.append((ready, seconds))
    return rounds


def _round_mistake(rounds: Rounds) -> Verdict | None:
    plan = _pairs(plan_rounds(FINISH_SECONDS, NUM_RETURNS, TIMEOUT_SECONDS))
    if _same(rounds, plan):
        return None
    story = f"you predict {_written(rounds)}."
    for mistake, model, hint in _models():
        if _same(rounds, model):
            return not_yet(mistake, story, hint)
    ready, refs = sum(count for count, _ in rounds), len(FINISH_SECONDS)
    if ready > refs:
        return not_yet(
            "twice",
            f"{story} That makes {ready} results of {refs} tasks.",
            "Each ref is handed over once: the loop goes on with the rest. "
            "How many are left after your first round?",
        )
    if ready < refs:
        return not_yet(
            "incomplete",
            f"{story} That makes {ready} results of {refs} tasks.",
            "The loop goes on until no ref is left, so the results of all rounds add up to "
            "all tasks. Go on from where your last round ends.",
        )
    if [count for count, _ in rounds] == [count for count, _ in plan]:
        return not_yet(
            "seconds",
            story,
            "The counts are right, and a round ends at another time. A round begins where the last "
            "one ended: add its timeout to that, and ask whether two results come first.",
        )
    number = next(n for n, pair in enumerate(zip(rounds, plan, strict=False), 1) if _differ(*pair))
    return not_yet(
        "wrong-round",
        f"{story} Up to round {number - 1} that is right." if number > 1 else story,
        f"Look at round {number}: when does it begin, which tasks finish within "
        f"{TIMEOUT_SECONDS} s of that, and are two of them ready before?",
    )


def _models() -> list[tuple[str, Rounds, str]]:
    """Return ways to be wrong, each with the rounds that it leads to."""
    ends = [TIMEOUT_SECONDS * number for number in range(1, 5)]
    return [
        (
            "timeout-ignored",
            _pairs(plan_rounds(FINISH_SECONDS, NUM_RETURNS)),
            "These are the rounds without a timeout: each waits for two results. "
            "How long may a round wait now, and what has it got by then?",
        ),
        (
            "one-at-a-time",
            _pairs(plan_rounds(FINISH_SECONDS, 1, TIMEOUT_SECONDS)),
            "These are rounds of one result. With two to return, what does a round do when the "
            "first of them is ready?",
        ),
        (
            "full-rounds",
            list(zip((2, 1, 1, 1), ends, strict=True)),
            "You let every round last its whole timeout. A round ends as soon as it has what it "
            "asked for: which of yours had that sooner?",
        ),
        (
            "clock-not-restarted",
            list(zip((2, 1, 1, 1), (2.0, ends[1], ends[2], 8.0), strict=True)),
            "You count the timeouts from the beginning. Each `ray.wait` starts its own clock, "
            "when it is called.",
        ),
    ]


def _pairs(plan: Sequence[PlannedRound]) -> Rounds:
    return [(each.ready, each.seconds) for each in plan]


def _same(rounds: Rounds, model: Rounds) -> bool:
    return len(rounds) == len(model) and not any(map(_differ, rounds, model))


def _differ(mine: tuple[int, float | None], other: tuple[int, float | None]) -> bool:
    if mine[0] != other[0]:
        return True
    return mine[1] is not None and abs(mine[1] - (other[1] or 0.0)) > NEAR_SECONDS


def _written(rounds: Sequence[tuple[int, float | None]]) -> str:
    if not rounds:
        return "no round"
    words = [f"{ready}" if end is None else f"{ready} after {end:g} s" for ready, end in rounds]
    return ", ".join(words)


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


def square_in_steps(number: float) -> float:
    """Do what `slow_square` does, in sleeps so short that `ray.cancel` can step in between."""
    if number < 0:
        raise ValueError(f"number is {number}: expected zero or more seconds of sleep.")
    end = time.monotonic() + number
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.02))
    return number * number


def grade_squares(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 7: squares handed over as they finish, despite failures, by a deadline.

    The tasks ask for a small share of a CPU, so that all run at once however many Ray has.
    """
    square = side_by_side(square_in_steps, tasks=len(HANGING))
    for _ in range(MOST_TRIES):
        plain = observe(
            answer,
            square,
            list(NUMBERS),
            60.0,
            deadline_seconds=deadline_seconds,
            watched=(slow_square,),
        )
        if verdict := common_mistake(plain) or _order_mistake(plain):
            return verdict
        if _is_out_of_order(plain):
            break
    failing = observe(
        answer, square, list(FAILING), 60.0, deadline_seconds=deadline_seconds, recorded=False
    )
    if verdict := _failure_mistake(failing):
        return verdict
    seconds = HANGING_DEADLINE_SECONDS
    for _ in range(MOST_TRIES):
        hanging = observe(
            answer, square, list(HANGING), seconds,
            deadline_seconds=seconds + 1.25 * LATE_SECONDS, recorded=False,
        )  # fmt: skip
        if verdict := _deadline_mistake(hanging):
            return verdict
        if _due(hanging):
            break  # on a busy machine none may be ready in time, and then none can be lost
    return passed(
        f"{len(NUMBERS)} squares, each once and in the order in which they finished, the longest "
        f"{_most_held(plain)[1]:.2f} s after its task ended; the others came although one task "
        "failed; at the deadline you ended, and the tasks with you.",
    )


def _order_mistake(seen: Observation) -> Verdict | None:
    expected = [number * number for number in NUMBERS]
    verdict = outside_tasks(seen, "slow_square", slow_square)
    if verdict is not None:
        return verdict
    if waited_again(seen) and len(set(seen.values)) < len(seen.values):
        return not_yet(
            "not-removed",
            f"`ray.wait` was given refs that it had already called ready, and "
            f"{count(len(seen.values), 'square')} came for {count(len(expected), 'number')}.",
            "You wait for refs that are finished, and get them again. Go on with the second list "
            "that `ray.wait` returns: it holds the rest.",
        )
    values = seen.values
    # Any order is right here, as long as it is the one in which they finished: see below.
    verdict = wrong_list(sorted(values, key=_by_place(expected)), expected)
    if verdict is not None:
        return verdict
    if len(seen.submissions) < len(expected):
        return not_yet(
            "one-task",
            f"{count(len(seen.submissions), 'task')} ran for {len(expected)} numbers.",
            "One task that does everything does it one after the other. Give each number a task.",
        )
    if late := waits_between(seen.submissions, seen):
        return not_yet(
            "get-in-loop",
            f"{late} of {len(seen.submissions)} tasks were submitted "
            "only after you had waited for an earlier one.",
            "You start a task, wait for it, and only then start the next, so they take turns. "
            "Start all of them before you wait for the first.",
        )
    if verdict := sleeps_less(seen, NUMBERS, "slow_square"):
        return verdict
    value, held = _most_held(seen)
    if held <= HELD_SECONDS:
        return None
    story = f"{value:.2f} was ready {held:.1f} s before you handed it over."
    if values == _in_submission_order(seen):
        return not_yet(
            "submission-order",
            story,
            "You hand over in the order of submission: a quick task waits for a slow one before "
            "it in the list. Ask Ray which refs are ready, and take those first.",
        )
    return not_yet(
        "all-at-once",
        story,
        "The order is right, and yet the first result had to wait until the last was there. "
        "Hand each over in the turn in which it is ready: a function with `yield` can.",
    )


def _failure_mistake(seen: Observation) -> Verdict | None:
    expected = sorted(number * number for number in FAILING if number >= 0)
    story = f"of {len(FAILING)} tasks one failed"
    if seen.error is not None and not seen.ray_lost and not seen.timed_out:
        return not_yet(
            "batch-lost",
            f"{story}, and `{type(seen.error).__name__}` ended your function after it had handed "
            f"over {count(len(seen.values), 'square')} of {len(expected)}.",
            "One failed task costs you the results of the others. `ray.get` raises what its task "
            "raised: where would you catch it so that your loop goes on?",
        )
    if verdict := common_mistake(seen):
        return verdict
    values = _numbers(seen.values)
    if values is None or not set(values) <= set(expected):
        return not_yet(
            "failure-handed",
            f"{story}, and you handed over {shorten(seen.values)}.",
            "The failed task has no square. Hand nothing over for it.",
        )
    if sorted(values) != expected:
        return not_yet(
            "batch-lost",
            f"{story}, and {len(values)} of the other {len(expected)} squares came.",
            "One failed task costs you the results of others. Catch its exception around the one "
            "result that raises it, and go on with the loop.",
        )
    return None


def _deadline_mistake(seen: Observation) -> Verdict | None:
    seconds = HANGING_DEADLINE_SECONDS
    late = seen.seconds - seconds
    if not seen.ray_lost and late > LATE_SECONDS:
        # Some give a timeout that is longer than they may take: that is no heed of the deadline.
        timeouts = [
            call for call in seen.named("wait", "get") if (call.timeout or 60) < 2 * seconds
        ]
        story = f"{late:.1f} s after a deadline of {seconds} s your function was still at work"
        if timeouts:
            return not_yet(
                "timeout-per-round",
                f"{story}; one of its waits had a timeout of {timeouts[-1].timeout:.2f} s.",
                "Each round gets the whole time again, so the rounds together take longer "
                "than the deadline. Give each round only what is left of it.",
            )
        return not_yet(
            "timeout-ignored",
            f"{story}, in a wait with no timeout.",
            "A task that hangs would hold you forever. Both `ray.wait` and `ray.get` take a "
            "`timeout`: how many seconds are left of the deadline?",
        )
    if isinstance(seen.error, ray.exceptions.GetTimeoutError):
        return not_yet(
            "deadline-raises",
            "at the deadline `GetTimeoutError` ended your function.",
            "Your caller gets an exception at the deadline, where it could have had an ordinary "
            "end. Ask which refs are ready, rather than for a value that may not be there.",
        )
    if verdict := common_mistake(seen):
        return verdict
    due = _due(seen)
    if not due <= set(seen.values):
        return not_yet(
            "partial-lost",
            f"by the deadline {count(len(due), 'square')} had come, and you had handed over "
            f"{len(due & set(seen.values))} of them.",
            "Something hangs, and what was ready is lost with it. Hand over what is there.",
        )
    if seen.left_running:
        return not_yet(
            "left-running",
            f"you ended in time, and {count(seen.left_running, 'task')} went on without you.",
            "Nobody waits for these tasks any longer, and they still hold workers. "
            "Which call of Ray ends a task?",
        )
    return None


def _due(seen: Observation) -> set[Any]:
    """Return the squares that were ready when the answer ended."""
    return {value for value, ref in _squares(seen) if ref not in seen.unready}


def _ready_seconds(seen: Observation) -> dict[Any, float]:
    """Map each square to the second in which its task ended."""
    ends = {run.task_id: run.ended for run in seen.runs}
    return {
        value: ended
        for value, ref in _squares(seen)
        if (ended := ends.get(ref.task_id().hex())) is not None
    }


def _squares(seen: Observation) -> list[tuple[Any, Any]]:
    """Return the value and the ref of each submission that has a value by now, in their order."""
    found = []
    for submission in seen.submissions:
        for ref in submission.refs:
            try:
                found.append((ray.get(ref, timeout=0), ref))
            except (ray.exceptions.RayError, ValueError):
                continue
    return [(value, ref) for value, ref in found if isinstance(value, int | float)]


def _in_submission_order(seen: Observation) -> list[Any]:
    return [value for value, _ in _squares(seen)]


def _is_out_of_order(seen: Observation) -> bool:
    """Tell whether a task finished well after one that was submitted later."""
    ready = _ready_seconds(seen)
    ends = [ready.get(value, 0.0) for value in _in_submission_order(seen)]
    return any(earlier > later + HELD_SECONDS for earlier, later in combinations(ends, 2))


def _most_held(seen: Observation) -> tuple[float, float]:
    ready = _ready_seconds(seen)
    held = [
        (each.seconds - ready[each.value], each.value)
        for each in seen.handed
        if each.value in ready
    ]
    seconds, value = max(held, default=(0.0, 0.0))
    return value, max(0.0, seconds)


def _by_place(expected: Sequence[Any]) -> Callable[[Any], int]:
    return lambda value: expected.index(value) if value in expected else len(expected)


def _numbers(values: Sequence[Any]) -> list[float] | None:
    if all(isinstance(value, int | float) for value in values):
        return list(values)
    return None


ROUNDS = Exercise(
    number=6,
    title="Predict the rounds",
    call="my_rounds",
    section="Two at a time",
    task=(
        "Five tasks finish after 0, 2, 4, 6 and 8 seconds. A loop waits for them with "
        "`ray.wait`, two results a round, and a timeout of 2.5 seconds. Write one pair for each "
        "round: how many results it hands over, and after how many seconds since the beginning."
    ),
    starter_mistake="incomplete",
    grader=grade_rounds,
)


SQUARES = Exercise(
    number=7,
    title="Squares as they finish",
    call="my_squares(square, numbers, deadline_seconds)",
    section="Take what is ready",
    task=(
        "`square` is a remote function: `square.remote(number)` sleeps for `number` seconds and "
        "returns its square. Hand over the squares of all `numbers` with `yield`: each once, as "
        "soon as its task has finished. A task that fails costs you its own square alone. "
        "After `deadline_seconds` end with what you have, and end the tasks that still run."
    ),
    starter_mistake="submission-order",
    grader=grade_squares,
)
