"""Scripts that are run unchanged, and recorded: `raylessons record`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from raylessons.report.files import read_program
from raylessons.report.program import Program

INIT = 'ray.init(address="local", num_cpus=2, include_dashboard=False, logging_level="ERROR")'
SQUARE = "square = ray.remote(lambda x: x * x).options(name='square')"
WITHOUT_RAY = "import sys\nprint('said')\nprint('complained', file=sys.stderr)\n"


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments in a folder, where Ray joins nothing that runs already."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "RAY_ADDRESS": "local"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def write(folder: Path, *lines: str, name: str = "script.py") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def record(folder: Path, *lines: str) -> tuple[subprocess.CompletedProcess[str], Program]:
    """Record a script of these lines, and return how it went and what is on record."""
    write(folder, *lines)
    done = python(folder, "-m", "raylessons", "record", "-o", "recorded.json", "script.py")
    assert "raylessons: recorded.json is written." in done.stderr, done.stderr
    return done, read_program(folder / "recorded.json")


@pytest.mark.parametrize("arguments", [[], ["-o", "x.html", "--", "-h"], ["--", "a b"]])
def test_a_script_sees_what_python_shows_it(arguments: list[str], tmp_path: Path) -> None:
    write(tmp_path, "here = True", name="scripts/neighbour.py")
    script = write(
        tmp_path,
        "import sys, neighbour",
        "print(sys.argv, sys.path, __name__, __file__, __package__, __spec__, __doc__)",
        "print(sys.modules['__main__'].neighbour.here)",
        name="scripts/script.py",
    )
    for path in ("scripts/script.py", str(script)):
        plain = python(tmp_path, path, *arguments)
        recorded = python(tmp_path, "-m", "raylessons", "record", "--", path, *arguments)
        assert plain.stdout != ""
        assert recorded.stdout == plain.stdout
        assert recorded.returncode == plain.returncode == 0


@pytest.mark.parametrize(
    "ending",
    [
        "",
        "sys.exit()",
        "sys.exit(0)",
        "sys.exit(7)",
        "sys.exit('a message')",
        "1 / 0",
        "def fail(): raise ValueError('no') from KeyError('x')\nfail()",
        "def broken(:",
        "sys.excepthook = lambda *error: print('hooked', error[0])\n1 / 0",
        "raise KeyboardInterrupt",
    ],
)
def test_a_script_without_ray_ends_as_under_python_and_there_is_nothing_to_report(
    ending: str, tmp_path: Path
) -> None:
    write(tmp_path, WITHOUT_RAY + ending)
    plain = python(tmp_path, "script.py")
    recorded = python(tmp_path, "-m", "raylessons", "record", "script.py")
    status = 130 if plain.returncode == -signal.SIGINT else plain.returncode
    assert recorded.returncode == status
    assert recorded.stdout == plain.stdout
    assert recorded.stderr == (
        plain.stderr + "raylessons: There is nothing to report: the script did not start Ray. "
        "script-report.html was not written.\n"
    )
    assert not (tmp_path / "script-report.html").exists()


def test_a_script_that_starts_ray_has_a_report_in_the_folder(tmp_path: Path) -> None:
    script = write(tmp_path, "import ray", INIT, SQUARE, "print(ray.get(square.remote(3)))")
    done = python(tmp_path, "-m", "raylessons", "record", str(script))
    assert done.returncode == 0
    assert done.stdout == "9\n"
    assert done.stderr.endswith("raylessons: script-report.html is written.\n")
    page = (tmp_path / "script-report.html").read_text(encoding="utf-8")
    assert "<title>What Ray did for script.py</title>" in page
    assert '<th scope="row">square</th><td>1</td>' in page
    assert "goes to worker 1 on node 1" in page


def test_a_file_beside_the_script_that_is_named_as_a_library_is_not_in_the_way(
    tmp_path: Path,
) -> None:
    write(tmp_path, "raise ImportError('not the library')", name="bokeh.py")
    write(tmp_path, "import ray", INIT, SQUARE, "ray.get(square.remote(3))")
    done = python(tmp_path, "-m", "raylessons", "record", "script.py")
    assert done.returncode == 0
    assert (tmp_path / "script-report.html").is_file()


def test_the_first_task_is_on_record_where_ray_starts_by_itself(tmp_path: Path) -> None:
    done, program = record(
        tmp_path,
        "import ray",
        SQUARE,
        "print(ray.get(square.remote(square.remote(3))))",
    )
    assert done.returncode == 0
    assert done.stdout == "81\n"
    (trace,) = program.traces
    first, second = trace.tasks("square")
    assert trace.needs() == {first.task_id: [], second.task_id: [first.task_id]}
    assert first.return_ids == second.argument_ids  # its submission was heard, too


def test_what_a_script_sets_before_it_imports_ray_counts(tmp_path: Path) -> None:
    line = (
        "import os, sys; print('ray' in sys.modules); os.environ['RAY_ENABLE_AUTO_CONNECT'] = '0'"
    )
    write(tmp_path, line, "import ray", SQUARE, "square.remote(3)")
    plain = python(tmp_path, "script.py")
    recorded = python(tmp_path, "-m", "raylessons", "record", "script.py")
    assert recorded.stdout == plain.stdout == "False\n"
    assert recorded.returncode == plain.returncode == 1
    assert "Ray has not been started yet" in recorded.stderr
    assert "the script did not start Ray" in recorded.stderr


def test_each_session_of_a_script_is_on_record(tmp_path: Path) -> None:
    done, program = record(
        tmp_path,
        "import ray",
        SQUARE,
        "ray.shutdown()",  # of nothing
        "for count in (1, 2):",
        f"    {INIT}",
        "    assert ray.is_initialized()",
        "    ray.get([square.remote(n) for n in range(count)])",
        "    ray.shutdown()",
        "    assert not ray.is_initialized()",
        "ray.get(square.remote(1))",  # starts Ray by itself
    )
    assert done.returncode == 0
    assert [len(trace.tasks("square")) for trace in program.traces] == [1, 2, 1]


def test_a_script_that_fails_keeps_its_status_its_traceback_and_its_record(tmp_path: Path) -> None:
    done, program = record(
        tmp_path,
        "import ray",
        INIT,
        "@ray.remote",
        "def fail(): raise ValueError('it cannot')",
        "ray.get(fail.remote())",
    )
    assert done.returncode == 1
    first, second, *_ = done.stderr.splitlines()
    assert first == "Traceback (most recent call last):"
    assert second.endswith('script.py", line 5, in <module>')
    plain = python(tmp_path, "script.py").stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("  File ")] == [
        line for line in plain.splitlines() if line.startswith("  File ")
    ]
    assert program.ending == "It ended with an error that nobody caught: ValueError: it cannot."
    assert [run.name for run in program.traces[0].tasks()] == ["fail"]


def test_a_script_that_exits_keeps_its_status_and_its_record(tmp_path: Path) -> None:
    done, program = record(
        tmp_path, "import ray, sys", INIT, SQUARE, "ray.get(square.remote(2))", "sys.exit(7)"
    )
    assert done.returncode == 7
    assert program.ending == "It ended by sys.exit(7)."
    assert len(program.traces[0].tasks("square")) == 1


def test_a_process_that_is_left_at_once_has_no_report(tmp_path: Path) -> None:
    write(tmp_path, "import os, ray", INIT, SQUARE, "ray.get(square.remote(2))", "os._exit(3)")
    done = python(tmp_path, "-m", "raylessons", "record", "-o", "recorded.json", "script.py")
    assert done.returncode == 3
    assert not (tmp_path / "recorded.json").exists()


def test_what_a_thread_does_after_the_last_line_is_not_on_record(tmp_path: Path) -> None:
    late = "ray.get(main.remote(1)), time.sleep(1), ray.get(late.remote(2))"
    _, program = record(
        tmp_path,
        "import ray, threading, time",
        INIT,
        "main, late = (ray.remote(lambda x: x).options(name=name) for name in ('main', 'late'))",
        "ray.get(main.remote(0))",
        f"threading.Thread(target=lambda: ({late}), daemon=True).start()",
        "time.sleep(0.5)",
    )
    assert [len(program.traces[0].tasks(name)) for name in ("main", "late")] == [2, 0]


def interrupt(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run Python, press Ctrl+C as in a terminal once it waits: its status, and what it printed."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        os.killpg(process.pid, signal.SIGINT)  # a terminal tells every process of its own
        printed, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, printed


def test_a_script_that_is_interrupted_has_a_report_of_what_is_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import ray, threading",
        INIT,
        "wait = ray.remote(lambda: threading.Event().wait()).options(name='wait')",
        "ref = wait.remote()",
        "print('waits', flush=True)",
        "ray.get(ref)",
    )
    plain, _ = interrupt(tmp_path, "script.py")
    status, printed = interrupt(tmp_path, "-m", "raylessons", "record", "script.py")
    assert status == plain, printed
    assert "KeyboardInterrupt" in printed
    page = (tmp_path / "script-report.html").read_text(encoding="utf-8")
    assert "It was interrupted. This is what was on record by then." in page
    assert '<th scope="row">wait</th>' in page


def test_a_session_that_cannot_be_recorded_is_told_and_the_script_runs_on(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import ray",
        "from raylessons.recording import recorder",
        "def refuse(): raise RuntimeError('no place to record.')",
        "recorder.cluster_nodes = refuse",
        INIT,
        SQUARE,
        "print(ray.get(square.remote(3)))",
    )
    done = python(tmp_path, "-m", "raylessons", "record", "script.py")
    assert done.returncode == 0
    assert done.stdout == "9\n"
    assert "A session of Ray was not recorded: no place to record." in done.stderr


def test_a_report_that_cannot_be_written_in_the_end_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import ray, pathlib",
        INIT,
        SQUARE,
        "ray.get(square.remote(3))",
        "pathlib.Path('report.html').mkdir()",
    )
    done = python(tmp_path, "-m", "raylessons", "record", "-o", "report.html", "script.py")
    assert done.returncode == 1
    assert "raylessons: report.html was not written: " in done.stderr
