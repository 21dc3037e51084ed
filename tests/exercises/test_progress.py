"""What is kept of a reader's checks."""

from pathlib import Path

import pytest

from raylessons.commands import main
from raylessons.exercises.outlines import list_outlines
from raylessons.exercises.progress import Progress, progress_file
from raylessons.exercises.verdicts import not_yet, passed

PASSED = passed("all is well.")
DRIVER = not_yet("driver", "no task ran.", "Let a task run.", "Call `.remote`.")
LOOP = not_yet("get-in-loop", "they took turns.", "Ask later.")


@pytest.fixture
def file(state_folder: Path) -> Path:
    return state_folder / "raylessons" / "progress.json"


def listed(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str, str]:
    """List the exercises: the titles of those with a mark, all that is said, and the errors."""
    assert main([]) == 0
    told = capsys.readouterr()
    marked = [line.split(maxsplit=2)[2] for line in told.out.splitlines() if line[:1] == "✓"]
    return [line.split("  ")[0] for line in marked], told.out, told.err


def test_progress_is_kept_where_the_system_wants_it(file: Path) -> None:
    assert progress_file() == file


def test_what_is_passed_has_a_mark_and_the_next_one_is_named(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked, said, _ = listed(capsys)
    assert marked == []
    assert "\nNext: 1, A slow loop as tasks\n" in said
    assert "forget" not in said
    Progress.read(file).note(1, PASSED)
    Progress.read(file).note(3, PASSED)
    Progress.read(file).note(3, DRIVER)  # it has been passed, whatever is tried later
    marked, said, _ = listed(capsys)
    assert marked == ["A slow loop as tasks", "Find the order"]
    assert "\nNext: 2, Ask later\n" in said
    assert "raylessons check 2 answer.py" in said
    for number in [outline.number for outline in list_outlines()]:
        Progress.read(file).note(number, PASSED)
    assert "\nYou have passed them all.\n" in listed(capsys)[1]


def test_a_mistake_is_counted_as_often_as_it_is_made_in_a_row(file: Path) -> None:
    verdicts = [DRIVER, DRIVER, LOOP, DRIVER, DRIVER, DRIVER, PASSED, DRIVER]
    counted = [Progress.read(file).note(2, verdict) for verdict in verdicts]
    assert counted == [1, 2, 1, 1, 2, 3, 0, 1]
    assert Progress.read(file).note(5, DRIVER) == 1


def test_what_is_refused_without_ray_counts_as_a_mistake_too(file: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text("def my_squares():\n    pass\n", encoding="utf-8")
    for times in (1, 2):
        assert main(["check", "1", str(answer)]) == 2
        assert Progress.read(file).mistakes == {1: ("arguments", times)}


def test_one_command_forgets_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Progress.read(file).note(1, PASSED)
    assert main(["forget"]) == 0
    assert capsys.readouterr().out == "Your progress is forgotten.\n"
    assert listed(capsys)[0] == []
    assert main(["forget"]) == 0
    assert capsys.readouterr().out == "There was no progress to forget.\n"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"passed": 1, "mistakes": {}}',
        b'{"passed": [true], "mistakes": {}}',
        b'{"passed": [1], "mistakes": []}',
        b'{"passed": [1], "mistakes": {"one": ["driver", 1]}}',
        b'{"passed": [1], "mistakes": {"1": ["driver"]}}',
        b'{"passed": [1], "mistakes": {"1": ["driver", "often"]}}',
    ],
)
def test_a_damaged_file_costs_a_remark_and_is_replaced(
    damage: bytes, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(damage)
    marked, _, remark = listed(capsys)
    assert marked == []
    assert remark == f"{file} is damaged, and counts as empty: the next check replaces it.\n"
    assert Progress.read(file).note(1, PASSED) == 0
    assert listed(capsys)[::2] == (["A slow loop as tasks"], "")


def test_a_file_that_cannot_be_written_costs_a_remark(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.parent.write_text("a file where the folder should be", encoding="utf-8")
    answer = tmp_path / "answer.py"
    answer.write_text("def my_squares():\n    pass\n", encoding="utf-8")
    assert main(["check", "1", str(answer)]) == 2
    told = capsys.readouterr()
    assert "Not graded" in told.out
    assert f"Your progress is not kept: {file}: " in told.err


def test_a_file_that_cannot_be_read_costs_a_remark(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.mkdir(parents=True)
    assert f"Your progress cannot be read: {file}: Is a directory." in listed(capsys)[2]
    assert main(["forget"]) == 2
    assert "cannot be deleted" in capsys.readouterr().err


def test_a_check_leaves_nothing_beside_the_file(file: Path) -> None:
    Progress.read(file).note(1, PASSED)
    assert [*file.parent.iterdir()] == [file]
