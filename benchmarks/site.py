"""The site's build, cold, unchanged and after edits, against its pages executed one by one.

No build can be quicker than its longest page, than the pages that measure together, which have the
machine to themselves, or than what all of it computes, divided among the cores.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from raylessons.timing import stopwatch

ROOT = Path(__file__).parents[1]
NOTEBOOK = "file_format: mystnb\n"
MEASURES = "measures: true\n"


@dataclass(frozen=True)
class Build:
    """What a build took: in all, of the cores, and for each page that it executed."""

    seconds: float
    core_seconds: float  # of everything on this machine
    page_seconds: dict[str, float]


def build(root: Path) -> Build:
    """Build a copy of the site."""
    before = psutil.cpu_times()
    with stopwatch() as watch:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n"),
                *("-d", "_site/doctrees", "docs", "_site/html"),
            ],
            cwd=root,
            capture_output=True,
            text=True,
        )
    if ran.returncode:
        sys.exit(f"The build failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    after = psutil.cpu_times()
    executed = re.findall(r"(\S+): executed in (\d+) seconds", ran.stdout)
    return Build(
        watch.seconds,
        after.user + after.system - before.user - before.system,
        {page: float(seconds) for page, seconds in executed},
    )


def build_one_by_one(root: Path) -> tuple[Build, float]:
    """Build with every page alone; also tell the seconds of those that measure."""
    sources = {path: path.read_text("utf-8") for path in (root / "docs").rglob("*.md")}
    for path, text in sources.items():
        alone = text if MEASURES in text else text.replace(NOTEBOOK, NOTEBOOK + MEASURES, 1)
        path.write_text(alone, encoding="utf-8")
    built = build(root)
    shutil.rmtree(root / "_site")
    for path, text in sources.items():
        path.write_text(text, encoding="utf-8")
    measuring = [
        seconds
        for page, seconds in built.page_seconds.items()
        if MEASURES in sources[root / "docs" / f"{page}.md"]
    ]
    return built, sum(measuring)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        root = Path(folder, "copy")
        left_out = shutil.ignore_patterns(".*", "_site", "__pycache__")
        shutil.copytree(ROOT, root, ignore=left_out)
        alone, measuring_seconds = build_one_by_one(root)
        cold, unchanged = build(root), build(root)
        edited = root / "docs/lessons/chain-tasks.md"
        edited.write_text(edited.read_text("utf-8") + "\nOne more sentence.\n", encoding="utf-8")
        prose = build(root)
        text = edited.read_text("utf-8")
        edited.write_text(text + "\n```{code-cell}\n6 * 7\n```\n", encoding="utf-8")
        code = build(root)
    pages = sum(alone.page_seconds.values())
    bound = max(
        *alone.page_seconds.values(),
        measuring_seconds,
        cold.core_seconds / (os.cpu_count() or 1),
    )
    print(f"site, its pages one by one:   {pages:.0f} s")
    print(f"site, the least it can take:  {bound / pages:.3f} of that")
    print(f"site, cold:                   {cold.seconds / pages:.3f}")
    print(f"site, unchanged:              {unchanged.seconds / pages:.3f}")
    for name, built in (("prose edit", prose), ("code edit", code)):
        executed = ", ".join(built.page_seconds) or "nothing"
        print(f"site, after a {name + ':':16}{built.seconds / pages:.3f}, executing {executed}")
