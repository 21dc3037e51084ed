"""A ledger that the work of an exercise is written down in, by whichever task does it."""

import json
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from raylessons.cluster import private

DRIVER = "driver"  # in the place of a task's id

_written: dict[str, list[int]] = {}  # of this process, by key
_lock = Lock()


@dataclass(frozen=True)
class Ledger:
    """What work was done by which task, on whatever node: it travels with the work.

    Ray's records tell when a task ran, and not what it was given. The entries are kept by the
    cluster's Global Control Service, each within half a millisecond.
    """

    name: str = field(default_factory=lambda: f"raylessons-{uuid4().hex}")

    def write(self, entry: int) -> None:
        """Write down one piece of work, in the task or the driver that does it."""
        doer = private.current_task_id() if private.is_in_worker() else DRIVER
        key = f"{self.name}/{doer}"
        with _lock:
            entries = _written.setdefault(key, [])
            entries.append(entry)
            private.keep_note(key, json.dumps(entries))

    def read(self) -> dict[str, list[int]]:
        """Return what was done so far, by the ids of the tasks and of the driver."""
        notes = private.read_notes(f"{self.name}/")
        return {key.rpartition("/")[2]: json.loads(note) for key, note in notes.items()}

    def take_tasks(self) -> dict[str, list[int]]:
        """Return what each task did, by their ids, and let the cluster forget it.

        What the driver did itself is left out.
        """
        entries = self.read()
        private.forget_notes(f"{self.name}/")
        return {doer: each for doer, each in entries.items() if doer != DRIVER}
