"""Browsers that open the pages of the built site."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from built_site import DESKTOP, PAGES, PHONE, open_browser
from page_looks import Look, look_at
from selenium import webdriver


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """Give a Chromium without a screen, and without a network."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def second_browser() -> Iterator[webdriver.Chrome]:
    """Give another: what takes long is a browser's own work, and every machine has two cores."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session", params=PAGES)
def looks(request, browser, second_browser) -> tuple[Look, ...]:
    """Give what is seen of a page, wide and narrow; pytest asks once for all tests of a page."""
    with ThreadPoolExecutor() as pool:
        pages = [request.param] * 2
        return tuple(pool.map(look_at, [browser, second_browser], pages, [DESKTOP, PHONE]))


@pytest.fixture(autouse=True)
def forget_answers(browser) -> Iterator[None]:
    """Forget what a test has answered."""
    yield
    if browser.current_url.startswith("file:"):  # a test may have opened no page
        browser.execute_script("localStorage.clear()")


@pytest.fixture
def without_scripts(browser) -> Iterator[None]:
    """Have pages run no script of their own."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
