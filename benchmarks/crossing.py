"""The spread of the crossing point over ten sweeps, beside that of the seed's own method."""

import os
import statistics
import time
from collections.abc import Callable

import ray

from raylessons.granularity import crossing, one_two_five, sweep
from raylessons.session import start_ray, warm_up
from raylessons.workloads import make_array

SWEEPS = 10
TRIALS = 20


def call_locally(size: int, calls: int) -> object:
    """Make arrays here."""
    return [make_array(size, 0) for _ in range(calls)]


def call_tasks(size: int, calls: int) -> object:
    """Make arrays in tasks."""
    make = ray.remote(make_array)
    return ray.get([make.remote(size, 0) for _ in range(calls)])


def by_sweep() -> float | None:
    """Find the crossing as the lesson does."""
    ways = {"local": call_locally, "tasks": call_tasks}
    found = sweep(ways, one_two_five(1_000), ("local", "tasks"), TRIALS, 5, budget_seconds=40)
    return crossing(found.points, "local", "tasks")


def by_first_size() -> float | None:
    """Find the first size of a grid at which one run was quicker, with no warm-up and no repeat."""
    for size in (step * 10**power for power in range(3, 7) for step in (1, 2, 3, 5, 8)):
        seconds = []
        for call in (call_locally, call_tasks):
            start = time.time()
            call(size, TRIALS)
            seconds.append(time.time() - start)
        if seconds[0] >= seconds[1]:
            return size
    return None


def spread(method: Callable[[], float | None]) -> tuple[float, int]:
    """Tell the quartiles' ratio of the crossings that were found, and how many were not."""
    found = [method() for _ in range(SWEEPS)]
    there = [size for size in found if size is not None]
    if len(there) < 2:
        return float("nan"), len(found) - len(there)
    low, _, high = statistics.quantiles(there, n=4)
    return high / low, len(found) - len(there)


if __name__ == "__main__":
    warm_up(start_ray(num_cpus=os.cpu_count() or 1))
    ours, ours_none = spread(by_sweep)
    seeds, seeds_none = spread(by_first_size)
    print(
        f"crossing, sweep:      quartiles apart by {ours:.2f}, none found {ours_none} of {SWEEPS}"
    )
    print(f"crossing, first size: quartiles apart by {seeds:.2f}, none found {seeds_none}")
    steadier = (seeds - 1) / (ours - 1) if ours > 1 else float("inf")
    print(f"crossing: {steadier:.1f} times steadier (aim: 3)")
    ray.shutdown()
