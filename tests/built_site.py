"""The built site, and how a browser opens its pages."""

from pathlib import Path

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(__file__).parents[1] / "_site/html"
PAGES = sorted(
    str(page.relative_to(SITE))
    for page in [SITE / "index.html", *SITE.glob("lessons/*.html"), *SITE.glob("reference/*.html")]
)
DESKTOP, PHONE = (1280, 900), (390, 844)


def visit(browser: webdriver.Chrome, page: str, size: tuple[int, int] = DESKTOP) -> None:
    """Open a page at a size, and wait until its plots live."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get((SITE / page).as_uri())
    WebDriverWait(browser, 20).until(
        lambda _: browser.execute_script(
            "return document.querySelectorAll('.plot:not(.is-live)').length === 0"
        )
    )


def show_all(browser: webdriver.Chrome) -> None:
    """Have every question of the page answered, if it asks any."""
    browser.execute_script(
        "[...document.querySelectorAll('.question-buttons button')]"
        ".find((one) => one.textContent === 'Show all on this page')?.click()"
    )
