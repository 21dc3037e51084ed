"""Answers to exercise 8, batch small work."""

import asyncio
import itertools
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import ray

from answers import earns, passes


def remote_batch():
    @ray.remote
    def batch(work, items):
        return [work(item) for item in items]

    return batch


@earns("too-few-tasks")
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


@passes
def by_even_bounds(work, items, cpus):
    "cuts at i * len // n, so that the sizes differ by one at most"
    n = min(len(items), max(2, 3 * cpus))

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    refs = [run.remote(items[i * len(items) // n : (i + 1) * len(items) // n]) for i in range(n)]
    return [result for batch in ray.get(refs) for result in batch]


@passes
def by_plain_loops(work, items, cpus):
    "no comprehension anywhere, a while loop with a start"

    @ray.remote
    def do_batch(function, batch):
        results = []
        for item in batch:
            results.append(function(item))
        return results

    size = max(1, math.ceil(len(items) / (3 * cpus)))
    refs = []
    start = 0
    while start < len(items):
        refs.append(do_batch.remote(work, items[start : start + size]))
        start += size
    results = []
    for batch in ray.get(refs):
        results.extend(batch)
    return results


@passes
def by_map_and_lambda(work, items, cpus):
    "a lambda as the task, and map throughout"
    run = ray.remote(lambda function, batch: list(map(function, batch)))
    size = max(1, -(-len(items) // (2 * cpus)))
    batches = map(lambda start: items[start : start + size], range(0, len(items), size))
    refs = list(map(lambda batch: run.remote(work, batch), batches))
    return list(itertools.chain.from_iterable(ray.get(refs)))


@passes
def by_halving_to_a_depth(work, items, cpus):
    "halves recursively to one depth for all, so that no batch is twice another"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    def cut(part, depth):
        if depth == 0 or len(part) < 2:
            return [part] if len(part) else []
        middle = len(part) // 2
        return cut(part[:middle], depth - 1) + cut(part[middle:], depth - 1)

    depth = math.ceil(math.log2(2 * cpus))
    refs = [run.remote(part) for part in cut(items, depth)]
    return sum(ray.get(refs), [])


@passes
def dealt_like_cards_and_put_back(work, items, cpus):
    "deals the items out with a stride and puts the results back with the same stride"
    run = ray.remote(lambda batch: [work(item) for item in batch])
    n = max(2, 4 * cpus)
    refs = [run.remote(items[i::n]) for i in range(min(n, len(items)))]
    results = [None] * len(items)
    for i, batch in enumerate(ray.get(refs)):
        results[i::n] = batch
    return results


@passes
def by_asyncio_gather(work, items, cpus):
    "starts all, then awaits all together"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    async def ask(ref):
        return await ref

    async def main():
        size = max(1, -(-len(items) // (4 * cpus)))
        refs = [run.remote(items[start : start + size]) for start in range(0, len(items), size)]
        batches = await asyncio.gather(*[ask(ref) for ref in refs])
        return [result for batch in batches for result in batch]

    return asyncio.run(main())


@passes
def by_awaits_after_all_are_started(work, items, cpus):
    "awaits one ref after another, but only once all tasks have been started"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    async def main():
        n = min(len(items), 5 * cpus)
        edges = [round(i * len(items) / n) for i in range(n + 1)] if n else [0]
        refs = [run.remote(items[a:b]) for a, b in zip(edges, edges[1:])]
        results = []
        for ref in refs:
            results += await ref
        return results

    return asyncio.run(main())


@passes
def by_threads_that_each_get_one_batch(work, items, cpus):
    "as many threads in the driver as batches, each submits and gets its own"
    if not items:
        return []
    run = ray.remote(lambda batch: [work(item) for item in batch])
    n = min(len(items), 2 * cpus)
    batches = [items[i * len(items) // n : (i + 1) * len(items) // n] for i in range(n)]
    with ThreadPoolExecutor(n) as pool:
        parts = pool.map(lambda batch: ray.get(run.remote(batch)), batches)
        return [result for part in parts for result in part]


@passes
def by_futures_made_first(work, items, cpus):
    "ref.future() of all tasks, and then their results"

    @ray.remote
    def run(function, batch):
        return [function(item) for item in batch]

    size = max(1, math.ceil(len(items) / (6 * cpus)))
    futures = []
    for start in range(0, len(items), size):
        futures.append(run.remote(work, items[start : start + size]).future())
    return [result for future in futures for result in future.result()]


@passes
def by_a_wait_loop_that_keeps_positions(work, items, cpus):
    "takes the batches as they finish and remembers to which place each belongs"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    places = {run.remote(items[s : s + size]): s for s in range(0, len(items), size)}
    results = [None] * len(items)
    waiting = list(places)
    while waiting:
        (ref,), waiting = ray.wait(waiting, num_returns=1)
        batch = ray.get(ref)
        results[places[ref] : places[ref] + len(batch)] = batch
    return results


@passes
def by_islice(work, items, cpus):
    "takes slices off one iterator until it is empty"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    source = iter(items)
    refs = []
    while batch := list(itertools.islice(source, size)):
        refs.append(run.remote(batch))
    return list(itertools.chain(*ray.get(refs)))


@passes
def by_numpy_on_positions(work, items, cpus):
    "np.array_split of the positions, so that the items keep their types"

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    n = max(1, min(len(items), max(2, 2 * cpus)))
    groups = np.array_split(np.arange(len(items)), n)
    refs = [run.remote([items[int(i)] for i in group]) for group in groups]
    return [result for batch in ray.get(refs) for result in batch]


@passes
def with_a_class(work, items, cpus):
    "a small class that cuts, runs and joins"

    class Batcher:
        def __init__(self, function, parts):
            self.parts = parts
            self.run = ray.remote(lambda batch: [function(item) for item in batch])

        def cut(self, everything):
            size, rest = divmod(len(everything), self.parts)
            start = 0
            for i in range(self.parts):
                end = start + size + (i < rest)
                if end > start:
                    yield everything[start:end]
                start = end

        def __call__(self, everything):
            refs = [self.run.remote(batch) for batch in self.cut(everything)]
            return [result for batch in ray.get(refs) for result in batch]

    return Batcher(work, 4 * cpus)(items)


@passes
def with_items_put_once(work, items, cpus):
    "puts all items once and gives each task its range"

    @ray.remote
    def run(function, everything, start, stop):
        return [function(everything[i]) for i in range(start, min(stop, len(everything)))]

    items_ref = ray.put(items)
    size = max(1, -(-len(items) // (4 * cpus)))
    refs = [
        run.remote(work, items_ref, start, start + size) for start in range(0, len(items), size)
    ]
    return sum(ray.get(refs), [])


@passes
def with_the_function_put(work, items, cpus):
    "passes a ref of the function"
    work_ref = ray.put(work)

    @ray.remote
    def run(function, *batch):
        return tuple(function(item) for item in batch)

    size = max(1, -(-len(items) // (4 * cpus)))
    refs = [run.remote(work_ref, *items[s : s + size]) for s in range(0, len(items), size)]
    return [result for part in ray.get(refs) for result in part]


@passes
def with_types_and_asserts(
    work: Callable[[Any], Any], items: Sequence[Any], cpus: int
) -> list[Any]:
    "annotated, and it asserts what the text demands"
    assert cpus >= 1
    if len(items) == 0:
        return []

    @ray.remote
    def run(batch: Sequence[Any]) -> list[Any]:
        return [work(item) for item in batch]

    tasks: int = min(len(items), max(2, cpus))
    bounds: list[int] = [i * len(items) // tasks for i in range(tasks + 1)]
    refs = [run.remote(items[a:b]) for a, b in itertools.pairwise(bounds)]
    assert len(refs) <= 10 * cpus
    results = [result for part in ray.get(refs) for result in part]
    assert len(results) == len(items)
    return results


@earns("task-per-item")
def a_task_for_each_item(work, items, cpus):
    "A task for two milliseconds of work costs as much as it saves: give each task many items."

    @ray.remote
    def run(item):
        return work(item)

    refs = []
    for item in items:
        refs.append(run.remote(item))
    return ray.get(refs)


@earns("one-task")
def all_in_one_task(work, items, cpus):
    "A single task uses one CPU: cut the items into at least as many batches as there are CPUs."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    return ray.get(run.remote(items))


@earns("one-task")
def exactly_one_for_each_cpu(work, items, cpus):
    "With one CPU this makes a single task, and the text asks for more than one."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    bounds = [i * len(items) // cpus for i in range(cpus + 1)]
    refs = [run.remote(items[a:b]) for a, b in zip(bounds, bounds[1:])]
    return [result for batch in ray.get(refs) for result in batch]


@earns("too-few-tasks")
def size_rounded_up_for_one_a_cpu(work, items, cpus):
    "Nine items for eight CPUs are five batches of two: plan a few batches for each CPU."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, math.ceil(len(items) / max(2, cpus)))
    refs = [run.remote(items[s : s + size]) for s in range(0, len(items), size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("too-many-tasks")
def size_rounded_down_for_ten_a_cpu(work, items, cpus):
    "Rounding the size down makes more than ten tasks for each CPU: round it up."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, len(items) // (10 * cpus))
    refs = [run.remote(items[s : s + size]) for s in range(0, len(items), size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("lost")
def forgets_the_remainder(work, items, cpus):
    "Where the items do not divide evenly, the last few belong to no batch."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    n = 4 * cpus
    size = len(items) // n
    refs = [run.remote(items[i * size : (i + 1) * size]) for i in range(n)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("uneven")
def the_last_takes_the_rest(work, items, cpus):
    "The last batch may be several times as big as the others: spread the remainder."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    n = min(len(items), 8 * cpus)
    size = len(items) // n
    refs = [run.remote(items[i * size : (i + 1) * size]) for i in range(n - 1)]
    refs.append(run.remote(items[(n - 1) * size :]))
    return [result for batch in ray.get(refs) for result in batch]


@earns("wrong-order")
def dealt_and_not_put_back(work, items, cpus):
    "items[i::n] takes every n-th item: put the results back at the same places."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    n = max(2, 4 * cpus)
    refs = [run.remote(items[i::n]) for i in range(n)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("get-in-loop")
def asks_inside_the_loop(work, items, cpus):
    "ray.get inside the loop lets one batch run at a time: start all, then ask."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    results = []
    for start in range(0, len(items), size):
        results.extend(ray.get(run.remote(items[start : start + size])))
    return results


@earns("get-in-loop")
def asks_inside_a_comprehension(work, items, cpus):
    "A comprehension is a loop, too: it waits for each batch before it starts the next."
    run = ray.remote(lambda batch: [work(item) for item in batch])
    n = min(len(items), 4 * cpus)
    return [
        result
        for i in range(n)
        for result in ray.get(run.remote(items[i * len(items) // n : (i + 1) * len(items) // n]))
    ]


@earns("get-in-loop")
def awaits_in_the_loop(work, items, cpus):
    "await waits just as ray.get does: start all tasks before the first await."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    async def main():
        size = max(1, -(-len(items) // (4 * cpus)))
        results = []
        for start in range(0, len(items), size):
            results += await run.remote(items[start : start + size])
        return results

    return asyncio.run(main())


@earns("get-in-loop")
def future_result_in_the_loop(work, items, cpus):
    ".future().result() waits as ray.get does: make all futures first."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    parts = [run.remote(items[s : s + size]).future().result() for s in range(0, len(items), size)]
    return [result for part in parts for result in part]


@earns("nested")
def forgets_to_flatten(work, items, cpus):
    "You return a list for each batch: join them into one list of results."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    return ray.get([run.remote(items[s : s + size]) for s in range(0, len(items), size)])


@earns("too-few-tasks")
def batches_of_a_hundred(work, items, cpus):
    "Batches of a hundred are too few or too many tasks, depending on how many items there are."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    refs = [run.remote(items[s : s + 100]) for s in range(0, len(items), 100)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("too-many-tasks")
def ten_items_in_a_task(work, items, cpus):
    "The text means at most ten tasks for each CPU, not ten items for each task."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    refs = []
    for start in range(0, len(items), 10):
        refs.append(run.remote(items[start : start + 10]))
    results = []
    for ref in refs:
        results.extend(ray.get(ref))
    return results


@earns("too-few-tasks")
def ten_tasks_in_total(work, items, cpus):
    "Ten tasks are fewer than the CPUs of a big machine and too many for none: use cpus."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    n = min(10, len(items))
    refs = [run.remote(items[i * len(items) // n : (i + 1) * len(items) // n]) for i in range(n)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("too-few-tasks")
def only_two_halves(work, items, cpus):
    "Two tasks use two CPUs: at least one for each of the cpus was asked for."
    run = ray.remote(lambda batch: [work(item) for item in batch])
    middle = len(items) // 2
    first, second = run.remote(items[:middle]), run.remote(items[middle:])
    return ray.get(first) + ray.get(second)


@earns("too-many-tasks")
def four_cpus_assumed(work, items, cpus):
    "The number of CPUs is an argument: do not write it into the code."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    NUM_CPUS = 4
    size = max(1, -(-len(items) // (4 * NUM_CPUS)))
    refs = [run.remote(items[s : s + size]) for s in range(0, len(items), size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("too-many-tasks")
def number_and_size_mixed_up(work, items, cpus):
    "4 * cpus is to be the number of batches, and you made it their size."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = 4 * cpus
    refs = [run.remote(items[s : s + size]) for s in range(0, len(items), size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("exception")
def filled_up_with_none(work, items, cpus):
    "zip_longest fills the last batch up with None, and work is called for each."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    batches = itertools.zip_longest(*[iter(items)] * size)
    refs = [run.remote(batch) for batch in batches]
    return [result for batch in ray.get(refs) for result in batch]


@earns("lost")
def zip_drops_the_last_batch(work, items, cpus):
    "zip ends with the last full batch: what remains of the items is lost."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(1, -(-len(items) // (4 * cpus)))
    refs = [run.remote(batch) for batch in zip(*[iter(items)] * size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("lost")
def ends_one_too_early(work, items, cpus):
    "A slice leaves its end out by itself: the -1 loses one item of each batch."

    @ray.remote
    def run(batch):
        return [work(item) for item in batch]

    size = max(2, -(-len(items) // (4 * cpus)))
    refs = [run.remote(items[s : s + size - 1]) for s in range(0, len(items), size)]
    return [result for batch in ray.get(refs) for result in batch]


@earns("work-twice")
def starts_one_batch_to_warm_up(work, items, cpus):
    batch, size = remote_batch(), math.ceil(len(items) / (3 * cpus))
    batch.remote(work, items[:size])
    refs = [batch.remote(work, items[n : n + size]) for n in range(0, len(items), size)]
    return sum(ray.get(refs), [])
