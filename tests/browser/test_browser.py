"""The built site in a real browser: `nox -s browser` builds it and brings the browser's driver."""

import time
from collections.abc import Callable, Iterator

import pytest
from built_site import DESKTOP, PAGES, PHONE, SITE, find_violations, show_all, visit
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


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
    for _ in range(2):
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0]
        show_all(browser)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_can_be_used_by_everybody(browser, page, size):
    visit(browser, page, size)
    found = []
    for _ in range(2 if browser.find_elements(By.CLASS_NAME, "question") else 1):
        found += find_violations(browser)
        show_all(browser)
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


@pytest.mark.parametrize("page", PAGES)
def test_on_paper_every_fold_is_open_and_no_line_is_cut(browser, page):
    visit(browser, page)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert (
            browser.execute_script(
                "return [...document.querySelectorAll('article pre')]"
                ".filter(e => !e.checkVisibility() || e.scrollWidth > e.clientWidth + 1)"
                ".map(e => e.textContent.slice(0, 60))"
            )
            == []
        )
        assert not browser.find_element(By.CLASS_NAME, "skip-to-content").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def frames_shown(browser: webdriver.Chrome) -> list[int]:
    """Tell which frames of the first story on the page can be seen."""
    return browser.execute_script(
        "return [...document.querySelector('.story').querySelectorAll('.story-frames > li')]"
        ".map((f, i) => f.offsetParent ? i : -1).filter(i => i >= 0)"
    )


@pytest.fixture
def welcome_motion(browser) -> Iterator[Callable[[bool], None]]:
    """Give what says whether the reader likes what moves."""

    def say(is_welcome: bool) -> None:
        wish = {"name": "prefers-reduced-motion", "value": "" if is_welcome else "reduce"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})

    yield say
    say(True)


def scroll_to_the_story(browser: webdriver.Chrome) -> None:
    """Bring the first story of the page into view."""
    browser.execute_script(
        "document.querySelector('.story').scrollIntoView({block: 'start', behavior: 'instant'})"
    )


def test_the_story_of_the_first_page_plays_by_itself_until_somebody_pauses_it(
    browser, welcome_motion
):
    welcome_motion(True)
    visit(browser, "index.html")
    scroll_to_the_story(browser)
    WebDriverWait(browser, 30).until(lambda _: frames_shown(browser) == [1])
    assert browser.find_element(By.CSS_SELECTOR, ".story-said").text == ""
    next(b for b in browser.find_elements(By.TAG_NAME, "button") if b.text == "Pause").click()
    assert not browser.find_elements(By.CSS_SELECTOR, ".story.is-playing")


def test_the_story_of_the_first_page_is_still_where_motion_is_not_welcome(browser, welcome_motion):
    welcome_motion(False)
    visit(browser, "index.html")
    scroll_to_the_story(browser)
    time.sleep(0.5)
    assert not browser.find_elements(By.CSS_SELECTOR, ".story.is-playing")
    assert frames_shown(browser) == [0]


def test_a_story_steps_by_button_and_by_arrow_key(browser):
    visit(browser, "lessons/watch-the-cluster.html")
    show_all(browser)
    story = browser.find_element(By.CSS_SELECTOR, ".story")

    assert frames_shown(browser) == [0]
    following = next(b for b in story.find_elements(By.TAG_NAME, "button") if b.text == "Next")
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", following
    )
    following.click()
    assert frames_shown(browser) == [1]
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert frames_shown(browser) == [2]
    browser.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert frames_shown(browser) == [1]
