"""Answers to exercise 1, a slow loop as tasks."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import ray

from answers import earns, passes
from raylessons import slow_square


@passes
def with_a_decorated_function(numbers):
    @ray.remote
    def square(number):
        time.sleep(number)
        return number**2

    return [ray.get(ref) for ref in [square.remote(number) for number in numbers]]


@passes
def in_order_from_a_dictionary(numbers):
    refs = {number: ray.remote(slow_square).remote(number) for number in numbers}
    squares = {}
    waiting = list(refs.values())
    names = {ref: number for number, ref in refs.items()}
    while waiting:
        ready, waiting = ray.wait(waiting)
        squares[names[ready[0]]] = ray.get(ready[0])
    return [squares[number] for number in numbers]


@earns("generator")
def as_a_generator(numbers):
    refs = [ray.remote(slow_square).remote(number) for number in numbers]
    yield from ray.util.map_unordered(lambda ref: ref, []) if not refs else map(ray.get, refs)


@earns("none")
def forgets_to_return(numbers):
    [slow_square(number) for number in numbers]


@earns("refs")
def returns_refs(numbers):
    return [ray.remote(slow_square).remote(number) for number in numbers]


@earns("exception")
def calls_the_remote_function(numbers):
    square = ray.remote(slow_square)
    return [square(number) for number in numbers]


@earns("exception")
def fails_in_a_task(numbers):
    return ray.get([ray.remote(slow_square).remote(-number) for number in numbers])


@earns("endless", hangs=True)
def never_ends(numbers):
    while numbers:
        pass


@earns("flood")
def floods(numbers):
    square = ray.remote(slow_square)
    refs = []
    for number in numbers:
        refs.append(square.remote(number))
        numbers.append(number)
    return ray.get(refs)


@earns("worker-died")
def kills_its_workers(numbers):
    @ray.remote(max_retries=0)
    def square(number):
        os.kill(os.getpid(), 9)

    return ray.get([square.remote(number) for number in numbers])


@earns("threads")
def in_threads(numbers):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(slow_square, numbers))


@earns("threads")
def in_a_pool_of_threads(numbers):
    with ThreadPool(4) as pool:
        return pool.map(slow_square, numbers)


@earns("no-tasks")
def hard_coded(numbers):
    return [0, 1, 4, 9]


@earns("no-tasks")
def without_the_work(numbers):
    return [number * number for number in numbers]


@earns("one-task")
def in_one_giant_task(numbers):
    @ray.remote
    def squares(numbers):
        return [slow_square(number) for number in numbers]

    return ray.get(squares.remote(numbers))


@earns("get-in-loop")
def gets_in_the_loop(numbers):
    square = ray.remote(slow_square)
    return [ray.get(square.remote(number)) for number in numbers]


@earns("get-in-loop")
def waits_in_the_loop(numbers):
    refs = []
    for number in numbers:
        refs.append(ray.remote(slow_square).remote(number))
        ray.wait(refs, num_returns=len(refs))
    return ray.get(refs)


@earns("work-twice")
def submits_again_to_ask(numbers):
    square = ray.remote(slow_square)
    [square.remote(number) for number in numbers]
    return ray.get([square.remote(number) for number in numbers])


@earns("wrong-order")
def in_the_order_of_completion(numbers):
    waiting = [ray.remote(slow_square).remote(number) for number in reversed(numbers)]
    return ray.get(waiting)


@earns("twice")
def hands_over_twice(numbers):
    refs = [ray.remote(slow_square).remote(number) for number in numbers]
    return ray.get(refs + refs[:1])


@earns("lost")
def forgets_the_last(numbers):
    return ray.get([ray.remote(slow_square).remote(number) for number in numbers[:-1]])


@earns("nested")
def returns_lists_in_a_list(numbers):
    refs = [ray.remote(slow_square).remote(number) for number in numbers]
    return [ray.get([ref]) for ref in refs]


@earns("wrong-values")
def doubles(numbers):
    return [2 * square for square in with_a_decorated_function(numbers)]


@earns("sleeps-less")
def sleeps_less(numbers):
    @ray.remote
    def square(number):
        time.sleep(number / 2)
        return number * number

    return ray.get([square.remote(number) for number in numbers])
