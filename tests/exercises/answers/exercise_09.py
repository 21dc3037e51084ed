"""Answers to exercise 9, choose by size."""

import asyncio
import itertools
import operator
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
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
        yield now[size] if size in now else ray.get(later[size])


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


@passes
def by_positions_in_two_dicts(work, sizes, crossing):
    "dicts from the position to a ref and to a result"
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size < crossing}
    return [ray.get(refs[i]) if i in refs else here[i] for i in range(len(sizes))]


@passes
def by_three_plain_loops(work, sizes, crossing):
    "fills a list of Nones in three loops"
    remote_work = ray.remote(work)
    results = [None] * len(sizes)
    refs = []
    for i in range(len(sizes)):
        if sizes[i] >= crossing:
            refs.append((i, remote_work.remote(sizes[i])))
    for i in range(len(sizes)):
        if sizes[i] < crossing:
            results[i] = work(sizes[i])
    for i, ref in refs:
        results[i] = ray.get(ref)
    return results


@passes
def by_two_iterators(work, sizes, crossing):
    "takes the next one of the bigger or of the smaller results"
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes if size >= crossing]
    small = [work(size) for size in sizes if size < crossing]
    big = ray.get(refs)
    next_big, next_small = iter(big), iter(small)
    return [next(next_big) if size >= crossing else next(next_small) for size in sizes]


@passes
def by_a_mixed_list(work, sizes, crossing):
    "one list that holds a ref, then a result, at each place"
    task = ray.remote(work)
    mixed = [task.remote(size) if size >= crossing else None for size in sizes]
    for place, size in enumerate(sizes):
        if size < crossing:
            mixed[place] = work(size)
    return [ray.get(one) if size >= crossing else one for one, size in zip(mixed, sizes)]


@passes
def by_a_mask(work, sizes, crossing):
    "a mask of numpy says which are the bigger ones"
    task = ray.remote(work)
    is_big = np.array([size >= crossing for size in sizes], dtype=bool)
    results = [None] * len(sizes)
    big_places = np.flatnonzero(is_big).tolist()
    small_places = np.flatnonzero(~is_big).tolist()
    refs = [task.remote(sizes[place]) for place in big_places]
    for place in small_places:
        results[place] = work(sizes[place])
    for place, value in zip(big_places, ray.get(refs)):
        results[place] = value
    return results


@passes
def by_filter_and_map(work, sizes, crossing):
    "filter, filterfalse and map, each made a list at once"

    def is_big(size):
        return size >= crossing

    refs = list(map(ray.remote(work).remote, filter(is_big, sizes)))
    small = list(map(work, itertools.filterfalse(is_big, sizes)))
    big = ray.get(refs)
    small.reverse()
    big.reverse()
    return [big.pop() if is_big(size) else small.pop() for size in sizes]


@passes
def by_asyncio(work, sizes, crossing):
    "starts the tasks, works, and awaits at the end"
    task = ray.remote(work)

    async def main():
        refs = [task.remote(size) if size >= crossing else None for size in sizes]
        here = [work(size) if size < crossing else None for size in sizes]
        results = []
        for size, ref, value in zip(sizes, refs, here):
            results.append(await ref if size >= crossing else value)
        return results

    return asyncio.run(main())


@passes
def by_gather_after_the_work(work, sizes, crossing):
    "gathers the tasks together once the small ones are done"
    task = ray.remote(work)

    async def ask(ref):
        return await ref

    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    results = {i: work(size) for i, size in enumerate(sizes) if i not in refs}

    async def gather():
        return await asyncio.gather(*(ask(ref) for ref in refs.values()))

    results.update(zip(refs, asyncio.run(gather())))
    return [results[i] for i in sorted(results)]


@passes
def with_a_thread_that_gets(work, sizes, crossing):
    "a thread waits for the tasks while the main one works"
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes if size >= crossing]
    with ThreadPoolExecutor(max_workers=1) as pool:
        asking = pool.submit(ray.get, refs)
        small = iter([work(size) for size in sizes if not size >= crossing])
        big = iter(asking.result())
    return [next(big if size >= crossing else small) for size in sizes]


