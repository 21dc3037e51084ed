"""Pages execute side by side before Sphinx reads them, those that measure one by one.

myst-nb executes a page when it is read, one after another, although a page by itself keeps hardly
more than one core busy. Here every page whose outputs its cache does not have executes first, in a
kernel of its own; myst-nb then finds them in its cache. A page with `measures: true` in its front
matter has the machine to itself. A page that fails stops the build, once all have been executed, so
that each failure is named, with its cell and the reason.
"""

import asyncio
import logging
import os
import re
import signal
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging as sphinx_logging

from lesson_site.cache_key import keep_facts, tell_changes
from lesson_site.progress import Progress

LOGGER = sphinx_logging.getLogger(__name__)
# What a client of a kernel has to say of a failure, the build says.
logging.getLogger("traitlets").setLevel(logging.CRITICAL)
# To a page past its limit, which ends itself: its kernel may be where no interrupt is heeded.
GRACE_SECONDS = 30
MOST_LINES = 20  # of what a kernel said before it died
DIED_SILENTLY = (
    "It said nothing. Something else may have ended it, as the system does where memory runs out."
)


@dataclass
class Page:
    """A page to execute, and how that ended."""

    name: str
    path: Path
    notebook: Any
    cell: int = 0  # that runs, or ran last
    failure: str | None = None

    @property
    def measures(self) -> bool:
        """Tell whether its figures want a machine that has nothing else to do."""
        return bool(self.notebook.metadata.get("measures"))


