import ray


@ray.remote
def run_batch(work, batch):
    return [work(item) for item in batch]


def my_batches(work, items, cpus):
    size = -(-len(items) // (4 * cpus))  # four batches for each CPU, rounded up
    starts = range(0, len(items), size)
    refs = [run_batch.remote(work, items[start : start + size]) for start in starts]
    return [result for batch in ray.get(refs) for result in batch]
