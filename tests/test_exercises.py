"""What the graders say of right and wrong answers, on a real Ray of several sizes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import ray
from answers import Sample, samples

from raylessons.exercises import EXERCISES, Exercise, find_exercise
from raylessons.mini_cluster import mini_cluster

LESSONS = Path(__file__).parents[1] / "docs/lessons"

ON_ONE_NODE = [exercise.number for exercise in EXERCISES if not exercise.needs_nodes]
ON_NODES = [exercise.number for exercise in EXERCISES if exercise.needs_nodes]


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Grade starters and solutions with every count of CPUs, the catalogue with all if asked."""
    if "logical_cpus" in metafunc.fixturenames:
        every = "sample" not in metafunc.fixturenames or metafunc.config.getoption(
            "every_cpu_count"
        )
        counts = [1, 2, 4] if every else [2]
        metafunc.parametrize(
            "logical_cpus", counts, indirect=True, scope="module", ids=lambda cpus: f"{cpus}-cpu"
        )


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("number", ON_ONE_NODE)
def test_the_starter_fails_with_a_hint_of_its_own(number: int, logical_cpus: int) -> None:
    exercise = find_exercise(number)
    verdict = exercise.grade(load(exercise, exercise.starter))
    assert (verdict.passed, verdict.mistake) == (False, exercise.starter_mistake), verdict


@pytest.mark.parametrize("number", ON_ONE_NODE)
def test_the_solution_passes(number: int, logical_cpus: int) -> None:
    exercise = find_exercise(number)
    verdict = exercise.grade(load(exercise, exercise.solution))
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    "sample",
    [sample for number in ON_ONE_NODE for sample in samples(number)],
    ids=lambda sample: sample.name,
)
def test_an_answer_earns_its_verdict_and_no_other(sample: Sample, logical_cpus: int) -> None:
    exercise = find_exercise(sample.number)
    verdict = exercise.grade(sample.answer, deadline_seconds=sample.deadline_seconds)
    assert verdict.mistake == sample.mistake, verdict
    assert verdict.passed == (sample.mistake is None)
    require_fit_cluster(logical_cpus)


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[None]:
    with mini_cluster():
        yield


@pytest.mark.usefixtures("three_nodes")
@pytest.mark.parametrize("number", ON_NODES)
class TestOnThreeNodes:
    def test_the_starter_fails_with_a_hint_of_its_own(self, number: int) -> None:
        exercise = find_exercise(number)
        verdict = exercise.grade(load(exercise, exercise.starter))
        assert (verdict.passed, verdict.mistake) == (False, exercise.starter_mistake), verdict

    def test_the_solution_passes(self, number: int) -> None:
        exercise = find_exercise(number)
        verdict = exercise.grade(load(exercise, exercise.solution))
        assert verdict.passed, verdict

    def test_every_answer_earns_its_verdict_and_no_other(self, number: int) -> None:
        for sample in samples(number):
            verdict = find_exercise(number).grade(sample.answer, sample.deadline_seconds)
            assert verdict.mistake == sample.mistake, (sample.name, verdict)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.title)
def test_an_exercise_has_two_more_right_styles_and_a_range_of_wrong_ones(
    exercise: Exercise,
) -> None:
    mistakes = [sample.mistake for sample in samples(exercise.number)]
    assert mistakes.count(None) >= 2
    assert {"none", "exception", "endless"} <= set(mistakes)
    assert len(set(mistakes)) >= 7


def test_exercises_are_numbered_from_one_and_stand_on_pages_that_exist() -> None:
    assert [exercise.number for exercise in EXERCISES] == list(range(1, len(EXERCISES) + 1))
    lessons = {page.stem for page in LESSONS.glob("*.md")}
    assert {exercise.page for exercise in EXERCISES} <= lessons
