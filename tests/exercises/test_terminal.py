"""The exercises in a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from raylessons.commands import main
from raylessons.exercises.answer_files import load_answer
from raylessons.exercises.answer_sources import AnswerFileError
from raylessons.exercises.catalogue import EXERCISES, find_exercise


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
        ("return 1\n", ["not valid Python", "outside function"]),
        ("x = 1\n\0", ["not valid Python"]),
        ("def squares(numbers):\n    pass\n", ["has no my_squares", "Define it"]),
        ("def squares():\n    my_squares = 1\n", ["has no my_squares"]),
        ("# coding: nonsense\n", ["unknown encoding: nonsense", "my_squares"]),
    ],
    ids=["syntax", "return", "null-byte", "other-name", "inner-name", "encoding"],
)
def test_a_file_that_cannot_hold_an_answer_is_told_why(
    source: str, told: list[str], answer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer.write_text(source, encoding="utf-8")
    assert main(["check", "1", str(answer)]) == 2
    error = capsys.readouterr().err
    assert str(answer) in error
    for part in told:
        assert part in error


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("my_squares = 1\n1 / 0\n", ["ZeroDivisionError", "line 2: 1 / 0"]),
        ("raise SystemExit(0)\nmy_squares = 1", ["SystemExit"]),
        ("import nowhere\nmy_squares = 1", ["ModuleNotFoundError", "nowhere"]),
        ("exec('pass')\n", ["has no my_squares"]),
    ],
    ids=["raises", "exits", "missing-module", "nothing"],
)
def test_a_file_that_does_not_come_to_an_answer_is_told_why(
    source: str, told: list[str], answer: Path
) -> None:
    answer.write_text(source, encoding="utf-8")
    with pytest.raises(AnswerFileError) as caught:
        load_answer(answer, "my_squares")
    for part in [str(answer), *told]:
        assert part in str(caught.value)


def test_a_file_may_leave_by_exit_once_it_has_its_answer(answer: Path) -> None:
    answer.write_text("import sys\nmy_squares = 7\nsys.exit()\n", encoding="utf-8")
    assert load_answer(answer, "my_squares") == 7


def test_a_file_that_does_not_end_is_stopped_and_told_where_it_was(answer: Path) -> None:
    answer.write_text("my_squares = 1\nwhile True:\n    pass\n", encoding="utf-8")
    with pytest.raises(AnswerFileError, match=r"had not ended after 0\.5 s, at line [23]"):
        load_answer(answer, "my_squares", deadline_seconds=0.5)


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


@pytest.mark.parametrize(
    ("number", "source"),
    [
        (99, "my_squares = 1\n"),
        (1, None),
        (1, "def my_squares(:\n"),
        (1, "def squares(numbers):\n    pass\n"),
        (1, "def my_squares():\n    pass\n"),
    ],
    ids=["number", "file", "syntax", "name", "parameters"],
)
def test_what_needs_no_ray_is_refused_without_it(
    number: int, source: str | None, answer: Path
) -> None:
    answer.unlink()
    if source is not None:
        answer.write_text(source, encoding="utf-8")
    assert imported_by(["check", f"{number}", f"{answer}"]) == "2 []"


@pytest.mark.parametrize("command", [[], ["show", "7"], ["forget"]])
def test_what_only_tells_something_loads_no_ray(command: list[str]) -> None:
    assert imported_by(command) == "0 []"


def imported_by(command: list[str]) -> str:
    """Run a command in a new process: its status, and what it or a process of its own imported."""
    code = (
        "import subprocess, sys; from raylessons.commands import main\n"
        "def refuse(*_, **__): raise AssertionError('a process was started')\n"
        "subprocess.Popen = refuse\n"
        f"status = main({command})\n"
        "print(status, [name for name in ('ray', 'numpy', 'bokeh') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_wrong_parameters_are_named_as_they_stand_in_the_file(
    answer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer.write_text("def my_squares(n: int, k=[0], *, j):\n    pass\n", encoding="utf-8")
    assert main(["check", "1", str(answer)]) == 2
    printed = capsys.readouterr().out
    assert printed.startswith("? Not graded. The check calls `my_squares(numbers)`.")
    assert "Seen: your function takes `(n: int, k=[0], *, j)`." in printed
    assert "\x1b[" not in printed


def test_a_ray_that_cannot_start_is_told(answer: Path) -> None:
    process = run("check", "7", str(answer), RAY_ADDRESS="nonsense")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 2, printed
    assert "Ray did not start: Invalid address format: nonsense" in printed
