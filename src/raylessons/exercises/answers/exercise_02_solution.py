import ray


def my_best(weigh, weigh_again, parcels):
    weights = [weigh.remote(parcel) for parcel in parcels]
    return max(ray.get([weigh_again.remote(weight) for weight in weights]))
