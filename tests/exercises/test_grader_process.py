"""The process that grades, whatever an answer does to it: each test runs the command as readers do.

Exercise 1, whose answer is `my_squares(numbers)`, is graded in them.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from raylessons.exercises.answer_files import load_answer
from raylessons.exercises.grader_process import Grader, GraderStuckError
from raylessons.exercises.outlines import find_outline

SECONDS = 200  # a bound for a machine that has much else to do
RIGHT = """
import ray
from raylessons import slow_square

def my_squares(numbers):
    square = ray.remote(slow_square)
    return ray.get([square.remote(number) for number in numbers])
"""
# As every tutorial begins, and what else a file may do on its way.
LOUD = """
import atexit, os, subprocess, sys, threading, time
import ray

with ray.init(num_cpus=1) as context:
    print("dashboard:", context.dashboard_url)
ray.shutdown()
assert ray.is_initialized()
subprocess.Popen(["sleep", "617.25"])
subprocess.Popen(["env", "-i", "sleep", "617.25"])
subprocess.Popen(["sleep", "617.25"], start_new_session=True)
threading.Thread(target=time.sleep, args=(600,)).start()
if os.fork() == 0:
    time.sleep(600)
    os._exit(0)
atexit.register(time.sleep, 600)

def my_squares(numbers):
    from raylessons import mini_cluster, slow_square, start_ray
    ray.init("ray://127.0.0.1:1")
    start_ray(num_cpus=2)
    mini_cluster().stop()
    os.kill(os.getpid(), 2)
    square = ray.remote(slow_square)
    squares = ray.get([square.remote(number) for number in numbers])
    print("printed")
    ray.shutdown()
    sys.stdout.close()
    sys.stderr.close()
    os.closerange(1, 3)
    return squares

sys.exit(0)
"""
TELLS_ITS_RAY = """
import os
import ray
print("Here:", os.getpid(), ray.get_runtime_context().gcs_address)
"""


@pytest.fixture
def own_mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a word that every process has in its environment which the test causes."""
    mark = f"{uuid4()}"
    monkeypatch.setenv("RAYLESSONS_TEST", mark)
    return mark


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    return tmp_path / "answer.py"


def processes(mark: str) -> dict[int, str]:
    """List the processes with a mark, and whatever sleeps for as long as nothing else does."""
    if sys.platform != "linux":
        pytest.skip("only Linux has /proc")
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes()
            is_marked = mark.encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if (is_marked and folder.name != f"{os.getpid()}") or command == b"sleep\x00617.25\x00":
            found[int(folder.name)] = command.decode()
    return found


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "raylessons", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # as a terminal does
    )


@pytest.fixture
def check(answer: Path, own_mark: str) -> Iterator["Check"]:
    one = Check(answer, own_mark)
    yield one
    one.end()


class Check:
    """A command that a test has started, with what it prints."""

    def __init__(self, answer: Path, mark: str) -> None:
        self.answer = answer
        self.mark = mark
        self.process: subprocess.Popen[str] | None = None

    def start(self, source: str, *options: str, number: int = 1) -> None:
        self.answer.write_text(source, encoding="utf-8")
        self.process = run("check", f"{number}", str(self.answer), *options)

    def status_and_print(self, source: str) -> tuple[int, str]:
        """Check an answer to the end, after which nothing may be left."""
        self.start(source)
        assert self.process is not None
        # To the end of the command: what is left behind may keep the pipe open.
        status = self.process.wait(SECONDS)
        left = processes(self.mark)
        assert left == {}
        assert self.process.stdout is not None
        return status, self.process.stdout.read()

    def read_until(self, end: str) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if end in line:
                return printed
        raise AssertionError(f"it ended before it said {end!r}: {printed}")

    def save(self, source: str) -> str:
        """Save another answer while it watches, and return what is said of it."""
        self.answer.write_text(source, encoding="utf-8")
        return self.read_until("Ctrl+C ends")

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            for left in processes(self.mark):  # where the test has failed
                with suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)


def test_an_answer_may_start_ray_shut_it_down_print_close_and_leave_things_behind(
    check: Check,
) -> None:
    status, printed = check.status_and_print(LOUD)
    assert status == 0, printed
    assert "\nprinted\n✓ Passed." in printed
    assert printed.count("Your file starts Ray. The check had a Ray of its own") == 1
    assert "with 4 logical CPUs" in " ".join(printed.split())


