"""The notebook of a lesson: what it keeps of the page, and what it leaves there."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import example, given, strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from lesson_site.address import pages_url
from lesson_site.notebooks.plain_markdown import NotPlainError, write_block, write_blocks
from lesson_site.notebooks.writer import Origin, SolutionError, set_up, write_notebook
from markdown_it import MarkdownIt
from myst_nb.core.read import read_myst_markdown_notebook
from myst_nb.docutils_ import Parser
from nbformat import NotebookNode
from tiny_site import FRONT_MATTER, ROOT, Site, page

PAGE_URL = "https://someone.github.io/lessons/lessons/ask-late.html"
WHEEL = "raylessons-0.1.0-py3-none-any.whl"
NOWHERE = Origin("", "", WHEEL)
PUBLISHED = Origin(PAGE_URL, "https://someone.github.io/lessons/", WHEEL)
PAGE_START = f"{FRONT_MATTER}\n"
# A page that was not executed does not know its language, and says so.
UNEXECUTED = ("-D", "nb_execution_mode=off", "-D", "suppress_warnings=myst-nb.lexer")
LESSONS = sorted(path.stem for path in (ROOT / "docs/lessons").glob("*.md"))


@pytest.fixture(scope="module", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Work in another folder: reading a page writes a notebook where it is."""
    here = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(here)


def read_page(text: str) -> nodes.document:
    """Read a page without a site, so that it may have no role of Sphinx's."""
    settings = {
        "nb_read_as_md": True,
        "nb_execution_mode": "off",
        "myst_heading_anchors": 2,
        "myst_enable_extensions": ["colon_fence", "deflist"],
        "doctitle_xform": False,  # Sphinx, too, leaves the title in its section
        "report_level": 5,
    }
    return publish_doctree(
        PAGE_START + text, "page.md", parser=Parser(), settings_overrides=settings
    )


def plain(text: str, page_url: str = "") -> str:
    """Write the words of a page as plain Markdown."""
    return write_blocks(read_page(text).children, page_url)


def notebook_of(text: str, origin: Origin = NOWHERE) -> NotebookNode:
    """Write a page's notebook."""
    source = read_myst_markdown_notebook(PAGE_START + text, add_source_map=True)
    return write_notebook(read_page(text), source, origin)


def take(text: str, origin: Origin = NOWHERE) -> list[tuple[str, str]]:
    """Write a page's notebook, and give the kind and the text of each of its cells."""
    return [(cell.cell_type, cell.source) for cell in notebook_of(text, origin).cells]


def line_of(line: str, text: str) -> int:
    """Find a line in a page."""
    return (PAGE_START + text).splitlines().index(line) + 1


def code_cell(source: str, tag: str = "") -> str:
    """Write a code cell of a page."""
    options = f":tags: [{tag}]\n" if tag else ""
    return f"\n```{{code-cell}}\n{options}{source}\n```\n"


@pytest.mark.parametrize(
    "text",
    [
        "A *little* **bold** `code`,\nin two lines.",
        "Two paragraphs.\n\nAnd one more.",
        "- one\n- two\n\n  with a second paragraph\n- three\n  - nested\n  - twice",
        "3. three\n4. four\n   1. nested",
        "> quoted\n>\n> - a list\n>\n> ```\n> 1 + 1\n> ```",
        "```\nif 1:\n\n    pass\n```",
        "````\n```\nfenced in a fence\n```\n````",
        "``a`b`` and `` `c` ``",
        "[words with `code`](https://docs.ray.io/en/latest/)",
        "[brackets](<https://a.b/c_(d>)",
        "before\n\n---\n\nafter",
    ],
)
def test_plain_markdown_means_what_it_meant_on_the_page(text):
    assert MarkdownIt().render(plain(text)) == MarkdownIt().render(text)


@example("1. of 2")
@example("&amp;")
@example("a <b>, and <!-- c -->")
@given(st.text(alphabet='ab1. \n\\`*_[]()<>!#&;+-=~$|{}:"', min_size=1))
def test_no_character_of_a_sentence_becomes_markup(text):
    text = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    written = write_block(nodes.paragraph("", text), "")
    tokens = MarkdownIt().parse(written)
    kinds = [token.type for token in tokens]
    assert kinds == (["paragraph_open", "inline", "paragraph_close"] if text else [])
    parts = tokens[1].children if text else []
    assert {part.type for part in parts} <= {"text", "softbreak"}
    assert "".join(part.content or "\n" for part in parts) == text


