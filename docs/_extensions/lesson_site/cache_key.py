"""Which outputs are still true: those made by this package, lock, Python, CPU count and cluster.

The cache of myst-nb knows a page's cells, and nothing of what they import.
"""

import hashlib
import os
import sys
from pathlib import Path

import raylessons


def cache_folder(root: Path) -> Path:
    """Name the folder of the outputs made by this package, lock, Python, CPU count and cluster."""
    key = hashlib.sha256()
    package = Path(raylessons.__file__).parent
    # Not the Python files alone: a story's style, say, is part of every output that it draws.
    parts = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    # What runs in the kernel before a page's first cell shapes its outputs, too.
    startup = [path for path in (root / "docs" / "_ipython").rglob("*") if path.is_file()]
    for part in [*sorted(parts), *sorted(startup), root / "requirements" / "docs.txt"]:
        key.update(part.name.encode())
        key.update(part.read_bytes())
    for fact in (sys.version, os.cpu_count(), os.environ.get("RAY_ADDRESS", "local")):
        key.update(repr(fact).encode())
    return root / "_site" / "executed" / key.hexdigest()[:16]
