"""Answers to exercise 1, a slow loop as tasks."""

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
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


@passes
def in_one_comprehension(numbers):
    "everything in one line"
    return ray.get([ray.remote(slow_square).remote(number) for number in numbers])


@passes
def with_two_plain_loops(numbers):
    "one loop starts, one loop asks"
    square = ray.remote(slow_square)
    refs = []
    for number in numbers:
        refs.append(square.remote(number))
    squares = []
    for ref in refs:
        squares.append(ray.get(ref))
    return squares


@passes
def with_map_and_the_remote_method(numbers):
    "map over square.remote"
    square = ray.remote(slow_square)
    return ray.get(list(map(square.remote, numbers)))


@passes
def with_a_decorated_function_inside(numbers):
    "a remote function of its own around slow_square"

    @ray.remote
    def square(number):
        return slow_square(number)

    refs = [square.remote(n) for n in numbers]
    return ray.get(refs)


@passes
def with_a_remote_lambda(numbers):
    "a lambda made remote"
    task = ray.remote(lambda n: slow_square(n))
    return ray.get([task.remote(n) for n in numbers])


@passes
def with_options_for_names(numbers):
    "names its tasks with options"
    square = ray.remote(slow_square)
    refs = [
        square.options(name=f"square {index}").remote(number)
        for index, number in enumerate(numbers)
    ]
    return ray.get(refs)


@passes
def with_a_dict_by_position(numbers):
    "a dict from position to ref"
    square = ray.remote(slow_square)
    refs = {}
    for position, number in enumerate(numbers):
        refs[position] = square.remote(number)
    return [ray.get(refs[position]) for position in sorted(refs)]


@passes
def with_a_dict_by_number(numbers):
    "equal numbers share one task, and each place gets its square"
    square = ray.remote(slow_square)
    refs = {}
    for number in numbers:
        if number not in refs:
            refs[number] = square.remote(number)
    return [ray.get(refs[number]) for number in numbers]


@passes
def with_a_wait_loop_that_keeps_places(numbers):
    "takes them as they come, and puts each where it belongs"
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    place = {ref: index for index, ref in enumerate(refs)}
    squares = [None] * len(refs)
    waiting = list(refs)
    while waiting:
        ready, waiting = ray.wait(waiting)
        for ref in ready:
            squares[place[ref]] = ray.get(ref)
    return squares


@passes
def with_wait_for_all_first(numbers):
    "waits for all with ray.wait, then asks"
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    if not refs:
        return []
    ray.wait(refs, num_returns=len(refs))
    return ray.get(refs)


@passes
def with_asyncio_gather(numbers):
    "asyncio.run and gather"
    square = ray.remote(slow_square)

    async def main():
        refs = [square.remote(number) for number in numbers]
        return await asyncio.gather(*refs)

    return list(asyncio.run(main()))


@passes
def with_await_one_after_the_other_at_the_end(numbers):
    "all are started before the first await"
    square = ray.remote(slow_square)

    async def main():
        refs = [square.remote(number) for number in numbers]
        return [await ref for ref in refs]

    return asyncio.run(main())


@earns("get-in-loop")
def asks_inside_the_loop(numbers):
    "ray.get waits: start all the tasks first, and ask after the loop."
    square = ray.remote(slow_square)
    squares = []
    for number in numbers:
        squares.append(ray.get(square.remote(number)))
    return squares


@earns("get-in-loop")
def asks_inside_a_comprehension(numbers):
    "A comprehension is a loop, too: keep the refs and hand the whole list to one ray.get."
    square = ray.remote(slow_square)
    return [ray.get(square.remote(number)) for number in numbers]


@earns("get-in-loop")
def asks_inside_map(numbers):
    "map calls ray.get for one number before it goes to the next."
    square = ray.remote(slow_square)
    return list(map(lambda number: ray.get(square.remote(number)), numbers))


@earns("get-in-loop")
def asks_through_lazy_maps(numbers):
    "map starts nothing until it is asked for: make a list of the refs before you ask."
    square = ray.remote(slow_square)
    refs = map(square.remote, numbers)
    return list(map(ray.get, refs))


@earns("driver")
def leaves_the_loop_as_it_was(numbers):
    "No task was started: wrap the function with ray.remote and call .remote()."
    squares = []
    for number in numbers:
        squares.append(slow_square(number))
    return squares


@earns("driver")
def wraps_but_calls_the_plain_one(numbers):
    "You wrapped the function, but you call the plain one: call square.remote(number)."
    square = ray.remote(slow_square)
    assert square is not None
    return [slow_square(number) for number in numbers]


