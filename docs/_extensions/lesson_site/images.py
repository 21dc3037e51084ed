"""An image of a page comes when it nears the view, and its place is kept free until then.

The pictures that a run draws are part of the page; an image is a file of its own, such as a
photograph of Ray's Dashboard, which weighs more than a lesson.
"""

import re
from pathlib import Path
from typing import Any

import imagesize
from docutils import nodes
from sphinx.application import Sphinx

IMAGE = re.compile(r'<img (?=[^>]*src="(?:\.\./)*_images/(?P<name>[^"]+)")(?![^>]*loading=)')


def let_images_wait(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Say of each image of a page how large it is, and that it may come late."""
    # Sphinx copies the images after the pages are written.
    sources = {name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def describe(image: re.Match[str]) -> str:
        width, height = imagesize.get(sources[image["name"]])
        return f'<img loading="lazy" width="{width}" height="{height}" '

    context["body"] = IMAGE.sub(describe, context.get("body", ""))


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("html-page-context", let_images_wait)
