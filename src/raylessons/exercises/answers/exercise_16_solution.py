import ray


def head_of(ref):
    return ray.get(ref)[:3].copy()  # and nothing holds the array any longer


def my_heads(make, numbers):
    heads = {}
    for number in numbers:
        if number not in heads:  # a number may come again
            heads[number] = head_of(make.remote(number))
        yield heads[number]
