"""A real Ray for the tests that need one, and an empty site."""

import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import ray
from tiny_site import Site

from raylessons.cluster.session import Session, start_ray

# Only `nox -s browser` brings what drives a browser.
collect_ignore = [] if find_spec("selenium") else ["browser", "built_site.py", "page_looks.py"]


if find_spec("hypothesis"):  # `nox -s browser` does without
    from hypothesis import settings

    # On a busy machine anything may take long.
    settings.register_profile("no deadline", deadline=None)
    settings.load_profile("no deadline")


@pytest.fixture(scope="module")
def embedded_ray() -> Iterator[Session]:
    """Give a Ray with four logical CPUs to the tests of a module."""
    yield start_ray(num_cpus=4)
    ray.shutdown()


@pytest.fixture
def ray_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the Ray that a test starts a folder of its own, with a path as short as Ray needs it."""
    with tempfile.TemporaryDirectory(
        prefix="ray-", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        monkeypatch.setenv("RAY_TMPDIR", folder)
        monkeypatch.setenv("RAY_ADDRESS", "local")
        yield folder
        ray.shutdown()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Give an empty site."""
    return Site(tmp_path)
