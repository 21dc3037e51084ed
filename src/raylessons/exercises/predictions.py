"""Predictions of the rounds of `ray.wait`, for exercise 6: how one is read, and judged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set, Sized
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from raylessons.exercises.demands import Demand
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.rounds import PlannedRound, plan_rounds
from raylessons.words import count, describe, listing, shorten

FINISH_SECONDS = (0.0, 2.0, 4.0, 6.0, 8.0)
NUM_RETURNS = 2
TIMEOUT_SECONDS = 2.5
# A prediction is about which sleep a round ends with, not about tenths.
NEAR_SECONDS = 0.3
Rounds = list[tuple[float, float]]


@dataclass(frozen=True)
class Prediction:
    """An answer to exercise 6, as it was given and as far as rounds can be read from it."""

    given: Any
    entries: list[Any]  # what was given for each round
    rounds: Rounds  # none where it cannot be read

    @property
    def story(self) -> str:
        """Tell what was predicted."""
        return f"you predict {write_rounds(self.rounds)}."

    @property
    def ready(self) -> list[float]:
        """Return the results of each round."""
        return [ready for ready, _ in self.rounds]


def read_prediction(answer: Any) -> Prediction:
    """Read a prediction, which is a series of pairs of whatever type, as far as it can be read.

    >>> import numpy as np
    >>> read_prediction(zip([2, 1], np.array([2.0, 4.5]))).rounds
    [(2, 2), (1, 4.5)]
    >>> read_prediction([2, 1]).rounds
    []
    """
    is_series = isinstance(answer, Iterable) and not isinstance(answer, str | bytes | Mapping | Set)
    entries = list(answer) if is_series and _is_long(answer) else []
    pairs = [_read_pair(entry) for entry in entries]
    rounds = [pair for pair in pairs if pair is not None]
    return Prediction(answer, entries, rounds if len(rounds) == len(pairs) else [])


def _read_pair(entry: Any) -> tuple[float, float] | None:
    if isinstance(entry, PlannedRound):
        return entry.ready, entry.seconds
    if isinstance(entry, str | bytes | Mapping | Set) or not isinstance(entry, Iterable):
        return None
    numbers = [_number(each) for each in entry] if _is_long(entry) else []
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def _is_long(value: Any) -> bool:
    return getattr(value, "ndim", None) != 0  # NumPy's arrays of one number cannot be read through


def _number(value: Any) -> float | None:
    """Return a number of any type as one of Python's.

    >>> from fractions import Fraction
    >>> [_number(value) for value in (2, Fraction(9, 2), "2", None, True)]
    [2, 4.5, None, None, None]
    """
    if isinstance(value, str | bytes | bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() else number


def _no_pairs(prediction: Prediction) -> Verdict | None:
    given, entries = prediction.given, prediction.entries
    story = f"you passed {describe(given)}."
    if given is None:
        return not_yet("none", "you passed `None`.", "Pass the list of your rounds.")
    if prediction.rounds:
        return None
    if not entries:
        return _no_entries(given, story)
    numbers = [_number(entry) for entry in entries]
    if None not in numbers:
        return _flat([number for number in numbers if number is not None], story)
    lengths = [
        len(entry) if isinstance(entry, Sized) and not isinstance(entry, str | bytes) else 0
        for entry in entries
    ]
    if len(entries) == 1 and read_prediction(entries[0]).rounds:
        return not_yet(
            "nested",
            story,
            "Your pairs stand in a list that is in a list. Which brackets are too many?",
            "One pair of brackets around all pairs is enough: `[(2, 2.0), ...]`.",
        )
    if set(lengths) == {3}:
        return not_yet(
            "triples",
            story,
            "Each of your entries has three parts, and is to be a pair: how many results, and "
            "after how many seconds. Which part is one too many?",
            "Leave out all but these two: the first round is `(2, 2.0)`.",
        )
    if len(entries) == 2 and lengths[0] == lengths[1] and lengths[0] > 2:
        return not_yet(
            "columns",
            story,
            "These are two lists, one of results and one of seconds. What makes pairs of them, one "
            "for each round?",
            "`list(zip(results, seconds))` makes them, and the first is `(2, 2.0)`.",
        )
    if any(
        len(entry) == 2 and _number(entry[0]) is not None and entry[1] is None
        for entry in entries
        if isinstance(entry, list | tuple)
    ):
        return _no_seconds(prediction.entries, story)
    return not_yet(
        "wrong-shape",
        story,
        f"Each round is a pair of two numbers: how many results it hands over, and after how many "
        f"seconds. {describe(_odd_one(entries))} is something else.",
        "Write numbers alone, no text and no names, two for each round in brackets: the first is "
        "`(2, 2.0)`.",
    )


def _odd_one(entries: Sequence[Any]) -> Any:
    return next((entry for entry in entries if _read_pair(entry) is None), None)


def _no_entries(given: Any, story: str) -> Verdict:
    if isinstance(given, Iterator):
        return not_yet(
            "read-up",
            "your iterator gave nothing.",
            "An iterator can be read only once. Has something read yours before?",
            "Make a list of it where you make it, `list(zip(...))`: that can be read again.",
        )
    if isinstance(given, Mapping | Set):
        kind = "dict" if isinstance(given, Mapping) else "set"
        return not_yet(
            "wrong-shape",
            story,
            f"The rounds come one after the other, and a {kind} is made for something else. What "
            "holds them in their order?",
            "Write a list of pairs, results first: `[(2, 2.0), ...]`.",
        )
    if isinstance(given, Sized) and len(given) == 0:
        return not_yet(
            "incomplete",
            "you predict no round.",
            "The loop goes on until no ref is left. Begin with the first round: which two results "
            "does it hand over, and when is the second of them there?",
            "The first round is `(2, 2.0)`: write it down, and ask what is left.",
        )
    if isinstance(given, str | bytes):
        return not_yet(
            "wrong-shape",
            story,
            "You passed text, which Python does not read. Take away the quotes around it.",
            "`my_rounds = [(2, 2.0), ...]`, with no quotes.",
        )
    return not_yet(
        "wrong-shape",
        story,
        "There is more than one round. Write a pair for each, (results, seconds), in a list.",
        "The first round is `(2, 2.0)`, so the list begins `[(2, 2.0), ...]`.",
    )


def _flat(numbers: list[float], story: str) -> Verdict:
    """Judge a list of single numbers: counts, seconds, or both in turn."""
    plan = planned()
    if numbers == list(plan[0]) or (len(numbers) % 2 == 0 and max(numbers) > NUM_RETURNS):
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        seconds = [end for _, end in pairs]
        if seconds == sorted(seconds) and all(ready <= NUM_RETURNS for ready, _ in pairs):
            return not_yet(
                "flat",
                story,
                "The numbers stand one after the other, and each round should have a pair of its "
                "own. Put brackets around the two that belong together.",
                "It begins with `[(2, 2.0), ...]`: one pair in brackets for each round.",
            )
    if any(number > NUM_RETURNS for number in numbers):
        return not_yet(
            "no-counts",
            story,
            "You say when each round ends, and not how many results it hands over. Write pairs: "
            "results first, then seconds.",
            "The first round is `(2, 2.0)`: two results, after two seconds.",
        )
    return _no_seconds(numbers, story, are_right=numbers == [ready for ready, _ in plan])


def _no_seconds(entries: Sequence[Any], story: str, are_right: bool = False) -> Verdict:
    return not_yet(
        "no-seconds",
        story,
        ("These counts are right. " if are_right else "")
        + "That is how many results each round hands over. The other half of the question is "
        "after how many seconds since the beginning it does: when does each of your "
        f"{count(len(entries), 'round')} end?",
        "Write a pair for each round, results first and then seconds: the first is `(2, 2.0)`. "
        + (
            "Then ask of each other round when it begins, and what ends it."
            if are_right
            else "The seconds will show you whether the counts are right."
        ),
    )


def _swapped(prediction: Prediction) -> Verdict | None:
    turned = [(end, ready) for ready, end in prediction.rounds]
    is_whole = [_is_whole(ready) for ready in prediction.ready]
    is_turned = not all(is_whole) and all(_is_whole(end) for _, end in prediction.rounds)
    if not _known(prediction.rounds) and (is_turned or _known(turned)):
        return not_yet(
            "swapped",
            f"your pairs are {shorten(prediction.entries)}.",
            "Your pairs have the seconds first. Turn them round: results first, then seconds.",
            "The second pair begins with how many results that round hands over.",
        )
    if all(is_whole):
        return None
    return not_yet(
        "wrong-shape",
        prediction.story,
        "A round hands over whole results. Which number of your pairs is how many, and which is "
        "when?",
    )


def _is_whole(number: float) -> bool:
    return isinstance(number, int)


def _known(rounds: Rounds) -> bool:
    return is_same(rounds, planned()) or any(is_same(rounds, model.rounds) for model in MODELS)


def _too_many_results(prediction: Prediction) -> Verdict | None:
    rounds, story, refs = prediction.rounds, prediction.story, len(FINISH_SECONDS)
    sums = [sum(ready for ready, _ in planned()[: number + 1]) for number in range(len(rounds))]
    if prediction.ready == sums and len(rounds) > 2:
        return not_yet(
            "cumulative",
            story,
            "You count all results that have come until then. How many of them does each round "
            "hand over itself?",
            "Take away what the rounds before have handed over.",
        )
    if prediction.ready == [refs - each for each in sums] and len(rounds) > 1:
        return not_yet(
            "remaining",
            story,
            "You count what is left after each round. How many results does the round hand over?",
            "Take each number from the one before, and the first from five.",
        )
    if any(ready > NUM_RETURNS for ready in prediction.ready):
        number = next(n for n, ready in enumerate(prediction.ready, 1) if ready > NUM_RETURNS)
        return not_yet(
            "over-two",
            f"{story} Round {number} hands over {prediction.ready[number - 1]}.",
            "`ray.wait` gives no more results than it was asked for. What was it asked for here, "
            "and when is a round over?",
            "A round ends as soon as two are ready, and the others have to wait for the next.",
        )
    if sum(prediction.ready) > refs:
        return not_yet(
            "twice",
            f"{story} That makes {sum(prediction.ready)} results of {refs} tasks.",
            "Each ref is handed over once: the loop goes on with the rest. "
            "How many are left after your first round?",
            "Write down behind each round which tasks are left, by when they finish: after the "
            "first these are 4, 6 and 8.",
        )
    return None


def _wrong_round(prediction: Prediction) -> Verdict | None:
    rounds, plan = prediction.rounds, planned()
    in_order = sorted(rounds, key=lambda each: each[1])
    if in_order != rounds and _known(in_order):
        return not_yet(
            "not-in-order",
            prediction.story,
            "Your rounds do not stand in the order in which they happen. Which comes first?",
            "Write them in the order of their seconds: the first is `(2, 2.0)`.",
        )
    if is_same([(ready, end / 1000) for ready, end in rounds], plan):
        return not_yet("not-seconds", prediction.story, "The rounds are right. Give seconds.")
    pairs = list(zip(rounds, plan, strict=False))
    wrong = [number for number, pair in enumerate(pairs, 1) if _differ(*pair)]
    if not wrong:
        return None
    for model in MODELS:
        if is_same(rounds, model.rounds[: len(rounds)]):
            return not_yet(model.mistake, prediction.story, model.hint, model.direct_hint)
    number = wrong[0]
    begin = plan[number - 2][1] if number > 1 else 0
    left = FINISH_SECONDS[int(sum(ready for ready, _ in plan[: number - 1])) :]
    wanted = min(NUM_RETURNS, len(left))
    story = prediction.story
    if number > 1:
        story = f"{story} Up to round {number - 1} that is right."
    are_left = listing([f"{seconds:g}" for seconds in left])
    counts_are_right = prediction.ready == [ready for ready, _ in plan]
    counts = "The counts are right, and a round ends at another time. " if counts_are_right else ""
    return not_yet(
        "seconds" if counts_are_right else "wrong-round",
        story,
        f"{counts}Look at round {number}: it begins after {begin:g} s, and its timeout is over "
        f"after {begin + TIMEOUT_SECONDS:g} s. Of the tasks that are left, which finish by then, "
        f"and {'is it' if wanted == 1 else 'are two of them'} ready sooner?",
        f"Round {number} asks for {count(wanted, 'result')}, and what is left finishes after "
        f"{are_left} s. It ends with the {'second' if wanted == 2 else 'first'} of these, or "
        f"after {begin + TIMEOUT_SECONDS:g} s: whichever comes first.",
    )


def _wrong_end(prediction: Prediction) -> Verdict | None:
    rounds, plan = prediction.rounds, planned()
    if len(rounds) < len(plan):
        return not_yet(
            "incomplete",
            f"{prediction.story} That makes {sum(prediction.ready)} results of "
            f"{len(FINISH_SECONDS)} tasks.",
            "Right so far. The loop goes on until no ref is left, so the results of all rounds add "
            "up to all tasks. Go on from where your last round ends.",
            f"Your last round ends after {rounds[-1][1]:g} s: the next begins there, and has "
            f"{TIMEOUT_SECONDS} s.",
        )
    if len(rounds) > len(plan):
        return not_yet(
            "round-too-many",
            prediction.story,
            f"The first {len(plan)} rounds are right, and you have {len(rounds)}. How many refs "
            "are left before the last of yours, and what does the loop do then?",
            "The loop ends when no ref is left: there is no round after that.",
        )
    return None


ROUND_DEMANDS = (
    Demand("A pair of numbers for each round.", _no_pairs),
    Demand("How many results comes first, then the seconds.", _swapped),
    Demand("No round hands over more than two results, and none comes twice.", _too_many_results),
    Demand(
        "Each round ends once it has what it asks for, or when its timeout is over.", _wrong_round
    ),
    Demand("The rounds end when all five results have come.", _wrong_end),
)


@dataclass(frozen=True)
class Model:
    """A way to be wrong, and the rounds that it leads to."""

    mistake: str
    rounds: Rounds
    hint: str
    direct_hint: str


def _pairs(plan: Sequence[PlannedRound]) -> Rounds:
    return [(each.ready, each.seconds) for each in plan]


def planned() -> Rounds:
    """Return the rounds that are right."""
    return _pairs(plan_rounds(FINISH_SECONDS, NUM_RETURNS, TIMEOUT_SECONDS))


def _models() -> Iterator[Model]:
    """Give ways to be wrong; the first that fits counts."""
    timeouts = [TIMEOUT_SECONDS * number for number in range(1, 5)]
    plan = planned()
    ends = [end for _, end in plan]
    ready = [each for each, _ in plan]

    def rounds(*seconds: float) -> Rounds:
        return list(zip(ready, seconds, strict=True))

    yield Model(
        "timeout-ignored",
        _pairs(plan_rounds(FINISH_SECONDS, NUM_RETURNS)),
        "These are the rounds without a timeout: each waits for two results. "
        "How long may a round wait now, and what has it got by then?",
        "The second round begins after 2 s. Its timeout is over after 4.5 s, before the task that "
        "finishes after 6 s: it ends then, with what is ready.",
    )
    yield Model(
        "one-at-a-time",
        _pairs(plan_rounds(FINISH_SECONDS, 1, TIMEOUT_SECONDS)),
        "These are rounds of one result. With two to return, what does a round do when the "
        "first of them is ready?",
        "A round that asks for two goes on when the first is ready: it ends with the second, or "
        "when its timeout is over.",
    )
    yield Model(
        "finish-times",
        rounds(2.0, 4.0, 6.0, 8.0),
        "You end a round when one result is ready. It asks for two: for how long does it wait for "
        "the second, where that is not there yet?",
        "A round with one result of two waits on until its timeout of 2.5 s is over: the second "
        "begins after 2 s, so that is after 4.5 s.",
    )
    yield Model(
        "last-round-full",
        rounds(*ends[:3], ends[2] + TIMEOUT_SECONDS),
        "Right up to the last round, which you let wait for its whole timeout. How many refs are "
        "left then, and for how many can it wait?",
        "One ref is left, so the last round asks for one, and ends as soon as that is ready.",
    )
    for last in (timeouts[3], FINISH_SECONDS[-1]):
        yield Model(
            "full-rounds",
            rounds(*timeouts[:3], last),
            "You let a round last its whole timeout, though two results were there before. "
            "A round ends as soon as it has what it asked for: when has the first of yours that?",
            "The first round has its two results after 2 s: it ends then, and the second begins.",
        )
        yield Model(
            "clock-not-restarted",
            rounds(ends[0], *timeouts[1:3], last),
            "You count the timeouts from the beginning. Each `ray.wait` starts its own clock, "
            "when it is called.",
            "The second round begins after 2 s, so that its timeout is over 2.5 s later.",
        )
    yield Model(
        "clock-not-restarted",
        [plan[0], (0, 2.5), (1, 5.0), (1, 7.5), (1, 8.0)],
        "You count the timeouts from the beginning. Each `ray.wait` starts its own clock, "
        "when it is called.",
        "The second round begins after 2 s, so that its timeout is over 2.5 s later.",
    )
    yield Model(
        "clock-from-result",
        rounds(2.0, 4.5, 6.5, 8.0),
        "You count a timeout from the last result that came. When is `ray.wait` called again, and "
        "when does its clock start?",
        "The third round begins when the second has ended, after 4.5 s: its timeout is over 2.5 s "
        "later.",
    )
    for last_rounds in ([(2, 6.0), (1, 8.0)], [(2, 6.0), (1, 8.5)], [(2, 7.0), (1, 8.0)]):
        yield Model(
            "nothing-at-timeout",
            [plan[0], (0, 4.5), *last_rounds],
            "You let a round that times out hand over nothing. What does `ray.wait` give back when "
            "its timeout is over and one result of two is ready?",
            "It gives what is ready: one result, after 4.5 s. The next round asks for the others.",
        )
    yield Model(
        "one-after-another",
        _pairs(plan_rounds((0, 2, 6, 12, 20), NUM_RETURNS, TIMEOUT_SECONDS)),
        "You add up the seconds, as if each task began when the last had finished. From when on "
        "are these seconds counted?",
        "All five begin at once: the third finishes after 4 s, not 2 + 4.",
    )
    yield Model(
        "durations",
        rounds(2.0, *(after - before for before, after in pairwise(ends))),
        "You say how long each round takes. The question is after how many seconds since the "
        "beginning it ends.",
        "Add to each the seconds at which the round before has ended.",
    )
    yield Model(
        "starts",
        rounds(0.0, *ends[:3]),
        "You say when each round begins. When does it hand over its results?",
        "A round ends where the next one begins: move each number up by one round.",
    )


MODELS = tuple(_models())


def is_same(rounds: Rounds, model: Rounds) -> bool:
    """Tell whether rounds are those of a model, but for some tenths of a second.

    >>> is_same([(2, 2.1)], [(2, 2.0)]), is_same([(2, 2.5)], [(2, 2.0)])
    (True, False)
    """
    return len(rounds) == len(model) and not any(map(_differ, rounds, model))


def _differ(mine: tuple[float, float], other: tuple[float, float]) -> bool:
    return mine[0] != other[0] or not abs(mine[1] - other[1]) <= NEAR_SECONDS


def write_rounds(rounds: Rounds) -> str:
    """Write rounds in words.

    >>> write_rounds([(2, 2.0), (1, 4.5)])
    '2 after 2 s, 1 after 4.5 s'
    """
    return ", ".join(f"{ready:g} after {end:g} s" for ready, end in rounds) or "no round"
