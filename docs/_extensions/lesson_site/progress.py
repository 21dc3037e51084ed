"""What is told while pages execute: a live table on a terminal, a line for each page elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from sphinx.util import logging

from raylessons.words import count

LOGGER = logging.getLogger(__name__)


class Progress:
    """Tells of each page whether it waits, runs, is done, or came from the cache."""

    def __init__(self, waiting: list[str], cached: list[str], *, is_quiet: bool) -> None:
        self._left = len(waiting)
        self._states = dict.fromkeys(cached, "from the cache") | dict.fromkeys(waiting, "waiting")
        self._begun: dict[str, float] = {}
        console = Console()
        self._live = None
        if console.is_terminal and not is_quiet:
            self._live = Live(console=console, get_renderable=self._draw)

    def __enter__(self) -> "Progress":
        if self._live:
            self._live.start()
        else:
            LOGGER.info("executing %s", count(self._left, "page"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def begin(self, page: str) -> None:
        """Tell that a page runs."""
        self._begun[page] = time.monotonic()
        self._states[page] = "starting"
        if self._live is None:
            LOGGER.info("%s: running", page)

    def begin_cell(self, page: str, cell: int, cells: int) -> None:
        """Tell where a page that runs has come to."""
        self._states[page] = f"running cell {cell} of {cells}"

    def end(self, page: str, *, has_failed: bool) -> None:
        """Tell that a page is done, and in what time."""
        self._left -= 1
        seconds = time.monotonic() - self._begun.pop(page)
        self._states[page] = f"{'failed' if has_failed else 'executed'} in {seconds:.0f} seconds"
        if self._live is None:
            LOGGER.info("%s: %s, %s left", page, self._states[page], count(self._left, "page"))

    def _draw(self) -> Table:
        now = time.monotonic()
        title = f"{count(self._left, 'page')} left"
        table = Table(title=title, title_justify="left", box=None, show_header=False)
        for page, state in self._states.items():
            seconds = f"{now - self._begun[page]:.0f} s" if page in self._begun else ""
            table.add_row(page, state, seconds)
        return table
