"""Grade answers on one Ray, and print a line of JSON for each."""

import json
import sys

import ray

from answers import find_sample


def start(logical_cpus: int) -> None:
    ray.init(
        address="local",
        num_cpus=logical_cpus,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        # Workers report at once, so that no grading waits for a whole second, and idle ones are
        # kept, so that the next grading need not start them anew.
        _system_config={
            "task_events_report_interval_ms": 25,
            "idle_worker_killing_time_threshold_ms": 600_000,
        },
    )


def is_fit(logical_cpus: int) -> bool:
    """A worker that still ran something would hold its CPU, and one of these would wait."""
    nap = ray.remote(lambda: None)
    try:
        ray.get([nap.remote() for _ in range(2 * logical_cpus)], timeout=10)
    except ray.exceptions.GetTimeoutError:
        return False
    return True


def grade(name: str, logical_cpus: int) -> None:
    sample = find_sample(name)
    verdict = sample.exercise.grade(sample.answer, deadline_seconds=sample.deadline_seconds)
    told = {
        "name": name,
        "passed": verdict.passed,
        "mistake": verdict.mistake,
        "text": repr(verdict),
        "fit": is_fit(logical_cpus),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    logical_cpus = int(sys.argv[1])
    start(logical_cpus)
    for name in sys.argv[2:]:
        grade(name, logical_cpus)
    ray.shutdown()
