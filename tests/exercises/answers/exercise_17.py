"""Answers to exercise 17, stream a gigabyte: on a Ray whose store has 100 MB."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import ray
from ray.util import ActorPool

from answers import earns, passes


def add_up(array):
    return float(array.sum())


@passes
def waits_for_any(make, numbers):
    sums, places = {}, {}
    for place, number in enumerate(numbers):
        if len(places) == 4:
            [ready], _ = ray.wait(list(places))
            sums[places.pop(ready)] = add_up(ray.get(ready))
        places[make.remote(number)] = place
    while places:
        [ready], _ = ray.wait(list(places))
        sums[places.pop(ready)] = add_up(ray.get(ready))
    return [sums[place] for place in range(len(numbers))]


@passes
def two_at_a_time(make, numbers):
    refs = deque(make.remote(number) for number in numbers[:2])
    sums = []
    for number in numbers[2:]:
        sums.append(np.sum(ray.get(refs.popleft())))
        refs.append(make.remote(number))
    return sums + [np.sum(ray.get(ref)) for ref in refs]


@passes
def in_chunks_of_three(make, numbers):
    def sums_of(chunk):
        return [add_up(array) for array in ray.get([make.remote(number) for number in chunk])]

    return sum((sums_of(numbers[at : at + 3]) for at in range(0, len(numbers), 3)), [])


@passes
def a_second_task_adds_up(make, numbers):
    total = ray.remote(add_up)
    refs, ready = [], 0
    for number in numbers:
        refs.append(total.remote(make.remote(number)))
        if len(refs) - ready == 4:
            ray.wait([refs[ready]])
            ready += 1
    return ray.get(refs)


@passes
def a_task_that_makes_and_adds_up(make, numbers):
    @ray.remote(num_cpus=0.5)
    def total(number):
        return add_up(ray.get(make.remote(number)))

    sums = []
    for at in range(0, len(numbers), 4):
        sums += ray.get([total.remote(number) for number in numbers[at : at + 4]])
    return sums


@passes
def in_three_threads(make, numbers):
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda number: add_up(ray.get(make.remote(number))), numbers))


@passes
def with_a_pool_of_actors(make, numbers):
    @ray.remote(num_cpus=0)
    class Adder:
        def add_up(self, array):
            return float(array.sum())

    pool = ActorPool([Adder.remote() for _ in range(3)])
    return list(pool.map(lambda adder, number: adder.add_up.remote(make.remote(number)), numbers))


@passes
async def with_a_semaphore(make, numbers):
    places = asyncio.Semaphore(3)

    async def total(number):
        async with places:
            return add_up(await make.remote(number))

    return await asyncio.gather(*(total(number) for number in numbers))


@passes
def a_stream_with_backpressure(make, numbers):
    @ray.remote(num_cpus=0, _generator_backpressure_num_objects=2)
    def totals():
        refs = []
        for number in numbers:
            refs.append(make.remote(number))
            if len(refs) == 3:
                yield add_up(ray.get(refs.pop(0)))
        for ref in refs:
            yield add_up(ray.get(ref))

    return [ray.get(ref) for ref in totals.remote()]


@passes
def an_iterator_of_refs(make, numbers):
    todo = iter(numbers)
    refs = [make.remote(number) for number in islice(todo, 4)]
    sums = []
    while refs:
        sums.append(add_up(ray.get(refs.pop(0))))
        refs += [make.remote(number) for number in islice(todo, 1)]
    return sums


@passes
def looks_ahead_by_one(make, numbers):
    sums, coming = [], None
    for number in numbers:
        now, coming = coming, make.remote(number)
        if now is not None:
            sums.append(add_up(ray.get(now)))
    return sums if coming is None else [*sums, add_up(ray.get(coming))]


@passes
def in_an_array(make, numbers):
    sums, refs = np.zeros(len(numbers)), {}
    for place, number in enumerate(numbers):
        refs[place] = make.remote(number)
        if place >= 2:
            sums[place - 2] = add_up(ray.get(refs.pop(place - 2)))
    for place, ref in refs.items():
        sums[place] = add_up(ray.get(ref))
    return sums


@passes
def an_actor_of_its_own(make, numbers):
    @ray.remote(num_cpus=0)
    class Adder:
        def __init__(self):
            self.sums = []

        def add(self, array):
            self.sums.append(float(array.sum()))

        def all(self):
            return self.sums

    adder, done = Adder.remote(), []
    for number in numbers:
        if len(done) >= 4:
            ray.get(done[-4])
        done.append(adder.add.remote(make.remote(number)))
    return ray.get(adder.all.remote())


@earns("all-at-once")
def a_second_task_for_each_at_once(make, numbers):
    total = ray.remote(add_up)
    return ray.get([total.remote(make.remote(number)) for number in numbers])


@earns("all-at-once")
def gets_all_at_once(make, numbers):
    arrays = ray.get([make.remote(number) for number in numbers])
    return [add_up(array) for array in arrays]


@earns("all-at-once")
def lets_go_one_by_one(make, numbers):
    refs = [make.remote(number) for number in numbers]
    return [add_up(ray.get(refs.pop(0))) for _ in numbers]


@earns("all-at-once")
def waits_for_any_of_all(make, numbers):
    refs = [make.remote(number) for number in numbers]
    places = {ref: place for place, ref in enumerate(refs)}
    sums = [0.0] * len(numbers)
    while refs:
        [ready], refs = ray.wait(refs)
        sums[places[ready]] = add_up(ray.get(ready))
    return sums


@earns("all-at-once")
def in_a_hundred_threads(make, numbers):
    refs = [make.remote(number) for number in numbers]
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda ref: add_up(ray.get(ref)), refs))


@earns("all-at-once")
async def gathers_all(make, numbers):
    return [add_up(each) for each in await asyncio.gather(*(make.remote(n) for n in numbers))]


@earns("all-at-once")
def twenty_at_a_time(make, numbers):
    sums, refs = [], []
    for number in numbers:
        if len(refs) == 20:
            sums.append(add_up(ray.get(refs.pop(0))))
        refs.append(make.remote(number))
    return sums + [add_up(ray.get(ref)) for ref in refs]


@earns("keeps-refs")
def a_window_over_a_list_of_all(make, numbers):
    refs, sums = [], []
    for place, number in enumerate(numbers):
        refs.append(make.remote(number))
        if place >= 3:
            sums.append(add_up(ray.get(refs[place - 3])))
    return (
        sums + [add_up(ray.get(ref)) for ref in refs[-3:]]
        if len(refs) > 3
        else [add_up(ray.get(ref)) for ref in refs]
    )


@earns("keeps-refs")
def keeps_places_of_refs(make, numbers):
    places, waiting, sums = {}, [], {}
    for place, number in enumerate(numbers):
        ref = make.remote(number)
        places[ref] = place
        waiting.append(ref)
        if len(waiting) == 4:
            [ready], waiting = ray.wait(waiting)
            sums[places[ready]] = add_up(ray.get(ready))
    for ref in waiting:
        sums[places[ref]] = add_up(ray.get(ref))
    return [sums[place] for place in range(len(numbers))]


@earns("keeps-arrays")
def adds_up_at_the_end(make, numbers):
    arrays, refs = [], []
    for number in numbers:
        if len(refs) == 3:
            arrays.append(ray.get(refs.pop(0)))
        refs.append(make.remote(number))
    arrays += ray.get(refs)
    return [add_up(array) for array in arrays]


@earns("keeps-arrays")
def has_threads_that_keep_arrays(make, numbers):
    with ThreadPoolExecutor(max_workers=2) as pool:
        arrays = list(pool.map(lambda number: ray.get(make.remote(number)), numbers))
    return [add_up(array) for array in arrays]


@earns("one-at-a-time")
def asks_in_the_loop(make, numbers):
    return [add_up(ray.get(make.remote(number))) for number in numbers]


@earns("one-at-a-time")
def a_second_task_in_the_loop(make, numbers):
    total = ray.remote(add_up)
    return [ray.get(total.remote(make.remote(number))) for number in numbers]


@earns("one-at-a-time")
async def awaits_in_the_loop(make, numbers):
    return [add_up(await make.remote(number)) for number in numbers]


@earns("one-at-a-time")
def one_task_does_all(make, numbers):
    @ray.remote(num_cpus=0)
    def totals():
        return [add_up(ray.get(make.remote(number))) for number in numbers]

    return ray.get(totals.remote())


@earns("one-at-a-time")
def in_one_thread(make, numbers):
    with ThreadPoolExecutor(1) as pool:
        return list(pool.map(lambda number: add_up(ray.get(make.remote(number))), numbers))


@earns("wrong-order")
def as_they_come(make, numbers):
    sums, refs = [], []
    for number in numbers:
        if len(refs) == 4:
            sums.append(add_up(ray.get(refs.pop())))
        refs.append(make.remote(number))
    return sums + [add_up(ray.get(ref)) for ref in refs]


@earns("lost")
def forgets_the_last(make, numbers):
    sums, refs = [], []
    for number in numbers:
        if len(refs) == 4:
            sums.append(add_up(ray.get(refs.pop(0))))
        refs.append(make.remote(number))
    return sums


@earns("lost")
def in_whole_chunks_only(make, numbers):
    sums = []
    for turn in range(len(numbers) // 4):
        refs = [make.remote(number) for number in numbers[4 * turn : 4 * turn + 4]]
        sums += [add_up(ray.get(ref)) for ref in refs]
        del refs
    return sums


@earns("lost-equal")
def by_number(make, numbers):
    sums, refs = {}, {}
    for number in numbers:
        refs[number] = make.remote(number)
        if len(refs) == 3:
            first = next(iter(refs))
            sums[first] = add_up(ray.get(refs.pop(first)))
    for number in refs:
        sums[number] = add_up(ray.get(refs[number]))
    return list(sums.values())


@earns("made-twice")
def counts_and_then_adds_up(make, numbers):
    sums = []
    for at in range(0, len(numbers), 2):
        ray.wait([make.remote(number) for number in numbers[at : at + 2]], num_returns=1)
        arrays = ray.get([make.remote(number) for number in numbers[at : at + 2]])
        sums += [add_up(array) for array in arrays]
        del arrays
    return sums


@earns("wrong-values")
def the_first_element(make, numbers):
    sums, refs = [], []
    for number in numbers:
        refs.append(make.remote(number))
        if len(refs) == 3:
            sums.append(float(ray.get(refs.pop(0))[0]))
    return sums + [float(ray.get(ref)[0]) for ref in refs]


@earns("no-tasks")
def knows_the_sums(make, numbers):
    return [1_250_000.0 * number for number in numbers]


@earns("generator")
def hands_them_over(make, numbers):
    refs = []
    for number in numbers:
        refs.append(make.remote(number))
        if len(refs) == 3:
            yield add_up(ray.get(refs.pop(0)))
    for ref in refs:
        yield add_up(ray.get(ref))


@earns("refs")
def returns_refs(make, numbers):
    total = ray.remote(add_up)
    refs = []
    for number in numbers:
        refs.append(total.remote(make.remote(number)))
        ray.wait(refs, num_returns=max(1, len(refs) - 3))
    return refs


@earns("none")
def forgets_to_return(make, numbers):
    refs = [make.remote(number) for number in numbers[:2]]
    [add_up(array) for array in ray.get(refs)]


@earns("exception")
def calls_it_directly(make, numbers):
    return [add_up(make(number)) for number in numbers]


@earns("exception")
def asks_for_one_when_there_is_none(make, numbers):
    refs = [make.remote(number) for number in numbers[:4]]
    sums = [add_up(ray.get(refs.pop(0)))]
    for number in numbers[4:]:
        refs.append(make.remote(number))
        sums.append(add_up(ray.get(refs.pop(0))))
    return sums + [add_up(ray.get(ref)) for ref in refs]


@earns("endless", hangs=True)
def waits_for_room(make, numbers):
    while ray.available_resources().get("object_store_memory", 0) >= 0:
        time.sleep(0.01)
