"""What a verdict shows: on a page, in a terminal, and to who makes a mistake again."""

import pytest

from raylessons.exercises import catalogue
from raylessons.exercises.picture import picture_of
from raylessons.exercises.verdicts import Kept, Section, Verdict

VERDICT = Verdict(
    False,
    "3 of `n` tasks < 4.",
    "get-in-loop",
    "You wait too early.",
    "Call `ray.get` once.",
    given="`[1, 2]`, two numbers (seed 7).",
    demands=(Kept("A list.", True), Kept("No wait.", False), Kept("Each once.", None)),
    section=Section("ask-late", "Ask in the loop"),
    picture=picture_of([("square 1", (0.0, 0.5))], [(0.1, 0.5)]),
)


def test_a_verdict_tells_the_input_the_demands_the_tasks_and_where_to_read() -> None:
    assert repr(VERDICT).splitlines() == [
        "✗ Not yet. You wait too early.",
        "  Seen: 3 of `n` tasks < 4.",
        "  Input: `[1, 2]`, two numbers (seed 7).",
        "  ✓ A list.",
        "  ✗ No wait.",
        "  · Each once.",
        "  square 1 from 0 ms to 500 ms; you waited from 100 ms to 500 ms.",
        "  Read: Ask in the loop, on the page ask-late.",
    ]


def test_a_verdict_on_a_page_has_all_of_it_and_escapes_what_it_shows() -> None:
    shown = VERDICT._repr_html_()
    assert "<code>n</code> tasks &lt; 4" in shown
    assert '<span class="verdict-section" data-page="ask-late">Ask in the loop</span>' in shown
    assert "What was asked: 1 of 3 kept" in shown
    assert shown.count("<li ") == 3
    assert '<svg viewBox="0 0 400 60" role="img" aria-label="square 1 from 0 ms' in shown


def test_praise_shows_no_tasks_and_leads_nowhere() -> None:
    praise = Verdict(True, "all.", section=VERDICT.section, picture=VERDICT.picture)
    assert repr(praise) == "✓ Passed.\n  Seen: all."
    assert "svg" not in praise._repr_html_()


def test_many_tasks_are_counted_where_they_are_not_shown() -> None:
    picture = picture_of([(f"task {n}", (0.0, 1.0)) for n in range(40)], [])
    assert picture is not None
    assert "35 more tasks" in repr(picture)
    assert "and 28 more tasks" in picture._repr_html_()


@pytest.mark.usefixtures("embedded_ray")
def test_who_makes_the_same_mistake_again_is_told_more_directly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def one_task_for_each(work, items, cpus):  # type: ignore[no-untyped-def]
        import ray

        return ray.get([ray.remote(work).remote(item) for item in items])

    told = []
    for answer in (one_task_for_each, one_task_for_each, lambda work, items, cpus: None):
        catalogue.check(8, answer)
        told.append(capsys.readouterr().out.splitlines()[0])
    first, second, other = told
    assert first != second
    assert "Write a remote function" in second
    assert "hands nothing back" in other


def test_a_mistake_that_any_exercise_can_meet_is_explained_where_it_is_shown() -> None:
    exercise = catalogue.find_exercise(8)
    assert exercise.section_for("get-in-loop") == Section("ask-late", "Ask in the loop")
    assert exercise.section_for("uneven") == exercise.own_section
    assert exercise.section_for(None) is None
