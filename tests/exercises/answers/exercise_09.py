"""Answers to exercise 9, choose by size."""

from concurrent.futures import ThreadPoolExecutor

import ray

from answers import earns, passes


@earns("works-first")
def in_one_loop(work, sizes, crossing):
    task = ray.remote(work)
    results = [task.remote(size) if size >= crossing else work(size) for size in sizes]
    return [ray.get(each) if isinstance(each, ray.ObjectRef) else each for each in results]


@passes
def big_ones_first_by_place(work, sizes, crossing):
    task, results = ray.remote(work), [None] * len(sizes)
    refs = {n: task.remote(size) for n, size in enumerate(sizes) if size >= crossing}
    for n, size in enumerate(sizes):
        if n not in refs:
            results[n] = work(size)
    for n, value in zip(refs, ray.get(list(refs.values()))):
        results[n] = value
    return results


@earns("generator")
def as_a_generator(work, sizes, crossing):
    task = ray.remote(work)
    later = {size: task.remote(size) for size in sizes if size >= crossing}
    now = {size: work(size) for size in sizes if size < crossing}
    for size in sizes:
        yield now.get(size) or ray.get(later[size])


@earns("none")
def forgets_to_return(work, sizes, crossing):
    in_one_loop(work, sizes, crossing)


@earns("refs")
def forgets_to_ask(work, sizes, crossing):
    task = ray.remote(work)
    return [task.remote(size) if size >= crossing else work(size) for size in sizes]


@earns("exception")
def asks_for_everything(work, sizes, crossing):
    task = ray.remote(work)
    return ray.get([task.remote(size) if size >= crossing else work(size) for size in sizes])


@earns("endless", hangs=True)
def never_ends(work, sizes, crossing):
    while sizes[0] < crossing:
        pass


@earns("all-local")
def all_in_the_driver(work, sizes, crossing):
    return [work(size) for size in sizes]


@earns("threads")
def big_ones_in_threads(work, sizes, crossing):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, sizes))


@earns("no-tasks")
def hard_coded(work, sizes, crossing):
    return [size * size for size in sizes]


@earns("reversed")
def the_wrong_way_round(work, sizes, crossing):
    task = ray.remote(work)
    results = [task.remote(size) if size < crossing else work(size) for size in sizes]
    return [ray.get(each) if isinstance(each, ray.ObjectRef) else each for each in results]


@earns("boundary")
def above_the_crossing_only(work, sizes, crossing):
    return in_one_loop(work, sizes, crossing + 1)


@earns("other-sizes")
def a_crossing_of_its_own(work, sizes, crossing):
    return in_one_loop(work, sizes, 4)


@earns("work-twice")
def the_big_ones_twice(work, sizes, crossing):
    ray.get([ray.remote(work).remote(size) for size in sizes if size >= crossing])
    return in_one_loop(work, sizes, crossing)


@earns("waits-first")
def waits_in_the_loop(work, sizes, crossing):
    task = ray.remote(work)
    return [ray.get(task.remote(size)) if size >= crossing else work(size) for size in sizes]


@earns("waits-first")
def big_ones_first_and_to_the_end(work, sizes, crossing):
    task = ray.remote(work)
    big = ray.get([task.remote(size) for size in sizes if size >= crossing])
    return [big.pop(0) if size >= crossing else work(size) for size in sizes]


@earns("wrong-order")
def small_ones_first(work, sizes, crossing):
    refs = [ray.remote(work).remote(size) for size in sizes if size >= crossing]
    return [work(size) for size in sizes if size < crossing] + ray.get(refs)


@earns("lost")
def forgets_the_small_ones(work, sizes, crossing):
    refs = [ray.remote(work).remote(size) for size in sizes if size >= crossing]
    [work(size) for size in sizes if size < crossing]
    return ray.get(refs)
