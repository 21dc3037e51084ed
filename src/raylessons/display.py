"""What an output shows, and the facts that it carries to the site.

A fact is a record in the HTML of an output, so that it is found there whether the output was made
in this build or kept from an earlier one.
"""

import html
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from raylessons.words import escape

FACT = re.compile(r'data-(answer|claim|session|verdict)="([^"]*)"')


def show(thing: object) -> None:
    """Show a thing on the page or in the notebook, or print it in a plain terminal.

    >>> show("ready")
    ready
    """
    display = _notebook_display()
    if display is None:
        print(thing)
    else:
        display(thing)


def keep_figure(name: str, value: object) -> None:
    """Keep a figure with the output, for a sentence to name it; outside a notebook, do nothing.

    What is a picture in a notebook is kept as one, too, so that another page can show it.
    The format is papermill's, which myst-nb reads to fill in `{glue:text}` and `{glue}`.
    """
    display = _notebook_display()
    if display is not None:
        prefix = "application/papermill.record/"
        kept = {f"{prefix}text/plain": repr(value)}
        if hasattr(value, "_repr_html_"):
            kept[f"{prefix}text/html"] = value._repr_html_()
        display(
            kept,
            raw=True,
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
        )


def write_fact(kind: str, record: Mapping[str, Any]) -> str:
    """Write a fact as an attribute of an HTML element.

    >>> write_fact("verdict", {"passed": True})
    'data-verdict="{&quot;passed&quot;: true}"'

    Raises `ValueError` for a kind that `read_facts` would not find.
    """
    attribute = f'data-{kind}="{escape(json.dumps(record))}"'
    if not FACT.fullmatch(attribute):
        raise ValueError(
            f"kind is {kind!r}: expected answer, claim, session or verdict. Add it to FACT."
        )
    return attribute


def read_facts(output: str) -> list[tuple[str, dict[str, Any]]]:
    """Read the facts that an output's HTML carries, each with its kind, in their order.

    >>> read_facts(f'<p {write_fact("verdict", {"passed": True})}>Passed.</p>')
    [('verdict', {'passed': True})]
    """
    return [(kind, json.loads(html.unescape(record))) for kind, record in FACT.findall(output)]


def _notebook_display() -> Callable[..., None] | None:
    # A process that never imported IPython is no notebook, and need not have it installed.
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return None
    display: Callable[..., None] = ipython.display.display
    return display
