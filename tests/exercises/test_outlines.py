"""What is told of the exercises without their graders."""

import pytest

from raylessons.exercises.catalogue import EXERCISES, find_exercise
from raylessons.exercises.outlines import find_outline, list_outlines


def test_an_outline_says_what_its_exercise_says() -> None:
    outlines = list_outlines()
    for name in ("number", "title", "call", "task", "page", "needs_nodes", "name", "starter"):
        expected = [getattr(exercise, name) for exercise in EXERCISES]
        assert [getattr(outline, name) for outline in outlines] == expected, name


def test_an_unknown_number_is_refused_in_the_words_of_the_catalogue() -> None:
    told = []
    for find in (find_exercise, find_outline):
        with pytest.raises(LookupError) as caught:
            find(99)
        told.append(str(caught.value))
    assert told[0] == told[1]
