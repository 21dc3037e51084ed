import ray


def my_batches(work, items, cpus):
    task = ray.remote(work)
    return ray.get([task.remote(item) for item in items])
