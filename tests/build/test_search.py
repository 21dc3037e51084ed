"""What a built page is found by, and what search shows of it."""

import json
import re

from lesson_site.search import read_sections
from tiny_site import Site, page

PICTURE = """
from IPython.display import HTML
HTML("<svg><title>Lanes</title><text>overtake</text><text>zigzag</text></svg>")
"""


def index(site: Site) -> dict[str, dict[str, object]]:
    """Read the index that Sphinx has written."""
    written = (site.root / "_site/html/searchindex.js").read_text("utf-8")
    return json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", written.strip(), re.DOTALL)[1])


def sections(site: Site) -> dict[str, list[list[str]]]:
    """Read the sections that search shows."""
    written = (site.root / "_site/html/searchsections.js").read_text("utf-8")
    return json.loads(written.removeprefix("searchSections="))


def test_a_page_is_found_by_each_word_of_its_outputs(site):
    site.write(page("print('quokka')", PICTURE))
    assert site.build().status == 0
    assert {"quokka", "overtak", "zigzag", "lane"} <= index(site)["terms"].keys()


def test_search_shows_sections_as_readers_see_them_of_pages_that_were_written_before_too(site):
    tree = "\n```{toctree}\n:hidden:\n\nother\n```\n"
    site.write(page("print('quo' + 'kka')", prose="Be **bold**.") + "\n## Then\n\nMore.\n" + tree)
    site.write("# Other\n\nWords.[^1]\n\n[^1]: A source.\n", "other")
    assert site.build().status == 0
    first = sections(site)
    (whole, start, then) = first["index"]
    assert whole == ["", "", ""]
    assert start[:2] == ["a-page", "A page"]
    assert start[2].startswith("Be bold. print('quo' + 'kka') quokka")
    assert then == ["then", "Then", "More."]
    assert first["other"][0][2] == "[1] A source."

    site.write("# Other\n\nOther words.\n", "other")
    site.build()
    assert sections(site) == first | {"other": [["", "", ""], ["other", "Other", "Other words."]]}


def test_a_word_ends_where_its_block_does_and_not_where_its_colour_changes():
    told = "<article><section id='a'><h2>On <code>time</code><a class='headerlink'>¶</a></h2>"
    told += "<pre><span>ray</span><span>.get</span></pre><p>One</p><p>two</p><script>no</script>"
    assert read_sections(f"{told}</section></article>") == [
        ["", "", ""],
        ["a", "On time", "ray.get One two"],
    ]