@passes
def with_a_thread_that_works(work, sizes, crossing):
    "a thread of the program does the small ones while the main one asks"
    task = ray.remote(work)
    results = [None] * len(sizes)

    def do_small():
        for i, size in enumerate(sizes):
            if size < crossing:
                results[i] = work(size)

    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    thread = threading.Thread(target=do_small)
    thread.start()
    for i, ref in refs.items():
        results[i] = ray.get(ref)
    thread.join()
    return results


@passes
def by_futures(work, sizes, crossing):
    "ref.future() for the bigger ones, asked for at the end"
    task = ray.remote(work)
    futures = [task.remote(size).future() if size >= crossing else None for size in sizes]
    here = [None if size >= crossing else work(size) for size in sizes]
    return [value if future is None else future.result() for future, value in zip(futures, here)]


@passes
def by_a_wait_loop(work, sizes, crossing):
    "takes the bigger ones as they finish, after the smaller ones"
    task = ray.remote(work)
    results = [None] * len(sizes)
    place_of = {}
    for i, size in enumerate(sizes):
        if size >= crossing:
            place_of[task.remote(size)] = i
    for i, size in enumerate(sizes):
        if size < crossing:
            results[i] = work(size)
    waiting = list(place_of)
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1)
        for ref in ready:
            results[place_of[ref]] = ray.get(ref)
    return results


@passes
def with_a_class(work, sizes, crossing):
    "a class for each of the two kinds of pending work"

    class Far:
        def __init__(self, size):
            self.ref = ray.remote(work).remote(size)

        def do(self):
            pass

        def value(self):
            return ray.get(self.ref)

    class Near:
        def __init__(self, size):
            self.size = size

        def do(self):
            self.result = work(self.size)

        def value(self):
            return self.result

    jobs = [Far(size) if size >= crossing else Near(size) for size in sizes]
    for job in jobs:
        job.do()
    return [job.value() for job in jobs]


@passes
def with_a_nested_task(work, sizes, crossing):
    "a decorated task around work, and work passed to it"

    @ray.remote
    def in_a_task(function, size):
        return function(size)

    big = [(i, s) for i, s in enumerate(sizes) if s >= crossing]
    small = [(i, s) for i, s in enumerate(sizes) if s < crossing]
    refs = [in_a_task.remote(work, s) for _, s in big]
    pairs = [(i, work(s)) for i, s in small]
    pairs += zip([i for i, _ in big], ray.get(refs))
    return [result for _, result in sorted(pairs, key=operator.itemgetter(0))]


@passes
def with_options_and_prints(work, sizes, crossing):
    "one logical CPU for each task, and it says what it does"
    if not ray.is_initialized():
        ray.init()
    task = ray.remote(num_cpus=1)(work)
    refs, local_results = {}, {}
    for index, size in enumerate(sizes):
        if size >= crossing:
            refs[index] = task.options(num_cpus=1).remote(size)
    print(len(refs), "tasks started")
    for index, size in enumerate(sizes):
        if index not in refs:
            local_results[index] = work(size)
    print(len(local_results), "done here")
    finished = dict(zip(refs.keys(), ray.get(list(refs.values()))))
    return [{**local_results, **finished}[index] for index in range(len(sizes))]


@passes
def with_sizes_put(work, sizes, crossing):
    "puts each bigger size and passes its ref"
    task = ray.remote(work)
    refs = [(i, task.remote(ray.put(s))) for i, s in enumerate(sizes) if s >= crossing]
    results = [work(s) if s < crossing else None for s in sizes]
    for i, ref in refs:
        results[i] = ray.get(ref)
    return results


@passes
def with_results_put(work, sizes, crossing):
    "puts the own results, so that one ray.get serves all"
    task = ray.remote(work)
    refs = [task.remote(size) if size >= crossing else None for size in sizes]
    for i, size in enumerate(sizes):
        if refs[i] is None:
            refs[i] = ray.put(work(size))
    return ray.get(refs)


@earns("all-remote")
def tasks_for_all(work, sizes, crossing):
    "The smaller ones are not worth a task: let your program do them."
    task = ray.remote(work)
    refs = []
    for size in sizes:
        refs.append(task.remote(size))
    return [ray.get(ref) for ref in refs]


@earns("all-local")
def all_here(work, sizes, crossing):
    "No task is started: from crossing on a size is worth one."
    return [work(size) for size in sizes]


