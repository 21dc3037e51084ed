"""Which outputs are still true: those made by this package, on this machine, with what it has.

The cache of myst-nb knows a page's cells, and nothing of what they import.
"""

import hashlib
import json
import os
import platform
from importlib.metadata import distributions
from pathlib import Path

import raylessons

MOST_TOLD = 3  # changes


def cache_folder(root: Path) -> Path:
    """Name the folder of the outputs that everything they depend on, as it is now, has made."""
    facts = json.dumps(_read_facts(root), sort_keys=True)
    return root / "_site" / "executed" / hashlib.sha256(facts.encode()).hexdigest()[:16]


def keep_facts(root: Path) -> None:
    """Keep what the outputs depend on, so that a later build can tell what has changed."""
    path = _facts_file(cache_folder(root))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_read_facts(root)), encoding="utf-8")


def tell_changes(root: Path) -> str | None:
    """Say what has changed since pages were executed last; None: nothing, or they never were."""
    folder = cache_folder(root)
    kept = sorted(folder.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
    if not kept or _facts_file(folder) in kept:
        return None
    before, now = json.loads(kept[-1].read_text(encoding="utf-8")), _read_facts(root)
    names = sorted(name for name in before | now if before.get(name) != now.get(name))
    told = [_tell_change(name, before.get(name), now.get(name)) for name in names[:MOST_TOLD]]
    if more := len(names) - len(told):
        told.append(f"{more} more")
    return ", ".join(told)


def _read_facts(root: Path) -> dict[str, str]:
    package = Path(raylessons.__file__).parent
    # What runs in the kernel before a page's first cell shapes its outputs, too.
    startup = root / "docs" / "_ipython"
    facts = {
        "Python": platform.python_version(),
        "the number of CPUs": str(os.cpu_count()),
        "RAY_ADDRESS": os.environ.get("RAY_ADDRESS") or "local",
    }
    for distribution in distributions():
        # The first of a name, as for an import. What is installed twice has its second left out.
        facts.setdefault(distribution.name, distribution.version)
    for folder in (package, startup):
        # Not the Python files alone: a story's style, say, is part of every output that it draws.
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                facts[path.relative_to(folder.parent).as_posix()] = f"sha256 {content}"
    return facts


def _facts_file(folder: Path) -> Path:
    return folder.with_suffix(".json")


def _tell_change(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"{name} is new"
    if now is None:
        return f"{name} is gone"
    if before.startswith("sha256"):
        return f"{name} has changed"
    return f"{name} was {before} and is {now}"
