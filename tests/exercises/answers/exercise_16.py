"""Answers to exercise 16, find what keeps the memory: on a Ray whose store has 100 MB."""

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import numpy as np
import ray

from answers import earns, passes


@passes
def deletes_the_array(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            array = ray.get(make.remote(number))
            heads[number] = array[:3].copy()
            del array
        yield heads[number]


@passes
def sets_both_to_none(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            ref = make.remote(number)
            array = ray.get(ref)
            heads[number] = np.array(array[:3])
            ref = array = None
        yield heads[number]


@passes
def as_lists(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = ray.get(make.remote(number))[:3].tolist()
        yield heads[number]


@passes
def a_task_takes_the_head(make, numbers):
    head = ray.remote(lambda array: array[:3])
    refs = {}
    for number in numbers:
        if number not in refs:
            refs[number] = head.remote(make.remote(number))
        yield ray.get(refs[number])


@passes
def a_task_asks_for_the_array(make, numbers):
    @ray.remote
    def head(number):
        return tuple(ray.get(make.remote(number))[:3])

    heads = {number: head.remote(number) for number in set(numbers)}
    for number in numbers:
        yield ray.get(heads[number])


@passes
def with_a_cache(make, numbers):
    @cache
    def head(number):
        return ray.get(make.remote(number))[:3].copy()

    for number in numbers:
        yield head(number)


@passes
def a_map(make, numbers):
    return map(cache(lambda number: ray.get(make.remote(number))[:3].copy()), numbers)


@passes
def a_generator_expression(make, numbers):
    heads = {number: ray.get(make.remote(number))[:3].copy() for number in set(numbers)}
    return (heads[number] for number in numbers)


@passes
async def with_await(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = (await make.remote(number))[:3].copy()
        yield heads[number]


@passes
def an_object_that_remembers(make, numbers):
    class Heads(dict):
        def __missing__(self, number):
            self[number] = [float(each) for each in ray.get(make.remote(number))[:3]]
            return self[number]

    heads = Heads()
    for number in numbers:
        yield heads[number]


@passes
def an_actor_takes_the_heads(make, numbers):
    @ray.remote(num_cpus=0)
    class Taker:
        def __init__(self):
            self.heads = {}

        def head(self, number):
            if number not in self.heads:
                self.heads[number] = ray.get(make.remote(number))[:3].copy()
            return self.heads[number]

    taker = Taker.remote()
    for number in numbers:
        yield ray.get(taker.head.remote(number))


@passes
def in_a_thread(make, numbers):
    heads = {}
    with ThreadPoolExecutor(1) as pool:
        for number in numbers:
            if number not in heads:
                take = lambda number: ray.get(make.remote(number))[:3].copy()  # noqa: E731
                heads[number] = pool.submit(take, number).result()
            yield heads[number]


@passes
def one_element_at_a_time(make, numbers):
    heads, array = {}, None
    for number in numbers:
        if number not in heads:
            array = ray.get(make.remote(number))
            heads[number] = (array[0], array[1], array[2])
            array = None
        yield heads[number]


@earns("hands-view")
def without_the_dict(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = ray.get(make.remote(number))[:3]
        yield heads[number]


@earns("hands-view")
def deletes_the_array_only(make, numbers):
    refs = {}
    for number in numbers:
        if number not in refs:
            refs[number] = make.remote(number)
        array = ray.get(refs[number])
        head = array[:3]
        del array
        yield head


@earns("hands-view")
def asarray_copies_nothing(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = np.asarray(ray.get(make.remote(number))[:3])
        yield heads[number]


@earns("hands-view")
def clears_the_dict_at_the_end(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = ray.get(make.remote(number)).reshape(-1)[:3]
        yield heads[number]
    heads.clear()


@earns("keeps-refs")
def copies_and_keeps_the_dict(make, numbers):
    refs = {}
    for number in numbers:
        if number not in refs:
            refs[number] = make.remote(number)
        array = ray.get(refs[number])
        yield array[:3].copy()


@earns("keeps-refs")
def deletes_the_array_and_keeps_the_dict(make, numbers):
    refs = {}
    for number in numbers:
        if number not in refs:
            refs[number] = make.remote(number)
        yield ray.get(refs[number])[:3].copy()


@earns("keeps-refs")
def a_ref_in_the_loop_variable(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            ref = make.remote(number)
            heads[number] = ray.get(ref)[:3].copy()
        yield heads[number]


@earns("keeps-refs")
def a_default_argument(make, numbers):
    def head(number, refs={}):  # noqa: B006
        if number not in refs:
            refs[number] = make.remote(number)
        return ray.get(refs[number])[:3].copy()

    for number in numbers:
        yield head(number)


@earns("keeps-refs")
def a_cache_of_refs(make, numbers):
    order = cache(make.remote)
    for number in numbers:
        yield ray.get(order(number))[:3].copy()


@earns("keeps-refs")
def orders_all_at_first(make, numbers):
    refs = {number: make.remote(number) for number in set(numbers)}
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = ray.get(refs.pop(number))[:3].copy()
        yield heads[number]


@earns("keeps-refs")
def a_function_that_has_it(make, numbers):
    later = {number: partial(ray.get, make.remote(number)) for number in set(numbers)}
    for number in numbers:
        yield later[number]()[:3].tolist()


@earns("keeps-arrays")
def the_loop_variable(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            array = ray.get(make.remote(number))
            heads[number] = array[:3].copy()
        yield heads[number]


@earns("keeps-arrays")
def keeps_the_slices(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            heads[number] = ray.get(make.remote(number))[:3]
        yield heads[number].copy()


@earns("keeps-arrays")
def a_list_of_the_last_ones(make, numbers):
    heads, last = {}, deque(maxlen=2)
    for number in numbers:
        if number not in heads:
            last.append(ray.get(make.remote(number)))
            heads[number] = last[-1][:3].copy()
        yield heads[number]


@earns("keeps-arrays")
def an_error_and_what_it_has_seen(make, numbers):
    def check(array):
        if array[0] != array[1]:
            raise ValueError("it is not constant")

    heads, errors = {}, []
    for number in numbers:
        if number not in heads:
            array = ray.get(make.remote(number))
            try:
                check(array)
            except ValueError as error:
                errors.append(error)
            heads[number] = array[:3].copy()
            del array
        yield heads[number]


@earns("keeps-arrays")
def caches_the_arrays(make, numbers):
    array_of = cache(lambda number: ray.get(make.remote(number)))
    for number in numbers:
        yield array_of(number)[:3].copy()


KEPT = []


@earns("keeps-arrays")
def a_global_list(make, numbers):
    KEPT.clear()
    heads = {}
    for number in numbers:
        if number not in heads:
            KEPT.append(ray.get(make.remote(number)))
            heads[number] = KEPT[-1][:3].copy()
        yield heads[number]
    KEPT.clear()


@earns("keeps-elsewhere")
def an_actor_keeps_the_arrays(make, numbers):
    @ray.remote(num_cpus=0)
    class Taker:
        def __init__(self):
            self.arrays = {}

        def head(self, number):
            if number not in self.arrays:
                self.arrays[number] = ray.get(make.remote(number))
            return self.arrays[number][:3]

    taker = Taker.remote()
    for number in numbers:
        yield ray.get(taker.head.remote(number))


@earns("made-twice")
def forgets_what_came(make, numbers):
    for number in numbers:
        yield ray.get(make.remote(number))[:3].copy()


@earns("made-twice")
def keeps_the_last_only(make, numbers):
    last, head = None, None
    for number in numbers:
        if number != last:
            last, head = number, ray.get(make.remote(number))[:3].copy()
        yield head


@earns("no-stream")
def returns_a_list(make, numbers):
    heads = {number: ray.get(make.remote(number))[:3].copy() for number in set(numbers)}
    return [heads[number] for number in numbers]


@earns("lost-equal")
def each_number_once(make, numbers):
    for number in dict.fromkeys(numbers):
        yield ray.get(make.remote(number))[:3].copy()


@earns("wrong-values")
def four_numbers(make, numbers):
    heads = {number: ray.get(make.remote(number))[:4].copy() for number in set(numbers)}
    yield from (heads[number] for number in numbers)


@earns("wrong-values")
def the_sum(make, numbers):
    for number in numbers:
        yield float(ray.get(make.remote(number))[:3].sum())


@earns("wrong-order")
def sorted_numbers(make, numbers):
    heads = {number: ray.get(make.remote(number))[:3].copy() for number in set(numbers)}
    yield from (heads[number] for number in sorted(numbers))


@earns("no-tasks")
def knows_the_heads(make, numbers):
    for number in numbers:
        yield np.arange(number, number + 3.0)


@earns("none")
def hands_nothing_over(make, numbers):
    [ray.get(make.remote(number))[:3].copy() for number in numbers]


@earns("exception")
def deletes_it_too_often(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:
            array = ray.get(make.remote(number))
            heads[number] = array[:3].copy()
        del array
        yield heads[number]


@earns("endless", hangs=True)
def waits_until_it_is_gone(make, numbers):
    for number in numbers:
        array = ray.get(make.remote(number))
        while array is not None:
            time.sleep(0.01)
        yield array
