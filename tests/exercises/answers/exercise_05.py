"""Answers to exercise 5, sum them in a tree."""

import asyncio
import heapq
import math
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import count, zip_longest

import numpy as np
import ray

from answers import earns, passes


@passes
def by_halves(add, refs):
    if len(refs) == 1:
        return refs[0]
    middle = len(refs) // 2
    return add.remote(by_halves(add, refs[:middle]), by_halves(add, refs[middle:]))


@passes
def by_the_greatest_power_of_two(add, refs):
    if len(refs) == 1:
        return refs[0]
    size = 1 << ((len(refs) - 1).bit_length() - 1)
    left, right = refs[:size], refs[size:]
    return add.remote(
        by_the_greatest_power_of_two(add, left), by_the_greatest_power_of_two(add, right)
    )


@passes
def with_a_queue(add, refs):
    queue = deque(refs)
    while len(queue) > 1:
        queue.append(add.remote(queue.popleft(), queue.popleft()))
    return queue[0]


@passes
def with_strides(add, refs):
    step = 1
    while step < len(refs):
        for left in range(0, len(refs) - step, 2 * step):
            refs[left] = add.remote(refs[left], refs[left + step])
        step *= 2
    return refs[0]


@passes
def the_first_with_the_last(add, refs):
    while len(refs) > 1:
        half = len(refs) // 2
        pairs = zip(refs[:half], reversed(refs[-half:]))
        refs = [*refs[half : len(refs) - half], *(add.remote(*pair) for pair in pairs)]
    return refs[0]


@passes
def by_pairs_with_a_gap_for_the_odd_one(add, refs):
    while len(refs) > 1:
        pairs = zip_longest(refs[::2], refs[1::2])
        refs = [left if right is None else add.remote(left, right) for left, right in pairs]
    (total,) = refs
    return total


@passes
def the_shallowest_two_first(add, refs):
    turn = count()
    heap = [(0, next(turn), ref) for ref in refs]
    while len(heap) > 1:
        (_, _, left), (depth, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (depth + 1, next(turn), add.remote(left, right)))
    return heap[0][2]


class Tree:
    def __init__(self, add, refs):
        middle = (len(refs) + 1) // 2
        self.add, self.ref = add, refs[0]
        self.parts = [Tree(add, refs[:middle]), Tree(add, refs[middle:])] if refs[1:] else []

    def total(self):
        return self.add.remote(*(part.total() for part in self.parts)) if self.parts else self.ref


@passes
def with_a_class(add, refs):
    return Tree(add, refs).total()


@passes
async def in_async_code(add, refs):
    return with_a_queue(add, refs)


@passes
def by_coroutines_that_only_submit(add, refs):
    async def total(refs):
        if len(refs) == 1:
            return refs[0]
        middle = len(refs) // 2
        return add.remote(*await asyncio.gather(total(refs[:middle]), total(refs[middle:])))

    return asyncio.run(total(refs))


@passes
def submitted_from_threads_that_wait_for_nothing(add, refs):
    with ThreadPoolExecutor() as pool:
        while len(refs) > 1:
            odd = refs[-1:] if len(refs) % 2 else []
            refs = [*pool.map(add.remote, refs[::2], refs[1::2]), *odd]
    return refs[0]


@passes
def carried_as_a_binary_counter_does(add, refs):
    places = []
    for carry in refs:
        for place, held in enumerate(places):
            if held is None:
                places[place], carry = carry, None
                break
            places[place], carry = None, add.remote(held, carry)
        if carry is not None:
            places.append(carry)
    return reduce(add.remote, [held for held in places if held is not None])


@passes
def with_an_addition_of_its_own(add, refs):
    return by_halves(ray.remote(lambda left, right: left + right), refs)


