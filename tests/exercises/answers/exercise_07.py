"""Answers to exercise 7, squares as they finish."""

import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import ray

from answers import earns, passes
from raylessons import gather, slow_square, wait_in_rounds


@passes
def in_rounds_of_the_package(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    waiting = refs
    for ready, waiting in wait_in_rounds(refs, deadline_seconds):
        yield from gather(ready, 0).values.values()
    for ref in waiting:
        ray.cancel(ref)


@passes
def with_short_timeouts(square, numbers, deadline_seconds):
    end = time.monotonic() + deadline_seconds
    waiting = {square.remote(number) for number in numbers}
    while waiting and time.monotonic() < end:
        ready, _ = ray.wait(list(waiting), num_returns=len(waiting), timeout=0.02)
        for ref in ready:
            waiting.remove(ref)
            try:
                yield ray.get(ref)
            except ValueError:
                continue
    while waiting:
        ray.cancel(waiting.pop())


@passes
class AsAnIterator:
    """A class that is called, and iterates."""

    def __init__(self, square, numbers, deadline_seconds):
        self.waiting = [square.remote(number) for number in reversed(numbers)]
        self.end = time.monotonic() + deadline_seconds

    def __iter__(self):
        return self

    def __next__(self):
        while self.waiting:
            ready, self.waiting = ray.wait(
                self.waiting, timeout=max(0, self.end - time.monotonic())
            )
            if not ready:
                [ray.cancel(ref) for ref in self.waiting]
                break
            try:
                return ray.get(ready[0])
            except ray.exceptions.RayError:
                pass
        raise StopIteration


AsAnIterator.__name__ = "as_an_iterator"


@earns("none")
def returns_nothing(square, numbers, deadline_seconds):
    [square.remote(0) for _ in numbers]


@earns("refs")
def hands_over_refs(square, numbers, deadline_seconds):
    for number in numbers:
        yield square.remote(number)


@earns("exception")
def calls_the_remote_function(square, numbers, deadline_seconds):
    for number in numbers:
        yield square(number)


@earns("endless", hangs=True)
def spins(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    while True:
        try:
            ready, _ = ray.wait(refs, num_returns=0 or 1, timeout=0)
            refs = [ref for ref in refs if ref not in ready] + [square.remote(60)]
            time.sleep(0.1)
        except Exception:  # on purpose: an answer that swallows what ought to stop it
            pass


@earns("endless", hangs=True)
def waits_for_ever(square, numbers, deadline_seconds):
    yield ray.get(square.remote(10_000))


@earns("flood")
def submits_without_end(square, numbers, deadline_seconds):
    while True:
        square.remote(1)


@earns("worker-died")
def kills_its_worker(square, numbers, deadline_seconds):
    @ray.remote(max_retries=0)
    def dying(number):
        os._exit(1)

    yield from ray.get([dying.remote(number) for number in numbers])


@earns("not-removed")
def keeps_waiting_for_what_is_ready(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    while refs:
        ready, _ = ray.wait(refs)
        yield from ray.get(ready)


@earns("not-removed", hangs=True)
def collects_what_is_ready_for_ever(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    squares = []
    while refs:
        ready, rest = ray.wait(refs)
        squares.extend(ray.get(ready))
        time.sleep(0.01)
    return squares


@earns("twice")
def hands_over_twice(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield from ray.get(ready)
        yield from ray.get(ready)


@earns("lost")
def stops_after_the_first(square, numbers, deadline_seconds):
    ready, _ = ray.wait([square.remote(number) for number in numbers])
    yield from ray.get(ready)


@earns("nested")
def hands_over_lists(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield ray.get(ready)


@earns("driver")
def works_in_the_driver(square, numbers, deadline_seconds):
    for number in numbers:
        yield slow_square(number)


@earns("threads")
def works_in_threads(square, numbers, deadline_seconds):
    with ThreadPoolExecutor() as pool:
        for future in as_completed([pool.submit(slow_square, number) for number in numbers]):
            yield future.result()


@earns("no-tasks")
def hard_codes_the_rule(square, numbers, deadline_seconds):
    for number in sorted(numbers):
        yield number * number


@earns("one-task")
def makes_one_giant_task(square, numbers, deadline_seconds):
    @ray.remote
    def all_squares(numbers):
        return [slow_square(number) for number in sorted(numbers)]

    yield from ray.get(all_squares.remote(numbers))


@earns("get-in-loop")
def gets_in_the_loop(square, numbers, deadline_seconds):
    for number in numbers:
        yield ray.get(square.remote(number))


@earns("sleeps-less")
def sleeps_less(square, numbers, deadline_seconds):
    @ray.remote
    def quick_square(number):
        return number * number

    waiting = [quick_square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield from ray.get(ready)


@earns("submission-order")
def gets_the_whole_list(square, numbers, deadline_seconds):
    return ray.get([square.remote(number) for number in numbers])


@earns("submission-order")
def waits_for_the_oldest(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    while refs:
        ray.wait(refs[:1], timeout=deadline_seconds)
        yield ray.get(refs.pop(0))


@earns("all-at-once")
def collects_in_a_list(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    squares = []
    while waiting:
        ready, waiting = ray.wait(waiting)
        squares += ray.get(ready)
    return squares


@earns("all-at-once")
def waits_in_chunks_of_ten(square, numbers, deadline_seconds):
    yield from sorted(ray.util.as_completed([square.remote(number) for number in numbers]))


@earns("batch-lost")
def lets_the_failure_through(square, numbers, deadline_seconds):
    yield from ray.util.as_completed([square.remote(number) for number in numbers], chunk_size=1)


@earns("batch-lost")
def gives_up_at_the_failure(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    try:
        while waiting:
            ready, waiting = ray.wait(waiting)
            yield from ray.get(ready)
    except ray.exceptions.RayError:
        return


@earns("failure-handed")
def hands_the_failure_over(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting)
        try:
            yield ray.get(ready[0])
        except ray.exceptions.RayError as error:
            yield error


@earns("timeout-ignored")
def ignores_the_deadline(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield from gather(ready, 9).values.values()


@earns("timeout-per-round")
def gives_each_round_the_deadline(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, timeout=deadline_seconds)
        if not ready:
            break
        yield from gather(ready, 9).values.values()
    for ref in waiting:
        ray.cancel(ref)


@earns("deadline-raises")
def raises_at_the_deadline(square, numbers, deadline_seconds):
    end = time.monotonic() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, timeout=max(0, end - time.monotonic()))
        try:
            yield ray.get(ready[0] if ready else waiting[0], timeout=0.1)
        except ray.exceptions.RayTaskError:
            pass


@earns("partial-lost")
def loses_what_is_there_at_the_deadline(square, numbers, deadline_seconds):
    end = time.monotonic() + deadline_seconds
    refs = [square.remote(number) for number in numbers]
    if len(numbers) > 3:
        ray.wait(refs, num_returns=len(refs), timeout=deadline_seconds)
        [ray.cancel(ref) for ref in refs]
        return
    while refs:
        ready, refs = ray.wait(refs, timeout=max(0, end - time.monotonic()))
        yield from gather(ready, 9).values.values()


@earns("left-running")
def leaves_tasks_running(square, numbers, deadline_seconds):
    for ready, _ in wait_in_rounds([square.remote(n) for n in numbers], deadline_seconds):
        yield from gather(ready, 0).values.values()


@earns("wrong-values")
def hands_over_numbers(square, numbers, deadline_seconds):
    waiting = {square.remote(number): number for number in numbers}
    while waiting:
        ready, _ = ray.wait(list(waiting))
        yield waiting.pop(ready[0])
