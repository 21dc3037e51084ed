"""What the graders say of right and wrong answers, on a real Ray of several sizes."""

from collections.abc import Callable, Iterator

import pytest
import ray
from answers import Sample, samples

from raylessons.exercises import EXERCISES, Exercise, find_exercise

NUMBERS = [exercise.number for exercise in EXERCISES]


def start(logical_cpus: int) -> None:
    ray.init(
        address="local",
        num_cpus=logical_cpus,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        # Workers report each tenth of a second, so that no grading waits for a whole one, and
        # idle ones are kept, so that the next grading need not start them anew.
        _system_config={
            "task_events_report_interval_ms": 100,
            "idle_worker_killing_time_threshold_ms": 600_000,
        },
    )


@pytest.fixture(scope="module", params=[1, 2, 4], ids=lambda cpus: f"{cpus}-cpu")
def logical_cpus(request: pytest.FixtureRequest) -> Iterator[int]:
    """Give a Ray with so many logical CPUs to all gradings with that number."""
    start(request.param)
    yield request.param
    ray.shutdown()


def load(exercise: Exercise, source: str) -> Callable[..., object]:
    namespace: dict[str, object] = {"__name__": "answer"}
    exec(compile(source, "answer.py", "exec"), namespace)
    return namespace[exercise.name]


def require_fit_cluster(logical_cpus: int) -> None:
    """A worker that still ran something would hold its CPU, and one of these would wait."""
    nap = ray.remote(lambda: ray.get_runtime_context().get_worker_id())
    ray.get([nap.remote() for _ in range(2 * logical_cpus)], timeout=10)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_starter_fails_with_a_hint_of_its_own(number: int, logical_cpus: int) -> None:
    exercise = find_exercise(number)
    verdict = exercise.grade(load(exercise, exercise.starter))
    assert (verdict.passed, verdict.mistake) == (False, exercise.starter_mistake), verdict


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_passes(number: int, logical_cpus: int) -> None:
    exercise = find_exercise(number)
    verdict = exercise.grade(load(exercise, exercise.solution))
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    "sample",
    [sample for number in NUMBERS for sample in samples(number)],
    ids=lambda sample: sample.name,
)
def test_an_answer_earns_its_verdict_and_no_other(sample: Sample, logical_cpus: int) -> None:
    exercise = find_exercise(sample.number)
    verdict = exercise.grade(sample.answer, deadline_seconds=sample.deadline_seconds)
    assert verdict.mistake == sample.mistake, verdict
    assert verdict.passed == (sample.mistake is None)
    require_fit_cluster(logical_cpus)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_exercise_has_two_more_right_styles(number: int) -> None:
    assert sum(sample.mistake is None for sample in samples(number)) >= 2
