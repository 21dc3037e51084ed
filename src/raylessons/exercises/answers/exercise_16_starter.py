import ray


def my_heads(make, numbers):
    refs = {}
    for number in numbers:
        if number not in refs:  # a number may come again
            refs[number] = make.remote(number)
        array = ray.get(refs[number])
        yield array[:3]
