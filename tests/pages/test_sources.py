"""The sources of the pages keep what the pages promise; the docs build executes them."""

import re
from pathlib import Path

import pytest

import raylessons
from raylessons.exercises.catalogue import EXERCISES
from raylessons.exercises.exercise import Exercise

DOCS = Path(__file__).parents[2] / "docs"
LESSONS = sorted(DOCS.glob("lessons/*.md"))
REFERENCE = DOCS / "reference/api.md"
# Its options are a line of tags, or a block between two lines of dashes.
OPTIONS = r"((?::tags: [^\n]*\n|---\n.*?\n---\n)?)"
CELL = re.compile(r"```\{code-cell\}\n" + OPTIONS + "(.*?)```", re.DOTALL)


def cells(page: Path) -> list[tuple[str, str]]:
    """List the tags and the source of each code cell."""
    return [(tags, source.strip()) for tags, source in CELL.findall(page.read_text("utf-8"))]


def without_face(source: str) -> str:
    """Leave out what an answer's file imports for itself, and a page at its top."""
    return re.sub(r"\n?from raylessons import [^\n]+\n", "", source).strip()


def tagged(exercise: Exercise, kind: str) -> list[str]:
    """List the cells of an exercise's page that hold its starter or its solution."""
    page = next(page for page in LESSONS if page.stem == exercise.page)
    tag = f"exercise-{exercise.number}-{kind}"
    return [source for tags, source in cells(page) if re.search(rf"\b{tag}\b", tags)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"exercise {exercise.number}")
def test_a_page_shows_the_starter_that_is_tested(exercise):
    assert tagged(exercise, "starter") == [without_face(exercise.starter)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"exercise {exercise.number}")
def test_a_page_folds_away_the_solution_that_is_tested_and_checks_it(exercise):
    (source,) = tagged(exercise, "solution")
    solution, check = source.rsplit("\n\n\n", maxsplit=1)
    assert solution == without_face(exercise.solution)
    assert check == f"check({exercise.number}, {exercise.name})"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"exercise {exercise.number}")
def test_a_page_takes_an_exercise_s_text_from_the_catalogue(exercise):
    (page,) = (page for page in LESSONS if page.stem == exercise.page)
    start = (
        f"\n## Exercise {exercise.number}: {exercise.title}\n\n```{{exercise}} {exercise.number}\n"
    )
    assert start.lower() in page.read_text("utf-8").lower()


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_page_imports_the_face_and_no_room_in_two_lines_at_the_most(page):
    lines = re.findall(r"^(?:from|import) raylessons.*", page.read_text("utf-8"), re.MULTILINE)
    assert len(lines) <= 2
    assert all(line.startswith("from raylessons import ") for line in lines)


def test_the_reference_documents_the_face():
    told = re.findall(r"^\.\. auto\w+:: (\w+)", REFERENCE.read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted({*raylessons.__all__} - {"__version__"})


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_page_stops_what_it_starts(page):
    tags, source = cells(page)[-1]
    assert "remove-cell" in tags
    assert "ray.shutdown()" in source or "cluster.stop()" in source


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_page_tells_its_plan(page):
    text = page.read_text("utf-8")
    assert all(part in text for part in ("You will do", "You will learn", "You need"))


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_code_that_readers_see_has_short_lines(page):
    seen = [source for tags, source in cells(page) if "remove-" not in tags]
    assert [line for source in seen for line in source.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_prose_has_one_sentence_a_line(page):
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    lines = [
        line
        for line in prose.splitlines()
        if not line.startswith(("|", "-", "*", "1.", "2.", "3.", "4."))
    ]
    assert [line for line in lines if re.search(r"[a-z`)]\. [A-Z]", line)] == []
