"""Which servers of a Ray listen, and to whom."""

from pathlib import Path

import psutil

from raylessons.cluster.listeners import Listener, find_listeners


def listeners_of_ray_in(folder: Path | str) -> list[Listener]:
    """Find the servers of the Ray that was started with `RAY_TMPDIR` set to `folder`.

    What runs beside it, such as the Ray that grades the catalogue meanwhile, is none of them.
    """
    return [each for each in find_listeners() if _tmpdir_of(each) == str(folder)]


def open_to_others(listeners: list[Listener]) -> list[str]:
    """Tell those that others reach, and the commands that started them."""
    return [
        f"{each} of {[' '.join(above.cmdline()) for above in psutil.Process(each.pid).parents()]}"
        for each in listeners
        if not each.is_local
    ]


def _tmpdir_of(listener: Listener) -> str | None:
    try:
        return psutil.Process(listener.pid).environ().get("RAY_TMPDIR")
    except psutil.Error:  # it ended meanwhile
        return None
