import ray


@ray.remote
def work_on(work, batch, progress):
    results = []
    for start in range(0, len(batch), 5):
        some = batch[start : start + 5]
        results += [work(number) for number in some]
        progress.add.remote(len(some))  # and nobody waits for it
    return results


def my_results(work, batches, progress):
    refs = [work_on.remote(work, batch, progress) for batch in batches]
    return sum(ray.get(refs), [])
