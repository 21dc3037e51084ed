"""Answers to exercise 11, move nothing big: on a cluster of several nodes."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from answers import earns, passes
from raylessons import on_node


@passes
def on_the_node_that_holds_it(combine, big, small):
    [node_id] = ray.experimental.get_object_locations([big])[big]["node_ids"]
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return combine.options(scheduling_strategy=there).remote(big, small)


@passes
def where_the_most_bytes_are(combine, big, small):
    places = ray.experimental.get_object_locations([big, small])
    biggest = max(places.values(), key=lambda place: place["object_size"])
    there = NodeAffinitySchedulingStrategy(biggest["node_ids"][0], soft=False)
    return combine.options(scheduling_strategy=there).remote(big, small)


@passes
def by_name(combine, big, small):
    return combine.remote(small=small, big=big)


@passes
def the_other_way_round(combine, big, small):
    return combine.options(name="total", num_cpus=1).remote(small, big)


@passes
def waits_without_fetching(combine, big, small):
    ray.wait([big, small], num_returns=2, fetch_local=False)
    return combine.remote(big, small)


@passes
def fetches_the_small_one(combine, big, small):
    return combine.remote(big, ray.get(small))


@passes
def after_it_has_seen_the_total(combine, big, small):
    total = combine.remote(big, small)
    assert ray.get(total) > 0
    return total


@passes
def adds_up_two_sums(combine, big, small):
    total = ray.remote(lambda array: array.sum())
    add = ray.remote(lambda left, right: float(left + right))
    return add.remote(total.remote(big), total.remote(small))


@passes
async def in_a_coroutine(combine, big, small):
    return combine.remote(big, small)


@passes
def in_a_thread(combine, big, small):
    with ThreadPoolExecutor() as pool:
        return pool.submit(combine.remote, big, small).result()


@passes
def by_an_actor_where_it_is(combine, big, small):
    @ray.remote
    class Adder:
        def total(self, big, small):
            return float(big.sum() + small.sum())

    [node_id] = ray.experimental.get_object_locations([big])[big]["node_ids"]
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return Adder.options(scheduling_strategy=there).remote().total.remote(big, small)


@passes
def in_a_list_where_it_is(combine, big, small):
    @ray.remote
    def total(refs):
        return sum(float(array.sum()) for array in ray.get(refs))

    [node_id] = ray.experimental.get_object_locations([big])[big]["node_ids"]
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return total.options(scheduling_strategy=there).remote([big, small])


@earns("fixed-node")
def on_the_third_node(combine, big, small):
    return combine.options(scheduling_strategy=on_node(3)).remote(big, small)


@earns("none")
def forgets_to_return(combine, big, small):
    combine.remote(big, small)


@earns("exception")
def on_a_node_that_is_not_there(combine, big, small):
    return combine.options(scheduling_strategy=on_node(9)).remote(big, small)


@earns("endless", hangs=True)
def never_ends(combine, big, small):
    while True:
        time.sleep(0.01)


@earns("fetches")
def in_the_driver(combine, big, small):
    return ray.put(float(ray.get(big).sum() + ray.get(small).sum()))


@earns("fetches")
def with_fetched_arrays(combine, big, small):
    return combine.remote(*ray.get([big, small]))


@earns("no-tasks")
def hard_coded(combine, big, small):
    return ray.put(1_050_000.0)


@earns("no-ref")
def fetches_the_total(combine, big, small):
    return ray.get(combine.remote(big, small))


@earns("wrong-values")
def combines_one_with_itself(combine, big, small):
    return combine.remote(big, big)


@earns("hidden-refs")
def hides_the_refs_in_a_list(combine, big, small):
    @ray.remote
    def total(refs):
        return sum(float(array.sum()) for array in ray.get(refs))

    return total.remote([big, small])


@earns("fixed-node")
def on_the_second_node(combine, big, small):
    return combine.options(scheduling_strategy=on_node(2)).remote(big, small)


@earns("to-small")
def where_the_small_one_is(combine, big, small):
    [node_id] = ray.experimental.get_object_locations([small])[small]["node_ids"]
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return combine.options(scheduling_strategy=there).remote(big, small)


@earns("big-moved")
def where_the_program_is(combine, big, small):
    here = ray.get_runtime_context().get_node_id()
    strategy = NodeAffinitySchedulingStrategy(here, soft=False)
    return combine.options(scheduling_strategy=strategy).remote(big, small)


@earns("spread")
def spread_out(combine, big, small):
    return combine.options(scheduling_strategy="SPREAD").remote(big, small)


@earns("wait-fetches")
def waits_for_both_first(combine, big, small):
    ray.wait([big, small], num_returns=2)
    return combine.remote(big, small)


@earns("fetches")
def awaits_both(combine, big, small):
    async def arrays():
        return [await big, await small]

    return combine.remote(*asyncio.run(arrays()))


@earns("fetches")
def by_a_future(combine, big, small):
    return combine.remote(big.future().result(), small)


@earns("fetches")
def fetches_in_a_thread(combine, big, small):
    with ThreadPoolExecutor() as pool:
        return combine.remote(*pool.map(ray.get, [big, small]))


@earns("fetches")
def looks_at_its_size(combine, big, small):
    if ray.get(big).size > ray.get(small).size:
        return combine.remote(big, small)
    return combine.remote(small, big)


@earns("fetches")
def fetches_what_is_as_big(combine, big, small):
    double = ray.remote(lambda array: array * 2)
    return combine.remote(ray.get(double.remote(big)) / 2, small)


@earns("hidden-refs")
def carries_the_refs_along(combine, big, small):
    @ray.remote
    def total():
        return float(ray.get(big).sum() + ray.get(small).sum())

    return total.remote()


@earns("no-ref")
def in_a_list(combine, big, small):
    return [combine.remote(big, small)]


@earns("ref-of-ref")
def a_task_that_starts_the_task(combine, big, small):
    @ray.remote
    def start(refs):
        return combine.remote(*refs)

    return start.remote([big, small])


@earns("exception")
def passes_a_list(combine, big, small):
    return combine.remote([big, small])


@earns("exception")
def calls_it_directly(combine, big, small):
    return combine(big, small)


@earns("exception")
def adds_up_refs(combine, big, small):
    return ray.put(big.sum() + small.sum())


@earns("never-made", hangs=True)
def asks_for_too_much(combine, big, small):
    return combine.options(num_cpus=1000).remote(big, small)


@earns("wrong-values")
def returns_the_big_one(combine, big, small):
    return big


@earns("wrong-values")
def forgets_the_big_one(combine, big, small):
    return ray.remote(lambda array: float(array.sum())).remote(small)


@earns("no-ref")
def returns_a_threads_future(combine, big, small):
    pool = ThreadPoolExecutor(max_workers=1)
    return pool.submit(combine.remote, big, small)


@earns("no-ref")
def returns_a_function(combine, big, small):
    return partial(combine.remote, big, small)


@earns("exception")
def forgets_soft(combine, big, small):
    node_id = ray.experimental.get_object_locations([big])[big]["node_ids"][0]
    there = NodeAffinitySchedulingStrategy(node_id)
    return combine.options(scheduling_strategy=there).remote(big, small)


@earns("wait-fetches")
def polls_for_the_big_one(combine, big, small):
    ready = []
    while not ready:
        ready, _ = ray.wait([big], timeout=0.5)
        time.sleep(0.05)
    return combine.remote(big, small)


@earns("big-moved")
def copies_the_big_one_here_first(combine, big, small):
    copy = ray.remote(lambda array: array.copy())
    here = copy.options(scheduling_strategy=on_node(1)).remote(big)
    return combine.remote(here, small)


@earns("to-small")
def brings_the_big_one_first(combine, big, small):
    @ray.remote
    def bring(array):
        return array.copy()

    node_id = ray.experimental.get_object_locations([small])[small]["node_ids"][0]
    there = NodeAffinitySchedulingStrategy(node_id, soft=True)
    near = bring.options(scheduling_strategy=there).remote(big)
    return combine.remote(near, small)


@earns("big-moved")
def the_first_of_two_nodes(combine, big, small):
    one = combine.options(scheduling_strategy=on_node(1)).remote(big, small)
    two = combine.options(scheduling_strategy=on_node(2)).remote(big, small)
    ready, _ = ray.wait([one, two], fetch_local=False)
    return ready[0]


@earns("big-moved")
def on_a_node_without_either(combine, big, small):
    places = ray.experimental.get_object_locations([big, small])
    used = {node for ref in places for node in places[ref]["node_ids"]}
    free = [one["NodeID"] for one in ray.nodes() if one["Alive"] and one["NodeID"] not in used]
    if not free:
        return combine.options(scheduling_strategy=on_node(1)).remote(big, small)
    there = NodeAffinitySchedulingStrategy(free[0], soft=True)
    return combine.options(scheduling_strategy=there).remote(big, small)


@earns("actor-elsewhere")
def an_actor_on_the_programs_node(combine, big, small):
    @ray.remote
    class Adder:
        def total(self, big, small):
            return float(big.sum() + small.sum())

    return Adder.options(scheduling_strategy=on_node(1)).remote().total.remote(big, small)


@earns("hidden-refs")
def a_task_that_starts_it_elsewhere(combine, big, small):
    @ray.remote(scheduling_strategy=on_node(1))
    def start(refs):
        return ray.get(combine.options(scheduling_strategy=on_node(1)).remote(*refs))

    return start.remote([big, small])
