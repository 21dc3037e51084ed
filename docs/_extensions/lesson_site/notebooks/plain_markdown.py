"""Write what Sphinx made of a page as CommonMark, for readers that know no role and no directive.

Sphinx has looked up every reference, figure and included file by then, so that nothing is looked up
here; what CommonMark cannot say is refused with its page and line.
"""

import re
import textwrap
from collections.abc import Iterable
from functools import singledispatch
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from sphinx import addnodes
from sphinx.locale import admonitionlabels
from sphinx_design.dropdown import dropdown_main, dropdown_title

from lesson_site.questions import question, question_answer

# What begins markup anywhere in a line: `$` is mathematics in a notebook.
MARKUP = re.compile(r"[\\`*\[\]$]|(?<![^\W_])_|_(?![^\W_])|<(?=[\w/!?])|&(?=#?\w+;)|~(?=~)")
# What begins a block at the start of one.
BLOCK_START = re.compile(r"^(?:#|>|[-+](?=\s|$)|[-=]+(?=\s*$)|\d+(?=[.)]))", re.MULTILINE)


class NotPlainError(ValueError):
    """Something on a page that CommonMark cannot say."""

    def __init__(self, node: nodes.Node) -> None:
        component = node.get("design_component") if isinstance(node, nodes.Element) else None
        what = component or type(node).__name__
        super().__init__(
            f"{_place(node)}: a notebook cannot show this {what}: expected what "
            "CommonMark has. Say it in words or a list, or teach plain_markdown.py to write it."
        )


def write_blocks(blocks: Iterable[nodes.Node], page_url: str) -> str:
    """Write blocks one after another, with an empty line between them.

    Links within the site start from `page_url`, which may be the name of the page in its folder;
    where it is empty their words stay, unlinked.
    """
    written = (write_block(block, page_url) for block in blocks)
    return "\n\n".join(text for text in written if text)


@singledispatch
def write_block(node: Any, page_url: str) -> str:
    """Write one block; raises `NotPlainError` where CommonMark has none like it."""
    raise NotPlainError(node)


@write_block.register
def _(node: nodes.Invisible, page_url: str) -> str:
    return ""


@write_block.register
def _(node: addnodes.toctree, page_url: str) -> str:
    return ""  # it is in the site's navigation, and in its llms.txt


@write_block.register
def _(node: nodes.title, page_url: str) -> str:
    depth = sum(isinstance(parent, nodes.section) for parent in _parents(node))
    return f"{'#' * depth} {write_words(node, page_url)}"


@write_block.register
def _(node: nodes.paragraph, page_url: str) -> str:
    return BLOCK_START.sub(_escape_block_start, write_words(node, page_url))


@write_block.register
def _(node: nodes.bullet_list, page_url: str) -> str:
    return _list([("- ", _item(item, page_url)) for item in _elements(node)])


@write_block.register
def _(node: nodes.enumerated_list, page_url: str) -> str:
    items = enumerate(_elements(node), node.get("start", 1))
    if node.get("enumtype") == "upperalpha":  # CommonMark numbers a list by digits alone
        lettered = ((f"**{chr(ord('A') + n - 1)}.** ", item) for n, item in items)
        return _list([(f"- {letter}", _item(item, page_url)) for letter, item in lettered])
    return _list([(f"{n}. ", _item(item, page_url)) for n, item in items])


@write_block.register
def _(node: nodes.definition_list, page_url: str) -> str:
    items = []
    for item in node.children:
        *terms, definition = item.children
        term = ", ".join(write_words(term, page_url) for term in terms)
        items.append(("- ", f"**{term}:** {write_blocks(definition.children, page_url)}"))
    return _list(items)


@write_block.register
def _(node: nodes.literal_block, page_url: str) -> str:
    code = node.astext().rstrip("\n")
    fence = "`" * max(3, _longest_run_of_backticks(code) + 1)
    language = node.get("language", "")
    language = {"default": "python", "none": ""}.get(language, language)
    return f"{fence}{language}\n{code}\n{fence}"


@write_block.register
def _(node: nodes.doctest_block, page_url: str) -> str:
    return write_block(nodes.literal_block("", node.astext(), language="pycon"), page_url)


@write_block.register
def _(node: nodes.rubric, page_url: str) -> str:
    return f"**{write_words(node, page_url)}**"


@write_block.register
def _(node: addnodes.desc, page_url: str) -> str:
    *signatures, described = node.children
    names = " ".join(f"`{signature.astext()}`" for signature in signatures)
    return _list([("- ", f"{names}\n\n{write_block(described, page_url)}".rstrip())])


@write_block.register
def _(node: nodes.block_quote, page_url: str) -> str:
    return _quote(write_blocks(node.children, page_url))


@write_block.register(nodes.Admonition)
def _(node: nodes.Element, page_url: str) -> str:
    first = node.children[0]
    titled = isinstance(first, nodes.title)
    title = write_words(first, page_url) if titled else admonitionlabels[type(node).__name__]
    return _quote(f"**{title}**\n\n{write_blocks(node.children[titled:], page_url)}")


