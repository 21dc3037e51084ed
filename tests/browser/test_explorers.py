"""What a reader chooses in an explorer, and what it then shows: that which Python worked out."""

import html
import itertools
import json
import re

import pytest
from built_site import DESKTOP, PAGES, PHONE, SITE, show_all, visit
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

WAITING = "lessons/wait-for-results.html"
SIZES = "lessons/size-tasks.html"
SCHEDULES = "lessons/see-how-ray-schedules.html"
EXPLORING = [page for page in PAGES if 'class="explorer"' in (SITE / page).read_text("utf-8")]


def find_explorer(browser: webdriver.Chrome, page: str) -> WebElement:
    """Open a page, and find its explorer."""
    visit(browser, page)
    show_all(browser)
    return browser.find_element(By.CLASS_NAME, "explorer")


def worked_out(page: str, place: int, *choice: int) -> str:
    """Give the words that Python wrote into the page for a part and a choice."""
    source = (SITE / page).read_text(encoding="utf-8")
    data = re.search(r'class="explorer-data">(.*?)</script>', source, re.DOTALL)
    told = json.loads(data[1])
    part = told["parts"][place]
    keys = itertools.product(*(range(told["sizes"][one]) for one in part["by"]))
    number = list(keys).index(tuple(choice[one] for one in part["by"])) * part["width"]
    code = 0
    for digit in part["codes"][number : number + part["width"]]:
        code = code * len(told["digits"]) + told["digits"].index(digit)
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", part["answers"][code])).split())


def words(part: WebElement) -> str:
    """Give the words of an element, white space aside."""
    return " ".join(
        re.sub("<[^>]+>", " ", part.get_attribute("innerHTML")).replace("&nbsp;", " ").split()
    )


@pytest.mark.parametrize(
    ("page", "choice"),
    [
        (WAITING, (0, 0)),
        (WAITING, (4, 3)),
        (WAITING, (2, 2)),
        (SIZES, (0, 0, 0)),
        (SIZES, (7, 3, 4)),
        (SCHEDULES, (3, 0, 1, 0, 2, 0, 1)),
        (SCHEDULES, (0, 3, 2, 1, 3, 1, 2)),
    ],
)
def test_by_keyboard_alone_a_choice_shows_what_was_worked_out_for_it(browser, page, choice):
    explorer = find_explorer(browser, page)
    controls = explorer.find_elements(By.CSS_SELECTOR, "input, select")
    browser.execute_script("arguments[0].focus()", controls[0])
    for control, option in zip(controls, choice, strict=True):
        active = browser.switch_to.active_element
        assert active == control
        step = Keys.ARROW_DOWN if control.tag_name == "select" else Keys.ARROW_RIGHT
        active.send_keys(Keys.HOME, step * option, Keys.TAB)
    for part in explorer.find_elements(By.CSS_SELECTOR, "[data-part]"):
        if part.tag_name != "g":
            place = int(part.get_attribute("data-part"))
            assert words(part) == worked_out(page, place, *choice)
    for slider, option in zip(controls, choice, strict=True):
        if slider.tag_name == "input":
            options = json.loads(slider.get_attribute("data-options"))
            assert slider.get_attribute("aria-valuetext") == options[option]


def test_every_choice_draws_another_picture_or_the_same_rounds(browser):
    explorer = find_explorer(browser, WAITING)
    seen = browser.execute_script(
        """
        const [slider, timeout] = arguments[0].querySelectorAll("input, select");
        const seen = [];
        for (slider.value = 0; seen.length < 5; slider.value = seen.length) {
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          seen.push([
            arguments[0].querySelector("g[data-part]").childElementCount,
            arguments[0].querySelectorAll("ol:not([aria-hidden] *) li").length,
          ]);
        }
        return seen;
        """,
        explorer,
    )
    marks, rounds = zip(*seen, strict=True)
    assert list(rounds) == [5, 3, 2, 2, 1]
    assert len(set(marks)) > 3


@pytest.mark.parametrize("page", EXPLORING)
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_nothing_moves_when_the_choice_changes(browser, page, size):
    visit(browser, page, size)
    show_all(browser)
    heights = browser.execute_script(
        """
        const heights = [];
        for (const explorer of document.querySelectorAll(".explorer")) {
          const controls = [...explorer.querySelectorAll("input, select")];
          const seen = new Set();
          for (const control of controls) {
            const options = control.options?.length ?? Number(control.max) + 1;
            for (let value = 0; value < options; value++) {
              control.value = value;
              control.dispatchEvent(new Event("input", { bubbles: true }));
              seen.add(explorer.offsetHeight);
            }
          }
          heights.push([...seen]);
        }
        return heights;
        """
    )
    assert heights
    assert all(len(seen) == 1 for seen in heights), heights


def test_a_live_region_says_the_answer_and_the_picture_has_a_name(browser):
    explorer = find_explorer(browser, WAITING)
    summary = explorer.find_element(By.CSS_SELECTOR, "[role=status]")
    assert summary.text.startswith("With num_returns=2 and timeout=None: 3 rounds.")
    assert explorer.find_element(By.CSS_SELECTOR, "svg > title").get_attribute("textContent")


@pytest.mark.parametrize("page", EXPLORING)
def test_without_scripts_the_first_choice_stands_and_nothing_can_be_chosen(
    browser, without_scripts, page
):
    browser.get((SITE / page).as_uri())
    for explorer in browser.find_elements(By.CLASS_NAME, "explorer"):
        assert not explorer.find_element(By.TAG_NAME, "form").is_displayed()
        assert explorer.find_element(By.TAG_NAME, "svg").is_displayed()
        assert explorer.find_element(By.CSS_SELECTOR, "[role=status]").text
