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
from raylessons.exercises.outlines import Outline
from raylessons.exercises.verdicts import Verdict

START_SECONDS = 180.0  # a mini cluster takes a while on a busy machine
GRADE_SECONDS = 120.0  # an exercise calls its answer a few times, each with a deadline of its own
END_SECONDS = 45.0
CLEARING_SECONDS = 15.0  # a mini cluster takes some to clear away its nodes and its folder
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
    """The grader ended before it had a verdict; it says how."""


class GraderStuckError(Exception):
    """The grader had no verdict in time and was ended; it says after how long."""


class Grader:
    """A process with a Ray of its own, in which the answers to one exercise run.

    It is started when it is first needed, and again when an answer has ended it or left something
    in it. It has a session of its own, so that Ctrl+C reaches the command alone.
    """

    def __init__(self, exercise: Outline, path: Path, grade_seconds: float = GRADE_SECONDS) -> None:
        self._exercise = exercise
        self._path = path
        self._grade_seconds = grade_seconds
        self._mark = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Any = None
        self._is_fit = True
        self._has_ended_well = False

    def check(self) -> Report:
        """Run the file and grade its answer.

        Raises `GraderLostError` or `GraderStuckError` where that leads to no report.
        """
        if self._process is not None and (not self._is_fit or self._process.poll() is not None):
            self.kill()
        if self._process is None:
            refusal = self._start()
            if refusal:
                self.kill()
                return Report(refusal=f"Ray did not start: {refusal}")
        with suppress(OSError):  # it has ended this moment, which the next line tells
            self._pipe.send("check")
        report: Report = self._receive(self._grade_seconds)
        self._is_fit = report.is_fit
        return report

    def end(self) -> None:
        """Let the process end in good order, and see to it that nothing is left of it."""
        if self._process is not None and self._is_fit:
            self._pipe.close()  # it waits for a line, and ends when none can come
            # The verdict is given: what takes too long, or is interrupted, ends the other way.
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                self._process.wait(END_SECONDS)
                self._has_ended_well = True
        self.kill()

    def kill(self) -> None:
        """End the process, its Ray, and whatever an answer has started."""
        if self._process is None:
            return
        clears_itself = self._exercise.needs_nodes and not self._has_ended_well
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        end_marked(self._mark, self._process.pid, CLEARING_SECONDS if clears_itself else 0.0)
        self._process, self._is_fit, self._has_ended_well = None, True, False

    def _start(self) -> str:
        """Start it, and return why its Ray does not run, where it does not."""
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _START, json.dumps(sys.path)),
                    *(
                        str(self._exercise.number),
                        str(self._path),
                        str(theirs.fileno()),
                        self._mark,
                    ),
                ],
                stdin=subprocess.DEVNULL,  # an answer that asks for input would wait for ever
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={"RAY_DEDUP_LOGS_SKIP_REGEX": QUIET} | os.environ | {MARK: self._mark},
            )
        try:
            refusal: str = self._receive(START_SECONDS)
        except (GraderLostError, GraderStuckError) as error:
            return f"{error}."
        return refusal

    def _receive(self, seconds: float) -> Any:
        """Return what it sends next."""
        process = self._process
        assert process is not None
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                if self._pipe.poll(POLL_SECONDS):
                    return self._pipe.recv()
                # A child of the answer's may hold the other end, so that its end is not seen.
                if process.poll() is not None and not self._pipe.poll():
                    break
            else:
                self.kill()
                raise GraderStuckError(f"it had not ended after {seconds:g} s")
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
