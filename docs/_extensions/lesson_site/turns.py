"""One build at a time in a clone: two of them would write into the same folders."""

import fcntl
import os
from pathlib import Path
from typing import IO

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


class Turn:
    """The turn of a build, from before it reads what was built until its end, whatever that is."""

    def __init__(self) -> None:
        self._lock: IO[str] | None = None  # open as long as it is this build's turn

    def wait(self, app: Sphinx, config: Config) -> None:
        """Wait until no other build of this clone is at work."""
        folder = Path(app.confdir).parent / "_site"
        folder.mkdir(exist_ok=True)
        lock = (folder / "build.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            LOGGER.info("waiting for another build of this clone to end: process %s", lock.read())
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def end(self, app: Sphinx, error: Exception | None) -> None:
        """Let the next build begin."""
        if self._lock is not None:
            self._lock.close()


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    turn = Turn()
    app.connect("config-inited", turn.wait)
    app.connect("build-finished", turn.end)
