"""Work whose inputs may end the worker that takes them, and who has tried what how often."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from raylessons.cluster import private
from raylessons.exercises.ledger import DRIVER

MOST_DEATHS = 6  # of one input: then even the deadly one lets a worker live, so that all ends


def square_of(number: int) -> int:
    """Return the square of a number."""
    return number * number


@dataclass(frozen=True)
class FatalWork:
    """What becomes of the workers that take some numbers. No program dies, but its workers."""

    kills: frozenset[int] = frozenset()  # every time
    kills_first: frozenset[int] = frozenset()  # the first time only
    raises: frozenset[int] = frozenset()  # every time
    name: str = field(default_factory=lambda: f"raylessons-{uuid4().hex}")

    @property
    def function(self) -> Callable[[int], int]:
        """Return the function that does it."""

        def work(number: int) -> int:
            value = square_of(number)
            tries = self._write(int(number))
            if tries <= MOST_DEATHS and number in self.raises:
                raise ValueError(f"{number} cannot be worked on")
            is_fatal = number in self.kills or (number in self.kills_first and tries == 1)
            if tries <= MOST_DEATHS and is_fatal and private.is_in_worker():
                os.kill(os.getpid(), signal.SIGKILL)
            return value

        return work

    def take_tries(self) -> dict[int, list[str]]:
        """Return which tasks have tried each number, or the driver, and let it be forgotten."""
        tries: dict[int, list[str]] = {}
        for key, doer in private.read_notes(f"{self.name}/").items():
            tries.setdefault(int(key.split("/")[1]), []).append(doer)
        private.forget_notes(f"{self.name}/")
        return tries

    def _write(self, number: int) -> int:
        """Write a try down, where it outlives the worker, and count those of this number."""
        doer = private.current_task_id() if private.is_in_worker() else DRIVER
        private.keep_note(f"{self.name}/{number}/{uuid4().hex}", doer)
        return len(private.read_notes(f"{self.name}/{number}/"))
