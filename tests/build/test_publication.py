"""What a site has for being published, tried on a tiny one: with an address, and without any."""

import re
import shutil
from copy import copy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from tiny_site import Site, page

import raylessons

UNEXECUTED = ("-D", "nb_execution_mode=off", "-D", "suppress_warnings=myst-nb.lexer")
PUBLISHED = ("-D", "published_repository=someone/lessons")
ADDRESS = "https://someone.github.io/lessons/"
INDEX = """
# The site

It is *tiny*, and 1 < 2 & more.
It has a second sentence.

```{{toctree}}
:hidden:
:caption: "Part 1"

{}
```
"""
LESSON = (
    page(
        "from raylessons import claim, reveal\nprint(6 * 7)",
        "claim('Six times seven is 42.', 6 * 7 == 42, product=42)",
        "reveal('product', 42)",
        ":tags: [hide-cell]\nprint('solved')",
        prose=(
            "You will multiply.\nThe [other page](other.md) adds, [below](#below).\n\n## Below\n\n"
            ":::{predict} product\n:unit: things\nHow many?\n\n13\n: You added.\n:::"
        ),
    )
    + "\nThat was it.\n"
)


class Links(HTMLParser):
    """Every address that a page names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what the tag names."""
        named = dict(attrs)
        self.found += [value for key in ("href", "src", "action") if (value := named.get(key))]


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a site without an address."""
    site = Site(tmp_path_factory.mktemp("unpublished"))
    site.write(INDEX.format("lessons/one\nlessons/other"))
    site.write(LESSON, "lessons/one")
    site.write("# The *other*\n\nYou will add.\n", "lessons/other")
    build = site.build(SOURCE_DATE_EPOCH="86400")
    assert build.status == 0, build.printed
    return site


@pytest.fixture(scope="module")
def published(unpublished: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a copy that says where it is published, with the outputs there are."""
    site = copy(unpublished)
    site.root = tmp_path_factory.mktemp("published") / "site"
    shutil.copytree(unpublished.root, site.root)
    build = site.build(*PUBLISHED)
    assert build.status == 0, build.printed
    return site


def files_of(site: Site, *kinds: str) -> dict[str, str]:
    """Read the files of a built site, by their names in it."""
    html = site.root / "_site/html"
    return {
        path.relative_to(html).as_posix(): path.read_text(encoding="utf-8")
        for kind in kinds
        for path in html.rglob(kind)
        if "_static" not in path.parts and "_sources" not in path.parts
    }


def markdown_of(site: Site, name: str = "lessons/one") -> str:
    """Read the Markdown of a page."""
    return files_of(site, "*.md")[f"{name}.md"]


def test_every_page_says_its_version_that_of_ray_and_the_date_of_the_build(unpublished):
    files = files_of(unpublished, "*.html", "*.md")
    assert {"404.html", "genindex.html", "search.html", "index.html", "index.md"} < set(files)
    for name, text in files.items():
        assert re.search(rf"[Vv]ersion {re.escape(raylessons.__version__)}, built with", text), name
        assert re.search(r"built with Ray \d+\.\d+\.\d+ on 1970-01-02", text), name


def test_without_an_address_nothing_names_one(unpublished):
    files = files_of(unpublished, "*.html", "*.md", "*.txt", "*.xml", "*.ipynb")
    for name, text in files.items():
        assert not re.search(r"someone|github\.io|canonical|og:|colab|mybinder", text), name
    assert "sitemap.xml" not in files


def test_a_page_is_described_by_its_own_first_sentence(unpublished, published):
    for site in (unpublished, published):
        (described,) = re.findall(r'<meta name="description" content="(.*?)"', site.read())
        assert described == "It is tiny, and 1 &lt; 2 &amp; more."


def test_a_page_whose_only_words_are_inside_of_something_is_not_described(site):
    site.write("# Terms\n\n:::{glossary}\nnode\n  A machine.\n:::\n")
    assert site.build(*UNEXECUTED).status == 0
    assert "description" not in site.read()


def test_a_link_to_a_published_page_has_a_card_with_a_picture_of_the_site(published):
    tags = dict(re.findall(r'<meta (?:property|name)="(.*?)" content="(.*?)"', published.read()))
    assert tags["og:title"] == "The site"
    assert tags["og:url"] == f"{ADDRESS}index.html"
    assert tags["og:description"] == tags["description"]
    assert tags["twitter:card"] == "summary_large_image"
    picture = tags["og:image"].removeprefix(ADDRESS)
    assert (published.root / "_site/html" / picture).is_file()


