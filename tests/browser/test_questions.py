"""The questions of a built page: they ask, keep and forget, and outputs wait for the answer."""

import pytest
from built_site import LESSONS, SITE, show_all, visit
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

LESSON = "lessons/run-your-first-tasks.html"


def find_question(browser: webdriver.Chrome, name: str) -> WebElement:
    """Find a question of the page, and bring it into view."""
    question = browser.find_element(By.ID, f"predict-{name}")
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", question
    )
    return question


def press(question: WebElement, words: str) -> None:
    """Press the button of a question that has these words."""
    next(b for b in question.find_elements(By.TAG_NAME, "button") if b.text == words).click()


def what_waits(browser: webdriver.Chrome, name: str) -> list[bool]:
    """Tell of each part of the page that waits for a question whether it can be seen."""
    return browser.execute_script(
        "return [...document.querySelectorAll(`.awaits-${arguments[0]}`)]"
        ".map((one) => one.matches('.cell') ? one.querySelector(':scope > .cell_output') : one)"
        ".filter((one) => one)"  # the code of a cell waits for nothing
        ".map((one) => one.checkVisibility())",
        name,
    )


@pytest.mark.parametrize("page", LESSONS)
def test_every_question_knows_its_answer_and_something_waits_for_it(browser, page):
    visit(browser, page)
    questions = browser.find_elements(By.CLASS_NAME, "question")
    assert questions
    for question in questions:
        assert question.get_attribute("data-right") != ""
        waits = what_waits(browser, question.get_attribute("data-name"))
        assert waits
        assert not any(waits)
    codes = browser.find_elements(By.CSS_SELECTOR, ".tag_code-waits")
    assert all("awaits" in code.get_attribute("class").split() for code in codes)
    inputs = browser.find_elements(By.CSS_SELECTOR, ".tag_code-waits > .cell_input")
    assert not any(code.is_displayed() for code in inputs)
    show_all(browser)
    assert all(code.is_displayed() for code in inputs)
    for question in questions:
        assert all(what_waits(browser, question.get_attribute("data-name")))
        told = question.find_element(By.CSS_SELECTOR, ".question-told").text
        assert told.startswith(("✓ It was", "✓ In this run: "))


def test_an_answer_shows_the_outputs_and_stays_until_it_is_asked_again(browser):
    visit(browser, LESSON)
    question = find_question(browser, "remote-call")
    right = int(question.get_attribute("data-right"))
    options = question.find_elements(By.CSS_SELECTOR, "li")
    press(question, "Answer")
    assert not any(what_waits(browser, "remote-call")), "nothing was chosen"

    wrong = options[right - 1]
    wrong.find_element(By.TAG_NAME, "label").click()
    press(question, "Answer")
    told = question.find_element(By.CSS_SELECTOR, ".question-told").text
    assert told.startswith("✗ You said ")
    assert "\n✓ It was " in told
    assert all(what_waits(browser, "remote-call"))
    assert not any(what_waits(browser, "asked-again")), "other questions wait on"

    visit(browser, LESSON)
    question = find_question(browser, "remote-call")
    assert question.find_element(By.CSS_SELECTOR, ".question-told").text == told
    assert all(what_waits(browser, "remote-call"))
    press(question, "Ask me again")
    assert not any(what_waits(browser, "remote-call"))
    options = question.find_elements(By.CSS_SELECTOR, "li")
    options[right].find_element(By.TAG_NAME, "label").click()
    press(question, "Answer")
    told = question.find_element(By.CSS_SELECTOR, ".question-told").text
    assert told.startswith("✓ Right, it was ")


@pytest.mark.parametrize(("part", "mark"), [(1.05, "✓"), (0.2, "✗")])
def test_a_number_is_held_against_the_measured_one(browser, part, mark):
    visit(browser, LESSON)
    question = find_question(browser, "five-calls")
    said = f"{part * float(question.get_attribute('data-right')):.3g}"
    question.find_element(By.TAG_NAME, "input").send_keys(said, Keys.ENTER)
    told = question.find_element(By.CSS_SELECTOR, ".question-told").text
    assert told.startswith(f"{mark} You said {said} seconds; it was ")
    assert ("That is one call" in told) == (mark == "✗")
    assert all(what_waits(browser, "five-calls"))