@passes
def adds_the_odd_one_to_the_last_sum(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        if len(refs) % 2:
            sums[-1] = add.remote(sums[-1], refs[-1])
        refs = sums
    return refs[0]


@earns("exception")
def passes_pairs(add, refs):
    while len(refs) > 1:
        sums = [add.remote(pair) for pair in zip(refs[::2], refs[1::2])]
        refs = sums + (refs[-1:] if len(refs) % 2 else [])
    return refs[0]


@earns("none")
def prints_the_total(add, refs):
    with_a_queue(add, refs)


@earns("exception")
def forgets_where_to_stop(add, refs):
    middle = len(refs) // 2
    return add.remote(
        forgets_where_to_stop(add, refs[:middle]), forgets_where_to_stop(add, refs[middle:])
    )


@earns("exception")
def takes_the_next_where_there_is_none(add, refs):
    while len(refs) > 1:
        refs = [add.remote(refs[n], refs[n + 1]) for n in range(0, len(refs), 2)]
    return refs[0]


@earns("exception")
def pads_with_noughts(add, refs):
    while len(refs) > 1:
        refs = [add.remote(*pair) for pair in zip_longest(refs[::2], refs[1::2], fillvalue=0)]
    return refs[0]


@earns("endless", hangs=True)
def keeps_one_for_ever(add, refs):
    while len(refs) > 1:
        refs = refs[:2]
    return refs[0]


@earns("driver")
def adds_in_the_driver(add, refs):
    return ray.put(np.sum(ray.get(refs), axis=0))


@earns("asks-early")
def waits_after_every_round(add, refs):
    arrays = ray.get(refs)
    while len(arrays) > 1:
        sums = [add.remote(a, b) for a, b in zip(arrays[::2], arrays[1::2])]
        arrays = ray.get(sums) + arrays[len(sums) * 2 :]
    return ray.put(arrays[0])


@earns("asks-early")
def adds_what_is_ready_first(add, refs):
    while len(refs) > 1:
        (left, right), refs = ray.wait(refs, num_returns=2)
        refs.append(add.remote(left, right))
    return refs[0]


@earns("asks-early")
def fetches_one_to_make_noughts_of_its_size(add, refs):
    refs = list(refs)
    while len(refs) & (len(refs) - 1):
        refs.append(ray.put(np.zeros_like(ray.get(refs[0]))))
    return with_a_queue(add, refs)


@earns("asks-early")
def waits_for_the_futures_of_a_round(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        for each in sums:
            each.future().result()
        refs = sums + (refs[-1:] if len(refs) % 2 else [])
    return refs[0]


@earns("polls")
def looks_and_pauses_until_a_round_is_there(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        while ray.wait(sums, num_returns=len(sums), timeout=0)[1]:
            time.sleep(0.01)
        refs = sums + (refs[-1:] if len(refs) % 2 else [])
    return refs[0]


@earns("asks-at-end")
def fetches_the_total(add, refs):
    return ray.get(with_a_queue(add, refs))


@earns("sleeps")
def pauses_between_rounds(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        time.sleep(0.02)
        refs = sums + refs[2 * len(sums) :]
    return refs[0]


@earns("lost")
def loses_the_odd_one(add, refs):
    while len(refs) > 1:
        refs = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return refs[0]


@earns("lost")
def takes_the_odd_one_along_in_the_first_round_alone(add, refs):
    odd = [refs.pop()] if len(refs) % 2 else []
    while len(refs) > 1:
        refs = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return reduce(add.remote, refs + odd)


@earns("lost")
def leaves_the_middle_out(add, refs):
    if len(refs) < 2:
        return refs[0]
    middle = len(refs) // 2
    right = refs[middle + 1 :] or refs[middle:]
    return add.remote(leaves_the_middle_out(add, refs[:middle]), leaves_the_middle_out(add, right))


@earns("equal-refs")
def puts_the_pairs_into_a_dict(add, refs):
    while len(refs) > 1:
        pairs = dict(zip(refs[::2], refs[1::2]))
        odd = refs[-1:] if len(refs) % 2 else []
        refs = [add.remote(left, right) for left, right in pairs.items()] + odd
    return refs[0]


@earns("unfinished")
def returns_inside_of_the_loop(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        refs = sums + (refs[-1:] if len(refs) % 2 else [])
        return refs[0]
    return refs[0]


@earns("unfinished")
def makes_a_round_too_few(add, refs):
    for _ in range(int(math.log2(len(refs)))):
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        refs = sums + (refs[-1:] if len(refs) % 2 else [])
    return refs[0]


@earns("unused-sums")
def adds_the_same_pairs_in_every_round(add, refs):
    sums = refs
    for _ in range(math.ceil(math.log2(len(refs)))):
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return sums[0]


@earns("fixed-number")
def made_for_seven(add, refs):
    a, b, c, d, e, f, g = refs[:7]
    left = add.remote(add.remote(a, b), add.remote(c, d))
    return add.remote(left, add.remote(add.remote(e, f), g))


@earns("twice")
def adds_the_odd_one_to_itself(add, refs):
    while len(refs) > 1:
        refs = [
            add.remote(refs[n], refs[min(n + 1, len(refs) - 1)]) for n in range(0, len(refs), 2)
        ]
    return refs[0]


@earns("twice")
def keeps_the_last_one_always(add, refs):
    for _ in range((len(refs) - 1).bit_length()):
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        refs = [*sums, refs[-1]] if len(refs) > 2 else sums
    return refs[0]


@earns("twice")
def overlaps(add, refs):
    while len(refs) > 1:
        refs = [add.remote(left, right) for left, right in zip(refs, refs[1:])]
    return refs[0]


@earns("wrong-values")
def takes_the_greatest(add, refs):
    return by_halves(ray.remote(lambda left, right: np.maximum(left, right)), refs)


@earns("hidden-refs")
def hides_the_refs_in_a_list(add, refs):
    @ray.remote
    def total(refs):
        return np.sum(ray.get(refs), axis=0)

    return total.remote(refs)


@earns("waits-in-task")
def builds_the_tree_in_a_task(add, refs):
    @ray.remote
    def total(refs):
        while len(refs) > 1:
            refs = [*refs[2:], add.remote(refs[0], refs[1])]
        return ray.get(refs[0])

    return total.remote(refs)


@earns("one-task")
def in_one_task(add, refs):
    @ray.remote
    def total(*arrays):
        return np.sum(arrays, axis=0)

    return total.remote(*refs)


@earns("more-than-two")
def by_threes(add, refs):
    @ray.remote
    def total(*arrays):
        return np.sum(arrays, axis=0)

    while len(refs) > 1:
        refs = [total.remote(*refs[n : n + 3]) for n in range(0, len(refs), 3)]
    return refs[0]


@earns("extra-tasks")
def hands_the_odd_one_through_a_task(add, refs):
    @ray.remote
    def keep(array):
        return array

    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        refs = sums + [keep.remote(ref) for ref in refs[2 * len(sums) :]]
    return refs[0]


@earns("chain")
def from_the_end(add, refs):
    return reduce(add.remote, refs[::-1])


@earns("lopsided")
def pairs_and_then_a_chain(add, refs):
    sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return reduce(add.remote, [*sums, *refs[2 * len(sums) :]])


@earns("lopsided")
def two_chains(add, refs):
    middle = len(refs) // 2
    parts = [refs[:middle], refs[middle:]] if middle else [refs]
    return reduce(add.remote, [reduce(add.remote, part) for part in parts])


@earns("lopsided")
def adds_the_odd_one_to_the_first_sum(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        if len(refs) % 2:
            sums[0] = add.remote(sums[0], refs[-1])
        refs = sums
    return refs[0]


@earns("extra-tasks")
def adds_each_half_once_to_see_whether_it_is_there(add, refs):
    if len(refs) == 1:
        return refs[0]

    def half(part):
        return adds_each_half_once_to_see_whether_it_is_there(add, part)

    left, right = refs[: len(refs) // 2], refs[len(refs) // 2 :]
    return add.remote(half(left), half(right)) if half(left) and half(right) else None


@earns("no-ref")
def returns_the_list(add, refs):
    while len(refs) > 1:
        sums = [add.remote(refs[i], refs[i + 1]) for i in range(0, len(refs) - 1, 2)]
        if len(refs) % 2:
            sums.append(refs[-1])
        refs = sums
    return refs
