"""The built site, and how a browser opens its pages."""

import json
from pathlib import Path

from selenium import webdriver

SITE = Path(__file__).parents[1] / "_site/html"
PAGES = sorted(
    str(page.relative_to(SITE))
    for page in [SITE / "index.html", *SITE.glob("lessons/*.html"), *SITE.glob("reference/*.html")]
)
LESSONS = [page for page in PAGES if page.startswith("lessons/")]
DESKTOP, PHONE = (1280, 900), (390, 844)

# A plot that is folded away or waits for an answer nears no view.
WAKE_PLOTS = """
const done = arguments[0];
(async () => {
  for (const plot of document.querySelectorAll(".plot")) {
    while (plot.checkVisibility() && !plot.classList.contains("is-live")) {
      plot.scrollIntoView({ block: "center", behavior: "instant" });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  scrollTo({ top: 0, behavior: "instant" });
  requestAnimationFrame(() => requestAnimationFrame(done));
})();
"""


def open_browser() -> webdriver.Chrome:
    """Open a Chromium without a screen, and without a network."""
    options = webdriver.ChromeOptions()
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        # A site that is served from this machine is none of another host.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options)
    driver.set_script_timeout(120)  # for axe, on a busy machine
    return driver


def visit(browser: webdriver.Chrome, page: str, size: tuple[int, int] = DESKTOP) -> None:
    """Open a page at a size."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get((SITE / page).as_uri())


def what_was_asked(browser: webdriver.Chrome) -> list[str]:
    """Give the address of whatever a page asked for since this was last called."""
    events = (json.loads(one["message"])["message"] for one in browser.get_log("performance"))
    return [
        one["params"]["request"]["url"]
        for one in events
        if one["method"] == "Network.requestWillBeSent"
    ]


def wake_plots(browser: webdriver.Chrome) -> None:
    """Bring each plot that can be seen into view, and wait until it lives."""
    browser.execute_async_script(WAKE_PLOTS)


def show_all(browser: webdriver.Chrome) -> None:
    """Have every question of the page answered, if it asks any."""
    browser.execute_script(
        "[...document.querySelectorAll('.question-buttons button')]"
        ".find((one) => one.textContent === 'Show all on this page')?.click()"
    )
