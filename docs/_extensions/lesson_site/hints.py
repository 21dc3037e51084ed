"""What a term of the glossary or a name of a reference means, in one sentence, for `hover.js`.

All are in one file, so that no page tells an older one than the glossary does. sphinx-tippy loads
its scripts from another host, and sphinx-hoverxref asks the server of Read the Docs.
"""

import inspect
import json
import pydoc
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.intersphinx import InventoryAdapter

FILE = "hints.js"
END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`]|$)")
ROLE = re.compile(r":[\w:]+:`(?:[^`<]*<)?~?(?:[\w.]*\.)?([^`>]+)>?`")  # of reStructuredText


def first_sentence(text: str) -> str:
    """Give the first sentence of a text, without the marks of reStructuredText.

    >>> first_sentence("Ask with :func:`~ray.get`, as in ``get(ref)``.\\n\\nThis waits.")
    'Ask with get, as in get(ref).'
    """
    paragraph = " ".join(text.strip().partition("\n\n")[0].split())
    return ROLE.sub(r"\1", END_OF_SENTENCE.split(paragraph)[0]).replace("`", "")


def explain_terms(env: BuildEnvironment) -> Iterator[tuple[str, str]]:
    """Give the place of each term of the glossary on its page, and what it means."""
    for _, _, kind, page, place, _ in env.domains.standard_domain.get_objects():
        if kind == "term":
            for item in env.get_doctree(page).findall(nodes.definition_list_item):
                if any(place in term["ids"] for term in item.findall(nodes.term)):
                    meaning = next(item.findall(nodes.paragraph)).deepcopy()
                    for note in list(meaning.findall(nodes.footnote_reference)):
                        note.parent.remove(note)
                    yield place, first_sentence(meaning.astext())


def explain_names(env: BuildEnvironment) -> Iterator[tuple[str, str]]:
    """Give the names of the package's reference and of Ray's, and how their docstrings begin."""
    ray = InventoryAdapter(env).named_inventory.get("ray", {})
    names = [name for kind in ray for name in ray[kind]]
    for name in (*env.domains.python_domain.objects, *names):
        told = inspect.getdoc(pydoc.locate(name)) or ""
        own = name.rpartition(".")[2]
        if told.startswith(f"{own}("):  # what is compiled says how it is called first
            told = told.partition("\n")[2]
        if told and not own.startswith("__"):
            yield name, first_sentence(told)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write all hints into the file that pages with references load."""
    if error is None and app.builder.format == "html":
        hints = dict(sorted((*explain_terms(app.env), *explain_names(app.env))))
        told = json.dumps(hints, ensure_ascii=False, indent=0)
        Path(app.outdir, "_static", FILE).write_text(f"const hints = {told};\n", encoding="utf-8")


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("build-finished", write)