@earns("one-task")
def puts_the_whole_loop_in_one_task(numbers):
    "One task runs on one worker: start a task for each number."

    @ray.remote
    def squares_of(numbers):
        return [slow_square(number) for number in numbers]

    return ray.get(squares_of.remote(numbers))


@earns("too-few-tasks")
def splits_into_two_halves(numbers):
    "Each half still runs one call after the other: a task for each number."

    @ray.remote
    def squares_of(part):
        return [slow_square(number) for number in part]

    middle = len(numbers) // 2
    left, right = ray.get(
        [squares_of.remote(numbers[:middle]), squares_of.remote(numbers[middle:])]
    )
    return left + right


@earns("refs")
def returns_the_refs(numbers):
    "These are promises: ray.get trades them for the squares."
    square = ray.remote(slow_square)
    return [square.remote(number) for number in numbers]


@earns("exception")
def asks_for_lists_in_a_list(numbers):
    "ray.get takes a ref or a flat list of refs."
    square = ray.remote(slow_square)
    refs = []
    for number in numbers:
        refs.append([square.remote(number)])
    return ray.get(refs)


@earns("lost-equal")
def goes_through_a_set(numbers):
    "A set has no order and drops numbers that come twice."
    square = ray.remote(slow_square)
    return ray.get([square.remote(number) for number in set(numbers)])


@earns("lost-equal")
def keeps_refs_by_number_and_returns_the_values(numbers):
    "A number that comes twice has one key only: there is a square too few."
    square = ray.remote(slow_square)
    refs = {number: square.remote(number) for number in numbers}
    return ray.get(list(refs.values()))


@earns("wrong-order")
def sorts_the_squares(numbers):
    "The order asked for is that of the numbers."
    square = ray.remote(slow_square)
    return sorted(ray.get([square.remote(number) for number in numbers]))


@earns("wrong-order", least_cpus=2)
def collects_as_they_finish(numbers):
    "ray.wait hands over what is ready first: the order of the numbers is lost."
    square = ray.remote(slow_square)
    waiting = [square.remote(number) for number in numbers]
    squares = []
    while waiting:
        ready, waiting = ray.wait(waiting)
        squares.extend(ray.get(ready))
    return squares


@earns("wrong-order", least_cpus=2)
def collects_futures_as_completed(numbers):
    "as_completed yields the quickest first."
    square = ray.remote(slow_square)
    futures = [square.remote(number).future() for number in numbers]
    return [future.result() for future in as_completed(futures)]


@earns("lost")
def returns_inside_the_loop(numbers):
    "The return stands inside the loop, which ends it after the first number."
    square = ray.remote(slow_square)
    refs = []
    for number in numbers:
        refs.append(square.remote(number))
        return ray.get(refs)
    return []


@earns("generator")
def returns_a_generator(numbers):
    "Return a list, as the loop did."
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    return (ray.get(ref) for ref in refs)


@earns("generator")
def returns_a_map_object(numbers):
    "A map is no list yet: put list() around it."
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    return map(ray.get, refs)


@earns("no-list")
def returns_a_dict(numbers):
    "Return the squares alone, as a list."
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    return dict(zip(numbers, ray.get(refs)))


@earns("nested")
def returns_pairs(numbers):
    "Return the squares without their numbers."

    @ray.remote
    def square(number):
        return number, slow_square(number)

    return ray.get([square.remote(number) for number in numbers])


@earns("no-tasks")
def squares_by_itself(numbers):
    "The slow function was not called at all: it is its calls that should become tasks."
    return [number**2 for number in numbers]


@earns("sleeps-less")
def squares_in_a_task_of_its_own(numbers):
    "Make tasks of slow_square, and not of a quick function in its place."

    @ray.remote
    def square(number):
        return number * number

    return ray.get([square.remote(number) for number in numbers])


@earns("wrong-order")
def lets_threads_append(numbers):
    "The threads append when they are ready, so that the quickest comes first."
    square = ray.remote(slow_square)
    squares = []

    def run(number):
        squares.append(ray.get(square.remote(number)))

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return squares


@earns("changes-input")
def pops_the_numbers(numbers):
    square, refs = ray.remote(slow_square), []
    while numbers:
        refs.append(square.remote(numbers.pop(0)))
    return ray.get(refs)


@earns("sleeps-more")
def sleeps_until_all_must_be_done(numbers):
    square = ray.remote(slow_square)
    refs = [square.remote(number) for number in numbers]
    time.sleep(3 * max(numbers, default=0))
    return ray.get(refs)