@earns("boundary")
def greater_in_place_of_at_least(work, sizes, crossing):
    "From crossing on, so with crossing itself: use >=."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size > crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size <= crossing}
    return [ray.get(refs[i]) if i in refs else here[i] for i in range(len(sizes))]


@earns("boundary")
def neither_at_the_crossing(work, sizes, crossing):
    "A size that equals crossing is in neither of the two: use >= for one of them."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size > crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size < crossing}
    done = here | {i: ray.get(ref) for i, ref in refs.items()}
    return [done[i] for i in sorted(done)]


@earns("boundary")
def both_at_the_crossing(work, sizes, crossing):
    "A size that equals crossing is done by a task and by your program."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size <= crossing}
    return [here[i] if i in here else ray.get(refs[i]) for i in range(len(sizes))]


@earns("waits-first")
def asks_in_the_loop(work, sizes, crossing):
    "ray.get in the loop waits for each bigger one before anything else starts."
    task = ray.remote(work)
    results = []
    for size in sizes:
        if size >= crossing:
            results.append(ray.get(task.remote(size)))
        else:
            results.append(work(size))
    return results


@earns("waits-first")
def asks_in_a_comprehension(work, sizes, crossing):
    "The comprehension waits for each task, one at a time: collect refs in it."
    task = ray.remote(work)
    big = {i: ray.get(task.remote(size)) for i, size in enumerate(sizes) if size >= crossing}
    small = {i: work(size) for i, size in enumerate(sizes) if size < crossing}
    return [{**big, **small}[i] for i in range(len(sizes))]


@earns("works-first")
def starts_and_works_in_one_pass(work, sizes, crossing):
    "A bigger size after a smaller one starts late: start all tasks before you work yourself."
    task = ray.remote(work)
    mixed = []
    for size in sizes:
        if size >= crossing:
            mixed.append(task.remote(size))
        else:
            mixed.append(work(size))
    return [ray.get(x) if isinstance(x, ray.ObjectRef) else x for x in mixed]


@earns("works-first")
def puts_in_one_pass(work, sizes, crossing):
    "The comprehension works on the smaller ones between the submissions: submit all first."
    task = ray.remote(work)
    return ray.get(
        [task.remote(size) if size >= crossing else ray.put(work(size)) for size in sizes]
    )


@earns("waits-first")
def small_ones_after_get(work, sizes, crossing):
    "ray.get stands before the smaller ones, so your program idles while the tasks run."
    task = ray.remote(work)
    there = iter(ray.get([task.remote(size) for size in sizes if size >= crossing]))
    here = iter([work(size) for size in sizes if size < crossing])
    return [next(there) if size >= crossing else next(here) for size in sizes]


@earns("waits-first")
def works_while_it_joins(work, sizes, crossing):
    "The last comprehension waits for a bigger one before it works on the smaller ones after it."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    return [ray.get(refs[i]) if i in refs else work(size) for i, size in enumerate(sizes)]


@earns("works-first")
def a_lazy_generator_of_refs(work, sizes, crossing):
    "A generator submits only when it is read, which is after the smaller ones: make it a list."
    task = ray.remote(work)
    refs = (task.remote(size) for size in sizes if size >= crossing)
    here = iter([work(size) for size in sizes if size < crossing])
    there = iter(ray.get(list(refs)))
    return [next(there) if size >= crossing else next(here) for size in sizes]


@earns("wrong-order")
def bigger_and_then_smaller(work, sizes, crossing):
    "The results are to be in the order of the sizes, not the bigger ones first."
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes if size >= crossing]
    here = [work(size) for size in sizes if size < crossing]
    return ray.get(refs) + here


@earns("wrong-order")
def smaller_and_then_bigger(work, sizes, crossing):
    "This is the right order only where the sizes are sorted."
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes if size >= crossing]
    here = [work(size) for size in sizes if size < crossing]
    return [*here, *ray.get(refs)]


@earns("wrong-order")
def sorts_the_sizes(work, sizes, crossing):
    "The sizes were sorted first, so the results are not in their order."
    task = ray.remote(work)
    sizes = sorted(sizes, reverse=True)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size < crossing}
    return [ray.get(refs[i]) if i in refs else here[i] for i in range(len(sizes))]


@earns("wrong-order")
def sorts_in_place(work, sizes, crossing):
    "list.sort changes the list of the caller, and the order that was asked for is gone."
    task = ray.remote(work)
    sizes.sort()
    refs = [task.remote(size) for size in sizes if size >= crossing]
    here = [work(size) for size in sizes if size < crossing]
    return here + ray.get(refs)


