"""What is seen of a built page, which is opened once at a size and looked at in each state."""

import base64
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from built_site import SITE, show_all, visit, wake_plots, what_was_asked
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SCREENSHOTS = SITE.parent / "screenshots"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# A theme changes nothing but colours.
RULES = {"light": WCAG_2_2_AA, "dark": {"type": "rule", "values": ["color-contrast"]}}
# Frames are looked at on their own, and a file may not be fetched (`preload`).
FIND_VIOLATIONS = """
const [within, runOnly, done] = arguments;
const options = { runOnly, iframes: false, preload: false, resultTypes: ["violations"] };
axe.run(within ?? document, options).then(({ violations }) =>
  done(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])));
"""

WATCH_SHIFTS = """
const keep = (list) => { window.shifts.push(...list.getEntries()); };
window.shifts = [];
window.watcher = new PerformanceObserver(keep);
watcher.observe({ type: "layout-shift" });
"""
WHAT_MOVED = """
return [...shifts, ...watcher.takeRecords()].filter((one) => !one.hadRecentInput)
  .flatMap((one) => one.sources.map(({ node }) => node?.outerHTML?.slice(0, 60)));
"""

# A field that a mouse may not reach either, such as the switch of a menu, is no stop.
WHAT_HIDES_ITS_FOCUS = """
// What follows it is the whole card, where a card is one link.
const look = (one) => JSON.stringify([null, "::after"].map((part) => {
  const style = getComputedStyle(one, part);
  const outline = style.outlineStyle !== "none" && style.outlineWidth;
  return [outline, style.boxShadow, style.borderColor, style.backgroundColor];
}));
return [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)
  .filter((one) => {
    document.activeElement.blur();
    const before = look(one);
    one.focus({ preventScroll: true });
    return document.activeElement === one && look(one) === before;
  })
  .map((one) => one.outerHTML.slice(0, 80));
"""

WHAT_HAS_NO_TEXT = """
const text = (one) => one?.textContent.trim();
const pictures = [...document.querySelectorAll("article svg[role=img]")];
const figures = [...document.querySelectorAll("article figure")];
const frames = [...document.querySelectorAll("iframe")];
return [
  ...pictures.filter((one) => !text(one.querySelector("title")) && !one.getAttribute("aria-label")),
  ...figures.filter((one) => !text(one.querySelector("figcaption"))),
  ...frames.filter((one) => !one.title),
].map((one) => one.outerHTML.slice(0, 80));
"""

HEADINGS = """
return [...document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)")]
  .map((one) => Number(one.localName[1]));
"""

WHAT_PAPER_LACKS = """
const seen = (one) => one.checkVisibility({ visibilityProperty: true });
const all = (selector) => [...document.querySelectorAll(selector)];
const outputs = (one) => (one.matches(".cell") ? one.querySelector(":scope > .cell_output") : one);
const lacking = all(
  "article :is(pre, .plot-still, .question > p, .question li, .question-answer, .story-frames > li)"
  + ", article details > :not(summary)"
).concat(all(".awaits").map(outputs).filter((one) => one)).filter((one) => !seen(one));
const cut = all("article pre").filter((one) => one.scrollWidth > one.clientWidth + 1);
const idle = all(
  ".skip-to-content, .plot-live, .story-controls, .question-buttons, .copybtn, .notebook-links"
).filter(seen);
return { lacking, cut, idle };
"""


@dataclass(frozen=True)
class Look:
    """What was seen of a page at one size, before and after its questions were answered."""

    page: str
    size: tuple[int, int]
    first_asked: list[str]  # addresses, before anybody scrolled
    asked: list[str]
    complaints: list[dict[str, str]]
    moved: list[str]  # while its plots came to life
    widths: list[int]
    violations: list[list[object]]
    headings: list[int]
    without_text: list[str]
    hiding_focus: list[str]
    on_paper: dict[str, list[str]]


