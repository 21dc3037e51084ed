"""Every lesson as a notebook, to download and, where the site's address is known, to open online.

The site carries the notebooks, the wheel of the package that they import, and what Binder needs.
`address` knows where that is.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from docutils import nodes
from hatchling.builders.wheel import WheelBuilder
from myst_nb.core.read import read_myst_markdown_notebook
from sphinx.application import Sphinx

from lesson_site.address import BRANCH
from lesson_site.notebooks.plain_markdown import NotPlainError
from lesson_site.notebooks.writer import Origin, SolutionError, write_notebook

LESSONS = "lessons/"


def launchers(repository: str, notebook: str) -> list[tuple[str, str]]:
    """Name the services that open a notebook of the published site, each with its link."""
    return [
        (
            "Open in Colab",
            f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{notebook}",
        ),
        (
            "Open in Binder",
            f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?labpath={quote(notebook, safe='')}",
        ),
    ]


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of a lesson beside the site's pages."""
    if app.builder.format != "html" or not docname.startswith(LESSONS):
        return
    page = app.env.doc2path(docname)
    text = Path(page).read_text(encoding="utf-8")
    source = read_myst_markdown_notebook(
        text, vars(app.env)["myst_config"], add_source_map=True, path=page
    )
    site_url = app.config.html_baseurl
    page_url = site_url and site_url + app.builder.get_target_uri(docname)
    try:
        notebook = write_notebook(doctree, source, Origin(page_url, site_url, _wheel(app)))
    except (NotPlainError, SolutionError) as error:
        # An exception of Sphinx's own would bury the reason under a report on its extensions.
        raise SystemExit(f"\n{error}") from error
    path = Path(app.outdir, _notebook(docname))
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def offer(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give the page's template the links to its notebook."""
    if pagename.startswith(LESSONS):
        notebook, repository = _notebook(pagename), app.config.published_repository
        context["notebook"] = notebook
        context["launchers"] = launchers(repository, notebook) if repository else []


def finish(app: Sphinx, error: Exception | None) -> None:
    """Put the wheel of this very package beside the notebooks, and drop those of no lesson."""
    lessons = {_notebook(name) for name in app.env.found_docs if name.startswith(LESSONS)}
    if error is not None or app.builder.format != "html" or not lessons:
        return
    site = Path(app.outdir)
    kept = {site / name for name in lessons}
    for path in (site / "notebooks").iterdir():
        if path not in kept:
            path.unlink()
    builder = WheelBuilder(str(Path(app.srcdir).parent))
    list(builder.build(directory=str(site / "notebooks")))
    # A relative path, so that Binder takes the wheel of the branch that it opens.
    (site / "binder").mkdir(exist_ok=True)
    (site / "binder/requirements.txt").write_text(f"./notebooks/{_wheel(app)}[dashboard]\n")


def _notebook(docname: str) -> str:
    return f"notebooks/{docname.removeprefix(LESSONS)}.ipynb"


def _wheel(app: Sphinx) -> str:
    return f"raylessons-{app.config.release}-py3-none-any.whl"


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    # After those that fill a page's places.
    app.connect("doctree-resolved", write, priority=900)
    app.connect("html-page-context", offer)
    app.connect("build-finished", finish)
