"""Answers to exercise 4, sum many arrays."""

import time
from functools import reduce

import numpy as np
import ray

from answers import earns, passes


@passes
def with_reduce(add, refs):
    return reduce(add.remote, refs)


@passes
def from_the_end(add, refs):
    if len(refs) == 1:
        return refs[0]
    return add.remote(from_the_end(add, refs[1:]), refs[0])


@passes
def in_one_task_with_every_ref_as_an_argument(add, refs):
    @ray.remote
    def total(*arrays):
        return np.sum(arrays, axis=0)

    return total.remote(*refs)


@earns("none")
def forgets_to_return(add, refs):
    reduce(add.remote, refs)


@earns("exception")
def adds_refs_with_a_plus(add, refs):
    return sum(refs)


@earns("exception")
def passes_the_list_to_add(add, refs):
    return add.remote(refs, refs)


@earns("exception")
def calls_add(add, refs):
    return reduce(add, refs)


@earns("endless", hangs=True)
def never_takes_one_out(add, refs):
    total = refs[0]
    while len(refs) > 1:
        time.sleep(0.02)
    return total


@earns("flood")
def goes_on_adding(add, refs):
    total = refs[0]
    while refs:
        total = add.remote(total, total)
    return total


@earns("driver")
def adds_in_the_driver(add, refs):
    return np.sum(ray.get(refs), axis=0)


@earns("driver")
def puts_what_the_driver_added(add, refs):
    return ray.put(np.sum(ray.get(refs), axis=0))


@earns("driver")
def hard_coded(add, refs):
    return np.array([15.0])


@earns("asks-early")
def fetches_the_arrays_first(add, refs):
    return reduce(add.remote, ray.get(refs))


@earns("asks-early")
def waits_for_the_arrays_first(add, refs):
    ray.wait(refs, num_returns=len(refs))
    return reduce(add.remote, refs)


@earns("asks-early")
def waits_after_every_addition(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        total = add.remote(total, ref)
        ray.wait([total])
    return total


@earns("asks-at-end")
def fetches_the_total(add, refs):
    return ray.get(reduce(add.remote, refs))


@earns("no-ref")
def returns_all_sums(add, refs):
    sums = refs[:1]
    for ref in refs[1:]:
        sums.append(add.remote(sums[-1], ref))
    return sums


@earns("wrong-values")
def adds_two_only(add, refs):
    return add.remote(refs[0], refs[1])


@earns("wrong-values")
def adds_the_first_twice(add, refs):
    return reduce(add.remote, refs, refs[0])


@earns("hidden-refs")
def hides_the_refs_in_a_list(add, refs):
    @ray.remote
    def total(refs):
        return np.sum(ray.get(refs), axis=0)

    return total.remote(refs)
