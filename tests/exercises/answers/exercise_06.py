"""Answers to exercise 6, predict the rounds. Each is a function that returns the prediction."""

from answers import earns, passes
from raylessons import plan_rounds


@passes
def counts_alone():
    return [2, 1, 1, 1]


@passes
def about_right():
    return ((2, 2.1), (1, 4.6), (1, 7.0), (1, 8))


@passes
def from_the_plan():
    return [(each.ready, each.seconds) for each in plan_rounds([0, 2, 4, 6, 8], 2, 2.5)]


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


@earns("no-list")
def a_number():
    return 5


@earns("wrong-shape")
def words():
    return ["two", "one", "one", "one"]


@earns("wrong-shape")
def triples():
    return [(2, 2.0, "s"), (1, 4.5, "s"), (1, 7.0, "s"), (1, 8.0, "s")]


@earns("timeout-ignored")
def without_the_timeout():
    return [(2, 2.0), (2, 6.0), (1, 8.0)]


@earns("timeout-ignored")
def without_the_timeout_in_counts():
    return [2, 2, 1]


@earns("one-at-a-time")
def one_a_round():
    return [(1, 0.0), (1, 2.0), (1, 4.0), (1, 6.0), (1, 8.0)]


@earns("full-rounds")
def every_round_lasts_its_timeout():
    return [(2, 2.5), (1, 5.0), (1, 7.5), (1, 10.0)]


@earns("clock-not-restarted")
def timeouts_from_the_beginning():
    return [(2, 2.0), (1, 5.0), (1, 7.5), (1, 8.0)]


@earns("twice")
def finished_refs_come_back():
    return [(2, 2.0), (2, 4.5), (2, 7.0), (1, 8.0)]


@earns("incomplete")
def stops_early():
    return [(2, 2.0), (1, 4.5)]


@earns("incomplete")
def no_rounds():
    return []


@earns("seconds")
def durations_of_rounds():
    return [(2, 2.0), (1, 2.5), (1, 2.5), (1, 1.0)]


@earns("wrong-round")
def the_last_two_together():
    return [(2, 2.0), (1, 4.5), (2, 8.0)]


@earns("wrong-round")
def an_empty_round():
    return [(2, 2.0), (0, 3.5), (1, 4.5), (1, 7.0), (1, 8.0)]
