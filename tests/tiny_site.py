"""Tiny sites with the settings of the real one, to try on them what the build promises."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import raylessons

ROOT = Path(__file__).parents[1]
FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


def page(*cells: str, prose: str = "Some words.") -> str:
    """Write a page with a title, prose and cells."""
    written = "".join(f"\n```{{code-cell}}\n{cell}\n```\n" for cell in cells)
    return f"{FRONT_MATTER}\n# A page\n\n{prose}\n{written}"


@dataclass(frozen=True)
class Build:
    """How one run of sphinx-build ended, and what it printed."""

    status: int
    printed: str

    @property
    def executed(self) -> list[str]:
        """The pages that were executed, and not taken from the cache."""
        return re.findall(r"(\w+): executed in \d+ seconds", self.printed)


class Site:
    """A site of one page with the settings, extensions and kernels of the real one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "docs").mkdir()
        for part in ("conf.py", "_extensions", "_inventories", "_ipython", "_static", "_templates"):
            source = ROOT / "docs" / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, root / "docs" / part)
        shutil.copytree(ROOT / "requirements", root / "requirements")
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, root / part)
        self.package = root / "src" / "raylessons"
        shutil.copytree(Path(raylessons.__file__).parent, self.package)

    def write(self, text: str, name: str = "index") -> None:
        """Write a page."""
        path = self.root / "docs" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, name: str = "index") -> str:
        """Read what was built of a page."""
        return (self.root / "_site/html" / f"{name}.html").read_text(encoding="utf-8")

    def build(self, *options: str, within: Sequence[str] = (), **environment: str) -> Build:
        """Build as `nox -s docs` does, with the site's own copy of the package."""
        with self.begin(*options, within=within, **environment) as ran:
            printed, _ = ran.communicate()
        return Build(ran.returncode, printed)

    def begin(
        self, *options: str, within: Sequence[str] = (), **environment: str
    ) -> subprocess.Popen[str]:
        """Begin to build, by a command that runs another in surroundings of its own, or plainly."""
        return subprocess.Popen(
            [
                *within,
                *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n"),
                *("-d", "_site/doctrees", *options, "docs", "_site/html"),
            ],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root / "src"), "NO_COLOR": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def ray_processes_below(folder: Path) -> list[str]:
    """Find the processes of a Ray that a build with `RAYLESSONS_TEST` set to `folder` has begun."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if f"RAYLESSONS_TEST={folder}".encode() in environment and b"ray" in command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def assert_ray_ends(folder: Path) -> None:
    """Wait until no process of Ray is left, for a minute at the most.

    Ray's agents look for their raylet every few seconds, so that they end a little later.
    """
    deadline = time.monotonic() + 60
    while left := ray_processes_below(folder):
        assert time.monotonic() < deadline, f"still running after a minute: {left}"
        time.sleep(0.1)
