"""A store so small that an answer can fill it, and what becomes of it meanwhile."""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from raylessons.cluster import private
from raylessons.cluster.memory import measure_stores
from raylessons.cluster.nodes import require_ray
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.words import format_bytes

STORE_BYTES = 100_000_000
ARRAY_BYTES = 10_000_000
MAKERS = 4  # arrays that can be made at once, however many CPUs there are
DELETION_SECONDS = 5.0  # Ray deletes in batches, every second
LOOK_SECONDS = 0.02


def other_store() -> Verdict | None:
    """Return the verdict where the store of this Ray is not the one to fill, or is in use.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    capacity = measure_stores().capacity_bytes
    if abs(capacity - STORE_BYTES) > ARRAY_BYTES:
        return not_yet(
            "other-store",
            f"the store of this Ray has {format_bytes(capacity)}.",
            "This exercise fills a store of 100 MB. With `RAY_ADDRESS` unset, start one with "
            "`start_ray(num_cpus=2, object_store_memory=100_000_000)` of `raylessons`, and check "
            "again.",
        )
    gc.collect()  # what the answer before has left in a circle may hold an array
    if (held := held_bytes(0, DELETION_SECONDS)) > ARRAY_BYTES // 5:
        return not_yet(
            "store-in-use",
            f"{format_bytes(held)} were in the store before your function began.",
            "Something outside of your function holds objects, so that nothing can be said of it. "
            "Let go of them, or start Ray again, and check again.",
        )
    return None


def held_bytes(before: int, seconds: float) -> int:
    """Tell how many bytes more than before are in the store, once Ray had time to delete some."""
    until = time.monotonic() + seconds
    while (held := measure_stores().used_bytes - before) > ARRAY_BYTES // 5:
        if time.monotonic() > until:
            break
        time.sleep(LOOK_SECONDS)
    return max(held, 0)


class StoreWatch:
    """What goes to disk while somebody watches, and which refs the driver has meanwhile."""

    def __init__(self) -> None:
        self.spilled_bytes = 0
        self.peak_bytes = 0
        self._referenced: list[frozenset[str]] = []
        self._is_over = threading.Event()

    @property
    def overflow_bytes(self) -> int:
        """Return how much more than fits was in the store: Ray puts that into files, too."""
        over = self.peak_bytes - STORE_BYTES
        return over if over > ARRAY_BYTES // 2 else 0

    @property
    def disk_bytes(self) -> int:
        """Return how much was on disk, in either way."""
        return self.spilled_bytes + self.overflow_bytes

    def most_referenced(self, object_ids: frozenset[str]) -> int:
        """Return to how many of some objects the driver, or its tasks, had refs at once."""
        return max((len(each & object_ids) for each in self._referenced), default=0)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch this Ray's store inside the block."""
        before = measure_stores().spilled_bytes
        watcher = threading.Thread(target=self._look_again_and_again, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._look()
            self._is_over.set()
            watcher.join()
            self.spilled_bytes = measure_stores().spilled_bytes - before

    def _look_again_and_again(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, measure_stores().used_bytes)
        self._referenced.append(frozenset(private.referenced_objects()))
