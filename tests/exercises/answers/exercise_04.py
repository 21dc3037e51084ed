"""Answers to exercise 4, sum many arrays."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import accumulate

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


@passes
def by_the_last_of_all_partial_sums(add, refs):
    *_, total = accumulate(refs, add.remote)
    return total


@passes
def by_halves(add, refs):
    if len(refs) == 1:
        return refs[0]
    middle = len(refs) // 2
    return add.remote(by_halves(add, refs[:middle]), by_halves(add, refs[middle:]))


@passes
def by_names_and_for_no_cpu(add, refs):
    total = refs.pop()
    while refs:
        total = add.options(num_cpus=0).remote(left=total, right=refs.pop())
    return total


@passes
async def in_async_code_that_awaits_nothing(add, refs):
    return reduce(add.remote, refs)


class Total:
    def __init__(self, add, ref):
        self.add, self.ref = add, ref

    def __iadd__(self, ref):
        self.ref = self.add.remote(self.ref, ref)
        return self


@passes
def with_a_class(add, refs):
    total = Total(add, refs[0])
    for ref in refs[1:]:
        total += ref
    return total.ref


@passes
def with_an_addition_of_its_own(add, refs):
    plus = ray.remote(lambda left, right: left + right)
    total = refs[0]
    for n in range(1, len(refs)):
        total = plus.remote(total, refs[n])
    return total


@passes
def in_an_actor(add, refs):
    @ray.remote
    class Adder:
        def __init__(self):
            self.total = 0

        def take(self, array):
            self.total = self.total + array

        def tell(self):
            return self.total

    adder = Adder.remote()
    for ref in refs:
        adder.take.remote(ref)
    return adder.tell.remote()


@passes
def those_first_that_are_there(add, refs):
    refs.sort(key=lambda ref: len(ray.wait([ref], timeout=0)[1]))
    return reduce(add.remote, refs)


@passes
def submitted_by_a_thread_that_waits_for_nothing(add, refs):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(reduce, add.remote, refs).result()


@earns("none")
def forgets_to_return(add, refs):
    reduce(add.remote, refs)


@earns("exception")
def adds_refs_with_a_plus(add, refs):
    return sum(refs)


@earns("exception")
def passes_all_to_one_add(add, refs):
    return add.remote(*refs)


@earns("exception")
def puts_the_ref(add, refs):
    return ray.put(reduce(add.remote, refs))


@earns("exception")
def makes_add_remote_again(add, refs):
    return reduce(ray.remote(add).remote, refs)


@earns("polls")
def looks_for_the_arrays_until_they_are_there(add, refs):
    while ray.wait(refs, num_returns=len(refs), timeout=0)[1]:
        pass
    return reduce(add.remote, refs)


@earns("exception")
def begins_with_nought(add, refs):
    return reduce(add.remote, refs, 0)


@earns("exception")
def takes_two_without_asking_whether_there_are(add, refs):
    total = add.remote(refs[0], refs[1])
    for ref in refs[2:]:
        total = add.remote(total, ref)
    return total


@earns("exception")
def gets_in_a_task_what_has_arrived(add, refs):
    @ray.remote
    def plus(left, right):
        return ray.get(left) + ray.get(right)

    return reduce(plus.remote, refs)


@earns("hidden-refs")
def passes_lists_to_add(add, refs):
    return add.remote(refs[:2], refs[2:])


@earns("hidden-refs")
def hides_the_refs_in_a_list(add, refs):
    @ray.remote
    def total(refs):
        return np.sum(ray.get(refs), axis=0)

    return total.remote(refs)


@earns("hidden-refs")
def hides_the_refs_in_a_closure(add, refs):
    @ray.remote
    def total():
        return np.sum([ray.get(ref) for ref in refs], axis=0)

    return total.remote()


@earns("read-only")
def adds_in_place(add, refs):
    @ray.remote
    def plus(left, right):
        left += right
        return left

    return reduce(plus.remote, refs)


@earns("endless", hangs=True)
def never_takes_one_out(add, refs):
    total = refs[0]
    while len(refs) > 1:
        time.sleep(0.02)
    return total


@earns("endless-task", hangs=True)
def has_a_task_without_end(add, refs):
    @ray.remote
    def total(*arrays):
        while arrays:
            time.sleep(0.01)

    return total.remote(*refs)


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
def adds_in_the_driver_by_futures(add, refs):
    return ray.put(sum(ref.future().result() for ref in refs))


@earns("no-tasks")
def hard_coded(add, refs):
    return np.array([15.0])


@earns("no-tasks")
def returns_a_function(add, refs):
    return lambda: reduce(add.remote, refs)


@earns("no-tasks")
def returns_the_first(add, refs):
    return refs[0]


@earns("asks-early")
def fetches_the_arrays_first(add, refs):
    return reduce(add.remote, ray.get(refs))


@earns("asks-early")
def waits_after_every_addition(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        total = add.remote(total, ref)
        ray.wait([total])
    return total


@earns("asks-early")
async def awaits_every_sum(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        total = add.remote(await total, ref)
    return total


@earns("asks-early")
def takes_every_sum_from_its_future(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        total = add.remote(total.future().result(), ref)
    return total


@earns("asks-early")
def waits_in_threads(add, refs):
    with ThreadPoolExecutor() as pool:
        return reduce(add.remote, pool.map(ray.get, refs))


@earns("asks-at-end")
def fetches_the_total(add, refs):
    return ray.get(reduce(add.remote, refs))


@earns("asks-at-end")
def takes_the_total_from_its_future(add, refs):
    return reduce(add.remote, refs).future().result()


@earns("asks-at-end")
def waits_until_it_is_called_back(add, refs):
    total, done = reduce(add.remote, refs), threading.Event()
    total.future().add_done_callback(lambda _: done.set())
    done.wait()
    return total


@earns("asks-at-end")
async def makes_sure_that_it_is_there(add, refs):
    total = reduce(add.remote, refs)
    await asyncio.wait([asyncio.wrap_future(total.future())])
    return total


@earns("sleeps")
def pauses(add, refs):
    total = reduce(add.remote, refs)
    time.sleep(0.1)
    return total


@earns("no-ref")
def returns_a_future(add, refs):
    return reduce(add.remote, refs).future()


@earns("no-ref")
def returns_it_in_a_list(add, refs):
    return [reduce(add.remote, refs)]


@earns("no-ref")
def hands_over_every_sum(add, refs):
    yield from accumulate(refs, add.remote)


@earns("lost-ref")
def forgets_the_sums(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        add.remote(total, ref)
    return total


@earns("unused-sums")
def adds_each_to_the_first(add, refs):
    for ref in refs[1:]:
        total = add.remote(refs[0], ref)
    return total if len(refs) > 1 else refs[0]


@earns("unused-sums")
def adds_neighbours(add, refs):
    total = refs[0]
    for left, right in zip(refs, refs[1:]):
        total = add.remote(left, right)
    return total


@earns("unfinished")
def returns_inside_of_the_loop(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        return add.remote(total, ref)
    return total


@earns("fixed-number")
def adds_three_of_them(add, refs):
    return add.remote(add.remote(refs[0], refs[1]), refs[2])


@earns("lost")
def adds_only_those_that_are_there(add, refs):
    return reduce(add.remote, [ref for ref in refs if ray.wait([ref], timeout=0)[0]] or refs[:1])


@earns("lost")
def stops_one_early(add, refs):
    total = refs[0]
    for n in range(1, len(refs) - 1):
        total = add.remote(total, refs[n])
    return total


@earns("equal-refs")
def takes_each_of_a_set(add, refs):
    total, *others = dict.fromkeys(refs)
    for ref in others:
        total = add.remote(total, ref)
    return total


@earns("twice")
def adds_the_first_twice(add, refs):
    return reduce(add.remote, refs, refs[0])


@earns("wrong-values")
def takes_the_greatest(add, refs):
    return reduce(ray.remote(lambda left, right: np.maximum(left, right)).remote, refs)


@earns("wrong-shape")
def adds_all_elements_up(add, refs):
    @ray.remote
    def total(*arrays):
        return np.sum(arrays)

    return total.remote(*refs)


@earns("ref-to-ref")
def lets_a_task_start_the_additions(add, refs):
    @ray.remote
    def start(*arrays):
        return reduce(add.remote, arrays)

    return start.remote(*refs)


@earns("waits-in-task")
def lets_a_task_wait_for_the_additions(add, refs):
    @ray.remote
    def total(*arrays):
        return ray.get(reduce(add.remote, map(ray.put, arrays)))

    return total.remote(*refs)