def test_a_dollar_sign_begins_no_mathematics():
    assert plain("It costs $5, not $6.") == r"It costs \$5, not \$6."


def test_a_link_within_the_site_is_words_until_the_site_has_an_address():
    document = read_page("# T\n\nSee [the end](#the-end).\n\n## The end")
    sentence = next(document.findall(nodes.paragraph))
    assert write_block(sentence, "") == "See the end."
    assert write_block(sentence, PAGE_URL) == f"See [the end]({PAGE_URL}#the-end)."


def test_a_link_from_the_page_leads_to_the_same_place():
    link = nodes.reference("", "the store", refuri="../reference/glossary.html#term-object-store")
    assert write_block(nodes.paragraph("", "", link), PAGE_URL) == (
        "[the store](https://someone.github.io/lessons/reference/glossary.html#term-object-store)"
    )


def test_the_plan_of_a_lesson_is_a_list():
    text = (
        ":::{list-table}\n:class: plan\n:stub-columns: 1\n\n"
        "* - You will do\n  - wait\n* - You need\n  - `ray`, **and** time\n:::\n"
    )
    assert plain(text) == "- **You will do:** wait\n- **You need:** `ray`, **and** time"


def test_a_table_with_a_head_is_a_table():
    written = plain("| call | waits |\n|---|---|\n| `a\\|b` | no |")
    assert written == "| call | waits |\n| --- | --- |\n| `a\\|b` | no |"
    assert "<table>" in MarkdownIt().enable("table").render(written)


def test_a_table_of_any_other_kind_is_refused():
    text = "Words.\n\n:::{list-table}\n* - one\n  - two\n:::"
    with pytest.raises(NotPlainError, match=r"page\.md:\d+: a notebook cannot show this table"):
        plain(text)


def test_an_admonition_is_a_quotation_with_its_name():
    assert plain(":::{note}\nMind.\n\nThe gap.\n:::") == "> **Note**\n>\n> Mind.\n>\n> The gap."
    assert plain(":::{admonition} Mind *this*\nGap.\n:::") == "> **Mind *this***\n>\n> Gap."


def test_a_definition_is_an_item_with_its_term():
    assert plain("task\n: a call\n\nnode\n: a machine") == (
        "- **task:** a call\n- **node:** a machine"
    )


def test_what_readers_of_a_page_cannot_see_is_left_out():
    assert plain("(label)=\n\nWords.\n\n% a comment") == "Words."


@pytest.mark.parametrize(
    ("directive", "name"),
    [
        ("```{image} a.png\n```", "image"),
        ("```{math}\nx^2\n```", "math_block"),
        ("<div>Words.</div>", "raw"),
    ],
)
def test_what_a_notebook_cannot_show_is_refused_with_its_line(directive, name):
    text = f"Some words,\nin two lines.\n\n{directive}\n"
    line = line_of(directive.splitlines()[0], text)
    refused = rf"page\.md:{line}: a notebook cannot show this {name}"
    with pytest.raises(NotPlainError, match=refused):
        plain(text)


def test_a_notebook_has_the_words_and_the_cells_of_its_page_in_their_order():
    text = f"# Title\n\nWords.\n\n## Part\n\nMore.\n{code_cell('1 + 1')}\nLast.\n{code_cell('2')}"
    kinds = [kind for kind, _ in take(text)]
    assert kinds == ["markdown", "code", "markdown", "code", "markdown", "code"]
    sources = [source for _, source in take(text)]
    assert sources[0].startswith("# Title\n\nWords.\n\n> This notebook")
    assert sources[2:] == ["## Part\n\nMore.", "1 + 1", "Last.", "2"]


def test_a_notebook_says_where_it_comes_from_and_whose_figures_it_has():
    text = f"# Ask late\n\nWords.\n{code_cell('1')}"
    head = take(text, PUBLISHED)[0][1]
    assert f"the lesson [Ask late]({PAGE_URL}) of [Ray Lessons]({PUBLISHED.site_url})" in head
    assert "those of the run that built the site; the outputs are your own" in head
    assert "the lesson Ask late of Ray Lessons." in take(text)[0][1]


