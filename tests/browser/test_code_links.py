"""Names in code lead to the references."""

from built_site import show_all, visit
from selenium.webdriver.common.by import By

LESSON = "lessons/wait-for-results.html"


def test_a_name_in_code_leads_to_ray_s_reference_or_to_ours_and_says_what_it_means(browser):
    visit(browser, LESSON)
    show_all(browser)
    links = browser.find_elements(By.CSS_SELECTOR, "pre a.sphinx-codeautolink-a")
    places = {link.get_attribute("href").rpartition("/")[2] for link in links}
    assert {"ray.wait.html#ray.wait", "api.html#raylessons.gather"} <= places
    meant = browser.execute_script(
        "return [...document.querySelectorAll('pre a')].filter((one) => meaning(one)).length"
    )
    assert meant > 10
