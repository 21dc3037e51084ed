"""Answers to exercise 14, bound the downloads."""

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import ray

from answers import earns, passes


@ray.remote
class Plain:
    async def load(self, download, url):
        return await download(url)


@ray.remote
class Places:
    def __init__(self, limit):
        self.places = asyncio.Semaphore(limit)

    async def load(self, download, url):
        async with self.places:
            return await download(url)


@passes
def with_max_concurrency(download, urls, limit):
    loader = Plain.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(download, url) for url in urls])


@passes
def one_call_with_a_semaphore(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            places = asyncio.Semaphore(limit)

            async def load(url):
                async with places:
                    return await download(url)

            return await asyncio.gather(*[load(url) for url in urls])

    return ray.get(Loader.remote().load_all.remote(urls))


@passes
def acquires_and_releases(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.places = asyncio.BoundedSemaphore(limit)

        async def load(self, url):
            await self.places.acquire()
            try:
                return await download(url)
            finally:
                self.places.release()

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@passes
def workers_at_a_queue(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            queue, pages = asyncio.Queue(), [None] * len(urls)
            for each in enumerate(urls):
                queue.put_nowait(each)

            async def work():
                while not queue.empty():
                    place, url = queue.get_nowait()
                    pages[place] = await download(url)

            await asyncio.gather(*[work() for _ in range(limit)])
            return pages

    return ray.get(Loader.remote().load_all.remote(urls))


@passes
def workers_at_an_iterator(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            left, pages = iter(list(urls)), {}

            async def work():
                for url in left:
                    pages[url] = await download(url)

            await asyncio.gather(*(work() for _ in range(limit)))
            return [pages[url] for url in urls]

    return ray.get(Loader.remote().load_all.remote(urls))


@passes
def a_window_in_the_actor(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            pages, running = {}, {}
            for url in urls:
                if len(running) == limit:
                    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        pages[running.pop(task)] = task.result()
                running[asyncio.ensure_future(download(url))] = url
            for task, url in running.items():
                pages[url] = await task
            return [pages[url] for url in urls]

    return ray.get(Loader.remote().load_all.remote(urls))


@passes
def a_window_in_the_program(download, urls, limit):
    loader = Plain.remote()
    refs, running = [], []
    for url in urls:
        if len(running) == limit:
            _, running = ray.wait(running)
        refs.append(loader.load.remote(download, url))
        running.append(refs[-1])
    return ray.get(refs)


@passes
def with_a_condition(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.running = 0
            self.changed = asyncio.Condition()

        async def load(self, url):
            async with self.changed:
                await self.changed.wait_for(lambda: self.running < limit)
                self.running += 1
            page = await download(url)
            async with self.changed:
                self.running -= 1
                self.changed.notify()
            return page

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@passes
def looks_again_and_again(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.running = 0

        async def load(self, url):
            while self.running >= limit:
                await asyncio.sleep(0.01)
            self.running += 1
            try:
                return await download(url)
            finally:
                self.running -= 1

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@passes
async def awaits_the_refs(download, urls, limit):
    loader = Places.remote(limit)
    return await asyncio.gather(*[loader.load.remote(download, url) for url in urls])


@passes
def as_they_come_and_in_order(download, urls, limit):
    loader = Places.remote(limit)
    refs = {loader.load.remote(download, url): place for place, url in enumerate(urls)}
    pages, waiting = [None] * len(urls), list(refs)
    while waiting:
        ready, waiting = ray.wait(waiting)
        pages[refs[ready[0]]] = ray.get(ready[0])
    return pages


@passes
def waits_until_the_actor_is_there(download, urls, limit):
    @ray.remote
    class Loader(Places.__ray_metadata__.modified_class):
        async def ready(self):
            return True

    loader = Loader.remote(limit)
    ray.get(loader.ready.remote())
    return ray.get([loader.load.remote(download, url) for url in urls])


@passes
def in_two_concurrency_groups(download, urls, limit):
    @ray.remote(concurrency_groups={"net": limit})
    class Loader:
        @ray.method(concurrency_group="net")
        async def load(self, url):
            return await download(url)

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@passes
def keeps_the_pages_in_the_actor(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.pages = {}

        async def load(self, url):
            self.pages[url] = await download(url)

        async def read(self, urls):
            return [self.pages[url] for url in urls]

    loader = Loader.options(max_concurrency=limit).remote()
    ray.get([loader.load.remote(url) for url in urls])
    return ray.get(loader.read.remote(urls))


@passes
def from_threads(download, urls, limit):
    loader = Plain.remote()
    with ThreadPoolExecutor(limit) as pool:
        return list(pool.map(lambda url: ray.get(loader.load.remote(download, url)), urls))


@earns("none")
def forgets_to_return(download, urls, limit):
    loader = Places.remote(limit)
    ray.get([loader.load.remote(download, url) for url in urls])


@earns("refs")
def returns_the_refs(download, urls, limit):
    loader = Places.remote(limit)
    return [loader.load.remote(download, url) for url in urls]


@earns("generator")
def as_a_generator(download, urls, limit):
    loader = Places.remote(limit)
    yield from ray.get([loader.load.remote(download, url) for url in urls])


@earns("no-list")
def as_a_dictionary(download, urls, limit):
    loader = Places.remote(limit)
    return dict(zip(urls, ray.get([loader.load.remote(download, url) for url in urls])))


@earns("exception")
def forgets_to_await(download, urls, limit):
    @ray.remote
    class Loader:
        async def load(self, url):
            return download(url)

    loader = Loader.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("exception")
def runs_a_loop_in_the_loop(download, urls, limit):
    @ray.remote
    class Loader:
        async def load(self, url):
            return asyncio.run(download(url))

    loader = Loader.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("exception")
def an_async_task(download, urls, limit):
    @ray.remote
    async def load(url):
        return await download(url)

    return ray.get([load.remote(url) for url in urls])


@earns("exception")
def calls_the_method_as_usual(download, urls, limit):
    loader = Places.remote(limit)
    return [loader.load(download, url) for url in urls]


@earns("endless", hangs=True)
def never_ends(download, urls, limit):
    while True:
        pass


@earns("exception")
def ends_the_worker(download, urls, limit):
    @ray.remote
    class Loader:
        async def load(self, url):
            os._exit(1)

    return ray.get([Loader.remote().load.remote(url) for url in urls])


@earns("blocks")
def sleeps_until_there_is_a_place(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.running = 0

        async def load(self, url):
            while self.running >= limit:
                time.sleep(0.01)
            self.running += 1
            page = await download(url)
            self.running -= 1
            return page

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("blocks")
def with_a_semaphore_of_threads(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.places = threading.Semaphore(limit)

        async def load(self, url):
            with self.places:
                return await download(url)

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("never-released")
def gives_no_place_back(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.places = asyncio.Semaphore(limit)

        async def load(self, url):
            await self.places.acquire()
            return await download(url)

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("never-released")
def counts_up_and_never_down(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.running = 0

        async def load(self, url):
            while self.running >= limit:
                await asyncio.sleep(0.01)
            self.running += 1
            return await download(url)

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("no-download")
def invents_the_pages(download, urls, limit):
    @ray.remote
    class Loader:
        async def load(self, url):
            return url

    loader = Loader.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("driver")
async def without_ray(download, urls, limit):
    places = asyncio.Semaphore(limit)

    async def load(url):
        async with places:
            return await download(url)

    return await asyncio.gather(*[load(url) for url in urls])


@earns("tasks")
def a_task_for_each(download, urls, limit):
    @ray.remote(num_cpus=0)
    def load(url):
        return asyncio.run(download(url))

    return ray.get([load.remote(url) for url in urls])


@earns("several-actors")
def an_actor_for_each_place(download, urls, limit):
    pool = ray.util.ActorPool([Plain.remote() for _ in range(limit)])
    return list(pool.map(lambda loader, url: loader.load.remote(download, url), urls))


@earns("not-async")
def a_plain_method(download, urls, limit):
    @ray.remote
    class Loader:
        def load(self, url):
            return asyncio.run(download(url))

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("not-async")
def a_threaded_actor(download, urls, limit):
    @ray.remote
    class Loader:
        def load(self, url):
            return asyncio.run(download(url))

    loader = Loader.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("semaphore-each")
def a_semaphore_in_each_call(download, urls, limit):
    @ray.remote
    class Loader:
        async def load(self, url):
            async with asyncio.Semaphore(limit):
                return await download(url)

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("no-bound")
def gathers_all_with_max_concurrency(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            return await asyncio.gather(*[download(url) for url in urls])

    return ray.get(Loader.options(max_concurrency=limit).remote().load_all.remote(urls))


@earns("no-bound")
def a_semaphore_around_nothing(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.places = asyncio.Semaphore(limit)

        async def load(self, url):
            async with self.places:
                coming = download(url)
            return await coming

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("one-too-many")
def lets_one_more_in(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.running = 0

        async def load(self, url):
            while self.running > limit:
                await asyncio.sleep(0.01)
            self.running += 1
            page = await download(url)
            self.running -= 1
            return page

    loader = Loader.remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("other-bound")
def a_bound_of_its_own(download, urls, limit):
    loader = Plain.options(max_concurrency=2 * limit).remote()
    return ray.get([loader.load.remote(download, url) for url in urls])


@earns("one-too-few")
def lets_one_less_in(download, urls, limit):
    loader = Plain.options(max_concurrency=max(1, limit - 1)).remote()
    return ray.get([loader.load.remote(download, url) for url in urls])


@earns("get-in-loop")
def waits_for_each(download, urls, limit):
    loader = Places.remote(limit)
    return [ray.get(loader.load.remote(download, url)) for url in urls]


@earns("awaits-in-turn")
def awaits_each(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            return [await download(url) for url in urls]

    return ray.get(Loader.options(max_concurrency=limit).remote().load_all.remote(urls))


@earns("one-at-a-time")
def with_a_lock(download, urls, limit):
    @ray.remote
    class Loader:
        def __init__(self):
            self.lock = asyncio.Lock()

        async def load(self, url):
            async with self.lock:
                return await download(url)

    loader = Loader.options(max_concurrency=limit).remote()
    return ray.get([loader.load.remote(url) for url in urls])


@earns("chunks")
def in_chunks(download, urls, limit):
    @ray.remote
    class Loader:
        async def load_all(self, urls):
            pages = []
            for start in range(0, len(urls), limit):
                some = urls[start : start + limit]
                pages += await asyncio.gather(*[download(url) for url in some])
            return pages

    return ray.get(Loader.remote().load_all.remote(urls))


@earns("chunks")
def in_chunks_of_the_program(download, urls, limit):
    loader, pages = Plain.remote(), []
    for start in range(0, len(urls), limit):
        some = urls[start : start + limit]
        pages += ray.get([loader.load.remote(download, url) for url in some])
    return pages


@earns("waits-for-oldest")
def waits_for_the_oldest(download, urls, limit):
    loader = Plain.remote()
    refs, running = [], []
    for url in urls:
        if len(running) == limit:
            ray.get(running.pop(0))
        refs.append(loader.load.remote(download, url))
        running.append(refs[-1])
    return ray.get(refs)


@earns("work-twice")
def asks_twice(download, urls, limit):
    loader = Places.remote(limit)
    ray.get([loader.load.remote(download, url) for url in urls])
    return ray.get([loader.load.remote(download, url) for url in urls])


@earns("wrong-order")
def as_they_happen_to_come(download, urls, limit):
    loader = Places.remote(limit)
    waiting, pages = [loader.load.remote(download, url) for url in urls], []
    while waiting:
        ready, waiting = ray.wait(waiting)
        pages += ray.get(ready)
    return pages


@earns("wrong-order")
def sorts_the_urls(download, urls, limit):
    loader = Places.remote(limit)
    return ray.get([loader.load.remote(download, url) for url in sorted(urls)])


@earns("lost")
def whole_chunks_alone(download, urls, limit):
    loader = Places.remote(limit)
    return ray.get(
        [loader.load.remote(download, url) for url in urls[: len(urls) // limit * limit]]
    )