@pytest.mark.parametrize("first", ["## Part\n\nWords.\n", ""])
def test_the_first_cell_sets_the_notebook_up(first):
    kinds = [kind for kind, _ in take(f"# Title\n\n{first}{code_cell('import ray')}")]
    assert kinds[:2] == ["markdown", "code"]
    sources = [source for kind, source in take(f"# T\n\n{first}{code_cell('1')}") if kind == "code"]
    assert sources == [set_up(NOWHERE), "1"]


def test_setting_up_does_nothing_where_the_package_is_there():
    ran = subprocess.run([sys.executable, "-c", set_up(NOWHERE)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_setting_up_without_an_address_says_what_to_install():
    # -I -S: a Python that finds nothing but its own library.
    command = [sys.executable, "-I", "-S", "-c", set_up(NOWHERE)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    said = ran.stderr.splitlines()[-1]
    assert said == (
        "ModuleNotFoundError: raylessons is not installed: expected the package that this notebook "
        f"imports. Get {WHEEL}, which lies beside this notebook on its site, "
        f"and run: %pip install './{WHEEL}[dashboard]'"
    )


def test_setting_up_from_an_address_installs_the_wheel_of_the_site():
    cell = TransformerManager().transform_cell(set_up(PUBLISHED))
    compile(cell, "cell", "exec")
    wheel = f"https://someone.github.io/lessons/notebooks/{WHEEL}"
    assert f"pip', 'install --quiet \"raylessons[dashboard] @ {wheel}\"'" in cell


def test_an_exercise_comes_unsolved_and_says_where_its_solution_is():
    text = f"# T\n\n## Try\n\nDo it.\n{code_cell('mine')}{code_cell('solved', 'hide-cell')}"
    assert ("code", "mine") in take(text)
    assert ("code", "solved") not in take(text)
    where = f"Try it here. A solution is on [the lesson's page]({PAGE_URL}#try)."
    assert take(text, PUBLISHED)[-1] == ("markdown", where)
    assert take(text)[-1] == ("markdown", "Try it here. A solution is on the lesson's page.")


def test_what_explains_a_solution_stays_with_it_on_the_page():
    solution = code_cell("solved", "hide-cell") + code_cell("claim(solved)", "remove-input")
    text = f"# T\n\n## Try\n\nDo it.\n{solution}\nThe trap is this.\n\n## Next\n\nWords.\n"
    written = "\n".join(source for _, source in take(text))
    assert "claim(solved)" not in written
    assert "The trap" not in written
    assert written.endswith("page.\n\n## Next\n\nWords.")


def test_a_cell_that_would_be_lost_behind_a_solution_is_refused_with_its_line():
    text = f"# T\n\n## Try\n{code_cell('solved', 'hide-cell')}{code_cell('next_one')}"
    with pytest.raises(
        SolutionError, match=rf"page\.md:{line_of('next_one', text)}: this cell follows a solution"
    ):
        take(text)


def test_a_claim_keeps_its_code_folded():
    text = f"# T\n{code_cell('claim()', 'remove-input')}{code_cell('1')}"
    _, _, folded, open_ = notebook_of(text).cells
    assert folded.source == "claim()"
    assert folded.metadata == {"jupyter": {"source_hidden": True}, "cellView": "form"}
    assert open_.metadata == {}


def test_a_cell_that_is_meant_to_raise_may_do_so_in_the_notebook():
    cell = notebook_of(f"# T\n{code_cell('1 / 0', 'raises-exception')}").cells[-1]
    assert cell.metadata == {"tags": ["raises-exception"]}


def test_a_cell_that_the_page_does_not_show_runs_in_its_place():
    between = f"# T\n\nWords.\n{code_cell('hidden', 'remove-cell')}\nMore.\n{code_cell('1')}"
    sources = [source for _, source in take(between)]
    assert sources.index("hidden") < sources.index("More.") < sources.index("1")
    last = f"# T\n{code_cell('1')}\nWords.\n{code_cell('ray.shutdown()', 'remove-cell')}"
    assert take(last)[-1] == ("code", "ray.shutdown()")


def test_the_same_page_gives_the_same_notebook():
    text = f"# T\n{code_cell('1')}"
    assert notebook_of(text) == notebook_of(text)


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("Someone/Lessons", "https://someone.github.io/Lessons/"),
        ("someone/someone.github.io", "https://someone.github.io/"),
    ],
)
def test_the_address_of_the_site_is_that_of_its_repository(repository, url):
    assert pages_url(repository) == url


# What only Sphinx can look up, in a site of its own.

EVERYTHING = (
    """
# Do it all

{func}`ray.get` returns in {glue:text}`seconds:.1f` s on a {term}`node <node>`, says [](next.md).
See [](next.md#part-two), with Ray {{ ray_version }}.

:::{dropdown} Why *so*
Because.
:::

```{literalinclude} answer.py
:pyobject: answer
```
"""
    + code_cell("from raylessons.claims import note\nnote(seconds=1.26)")
    + """
## Exercise: try

Words.
"""
    + code_cell("mine = 1")
    + code_cell("solved = 2", "hide-cell")
    + """
Because.

## End
"""
    + code_cell("print(mine)", "remove-cell")
)
INDEX = (
    "# Index\n\n:::{glossary}\nnode\n  A machine.\n:::\n\n"
    "```{toctree}\nlessons/all\nlessons/next\n```\n"
)


def site_of_two_lessons(root: Path) -> Site:
    """Write a site of a lesson with everything, and another one."""
    site = Site(root)
    site.write(INDEX)
    site.write(FRONT_MATTER + EVERYTHING, "lessons/all")
    site.write(page("print(1)").replace("# A page", "# The next\n\n## Part two"), "lessons/next")
    (site.root / "docs/lessons/answer.py").write_text("def answer():\n    return 42\n")
    return site


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a site without an address."""
    site = site_of_two_lessons(tmp_path_factory.mktemp("unpublished"))
    build = site.build()
    assert build.status == 0, build.printed
    return site


@pytest.fixture(scope="module")
def published(unpublished: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a copy that says where it is published, with the outputs there are."""
    site = copy(unpublished)
    site.root = tmp_path_factory.mktemp("published") / "site"
    shutil.copytree(unpublished.root, site.root)
    build = site.build("-D", "published_repository=someone/lessons")
    assert build.status == 0, build.printed
    return site


def cells_of(site: Site, lesson: str) -> list[dict]:
    """Read the cells of a notebook that was built."""
    path = site.root / f"_site/html/notebooks/{lesson}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def words_of(site: Site, lesson: str) -> str:
    """Read the words of a notebook that was built."""
    cells = cells_of(site, lesson)
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def test_every_reference_leads_where_it_led_on_the_page(published):
    words = words_of(published, "all")
    ray_get = "https://docs.ray.io/en/latest/ray-core/api/doc/ray.get.html#ray.get"
    site = "https://someone.github.io/lessons/"
    assert f"[`ray.get()`]({ray_get})" in words
    assert f"[node]({site}index.html#term-node)" in words
    assert f"says [The next]({site}lessons/next.html)" in words
    assert f"See [Part two]({site}lessons/next.html#part-two)" in words


def test_without_an_address_only_links_to_others_are_links(unpublished):
    words = words_of(unpublished, "all")
    assert "on a node, says The next.\nSee Part two" in words
    assert re.findall(r"\]\((.*?)\)", words) == [
        "https://docs.ray.io/en/latest/ray-core/api/doc/ray.get.html#ray.get"
    ]


def test_figures_included_code_and_dropdowns_are_written_out(unpublished):
    words = words_of(unpublished, "all")
    assert "returns in 1.3 s" in words
    assert re.search(r"with Ray 2\.\d+", words)
    assert "```python\ndef answer():\n    return 42\n```" in words
    assert "> **Why *so***\n>\n> Because." in words


def test_no_output_of_the_build_is_in_the_notebook(unpublished):
    code = [cell for cell in cells_of(unpublished, "all") if cell["cell_type"] == "code"]
    assert len(code) == 4
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def links_of(site: Site) -> list[tuple[str, str]]:
    """Read the links to the notebook below the title of a lesson."""
    below = re.search(
        r"</h1>\s*<ul class=\"notebook-links\".*?</ul>", site.read("lessons/all"), re.S
    )
    assert below is not None
    return re.findall(r'href="([^"]*)"[^>]*>([^<]*)<', below[0])


def test_a_lesson_offers_its_notebook_and_no_other_page_does(unpublished):
    assert links_of(unpublished) == [("../notebooks/all.ipynb", "Download notebook")]
    assert (unpublished.root / "_site/html/lessons/../notebooks/all.ipynb").is_file()
    assert "notebook-links" not in unpublished.read()


def test_a_lesson_opens_online_once_the_site_is_published(published):
    assert links_of(published) == [
        ("../notebooks/all.ipynb", "Download notebook"),
        (
            "https://colab.research.google.com/github/someone/lessons/blob/gh-pages/notebooks/all.ipynb",
            "Open in Colab",
        ),
        (
            "https://mybinder.org/v2/gh/someone/lessons/gh-pages?labpath=notebooks%2Fall.ipynb",
            "Open in Binder",
        ),
    ]


def test_the_site_carries_the_wheel_that_its_notebooks_and_binder_install(published):
    html = published.root / "_site/html"
    set_up_cell = "".join(cells_of(published, "all")[1]["source"])
    named = re.search(r"https://someone\.github\.io/lessons/(notebooks/\S+\.whl)", set_up_cell)
    assert named is not None
    assert "raylessons/claims.py" in zipfile.ZipFile(html / named[1]).namelist()
    binder = (html / "binder/requirements.txt").read_text()
    assert binder == f"./{named[1]}[dashboard]\n"


def test_a_published_page_names_its_own_address(published):
    url = "https://someone.github.io/lessons/lessons/all.html"
    assert f'<link rel="canonical" href="{url}"' in published.read("lessons/all")


def test_the_notebook_of_a_lesson_that_is_gone_goes_too(site):
    tree = "# Index\n\n```{{toctree}}\nlessons/kept{}\n```\n"
    site.write(tree.format("\nlessons/gone"))
    site.write(page("1"), "lessons/kept")
    site.write(page("1"), "lessons/gone")
    assert site.build(*UNEXECUTED).status == 0
    (site.root / "docs/lessons/gone.md").unlink()
    site.write(tree.format(""))
    assert site.build(*UNEXECUTED).status == 0
    notebooks = site.root / "_site/html/notebooks"
    assert [path.name for path in notebooks.glob("*.ipynb")] == ["kept.ipynb"]
    assert len(list(notebooks.glob("*.whl"))) == 1


def test_a_directive_that_no_notebook_can_show_fails_every_build_with_its_place(site):
    site.write("# Index\n\n```{toctree}\nlessons/all\n```\n")
    text = page(prose="Words.\n\n:::{card}\nx^2\n:::\n")
    site.write(text, "lessons/all")
    refused = f"lessons/all.md:{text.splitlines().index(':::{card}') + 1}: a notebook cannot show"
    for _ in range(2):
        build = site.build(*UNEXECUTED)
        assert build.status != 0
        assert f"{refused} this card" in build.printed


def test_a_repository_that_is_none_is_refused(site):
    site.write("# Index\n")
    build = site.build("-D", "published_repository=https://github.com/someone/lessons")
    assert build.status != 0
    assert "published_repository is 'https://github.com/someone/lessons'" in build.printed


# The lessons themselves, which are not executed for it.


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build the lessons, published and without outputs."""
    site = Site(tmp_path_factory.mktemp("lessons"))
    docs = ROOT / "docs"
    for path in [docs / "index.md", docs / "reference/glossary.md", *docs.glob("lessons/*.md")]:
        name = path.relative_to(docs).with_suffix("").as_posix()
        site.write(path.read_text(encoding="utf-8"), name)
    site.build(*UNEXECUTED, "-D", "published_repository=someone/lessons")
    return site


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_markup_of_the_site_is_left_in_a_lesson(lessons, lesson):
    words = words_of(lessons, lesson)
    outside_code = re.sub(r"```.*?```", "", words, flags=re.S)
    assert not re.findall(r"\{[\w:.-]+\}`|^\s*:::|^\s*```+\{|\{\{", outside_code, re.M)
    assert not re.findall(r"\]\((?!https://)", outside_code)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_comes_unsolved_and_set_up_and_leads_back(lessons, lesson):
    text = (ROOT / f"docs/lessons/{lesson}.md").read_text(encoding="utf-8")
    source = read_myst_markdown_notebook(text)
    cells = cells_of(lessons, lesson)
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    solutions = [c.source for c in source.cells if "hide-cell" in c.metadata.get("tags", [])]
    assert not set(codes) & set(solutions)
    set_ups = [code for code in codes if "find_spec" in code]
    assert set_ups == codes[:1]
    assert cells[1]["cell_type"] == "code"
    page_url = f"https://someone.github.io/lessons/lessons/{lesson}.html"
    assert f"]({page_url})" in "".join(cells[0]["source"])
    assert words_of(lessons, lesson).count(f"({page_url}#") >= bool(solutions)
    assert codes[-1].endswith(("ray.shutdown()", "cluster.stop()"))
