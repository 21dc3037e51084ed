"""The built site, and how a browser opens its pages."""

from importlib.resources import files
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(__file__).parents[1] / "_site/html"
PAGES = sorted(
    str(page.relative_to(SITE))
    for page in [SITE / "index.html", *SITE.glob("lessons/*.html"), *SITE.glob("reference/*.html")]
)
DESKTOP, PHONE = (1280, 900), (390, 844)
AXE = files("axe_playwright_python").joinpath("axe.min.js")
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FIND_VIOLATIONS = """
const [tags, done] = arguments;
axe.run({ runOnly: tags }).then(({ violations }) =>
  done(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])));
"""


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


def find_violations(browser: webdriver.Chrome) -> list[list[object]]:
    """Find what keeps somebody from using the page as it is now, in its light or its dark."""
    browser.set_script_timeout(120)
    browser.execute_script(AXE.read_text("utf-8"))
    found = []
    for theme in ("light", "dark"):
        browser.execute_script("document.body.dataset.theme = arguments[0]", theme)
        found += browser.execute_async_script(FIND_VIOLATIONS, WCAG_2_2_AA)
    return found
