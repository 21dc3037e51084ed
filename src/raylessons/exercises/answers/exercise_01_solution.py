import ray

from raylessons import slow_square


def my_squares(numbers):
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    return ray.get(refs)
