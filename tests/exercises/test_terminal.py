"""The exercises in a terminal."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import ray

from raylessons.commands import main
from raylessons.exercises.answer_files import AnswerFileError, load_answer
from raylessons.exercises.catalogue import EXERCISES, find_exercise
from raylessons.exercises.terminal import check


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    path = tmp_path / "answer.py"
    path.write_text(find_exercise(7).starter, encoding="utf-8")
    return path


def test_without_a_command_every_exercise_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    for exercise in EXERCISES:
        assert f"{exercise.number:2}  {exercise.title}" in printed
        assert exercise.page in printed


def test_show_prints_a_file_to_begin_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "7"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Exercise 7: ")
    assert printed.endswith(find_exercise(7).starter)
    compile(printed, "answer.py", "exec")


@pytest.mark.parametrize("command", [["show", "99"], ["check", "99", "answer.py"]])
def test_an_unknown_number_is_answered_with_the_known_ones(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "there is no exercise 99" in error
    assert "7" in error


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def my_squares(:\n    pass\n", ["not valid Python", "line 1", "SyntaxError"]),
        ("x = 1\n\0", ["not valid Python"]),
        ("import ray\n1 / 0\n", ["ZeroDivisionError", "line 2: 1 / 0"]),
        ("raise SystemExit(0)\n", ["SystemExit"]),
        ("import nowhere\n", ["ModuleNotFoundError", "nowhere"]),
        ("def squares(numbers):\n    pass\n", ["has no my_squares", "Define it"]),
    ],
    ids=["syntax", "null-byte", "raises", "exits", "missing-module", "other-name"],
)
def test_a_file_without_an_answer_is_told_why(
    source: str, told: list[str], answer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer.write_text(source, encoding="utf-8")
    assert main(["check", "7", str(answer)]) == 2
    error = capsys.readouterr().err
    assert str(answer) in error
    for part in told:
        assert part in error
    assert not ray.is_initialized()


def test_a_file_that_cannot_be_read_is_told_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = tmp_path / "binary.py"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, reason in [
        (tmp_path / "none.py", "No such file"),
        (tmp_path, "Is a directory"),
        (binary, "not text in UTF-8"),
    ]:
        assert main(["check", "7", str(path)]) == 2
        error = capsys.readouterr().err
        assert reason in error
        assert "my_squares" in error


def test_a_number_that_is_none_and_a_missing_file_name_are_usage_errors() -> None:
    for command in (["check", "seven", "answer.py"], ["check", "7"], ["grade"]):
        with pytest.raises(SystemExit) as exit_info:
            main(command)
        assert exit_info.value.code == 2


def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "raylessons", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def printed_to_a_terminal(**environment: str) -> str:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    controller, terminal = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-m", "raylessons"],
        env={**plain, "TERM": "xterm", **environment},
        stdout=terminal,
        check=True,
    )
    os.close(terminal)
    printed = os.read(controller, 65536).decode()
    os.close(controller)
    return printed


def test_a_terminal_has_colour_unless_it_is_not_wanted() -> None:
    assert "\x1b[" in printed_to_a_terminal()
    assert "\x1b[" not in printed_to_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in printed_to_a_terminal(TERM="dumb")


@pytest.mark.usefixtures("embedded_ray")
class TestWithRay:
    def test_the_exit_status_tells_passed_from_not_passed_from_not_graded(
        self, answer: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        exercise = find_exercise(7)
        for source, status, mark in [
            (exercise.solution, 0, "✓ Passed."),
            (exercise.starter, 1, "✗ Not yet."),
            ("my_squares = [0, 1, 4]\n", 2, "? Not graded."),
            ("def my_squares(numbers):\n    return []\n", 2, "? Not graded."),
        ]:
            answer.write_text(source, encoding="utf-8")
            assert check(exercise, answer, ExitStack()) == status
            printed = capsys.readouterr().out
            assert printed.startswith(mark)
            assert "\n  Seen: " in printed
            assert "\x1b[" not in printed

    def test_a_file_that_does_not_end_is_stopped_and_told_where_it_was(self, answer: Path) -> None:
        answer.write_text("while True:\n    pass\n", encoding="utf-8")
        with pytest.raises(AnswerFileError, match=r"had not ended after 0\.5 s, at line [12]"):
            load_answer(answer, "my_squares", deadline_seconds=0.5)


def test_watching_grades_on_every_save_until_interrupted(answer: Path) -> None:
    answer.write_text("def my_squares(:\n", encoding="utf-8")
    process = run("check", "7", str(answer), "--watch")
    try:
        assert "not valid Python" in read_until(process, "Ctrl+C ends")
        answer.write_text(find_exercise(7).starter, encoding="utf-8")
        assert "✗ Not yet." in read_until(process, "Ctrl+C ends")
        answer.unlink()
        assert "cannot be read" in read_until(process, "Ctrl+C ends")
        answer.write_text(find_exercise(7).solution, encoding="utf-8")
        assert "✓ Passed." in read_until(process, "Ctrl+C ends")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], end: str) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if end in line:
            return printed
    raise AssertionError(f"it ended before it said {end!r}: {printed}")


def test_a_ray_that_cannot_start_is_told(answer: Path) -> None:
    process = run("check", "7", str(answer), RAY_ADDRESS="nonsense")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 2, printed
    assert "Ray did not start: Invalid address format: nonsense" in printed
