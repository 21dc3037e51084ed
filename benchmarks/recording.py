"""Measure what recording costs: python benchmarks/recording.py prints ratios, and their aims."""

import statistics
import time
from contextlib import nullcontext

import ray

from raylessons.recording.recorder import record
from raylessons.workloads import noop

TASKS = 5_000
PAIRS = 9
SIZES = (100, 1_000, 10_000)

echo = ray.remote(noop)


def run_seconds(tasks: int, *, recorded: bool) -> float:
    """Return the seconds from the first submission to the last result."""
    with record(wait_seconds=0) if recorded else nullcontext():
        began = time.perf_counter()
        ray.get([echo.remote(number) for number in range(tasks)])
        return time.perf_counter() - began


def leaving_seconds(tasks: int) -> float:
    """Return the seconds from the end of a recording of so many tasks to its trace."""
    with record(wait_seconds=60) as recording:
        ray.get([echo.remote(number) for number in range(tasks)])
        began = time.perf_counter()
    took = time.perf_counter() - began
    whole = sum(len(run.phases) == 3 for run in recording.trace.task_runs)
    if whole != tasks:
        raise RuntimeError(f"{whole} of {tasks} runs are whole: expected all. Wait longer.")
    return took


def start() -> None:
    """Start a Ray without a past, and warm it up."""
    ray.shutdown()
    ray.init(address="local", num_cpus=4, include_dashboard=False, logging_level="error")
    run_seconds(500, recorded=False)


def main() -> None:
    """Print the ratios."""
    start()
    run_seconds(TASKS, recorded=True)
    pairs = [[run_seconds(TASKS, recorded=which) for which in (False, True)] for _ in range(PAIRS)]
    ratios = [recorded / bare for bare, recorded in pairs]
    spread = statistics.quantiles(ratios, n=4)
    fastest = min(recorded for _, recorded in pairs) / min(bare for bare, _ in pairs)
    print(
        f"{TASKS} no-op tasks, recorded to unrecorded: {statistics.median(ratios):.3f} "
        f"(middle half of {PAIRS} pairs: {spread[0]:.3f} to {spread[2]:.3f}; fastest to fastest: "
        f"{fastest:.3f}; aim: at most 1.05)"
    )
    took = {}
    for tasks in SIZES:
        start()
        took[tasks] = leaving_seconds(tasks)
        print(f"from leaving record() to a trace of {tasks} tasks: {took[tasks]:.2f} s")
    fewest, most = SIZES[0], SIZES[-1]
    print(
        f"{most // fewest} times the tasks took {took[most] / took[fewest]:.1f} times as long "
        f"(aim: at most {most // fewest})"
    )
    ray.shutdown()


if __name__ == "__main__":
    main()
