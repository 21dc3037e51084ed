"""What the graders say of right and wrong answers, on a real Ray of several sizes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from answers import Sample, samples

from raylessons.cluster.mini import mini_cluster
from raylessons.exercises.catalogue import EXERCISES, Exercise

TESTS = Path(__file__).parent
LESSONS = TESTS.parents[1] / "docs/lessons"
CPUS = (1, 2, 4)
GRADING_SECONDS = 500

by_name = {"ids": lambda sample: sample.name}
everywhere = [
    sample for exercise in EXERCISES if not exercise.needs_nodes for sample in samples(exercise)
]
on_nodes = [
    sample for exercise in EXERCISES if exercise.needs_nodes for sample in samples(exercise)
]

Told = dict[str, dict[str, Any]]


def grade_in_a_process(logical_cpus: int, names: list[str]) -> Told:
    """Grade answers on one Ray, and what is left on another where Ray itself ends the process.

    Cancelling a task in the moment in which it ends can do that (ray#54527): it says nothing of
    the answer, and once more is enough.
    """
    told, errors = run_examination(logical_cpus, names)
    left = [name for name in names if name not in told]
    if left:
        again, errors = run_examination(logical_cpus, left)
        told |= again
    if len(told) < len(names):
        raise RuntimeError(f"{len(told)} of {len(names)} were graded: {errors[-2000:]}")
    return told


def run_examination(logical_cpus: int, names: list[str]) -> tuple[Told, str]:
    done = subprocess.run(
        [sys.executable, "-m", "answers", str(logical_cpus), *names],
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=GRADING_SECONDS,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {line["name"]: line for line in lines}, done.stderr


@pytest.fixture(scope="module")
def gradings(request: pytest.FixtureRequest) -> Iterator[dict[int, Future[Told]]]:
    """Grade what was selected, on three Rays at once: nearly all of that time is spent asleep."""
    chosen: dict[int, list[str]] = {}
    for item in request.session.items:
        if request.node in item.listchain() and "logical_cpus" in getattr(item, "fixturenames", ()):
            parameters = item.callspec.params
            chosen.setdefault(parameters["logical_cpus"], []).append(parameters["sample"].name)
    with ThreadPoolExecutor() as pool:
        yield {cpus: pool.submit(grade_in_a_process, cpus, names) for cpus, names in chosen.items()}


@pytest.mark.parametrize("logical_cpus", CPUS, ids=lambda cpus: f"{cpus}-cpu")
@pytest.mark.parametrize("sample", everywhere, **by_name)
def test_an_answer_earns_its_verdict_and_no_other_and_leaves_the_cluster_fit(
    sample: Sample, logical_cpus: int, gradings: dict[int, Future[Told]]
) -> None:
    told = gradings[logical_cpus].result()[sample.name]
    assert told["mistake"] == sample.mistake, told["text"]
    assert told["passed"] == (sample.mistake is None)
    assert told["fit"]


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[None]:
    with mini_cluster():
        yield


@pytest.mark.usefixtures("three_nodes")
@pytest.mark.parametrize("sample", on_nodes, **by_name)
def test_an_answer_on_three_nodes_earns_its_verdict_and_no_other(sample: Sample) -> None:
    verdict = sample.exercise.grade(sample.answer, deadline_seconds=sample.deadline_seconds)
    assert verdict.mistake == sample.mistake, verdict
    assert verdict.passed == (sample.mistake is None)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.title)
def test_an_exercise_has_three_right_answers_and_a_range_of_wrong_ones(exercise: Exercise) -> None:
    mistakes = [sample.mistake for sample in samples(exercise)]
    assert mistakes[0] is not None, "the starter is wrong, and what it does wrong has a name"
    assert mistakes[1] is None, "the solution is right"
    assert mistakes.count(None) >= 3
    assert {"none", "exception", "endless"} <= set(mistakes)
    assert len(set(mistakes)) >= 8


def test_exercises_are_numbered_from_one_and_stand_on_pages_that_exist() -> None:
    assert [exercise.number for exercise in EXERCISES] == list(range(1, len(EXERCISES) + 1))
    lessons = {page.stem for page in LESSONS.glob("*.md")}
    assert {exercise.page for exercise in EXERCISES} <= lessons
