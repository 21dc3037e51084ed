"""Answers to exercise 2, ask later."""

import functools
import time

import ray

from answers import earns, passes


@passes
def chain_by_chain(weigh, weigh_again, parcels):
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return max(map(ray.get, refs))


@passes
def as_they_finish(weigh, weigh_again, parcels):
    best, waiting = 0, [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    while waiting:
        ready, waiting = ray.wait(waiting)
        best = max(best, *ray.get(ready))
    return best


@passes
def with_a_task_for_the_largest(weigh, weigh_again, parcels):
    @ray.remote
    def largest(*weights):
        return max(weights)

    return ray.get(largest.remote(*map(weigh_again.remote, map(weigh.remote, parcels))))


@earns("none")
def prints_it(weigh, weigh_again, parcels):
    max(ray.get([weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]))


@earns("refs")
def returns_a_ref(weigh, weigh_again, parcels):
    return weigh_again.remote(weigh.remote(parcels[0]))


@earns("exception")
def compares_refs(weigh, weigh_again, parcels):
    return max(weigh_again.remote(weigh.remote(parcel)) for parcel in parcels)


@earns("exception")
def hides_the_ref_in_a_list(weigh, weigh_again, parcels):
    return max(ray.get([weigh_again.remote([weigh.remote(parcel)]) for parcel in parcels]))


@earns("endless", hangs=True)
def waits_for_a_weight_that_never_comes(weigh, weigh_again, parcels):
    best = 0
    while best < 1_000_000:
        best = max(best, ray.get(weigh.remote(parcels[0])))
    return best


@earns("no-tasks")
def hard_coded(weigh, weigh_again, parcels):
    return 40


@earns("wrong-values")
def weighs_once(weigh, weigh_again, parcels):
    return max(ray.get([weigh.remote(parcel) for parcel in parcels]))


@earns("wrong-values")
def weighs_the_heaviest_again(weigh, weigh_again, parcels):
    heaviest = max(ray.get([weigh.remote(parcel) for parcel in parcels]))
    return ray.get(weigh_again.remote(heaviest))


@earns("wrong-values")
def returns_all(weigh, weigh_again, parcels):
    return ray.get([weigh_again.remote(weigh.remote(parcel)) for parcel in parcels])


@earns("get-in-loop")
def gets_each_chain_in_the_loop(weigh, weigh_again, parcels):
    return max(ray.get(weigh_again.remote(weigh.remote(parcel))) for parcel in parcels)


@earns("asks-midway")
def gets_the_first_weights(weigh, weigh_again, parcels):
    weights = ray.get([weigh.remote(parcel) for parcel in parcels])
    return max(ray.get([weigh_again.remote(weight) for weight in weights]))


@earns("asks-midway")
def takes_the_first_weights_as_they_finish(weigh, weigh_again, parcels):
    waiting, again = [weigh.remote(parcel) for parcel in parcels], []
    while waiting:
        ready, waiting = ray.wait(waiting)
        again.append(weigh_again.remote(ready[0]))
    return max(ray.get(again))


@earns("too-few-tasks")
def weighs_again_in_the_driver(weigh, weigh_again, parcels):
    weights = ray.get([weigh.remote(parcel) for parcel in parcels])
    return max(weight * 7 % 48 / 4 for weight in weights)


@earns("not-needed")
def asks_for_the_first_weights_too(weigh, weigh_again, parcels):
    weights = [weigh.remote(parcel) for parcel in parcels]
    again = [weigh_again.remote(weight) for weight in weights]
    ray.get(weights)
    return max(ray.get(again))


@passes
def in_one_nested_expression(weigh, weigh_again, parcels):
    "each chain in one expression"
    return max(ray.get([weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]))


@passes
def with_one_loop_for_both_steps(weigh, weigh_again, parcels):
    "one loop starts both tasks of a chain"
    refs = []
    for parcel in parcels:
        first = weigh.remote(parcel)
        second = weigh_again.remote(first)
        refs.append(second)
    return max(ray.get(refs))


@passes
def with_two_maps(weigh, weigh_again, parcels):
    "map over map"
    return max(ray.get(list(map(weigh_again.remote, map(weigh.remote, parcels)))))


@passes
def with_a_running_maximum_after_the_get(weigh, weigh_again, parcels):
    "its own maximum, over values that are all there"
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    weights = ray.get(refs)
    best = weights[0]
    for weight in weights[1:]:
        if weight > best:
            best = weight
    return best


@passes
def with_a_max_task(weigh, weigh_again, parcels):
    "a last task finds the maximum: one value is asked for"

    @ray.remote
    def largest(*weights):
        return max(weights)

    seconds = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(largest.remote(*seconds))


@passes
def with_a_max_task_that_asks_for_a_list(weigh, weigh_again, parcels):
    "the last task gets a list of refs and asks for them itself"

    @ray.remote
    def largest(refs):
        return max(ray.get(refs))

    seconds = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(largest.remote(seconds))


@passes
def with_a_remote_lambda_for_the_maximum(weigh, weigh_again, parcels):
    "a lambda as the last task"
    seconds = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(ray.remote(lambda *weights: max(weights)).remote(*seconds))


@passes
def with_a_tree_of_bigger_tasks(weigh, weigh_again, parcels):
    "a tree of tasks that each take the bigger of two"

    @ray.remote
    def bigger(left, right):
        return max(left, right)

    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    while len(refs) > 1:
        pairs = [bigger.remote(a, b) for a, b in zip(refs[::2], refs[1::2])]
        refs = pairs + (refs[-1:] if len(refs) % 2 else [])
    return ray.get(refs[0])


@passes
def with_a_chain_of_bigger_tasks(weigh, weigh_again, parcels):
    "functools.reduce with a task: one value is asked for"

    @ray.remote
    def bigger(left, right):
        return right if right > left else left

    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(functools.reduce(bigger.remote, refs))


@passes
def with_gets_one_by_one_at_the_end(weigh, weigh_again, parcels):
    "all are started before the first get; then one get a ref"
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return max(ray.get(ref) for ref in refs)


@passes
def with_a_wait_loop(weigh, weigh_again, parcels):
    "takes the second weights as they come"
    waiting = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    best = None
    while waiting:
        ready, waiting = ray.wait(waiting)
        weight = ray.get(ready[0])
        best = weight if best is None else max(best, weight)
    return best


@passes
def with_wait_for_all_then_get(weigh, weigh_again, parcels):
    "one ray.wait for the second weights, one get"
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    ready, _ = ray.wait(refs, num_returns=len(refs))
    return max(ray.get(ready))


@earns("get-in-loop")
def leaves_the_starter(weigh, weigh_again, parcels):
    "Both ray.get in the loop wait: pass the ref of the first weight on."
    best = 0
    for parcel in parcels:
        weight = ray.get(weigh.remote(parcel))
        weight = ray.get(weigh_again.remote(weight))
        best = max(best, weight)
    return best


@earns("get-in-loop")
def asks_for_the_second_in_the_loop(weigh, weigh_again, parcels):
    "The chain is right, but your loop waits for its end before it starts the next."
    best = 0
    for parcel in parcels:
        best = max(best, ray.get(weigh_again.remote(weigh.remote(parcel))))
    return best


@earns("get-in-loop")
def asks_inside_a_comprehension(weigh, weigh_again, parcels):
    "A comprehension is a loop: one ray.get around the list, not one inside."
    return max([ray.get(weigh_again.remote(weigh.remote(parcel))) for parcel in parcels])


@earns("get-in-loop")
def asks_through_a_generator(weigh, weigh_again, parcels):
    "The generator starts a chain only when the one before has been asked for."
    refs = (weigh_again.remote(weigh.remote(parcel)) for parcel in parcels)
    return max(ray.get(ref) for ref in refs)


@earns("asks-midway")
def asks_for_the_first_weights(weigh, weigh_again, parcels):
    "Your program needs no first weight: pass the refs on, and no chain waits for another."
    weights = ray.get([weigh.remote(parcel) for parcel in parcels])
    return max(ray.get([weigh_again.remote(weight) for weight in weights]))


@earns("asks-midway")
def waits_for_the_first_weights(weigh, weigh_again, parcels):
    "ray.wait lets every second weighing wait for the slowest first one."
    weights = [weigh.remote(parcel) for parcel in parcels]
    ray.wait(weights, num_returns=len(weights))
    return max(ray.get([weigh_again.remote(weight) for weight in weights]))


@earns("asks-midway")
def asks_for_each_first_weight_before_its_second(weigh, weigh_again, parcels):
    "You wait for each first weight in turn: the ref itself may go to weigh_again."
    weights = [weigh.remote(parcel) for parcel in parcels]
    refs = []
    for weight in weights:
        refs.append(weigh_again.remote(ray.get(weight)))
    return max(ray.get(refs))


@earns("asks-midway")
def asks_for_the_second_one_at_a_time(weigh, weigh_again, parcels):
    "The second weighings run one after another: start them all, then ask."
    weights = [weigh.remote(parcel) for parcel in parcels]
    best = 0
    for weight in weights:
        best = max(best, ray.get(weigh_again.remote(weight)))
    return best


@earns("not-needed")
def asks_for_both_lists_at_the_end(weigh, weigh_again, parcels):
    "You ask for twice as many values as you need: the first weights are not used."
    first = [weigh.remote(parcel) for parcel in parcels]
    second = [weigh_again.remote(weight) for weight in first]
    values = ray.get(first + second)
    return max(values[len(first) :])


@earns("not-needed")
def prints_the_first_weights(weigh, weigh_again, parcels):
    "The print asks for every first weight."
    first = [weigh.remote(parcel) for parcel in parcels]
    second = [weigh_again.remote(weight) for weight in first]
    best = max(ray.get(second))
    for parcel, weight in zip(parcels, first):
        print(parcel, "weighs", ray.get(weight))
    return best


@earns("exception")
def passes_a_list_of_one_ref(weigh, weigh_again, parcels):
    "A ref in a list stays a ref: pass the ref itself."
    weights = [[weigh.remote(parcel)] for parcel in parcels]
    return max(ray.get([weigh_again.remote(weight) for weight in weights]))


@earns("exception")
def passes_all_the_refs_at_once(weigh, weigh_again, parcels):
    "weigh_again takes one weight: call it for each."
    weights = [weigh.remote(parcel) for parcel in parcels]
    return max(ray.get(weigh_again.remote(weights)))


@earns("wrong-values")
def weighs_the_parcel_again(weigh, weigh_again, parcels):
    "The second weighing is of the first weight, not of the parcel."
    for parcel in parcels:
        weigh.remote(parcel)
    return max(ray.get([weigh_again.remote(parcel) for parcel in parcels]))


@earns("wrong-values")
def forgets_the_second_weighing(weigh, weigh_again, parcels):
    "The weights have to be weighed again."
    return max(ray.get([weigh.remote(parcel) for parcel in parcels]))


@earns("wrong-values")
def returns_the_largest_first_weight(weigh, weigh_again, parcels):
    "You return the largest of the first weights."
    first = [weigh.remote(parcel) for parcel in parcels]
    second = [weigh_again.remote(weight) for weight in first]
    ray.wait(second, num_returns=len(second))
    return max(ray.get(first))


@earns("wrong-values")
def weighs_only_the_best_again(weigh, weigh_again, parcels):
    "The largest first weight need not have the largest second one."
    weights = ray.get([weigh.remote(parcel) for parcel in parcels])
    return ray.get(weigh_again.remote(max(weights)))


@earns("refs")
def returns_the_ref_of_the_maximum(weigh, weigh_again, parcels):
    "This is a ref: ask for its value before you return it."

    @ray.remote
    def largest(*weights):
        return max(weights)

    return largest.remote(*[weigh_again.remote(weigh.remote(parcel)) for parcel in parcels])


@earns("exception")
def takes_the_maximum_of_refs(weigh, weigh_again, parcels):
    "Refs cannot be compared: ask for the values first, and then take the maximum."
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(max(refs))


@earns("exception")
def takes_the_maximum_of_refs_in_a_task(weigh, weigh_again, parcels):
    "Refs in a list stay refs in the task: pass them one by one, with a star."

    @ray.remote
    def largest(weights):
        return max(weights)

    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    return ray.get(largest.remote(refs))


@earns("none")
def forgets_to_return(weigh, weigh_again, parcels):
    "best is found, and not returned."
    weights = [weigh.remote(parcel) for parcel in parcels]
    best = max(ray.get([weigh_again.remote(weight) for weight in weights]))
    print("best:", best)


@earns("too-few-tasks")
def leaves_out_the_first(weigh, weigh_again, parcels):
    "range(1, ...) begins at the second parcel."
    refs = [weigh_again.remote(weigh.remote(parcels[i])) for i in range(1, len(parcels))]
    return max(ray.get(refs))


@earns("work-twice")
def weighs_all_parcels_twice(weigh, weigh_again, parcels):
    "Every parcel is weighed twice by weigh: keep the refs of the first time."
    for parcel in parcels:
        weigh.remote(parcel)
    return max(ray.get([weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]))


@earns("changes-input")
def pops_the_parcels(weigh, weigh_again, parcels):
    "pop empties the caller's list: loop over it."
    refs = []
    while parcels:
        refs.append(weigh_again.remote(weigh.remote(parcels.pop())))
    return max(ray.get(refs))


@earns("sleeps-more")
def sleeps_before_it_asks(weigh, weigh_again, parcels):
    "No need to sleep: ray.get waits for as long as it must, and no longer."
    refs = [weigh_again.remote(weigh.remote(parcel)) for parcel in parcels]
    time.sleep(len(refs))
    return max(ray.get(refs))


@earns("work-twice")
def weighs_the_best_once_more(weigh, weigh_again, parcels):
    weights = ray.get([weigh_again.remote(weigh.remote(parcel)) for parcel in parcels])
    best = parcels[weights.index(max(weights))]
    return ray.get(weigh_again.remote(weigh.remote(best)))
