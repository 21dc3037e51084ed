"""Answers to exercise 7, squares as they finish."""

import asyncio
import contextlib
import os
import queue
import threading
import time
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
import ray
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

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


@passes
def with_an_exit_stack(square, numbers, deadline_seconds):
    waiting = {square.remote(number) for number in numbers}
    deadline = time.time() + deadline_seconds

    def cancel_the_rest():
        for ref in waiting:
            ray.cancel(ref)

    with contextlib.ExitStack() as stack:
        stack.callback(cancel_the_rest)
        while waiting:
            ready, _ = ray.wait(
                list(waiting), num_returns=1, timeout=max(deadline - time.time(), 0)
            )
            if not ready:
                break
            waiting.difference_update(ready)
            try:
                result = ray.get(ready.pop())
            except RayError:
                continue
            yield result


@passes
def by_force(square, numbers, deadline_seconds):
    stop_at = time.perf_counter() + deadline_seconds
    refs = [square.remote(n) for n in numbers]
    while refs:
        ready, refs = ray.wait(refs, num_returns=1, timeout=max(0, stop_at - time.perf_counter()))
        if ready:
            try:
                yield ray.get(ready[0])
            except ray.exceptions.RayError:
                pass
        else:
            for ref in refs:
                ray.cancel(ref, force=True)
            refs = []


@passes
def by_asyncio(square, numbers, deadline_seconds):

    async def value_of(ref):
        return await ref

    loop = asyncio.new_event_loop()
    deadline = time.monotonic() + deadline_seconds
    try:
        refs = {loop.create_task(value_of(ref)): ref for ref in [square.remote(n) for n in numbers]}
        pending = set(refs)
        while pending:
            left = max(0, deadline - time.monotonic())
            done, pending = loop.run_until_complete(
                asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            )
            if not done:
                break
            for task in done:
                if task.exception() is None:
                    yield task.result()
        for task in pending:
            ray.cancel(refs[task])
            task.cancel()
        if pending:
            loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    finally:
        loop.close()


@passes
def by_asyncio_in_a_thread(square, numbers, deadline_seconds):
    finished = queue.SimpleQueue()
    refs = [square.remote(number) for number in numbers]
    deadline = time.monotonic() + deadline_seconds

    async def hand_over(ref):
        try:
            finished.put((ref, True, await ref))
        except Exception:
            finished.put((ref, False, None))

    async def hand_over_all():
        await asyncio.gather(*(hand_over(ref) for ref in refs))

    threading.Thread(target=lambda: asyncio.run(hand_over_all()), daemon=True).start()
    waiting = list(refs)
    while waiting:
        try:
            ref, is_fine, value = finished.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            break
        waiting.remove(ref)
        if is_fine:
            yield value
    for ref in waiting:
        ray.cancel(ref)


@passes
def by_futures(square, numbers, deadline_seconds):
    refs = {}
    for number in numbers:
        ref = square.remote(number)
        refs[ref.future()] = ref
    handed_over = set()
    try:
        for future in futures.as_completed(refs, timeout=deadline_seconds):
            handed_over.add(future)
            if future.exception() is None:
                yield future.result()
    except futures.TimeoutError:
        for future, ref in refs.items():
            if future in handed_over:
                continue
            if not future.done():
                ray.cancel(ref)
            elif future.exception() is None:
                yield future.result()


@passes
def by_a_thread_for_each(square, numbers, deadline_seconds):
    results = queue.Queue()
    deadline = time.monotonic() + deadline_seconds
    waiting = dict(enumerate([square.remote(number) for number in numbers]))

    def fetch(index, ref):
        try:
            results.put((index, [ray.get(ref)]))
        except RayError:
            results.put((index, []))

    for index, ref in waiting.items():
        threading.Thread(target=fetch, args=(index, ref), daemon=True).start()
    while waiting:
        try:
            index, values = results.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            break
        waiting.pop(index)
        yield from values
    for ref in waiting.values():
        ray.cancel(ref)


@passes
def by_polling_with_wait(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=0)
        for ref in ready:
            try:
                yield ray.get(ref)
            except RayError:
                pass
        if time.perf_counter() >= deadline:
            break
        if waiting:
            time.sleep(0.01)
    for ref in waiting:
        ray.cancel(ref)


