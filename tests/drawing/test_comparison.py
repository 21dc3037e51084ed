"""Several traces side by side."""

import pytest
from hand_written_traces import small_story, story

from raylessons.drawing.comparison import compare
from raylessons.trace.records import Trace


def test_each_trace_shows_the_moment_in_which_the_task_runs() -> None:
    both = compare({"small": small_story(), "big": story()}, task="add_arrays")
    for frame in both.frames:
        assert frame.scene is not None
        running = [task.run.name for task in frame.scene.tasks if task.status.value == "runs"]
        assert running == ["add_arrays"]


def test_of_several_tasks_of_a_name_the_last_counts() -> None:
    (frame,) = compare({"big": story()}, task="make_array").frames
    assert frame.scene is not None
    last = story().tasks("make_array")[-1]
    states = {task.run.task_id: task.status.value for task in frame.scene.tasks}
    assert states[last.task_id] == "runs"


def test_captions_stand_below_their_pictures_and_are_escaped() -> None:
    page = compare({"a < b": story()}, task="add_arrays")._repr_html_()
    assert page.count("<figure") == page.count("<svg") == 1
    assert "a &lt; b" in page


def test_a_terminal_gets_a_line_for_each_trace() -> None:
    lines = repr(compare({"small": small_story(), "big": story()}, task="add_arrays")).splitlines()
    assert [line.split(",")[0] for line in lines] == ["small", "big"]


@pytest.mark.parametrize("trace", [Trace(), story()], ids=["empty", "of other tasks"])
def test_a_task_that_never_ran_is_refused_with_what_did(trace: Trace) -> None:
    with pytest.raises(ValueError, match=r"'noop'.*'here'"):
        compare({"here": trace}, task="noop")
