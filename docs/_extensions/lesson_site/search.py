"""What search shows: the text of every section, as a reader sees it, in one file.

Sphinx's index finds and ranks pages, and its functions are what the site searches with; but it does
not know where on a page a word is, and it shows no text where a page may not read another, as from
a file. `search.js` takes both from the file that is written here. sphinxcontrib-lunrsearch,
sphinx-docsearch and readthedocs-sphinx-search are asleep or need a server; sphinx-searchlite needs
Python 3.11.
"""

import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

FILE = "searchsections.js"
# What does not end a word.
WITHIN_WORDS = ("a", "b", "code", "em", "i", "mark", "span", "strong", "sub", "sup", "tspan")
UNSEEN = ("script", "style")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Where text ends that stands beside other text; Sphinx's index leaves out the tags between them.
END_OF_TEXT = re.compile(r"</(?:text|p|li|t[dh]|d[dt]|div|figcaption|summary|title|desc)>")

Section = list[str]  # its id, its title and its text


class SectionReader(HTMLParser):
    """Read the sections of a page from its HTML: those inside of others are their own."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[Section] = []
        self._open: list[Section] = []
        self._inside: list[str] = []  # headings and links to them

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in ("article", "section"):  # footnotes are in no section
            place = attributes.get("id") if tag == "section" else None
            self._open.append([place or "", "", ""])
            self.sections.append(self._open[-1])
        elif tag in HEADINGS or tag in UNSEEN or attributes.get("class") == "headerlink":
            self._inside.append("headerlink" if tag == "a" else tag)
        if tag not in WITHIN_WORDS:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("article", "section"):
            self._open.pop()
        elif self._inside and self._inside[-1] == ("headerlink" if tag == "a" else tag):
            self._inside.pop()
        if tag not in WITHIN_WORDS:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        where = self._inside[-1] if self._inside else ""
        if self._open and where not in (*UNSEEN, "headerlink"):
            self._open[-1][1 if where in HEADINGS else 2] += data


def read_sections(page: str) -> list[Section]:
    """List the sections of a page with their titles and texts.

    >>> read_sections('<section id="a"><h1>Ask</h1><p>One.</p><p>T<b>w</b>o.</p></section>')
    [['a', 'Ask', 'One. Two.']]
    """
    reader = SectionReader()
    reader.feed(page)
    return [
        [id_, " ".join(title.split()), " ".join(text.split())]
        for id_, title, text in reader.sections
    ]


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the sections of all pages into the file that `search.js` loads."""
    builder = app.builder
    if error is not None or not isinstance(builder, StandaloneHTMLBuilder):
        return
    pages = {
        page: read_sections(Path(builder.get_outfilename(page)).read_text("utf-8"))
        for page in sorted(app.env.found_docs)
    }
    told = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, FILE).write_text(f"searchSections={told}", encoding="utf-8")


def end_words(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let words end where their elements do: the index would join those of a story."""
    for raw in _html(doctree):
        text = END_OF_TEXT.sub(r"\g<0>\n", raw.astext())
        raw.replace_self(nodes.raw("", text, **raw.attributes))


def _html(doctree: nodes.document) -> Iterable[nodes.raw]:
    return [raw for raw in doctree.findall(nodes.raw) if "html" in raw.get("format", "").split()]


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("doctree-resolved", end_words)
    app.connect("build-finished", write)