@pytest.fixture
def order(browser) -> WebElement:
    """Find a question for an order, not answered yet."""
    visit(browser, "lessons/see-how-ray-schedules.html")
    return find_question(browser, "nap-ends")


def things(question: WebElement) -> dict[str, WebElement]:
    """Find what is to be ordered: the buttons, by their words."""
    buttons = question.find_elements(By.CSS_SELECTOR, "li > button")
    return {button.text.splitlines()[-1]: button for button in buttons}


def right_order(question: WebElement) -> list[str]:
    """Read in which order the things came in the run of this build."""
    names = list(things(question))
    return [names[int(place)] for place in question.get_attribute("data-right").split()]


def test_an_order_is_given_by_keyboard_and_taken_back(browser, order):
    first, second, *others = right_order(order)
    buttons = things(order)
    for name in (second, first, *others):
        buttons[name].send_keys(Keys.SPACE)
    buttons[second].send_keys(Keys.SPACE)
    assert [buttons[name].text.splitlines()[0] for name in (first, *others)] == [
        f"{place}." for place in range(1, len(others) + 2)
    ]
    assert buttons[second].get_attribute("aria-pressed") == "false"
    press(order, "Answer")
    assert not any(what_waits(browser, "nap-ends")), "one has no place"
    for name in (*others, second, *others):
        buttons[name].send_keys(Keys.SPACE)
    press(order, "Answer")
    told = order.find_element(By.CSS_SELECTOR, ".question-told").text
    assert told == f"✓ Right: {', '.join((first, second, *others))}."
    assert all(what_waits(browser, "nap-ends"))


def test_an_order_stands_place_by_place_beside_the_measured_one(browser, order):
    mistake = order.find_element(By.TAG_NAME, "dt").get_attribute("textContent")
    why = order.find_element(By.TAG_NAME, "dd").get_attribute("textContent").strip()
    right, said = right_order(order), mistake.split(", ")
    for name in said:
        things(order)[name].click()
    press(order, "Answer")
    told = order.find_element(By.CSS_SELECTOR, ".question-told")
    in_place = sum(a == b for a, b in zip(said, right, strict=True))
    assert told.find_element(By.TAG_NAME, "p").text.startswith(f"✗ {in_place or 'None'} of ")
    assert why in told.text
    rows = [row.text for row in told.find_elements(By.CSS_SELECTOR, "tbody tr")]
    assert rows == [
        f"{place}. {'✓' if a == b else '✗'} {a} {b}"
        for place, (a, b) in enumerate(zip(said, right, strict=True), start=1)
    ]
    table = told.text
    visit(browser, "lessons/see-how-ray-schedules.html")
    question = find_question(browser, "nap-ends")
    assert question.find_element(By.CSS_SELECTOR, ".question-told").text == table
    press(question, "Ask me again")
    assert not any(what_waits(browser, "nap-ends"))
    assert not question.find_elements(By.CSS_SELECTOR, "[aria-pressed='true']")


def test_who_follows_a_link_to_a_claim_sees_it(browser):
    visit(browser, LESSON)
    hidden = browser.execute_script(
        "return [...document.querySelectorAll('.awaits p.claim')].map((one) => one.id)"
    )
    browser.execute_script("location.hash = arguments[0]", hidden[-1])
    assert browser.find_element(By.ID, hidden[-1]).is_displayed()
    assert not browser.find_element(By.ID, hidden[0]).is_displayed()


def test_without_scripts_nothing_waits_and_the_answer_is_folded_away(browser, without_scripts):
    browser.get((SITE / LESSON).as_uri())
    question = browser.find_element(By.ID, "predict-remote-call")
    assert question.find_element(By.TAG_NAME, "details").is_displayed()
    assert not question.find_elements(By.TAG_NAME, "form")
    assert all(what_waits(browser, "remote-call"))