def test_an_answer_that_ends_the_process_is_not_graded(check: Check) -> None:
    # The child has the grader's end of the pipe, which does not close with the grader, then.
    source = (
        "import os, time\nif os.fork() == 0:\n    time.sleep(617.25)\n"
        "def my_squares(numbers):\n    os._exit(0)\n"
    )
    status, printed = check.status_and_print(source)
    assert status == 2, printed
    assert (
        "? Not graded. There is no verdict on your answer: its process ended with exit" in printed
    )
    assert "exit status 0. `os._exit` in line 5 may have done that" in printed
    assert "Traceback" not in printed


def test_an_answer_that_ends_the_process_by_a_signal_is_not_graded(check: Check) -> None:
    status, printed = check.status_and_print(
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "def my_squares(numbers):\n    os.kill(os.getpid(), 15)\n    time.sleep(9)\n"
    )
    assert status == 2, printed
    assert "`os.kill` in line 4 may have done that" in printed
    assert "Traceback" not in printed


def test_an_answer_that_leaves_by_exit_has_not_passed(check: Check) -> None:
    status, printed = check.status_and_print(
        "import sys\ndef my_squares(numbers):\n    sys.exit(0)\n"
    )
    assert status == 1, printed
    assert "SystemExit" in printed


@pytest.mark.parametrize(
    "start",
    [b"\xef\xbb\xbf", b"# coding: latin-1\nname = 'Ren\xe9'\nassert len(name) == 4\n"],
    ids=["byte-order-mark", "coding"],
)
def test_a_file_may_say_how_it_is_encoded(start: bytes, answer: Path) -> None:
    answer.write_bytes(start + RIGHT.encode())
    assert load_answer(answer, "my_squares").__name__ == "my_squares"


def test_watching_keeps_ray_until_an_answer_has_ended_or_spoilt_it(check: Check) -> None:
    check.start("def my_squares(:\n", "--watch")
    assert "not valid Python" in check.read_until("Ctrl+C ends")
    closes = "import sys\nsys.stdout.close()\nos.close(1)\nos.chdir('/')\nos.environ.clear()\n"
    spoils = "import time\ntime.sleep = lambda _: None\n"
    printed = [
        check.save(TELLS_ITS_RAY + more + RIGHT)
        for more in (closes, "", spoils, "os._exit(0)\n", "")
    ]
    rays = [found.group() for each in printed if (found := re.search("Here: .*", each))]
    assert len(rays) == 5
    assert rays[0] == rays[1] == rays[2]
    assert len({*rays[2:]}) == 3
    marks = [re.search("^(✓ Passed|[?] Not graded)", each, re.MULTILINE) for each in printed]
    assert [bool(mark and mark.group() == "✓ Passed") for mark in marks] == [
        *(True, True, True, False, True)
    ]
    assert check.process is not None
    check.answer.unlink()
    assert "cannot be read" in check.read_until("Ctrl+C ends")
    check.save(RIGHT)
    check.process.send_signal(signal.SIGINT)
    assert check.process.wait(SECONDS) == 0
    assert processes(check.mark) == {}


def test_a_mistake_made_again_gets_the_more_direct_hint(check: Check) -> None:
    at_once = (
        "import ray\ndef my_batches(work, items, cpus):\n"
        "    every = ray.remote(lambda: [work(item) for item in items])\n"
        "    return ray.get(every.remote())\n"
    )
    check.start(at_once, "--watch", number=8)
    first = " ".join(check.read_until("Ctrl+C ends").split())
    again = " ".join(check.save(at_once).split())
    assert "✗ Not yet. One task for everything uses one CPU" in first
    assert "✗ Not yet. Cut `items` into slices" in again


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_check_that_is_interrupted_or_killed(
    end: signal.Signals, check: Check
) -> None:
    check.start(
        "import time\n\ndef my_squares(numbers):\n    print('at work')\n    time.sleep(9)\n"
    )
    check.read_until("at work")
    assert check.process is not None
    check.process.send_signal(end)
    assert check.process.wait(SECONDS) == (2 if end == signal.SIGINT else -9)
    until = time.monotonic() + (0 if end == signal.SIGINT else SECONDS)
    while left := processes(check.mark):
        assert time.monotonic() < until, left
        time.sleep(0.1)


def test_an_answer_that_nothing_stops_is_ended_with_its_process(
    answer: Path, own_mark: str
) -> None:
    # All in one step of Python's, in which no other thread comes to its turn.
    answer.write_text("def my_squares(numbers):\n    sum(range(10**13))\n", encoding="utf-8")
    grader = Grader(find_outline(1), answer, grade_seconds=1)
    with pytest.raises(GraderStuckError, match="it had not ended after 1 s"):
        grader.check()
    assert processes(own_mark) == {}
