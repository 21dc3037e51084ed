"""End every process that came of a check: each has the check's mark in its environment.

A process inherits the mark from the one that starts it, whatever session or group it then moves
to, and however long the one that started it has been gone.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARK = "RAYLESSONS_CHECK"
PAUSE_SECONDS = 0.05
MOST_SECONDS = 10.0


def find_marked(mark: str) -> set[int]:
    """Find the processes that have a mark, but for this one."""
    wanted = f"{MARK}={mark}".encode()
    found = _in_proc(wanted) if sys.platform == "linux" else _in_listing(wanted)
    return set(found) - {os.getpid()}


def end_marked(mark: str, group: int | None = None, patience_seconds: float = 0.0) -> None:
    """Kill the processes that have a mark, and those of a group, which may have dropped it.

    With patience, what ends by itself may do so, for as long as that.
    """
    until = time.monotonic() + patience_seconds
    with suppress(KeyboardInterrupt):  # who presses Ctrl+C again has none
        while find_marked(mark) and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
    if group is not None:
        _kill(-group)
    until = time.monotonic() + MOST_SECONDS
    # Again and again: one of them may have started another meanwhile.
    while (left := find_marked(mark)) and time.monotonic() < until:
        for process in left:
            _kill(process)
        time.sleep(PAUSE_SECONDS)


def _kill(process: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it has gone
        os.kill(process, signal.SIGKILL)


def _in_proc(wanted: bytes) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue  # somebody else's, or gone
            if wanted in environment.split(b"\0"):
                yield int(folder.name)


def _in_listing(wanted: bytes) -> Iterator[int]:
    """Ask `ps`, where there is no /proc: macOS shows the environment behind the command."""
    listing = subprocess.run(
        ["ps", "-A", "-E", "-ww", "-o", "pid=,command="], capture_output=True, check=False
    )
    for line in listing.stdout.splitlines():
        process, *words = line.split()
        if wanted in words:
            yield int(process)