def test_a_published_site_has_a_map_of_all_its_pages_after_every_build(published):
    for _ in range(2):
        tree = ElementTree.parse(published.root / "_site/html/sitemap.xml")
        places = {place.text for place in tree.iter() if place.tag.endswith("loc")}
        pages = ("index", "lessons/one", "lessons/other")
        assert places == {f"{ADDRESS}{name}.html" for name in pages}
        assert published.build(*PUBLISHED).status == 0


@pytest.mark.parametrize("name", ["index", "lessons/one", "404"])
def test_a_page_offers_its_markdown_if_it_has_any(unpublished, name):
    found = [link for link in Links(unpublished.read(name)).found if link.endswith(".md")]
    assert found == ([] if name == "404" else [f"{Path(name).name}.md"] * 2)


def test_no_link_of_a_missing_page_depends_on_where_it_is_missed(unpublished, published):
    for site, prefix in ((unpublished, "/"), (published, "/lessons/")):
        links = [urlsplit(link) for link in Links(site.read("404")).found]
        inside = [link.path for link in links if not link.netloc and link.path]
        assert f"{prefix}index.html" in inside
        assert f"{prefix}search.html" in inside
        assert f"{prefix}lessons/one.html" in inside
        for path in inside:
            assert path.startswith(prefix), path
            assert (site.root / "_site/html" / path.removeprefix(prefix)).is_file(), path


def test_read_the_docs_says_itself_where_the_site_is(site):
    site.write("# The site\n\nWords.\n")
    address = "https://someone.readthedocs.io/en/latest/"
    build = site.build(*UNEXECUTED, READTHEDOCS="True", READTHEDOCS_CANONICAL_URL=address)
    assert build.status == 0, build.printed
    assert f'<link rel="canonical" href="{address}index.html"' in site.read()
    assert 'href="/en/latest/_static/site.css' in site.read("404")


# Markdown beside each page.


def test_the_markdown_of_a_page_has_its_words_its_code_and_what_came_of_it(unpublished):
    text = markdown_of(unpublished)
    assert text.startswith("# A page\n\nYou will multiply.\n")
    assert "```python\nfrom raylessons import claim, reveal\nprint(6 * 7)\n```" in text
    assert "```text\n42\n```" in text
    assert "```text\n✓ Six times seven is 42. (product 42)\n```" in text
    assert "claim('Six" not in text.replace("✓", "").split("```python")[-1]


def test_what_a_page_folds_is_folded_in_its_markdown(unpublished):
    text = markdown_of(unpublished)
    folds = re.findall(r"<details>\n<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", text, re.S)
    assert [title for title, _ in folds] == ["The answer", "A solution"]
    (_, answer), (_, solution) = folds
    assert answer == "In this run: **42 things**\n\n- **13:** You added."
    assert solution == "```python\nprint('solved')\n```\n\n```text\nsolved\n```"
    assert text.index("How many?") < text.index("The answer")


def test_links_of_the_markdown_lead_to_pages_by_their_address_or_from_where_it_is(
    unpublished, published
):
    assert "[other page](other.html) adds, [below](one.html#below)." in markdown_of(unpublished)
    here = f"{ADDRESS}lessons/"
    assert f"[other page]({here}other.html) adds, [below]({here}one.html#below)." in markdown_of(
        published
    )


def test_what_no_text_can_show_is_said_to_be_on_the_page(site):
    framed = "from IPython.display import HTML\nHTML('<b>framed</b>')"
    site.write(page(framed))
    assert site.build().status == 0
    text = (site.root / "_site/html/index.md").read_text()
    assert "```text\nThe page shows this, and Markdown cannot.\n```" in text


def test_the_markdown_of_a_page_that_is_gone_goes_too(site):
    site.write(INDEX.format("other"))
    site.write("# Other\n", "other")
    assert site.build(*UNEXECUTED).status == 0
    site.write(INDEX.format(""))
    (site.root / "docs/other.md").unlink()
    assert site.build(*UNEXECUTED).status == 0
    assert set(files_of(site, "*.md")) == {"index.md"}


def test_llms_txt_leads_to_the_markdown_of_every_page_by_its_part(unpublished, published):
    for site, start in ((unpublished, ""), (published, ADDRESS)):
        assert files_of(site, "llms.txt")["llms.txt"] == (
            "# Ray Lessons\n\n"
            "> It is tiny, and 1 < 2 & more.\n\n"
            "## Part 1\n\n"
            f"- [A page]({start}lessons/one.md): You will multiply.\n"
            f"- [The *other*]({start}lessons/other.md): You will add.\n"
        )
        assert {"lessons/one.md", "lessons/other.md"} < set(files_of(site, "*.md"))
