"""The captions of the sidebar are headings; here they get the level that a heading must have.

Sphinx writes their role alone, from which a screen reader cannot tell where they stand.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

HEADING = 'role="heading"'
AFTER_THE_THEME = 900


def give_levels(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give each caption of the sidebar its level."""
    tree = context["furo_navigation_tree"] or ""  # a site of one page has none
    context["furo_navigation_tree"] = tree.replace(HEADING, f'{HEADING} aria-level="2"')


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("html-page-context", give_levels, priority=AFTER_THE_THEME)
