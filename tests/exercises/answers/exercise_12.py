"""Answers to exercise 12, report without waiting."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import ray

from answers import earns, passes


@ray.remote
def in_fives(work, batch, progress):
    results = []
    for start in range(0, len(batch), 5):
        some = batch[start : start + 5]
        results += [work(number) for number in some]
        progress.add.remote(len(some))
    return results


def flat(lists):
    return [each for results in lists for each in results]


@passes
def counts_as_it_goes(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results, since = [], 0
        for number in batch:
            results.append(work(number))
            since += 1
            if since == 5:
                progress.add.remote(since)
                since = 0
        if since:
            progress.add.remote(since)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@passes
def by_the_remainder(work, batches, progress):
    @ray.remote
    def work_on(batch, progress):
        results = []
        for done, number in enumerate(batch, start=1):
            results.append(work(number))
            if done % 5 == 0:
                progress.add.remote(5)
        if len(batch) % 5:
            progress.add.remote(len(batch) % 5)
        return results

    return flat(ray.get([work_on.remote(batch, progress) for batch in batches]))


@passes
def as_they_finish(work, batches, progress):
    refs = [in_fives.remote(work, batch, progress) for batch in batches]
    waiting, found = list(refs), {}
    while waiting:
        ready, waiting = ray.wait(waiting)
        found[ready[0]] = ray.get(ready[0])
    return flat(found[ref] for ref in refs)


@passes
def keeps_the_refs_in_the_task(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results, reports = [], []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results.extend(map(work, some))
            reports.append(progress.add.remote(len(some)))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@passes
def with_an_iterator(work, batches, progress):
    @ray.remote
    def work_on(batch):
        left, results = iter(batch), []
        while some := list(islice(left, 5)):
            results += [work(number) for number in some]
            progress.add.remote(len(some))
        return results

    return list(chain.from_iterable(ray.get([work_on.remote(batch) for batch in batches])))


@passes
def with_a_dictionary(work, batches, progress):
    refs = {n: in_fives.remote(work, batch, progress) for n, batch in enumerate(batches)}
    results = []
    for n in range(len(batches)):
        results.extend(ray.get(refs[n]))
    return results


@passes
def with_a_helper(work, batches, progress):
    def report(done, of):
        if done % 5 == 0 or done == of:
            progress.add.remote(done % 5 or 5)

    @ray.remote
    def work_on(batch):
        results = []
        for number in batch:
            results.append(work(number))
            report(len(results), len(batch))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@passes
def with_a_class(work, batches, progress):
    class Reporter:
        def __init__(self):
            self.since = 0

        def did_one(self):
            self.since += 1
            if self.since == 5:
                self.flush()

        def flush(self):
            if self.since:
                progress.add.remote(self.since)
            self.since = 0

    @ray.remote
    def work_on(batch):
        reporter, results = Reporter(), []
        for number in batch:
            results.append(work(number))
            reporter.did_one()
        reporter.flush()
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@passes
def with_the_method_passed(work, batches, progress):
    @ray.remote
    def work_on(batch, add):
        results = []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results += [work(number) for number in some]
            add.remote(len(some))
        return results

    return flat(ray.get([work_on.remote(batch, progress.add) for batch in batches]))


@passes
async def awaits_the_results(work, batches, progress):
    refs = [in_fives.remote(work, batch, progress) for batch in batches]
    return flat(await asyncio.gather(*refs))


@passes
def starts_them_in_threads(work, batches, progress):
    def start(batch):
        return ray.get(in_fives.remote(work, batch, progress))

    with ThreadPoolExecutor(len(batches)) as pool:
        return flat(pool.map(start, batches))


@passes
def in_a_tuple(work, batches, progress):
    refs = [in_fives.remote(work, batch, progress) for batch in batches]
    return tuple(flat(ray.get(refs)))


@passes
def by_islice_and_calls_without_refs(work, batches, progress):
    @ray.remote
    def run(batch):
        tell = progress.add.options(num_returns=0).remote
        rest, results = iter(batch), []
        while some := [*map(work, islice(rest, 5))]:
            results += some
            tell(len(some))
        return results

    return [*chain.from_iterable(ray.get([run.remote(batch) for batch in batches]))]


@passes
def by_tasks_that_yield_to_an_event_loop(work, batches, progress):
    @ray.remote
    def results_of(work, batch, progress):
        for done, number in enumerate(batch, start=1):
            yield work(number)
            if done % 5 == 0 or done == len(batch):
                progress.add.remote((done - 1) % 5 + 1)

    async def collect(stream):
        return [await ref async for ref in stream]

    async def collect_all():
        streams = [results_of.remote(work, batch, progress) for batch in batches]
        return await asyncio.gather(*map(collect, streams))

    with ThreadPoolExecutor(1) as pool:
        parts = pool.submit(lambda: asyncio.run(collect_all())).result()
    return [result for part in parts for result in part]


@earns("none")
def forgets_to_return(work, batches, progress):
    ray.get([in_fives.remote(work, batch, progress) for batch in batches])


@earns("refs")
def returns_the_refs(work, batches, progress):
    return [in_fives.remote(work, batch, progress) for batch in batches]


@earns("generator")
def as_a_generator(work, batches, progress):
    for ref in [in_fives.remote(work, batch, progress) for batch in batches]:
        yield from ray.get(ref)


@earns("nested")
def a_list_for_each_batch(work, batches, progress):
    return ray.get([in_fives.remote(work, batch, progress) for batch in batches])


@earns("driver")
def here_and_not_in_tasks(work, batches, progress):
    results = []
    for start in range(0, len(flat(batches)), 5):
        some = flat(batches)[start : start + 5]
        results += [work(number) for number in some]
        progress.add.remote(len(some))
    return results


@earns("threads")
def in_threads(work, batches, progress):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, flat(batches)))


@earns("exception")
def calls_the_method_as_usual(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = [work(number) for number in batch]
        progress.add(len(batch))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("worker-died")
def ends_the_worker(work, batches, progress):
    @ray.remote(max_retries=0)
    def work_on(batch):
        os._exit(1)

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("endless", hangs=True)
def never_ends(work, batches, progress):
    while True:
        pass


@earns("lost")
def drops_the_rest(work, batches, progress):
    whole = [batch[: len(batch) // 5 * 5] for batch in batches]
    return flat(ray.get([in_fives.remote(work, batch, progress) for batch in whole]))


@earns("wrong-order")
def as_they_happen_to_come(work, batches, progress):
    refs = [in_fives.remote(work, batch, progress) for batch in reversed(batches)]
    return flat(ray.get(refs))


@earns("one-task")
def one_task_for_all(work, batches, progress):
    return ray.get(in_fives.remote(work, flat(batches), progress))


@earns("task-per-item")
def a_task_for_each_number(work, batches, progress):
    one = ray.remote(work)
    return ray.get([one.remote(number) for number in flat(batches)])


@earns("other-tasks")
def a_task_for_each_five(work, batches, progress):
    every = flat(batches)
    fives = [every[start : start + 5] for start in range(0, len(every), 5)]
    return flat(ray.get([in_fives.remote(work, five, progress) for five in fives]))


@earns("work-twice")
def asks_twice(work, batches, progress):
    ray.get([in_fives.remote(work, batch, progress) for batch in batches])
    return flat(ray.get([in_fives.remote(work, batch, progress) for batch in batches]))


@earns("get-in-loop")
def one_batch_after_the_other(work, batches, progress):
    return flat(ray.get(in_fives.remote(work, batch, progress)) for batch in batches)


@earns("no-report")
def tells_nobody(work, batches, progress):
    @ray.remote
    def work_on(batch):
        return [work(number) for number in batch]

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("driver-reports")
def reports_here(work, batches, progress):
    @ray.remote
    def work_on(batch):
        return [work(number) for number in batch]

    results = []
    for ref in [work_on.remote(batch) for batch in batches]:
        results += ray.get(ref)
        progress.add.remote(5)
    return results


@earns("waits-for-report")
def waits_for_every_five(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results += [work(number) for number in some]
            ray.get(progress.add.remote(len(some)))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("waits-for-report")
def waits_with_ray_wait(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results += [work(number) for number in some]
            ray.wait([progress.add.remote(len(some))])
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("waits-at-end")
def waits_at_the_end_of_the_task(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results, reports = [], []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results += [work(number) for number in some]
            reports.append(progress.add.remote(len(some)))
        ray.get(reports)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("waits-at-end")
def returns_the_reports_and_waits_here(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results, reports = [], []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            results += [work(number) for number in some]
            reports.append(progress.add.remote(len(some)))
        return results, reports

    had = ray.get([work_on.remote(batch) for batch in batches])
    ray.get(flat(reports for _, reports in had))
    return flat(results for results, _ in had)


@earns("late-report")
def once_at_the_end(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = [work(number) for number in batch]
        progress.add.remote(len(batch))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("late-report")
def in_fives_after_all_work(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = [work(number) for number in batch]
        for start in range(0, len(batch), 5):
            progress.add.remote(len(batch[start : start + 5]))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("many-reports")
def every_single_one(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for number in batch:
            results.append(work(number))
            progress.add.remote(1)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("empty-report")
def a_rest_of_nothing(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results, since = [], 0
        for number in batch:
            results.append(work(number))
            since += 1
            if since == 5:
                progress.add.remote(since)
                since = 0
        progress.add.remote(since)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("lost-report")
def forgets_the_rest(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for done, number in enumerate(batch, start=1):
            results.append(work(number))
            if done % 5 == 0:
                progress.add.remote(5)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("lost-report")
def says_one_for_five(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            results += [work(number) for number in batch[start : start + 5]]
            progress.add.remote(1)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("wrong-count")
def always_five(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            results += [work(number) for number in batch[start : start + 5]]
            progress.add.remote(5)
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("so-far")
def how_many_so_far(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            results += [work(number) for number in batch[start : start + 5]]
            progress.add.remote(len(results))
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("early-report")
def before_the_work(work, batches, progress):
    @ray.remote
    def work_on(batch):
        results = []
        for start in range(0, len(batch), 5):
            some = batch[start : start + 5]
            progress.add.remote(len(some))
            results += [work(number) for number in some]
        return results

    return flat(ray.get([work_on.remote(batch) for batch in batches]))


@earns("early-report")
def counts_from_zero(work, batches, progress):
    @ray.remote
    def work_on(work, batch, progress):
        results = []
        for i, number in enumerate(batch):
            results.append(work(number))
            if i % 5 == 0:
                progress.add.remote(5)
        left = len(batch) % 5
        if left:
            progress.add.remote(left)
        return results

    refs = [work_on.remote(work, batch, progress) for batch in batches]
    return sum(ray.get(refs), [])
