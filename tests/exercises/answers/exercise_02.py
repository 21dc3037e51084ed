"""Answers to exercise 2, ask later."""

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
