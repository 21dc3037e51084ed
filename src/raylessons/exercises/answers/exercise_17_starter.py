import ray


def my_sums(make, numbers):
    refs = [make.remote(number) for number in numbers]
    return [float(ray.get(ref).sum()) for ref in refs]
