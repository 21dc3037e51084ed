"""Where in memory an array lies: in a file that processes share, or in a process of its own."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

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
