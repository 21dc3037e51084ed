import ray


@ray.remote
class Downloads:
    async def load(self, download, url):
        return await download(url)


def my_pages(download, urls, limit):
    downloads = Downloads.remote()
    return ray.get([downloads.load.remote(download, url) for url in urls])
