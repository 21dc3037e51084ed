"""What a reader chooses in an explorer, and what it then shows: that which Python worked out."""

import html
import itertools
import json
import re
from collections.abc import Callable, Sequence
from random import Random

import pytest
from built_site import DESKTOP, PAGES, PHONE, SITE, show_all, visit
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

WAITING = "lessons/wait-for-results.html"
SIZES = "lessons/size-tasks.html"
SCHEDULES = "lessons/see-how-ray-schedules.html"
Shown = tuple[str, list[str]]
EXPLORING = [page for page in PAGES if 'class="explorer"' in (SITE / page).read_text("utf-8")]


def find_explorer(browser: webdriver.Chrome, page: str) -> WebElement:
    """Open a page, and find its explorer."""
    visit(browser, page)
    show_all(browser)
    return browser.find_element(By.CLASS_NAME, "explorer")


def read_answers(page: str) -> Callable[[int, Sequence[int]], Shown]:
    """Read what Python wrote into a page, by the place of a part and the choice."""
    source = (SITE / page).read_text(encoding="utf-8")
    told = json.loads(re.search(r'class="explorer-data"[^>]*>(.*?)</script>', source, re.DOTALL)[1])
    keys = [
        {key: number for number, key in enumerate(itertools.product(*map(range, sizes)))}
        for sizes in ([told["sizes"][one] for one in part["by"]] for part in told["parts"])
    ]

    def answer(place: int, choice: Sequence[int]) -> Shown:
        part = told["parts"][place]
        start = keys[place][tuple(choice[one] for one in part["by"])] * part["width"]
        code = 0
        for digit in part["codes"][start : start + part["width"]]:
            code = code * len(told["digits"]) + told["digits"].index(digit)
        return read_markup(part["answers"][code])

    return answer


def read_markup(markup: str) -> Shown:
    """Read the words and the values of attributes: a browser writes the rest in its own way."""
    words = html.unescape(re.sub("<[^>]+>", " ", markup))
    return " ".join(words.split()), re.findall(r'="([^"]*)"', markup)


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
    answer = read_answers(page)
    for part in explorer.find_elements(By.CSS_SELECTOR, "figcaption [data-part]"):
        place = int(part.get_attribute("data-part"))
        assert read_markup(part.get_attribute("innerHTML")) == answer(place, choice)
    for slider, option in zip(controls, choice, strict=True):
        if slider.tag_name == "input":
            options = json.loads(slider.get_attribute("data-options"))
            assert slider.get_attribute("aria-valuetext") == options[option]


@pytest.mark.parametrize("page", EXPLORING)
def test_a_thousand_choices_show_what_was_worked_out_for_each(browser, page):
    explorer = find_explorer(browser, page)
    controls = explorer.find_elements(By.CSS_SELECTOR, "input, select")
    sizes = [
        len(json.loads(one.get_attribute("data-options") or "[]"))
        or len(one.find_elements(By.TAG_NAME, "option"))
        for one in controls
    ]
    random = Random(page)
    choices = [[random.randrange(size) for size in sizes] for _ in range(1_000)]
    shown = browser.execute_script(
        """
        const [explorer, controls, choices] = arguments;
        return choices.map((choice) => {
          choice.forEach((option, place) => { controls[place].value = option; });
          controls[0].dispatchEvent(new Event("input", { bubbles: true }));
          const parts = [...explorer.querySelectorAll("[data-part]")];
          return parts.map((part) => [Number(part.dataset.part), part.innerHTML]);
        });
        """,
        explorer,
        controls,
        choices,
    )
    answer = read_answers(page)
    for choice, parts in zip(choices, shown, strict=True):
        for place, markup in parts:
            assert read_markup(markup) == answer(place, choice)


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
