"""Exercises whose progress is no reader's own, and answers that are graded beside other tests."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from answers.examination import GRADING_COMMAND, Told, grade_in_a_process

# As many Rays at once as keep two cores busy.
MOST_RAYS = 2
GRADER = pytest.StashKey[ThreadPoolExecutor]()
GRADINGS = pytest.StashKey[dict[int, Future[Told]]]()


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which progress is kept, here and in the processes that a test starts."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for the gradings last: they take as long as all the other tests."""
    items.sort(key=_is_grading)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to grade what was selected, beside the other tests, which often wait for Ray."""
    if session.config.getoption("collectonly"):
        return
    chosen: dict[int, list[str]] = {}
    for item in filter(_is_grading, session.items):
        chosen.setdefault(item.callspec.params["cpus"], []).append(
            item.callspec.params["sample"].name
        )
    # The environment as it is now: tests change theirs meanwhile.
    environment = dict(os.environ)
    pool = session.stash[GRADER] = ThreadPoolExecutor(MOST_RAYS)
    session.stash[GRADINGS] = {
        cpus: pool.submit(grade_in_a_process, cpus, names, environment, same_seeds=True)
        for cpus, names in chosen.items()
    }


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the gradings that nobody has asked for: the first failure or Ctrl+C ended the tests."""
    if GRADER in session.stash:
        session.stash[GRADER].shutdown(wait=False, cancel_futures=True)
        for process in psutil.Process().children():
            if set(GRADING_COMMAND) <= set(process.cmdline()):
                process.terminate()


@pytest.fixture
def gradings(request: pytest.FixtureRequest) -> dict[int, Future[Told]]:
    """Give what was told of each answer, by the logical CPUs of the Ray."""
    return request.session.stash[GRADINGS]


def _is_grading(item: pytest.Item) -> bool:
    return "gradings" in getattr(item, "fixturenames", ())
