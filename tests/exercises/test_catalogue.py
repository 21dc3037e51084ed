"""What the graders say of right and wrong answers, on a real Ray of several sizes."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from answers import Sample, samples
from answers.examination import Told, sizes_of

from raylessons.exercises.catalogue import EXERCISES, Exercise
from raylessons.exercises.mistakes import SECTIONS

LESSONS = Path(__file__).parents[2] / "docs/lessons"


SOLUTION = 1  # comes after the starter
MOST_RIGHT = 3  # of each exercise: with more, all tests would take half an hour


def gradings_to_test() -> Iterator[Any]:
    """Choose what is graded where: `nox -s exercises` grades every answer on every size of Ray.

    Solutions on all sizes, each other answer on one of them, in turn. Right answers after the
    third are `again` ones, and so are wrong ones where another earned the same mistake,
    in any exercise if all tell it alike: pyproject.toml leaves these out.
    """
    told: set[str] = set()
    for exercise in EXERCISES:
        told &= SECTIONS.keys()
        right = 0
        for number, sample in enumerate(samples(exercise)):
            right += sample.mistake is None
            is_again = right > MOST_RIGHT if sample.mistake is None else sample.mistake in told
            told |= {sample.mistake} - {None}
            sizes = sizes_of(sample)
            first = sizes[number % len(sizes)]
            marks = [pytest.mark.again] if is_again else []
            yield pytest.param(sample, first, id=sample.name, marks=marks)
            for other in sizes:
                if number == SOLUTION and other != first:
                    yield pytest.param(sample, other, id=f"{sample.name}-{other}-cpu")


@pytest.mark.parametrize(("sample", "cpus"), [*gradings_to_test()])
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
