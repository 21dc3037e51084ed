"""Answers to exercise 3, find the order."""

import heapq
from collections import deque
from itertools import permutations

import numpy as np
import ray

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


@passes
def by_the_negative(seconds):
    return sorted(seconds, key=lambda name: -seconds[name])


@passes
def pairs_then_names(seconds):
    pairs = sorted(seconds.items(), key=lambda pair: pair[1], reverse=True)
    return [name for name, _ in pairs]


@passes
def sorts_a_list_in_place(seconds):
    names = [*seconds]
    names.sort(key=seconds.__getitem__)
    names.reverse()
    return names


@passes
def from_a_heap(seconds):
    heap = [(-length, name) for name, length in seconds.items()]
    heapq.heapify(heap)
    return [heapq.heappop(heap)[1] for _ in seconds]


@passes
def by_numpy(seconds):
    names = np.array(list(seconds))
    return names[np.argsort(list(seconds.values()))[::-1]]


@passes
def takes_out_of_what_it_was_given(seconds):
    order = []
    while seconds:
        order.append(max(seconds, key=seconds.get))
        seconds.pop(order[-1])
    return order


@passes
def inserts_each_before_the_shorter(seconds):
    order = []
    for name, length in seconds.items():
        place = sum(seconds[other] > length for other in order)
        order.insert(place, name)
    return order


@passes
def keys_of_a_sorted_dict(seconds):
    return list(dict(sorted(seconds.items(), key=lambda item: -item[1])))


@passes
async def in_a_coroutine(seconds):
    return sorted(seconds, key=seconds.get, reverse=True)


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


@earns("other-names")
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


@earns("by-name")
def by_name(seconds):
    return sorted(seconds)


@earns("too-long")
def backwards(seconds):
    return list(seconds)[:-1][::-1] + list(seconds)[-1:]


@earns("backwards")
def just_reversed(seconds):
    return list(reversed(list(seconds)))


@earns("by-name")
def by_name_backwards(seconds):
    return sorted(seconds, reverse=True)


@earns("by-letter")
def by_the_second_letter(seconds):
    return sorted(seconds, key=lambda pair: pair[1], reverse=True)


@earns("by-letter")
def by_the_length_of_the_name(seconds):
    return sorted(seconds, key=len, reverse=True)


@earns("as-text")
def compares_as_text(seconds):
    return sorted(seconds, key=lambda name: str(seconds[name]), reverse=True)


@earns("rounded")
def in_whole_seconds(seconds):
    return sorted(seconds, key=lambda name: int(seconds[name]), reverse=True)


@earns("longest-only")
def the_longest_then_as_given(seconds):
    longest = max(seconds, key=seconds.get)
    return [longest, *(name for name in seconds if name != longest)]


@earns("longest-only")
def the_longest_then_the_short_ones(seconds):
    *rest, longest = sorted(seconds, key=seconds.get)
    return [longest, *rest]


@earns("by-turns")
def long_and_short_by_turns(seconds):
    left, order = sorted(seconds, key=seconds.get), []
    while left:
        order.append(left.pop())
        if left:
            order.append(left.pop(0))
    return order


@earns("two-groups")
def long_ones_before_short_ones(seconds):
    middle = sum(seconds.values()) / len(seconds)
    long = [name for name in seconds if seconds[name] >= middle]
    return long + [name for name in seconds if seconds[name] < middle]


@earns("cpu-by-cpu")
def cpu_by_cpu(seconds):
    names = sorted(seconds, key=seconds.get, reverse=True)
    return names[0::2] + names[1::2]


@earns("order-of-ends")
def in_the_order_of_ends(seconds):
    names = sorted(seconds, key=seconds.get, reverse=True)
    tasks = [Task(name, seconds[name]) for name in names]
    return predict_schedule(tasks, cpus=2).completion_order


@earns("one-number-of-cpus")
def the_best_for_two_cpus(seconds):
    def makespan(order):
        return predict_schedule([Task(name, seconds[name]) for name in order], 2).makespan

    return list(min(permutations(seconds), key=makespan))


@earns("pairs")
def returns_pairs(seconds):
    return sorted(seconds.items(), key=lambda pair: pair[1], reverse=True)


@earns("nested")
def a_list_for_each_cpu(seconds):
    names = sorted(seconds, key=seconds.get, reverse=True)
    return [names[0::2], names[1::2]]


@earns("equal-lengths")
def turns_the_dict_round(seconds):
    names = {length: name for name, length in seconds.items()}
    return [names[length] for length in sorted(names, reverse=True)]


@earns("equal-lengths")
def looks_lengths_up(seconds):
    names, lengths = list(seconds), list(seconds.values())
    return [names[lengths.index(length)] for length in sorted(lengths, reverse=True)]


@earns("generator")
def hands_over_one_by_one(seconds):
    yield from sorted(seconds, key=seconds.get, reverse=True)


@earns("refs")
def submits_them(seconds):
    wait = ray.remote(lambda length: length)
    return [wait.remote(seconds[name]) for name in sorted(seconds, key=seconds.get, reverse=True)]


@earns("equal-lengths")
def repeats_ties(seconds):
    order = []
    for length in sorted(seconds.values(), reverse=True):
        for name in seconds:
            if seconds[name] == length:
                order.append(name)
    return order


@earns("equal-lengths")
def quicksorts_without_ties(seconds):

    def quick(names):
        if not names:
            return []
        pivot = names[0]
        longer = [name for name in names if seconds[name] > seconds[pivot]]
        shorter = [name for name in names if seconds[name] < seconds[pivot]]
        return quick(longer) + [pivot] + quick(shorter)

    return quick(list(seconds))


@earns("no-length")
def leaves_out_tasks_of_no_length(seconds):
    return [name for name in sorted(seconds, key=seconds.get, reverse=True) if seconds[name]]


@earns("half-sorted")
def bubbles_once(seconds):
    names = list(seconds)
    for i in range(len(names) - 1):
        if seconds[names[i]] < seconds[names[i + 1]]:
            names[i], names[i + 1] = names[i + 1], names[i]
    return names


@earns("half-sorted")
def swaps_the_first_and_the_longest(seconds):
    names = list(seconds)
    if names:
        place = names.index(max(names, key=seconds.get))
        names[0], names[place] = names[place], names[0]
    return names


@earns("in-the-middle")
def puts_the_longest_in_the_middle(seconds):
    order = deque()
    for place, name in enumerate(sorted(seconds, key=seconds.get, reverse=True)):
        if place % 2:
            order.appendleft(name)
        else:
            order.append(name)
    return list(order)


@earns("other-names")
def returns_names_and_lengths_as_text(seconds):
    order = sorted(seconds, key=seconds.get, reverse=True)
    return [f"{name}: {seconds[name]}" for name in order]


@earns("no-list")
def returns_a_set(seconds):
    return set(seconds)


@earns("exception")
def negates_the_names(seconds):
    return sorted(seconds, key=lambda name: -name)


@earns("first-wave")
def sorts_only_the_first_wave_of_two(seconds):
    longest = sorted(seconds, key=seconds.get, reverse=True)[:2]
    return longest + [name for name in seconds if name not in longest]
