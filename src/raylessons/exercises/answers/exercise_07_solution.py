import time

import ray


def my_squares(square, numbers, deadline_seconds):
    deadline = time.perf_counter() + deadline_seconds
    waiting = [square.remote(number) for number in numbers]
    while waiting:
        left = max(0, deadline - time.perf_counter())
        ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
        if not ready:
            break
        try:
            yield ray.get(ready[0])
        except ray.exceptions.RayError:
            pass  # this one failed: the others have their results
    for ref in waiting:
        ray.cancel(ref)
