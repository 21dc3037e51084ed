"""Grade answers on one Ray, and print a line of JSON for each."""

import argparse
import json
from itertools import groupby
from zlib import crc32

import ray

from answers import find_sample
from raylessons.cluster.mini import mini_cluster
from raylessons.cluster.private import start_patiently
from raylessons.exercises.exercise import SEEDS
from raylessons.exercises.slowness import measure_slowness


def start(logical_cpus: int, store_bytes: int | None) -> None:
    start_patiently(
        lambda: ray.init(
            address="local",
            num_cpus=logical_cpus,
            object_store_memory=store_bytes,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            # Workers report at once, so that no grading waits for a whole second, and idle ones
            # are kept, so that the next grading need not start them anew.
            _system_config={
                "task_events_report_interval_ms": 25,
                "idle_worker_killing_time_threshold_ms": 600_000,
            },
        )
    )


def is_fit() -> bool:
    """A worker that still ran something would hold its CPU, and one of these would wait."""
    nap = ray.remote(lambda: None)
    try:
        ray.get([nap.remote() for _ in range(8)], timeout=10 * measure_slowness())
    except ray.exceptions.GetTimeoutError:
        return False
    return True


def grade(name: str, seed: int | None) -> None:
    sample = find_sample(name)
    verdict = sample.exercise.grade(
        sample.answer, deadline_seconds=sample.deadline_seconds, seed=seed
    )
    told = {
        "name": name,
        "passed": verdict.passed,
        "mistake": verdict.mistake,
        "graded": verdict.graded,
        "text": repr(verdict),
        "demands": {each.says: each.is_kept for each in verdict.demands},
        "fit": is_fit(),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logical_cpus", type=int, help="0: three nodes")
    parser.add_argument("names", nargs="+")
    parser.add_argument("--same-seeds", action="store_true", help="draw the same as last time")
    options = parser.parse_args()
    for store_bytes, names in groupby(
        options.names, key=lambda name: find_sample(name).exercise.store_bytes
    ):
        if options.logical_cpus:
            start(options.logical_cpus, store_bytes)
            stop = ray.shutdown
        else:
            stop = mini_cluster().stop
        for name in names:
            grade(name, crc32(name.encode()) % SEEDS if options.same_seeds else None)
        stop()
