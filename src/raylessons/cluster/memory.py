"""Where values lie: in a file that processes share or not, and how full the object stores are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from raylessons.cluster import private
from raylessons.words import count, format_bytes

MAPS = Path("/proc/self/maps")  # on Linux: every stretch of this process's memory


def backing_file(array: NDArray[Any]) -> str | None:
    """Name the file whose mapping into memory holds the array's numbers.

    `None` where no file does, and where the system does not tell: only Linux does. Whoever else
    maps the file reads the same memory. Ray's object store is such a file, and Ray deletes its
    name at once, so that Linux tells of `/dev/shm/plasma… (deleted)`.
    """
    if not MAPS.exists():
        return None
    for line in MAPS.read_text().splitlines():
        bounds, _, _, _, inode, *name = line.split(maxsplit=5)
        start, end = (int(bound, 16) for bound in bounds.split("-"))
        if start <= array.ctypes.data < end:
            return name[0] if inode != "0" else None
    return None


@dataclass(frozen=True)
class StoreUse:
    """What the object stores of all nodes hold now, and what they have done since Ray started."""

    objects: int
    used_bytes: int
    capacity_bytes: int
    written_bytes: int  # of all that came into a store: made, put, copied or read from disk
    spilled_bytes: int  # of all that went to disk
    restored_bytes: int  # of all that was read from disk

    def __repr__(self) -> str:
        held = f"{format_bytes(self.used_bytes)} of {format_bytes(self.capacity_bytes)}"
        return f"{count(self.objects, 'object')}, {held}"


def measure_stores() -> StoreUse:
    """Tell how full the object stores are, of all nodes together.

    What nobody holds any longer is counted until Ray has deleted it, up to a second later. On a
    cluster that others use, their objects count, too.
    """
    return StoreUse(**vars(private.read_store_stats()))
