import ray


def my_sum(add, refs):
    arrays = ray.get(refs)
    total = arrays[0]
    for array in arrays[1:]:
        total = ray.get(add.remote(total, array))
    return total
