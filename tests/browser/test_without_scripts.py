"""Pages where no script runs: all that is told can be read."""

import pytest
from built_site import PAGES, visit

# What is folded away opens without a script.
WHAT_IS_KEPT_BACK = """
const seen = (one) => one.checkVisibility({ visibilityProperty: true });
const outputs = (one) => (one.matches(".cell") ? one.querySelector(":scope > .cell_output") : one);
const told = "pre, .plot-still, .story-frames > li, p.claim";
const asked = ".question li, .question-answer > summary";
return [...document.querySelectorAll(`article :is(${told}, ${asked})`)]
  .concat([...document.querySelectorAll(".awaits")].map(outputs).filter((one) => one))
  .filter((one) => !one.closest("details:not([open])") || one.localName === "summary")
  .filter((one) => !seen(one))
  .map((one) => one.outerHTML.slice(0, 80));
"""
WHAT_DOES_NOTHING = """
const made = ".plot-live, .story-controls, .question-form, .copybtn";
return [...document.querySelectorAll(made)].filter((one) => one.checkVisibility()).length;
"""


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_kept_back_where_no_script_runs(browser, without_scripts, page):
    visit(browser, page)
    assert browser.execute_script(WHAT_IS_KEPT_BACK) == []
    assert browser.execute_script(WHAT_DOES_NOTHING) == 0
    assert (
        browser.execute_script(
            "const folds = [...document.querySelectorAll('article details:not([open])')];"
            "folds.forEach((one) => one.querySelector('summary').click());"
            "return folds.filter((one) => !one.open).length"
        )
        == 0
    )
