"""Every page of the built site in a real browser, wide and narrow, light and dark."""

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from built_site import LESSONS, PAGES, SITE, show_all, visit, wake_plots
from page_looks import AXE, find_violations
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

MOST_AT_FIRST = 100_000  # bytes of a lesson, compressed, until somebody scrolls
# Of which one has more: its explorer carries an answer to each of 9,216 choices.
MOST_OF = {"lessons/see-how-ray-schedules.html": 110_000}


def test_there_are_pages_to_look_at():
    assert len(PAGES) > 8, f"build the site first: {SITE} holds {PAGES}"


def test_a_page_asks_no_other_host_and_complains_of_nothing(looks):
    for look in looks:
        addresses = [one for one in look.asked if not one.startswith(("file:", "data:", "blob:"))]
        assert addresses == []
        assert [entry for entry in look.complaints if entry["level"] == "SEVERE"] == []


def weigh(addresses: list[str]) -> int:
    """Weigh files of the site as a server sends them: compressed."""
    paths = {Path(unquote(urlsplit(one).path)) for one in addresses if one.startswith("file:")}
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in paths)


def test_what_a_page_asks_for_before_anybody_scrolls_weighs_little(looks, capsys):
    page = looks[0].page
    weights = [weigh(look.first_asked) for look in looks]
    with capsys.disabled():
        print(f"\n{page}: {max(weights) / 1000:.1f} kB compressed at first view", end=" ")
    # What is looked up is no lesson: the reference of the package is one long page.
    assert page not in LESSONS or max(weights) <= MOST_OF.get(page, MOST_AT_FIRST)


def test_nothing_moves_when_a_plot_comes_to_life(looks):
    for look in looks:
        assert look.moved == []


def test_a_page_is_no_wider_than_its_window(looks):
    for look in looks:
        assert max(look.widths) <= look.size[0]


def test_a_page_can_be_used_by_everybody(looks):
    for look in looks:
        assert look.violations == []


def test_the_headings_of_a_page_are_in_order(looks):
    for look in looks:
        first, *others = look.headings
        assert first == 1
        assert 1 not in others
        steps = zip(look.headings, others, strict=False)
        assert [step for step in steps if step[1] > step[0] + 1] == []


def test_every_picture_and_every_frame_has_a_text(looks):
    for look in looks:
        assert look.without_text == []


def test_whoever_uses_a_keyboard_sees_where_they_are(looks):
    for look in looks:
        assert look.hiding_focus == []


def test_on_paper_all_stands_open_and_still_and_no_line_is_cut(looks):
    for look in looks:
        assert look.on_paper == {"lacking": [], "cut": [], "idle": []}


def test_what_looks_for_barriers_finds_those_that_are_planted(browser):
    visit(browser, "index.html")
    browser.execute_script(
        "const small = '<button style=\"width:10px;height:10px;padding:0\">x</button>';"
        "document.querySelector('h1').insertAdjacentHTML('afterend',"
        '`<div>${small}${small}<p style="color:#aaa;background:#fff">pale</p><img src="x"></div>`)'
    )
    browser.execute_script(AXE)
    found = [name for name, _ in find_violations(browser)]
    assert {"target-size", "color-contrast", "image-alt"} <= set(found)


def test_a_plot_lives_and_takes_the_colours_of_the_page(browser):
    visit(browser, "lessons/size-tasks.html")
    show_all(browser)
    wake_plots(browser)
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


FIND_A_BAR = """
const view = Bokeh.index.roots[0];
const { glyph, data_source } = view.model.renderers[0];
const at = (place) => data_source.data[glyph[place].field][0];
const { left, top } = view.el.getBoundingClientRect();
return [
  left + view.frame.x_scale.compute((at("left") + at("right")) / 2),
  top + view.frame.y_scale.compute(at("y")),
];
"""
# Bokeh draws in shadow trees.
WHAT_A_PLOT_TELLS = """
const within = (root) => [...root.querySelectorAll("*")].flatMap(
  (one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]);
return within(document).filter((one) => one.matches(".bk-Tooltip"))
  .flatMap((one) => within(one.shadowRoot)).map((one) => one.textContent).join(" ");
"""


def test_a_bar_of_a_plot_tells_its_figures_to_a_mouse(browser):
    visit(browser, "lessons/see-how-ray-schedules.html")
    show_all(browser)
    wake_plots(browser)
    browser.execute_script(
        "document.querySelector('.plot').scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    x, y = browser.execute_script(FIND_A_BAR)
    mouse = ActionBuilder(browser)
    mouse.pointer_action.move_to_location(int(x), int(y)).move_to_location(int(x) + 2, int(y))
    mouse.perform()
    told = WebDriverWait(browser, 10).until(lambda _: browser.execute_script(WHAT_A_PLOT_TELLS))
    assert " s" in told


WHAT_MOVES = """
const moves = (one) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
  const isStill = parseFloat(transitionDuration) === 0 && animationName === "none";
  return !isStill || scrollBehavior !== "auto";
};
return [...document.querySelectorAll("*")].filter(moves).map((one) => one.outerHTML.slice(0, 60));
"""


def test_nothing_glides_where_motion_is_not_welcome(browser, welcome_motion):
    welcome_motion(False)
    visit(browser, "lessons/watch-the-cluster.html")
    assert browser.execute_script(WHAT_MOVES) == []


def test_a_picture_stands_where_the_script_of_plots_does_not_come(browser):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*bokeh*"]})
    try:
        browser.get_log("browser")
        visit(browser, "lessons/size-tasks.html")
        show_all(browser)
        plot = browser.find_element(By.CLASS_NAME, "plot")
        browser.execute_script("arguments[0].scrollIntoView()", plot)
        WebDriverWait(browser, 20).until(
            lambda _: any("did not come" in one["message"] for one in browser.get_log("browser"))
        )
        assert plot.find_element(By.CLASS_NAME, "plot-still").is_displayed()
        assert not plot.find_element(By.CLASS_NAME, "plot-live").is_displayed()
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        browser.execute_cdp_cmd("Network.disable", {})


def test_the_copy_button_copies_the_code(browser):
    visit(browser, LESSONS[0])
    cell = browser.find_element(By.CSS_SELECTOR, ".cell_input div.highlight")
    code = cell.find_element(By.TAG_NAME, "pre").get_attribute("textContent").strip()
    ActionChains(browser).move_to_element(cell).perform()
    cell.find_element(By.CLASS_NAME, "copybtn").click()
    browser.execute_script(
        "document.querySelector('h1').append(document.createElement('textarea'))"
    )
    place = browser.find_element(By.TAG_NAME, "textarea")
    place.send_keys(Keys.CONTROL, "v")
    assert place.get_attribute("value").strip() == code


def frames_shown(browser: webdriver.Chrome) -> list[int]:
    """Tell which frames of the first story on the page can be seen."""
    return browser.execute_script(
        "return [...document.querySelector('.story').querySelectorAll('.story-frames > li')]"
        ".map((f, i) => f.checkVisibility({ visibilityProperty: true }) ? i : -1)"
        ".filter(i => i >= 0)"
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
