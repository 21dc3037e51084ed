"""Take a picture of the Ray Dashboard, where a Chromium is at hand."""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LONGEST_SECONDS = 60.0
# Scrolls to the first piece of text that holds the words, and tells whether there is one.
FIND_WORDS = """words => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        if (texts.currentNode.textContent.includes(words)) {
            texts.currentNode.parentElement.scrollIntoView({block: "center"});
            return true;
        }
    }
    return false;
}"""


@dataclass(frozen=True)
class Picture:
    """A PNG: it shows itself on a page and in a notebook."""

    png: bytes

    def __repr__(self) -> str:
        return f"a picture of {len(self.png) // 1000} kB"

    def _repr_png_(self) -> bytes:
        return self.png


def find_chromium() -> str | None:
    """Find a Chromium or Chrome on the PATH."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def photograph_dashboard(
    dashboard_url: str, view: str, around: str, size: tuple[int, int] = (1200, 800)
) -> Picture | None:
    """Take a picture of a view of the Dashboard, or return `None` where no Chromium is found.

    `dashboard_url` is what `ray.init` returned, such as `127.0.0.1:8265`, and `view` a path such
    as `cluster`. The picture has `size` pixels and the words `around` in its middle, once the view
    holds them.

    Raises `TimeoutError` when it does not within a minute.
    """
    chromium = find_chromium()
    if chromium is None:
        return None

    async def visit() -> bytes:
        page = _photograph(chromium, f"http://{dashboard_url}", view, around, size)
        try:
            return await asyncio.wait_for(page, LONGEST_SECONDS)
        except asyncio.TimeoutError:
            raise TimeoutError(
                f"The Dashboard's view {view!r} did not show {around!r} in {LONGEST_SECONDS:.0f} "
                "seconds. Open it in a browser, and pass words that stand there."
            ) from None

    # A notebook has an event loop of its own, and a thread has room for another.
    with ThreadPoolExecutor(1) as pool:
        return Picture(pool.submit(asyncio.run, visit()).result())


async def _photograph(
    chromium: str, address: str, view: str, around: str, size: tuple[int, int]
) -> bytes:
    width, height = size
    with _running(chromium) as port_file:
        async with _tab(port_file) as do:
            await do(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=False,
            )
            # The cookie that the Dashboard sets when a reader has typed the token in.
            await do(
                "Network.setCookie",
                name="ray-authentication-token",
                value=_token(),
                url=address,
                httpOnly=True,
            )
            await do("Page.navigate", url=f"{address}/#/{view}")
            find = f"({FIND_WORDS})({json.dumps(around)})"
            while not (await do("Runtime.evaluate", expression=find))["result"].get("value"):
                await asyncio.sleep(0.2)
            await asyncio.sleep(1)  # its bars grow into place
            shot = await do("Page.captureScreenshot", format="png")
            return base64.b64decode(shot["data"])


@asynccontextmanager
async def _tab(port_file: Path) -> AsyncIterator[Callable[..., Coroutine[Any, Any, Any]]]:
    """Open a tab, and give the function that sends it a command of the DevTools protocol."""
    import aiohttp  # it comes with ray[default], and so does the Dashboard

    while not port_file.exists() or "\n" not in port_file.read_text():
        await asyncio.sleep(0.05)
    port = port_file.read_text().split()[0]
    async with aiohttp.ClientSession() as session:
        async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            tab = await answer.json()
        async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:

            async def do(command: str, **parameters: Any) -> Any:
                await socket.send_json({"id": 1, "method": command, "params": parameters})
                while (message := await socket.receive_json()).get("id") != 1:
                    pass  # an event that nobody asked for
                return message["result"]

            yield do


@contextmanager
def _running(chromium: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [
                chromium,
                "--headless",
                "--hide-scrollbars",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Path(profile, "DevToolsActivePort")
        finally:
            browser.terminate()
            browser.wait()


@cache  # the command starts a Python that imports Ray
def _token() -> str:
    """Ask Ray for the token that the Dashboard wants: an empty one where it wants none."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "get-auth-token"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip()
