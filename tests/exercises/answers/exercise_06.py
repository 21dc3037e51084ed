"""Answers to exercise 6, predict the rounds. Each is a function that returns the prediction."""

import itertools
from collections import deque, namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np

from answers import earns, passes
from raylessons import plan_rounds


@passes
def about_right():
    return ((2, 2.1), (1, 4.6), (1, 7.0), (1, 8))


@passes
def from_the_plan():
    return [(each.ready, each.seconds) for each in plan_rounds([0, 2, 4, 6, 8], 2, 2.5)]


@passes
def the_plan_itself():
    return plan_rounds([0, 2, 4, 6, 8], num_returns=2, timeout_seconds=2.5)


@passes
def with_whole_numbers():
    return [(2, 2), (1, 4.5), (1, 7), (1, 8)]


@passes
def simulated():
    waiting = [0, 2, 4, 6, 8]
    now = 0.0
    rounds = []
    while waiting:
        wanted = min(2, len(waiting))
        now = min(now + 2.5, max(now, waiting[wanted - 1]))
        ready = [end for end in waiting if end <= now][:wanted]
        waiting = waiting[len(ready) :]
        rounds.append((len(ready), now))
    return rounds


@passes
def by_a_generator():

    def rounds(ends, start):
        if not ends:
            return
        until = start + 2.5
        pair = ends[:2]
        if pair[-1] <= until:
            yield len(pair), max(start, pair[-1])
            yield from rounds(ends[2:], max(start, pair[-1]))
        else:
            ready = [end for end in pair if end <= until]
            yield len(ready), until
            yield from rounds(ends[len(ready) :], until)

    return list(rounds([0, 2, 4, 6, 8], 0.0))


@passes
def named_tuples():
    Round = namedtuple("Round", ["ready", "seconds"])
    return [Round(2, 2.0), Round(1, 4.5), Round(1, 7.0), Round(ready=1, seconds=8.0)]


@passes
def numpy_numbers():
    counts = np.array([2, 1, 1, 1])
    seconds = np.array([2.0, 4.5, 7.0, 8.0])
    return [(count, second) for count, second in zip(counts, seconds)]


@passes
def an_array_of_pairs():
    return np.array([[2, 2.0], [1, 4.5], [1, 7.0], [1, 8.0]])


@passes
def accumulated():
    return [*zip((2, 1, 1, 1), itertools.accumulate((2.0, 2.5, 2.5, 1.0)))]


@passes
def fractions_of_seconds():
    half = Fraction(1, 2)
    return [(2, Fraction(2)), (1, 4 + half), (1, Fraction(7)), (1, Fraction(8))]


@passes
def decimals_of_seconds():
    return [(2, Decimal("2.0")), (1, Decimal("4.5")), (1, Decimal("7.0")), (1, Decimal("8.0"))]


@passes
def a_float_that_is_hardly_off():
    rounds = [(2, 2.0)]
    seconds = 2.0
    for _ in range(2):
        for _ in range(25):
            seconds += 0.1
        rounds.append((1, seconds))
    rounds.append((1, 8.0))
    return rounds


@passes
def counts_as_floats():
    return [(2.0, 2.0), (1.0, 4.5), (1.0, 7.0), (1.0, 8.0)]


@passes
def a_deque_of_pairs():
    rounds = deque()
    rounds.appendleft((1, 8.0))
    rounds.appendleft((1, 7.0))
    rounds.appendleft((1, 4.5))
    rounds.appendleft((2, 2.0))
    return rounds


@passes
def a_zip():
    return zip([2, 1, 1, 1], [2.0, 4.5, 7.0, 8.0])


@passes
def as_a_generator():
    yield 2, 2.0
    yield from [(1, 4.5), (1, 7.0), (1, 8.0)]


@passes
async def as_a_coroutine():
    return [(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0)]


@earns("none")
def nothing():
    pass


@earns("exception")
def fails():
    return [(2, 2.0)] + (1, 4.5)


@earns("endless", hangs=True)
def never_ends():
    while True:
        pass


@earns("wrong-shape")
def a_number():
    return 5


@earns("wrong-shape")
def words():
    return ["two", "one", "one", "one"]


@earns("wrong-shape")
def a_string():
    return "[(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0)]"


@earns("wrong-shape")
def strings_in_pairs():
    return [("2", "2.0"), ("1", "4.5"), ("1", "7.0"), ("1", "8.0")]


@earns("wrong-shape")
def which_results():
    return [([0, 2], 2.0), ([4], 4.5), ([6], 7.0), ([8], 8.0)]


@earns("wrong-shape")
def none_for_a_round():
    return [(2, 2.0), (1, 4.5), (1, 7.0), None]


@earns("wrong-shape")
def a_dict_by_seconds():
    return {2.0: 2, 4.5: 1, 7.0: 1, 8.0: 1}


@earns("wrong-shape")
def a_set_of_pairs():
    return {(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0)}


@earns("triples")
def numbered_triples():
    return [(1, 2, 2.0), (2, 1, 4.5), (3, 1, 7.0), (4, 1, 8.0)]


@earns("nested")
def nested_once_too_often():
    return [[(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0)]]


@earns("flat")
def one_pair_only():
    return (2, 2.0)


@earns("flat")
def a_flat_list():
    return [2, 2.0, 1, 4.5, 1, 7.0, 1, 8.0]


@earns("columns")
def two_columns():
    return ([2, 1, 1, 1], [2.0, 4.5, 7.0, 8.0])


