"""The command line: what it refuses, and how quickly."""

import subprocess
import sys
from pathlib import Path

import pytest
from hand_written_traces import story

from raylessons.commands import main
from raylessons.report.files import write_trace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder to work in, with a script that must not run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text("raise AssertionError('it ran')\n", encoding="utf-8")
    (tmp_path / "some.json").write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("record none.py", "'none.py' is not there: expected a Python script. Pass the path of"),
        ("record .", "'.' is a folder: expected a Python script."),
        ("record -o gone/r.html script.py", "'gone' is no folder: expected one to write in. Make"),
        ("record -o r.txt script.py", "'r.txt' is no .html or .json: expected a name that ends so"),
        ("record -o script.py script.py", "'script.py' is no .html or .json"),
        ("report none.json", "'none.json' is not there: expected a .json file by `raylessons rec"),
        ("report some.json", "'some.json' is JSON of another kind: expected an object whose"),
        ("report some.json -o r.json", "'r.json' is no .html: expected a name that ends so."),
    ],
)
def test_wrong_usage_is_refused_at_once_in_one_line(
    arguments: str, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert main(arguments.split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"raylessons: {told}")
    assert printed.err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", ["folder.html", "folder.json"])
def test_a_folder_in_the_place_of_the_report_is_refused(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).mkdir()
    assert main(["record", "-o", name, "script.py"]) == 2
    assert f"'{name}' cannot be written: expected a file that can." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["record"], ["report"], ["grade"], ["record", "-o"]])
def test_what_is_missing_is_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 2


def test_a_report_is_made_of_a_trace_beside_where_one_works(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_trace(story(), folder / "mine.json")
    assert main(["report", "mine.json"]) == 0
    assert "What Ray did for mine" in (folder / "mine-report.html").read_text(encoding="utf-8")
    assert main(["report", "mine.json", "-o", "other.html"]) == 0
    assert (folder / "other.html").is_file()
    assert capsys.readouterr().err.splitlines() == [
        "raylessons: mine-report.html is written.",
        "raylessons: other.html is written.",
    ]


@pytest.mark.parametrize("arguments", [["--help"], ["record", "none.py"], ["report", "none.json"]])
def test_help_and_refusals_load_neither_ray_nor_bokeh(arguments: list[str]) -> None:
    code = (
        "import contextlib, sys; from raylessons.commands import main\n"
        f"with contextlib.suppress(SystemExit): main({arguments})\n"
        "print([name for name in ('ray', 'bokeh') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
