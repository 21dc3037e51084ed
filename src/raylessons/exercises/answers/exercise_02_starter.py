import ray


def my_best(weigh, weigh_again, parcels):
    best = 0
    for parcel in parcels:
        weight = ray.get(weigh.remote(parcel))
        weight = ray.get(weigh_again.remote(weight))
        best = max(best, weight)
    return best
