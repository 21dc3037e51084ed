"""What pages execute in: kernels with a Ray of their own, no chatter, and a time limit."""

import os
import shutil
from pathlib import Path

PAGE_LIMIT_SECONDS = "300"


def prepare_kernels(docs: Path) -> None:
    """Give the pages' kernels a Ray of their own, no chatter, and a time limit for the page."""
    os.environ["RAY_ADDRESS"] = os.environ.get("RAY_ADDRESS") or "local"
    if os.environ["RAY_ADDRESS"] == "local":
        # A Ray that ray.init() starts listens on this machine alone, too, as on macOS and Windows.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    os.environ.setdefault("RAYLESSONS_PAGE_LIMIT_SECONDS", PAGE_LIMIT_SECONDS)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_LOGGER_LEVEL"] = "error"
    # IPython writes into its folder, so that it gets a copy outside the sources.
    kernel_folder = docs.parent / "_site" / "ipython"
    shutil.copytree(docs / "_ipython", kernel_folder, dirs_exist_ok=True)
    os.environ["IPYTHONDIR"] = str(kernel_folder)
