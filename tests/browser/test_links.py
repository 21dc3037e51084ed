"""Where the links of the built site lead, without a browser."""

import json
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from built_site import LESSONS, SITE


class Page(HTMLParser):
    """A page as what it points to and what can be pointed to."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.names: set[str] = set()
        self.downloads: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        told = dict(attrs)
        self.targets += [told[name] or "" for name in ("href", "src") if name in told]
        self.names |= {told[name] or "" for name in ("id", "name") if name in told}
        if "download" in told:
            self.downloads.append(told["href"] or "")


@cache
def read(path: Path) -> Page:
    """Read a page of the site."""
    return Page(path.read_text("utf-8"))


def leads_somewhere(target: str, page: Path) -> bool:
    """Tell whether a link of a page leads to a file of the site, and to a place in it."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True  # `nox -s links` asks those
    # A page for what is not there has links from the root of the site: it is shown at any depth.
    beside = SITE if parts.path.startswith("/") else page.parent
    path = (beside / unquote(parts.path).lstrip("/")).resolve() if parts.path else page
    if not path.is_relative_to(SITE) or not path.is_file():
        return False
    fragment = unquote(parts.fragment)
    return fragment == "" or path.suffix != ".html" or fragment in read(path).names


def test_links_and_anchors_lead_somewhere():
    pages = sorted(SITE.rglob("*.html"))
    assert pages
    broken = [
        (str(page.relative_to(SITE)), target)
        for page in pages
        for target in read(page).targets
        if not leads_somewhere(target, page)
    ]
    assert broken == []


def test_a_link_that_leads_nowhere_is_noticed():
    page = SITE / "index.html"
    assert leads_somewhere(LESSONS[0], page)
    assert not leads_somewhere(f"{LESSONS[0]}#no-such-place", page)
    assert not leads_somewhere("no-such-page.html", page)
    assert not leads_somewhere("#no-such-place", page)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_offers_its_notebook_to_download(lesson):
    page = SITE / lesson
    [download] = read(page).downloads
    assert download.endswith(f"{page.stem}.ipynb")
    notebook = json.loads((page.parent / download).read_text("utf-8"))
    assert any(cell["cell_type"] == "code" for cell in notebook["cells"])