def execute_pages(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Execute those of the pages whose outputs are not in the cache.

    Raises `SystemExit` where pages failed, with each page, its cell and the reason.
    """
    if app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    pages, cached = _pages_to_execute(env, sorted(names), cache)
    if not pages:
        return
    root = Path(app.confdir).parent
    if changes := tell_changes(root):
        LOGGER.info("what pages depend on has changed: %s", changes)
    # A build that is told to end lets its kernels end their Ray, as one that is interrupted does.
    at_end = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Progress([page.name for page in pages], cached, is_quiet=app.quiet) as progress:
        _run_in_a_thread(_execute_all(pages, cache, progress))
    signal.signal(signal.SIGTERM, at_end)
    keep_facts(root)
    if failures := [page.failure for page in pages if page.failure]:
        # An exception of Sphinx's own would bury the reason under a report on its extensions.
        raise SystemExit("\n".join(failures))


def _pages_to_execute(
    env: Any, names: list[str], cache: JupyterCacheAbstract
) -> tuple[list[Page], list[str]]:
    """Give the pages that are to be executed, and the names of those that the cache has."""
    pages, cached = [], []
    for name in names:
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            pages.append(Page(name, path, notebook))
        else:
            cached.append(name)
    return pages, cached


def _run_in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, or until Ctrl+C, and let it end its kernels.

    In the main thread each client of a kernel would take Ctrl+C for itself.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    with ThreadPoolExecutor(1) as thread:
        try:
            thread.submit(loop.run_until_complete, task).result()
        except KeyboardInterrupt:
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of what was broken off
            loop.call_soon_threadsafe(task.cancel)
            raise
    loop.close()


async def _execute_all(pages: list[Page], cache: JupyterCacheAbstract, progress: Progress) -> None:
    # First, on a machine where no other page's Ray is still about to end.
    for page in pages:
        if page.measures:
            await _execute(page, cache, progress)
    places = asyncio.Semaphore(_count_places())

    async def execute_in_a_place(page: Page) -> None:
        async with places:
            await _execute(page, cache, progress)

    # The longest first, as far as cells tell: begun last, it would run on alone.
    longest_first = sorted(pages, key=lambda page: len(page.notebook.cells), reverse=True)
    others = [execute_in_a_place(page) for page in longest_first if not page.measures]
    # Whatever becomes of one, the others come to their ends before an exception is told.
    for outcome in await asyncio.gather(*others, return_exceptions=True):
        if outcome is not None:
            raise outcome


def _count_places() -> int:
    """Count the pages that may execute at once."""
    if os.environ["RAY_ADDRESS"] != "local":
        return 1  # on one cluster pages would share its CPUs, its names and its stores
    # Starting Ray and its workers keeps a core busy; where there is one, two pages sleep in turn.
    return max(2, os.cpu_count() or 1)


async def _execute(page: Page, cache: JupyterCacheAbstract, progress: Progress) -> None:
    """Execute a page, and keep its outputs where it did not fail."""
    limit = float(os.environ["RAYLESSONS_PAGE_LIMIT_SECONDS"])

    def begin_cell(cell: Any, cell_index: int) -> None:
        page.cell = cell_index
        progress.begin_cell(page.name, cell_index + 1, len(page.notebook.cells))

    start = time.monotonic()
    progress.begin(page.name)
    with TemporaryDirectory() as folder, TemporaryFile() as chatter, _folder_for_ray() as of_ray:
        client = NotebookClient(
            page.notebook,
            resources={"metadata": {"path": folder}},
            record_timing=False,  # the cache knows a page by its cells, as they were read
            on_cell_start=begin_cell,
        )
        # What Ray says into the kernel's own streams is not the page's.
        work = client.async_execute(stdout=chatter, stderr=chatter, env=os.environ | of_ray)
        try:
            if not await _comes_to_an_end(work, limit + GRACE_SECONDS):
                page.failure = _tell_failure(page, "KeyboardInterrupt", limit)
        except CellExecutionError as error:
            page.failure = _tell_failure(page, str(error).strip().splitlines()[-1], limit)
        except RuntimeError:  # the kernel died, or never came
            words = _last_lines(chatter)
            said = f"Its last words:\n{words}" if words else DIED_SILENTLY
            page.failure = _tell_failure(page, f"The kernel of this page died. {said}", limit)
    seconds = time.monotonic() - start
    if page.failure is None:
        bundle = CacheBundleIn(page.notebook, str(page.path), data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    progress.end(page.name, has_failed=page.failure is not None)


@contextmanager
def _folder_for_ray() -> Iterator[dict[str, str]]:
    """Give the setting that has Ray keep its files where they are gone with the page.

    Where the reader has chosen a folder, or Ray runs elsewhere, there is nothing to set.
    """
    if "RAY_TMPDIR" in os.environ or os.environ["RAY_ADDRESS"] != "local":
        yield {}
        return
    # Not the machine's own folder for such, whose path may be too long for a socket. What of Ray's
    # is still about to end may write there once more.
    with TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield {"RAY_TMPDIR": folder}


async def _comes_to_an_end(work: Coroutine[Any, Any, Any], seconds: float) -> bool:
    """Tell whether a coroutine ends in time; cancel it where it does not.

    Whatever it raises in time is raised, and nothing that it raises for being cancelled.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
        await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
    if done and error:
        raise error
    return bool(done)


def _tell_failure(page: Page, reason: str, limit: float) -> str:
    reason = re.sub(r"\x1b\[[0-9;]*m", "", reason)
    if reason.startswith("KeyboardInterrupt"):
        reason = (
            f"This page ran past its limit of {limit:g} seconds, or was interrupted. "
            "Make its cells quicker, or raise RAYLESSONS_PAGE_LIMIT_SECONDS."
        )
    cell = page.notebook.cells[page.cell].source.strip()
    before, found, _ = page.path.read_text(encoding="utf-8").partition(cell)
    line = before.count("\n") + 1 if found else page.notebook.metadata.source_map[page.cell] + 1
    shown = "\n".join(f"    {text}" for text in cell.splitlines())
    return f"\n{page.path}:{line}: this cell failed:\n\n{shown}\n\n{reason}"


def _last_lines(chatter: IO[bytes]) -> str:
    chatter.seek(0)
    lines = chatter.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-MOST_LINES:])


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("env-before-read-docs", execute_pages)
