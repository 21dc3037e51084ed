"""The path on the first page: every lesson has its card, and shows what you have done so far."""

import pytest
from built_site import DESKTOP, PAGES, PHONE, visit
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

LESSONS = [page for page in PAGES if page.startswith("lessons/")]
FIRST = "lessons/run-your-first-tasks"


def find_cards(browser: webdriver.Chrome) -> list[WebElement]:
    """Find the cards, in their order."""
    return browser.find_elements(By.CSS_SELECTOR, ".path li")


def title_of(card: WebElement) -> WebElement:
    """Find the link of a card."""
    return card.find_element(By.TAG_NAME, "a")


def test_every_lesson_has_one_card_in_the_order_of_the_sidebar(browser):
    visit(browser, "index.html")
    leads = [title_of(card).get_attribute("href") for card in find_cards(browser)]
    sidebar = [
        link.get_attribute("href")
        for link in browser.find_elements(By.CSS_SELECTOR, ".sidebar-tree a")
        if "/lessons/" in link.get_attribute("href")
    ]
    assert len(leads) == len(LESSONS)
    assert leads == sidebar


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_card_has_a_picture_that_fills_its_place_and_is_not_cut_off(browser, size):
    visit(browser, "index.html", size)
    for card in find_cards(browser):
        drawn = card.find_element(By.CSS_SELECTOR, ".path-picture > *")
        assert drawn.size["width"] > card.size["width"] * 0.8
        assert drawn.size["height"] > 40
        if drawn.tag_name == "pre":
            assert not browser.execute_script(
                "return arguments[0].scrollWidth > arguments[0].clientWidth", drawn
            )
        else:
            assert drawn.find_elements(By.TAG_NAME, "rect") or drawn.find_elements(
                By.TAG_NAME, "path"
            )


def test_cards_stand_side_by_side_on_a_desktop_and_below_one_another_on_a_phone(browser):
    for size, columns in ((DESKTOP, 2), (PHONE, 1)):
        visit(browser, "index.html", size)
        assert len({card.location["x"] for card in find_cards(browser)}) == columns


def test_a_card_is_reached_by_keyboard_once_and_shows_it(browser):
    visit(browser, "index.html")
    first, second, *_ = find_cards(browser)
    browser.execute_script("arguments[0].focus({ focusVisible: true })", title_of(first))
    outline = "return getComputedStyle(arguments[0], '::after').outlineStyle"
    assert browser.execute_script(outline, title_of(first)) == "solid"
    assert browser.execute_script(outline, title_of(second)) == "none"
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.switch_to.active_element == title_of(second)


def test_a_click_anywhere_on_a_card_leads_to_its_lesson(browser):
    visit(browser, "index.html")
    card = find_cards(browser)[1]
    leads = title_of(card).get_attribute("href")
    browser.execute_script("arguments[0].scrollIntoView({behavior: 'instant'})", card)
    webdriver.ActionChains(browser).move_to_element_with_offset(card, 0, -60).click().perform()
    assert browser.current_url == leads


def test_a_card_counts_what_you_answered_and_what_you_looked_up_until_you_forget_it(browser):
    visit(browser, f"{FIRST}.html")
    for name, button in (("remote-call", "Show me"), ("plain-call", "Answer")):
        question = browser.find_element(By.ID, f"predict-{name}")
        if button == "Answer":
            option = question.find_element(By.TAG_NAME, "label")
            browser.execute_script("arguments[0].click()", option)
        pressed = next(b for b in question.find_elements(By.TAG_NAME, "button") if b.text == button)
        browser.execute_script("arguments[0].click()", pressed)
    visit(browser, "index.html")
    count = browser.find_element(By.CSS_SELECTOR, f".path-questions[data-page='{FIRST}']")
    names = count.get_attribute("data-names").split()
    assert count.text == f"You answered 1 of {len(names)} questions, and looked up 1"
    forget = browser.find_element(By.CSS_SELECTOR, ".path-forget button")
    browser.execute_script("arguments[0].click()", forget)
    assert count.text == f"{len(names)} questions"
    visit(browser, f"{FIRST}.html")
    told = browser.find_element(By.CSS_SELECTOR, "#predict-remote-call .question-told")
    assert told.text == ""
