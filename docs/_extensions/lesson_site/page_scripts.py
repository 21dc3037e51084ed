"""Load scripts and styles on the pages that have something for them, and on no other."""

import shutil
from pathlib import Path
from typing import Any

import bokeh
from docutils import nodes
from sphinx.application import Sphinx

# Under a name of its own for each version: a browser keeps what it has once loaded.
BOKEH = f"bokeh-{bokeh.__version__}.min.js"
HINTS = ("hints.js", "hover.css", "hover.js")
FILES = {
    'class="xref std std-term"': HINTS,
    'class="xref py ': HINTS,
    'class="sig sig-object py"': HINTS,
    'class="plot-live"': ("plots.js",),
    'class="explorer"': ("explorers.css", "explorers.js"),
    'class="story"': ("player.css", "player.js"),
    'class="question"': ("questions.css", "questions.js"),
    'class="path-picture"': ("cards.css",),
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
    # What plots.js loads when a plot nears the view.
    attributes: dict[str, dict[str, Any]] = {"plots.js": {"data-bokeh": BOKEH}}
    needed = dict.fromkeys(name for sign in FILES if sign in body for name in FILES[sign])
    for name in needed:
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name, loading_method="defer", **attributes.get(name, {}))
    if ' class="sd-' not in body:
        # sphinx-design gives its own to every page: more than all that is the site's own.
        for kind in ("css_files", "script_files"):
            context[kind] = [one for one in context[kind] if not is_of_design(str(one.filename))]


def is_of_design(name: str) -> bool:
    """Tell whether a file is one of sphinx-design's.

    >>> is_of_design("_static/sphinx-design.min.css"), is_of_design("_static/site.css")
    (True, False)
    """
    return Path(name).name in ("sphinx-design.min.css", "design-tabs.js")


def copy_bokeh(app: Sphinx, error: Exception | None) -> None:
    """Copy Bokeh's script beside the site's own."""
    if error is None and app.builder.format == "html":
        script = Path(bokeh.__file__).parent / "server/static/js/bokeh.min.js"
        shutil.copyfile(script, Path(app.outdir) / "_static" / BOKEH)


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", copy_bokeh)
