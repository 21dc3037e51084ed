"""Answers to exercise 5, sum them in a tree."""

from collections import deque
from functools import reduce

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


@earns("none")
def prints_the_total(add, refs):
    with_a_queue(add, refs)


@earns("exception")
def forgets_where_to_stop(add, refs):
    middle = len(refs) // 2
    return add.remote(
        forgets_where_to_stop(add, refs[:middle]), forgets_where_to_stop(add, refs[middle:])
    )


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


@earns("asks-at-end")
def fetches_the_total(add, refs):
    return ray.get(with_a_queue(add, refs))


@earns("no-ref")
def returns_the_last_round(add, refs):
    return [add.remote(refs[0], refs[1]), add.remote(refs[2], refs[3])]


@earns("wrong-values")
def loses_the_odd_one(add, refs):
    while len(refs) > 1:
        refs = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return refs[0]


@earns("wrong-values")
def adds_the_odd_one_to_itself(add, refs):
    while len(refs) > 1:
        refs = [
            add.remote(refs[n], refs[min(n + 1, len(refs) - 1)]) for n in range(0, len(refs), 2)
        ]
    return refs[0]


@earns("hidden-refs")
def hides_the_refs_in_a_list(add, refs):
    @ray.remote
    def total(refs):
        return np.sum(ray.get(refs), axis=0)

    return total.remote(refs)


@earns("one-task")
def in_one_task(add, refs):
    @ray.remote
    def total(*arrays):
        return np.sum(arrays, axis=0)

    return total.remote(*refs)


@earns("chain")
def from_the_end(add, refs):
    return reduce(add.remote, refs[::-1])


@earns("lopsided")
def pairs_and_then_a_chain(add, refs):
    sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
    return reduce(add.remote, sums, refs[-1])
