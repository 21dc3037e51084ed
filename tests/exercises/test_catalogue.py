"""What the graders say of right and wrong answers, on a real Ray of several sizes."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from answers import Sample, samples
from answers.examination import Told, grade_in_a_process, sizes_of

from raylessons.exercises.catalogue import EXERCISES, Exercise
from raylessons.exercises.mistakes import SECTIONS

LESSONS = Path(__file__).parents[2] / "docs/lessons"


def gradings_to_test() -> Iterator[tuple[str, Sample, int]]:
    """Choose what is graded where: `nox -s exercises` grades every answer on every size of Ray.

    Starters and solutions on all sizes, each other answer on one of them, in turn.
    """
    for exercise in EXERCISES:
        for number, sample in enumerate(samples(exercise)):
            sizes = sizes_of(sample)
            first = sizes[number % len(sizes)]
            yield sample.name, sample, first
            for other in sizes:
                if number < 2 and other != first:
                    yield f"{sample.name}-{other}-cpu", sample, other


GRADINGS = list(gradings_to_test())


@pytest.fixture(scope="module")
def gradings(request: pytest.FixtureRequest) -> Iterator[dict[int, Future[Told]]]:
    """Grade what was selected, on several Rays at once: nearly all of that time is spent asleep."""
    chosen: dict[int, list[str]] = {}
    for item in request.session.items:
        if request.node in item.listchain() and "cpus" in getattr(item, "fixturenames", ()):
            parameters = item.callspec.params
            chosen.setdefault(parameters["cpus"], []).append(parameters["sample"].name)
    with ThreadPoolExecutor() as pool:
        yield {
            cpus: pool.submit(grade_in_a_process, cpus, names, same_seeds=True)
            for cpus, names in chosen.items()
        }


@pytest.mark.parametrize(
    ("sample", "cpus"),
    [(sample, cpus) for _, sample, cpus in GRADINGS],
    ids=[name for name, _, _ in GRADINGS],
)
def test_an_answer_earns_its_verdict_and_no_other_and_leaves_the_cluster_fit(
    sample: Sample, cpus: int, gradings: dict[int, Future[Told]]
) -> None:
    told = gradings[cpus].result()[sample.name]
    assert told["mistake"] == sample.mistake, told["text"]
    assert told["passed"] == (sample.mistake is None)
    assert told["graded"] == (sample.mistake != "arguments")
    assert told["fit"]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.title)
def test_an_exercise_has_twelve_right_answers_and_twenty_wrong_ones(exercise: Exercise) -> None:
    mistakes = [sample.mistake for sample in samples(exercise)]
    assert mistakes[0] is not None, "the starter is wrong, and what it does wrong has a name"
    assert mistakes[1] is None, "the solution is right"
    assert mistakes.count(None) >= 12
    assert len(mistakes) - mistakes.count(None) >= 20
    assert {"none", "exception", "endless"} <= set(mistakes)
    assert len(set(mistakes)) >= 8


def test_exercises_are_numbered_from_one_and_stand_on_pages_that_exist() -> None:
    assert [exercise.number for exercise in EXERCISES] == list(range(1, len(EXERCISES) + 1))
    lessons = {page.stem for page in LESSONS.glob("*.md")}
    assert {exercise.page for exercise in EXERCISES} <= lessons


def test_each_section_that_a_verdict_leads_to_is_a_heading_of_its_page() -> None:
    sections = {
        *SECTIONS.values(),
        *(each.own_section for each in EXERCISES),
        *(section for each in EXERCISES for section in each.sections.values()),
    }
    for section in sections:
        lines = (LESSONS / f"{section.page}.md").read_text(encoding="utf-8").splitlines()
        headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
        assert section.title in headings, section
