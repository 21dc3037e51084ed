"""Answers to exercise 11, move nothing big: on a cluster of several nodes."""

import time

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


@earns("big-moved")
def on_the_second_node(combine, big, small):
    return combine.options(scheduling_strategy=on_node(2)).remote(big, small)
