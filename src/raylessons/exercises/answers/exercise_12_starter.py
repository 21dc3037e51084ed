import ray


@ray.remote
def work_on(work, batch, progress):
    results = []
    for number in batch:
        results.append(work(number))
        ray.get(progress.add.remote(1))
    return results


def my_results(work, batches, progress):
    refs = [work_on.remote(work, batch, progress) for batch in batches]
    return sum(ray.get(refs), [])
