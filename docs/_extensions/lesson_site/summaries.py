"""What a page is about, in its own first sentence: for search engines, and for cards of links."""

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def first_sentence(doctree: nodes.document) -> str:
    """Give the first sentence of a page, which is the first line of its first paragraph.

    A paragraph within something, such as a term's definition, does not speak of the page.
    """
    paragraphs = doctree.findall(nodes.paragraph)
    words = (one.astext() for one in paragraphs if isinstance(one.parent, nodes.section))
    return next(words, "").partition("\n")[0]


def describe(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Describe a page by its first sentence."""
    if doctree is not None and (sentence := first_sentence(doctree)):
        context["metatags"] += f'<meta name="description" content="{html.escape(sentence)}" />\n'
        # From here sphinxext-opengraph takes it, which would cut the page at so many letters.
        context["meta"] = {**(context["meta"] or {}), "og:description": html.escape(sentence)}


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    # Before sphinxext-opengraph.
    app.connect("html-page-context", describe, priority=400)
