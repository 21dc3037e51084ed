"""Waiting loops against a bare `ray.wait` loop, as ratios within one run."""

import statistics
import time
from collections.abc import Callable

import ray

from raylessons.cluster.session import start_ray, warm_up
from raylessons.timing import stopwatch
from raylessons.waiting import wait_in_rounds
from raylessons.workloads import noop

REPEATS = 9


def bare_loop(refs: list[ray.ObjectRef]) -> None:
    """Take refs one by one with `ray.wait` and nothing else."""
    while refs:
        _, refs = ray.wait(refs, num_returns=1)


def bare_loop_with_a_deadline(refs: list[ray.ObjectRef]) -> None:
    """Do that by a deadline for all rounds together: what a loop with one costs at the least."""
    deadline = time.perf_counter() + 600
    while refs:
        left = max(0.0, deadline - time.perf_counter())
        _, refs = ray.wait(refs, num_returns=1, timeout=left)


def package_loop(refs: list[ray.ObjectRef]) -> None:
    """Take refs one by one with the package's loop."""
    for _ in wait_in_rounds(refs, deadline_seconds=600):
        pass


def time_loops(count: int) -> dict[Callable[[list[ray.ObjectRef]], None], list[float]]:
    """Tell the seconds of each loop over refs that are ready, repeat by repeat."""
    task = ray.remote(noop)
    loops = (bare_loop, bare_loop_with_a_deadline, package_loop)
    seconds: dict[Callable[[list[ray.ObjectRef]], None], list[float]] = {loop: [] for loop in loops}
    for repeat in range(REPEATS):
        # They take turns in going first: whatever the first leaves behind costs all.
        for loop in loops[:: 1 if repeat % 2 else -1]:
            refs = [task.remote(number) for number in range(count)]
            ray.wait(refs, num_returns=count)
            with stopwatch() as watch:
                loop(refs)
            seconds[loop].append(watch.seconds)
    return seconds


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Tell the median ratio of what was measured in pairs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    start_ray(num_cpus=2)
    warm_up()
    for count in (100, 1_000, 5_000):
        seconds = time_loops(count)
        ours, with_deadline = seconds[package_loop], seconds[bare_loop_with_a_deadline]
        print(
            f"waiting, {count:5,} refs: {ratio(ours, seconds[bare_loop]):.3f} of a bare loop "
            f"(aim: below 1.05), {ratio(ours, with_deadline):.3f} of one with a deadline"
        )
    ray.shutdown()
