"""What each sentence of a page stands on: a mark at the end of its line says so.

`<!-- claimed -->` is the mark of a sentence that a claim of its own section holds up;
`<!-- claimed: A get returns -->` names one of another section, by how it begins, and
`<!-- claimed: ask-late: Asking -->` one of another page. What a page says of the package itself may
be `<!-- tested: a_get_returns -->`, by how a test's name begins behind `test_`. A sentence with a
footnote is sourced, and one that asks is a question, without a mark. The others are `definition`,
`advice`, and `guide`: what the page is about to do, or asks you to do. Readers see no mark.

Run as a program, it prints the counts by page, and what has no mark or no claim.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

KINDS = ("claimed", "sourced", "tested", "definition", "advice", "guide", "question")
MARK = re.compile(r"[ \t]*<!-- (claimed|tested|definition|advice|guide)(?:: (.*?))? -->")
FOOTNOTE = re.compile(r"\[\^[\w-]+\](?!:)")
# One claim begins with its own words, another with a figure that it works out.
CLAIM = re.compile(r'\bclaim\(\s*f?"((?:[^"\\]|\\.)*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
# What a page says in a table of its plan is what it then does.
WITHOUT_SENTENCES = ("{list-table}",)
MARKDOWN = (
    MarkdownIt()
    .use(front_matter_plugin)
    .use(colon_fence_plugin)
    .use(deflist_plugin)
    .use(myst_block_plugin)
    .use(footnote_plugin, inline=False)
)


@dataclass(frozen=True)
class Statement:
    """A sentence of a page: its line, its words, and what it stands on, where it says so."""

    line: int
    words: str
    kind: str | None
    claims: tuple[str, ...] = ()  # those that a claimed one may stand on
    test: str | None = None  # the one that a tested one stands on, by how its name begins


def read_statements(source: str, others: Mapping[str, str] | None = None) -> list[Statement]:
    """Read the sentences of a page, one a line, in their order.

    `others` are the sources of other pages, by the names of their files without `.md`.

    >>> page = "# Ask\\nA get waits. <!-- advice -->\\nWhy?"
    >>> [(one.line, one.words, one.kind) for one in read_statements(page)]
    [(2, 'A get waits.', 'advice'), (3, 'Why?', 'question')]
    """
    lines = _prose(source)
    claims = _claims_by_section(source)
    sections = _sections(source)
    found = []
    for number, text in lines:
        mark = MARK.search(text)
        words = MARK.sub("", text).strip()
        if mark and mark[1] == "tested":
            found.append(Statement(number, words, mark[1], test=mark[2]))
            continue
        if mark and mark[2]:
            page, _, beginning = mark[2].rpartition(": ")
            there = (others or {}).get(page, "") if page else source
            own = [claim for claim in CLAIM.findall(there) if claim.startswith(beginning)]
        else:
            own = claims.get(sections[number - 1], [])
        found.append(Statement(number, words, _kind(words, mark), tuple(own)))
    return found


def strip_marks(source: str) -> str:
    """Leave the marks out, and every line where it is."""
    return MARK.sub("", source)


def faults(
    page: str, source: str, others: Mapping[str, str] | None = None, tests: str = ""
) -> list[str]:
    """Say where a sentence has no mark, and where one has no claim or no test to stand on.

    `others` are the sources of other pages, as for `read_statements`, `tests` those of the tests.
    """
    told = []
    for one in read_statements(source, others):
        if one.kind is None:
            told.append(
                f"{page}:{one.line}: this sentence has no mark: expected what it stands on. "
                f"End the line with <!-- claimed --> or another, or give it a footnote: {one.words}"
            )
        if one.kind == "claimed" and not one.claims:
            told.append(
                f"{page}:{one.line}: no claim holds this up: expected one in its section, or the "
                f"beginning of another, as in <!-- claimed: A get returns -->: {one.words}"
            )
        if one.kind == "tested" and f"def test_{one.test}" not in tests:
            told.append(
                f"{page}:{one.line}: no test begins with {one.test!r}: expected one that holds "
                f"this up. Name it as in <!-- tested: a_get_returns -->: {one.words}"
            )
    return told


def count_kinds(source: str) -> Counter[str]:
    """Count the sentences of a page by what they stand on."""
    return Counter(one.kind or "unmarked" for one in read_statements(source))


def _kind(words: str, mark: re.Match[str] | None) -> str | None:
    if mark:
        return mark[1]
    if FOOTNOTE.search(words):
        return "sourced"
    return "question" if words.endswith("?") else None


def _prose(source: str) -> list[tuple[int, str]]:
    """List the lines that hold sentences: no code, no headings, no plan of a page."""
    lines = source.splitlines()
    return [
        (number, lines[number - 1])
        for number in sorted(set(_lines_of_prose(source, first=1)))
        if WORD.search(MARK.sub("", lines[number - 1]))
    ]


def _lines_of_prose(source: str, first: int) -> Iterator[int]:
    before, is_note = "", False
    for token in MARKDOWN.parse(source):
        if token.type in ("footnote_open", "footnote_close"):
            is_note = token.type == "footnote_open"
        if is_note:
            continue
        if token.map and token.type == "inline" and before not in ("heading_open", "dt_open"):
            yield from range(first + token.map[0], first + token.map[1])
        if token.map and token.type == "colon_fence" and token.info not in WITHOUT_SENTENCES:
            words = re.sub(r"^:[\w-]+:.*$", "", token.content, flags=re.MULTILINE)  # its options
            if token.info == "{glossary}":  # Markdown of its kind: the terms are not indented
                words = re.sub(r"^\S.*$", "", words, flags=re.MULTILINE)
                words = re.sub(r"^ +", "", words, flags=re.MULTILINE)
            yield from _lines_of_prose(words, first + token.map[0] + 1)
        before = token.type


def _sections(source: str) -> list[int]:
    """Give each line the number of the line with the heading that it stands under."""
    headings = {
        token.map[0]
        for token in MARKDOWN.parse(source)
        if token.map and token.type == "heading_open"
    }
    heading, sections = 0, []
    for line in range(source.count("\n") + 1):
        heading = line if line in headings else heading
        sections.append(heading)
    return sections


def _claims_by_section(source: str) -> dict[int, list[str]]:
    sections = _sections(source)
    claims: dict[int, list[str]] = {}
    for found in CLAIM.finditer(source):
        line = source.count("\n", 0, found.start())
        claims.setdefault(sections[line], []).append(found[1])
    return claims


def read_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Count the sentences of a page, and show its readers no mark."""
    counts_by_page(app.env)[docname] = count_kinds(source[0])
    source[0] = strip_marks(source[0])


def counts_by_page(env: BuildEnvironment) -> dict[str, Counter[str]]:
    """Hold the counts of each page, which the environment keeps from build to build."""
    counts: dict[str, Counter[str]] = vars(env).setdefault("statements", {})
    return counts


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the counts of a page that is gone or read again."""
    counts_by_page(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take the counts of the pages that another process read."""
    counts_by_page(env).update({name: counts_by_page(other)[name] for name in docnames})


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("source-read", read_page)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)


def main(folder: Path) -> int:
    """Print the counts of every page of a folder and the faults; give the status of a program."""
    told = []
    tests = "".join(path.read_text("utf-8") for path in (folder.parent / "tests").rglob("*.py"))
    print("  ".join(f"{kind:>10}" for kind in (*KINDS, "unmarked")))
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.md"))}
    others = {path.stem: source for path, source in sources.items()}
    for path, source in sources.items():
        page = path.relative_to(folder)
        counts = count_kinds(source)
        print("  ".join(f"{counts[kind]:>10}" for kind in (*KINDS, "unmarked")), "", page)
        told += faults(str(path), source, others, tests)
    if told:
        print("", *told, sep="\n")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[2]))