@earns("lost-equal")
def a_dict_loses_equal_sizes(work, sizes, crossing):
    "The dict has each size once: take a result for every size of the list."
    task = ray.remote(work)
    results = {size: task.remote(size) if size >= crossing else None for size in sizes}
    for size in results:
        if size < crossing:
            results[size] = work(size)
    for size in results:
        if size >= crossing:
            results[size] = ray.get(results[size])
    return list(results.values())


@earns("holes")
def places_by_index(work, sizes, crossing):
    "list.index finds the first of two equal sizes: the second place stays None."
    task = ray.remote(work)
    results = [None] * len(sizes)
    refs = [(size, task.remote(size)) for size in sizes if size >= crossing]
    for size in sizes:
        if size < crossing:
            results[sizes.index(size)] = work(size)
    for size, ref in refs:
        results[sizes.index(size)] = ray.get(ref)
    return results


@earns("lost-equal")
def a_set_of_sizes(work, sizes, crossing):
    "A set has each size once, and in no order of yours."
    task = ray.remote(work)
    sizes = set(sizes)
    refs = {size: task.remote(size) for size in sizes if size >= crossing}
    here = {size: work(size) for size in sizes if size < crossing}
    return [here[size] if size in here else ray.get(refs[size]) for size in sizes]


@earns("one-task")
def one_task_for_all_bigger(work, sizes, crossing):
    "All bigger ones run one after another in a single task: start one for each."

    @ray.remote
    def do_all(some):
        return [work(size) for size in some]

    ref = do_all.remote([size for size in sizes if size >= crossing])
    here = iter([work(size) for size in sizes if size < crossing])
    there = iter(ray.get(ref))
    return [next(there) if size >= crossing else next(here) for size in sizes]


@earns("all-remote")
def a_batch_task_for_the_smaller(work, sizes, crossing):
    "The smaller ones are to be done by your program itself, and not by a task."
    task = ray.remote(work)
    batch = ray.remote(lambda some: [work(size) for size in some])
    refs = [task.remote(size) for size in sizes if size >= crossing]
    here = iter(ray.get(batch.remote([size for size in sizes if size < crossing])))
    there = iter(ray.get(refs))
    return [next(there) if size >= crossing else next(here) for size in sizes]


@earns("work-twice")
def does_all_here_as_well(work, sizes, crossing):
    "Your program works on all sizes, and throws the bigger ones away."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    here = [work(size) for size in sizes]
    return [ray.get(refs[i]) if i in refs else here[i] for i in range(len(sizes))]


@earns("work-twice")
def starts_tasks_for_the_smaller_as_well(work, sizes, crossing):
    "A task is started for every size, and the program does the smaller ones once more."
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes]
    here = [work(size) if size < crossing else None for size in sizes]
    return [
        ray.get(ref) if size >= crossing else value for ref, size, value in zip(refs, sizes, here)
    ]


@earns("work-twice")
def compares_the_result(work, sizes, crossing):
    "Compare the size with crossing: work(size) here does the work before you decide."
    task = ray.remote(work)
    refs = [task.remote(size) for size in sizes if work(size) >= crossing]
    here = iter([work(size) for size in sizes if not work(size) >= crossing])
    there = iter(ray.get(refs))
    return [next(there) if work(size) >= crossing else next(here) for size in sizes]


@earns("exception")
def or_in_place_of_in(work, sizes, crossing):
    "`or` takes a result of 0 for none, and looks for a ref that is not there."
    task = ray.remote(work)
    refs = {i: task.remote(size) for i, size in enumerate(sizes) if size >= crossing}
    here = {i: work(size) for i, size in enumerate(sizes) if size < crossing}
    return [here.get(i) or ray.get(refs[i]) for i in range(len(sizes))]


@earns("lost")
def knows_what_nought_gives(work, sizes, crossing):
    task = ray.remote(work)
    refs = {n: task.remote(size) for n, size in enumerate(sizes) if size >= crossing}
    small = {n: work(size) if size else 0 for n, size in enumerate(sizes) if size < crossing}
    return [ray.get(refs[n]) if n in refs else small[n] for n in range(len(sizes))]
