"""The package's waiting loop against a bare `ray.wait` loop, as a ratio within one run."""

import statistics

import ray

from raylessons.session import start_ray, warm_up
from raylessons.timing import stopwatch
from raylessons.waiting import wait_in_rounds
from raylessons.workloads import noop

REPEATS = 7


def bare_loop(refs: list[ray.ObjectRef]) -> None:
    """Take refs one by one with `ray.wait` and nothing else."""
    while refs:
        _, refs = ray.wait(refs, num_returns=1)


def package_loop(refs: list[ray.ObjectRef]) -> None:
    """Take refs one by one with the package's loop."""
    for _ in wait_in_rounds(refs, deadline_seconds=600):
        pass


def compare(count: int) -> tuple[float, float]:
    """Tell the median ratio of the two over refs that are ready, and the seconds more a round."""
    task = ray.remote(noop)
    ratios, more = [], []
    for repeat in range(REPEATS):
        seconds = {}
        # The two take turns in going first: whatever the first leaves behind costs both.
        for loop in (bare_loop, package_loop)[:: 1 if repeat % 2 else -1]:
            refs = [task.remote(number) for number in range(count)]
            ray.wait(refs, num_returns=count)
            with stopwatch() as watch:
                loop(refs)
            seconds[loop] = watch.seconds
        ratios.append(seconds[package_loop] / seconds[bare_loop])
        more.append((seconds[package_loop] - seconds[bare_loop]) / count)
    return statistics.median(ratios), statistics.median(more)


if __name__ == "__main__":
    warm_up(start_ray(num_cpus=2))
    for count in (100, 1_000, 5_000):
        ratio, more = compare(count)
        print(
            f"waiting, {count:5,} refs: {ratio:.3f} of a bare loop (aim: below 1.05), "
            f"{1e6 * more:.1f} µs more a round"
        )
    ray.shutdown()
