import ray


def my_squares(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    for ref in refs:
        yield ray.get(ref)