@earns("no-seconds")
def counts_alone():
    return [2, 1, 1, 1]


@earns("no-seconds")
def without_the_timeout_in_counts():
    return [2, 2, 1]


@earns("no-counts")
def only_the_seconds():
    return [2.0, 4.5, 7.0, 8.0]


@earns("swapped")
def seconds_first():
    return [(2.0, 2), (4.5, 1), (7.0, 1), (8.0, 1)]


@earns("cumulative")
def running_totals():
    return [(2, 2.0), (3, 4.5), (4, 7.0), (5, 8.0)]


@earns("remaining")
def what_is_left():
    return [(3, 2.0), (2, 4.5), (1, 7.0), (0, 8.0)]


@earns("twice")
def finished_refs_come_back():
    return [(2, 2.0), (2, 4.5), (2, 7.0), (1, 8.0)]


@earns("timeout-ignored")
def without_the_timeout():
    return [(2, 2.0), (2, 6.0), (1, 8.0)]


@earns("one-at-a-time")
def one_a_round():
    return [(1, 0.0), (1, 2.0), (1, 4.0), (1, 6.0), (1, 8.0)]


@earns("finish-times")
def ends_with_one_result():
    return [(2, 2.0), (1, 4.0), (1, 6.0), (1, 8.0)]


@earns("last-round-full")
def the_last_lasts_the_timeout():
    return [(2, 2.0), (1, 4.5), (1, 7.0), (1, 9.5)]


@earns("full-rounds")
def every_round_lasts_its_timeout():
    return [(2, 2.5), (1, 5.0), (1, 7.5), (1, 10.0)]


@earns("full-rounds")
def the_first_lasts_the_timeout():
    return [(2, 2.5), (1, 5.0), (1, 7.5), (1, 8.0)]


@earns("clock-not-restarted")
def timeouts_from_the_beginning():
    return [(2, 2.0), (1, 5.0), (1, 7.5), (1, 8.0)]


@earns("clock-from-result")
def timeout_from_the_last_result():
    return [(2, 2.0), (1, 4.5), (1, 6.5), (1, 8.0)]


@earns("nothing-at-timeout")
def nothing_on_a_timeout():
    return [(2, 2.0), (0, 4.5), (2, 6.0), (1, 8.0)]


@earns("one-after-another")
def one_task_after_another():
    return [
        (2, 2.0),
        (0, 4.5),
        (1, 7.0),
        (0, 9.5),
        (1, 12.0),
        (0, 14.5),
        (0, 17.0),
        (0, 19.5),
        (1, 20.0),
    ]


@earns("durations")
def durations_of_rounds():
    return [(2, 2.0), (1, 2.5), (1, 2.5), (1, 1.0)]


@earns("not-in-order")
def backwards():
    return [(1, 8.0), (1, 7.0), (1, 4.5), (2, 2.0)]


@earns("not-seconds")
def in_milliseconds():
    return [(2, 2000), (1, 4500), (1, 7000), (1, 8000)]


@earns("seconds")
def whole_seconds():
    return [(count, int(seconds)) for count, seconds in [(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0)]]


@earns("seconds")
def an_error_in_the_sum():
    return [(2, 2.0), (1, 4.5), (1, 7.5), (1, 8.0)]


@earns("wrong-round")
def two_in_the_second_round():
    return [(2, 2.0), (2, 4.5), (1, 7.0)]


@earns("wrong-round")
def the_last_two_together():
    return [(2, 2.0), (1, 4.5), (2, 8.0)]


@earns("wrong-round")
def a_round_at_zero():
    return [(1, 0.0), (1, 2.5), (1, 5.0), (1, 7.5), (1, 8.0)]


@earns("wrong-round")
def an_empty_round():
    return [(2, 2.0), (0, 3.5), (1, 4.5), (1, 7.0), (1, 8.0)]


@earns("incomplete")
def stops_early():
    return [(2, 2.0), (1, 4.5)]


@earns("incomplete")
def no_rounds():
    return []


@earns("round-too-many")
def an_empty_round_at_the_end():
    return [(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0), (0, 8.0)]


@earns("round-too-many")
def a_timeout_at_the_end():
    return [(2, 2.0), (1, 4.5), (1, 7.0), (1, 8.0), (0, 10.5)]


@earns("over-two")
def all_that_is_left_at_once():
    return [(2, 2.0), (3, 8.0)]


@earns("starts")
def when_rounds_begin():
    return [(2, 0.0), (1, 2.0), (1, 4.5), (1, 7.0)]


@earns("clock-not-restarted")
def an_empty_round_at_each_timeout():
    return [(2, 2.0), (0, 2.5), (1, 5.0), (1, 7.5), (1, 8.0)]


@earns("read-up")
def an_iterator_that_was_read_before():
    rounds = zip([2, 1, 1, 1], [2.0, 4.5, 7.0, 8.0])
    print(*rounds)
    return rounds


@earns("seconds")
def not_a_number():
    return [(2, 2.0), (1, 4.5), (1, float("nan")), (1, 8.0)]


@earns("wrong-shape")
def what_cannot_be_written():
    class Unwritable:
        def __repr__(self):
            raise ValueError("not written")

    return [(2, 2.0), Unwritable()]


@earns("arguments")
def with_parameters(finish_seconds, num_returns, timeout_seconds):
    return plan_rounds(finish_seconds, num_returns, timeout_seconds)