@write_block.register
def _(node: dropdown_main, page_url: str) -> str:
    # Its title also holds the drawing of an arrow.
    words = [part for part in node.findall(nodes.inline) if "sd-summary-text" in part["classes"]]
    title = f"**{write_words(words[0], page_url)}**\n\n" if words else ""
    bodies = [part for part in node.children if not isinstance(part, dropdown_title)]
    return _quote(title + write_blocks([block for body in bodies for block in body], page_url))


@write_block.register
def _(node: question, page_url: str) -> str:
    return write_blocks(node.children, page_url)


@write_block.register
def _(node: question_answer, page_url: str) -> str:
    return ""  # the cell that reveals it says it


@write_block.register
def _(node: nodes.container, page_url: str) -> str:
    if "design_component" in node:
        raise NotPlainError(node)
    return write_blocks(node.children, page_url)


@write_block.register(nodes.compound)
@write_block.register(addnodes.glossary)
@write_block.register(addnodes.desc_content)
def _(node: nodes.Element, page_url: str) -> str:
    return write_blocks(node.children, page_url)


@write_block.register
def _(node: nodes.caption, page_url: str) -> str:
    return write_words(node, page_url)


@write_block.register
def _(node: nodes.transition, page_url: str) -> str:
    return "---"


@write_block.register
def _(node: nodes.table, page_url: str) -> str:
    rows = [[_cell(entry, page_url) for entry in _elements(row)] for row in node.findall(nodes.row)]
    has_head = any(node.findall(nodes.thead))
    stubs = [column.get("stub") for column in node.findall(nodes.colspec)]
    if has_head:
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if [bool(stub) for stub in stubs] == [True, False]:
        return _list([("- ", f"**{name}:** {text}") for name, text in rows])
    raise NotPlainError(node)


@write_block.register
def _(node: nodes.footnote, page_url: str) -> str:
    label, *blocks = node.children
    text = write_blocks(blocks, page_url)
    return f"\\[{label.astext()}\\] {text}"


@singledispatch
def write_inline(node: Any, page_url: str) -> str:
    """Write one part of a sentence; raises `NotPlainError` where CommonMark has none like it."""
    raise NotPlainError(node)


@write_inline.register
def _(node: nodes.Text, page_url: str) -> str:
    return MARKUP.sub(r"\\\g<0>", node.astext())


@write_inline.register
def _(node: nodes.Invisible, page_url: str) -> str:
    return ""


@write_inline.register
def _(node: nodes.inline, page_url: str) -> str:
    return write_words(node, page_url)


@write_inline.register
def _(node: nodes.footnote_reference, page_url: str) -> str:
    return f"\\[{node.astext()}\\]"


@write_inline.register
def _(node: nodes.literal, page_url: str) -> str:
    code = node.astext().replace("\n", " ")
    fence = "`" * (_longest_run_of_backticks(code) + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{space}{code}{space}{fence}"


@write_inline.register
def _(node: nodes.emphasis, page_url: str) -> str:
    return f"*{write_words(node, page_url)}*"


@write_inline.register
def _(node: nodes.strong, page_url: str) -> str:
    return f"**{write_words(node, page_url)}**"


@write_inline.register
def _(node: nodes.reference, page_url: str) -> str:
    words = write_words(node, page_url)
    target = node["refuri"] if "refuri" in node else f"#{node['refid']}"
    if "://" not in target:
        if not page_url:
            return words
        if target.startswith("#"):
            target = page_url + target
        elif "://" in page_url:
            target = urljoin(page_url, target)
    return write_link(words, target)


def write_link(words: str, url: str) -> str:
    """Write a link; `words` are Markdown already."""
    return f"[{words}](<{url}>)" if re.search(r"[\s()]", url) else f"[{words}]({url})"


def write_words(node: nodes.Node, page_url: str) -> str:
    """Write all the parts of a sentence."""
    return "".join(write_inline(child, page_url) for child in node.children)


def _cell(entry: nodes.Element, page_url: str) -> str:
    if not all(isinstance(block, nodes.paragraph) for block in entry):
        raise NotPlainError(entry)
    text = " ".join(write_words(block, page_url) for block in entry)
    return text.replace("\n", " ").replace("|", "\\|")


def _item(item: nodes.Element, page_url: str) -> str:
    lists = (nodes.bullet_list, nodes.enumerated_list)
    if all(isinstance(block, lists) and block.get("start", 1) == 1 for block in item[1:]):
        return "\n".join(write_block(block, page_url) for block in item)
    return write_blocks(item.children, page_url)


def _list(items: list[tuple[str, str]]) -> str:
    return "\n".join(
        marker + textwrap.indent(text, " " * len(marker)).lstrip() for marker, text in items
    )


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _escape_block_start(start: re.Match[str]) -> str:
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def _elements(node: nodes.Element) -> list[nodes.Element]:
    return [child for child in node.children if isinstance(child, nodes.Element)]


def _longest_run_of_backticks(code: str) -> int:
    return max(map(len, re.findall("`+", code)), default=0)


def _parents(node: nodes.Node) -> Iterable[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _place(node: nodes.Node) -> str:
    line = next((near.line for near in [node, *_parents(node)] if near.line), 1)
    document = node.document
    return f"{document['source'] if document else 'page'}:{line}"
