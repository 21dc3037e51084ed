"""Answers to exercise 15, halve the bytes moved: on a cluster of several nodes."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from answers import earns, passes


@passes
def in_a_loop(make, totals):
    array, refs = make.remote(), []
    for total in totals:
        refs.append(total.remote(array))
    return [ray.get(ref) for ref in refs]


@passes
def by_name(make, totals):
    ref = make.remote()
    return ray.get([total.remote(array=ref) for total in totals])


@passes
def one_after_the_other(make, totals):
    ref = make.remote()
    return [ray.get(total.remote(ref)) for total in totals]


@passes
def waits_without_fetching(make, totals):
    ref = make.remote()
    ray.wait([ref], fetch_local=False)
    return ray.get([total.remote(ref) for total in totals])


@passes
async def gathers(make, totals):
    ref = make.remote()
    return list(await asyncio.gather(*(total.remote(ref) for total in totals)))


@passes
async def awaits_each(make, totals):
    ref = make.remote()
    return [await each for each in [total.remote(ref) for total in totals]]


@passes
def in_threads(make, totals):
    ref = make.remote()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda total: ray.get(total.remote(ref)), totals))


@passes
def as_a_dict(make, totals):
    ref = make.remote()
    refs = {total: total.remote(ref) for total in totals}
    return [ray.get(refs[total]) for total in totals]


@passes
def as_they_finish(make, totals):
    ref = make.remote()
    refs = [total.remote(ref) for total in totals]
    found, left = {}, refs
    while left:
        [ready], left = ray.wait(left)
        found[ready] = ray.get(ready)
    return [found[each] for each in refs]


@passes
def with_futures(make, totals):
    ref = make.remote()
    futures = [total.remote(ref).future() for total in totals]
    return [future.result() for future in futures]


@passes
def a_task_that_submits(make, totals):
    @ray.remote(num_cpus=0)
    def run(refs):
        return ray.get([total.remote(refs[0]) for total in totals])

    return ray.get(run.remote([make.remote()]))


@passes
def from_the_last_on(make, totals):
    ref = make.remote()
    refs = [total.remote(ref) for total in reversed(totals)]
    return ray.get(refs)[::-1]


@passes
def with_map(make, totals):
    ref = make.remote()
    return ray.get(list(map(lambda total: total.options(name="total").remote(ref), totals)))


@earns("fetches")
def puts_it_once(make, totals):
    ref = ray.put(ray.get(make.remote()))
    return ray.get([total.remote(ref) for total in totals])


@earns("puts-again")
def puts_it_for_each(make, totals):
    array = ray.get(make.remote())
    return ray.get([total.remote(ray.put(array)) for total in totals])


@earns("by-value")
def gets_it_for_each(make, totals):
    ref = make.remote()
    return ray.get([total.remote(ray.get(ref)) for total in totals])


@earns("by-value")
async def awaits_it(make, totals):
    array = await make.remote()
    return [await total.remote(array) for total in totals]


@earns("by-value")
def one_at_a_time_by_value(make, totals):
    array = ray.get(make.remote())
    return [ray.get(total.remote(array)) for total in totals]


@earns("by-value")
def in_threads_by_value(make, totals):
    array = ray.get(make.remote())
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda total: ray.get(total.remote(array)), totals))


@earns("by-value")
def a_copy_for_each(make, totals):
    array = ray.get(make.remote())
    return ray.get([total.remote(array.copy()) for total in totals])


@earns("fetches")
def looks_at_it_first(make, totals):
    ref = make.remote()
    assert ray.get(ref).size > 0
    return ray.get([total.remote(ref) for total in totals])


@earns("fetches")
def waits_for_it(make, totals):
    ref = make.remote()
    ray.wait([ref])
    return ray.get([total.remote(ref) for total in totals])


@earns("fetches")
def gets_both(make, totals):
    ref = make.remote()
    refs = [total.remote(ref) for total in totals]
    return ray.get([ref, *refs])[1:]


@earns("made-again")
def makes_it_for_each(make, totals):
    return ray.get([total.remote(make.remote()) for total in totals])


@earns("made-again")
def makes_it_once_too_often(make, totals):
    ray.wait([make.remote()], fetch_local=False)
    ref = make.remote()
    return ray.get([total.remote(ref) for total in totals])


@earns("other-node")
def all_where_it_is_made(make, totals):
    ref = make.remote()
    ray.wait([ref], fetch_local=False)
    [node_id] = ray.experimental.get_object_locations([ref])[ref]["node_ids"]
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return ray.get([total.options(scheduling_strategy=there).remote(ref) for total in totals])


@earns("other-node")
def all_on_the_node_of_the_program(make, totals):
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    ref = make.remote()
    return ray.get([total.options(scheduling_strategy=here).remote(ref) for total in totals])


@earns("writes-more")
def a_task_that_copies(make, totals):
    ref = ray.remote(lambda array: array.copy()).remote(make.remote())
    return ray.get([total.remote(ref) for total in totals])


@earns("writes-more")
def a_copy_by_a_task_for_each(make, totals):
    copy = ray.remote(lambda array: 1 * array)
    ref = make.remote()
    return ray.get([total.remote(copy.remote(ref)) for total in totals])


@earns("writes-more")
def a_task_that_gets_it(make, totals):
    @ray.remote
    def run(array):
        return ray.get([total.remote(array) for total in totals])

    return ray.get(run.remote(make.remote()))


@earns("not-once")
def runs_them_twice(make, totals):
    ref = make.remote()
    ray.wait([total.remote(ref) for total in totals], num_returns=len(totals))
    return ray.get([total.remote(ref) for total in totals])


@earns("no-tasks")
def without_tasks(make, totals):
    array = ray.get(make.remote())
    return [total._function(array) for total in totals]


@earns("exception")
def hides_the_ref(make, totals):
    ref = make.remote()
    return ray.get([total.remote([ref]) for total in totals])


@earns("refs")
def returns_refs(make, totals):
    ref = make.remote()
    return [total.remote(ref) for total in totals]


@earns("wrong-order")
def comes_back_to_front(make, totals):
    ref = make.remote()
    return ray.get([total.remote(ref) for total in totals[::-1]])


@earns("lost")
def leaves_out_the_last(make, totals):
    ref = make.remote()
    return ray.get([total.remote(ref) for total in totals[:-1]])


@earns("wrong-values")
def adds_up_all(make, totals):
    ref = make.remote()
    return [sum(ray.get([total.remote(ref) for total in totals]))]


@earns("none")
def forgets_to_return(make, totals):
    ref = make.remote()
    ray.get([total.remote(ref) for total in totals])


@earns("endless", hangs=True)
def waits_for_ever(make, totals):
    ref = make.remote()
    while not ray.get([total.remote(ref) for total in totals][:0]):
        time.sleep(0.01)
