"""The spread of the crossing point over ten sweeps, beside that of the first size in a grid.

The first size at which one run of the tasks was quicker is what one reads off a table.
From a grid with big steps it reads the same step however much the runs differ,
and where the grid ends too early there is nothing to read: so its steps here are of a tenth.
"""

import os
import statistics
import time

import ray

from raylessons.cluster.session import start_ray, warm_up
from raylessons.sweeps import crossing, one_two_five, sweep
from raylessons.workloads import make_array

SWEEPS = 10
TRIALS = 20
COARSE = [step * 10**power for power in range(2, 5) for step in (1, 2, 3, 5, 8)]
FINE = [round(1_000 * 1.1**step) for step in range(100)]

make = ray.remote(make_array)


def call_locally(size: int, calls: int) -> object:
    """Make arrays here."""
    return [make_array(size, 0) for _ in range(calls)]


def call_tasks(size: int, calls: int) -> object:
    """Make arrays in tasks."""
    return ray.get([make.remote(size, 0) for _ in range(calls)])


def by_sweep() -> float | None:
    """Find the crossing as the lesson does."""
    ways = {"local": call_locally, "tasks": call_tasks}
    found = sweep(ways, one_two_five(1_000), ("local", "tasks"), TRIALS, 5, budget_seconds=40)
    return crossing(found.points, "local", "tasks")


def by_first_size(sizes: list[int]) -> float | None:
    """Find the first of the sizes at which one run was quicker, with no warm-up and no repeat."""
    for size in sizes:
        seconds = []
        for call in (call_locally, call_tasks):
            start = time.time()
            call(size, TRIALS)
            seconds.append(time.time() - start)
        if seconds[0] >= seconds[1]:
            return size
    return None


def describe(method: str, found: list[float | None]) -> float:
    """Print how far the quartiles of what was found lie apart, and tell their ratio."""
    there = [size for size in found if size is not None]
    print(f"crossing, {method}: found {len(there)} times of {len(found)}", end="")
    if len(there) < 2:
        print()
        return float("nan")
    low, middle, high = statistics.quantiles(there, n=4)
    print(f", median {middle:,.0f} elements, quartiles apart by {high / low:.2f}")
    return high / low


if __name__ == "__main__":
    start_ray(num_cpus=os.cpu_count() or 1)
    warm_up()
    # In turns, so that a machine that changes with time changes for all of them.
    found = [(by_sweep(), by_first_size(FINE), by_first_size(COARSE)) for _ in range(SWEEPS)]
    sweeps, fine, coarse = (list(sizes) for sizes in zip(*found, strict=True))
    ours = describe("sweep", sweeps)
    theirs = describe("first size, fine grid", fine)
    describe("first size, grid to 80,000", coarse)
    steadier = (theirs - 1) / (ours - 1) if ours > 1 else float("inf")
    print(f"crossing: {steadier:.1f} times steadier (aim: 3)")
    ray.shutdown()
