"""A browser that opens the pages of the built site."""

from collections.abc import Iterator

import pytest
from selenium import webdriver


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """Give a Chromium without a screen, and without a network."""
    options = webdriver.ChromeOptions()
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


@pytest.fixture(autouse=True)
def forget_answers(browser) -> Iterator[None]:
    """Forget what a test has answered."""
    yield
    if browser.current_url.startswith("file:"):  # a test may have opened no page
        browser.execute_script("localStorage.clear()")
