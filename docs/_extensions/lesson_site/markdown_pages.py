"""Each page as Markdown beside its HTML, and `llms.txt`, which leads to them: see llmstxt.org.

A program that reads for somebody gets the words, the code, and what came out of it in this build,
as text; what a page folds away is folded there, too. sphinx-llms-txt offers the sources of the
pages, which hold no figure of any run, and sphinx-markdown-builder skips what it does not know.
"""

import re
from pathlib import Path
from typing import Any, TypeGuard

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.i18n import format_date

from lesson_site.notebooks.plain_markdown import (
    NotPlainError,
    write_block,
    write_blocks,
    write_link,
    write_words,
)
from lesson_site.questions import leaves, question, question_answer
from lesson_site.summaries import first_sentence

SOLUTION_TAG = "hide-cell"
# What has no words of its own, such as a report that a page frames.
WORDLESS = re.compile(r"<[\w.]+ object.*>")
ON_THE_PAGE = "The page shows this, and Markdown cannot."


def write_page(words: nodes.document, outputs: nodes.document, page_url: str) -> str:
    """Write a page: its words as they were resolved, its cells with all that they put out.

    `outputs` is the page before a builder chose the HTML among the kinds of each output.
    """
    cells = {cell["cell_index"]: cell for cell in outputs.findall() if _is_cell(cell)}
    parts = (
        _write_cell(cells[leaf["cell_index"]]) if _is_cell(leaf) else _write_words(leaf, page_url)
        for leaf in leaves(words)
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _write_words(leaf: nodes.Element, page_url: str) -> str:
    if not isinstance(leaf, question):
        return write_block(leaf, page_url)
    answers = [
        _fold("The answer", write_blocks(answer.children, page_url))
        for answer in leaf.findall(question_answer)
    ]
    return "\n\n".join([write_block(leaf, page_url), *answers])


def _write_cell(cell: nodes.Element) -> str:
    code = [_fence("python", text) for text in _code(cell)]
    outputs = [_fence("text", text)] if (text := "\n".join(_outputs(cell))) else []
    written = "\n\n".join(code + outputs)
    is_solution = SOLUTION_TAG in cell["cell_metadata"].get("tags", [])
    return _fold("A solution", written) if is_solution else written


def _code(cell: nodes.Element) -> list[str]:
    return [
        block.astext()
        for block in cell.findall(nodes.literal_block)
        if block.parent.get("nb_element") == "cell_code_source"
    ]


def _outputs(cell: nodes.Element) -> list[str]:
    return [
        WORDLESS.sub(ON_THE_PAGE, block.astext().strip("\n"))
        for block in cell.findall(nodes.literal_block)
        if "output" in block["classes"]
    ]


def _is_cell(node: nodes.Node) -> TypeGuard[nodes.Element]:
    return isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code"


def _fence(language: str, text: str) -> str:
    return write_block(nodes.literal_block("", text, language=language), "")


def _fold(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>" if text else ""


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the Markdown of a page beside its HTML."""
    if app.builder.format != "html":
        return
    page = app.builder.get_target_uri(docname)
    # Where nobody knows the site's address, links start from the page.
    page_url = app.config.html_baseurl + page if app.config.html_baseurl else Path(page).name
    words = _without_markup(doctree)
    try:
        text = write_page(words, app.env.get_doctree(docname), page_url)
    except NotPlainError as error:
        # An exception of Sphinx's own would bury the reason under a report on its extensions.
        raise SystemExit(f"\n{error}") from error
    path = Path(app.outdir, markdown_file(docname))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n---\n\n{_built_with(app, page_url)}\n", encoding="utf-8")


def _without_markup(doctree: nodes.document) -> nodes.document:
    copy = doctree.deepcopy()
    for raw in list(copy.findall(nodes.raw)):
        is_in_words = isinstance(raw.parent, nodes.TextElement)
        stays = nodes.paragraph("", "", nodes.emphasis("", ON_THE_PAGE))
        raw.replace_self([] if is_in_words else [stays])
    return copy


def _built_with(app: Sphinx, page_url: str) -> str:
    config = app.config
    ray_version = config.html_context["ray_version"]
    date = format_date(config.html_last_updated_fmt or "%Y-%m-%d", language=config.language)
    return (
        f"{write_link('A page', page_url)} of {config.project}, version {config.release}, "
        f"built with Ray {ray_version} on {date}. Outputs and figures are those of that build."
    )


def offer(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give the page's template the name of its Markdown."""
    if doctree is not None:
        context["markdown"] = markdown_file(pagename)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Write `llms.txt`, and drop the Markdown of pages that are gone."""
    if error is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    kept = {site / markdown_file(name) for name in app.env.found_docs}
    for path in set(site.glob("**/*.md")) - kept:
        path.unlink()
    text = write_map(app.env, app.config.html_baseurl)
    (site / "llms.txt").write_text(text, encoding="utf-8")


def write_map(env: BuildEnvironment, site_url: str) -> str:
    """Write which pages there are, by the first page's captions, with what each is about."""
    root = env.get_doctree(env.config.root_doc)
    lines = [f"# {env.config.project}", "", f"> {first_sentence(root)}"]
    for tree in root.findall(addnodes.toctree):
        lines += ["", f"## {tree['caption'] or 'Pages'}", ""]
        lines += [_line(env, site_url, page) for page in tree["includefiles"]]
    return "\n".join(lines) + "\n"


def _line(env: BuildEnvironment, site_url: str, page: str) -> str:
    link = write_link(write_words(env.titles[page], ""), site_url + markdown_file(page))
    about = first_sentence(env.get_doctree(page))
    return f"- {link}: {about}" if about else f"- {link}"


def markdown_file(docname: str) -> str:
    """Name the Markdown of a page, in the site.

    >>> markdown_file("lessons/ask-late")
    'lessons/ask-late.md'
    """
    return f"{docname}.md"


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    # After those that fill a page's places.
    app.connect("doctree-resolved", write, priority=900)
    app.connect("html-page-context", offer)
    app.connect("build-finished", finish)