def look_at(browser: webdriver.Chrome, page: str, size: tuple[int, int]) -> Look:
    """Open a page at a size, look at it in every state, and keep a picture of it in each theme."""
    browser.get_log("browser")
    what_was_asked(browser)
    visit(browser, page, size)
    first_asked = what_was_asked(browser)
    browser.execute_script(WATCH_SHIFTS)
    wake_plots(browser)
    moved = browser.execute_script(WHAT_MOVED)
    widths = [measure_width(browser)]
    on_paper = look_at_paper(browser)
    browser.execute_script(AXE)
    violations: list[list[object]] = []
    if browser.find_elements(By.CLASS_NAME, "question"):
        # The rest of the page is looked at below, with all that it shows.
        for theme in RULES:
            choose_theme(browser, theme)
            violations += find_violations(browser, [".question", ".awaits"], RULES[theme])
        show_all(browser)
        wake_plots(browser)
        widths.append(measure_width(browser))
    for theme in RULES:
        choose_theme(browser, theme)
        violations += find_violations(browser, None, RULES[theme])
        violations += find_violations_in_frames(browser)
        keep_picture(browser, SCREENSHOTS / f"{page.removesuffix('.html')}-{size[0]}-{theme}.jpg")
    # From here on the focus shows, as for who uses a keyboard.
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    look = Look(
        page=page,
        size=size,
        first_asked=first_asked,
        asked=first_asked + what_was_asked(browser),
        complaints=browser.get_log("browser"),
        moved=moved,
        widths=widths,
        violations=violations,
        headings=browser.execute_script(HEADINGS),
        without_text=browser.execute_script(WHAT_HAS_NO_TEXT),
        hiding_focus=browser.execute_script(WHAT_HIDES_ITS_FOCUS),
        on_paper=on_paper,
    )
    browser.execute_script("localStorage.clear()")
    choose_theme(browser, "")
    return look


def measure_width(browser: webdriver.Chrome) -> int:
    """Tell how wide the page is, in pixels."""
    width: int = browser.execute_script("return document.documentElement.scrollWidth")
    return width


def choose_theme(browser: webdriver.Chrome, theme: str) -> None:
    """Have the page in a theme, and what is framed in it: the one by choice, the other by wish."""
    wish = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})
    browser.execute_script("document.body.dataset.theme = arguments[0] || 'auto'", theme)


def find_violations(
    browser: webdriver.Chrome, within: list[str] | None = None, rules: object = WCAG_2_2_AA
) -> list[list[object]]:
    """Find with axe what keeps somebody from using the page, or the parts of it that are named."""
    found: list[list[object]] = browser.execute_async_script(FIND_VIOLATIONS, within, rules)
    return found


def find_violations_now(browser: webdriver.Chrome) -> list[list[object]]:
    """Find with axe what is wrong with the page as it is now, in its light and in its dark."""
    browser.execute_script(AXE)
    found = []
    for theme, rules in RULES.items():
        choose_theme(browser, theme)
        found += find_violations(browser, None, rules)
    choose_theme(browser, "")
    return found


def find_violations_in_frames(browser: webdriver.Chrome) -> list[list[object]]:
    """Find with axe what is wrong within the frames of the page."""
    found = []
    for frame in browser.find_elements(By.TAG_NAME, "iframe"):
        browser.switch_to.frame(frame)
        browser.execute_script(AXE)
        found += find_violations(browser)
        browser.switch_to.default_content()
    return found


def look_at_paper(browser: webdriver.Chrome) -> dict[str, list[str]]:
    """Tell what is hidden or cut on paper, and what stands there to no use."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    found = browser.execute_script(WHAT_PAPER_LACKS)
    told = {kind: [one.get_attribute("outerHTML")[:80] for one in found[kind]] for kind in found}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    return told


def keep_picture(browser: webdriver.Chrome, path: Path) -> None:
    """Keep a picture of the whole page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = browser.execute_cdp_cmd(
        "Page.captureScreenshot",
        {"format": "jpeg", "quality": 60, "captureBeyondViewport": True, "optimizeForSpeed": True},
    )
    path.write_bytes(base64.b64decode(taken["data"]))
