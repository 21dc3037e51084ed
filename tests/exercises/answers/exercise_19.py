"""Answers to exercise 19, keep what can be had."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import ray
from ray.util import ActorPool

from answers import earns, passes


def value_of(ref):
    try:
        return ray.get(ref)
    except ray.exceptions.RayError:
        return None


@passes
def with_the_default_of_three(work, inputs):
    work_on = ray.remote(work)
    refs, values = [work_on.remote(item) for item in inputs], []
    for ref in refs:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.RayError:
            values.append(None)
    return values


@passes
def catches_any_exception(work, inputs):
    @ray.remote(max_retries=2)
    def work_on(item):
        return work(item)

    refs, values = [work_on.remote(item) for item in inputs], [None] * len(inputs)
    for n, ref in enumerate(refs):
        try:
            values[n] = ray.get(ref)
        except Exception:
            continue
    return values


@passes
def catches_both_kinds(work, inputs):
    work_on = ray.remote(work)
    refs, values = [work_on.remote(item) for item in inputs], []
    for ref in refs:
        try:
            value = ray.get(ref)
        except ray.exceptions.RayTaskError:
            value = None
        except ray.exceptions.WorkerCrashedError:
            value = None
        values.append(value)
    return values


@passes
def as_they_finish(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    places = {work_on.remote(item): n for n, item in enumerate(inputs)}
    values, waiting = [None] * len(inputs), list(places)
    while waiting:
        (ref,), waiting = ray.wait(waiting)
        values[places[ref]] = value_of(ref)
    return values


@passes
def waits_for_all_first(work, inputs):
    work_on = ray.remote(work)
    refs = [work_on.remote(item) for item in inputs]
    ray.wait(refs, num_returns=len(refs), fetch_local=False)
    return list(map(value_of, refs))


@passes
async def gathers_exceptions_too(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    found = await asyncio.gather(*[work_on.remote(item) for item in inputs], return_exceptions=True)
    return [None if isinstance(each, BaseException) else each for each in found]


@passes
def tries_again_by_hand(work, inputs):
    work_on = ray.remote(max_retries=0)(work)
    refs, values = [work_on.remote(item) for item in inputs], []
    for item, ref in zip(inputs, refs, strict=True):
        value = None
        for _ in range(3):
            try:
                value = ray.get(ref)
                break
            except ray.exceptions.WorkerCrashedError:
                ref = work_on.remote(item)
            except ValueError:
                break
        values.append(value)
    return values


@passes
def a_second_round_for_what_failed(work, inputs):
    work_on = ray.remote(max_retries=0)(work)
    values = dict.fromkeys(range(len(inputs)))
    for _ in range(2):
        refs = {n: work_on.remote(inputs[n]) for n, value in values.items() if value is None}
        values |= {n: value_of(ref) for n, ref in refs.items()}
    return list(values.values())


@passes
def exceptions_become_values(work, inputs):
    @ray.remote
    def work_on(item):
        try:
            return work(item)
        except ValueError:
            return None

    return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]


@passes
def exceptions_are_repeated_too(work, inputs):
    work_on = ray.remote(max_retries=3, retry_exceptions=True)(work)
    return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]


@passes
def in_threads(work, inputs):
    work_on = ray.remote(work)
    with ThreadPoolExecutor(len(inputs)) as pool:
        return list(pool.map(lambda item: value_of(work_on.remote(item)), inputs))


@passes
def with_futures(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    futures = [work_on.remote(item).future() for item in inputs]
    return [None if future.exception() else future.result() for future in futures]


@passes
def an_actor_for_each(work, inputs):
    @ray.remote(num_cpus=0.1, max_restarts=1, max_task_retries=1)
    class Worker:
        def work_on(self, item):
            return work(item)

    actors = [Worker.remote() for _ in inputs]
    refs = [actor.work_on.remote(item) for actor, item in zip(actors, inputs, strict=True)]
    return tuple(value_of(ref) for ref in refs)


@passes
def a_task_that_waits_for_the_others(work, inputs):
    work_on = ray.remote(max_retries=1)(work)

    @ray.remote(num_cpus=0)
    def collect():
        return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]

    return ray.get(collect.remote())


@passes
def with_a_deadline_that_is_long(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    refs, values = [work_on.remote(item) for item in inputs], {}
    for n, ref in enumerate(refs):
        try:
            values[n] = ray.get(ref, timeout=60)
        except (ray.exceptions.RayError, ValueError):
            values[n] = None
    return [values[n] for n in sorted(values)]


@earns("one-get")
def one_try_for_all(work, inputs):
    work_on = ray.remote(work)
    refs = [work_on.remote(item) for item in inputs]
    try:
        return ray.get(refs)
    except ray.exceptions.GetTimeoutError:
        return [None] * len(refs)


@earns("one-get")
async def gathers_without_exceptions(work, inputs):
    work_on = ray.remote(work)
    return await asyncio.gather(*[work_on.remote(item) for item in inputs])


@earns("lost-others")
def nothing_when_one_fails(work, inputs):
    work_on = ray.remote(work)
    refs = [work_on.remote(item) for item in inputs]
    try:
        return ray.get(refs)
    except ray.exceptions.RayError:
        return [None] * len(refs)


@earns("death-uncaught")
def catches_task_errors_alone(work, inputs):
    @ray.remote
    def work_on(item):
        try:
            return work(item)
        except ValueError:
            return None

    refs, values = [work_on.remote(item) for item in inputs], []
    for ref in refs:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.RayTaskError:
            values.append(None)
    return values


@earns("death-uncaught")
def catches_the_exception_in_the_task(work, inputs):
    @ray.remote
    def work_on(item):
        try:
            return work(item)
        except Exception:
            return None

    return [ray.get(ref) for ref in [work_on.remote(item) for item in inputs]]


@earns("exception-uncaught")
def catches_dead_workers_alone(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    refs, values = [work_on.remote(item) for item in inputs], []
    for ref in refs:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.WorkerCrashedError:
            values.append(None)
    return values


@earns("lost-others")
def stops_at_the_first_failure(work, inputs):
    work_on = ray.remote(work)
    refs, values = [work_on.remote(item) for item in inputs], [None] * len(inputs)
    try:
        for n, ref in enumerate(refs):
            values[n] = ray.get(ref)
    except ray.exceptions.RayError:
        pass
    return values


@earns("lost-others")
def breaks_at_the_first_failure(work, inputs):
    work_on = ray.remote(work)
    values = []
    for ref in [work_on.remote(item) for item in inputs]:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.RayError:
            values.append(None)
            break
    return values


@earns("lost-others")
def a_pool_of_one_actor(work, inputs):
    @ray.remote
    class Worker:
        def work_on(self, item):
            return work(item)

    actor = Worker.remote()
    return [value_of(ref) for ref in [actor.work_on.remote(item) for item in inputs]]


@earns("lost-others")
def has_no_patience(work, inputs):
    @ray.remote(max_retries=1)
    def work_on(item):
        time.sleep(0.05)
        return work(item)

    values = []
    for ref in [work_on.remote(item) for item in inputs]:
        try:
            values.append(ray.get(ref, timeout=0))
        except ray.exceptions.RayError:
            values.append(None)
    return values


@earns("no-retry")
def never_repeated(work, inputs):
    work_on = ray.remote(max_retries=0)(work)
    return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]


@earns("no-retry")
def repeats_exceptions_alone(work, inputs):
    work_on = ray.remote(max_retries=0)(work)
    values = []
    for item, ref in [(item, work_on.remote(item)) for item in inputs]:
        try:
            values.append(ray.get(ref))
        except ValueError:
            values.append(value_of(work_on.remote(item)))
        except ray.exceptions.WorkerCrashedError:
            values.append(None)
    return values


@earns("endless-retries")
def repeated_without_end(work, inputs):
    work_on = ray.remote(max_retries=-1)(work)
    return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]


@earns("endless-retries")
def exceptions_repeated_without_end(work, inputs):
    work_on = ray.remote(max_retries=-1, retry_exceptions=True)(work)
    return ray.get([work_on.remote(item) for item in inputs])


@earns("endless-retries")
def until_it_works(work, inputs):
    work_on = ray.remote(max_retries=0)(work)
    values = []
    for item, ref in [(item, work_on.remote(item)) for item in inputs]:
        while True:
            try:
                values.append(ray.get(ref))
                break
            except ValueError:
                values.append(None)
                break
            except ray.exceptions.WorkerCrashedError:
                ref = work_on.remote(item)
    return values


@earns("endless-retries")
def by_hand_and_by_ray(work, inputs):
    work_on = ray.remote(work)
    values = []
    for item, ref in [(item, work_on.remote(item)) for item in inputs]:
        value = value_of(ref)
        values.append(value_of(work_on.remote(item)) if value is None else value)
    return values


@earns("batches")
def in_batches_of_two(work, inputs):
    @ray.remote(max_retries=1)
    def work_on(items):
        return [work(item) for item in items]

    pairs = [inputs[start : start + 2] for start in range(0, len(inputs), 2)]
    values = []
    for pair, ref in [(pair, work_on.remote(pair)) for pair in pairs]:
        values += value_of(ref) or [None] * len(pair)
    return values


@earns("one-task")
def one_task_for_all(work, inputs):
    @ray.remote(max_retries=1)
    def work_on(items):
        return [work(item) for item in items]

    return value_of(work_on.remote(inputs)) or [None] * len(inputs)


@earns("get-in-loop")
def in_turn(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    return [value_of(work_on.remote(item)) for item in inputs]


@earns("get-in-loop")
def a_try_around_both(work, inputs):
    work_on, values = ray.remote(work), []
    for item in inputs:
        try:
            values.append(ray.get(work_on.remote(item)))
        except ray.exceptions.RayError:
            values.append(None)
    return values


@earns("left-out")
def leaves_out_what_failed(work, inputs):
    work_on, values = ray.remote(work), []
    for ref in [work_on.remote(item) for item in inputs]:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.RayError:
            continue
    return values


@earns("left-out")
def drops_what_is_none(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    values = [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]
    return [value for value in values if value is not None]


@earns("too-many")
def two_places_for_a_failure(work, inputs):
    work_on, values = ray.remote(max_retries=1)(work), []
    for ref in [work_on.remote(item) for item in inputs]:
        value = None
        try:
            value = ray.get(ref)
        except ray.exceptions.RayError:
            values.append(None)
        values.append(value)
    return values


@earns("wrong-order")
def the_failed_ones_last(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    values = [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]
    return [each for each in values if each is not None] + [None] * values.count(None)


@earns("wrong-order")
def back_to_front(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    refs, values = [work_on.remote(item) for item in inputs], []
    while refs:
        values.append(value_of(refs.pop()))
    return values


@earns("nought")
def takes_nought_for_nothing(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    return [value_of(ref) or None for ref in [work_on.remote(item) for item in inputs]]


@earns("not-none")
def the_name_of_the_error(work, inputs):
    work_on, values = ray.remote(max_retries=1)(work), []
    for ref in [work_on.remote(item) for item in inputs]:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.RayError as error:
            values.append(type(error).__name__)
    return values


@earns("not-none")
async def gathers_and_keeps_the_errors(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    refs = [work_on.remote(item) for item in inputs]
    return await asyncio.gather(*refs, return_exceptions=True)


@earns("driver")
def works_in_the_program(work, inputs):
    values = []
    for item in inputs:
        try:
            values.append(work(item))
        except ValueError:
            values.append(None)
    return values


@earns("driver")
def does_what_failed_itself(work, inputs):
    work_on, values = ray.remote(max_retries=0)(work), []
    for item, ref in [(item, work_on.remote(item)) for item in inputs]:
        try:
            values.append(ray.get(ref))
        except ray.exceptions.WorkerCrashedError:
            values.append(work(item))
        except ValueError:
            values.append(None)
    return values


@earns("threads")
def in_threads_alone(work, inputs):
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work, item) for item in inputs]
    return [None if future.exception() else future.result() for future in futures]


@earns("no-tasks")
def without_the_work(work, inputs):
    return [item * item for item in inputs]


@earns("none")
def forgets_to_return(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    for ref in [work_on.remote(item) for item in inputs]:
        value_of(ref)


@earns("refs")
def returns_the_refs(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    return [work_on.remote(item) for item in inputs]


@earns("exception")
def asks_for_a_list_in_the_list(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    return [value_of([ref.value]) for ref in [work_on.remote(item) for item in inputs]]


@earns("exception")
def a_task_that_fails_itself(work, inputs):
    @ray.remote
    def work_on(item):
        return work(inputs[len(inputs)] - item)

    return ray.get([work_on.remote(item) for item in inputs])


@earns("wrong-values")
def adds_one(work, inputs):
    work_on = ray.remote(max_retries=1)(lambda item: work(item) + 1)
    return [value_of(ref) for ref in [work_on.remote(item) for item in inputs]]


@earns("no-retry")
def a_pool_of_actors(work, inputs):
    @ray.remote(num_cpus=0)
    class Worker:
        def work_on(self, item):
            return work(item)

    pool = ActorPool([Worker.remote() for _ in inputs])
    for item in inputs:
        pool.submit(lambda actor, item: actor.work_on.remote(item), item)
    values = []
    while pool.has_next():
        try:
            values.append(pool.get_next())
        except ray.exceptions.RayError:
            values.append(None)
    return values


@earns("endless", hangs=True)
def waits_until_none_is_missing(work, inputs):
    work_on = ray.remote(max_retries=1)(work)
    refs = [work_on.remote(item) for item in inputs]
    while len([ref for ref in refs if value_of(ref) is not None]) <= len(refs):
        time.sleep(0.05)
    return ray.get(refs)
