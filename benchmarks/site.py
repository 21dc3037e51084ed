"""The site's build, cold, unchanged and after a prose edit, against the time of its cells."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from raylessons.timing import stopwatch

ROOT = Path(__file__).parents[1]


def build(root: Path) -> tuple[float, float]:
    """Build a copy of the site; tell the seconds of the build and those of executed pages."""
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
    executed = re.findall(r"Executed notebook in ([\d.]+) seconds", ran.stdout + ran.stderr)
    return watch.seconds, sum(map(float, executed))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        root = Path(folder, "copy")
        left_out = shutil.ignore_patterns(".*", "_site", "__pycache__")
        shutil.copytree(ROOT, root, ignore=left_out)
        cold, cells = build(root)
        unchanged, _ = build(root)
        edited = root / "docs/lessons/chain-tasks.md"
        edited.write_text(edited.read_text() + "\nOne more sentence.\n")
        prose, executed = build(root)
    print(f"site, the pages' own cells: {cells:.0f} s")
    print(f"site, cold:                 {cold / cells:.3f} of that")
    print(f"site, unchanged:            {unchanged / cells:.3f}")
    print(f"site, after a prose edit:   {prose / cells:.3f}, executing {executed:.0f} s of cells")
