"""The process that grades, seen from the command that starts it: nothing here needs Ray."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from raylessons.exercises.leftovers import MARK, end_marked
from raylessons.exercises.verdicts import Verdict

START_SECONDS = 180.0  # a mini cluster takes a while on a busy machine
GRADE_SECONDS = 120.0  # an exercise calls its answer a few times, each with a deadline of its own
END_SECONDS = 45.0
PATIENCE_SECONDS = 3.0
POLL_SECONDS = 0.1
# What Ray says of workers that were ended on purpose would stand among the verdicts.
QUIET = "worker died or was killed|worker processes have been started|retries? remaining"
# With the paths of the command, so that both find the same package, and nothing that lies about in
# the reader's folder.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
_START += "from raylessons.exercises.grading import main; main(sys.argv[1:])"


@dataclass(frozen=True)
class Report:
    """What a check came to: a verdict, or why there is none."""

    verdict: Verdict | None = None
    refusal: str = ""
    remark: str = ""  # what else the reader should know
    is_fit: bool = True  # False: something of the answer is left in the process, or of its Ray


class GraderLostError(Exception):
    """The grader ended, or was ended, before it had a verdict; it says how."""


class Grader:
    """A process with a Ray of its own, in which the answers to one exercise run.

    It is started when it is first needed, and anew when an answer has ended it or left something
    in it. It has a session of its own, so that Ctrl+C reaches the command alone.
    """

    def __init__(self, number: int, path: Path) -> None:
        self._number = number
        self._path = path
        self._mark = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Any = None
        self._is_fit = True

    def check(self) -> Report:
        """Run the file and grade its answer. Raises `GraderLostError` where no report comes."""
        if not self._is_fit:
            self.kill()
        if self._process is None:
            self._start()
            report: Report | None = self._receive(START_SECONDS)
            if report is not None:  # Ray did not start
                self.kill()
                return report
        try:
            self._pipe.send("check")
        except OSError:  # it has ended since the last check
            self.kill()
            return self.check()
        report = self._receive(GRADE_SECONDS)
        assert report is not None
        self._is_fit = report.is_fit
        return report

    def end(self) -> None:
        """Let the process end in good order, and see to it that nothing is left of it."""
        if self._process is not None and self._is_fit:
            self._pipe.close()  # it waits for a line, and ends when none can come
            # The verdict is given: what takes too long, or is interrupted, ends the other way.
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                self._process.wait(END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process, its Ray, and whatever an answer has started."""
        if self._process is None:
            return
        patience = PATIENCE_SECONDS if self._process.poll() is None else 0.0
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        end_marked(self._mark, self._process.pid, patience)
        self._process = None
        self._is_fit = True

    def _start(self) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _START, json.dumps(sys.path)),
                    *(str(self._number), str(self._path), str(theirs.fileno()), self._mark),
                ],
                stdin=subprocess.DEVNULL,  # an answer that asks for input would wait for ever
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={"RAY_DEDUP_LOGS_SKIP_REGEX": QUIET} | os.environ | {MARK: self._mark},
            )

    def _receive(self, seconds: float) -> Report | None:
        process = self._process
        assert process is not None
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                if self._pipe.poll(POLL_SECONDS):
                    report: Report | None = self._pipe.recv()
                    return report
                # A child of the answer's may hold the other end, so that its end is not seen.
                if process.poll() is not None and not self._pipe.poll():
                    break
            else:
                self.kill()
                raise GraderLostError(f"it had not ended after {seconds:g} s, and was ended")
        except (EOFError, OSError):
            pass  # it has ended, or given up its end of the pipe
        try:
            status = process.wait(1.0)
        except subprocess.TimeoutExpired:
            status = 0
        self.kill()
        raise GraderLostError(f"its process ended {_describe(status)}")


def _describe(status: int) -> str:
    if status < 0:
        return f"by {signal.Signals(-status).name}"
    return f"with exit status {status}"
