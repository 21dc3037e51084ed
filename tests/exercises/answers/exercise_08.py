"""Answers to exercise 8, batch small work."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import ray

from answers import earns, passes


def remote_batch():
    @ray.remote
    def batch(work, items):
        return [work(item) for item in items]

    return batch


@passes
def a_batch_for_each_cpu(work, items, cpus):
    count = max(2, cpus)
    batch = remote_batch()
    size = len(items) // count + 1
    refs = [batch.remote(work, items[n * size : (n + 1) * size]) for n in range(count)]
    return sum(ray.get(refs), [])


@passes
def in_strides(work, items, cpus):
    batch, count = remote_batch(), 3 * cpus
    results = [None] * len(items)
    refs = [batch.remote(work, items[n::count]) for n in range(count)]
    for n, values in enumerate(ray.get(refs)):
        results[n::count] = values
    return results


@earns("generator")
def split_by_numpy_and_handed_over(work, items, cpus):
    batch = remote_batch()
    parts = np.array_split(items, 10 * cpus)
    for ref in [batch.remote(work, part.tolist()) for part in parts]:
        yield from ray.get(ref)


@earns("none")
def forgets_to_return(work, items, cpus):
    a_batch_for_each_cpu(work, items, cpus)


@earns("refs")
def returns_refs(work, items, cpus):
    batch = remote_batch()
    return [batch.remote(work, items[:50]), batch.remote(work, items[50:])]


@earns("exception")
def fails_in_the_task(work, items, cpus):
    return ray.get([ray.remote(work).remote(items[:50]), ray.remote(work).remote(items[50:])])


@earns("endless", hangs=True)
def never_takes_a_batch_off(work, items, cpus):
    results = []
    while items:
        results += items[:50]
        del results[:]
    return results


@earns("driver")
def in_the_driver(work, items, cpus):
    return [work(item) for item in items]


@earns("driver")
def half_in_the_driver(work, items, cpus):
    middle = len(items) // 2
    ref = remote_batch().remote(work, items[:middle])
    return [*ray.get(ref), *map(work, items[middle:])]


@earns("threads")
def in_threads(work, items, cpus):
    with ThreadPoolExecutor(4 * cpus) as pool:
        return list(pool.map(work, items))


@earns("no-tasks")
def hard_coded(work, items, cpus):
    return [item**2 for item in items]


@earns("nested")
def returns_the_batches(work, items, cpus):
    batch = remote_batch()
    return ray.get([batch.remote(work, items[:50]), batch.remote(work, items[50:])])


@earns("wrong-order")
def in_strides_one_after_another(work, items, cpus):
    batch, count = remote_batch(), 2 * cpus
    refs = [batch.remote(work, items[n::count]) for n in range(count)]
    return sum(ray.get(refs), [])


@earns("lost")
def loses_the_rest(work, items, cpus):
    batch, count = remote_batch(), 2 * cpus
    size = len(items) // count
    refs = [batch.remote(work, items[n * size : (n + 1) * size]) for n in range(count)]
    return sum(ray.get(refs), [])


@earns("twice")
def overlaps(work, items, cpus):
    batch, size = remote_batch(), len(items) // (2 * cpus)
    refs = [batch.remote(work, items[n : n + size + 1]) for n in range(0, len(items), size)]
    return sum(ray.get(refs), [])


@earns("wrong-values")
def sums_the_batches(work, items, cpus):
    @ray.remote
    def total(work, items):
        return sum(work(item) for item in items)

    return ray.get([total.remote(work, items[:50]), total.remote(work, items[50:])])


@earns("one-task")
def one_giant_task(work, items, cpus):
    return ray.get(remote_batch().remote(work, items))


@earns("task-per-item")
def a_batch_of_one(work, items, cpus):
    batch = remote_batch()
    return sum(ray.get([batch.remote(work, [item]) for item in items]), [])


@earns("too-many-tasks")
def batches_of_two(work, items, cpus):
    batch = remote_batch()
    refs = [batch.remote(work, items[n : n + 2]) for n in range(0, len(items), 2)]
    return sum(ray.get(refs), [])


@earns("get-in-loop")
def one_batch_after_another(work, items, cpus):
    batch, size, results = remote_batch(), len(items) // (2 * cpus) + 1, []
    for start in range(0, len(items), size):
        results += ray.get(batch.remote(work, items[start : start + size]))
    return results


@earns("uneven")
def nearly_all_in_the_last(work, items, cpus):
    batch, count = remote_batch(), 2 * cpus
    refs = [batch.remote(work, [item]) for item in items[:count]]
    return sum(ray.get([*refs, batch.remote(work, items[count:])]), [])
