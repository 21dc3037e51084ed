"""What a term or a name means shows where the pointer or the focus is."""

import time

import pytest
from built_site import DESKTOP, PHONE, show_all, visit
from page_looks import find_violations_now
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

LESSON = "lessons/hold-data.html"
TERM, NAME = "a[href$='#term-object-store']", "a[href$='#ray.remote']"


def find_link(browser: webdriver.Chrome, selector: str, page: str = LESSON) -> WebElement:
    """Open a page, and bring the first such link into view."""
    visit(browser, page)
    show_all(browser)
    link = browser.find_element(By.CSS_SELECTOR, f"article {selector}")
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", link
    )
    return link


def hint(browser: webdriver.Chrome) -> WebElement:
    """Find where the meaning shows."""
    return browser.find_element(By.ID, "hint")


def wait_until(browser: webdriver.Chrome, *, is_shown: bool) -> None:
    """Wait until the meaning shows, or does not."""
    WebDriverWait(browser, 5).until(lambda _: hint(browser).is_displayed() == is_shown)


def reach_by_keyboard(browser: webdriver.Chrome, link: WebElement) -> None:
    """Move the focus to a link as the keyboard does: the browser then marks it as visible."""
    browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.execute_script("arguments[0].focus({focusVisible: true})", link)


@pytest.mark.parametrize(
    ("page", "selector", "begins"),
    [
        (LESSON, TERM, "Memory that the processes of one node share"),
        ("lessons/run-your-first-tasks.html", NAME, "Defines a remote function"),
        ("reference/api.html", "a[href='#raylessons.Session']", "The Ray that a page runs on."),
    ],
    ids=["a term", "a name of Ray", "a name of the package"],
)
def test_the_meaning_shows_where_the_pointer_is_stays_below_it_and_goes(
    browser, page, selector, begins
):
    link = find_link(browser, selector, page)
    assert not hint(browser).is_displayed()
    ActionChains(browser).move_to_element(link).perform()
    wait_until(browser, is_shown=True)
    assert hint(browser).text.startswith(begins)
    ActionChains(browser).move_to_element(hint(browser)).perform()
    time.sleep(0.6)
    assert hint(browser).is_displayed(), "the pointer may read along"
    ActionChains(browser).move_to_element(browser.find_element(By.TAG_NAME, "footer")).perform()
    wait_until(browser, is_shown=False)


def test_the_meaning_shows_where_the_focus_is_and_belongs_to_the_link(browser):
    link = find_link(browser, TERM)
    reach_by_keyboard(browser, link)
    wait_until(browser, is_shown=True)
    assert link.get_attribute("aria-describedby") == hint(browser).get_attribute("id")
    link.send_keys(Keys.TAB)
    wait_until(browser, is_shown=False)
    assert link.get_attribute("aria-describedby") is None


def test_the_meaning_goes_with_the_focus_where_the_page_stays(browser):
    link = find_link(browser, TERM)
    reach_by_keyboard(browser, link)
    wait_until(browser, is_shown=True)
    # At once: what scrolls a moment later would hide it, too.
    assert not browser.execute_script(
        "arguments[0].blur(); return arguments[1].matches(':popover-open')", link, hint(browser)
    )


@pytest.mark.parametrize("way", ["pointer", "focus"])
def test_escape_takes_the_meaning_away_and_moves_nothing(browser, way):
    link = find_link(browser, TERM)
    if way == "pointer":
        ActionChains(browser).move_to_element(link).perform()
    else:
        reach_by_keyboard(browser, link)
    wait_until(browser, is_shown=True)
    focused = browser.switch_to.active_element
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not hint(browser).is_displayed()
    assert browser.switch_to.active_element == focused


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_meaning_is_within_the_window_and_can_be_read_by_everybody(browser, size):
    visit(browser, LESSON, size)
    show_all(browser)
    browser.execute_script("document.documentElement.style.scrollBehavior = 'auto'")
    for link in browser.find_elements(By.CSS_SELECTOR, "article a[href*='#term-']"):
        browser.execute_script(
            "arguments[0].scrollIntoView({block: 'end', behavior: 'instant'})", link
        )
        reach_by_keyboard(browser, link)
        wait_until(browser, is_shown=True)
        WebDriverWait(browser, 5).until(  # the page may scroll to the link
            lambda _: browser.execute_script(
                "const box = document.getElementById('hint').getBoundingClientRect();"
                "return box.left >= 0 && box.right <= document.documentElement.clientWidth"
                " && box.top >= 0 && box.bottom <= innerHeight"
            )
        )
    assert find_violations_now(browser) == []
