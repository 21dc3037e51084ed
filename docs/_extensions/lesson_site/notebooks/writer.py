"""The notebook of a lesson: its words, its cells unsolved, and one cell that sets it up."""

from dataclasses import dataclass
from textwrap import dedent

from docutils import nodes
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lesson_site.notebooks.plain_markdown import write_block, write_link
from lesson_site.questions import leaves

FOLDED_TAGS = {"remove-input", "hide-input"}
SOLUTION_TAG = "hide-cell"
# Tags that notebooks know, too.
KEPT_TAGS = {"raises-exception"}
# The first for Jupyter, the second for Colab.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}


class SolutionError(ValueError):
    """A cell that a notebook without solutions would lose."""


@dataclass(frozen=True)
class Origin:
    """Where a notebook comes from: its page, the site, and the wheel that the site carries."""

    page_url: str  # empty where nobody knows yet where the site will be
    site_url: str
    wheel: str


def write_notebook(doctree: nodes.document, source: NotebookNode, origin: Origin) -> NotebookNode:
    """Write the notebook of a page, from what Sphinx made of it and from the cells of its source.

    A solution, the cell tagged `hide-cell`, stays on the page with what follows in its section.

    Raises `NotPlainError` where a notebook cannot show something,
    `SolutionError` where a plain cell follows a solution in its section.
    """
    cells: list[NotebookNode] = []
    words: list[nodes.Node | str] = []
    unseen = _cells_that_the_page_removes(doctree, source)
    begun = solved = False

    def end_words() -> None:
        parts = [
            part if isinstance(part, str) else write_block(part, origin.page_url) for part in words
        ]
        if text := "\n\n".join(part for part in parts if part):
            cells.append(new_markdown_cell(text))
        words.clear()

    def begin() -> None:
        nonlocal begun
        if not begun:
            words.append(about(doctree, origin))
            end_words()
            cells.append(new_code_cell(set_up(origin)))
            begun = True

    def add(code: NotebookNode) -> None:
        begin()
        end_words()
        cells.append(_take_cell(code))

    for leaf in leaves(doctree):
        while unseen and source.metadata.source_map[unseen[0]] < (leaf.line or 0):
            add(source.cells[unseen.pop(0)])
        index = _cell_index(leaf)
        if isinstance(leaf, nodes.title):
            solved = False
            if words:
                begin()
        if index is None:
            words += [] if solved else [leaf]
            continue
        code = source.cells[index]
        tags = _tags(code)
        if SOLUTION_TAG in tags:
            words += [] if solved else [_where_the_solution_is(leaf, origin)]
            solved = True
        elif not solved:
            add(code)
        elif not tags & FOLDED_TAGS:
            line = source.metadata.source_map[index] + 1
            raise SolutionError(
                f"{doctree['source']}:{line}: this cell follows a solution in its section, so that "
                "no notebook would have it. Put it before the solution, or under a heading."
            )
    for index in unseen:
        add(source.cells[index])
    end_words()
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # and no random one: the same page gives the same file
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )


def about(doctree: nodes.document, origin: Origin) -> str:
    """Say where the notebook comes from, and whose figures it has."""
    title = write_block(next(doctree.findall(nodes.title)), "").removeprefix("# ")
    lesson, site = title, "Ray Lessons"
    if origin.page_url:
        lesson, site = write_link(title, origin.page_url), write_link(site, origin.site_url)
    return (
        f"> This notebook is the lesson {lesson} of {site}.\n"
        "> The figures in its sentences are those of the run that built the site; "
        "the outputs are your own."
    )


def set_up(origin: Origin) -> str:
    """Write the cell that installs what the notebook imports, or says how to, where it is not."""
    if origin.site_url:
        wheel = f"{origin.site_url}notebooks/{origin.wheel}"
        install = f'%pip install --quiet "raylessons[dashboard] @ {wheel}"'
    else:
        install = dedent(
            f"""\
            raise ModuleNotFoundError(
                "raylessons is not installed: expected the package that this notebook imports. "
                "Get {origin.wheel}, which lies beside this notebook on its site, "
                "and run: %pip install './{origin.wheel}[dashboard]'"
            )"""
        ).replace("\n", "\n    ")
    return (
        "# Where the package of these lessons is missing, as on Colab, this cell installs it.\n"
        "from importlib.util import find_spec\n\n"
        'if find_spec("raylessons") is None:\n'
        f"    {install}"
    )


def _cell_index(leaf: nodes.Element) -> int | None:
    return leaf["cell_index"] if leaf.get("nb_element") == "cell_code" else None


def _cells_that_the_page_removes(doctree: nodes.document, source: NotebookNode) -> list[int]:
    shown = {_cell_index(leaf) for leaf in leaves(doctree)}
    return [
        index
        for index, cell in enumerate(source.cells)
        if cell.cell_type == "code" and cell.source.strip() and index not in shown
    ]


def _tags(code: NotebookNode) -> set[str]:
    return set(code.metadata.get("tags", []))


def _take_cell(code: NotebookNode) -> NotebookNode:
    tags = _tags(code)
    metadata = dict(FOLDED) if tags & FOLDED_TAGS else {}
    if kept := sorted(tags & KEPT_TAGS):
        metadata["tags"] = kept
    return new_code_cell(code.source, metadata=metadata)


def _where_the_solution_is(leaf: nodes.Element, origin: Origin) -> str:
    page = "the lesson's page"
    if origin.page_url:
        page = write_link(page, f"{origin.page_url}#{leaf.parent['ids'][0]}")
    return f"Try it here. A solution is on {page}."
