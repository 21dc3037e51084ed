"""Grader for the rounds of `ray.wait` that a reader predicts."""

from collections.abc import Callable, Sequence
from typing import Any

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import DEADLINE_SECONDS, observe
from raylessons.exercises.shares import side_by_side
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.timing import stopwatch
from raylessons.waiting import PlannedRound, plan_rounds, wait_in_rounds
from raylessons.wording import describe
from raylessons.workloads import slow_square

ROUNDS_NAME = "my_rounds"
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


def grade_rounds(answer: Any, deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
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
            "The loop goes on until no ref is left, so that the results of all rounds add up to "
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
            "You count the timeouts from the very beginning. Each `ray.wait` starts its own clock, "
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
