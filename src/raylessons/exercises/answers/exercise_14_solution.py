import asyncio

import ray


@ray.remote
class Downloads:
    def __init__(self, limit):
        self.places = asyncio.Semaphore(limit)  # one, for all calls

    async def load(self, download, url):
        async with self.places:
            return await download(url)


def my_pages(download, urls, limit):
    downloads = Downloads.remote(limit)
    return ray.get([downloads.load.remote(download, url) for url in urls])
