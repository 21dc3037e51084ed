"""Answers to exercise 3, find the order."""

from itertools import permutations

from answers import earns, passes
from raylessons import Task, predict_schedule


@passes
def longest_first_by_hand(seconds):
    left, order = dict(seconds), []
    while left:
        longest = max(left, key=left.get)
        order.append(longest)
        del left[longest]
    return order


@passes
def sorted_pairs(seconds):
    return tuple(name for _, name in sorted((-length, name) for name, length in seconds.items()))


@passes
def the_best_of_all(seconds):
    def makespans(order):
        tasks = [Task(name, seconds[name]) for name in order]
        return [predict_schedule(tasks, cpus).makespan for cpus in (2, 3)]

    return min(permutations(seconds), key=makespans)


@earns("none")
def sorts_in_place(seconds):
    return list(seconds).sort(key=seconds.get)


@earns("exception")
def sorts_by_what_is_no_key(seconds):
    return sorted(seconds, key=seconds[0])


@earns("endless", hangs=True)
def never_takes_one_out(seconds):
    order = []
    while seconds:
        order = [max(seconds, key=seconds.get)]
    return order


@earns("wrong-values")
def returns_lengths(seconds):
    return sorted(seconds.values(), reverse=True)


@earns("wrong-values")
def hard_coded(seconds):
    return ["pie", "cake", "apple", "bread"]


@earns("no-list")
def returns_the_longest_only(seconds):
    return max(seconds, key=seconds.get)


@earns("lost")
def returns_a_list_of_the_longest(seconds):
    return [max(seconds, key=seconds.get)]


@earns("twice")
def names_the_longest_twice(seconds):
    return [max(seconds, key=seconds.get), *seconds]


@earns("as-given")
def as_given(seconds):
    return list(seconds.keys())


@earns("shortest-first")
def shortest_first(seconds):
    return sorted(seconds, key=seconds.get)


@earns("too-long")
def by_name(seconds):
    return sorted(seconds)


@earns("too-long")
def backwards(seconds):
    return list(seconds)[:-1][::-1] + list(seconds)[-1:]
