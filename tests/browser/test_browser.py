"""The built site in a real browser: `nox -s browser` builds it and brings the browser's driver."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(__file__).parents[2] / "_site/html"
PAGES = sorted(
    str(page.relative_to(SITE))
    for page in [SITE / "index.html", *SITE.glob("lessons/*.html"), *SITE.glob("reference/*.html")]
)
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FIND_VIOLATIONS = """
const [tags, done] = arguments;
axe.run({ runOnly: tags }).then(({ violations }) =>
  done(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])));
"""
DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Give a Chromium without a screen, and without a network."""
    options = webdriver.ChromeOptions()
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


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


def test_there_are_pages_to_look_at():
    assert len(PAGES) > 8, f"build the site first: {SITE} holds {PAGES}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_other_host_and_complains_of_nothing(browser, page):
    browser.get_log("browser")
    visit(browser, page)
    asked = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert [
        address for address in asked if not address.startswith(("file:", "data:", "blob:"))
    ] == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_is_no_wider_than_its_window(browser, page, size):
    visit(browser, page, size)
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_can_be_used_by_everybody(browser, page, size):
    visit(browser, page, size)
    browser.set_script_timeout(120)
    browser.execute_script(AXE)
    found = []
    for theme in ("light", "dark"):
        browser.execute_script("document.body.dataset.theme = arguments[0]", theme)
        found += browser.execute_async_script(FIND_VIOLATIONS, WCAG_2_2_AA)
    assert found == []


def test_a_plot_lives_and_takes_the_colours_of_the_page(browser):
    visit(browser, "lessons/size-tasks.html")
    colours = []
    for theme in ("light", "dark"):
        browser.execute_script("document.body.dataset.theme = arguments[0]", theme)
        colours.append(
            WebDriverWait(browser, 5).until(
                lambda _: browser.execute_script(
                    "return Bokeh.documents[0].roots()[0].left[0].axis_label_text_color"
                )
            )
        )
    assert colours[0] != colours[1]


def test_a_story_steps_by_button_and_by_arrow_key(browser):
    visit(browser, "lessons/watch-the-cluster.html")
    story = browser.find_element(By.CSS_SELECTOR, ".story")

    def shown() -> list[int]:
        return browser.execute_script(
            "return [...arguments[0].querySelectorAll('.story-frames > li')]"
            ".map((f, i) => f.offsetParent ? i : -1).filter(i => i >= 0)",
            story,
        )

    assert shown() == [0]
    following = next(b for b in story.find_elements(By.TAG_NAME, "button") if b.text == "Next")
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", following
    )
    following.click()
    assert shown() == [1]
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert shown() == [2]
    browser.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert shown() == [1]
