"""Load scripts and styles on the pages that have a picture for them, and on no other."""

import shutil
from pathlib import Path
from typing import Any

import bokeh
from docutils import nodes
from sphinx.application import Sphinx

HINTS = ("hints.js", "hover.css", "hover.js")
FILES = {
    'class="xref std std-term"': HINTS,
    'class="xref py ': HINTS,
    'class="sig sig-object py"': HINTS,
    'class="plot-live"': ("bokeh.min.js", "plots.js"),
    'class="explorer"': ("explorers.css", "explorers.js"),
    'class="story"': ("player.css", "player.js"),
    'class="question"': ("questions.css", "questions.js"),
    'class="path-questions"': ("questions.css", "questions.js"),
}


def add_scripts(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the files that the pictures of this page need."""
    body = context.get("body", "")
    needed = dict.fromkeys(name for sign in FILES if sign in body for name in FILES[sign])
    for name in needed:
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name, loading_method="defer")


def copy_bokeh(app: Sphinx, error: Exception | None) -> None:
    """Copy Bokeh's script beside the site's own."""
    if error is None and app.builder.format == "html":
        script = Path(bokeh.__file__).parent / "server/static/js/bokeh.min.js"
        shutil.copyfile(script, Path(app.outdir) / "_static" / script.name)


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", copy_bokeh)
