"""What a term or a name means, in one sentence."""

import json

import pytest
from lesson_site.hints import first_sentence
from tiny_site import page

GLOSSARY = """# Glossary

:::{glossary}
herd
  Workers that
  move as one.[^1]
  They are many.

lone wolf
  One that is alone: it has `nobody`.
:::

[^1]: A source.
"""


def test_terms_and_names_tell_their_first_sentence_today(site):
    links = (
        "A {term}`herd`, a {term}`lone wolf`, {func}`ray.get`, {class}`collections.abc.Callable`."
    )
    site.write(page(prose=links) + "\n```{toctree}\nglossary\n```\n")
    site.write(GLOSSARY, "glossary")
    assert site.build().status == 0
    hints = site.root / "_site/html/_static/hints.js"
    told = json.loads(hints.read_text("utf-8").removeprefix("const hints = ").removesuffix(";\n"))
    assert told["term-herd"] == "Workers that move as one."
    assert told["term-lone-wolf"] == "One that is alone: it has nobody."
    assert told["ray.get"].startswith("Get a remote object")
    assert "collections.abc.Callable" not in told
    assert "hover.js" in site.read()
    assert "hover.js" not in site.read("glossary")

    site.write(GLOSSARY.replace("move as one", "move alone"), "glossary")
    site.build()
    assert "Workers that move alone." in hints.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ask\nit. Then wait.\n\nMore.", "Ask it."),
        ("Call :func:`~ray.get`, or ``get`` of `ray`.", "Call get, or get of ray."),
        ("Wait 0.1 seconds, e.g. for it.", "Wait 0.1 seconds, e.g. for it."),
        ("Without an end", "Without an end"),
    ],
)
def test_a_first_sentence_is_plain(text, told):
    assert first_sentence(text) == told
