"""Measure what recording costs: python benchmarks/recording.py prints ratios, and their aims."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import ray
from numpy.typing import NDArray

from raylessons import plot_timeline, record
from raylessons.workloads import noop

PAIRS = 7
SIZES = (100, 1_000, 10_000)
LONG_SESSION_TASKS = 50_000
MOST_AT_ONCE = 5_000
STORE_BYTES = 200_000_000
ARRAYS, IN_FLIGHT = 150, 6

echo = ray.remote(noop)


def make(number: int) -> NDArray[np.int64]:
    """Return eight megabytes."""
    return np.full(1_000_000, number)


def measure(array: NDArray[np.int64]) -> int:
    """Tell how long an array is."""
    return len(array)


@contextmanager
def fresh_ray() -> Iterator[None]:
    """Give a Ray without a past, warmed up."""
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        logging_level="error",
        log_to_driver=False,
        object_store_memory=STORE_BYTES,
    )
    try:
        run_tasks(500)
        yield
    finally:
        ray.shutdown()


def run_tasks(tasks: int) -> None:
    """Run so many tasks that do nothing."""
    for first in range(0, tasks, MOST_AT_ONCE):
        ray.get([echo.remote(number) for number in range(first, min(tasks, first + MOST_AT_ONCE))])


def run_tasks_of_another_program(tasks: int) -> None:
    """Run so many tasks by a driver of their own on the Ray that runs here."""
    join = "ray.init(address=sys.argv[1], logging_level='error', log_to_driver=False)"
    run = f"import sys, ray, recording; {join}; recording.run_tasks(int(sys.argv[2]))"
    address = ray.get_runtime_context().gcs_address
    subprocess.run(
        [sys.executable, "-c", run, address, str(tasks)], cwd=Path(__file__).parent, check=True
    )


def run_with_backpressure() -> None:
    """Put far more through the store than it holds, a few at a time, so that nothing spills."""
    making, measuring = ray.remote(make), ray.remote(measure)
    waiting: list[ray.ObjectRef] = []
    for number in range(ARRAYS):
        waiting.append(measuring.remote(making.remote(number)))
        if len(waiting) >= IN_FLIGHT:
            done, waiting = ray.wait(waiting, num_returns=1)
            ray.get(done)
    ray.get(waiting)


def program_seconds(tasks: int, *, recorded: bool) -> float:
    """Return the seconds from the first submission to the last result."""
    with record(wait_seconds=0) if recorded else nullcontext():
        began = time.perf_counter()
        run_tasks(tasks)
        return time.perf_counter() - began


def leaving_seconds(tasks: int) -> tuple[float, float]:
    """Return the seconds of a recorded program, and those from its end to its trace."""
    with record(wait_seconds=60) as recording:
        began = time.perf_counter()
        run_tasks(tasks)
        ended = time.perf_counter()
    took = time.perf_counter() - ended
    whole = sum(len(run.phases) == 3 for run in recording.trace.task_runs)
    if whole != tasks:
        raise RuntimeError(f"{whole} of {tasks} runs are whole: expected all. Wait longer.")
    return ended - began, took


def spilled_objects() -> int:
    """Return how many objects of a recorded program with backpressure went to disk."""
    with record() as recording:
        run_with_backpressure()
    return sum(stored.spilled is not None for stored in recording.trace.objects)


def main() -> None:
    """Print the ratios."""
    with fresh_ray():
        for tasks in SIZES:
            pairs = [
                [program_seconds(tasks, recorded=which) for which in (False, True)]
                for _ in range(PAIRS)
            ]
            ratios = [recorded / bare for bare, recorded in pairs]
            low, middle, high = statistics.quantiles(ratios, n=4)
            print(
                f"{tasks} tasks, recorded to bare: {middle:.3f} (middle half of {PAIRS} pairs: "
                f"{low:.3f} to {high:.3f}; aim: at most 1.05)"
            )
    with fresh_ray():
        print(f"with backpressure, {spilled_objects()} objects spilled (aim: none)")
    tasks = SIZES[-1]
    with fresh_ray():
        program, fresh = leaving_seconds(tasks)
        print(f"leaving {tasks} tasks: {fresh / program:.2f} of the program's time, {fresh:.1f} s")
        for whose, run in {
            "another program": run_tasks_of_another_program,
            "this program": run_tasks,
        }.items():
            run(LONG_SESSION_TASKS)
            program, late = leaving_seconds(tasks)
            print(
                f"leaving {tasks} tasks after {LONG_SESSION_TASKS} others of {whose}: "
                f"{late / program:.2f} of the program's time, {late:.1f} s "
                "(aims: alike, and at most 0.10 or 1.5 s)"
            )
        with record() as recording:
            run_tasks(tasks)
        began = time.perf_counter()
        html = plot_timeline(recording.trace)._repr_html_()
        print(
            f"the timeline of {tasks} tasks: {len(html) / 1e6:.2f} MB in "
            f"{time.perf_counter() - began:.1f} s (aims: at most 1 MB, 1.5 s)"
        )


if __name__ == "__main__":
    main()