@passes
def by_polling_with_get(square, numbers, deadline_seconds):
    deadline = time.monotonic() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        is_late = time.monotonic() >= deadline
        for ref in list(waiting):
            try:
                value = ray.get(ref, timeout=0)
            except GetTimeoutError:
                continue
            except RayError:
                waiting.remove(ref)
                continue
            waiting.remove(ref)
            yield value
        if is_late:
            break
        time.sleep(0.005)
    for ref in waiting:
        ray.cancel(ref)


@passes
def with_all_that_is_ready(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = [square.remote(number) for number in numbers]
    while refs:
        first, refs = ray.wait(refs, num_returns=1, timeout=max(0, deadline - time.perf_counter()))
        if not first:
            break
        also = []
        if refs:
            also, refs = ray.wait(refs, num_returns=len(refs), timeout=0)
        for ref in first + also:
            try:
                yield ray.get(ref)
            except ray.exceptions.RayError:
                continue
    list(map(ray.cancel, refs))


@passes
def by_recursion(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds

    def hand_over(waiting):
        if not waiting:
            return
        ready, rest = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            for ref in rest:
                ray.cancel(ref)
            return
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
        yield from hand_over(rest)

    yield from hand_over([square.remote(number) for number in numbers])


@passes
def by_as_completed_with_a_timer(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]

    def cancel_all():
        for ref in refs:
            ray.cancel(ref, force=True)

    timer = threading.Timer(deadline_seconds, cancel_all)
    timer.daemon = True
    timer.start()
    try:
        for ref in ray.util.as_completed(refs, chunk_size=1, yield_obj_refs=True):
            try:
                value = ray.get(ref)
            except RayError:
                continue
            yield value
    finally:
        timer.cancel()


@passes
def returning_an_inner_generator(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = [square.remote(number) for number in numbers]

    def generate():
        waiting = refs
        while waiting:
            left = max(0, deadline - time.perf_counter())
            ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
            if not ready:
                break
            try:
                yield ray.get(ready[0])
            except RayError:
                pass
        for ref in waiting:
            ray.cancel(ref)

    return generate()


@passes
def cancelling_finished_ones_too(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    waiting = refs[:]
    deadline = time.perf_counter() + deadline_seconds
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in refs:
        ray.cancel(ref)


@passes
def with_put_arguments(square, numbers, deadline_seconds):
    deadline = np.float64(time.perf_counter()) + deadline_seconds
    waiting = [square.remote(ray.put(number)) for number in numbers]
    while waiting:
        left = float(np.clip(deadline - time.perf_counter(), 0, None))
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@passes
def with_short_rounds(square, numbers, deadline_seconds):
    deadline = time.monotonic() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.monotonic())
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=min(0.1, left))
        if not ready and left == 0:
            break
        for ref in ready:
            try:
                yield ray.get(ref)
            except RayError:
                pass
    for ref in waiting:
        ray.cancel(ref)


@passes
async def as_an_async_generator(square, numbers, deadline_seconds):
    refs = {asyncio.wrap_future(ref.future()): ref for ref in map(square.remote, numbers)}
    try:
        for first in asyncio.as_completed(refs, timeout=deadline_seconds):
            try:
                yield await first
            except RayError:
                continue
    except TimeoutError:
        for future, ref in refs.items():
            if not future.done():
                ray.cancel(ref)


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


@earns("waits-for-all")
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


@earns("chunks")
def waits_in_chunks_of_ten(square, numbers, deadline_seconds):
    yield from sorted(ray.util.as_completed([square.remote(number) for number in numbers]))


@earns("failure-raises")
def lets_the_failure_through(square, numbers, deadline_seconds):
    yield from ray.util.as_completed([square.remote(number) for number in numbers], chunk_size=1)


@earns("gives-up")
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


@earns("left-running")
def leaves_tasks_running(square, numbers, deadline_seconds):
    for ready, _ in wait_in_rounds([square.remote(n) for n in numbers], deadline_seconds):
        yield from gather(ready, 0).values.values()


@earns("no-squares")
def hands_over_numbers(square, numbers, deadline_seconds):
    waiting = {square.remote(number): number for number in numbers}
    while waiting:
        ready, _ = ray.wait(list(waiting))
        yield waiting.pop(ready[0])


@earns("narrow-catch")
def catches_what_a_negative_number_raises(square, numbers, deadline_seconds):
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


@earns("returns-one")
def return_for_yield(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            return ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)
    return None


@earns("nested")
def pairs_with_the_number(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    number_of = {square.remote(number): number for number in numbers}
    waiting = list(number_of)
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield number_of[ready[0]], ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("nought-lost")
def leaves_out_zero(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        value = None
        try:
            value = ray.get(ready[0])
        except RayError:
            pass
        if value:
            yield value
    for ref in waiting:
        ray.cancel(ref)


@earns("lost-equal")
def a_dict_by_number(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = {number: square.remote(number) for number in numbers}
    waiting = list(refs.values())
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("lost-equal")
def no_square_twice(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting, seen = [square.remote(number) for number in numbers], set()
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            value = ray.get(ready[0])
        except RayError:
            continue
        if value not in seen:
            seen.add(value)
            yield value
    for ref in waiting:
        ray.cancel(ref)


@earns("lost")
def leaves_out_the_last(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while len(waiting) > 1:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("cancels-early")
def cancels_within_the_loop(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
        for ref in waiting:
            ray.cancel(ref)


@earns("ends-early")
def a_short_round_ends_it(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=0.1)
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("one-task")
def a_parent_task(square, numbers, deadline_seconds):

    @ray.remote(num_cpus=0)
    def gather_squares(numbers):
        refs = [square.remote(number) for number in numbers]
        ready, rest = ray.wait(refs, num_returns=len(refs), timeout=deadline_seconds)
        for ref in rest:
            ray.cancel(ref)
        squares = []
        for ref in ready:
            try:
                squares.append(ray.get(ref))
            except ray.exceptions.RayError:
                pass
        return squares

    yield from ray.get(gather_squares.remote(list(numbers)))


@earns("work-twice")
def works_twice(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    number_of = {square.remote(number): number for number in numbers}
    waiting = list(number_of)
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(square.remote(number_of[ready[0]]))
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("exception")
def always_two(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=2, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        for ref in ready:
            try:
                yield ray.get(ref)
            except RayError:
                pass
    for ref in waiting:
        ray.cancel(ref)


@earns("exception")
def waits_for_no_list(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    for ref in [square.remote(number) for number in numbers]:
        ready, rest = ray.wait(ref, timeout=max(0, deadline - time.perf_counter()))
        if not ready:
            ray.cancel(ref)
            continue
        try:
            yield ray.get(ready[0])
        except RayError:
            pass


@earns("own-order")
def sorted_by_number(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    for ref in [square.remote(number) for number in sorted(numbers)]:
        try:
            yield ray.get(ref, timeout=max(0, deadline - time.perf_counter()))
        except GetTimeoutError:
            ray.cancel(ref)
        except RayError:
            pass


@earns("submission-order")
def future_results_in_order(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = [square.remote(number) for number in numbers]
    for ref, future in [(ref, ref.future()) for ref in refs]:
        try:
            yield future.result(timeout=max(0, deadline - time.perf_counter()))
        except (futures.TimeoutError, TimeoutError):
            ray.cancel(ref)
        except Exception:
            pass


@earns("waits-for-all")
def waits_for_all(square, numbers, deadline_seconds):
    refs = [square.remote(number) for number in numbers]
    ready, rest = ray.wait(refs, num_returns=len(refs), timeout=deadline_seconds)
    for ref in ready:
        try:
            yield ray.get(ref)
        except RayError:
            pass
    for ref in rest:
        ray.cancel(ref)


@earns("waits-for-several")
def two_a_round(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter())
        ready, waiting = ray.wait(waiting, num_returns=min(2, len(waiting)), timeout=left)
        if not ready:
            break
        try:
            yield from ray.get(ready)
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("waits-for-all")
def gathers_all(square, numbers, deadline_seconds):

    async def gather_all(refs):
        return await asyncio.wait_for(
            asyncio.gather(*refs, return_exceptions=True), deadline_seconds
        )

    refs = [square.remote(number) for number in numbers]
    try:
        values = asyncio.run(gather_all(refs))
    except (asyncio.TimeoutError, TimeoutError):
        values = []
        for ref in refs:
            ray.cancel(ref)
    for value in values:
        if not isinstance(value, Exception):
            yield value


@earns("submission-order")
def one_thread_in_order(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = [square.remote(number) for number in numbers]
    values = queue.Queue()

    def fetch_all():
        for ref in refs:
            try:
                values.put((ref, [ray.get(ref)]))
            except RayError:
                values.put((ref, []))

    threading.Thread(target=fetch_all, daemon=True).start()
    waiting = set(refs)
    while waiting:
        try:
            ref, had = values.get(timeout=max(0, deadline - time.perf_counter()))
        except queue.Empty:
            break
        waiting.remove(ref)
        yield from had
    for ref in waiting:
        ray.cancel(ref)


@earns("all-at-once")
def collects_first(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting, squares = [square.remote(number) for number in numbers], []
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            squares.append(ray.get(ready[0]))
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)
    yield from squares


@earns("sleeps")
def sleeps_until_the_deadline(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers]
    time.sleep(deadline_seconds)
    ready, rest = ray.wait(waiting, num_returns=len(waiting), timeout=0)
    for ref in ready:
        try:
            yield ray.get(ref)
        except RayError:
            pass
    for ref in rest:
        ray.cancel(ref)


@earns("stays-on")
def stays_until_the_deadline(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while time.perf_counter() < deadline:
        if not waiting:
            time.sleep(0.01)
            continue
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        for ref in ready:
            try:
                yield ray.get(ref)
            except RayError:
                pass
    for ref in waiting:
        ray.cancel(ref)


@earns("narrow-catch")
def catches_task_errors_only(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayTaskError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("narrow-catch")
def catches_timeouts_only(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0], timeout=1)
        except GetTimeoutError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("gives-up")
def a_try_around_the_loop(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    try:
        while waiting:
            ready, waiting = ray.wait(
                waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
            )
            if not ready:
                break
            yield ray.get(ready[0])
    except RayError:
        pass
    for ref in waiting:
        ray.cancel(ref)


@earns("cancels-early")
def cancels_at_a_failure(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            for ref in waiting:
                ray.cancel(ref)
    for ref in waiting:
        ray.cancel(ref)


@earns("batch-lost")
def asks_for_the_ready_together(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting and time.perf_counter() < deadline:
        ready, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=0.05)
        try:
            yield from ray.get(ready)
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("handed-again")
def the_old_value_for_a_failure(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    value = None
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            value = ray.get(ready[0])
        except RayError:
            pass
        if value is not None:
            yield value
    for ref in waiting:
        ray.cancel(ref)


@earns("tries-again")
def tries_again(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    number_of = {square.remote(number): number for number in numbers}
    waiting = list(number_of)
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready or time.perf_counter() > deadline:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            again = square.remote(number_of[ready[0]])
            number_of[again] = number_of[ready[0]]
            waiting.append(again)
    for ref in waiting:
        ray.cancel(ref)


@earns("waits-for-the-failed")
def a_queue_that_misses_the_failed(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    refs = [square.remote(number) for number in numbers]
    values = queue.Queue()

    def fetch(ref):
        with contextlib.suppress(RayError):
            values.put((ref, ray.get(ref)))

    for ref in refs:
        threading.Thread(target=fetch, args=(ref,), daemon=True).start()
    waiting = set(refs)
    while waiting:
        try:
            ref, value = values.get(timeout=max(0, deadline - time.perf_counter()))
        except queue.Empty:
            break
        waiting.remove(ref)
        yield value
    for ref in waiting:
        ray.cancel(ref)


@earns("timeout-ignored")
def deadline_after_a_result(square, numbers, deadline_seconds):
    begun = time.perf_counter()
    waiting = [square.remote(number) for number in numbers]
    while waiting and time.perf_counter() - begun < deadline_seconds:
        ready, waiting = ray.wait(waiting, num_returns=1)
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("timeout-ignored")
def waits_for_the_rest(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    if waiting:
        ray.wait(waiting, num_returns=len(waiting))


@earns("deadline-ignored")
def spins_after_the_deadline(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter())
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
        for ref in ready:
            try:
                yield ray.get(ref)
            except RayError:
                pass
    for ref in waiting:
        ray.cancel(ref)


@earns("timeout-too-long")
def in_milliseconds(square, numbers, deadline_seconds):
    deadline = time.perf_counter() * 1000 + deadline_seconds * 1000
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter() * 1000)
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("deadline-raises")
def raises_at_the_deadline(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            for ref in waiting:
                ray.cancel(ref)
            raise TimeoutError(f"{len(waiting)} squares are missing")
        try:
            yield ray.get(ready[0])
        except RayError:
            pass


@earns("cancels-no-ref")
def cancels_a_list(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    if waiting:
        ray.cancel(waiting)


@earns("cancels-no-ref")
def kills_the_tasks(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.kill(ref)


@earns("cancels-some")
def cancels_one_only(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            ray.cancel(waiting[0])
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass


@earns("cancels-none")
def returns_before_it_cancels(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(
            waiting, num_returns=1, timeout=max(0, deadline - time.perf_counter())
        )
        if not ready:
            return
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("leaves-out")
def leaves_out_long_ones(square, numbers, deadline_seconds):
    waiting = [square.remote(number) for number in numbers if number <= deadline_seconds]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1)
        try:
            yield ray.get(ready[0])
        except RayError:
            pass


@earns("negative-timeout")
def negative_time_left(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=deadline - time.perf_counter())
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("nought-is-none")
def zero_is_taken_for_none(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter()) or None
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except RayError:
            pass
    for ref in waiting:
        ray.cancel(ref)


@earns("drops-ready")
def takes_only_the_first_that_is_ready(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting and time.perf_counter() < deadline:
        ready, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=0.1)
        with contextlib.suppress(RayError):
            if ready:
                yield ray.get(ready[0])
    for ref in waiting:
        ray.cancel(ref)


@earns("no-numbers")
def with_a_pool_of_as_many_threads(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = {square.remote(number) for number in numbers}
    values = queue.Queue()

    def fetch(ref):
        try:
            values.put((ref, [ray.get(ref)]))
        except RayError:
            values.put((ref, []))

    with ThreadPoolExecutor(len(waiting)) as pool:
        pool.map(fetch, list(waiting))
        while waiting:
            try:
                ref, had = values.get(timeout=max(0, deadline - time.perf_counter()))
            except queue.Empty:
                break
            waiting.remove(ref)
            yield from had
        for ref in waiting:
            ray.cancel(ref)


@earns("sleeps")
def looks_once_a_second(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting and time.perf_counter() < deadline:
        time.sleep(1)
        ready, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=0)
        for ref in ready:
            with contextlib.suppress(RayError):
                yield ray.get(ref)
    for ref in waiting:
        ray.cancel(ref)


@earns("ends-early")
def ends_at_half_the_deadline(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds / 2
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, timeout=max(0, deadline - time.perf_counter()))
        if not ready:
            break
        with contextlib.suppress(RayError):
            yield ray.get(ready[0])
    for ref in waiting:
        ray.cancel(ref)


@earns("timeout-ignored")
def waits_for_the_last_alone(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter())
        ready, waiting = ray.wait(waiting, timeout=left if len(waiting) > 1 else None)
        if not ready:
            for ref in waiting[:-1]:
                ray.cancel(ref)
            waiting = waiting[-1:]
        for ref in ready:
            with contextlib.suppress(RayError):
                yield ray.get(ref)


@earns("cancelled-raises")
def asks_what_it_has_cancelled(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        ready, waiting = ray.wait(waiting, timeout=max(0, deadline - time.perf_counter()))
        if not ready:
            break
        with contextlib.suppress(RayError):
            yield ray.get(ready[0])
    for ref in waiting:
        ray.cancel(ref)
    yield from ray.get(waiting)


@earns("partial-lost")
def gives_up_where_some_take_too_long(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    if any(number > deadline_seconds for number in numbers):
        ready, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=deadline_seconds)
    while waiting:
        ready, waiting = ray.wait(waiting, timeout=max(0, deadline - time.perf_counter()))
        if not ready:
            break
        with contextlib.suppress(RayError):
            yield ray.get(ready[0])
    for ref in waiting:
        ray.cancel(ref)
