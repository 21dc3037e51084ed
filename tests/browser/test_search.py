"""Search on a built page: opened by key or button, from the site's own files."""

from collections.abc import Iterator

import pytest
from built_site import DESKTOP, PAGES, PHONE, SITE, visit
from page_looks import find_violations_now
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

# What is loaded when the search is first opened, and not before.
LOADED = {"language_data.js", "searchtools.js", "searchindex.js", "searchsections.js"}
LESSON = "lessons/run-your-first-tasks.html"


def is_open(browser: webdriver.Chrome) -> bool:
    """Tell whether the search is open."""
    return browser.find_element(By.CSS_SELECTOR, ".search-dialog").is_displayed()


def press_key(browser: webdriver.Chrome) -> None:
    """Press the key that opens the search, wherever the focus is."""
    browser.switch_to.active_element.send_keys(Keys.CONTROL, "k")


def search(browser: webdriver.Chrome, words: str) -> list[WebElement]:
    """Open the search, type words, and give the links to what is found."""
    press_key(browser)
    browser.switch_to.active_element.send_keys(words)
    told = browser.find_element(By.CSS_SELECTOR, ".search-told")
    WebDriverWait(browser, 10).until(lambda _: "ound" in told.text)
    return browser.find_elements(By.CSS_SELECTOR, ".search-results a")


def scripts(browser: webdriver.Chrome) -> list[str]:
    """Name the scripts of the page, those that came later among them."""
    sources = browser.execute_script("return [...document.scripts].map((one) => one.src)")
    return [source.partition("?")[0].rpartition("/")[2] for source in sources if source]


@pytest.mark.parametrize("page", PAGES)
def test_a_key_opens_the_search_of_every_page_and_escape_closes_it(browser, page):
    visit(browser, page)
    assert not LOADED & {*scripts(browser)}
    assert not is_open(browser)
    found = search(browser, "tasks")
    assert is_open(browser)
    assert found
    assert {*scripts(browser)} >= LOADED
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not is_open(browser)


def test_the_key_does_nothing_while_you_type_an_answer_and_opens_the_search_from_an_option(browser):
    visit(browser, LESSON)
    for kind in ("number", "radio"):
        field = browser.find_element(By.CSS_SELECTOR, f".question input[type={kind}]")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        browser.execute_script("arguments[0].focus()", field)
        press_key(browser)
        assert is_open(browser) == (kind == "radio")


@pytest.mark.parametrize(
    ("words", "place", "name"),
    [
        ("unfinished", "lose-a-node.html#everything-at-once", "Lose a node > Everything at once"),
        ("everything at o", "lose-a-node.html#everything-at-once", "Everything at once"),
        ("predict_schedule", "api.html#raylessons.predict_schedule", "predict_schedule"),
        ("borrow", "glossary.html#glossary", "Glossary"),
        ("run out of room", "run-out-of-room.html#run-out-of-room", "Run out of room"),
    ],
    ids=["in an output", "in a heading", "of the package", "of the glossary", "in a title"],
)
def test_what_is_typed_is_found(browser, words, place, name):
    visit(browser, LESSON)
    found = {
        link.get_attribute("href").rpartition("/")[2]: link.text for link in search(browser, words)
    }
    assert place in found
    assert name in found[place].splitlines()[0]


def test_a_page_that_says_a_word_often_comes_before_one_that_says_it_once(browser):
    visit(browser, LESSON)
    found = [link.get_attribute("href") for link in search(browser, "spill")]
    places = [next(i for i, one in enumerate(found) if page in one) for page in ("room", "late")]
    assert places == sorted(places)


def test_what_is_found_shows_its_words_and_is_reached_by_arrow_keys(browser):
    visit(browser, LESSON)
    first, second, *_ = search(browser, "worker dies")
    marked = [mark.text.lower() for mark in first.find_elements(By.TAG_NAME, "mark")]
    assert any(word.startswith("worker") for word in marked)
    active = browser.switch_to.active_element
    active.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element == first
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element == second
    place = second.get_attribute("href")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.current_url == place


def test_what_is_found_on_the_same_page_is_gone_to(browser):
    visit(browser, LESSON)
    here = next(one for one in search(browser, "fails") if LESSON in one.get_attribute("href"))
    place = here.get_attribute("href")
    here.click()
    assert browser.current_url == place
    assert not is_open(browser)


def test_nothing_found_says_so(browser):
    visit(browser, LESSON)
    assert search(browser, "xylophone") == []
    assert browser.find_element(By.CSS_SELECTOR, ".search-told").text.endswith("“xylophone”")


@pytest.mark.parametrize(
    ("size", "button"),
    [(DESKTOP, ".search-open"), (PHONE, ".search-icon")],
    ids=["desktop", "phone"],
)
def test_a_button_opens_the_search_which_everybody_can_use(browser, size, button):
    visit(browser, LESSON, size)
    browser.find_element(By.CSS_SELECTOR, button).click()
    assert is_open(browser)
    browser.switch_to.active_element.send_keys("task")
    WebDriverWait(browser, 10).until(
        lambda _: browser.find_elements(By.CSS_SELECTOR, ".search-results a")
    )
    assert find_violations_now(browser) == []
    next(b for b in browser.find_elements(By.TAG_NAME, "button") if b.text == "Close").click()
    assert not is_open(browser)


@pytest.fixture
def without_scripts(browser) -> Iterator[None]:
    """Have pages run no script of their own."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_without_scripts_the_form_leads_to_the_page_of_results(browser, without_scripts):
    browser.get((SITE / LESSON).as_uri())
    assert not browser.find_element(By.CSS_SELECTOR, ".search-open").is_displayed()
    browser.find_element(By.NAME, "q").send_keys("spill", Keys.ENTER)
    assert "search.html?q=spill" in browser.current_url


def test_the_page_of_results_has_the_search_too_and_loads_nothing_twice(browser):
    browser.get((SITE / "search.html").as_uri() + "?q=spill")
    assert search(browser, "spill")
    assert len(scripts(browser)) == len({*scripts(browser)})
