"""Questions of a page: what is right comes from its run, and the outputs wait for the answer."""

import re

import nbformat
from tiny_site import page

CHOICE = """:::{predict} how-much
How much is six times seven?

forty
: That is six times seven, less two.

`42`, which is right
: Count them.
:::"""
NUMBER = """:::{predict} how-many
:unit: apples

How many are there?

12
: That is a dozen.

40
: Nearly.
:::"""
ORDER = """:::{predict} who-ends
:order: `a` first, b, c

In which order do they end?

`a` first, b, c
: So they began.

c, b, `a` first
: The other way round.
:::"""
REVEAL = "from raylessons.questions import reveal\n"


def lesson(question: str, *cells: str, below: str = "They are counted.") -> str:
    """Write a page that asks, runs cells, and explains."""
    return page(*cells, prose=question) + f"\n{below}\n\nNobody waits for this.\n"


def test_a_page_knows_what_was_right_in_its_run(site):
    cells = [
        ":tags: [card-picture]\nprint(6 * 7)",
        REVEAL + "reveal('how-much', f'{6 * 7},')",
        "reveal('how-many', 42)",
    ]
    site.write(lesson(f"{CHOICE}\n\n{NUMBER}", *cells), "lessons/page")
    site.write("# Start\n\n```{toctree}\nlessons/page\n```\n\n```{lesson-path}\n```\n")
    built = site.build()
    assert built.status == 0, built.printed
    html = site.read("lessons/page")
    choice, number = re.findall(r'<div class="[^"]*question".*?</details>', html, re.DOTALL)
    assert 'class="awaits awaits-how-much question"' in number, "it may tell of the one before"
    assert 'data-right="1"' in choice
    assert "<strong>B. </strong>" in choice
    assert 'data-right="42.0"' in number
    assert "<strong>42 apples</strong>" in number
    assert "a dozen" in number
    assert "Nearly" not in number, "who says 40 is right, where 42 is"
    assert len(re.findall(r'class="cell[^"]* awaits', html)) == 3
    body = html.split("</head>")[1]
    assert '<p class="awaits' in body.split("They are counted")[0].splitlines()[-1]
    assert '<p class="awaits' not in body.split("Nobody waits")[0].splitlines()[-1]
    assert 'data-names="how-much how-many">2 questions' in site.read()
    notebook = nbformat.read(site.root / "_site/html/notebooks/page.ipynb", as_version=4)
    asked = "".join(cell.source for cell in notebook.cells if cell.cell_type != "code")
    assert "- **B.** `42`, which is right" in asked
    assert "Count them." not in asked


def test_a_page_knows_in_which_order_things_came(site):
    site.write(lesson(ORDER, f"{REVEAL}reveal('who-ends', sorted(['c', 'b', 'a first'])[::-1])"))
    built = site.build()
    assert built.status == 0, built.printed
    asked = re.search(r'<div class="question".*?</details>', site.read(), re.DOTALL)[0]
    assert 'data-right="2 1 0"' in asked
    assert "data-unit" not in asked
    options, answer = asked.split("<details")
    assert re.findall(r"<li><p>(.*?)</p>", options)[1:] == ["b", "c"]
    assert re.findall(r"<li><p>(.*?)</p>", answer)[:2] == ["c", "b"]
    assert answer.count("</code> first</p>") == 1
    assert "So they began" in answer
    assert "The other way round" not in answer, "who says so is right"


def test_a_question_without_an_answer_stops_the_build(site):
    for number, (question, cell, problem) in enumerate(
        [
            (CHOICE, f"{REVEAL}reveal('how-much', 'fifty')", "0 of its options begin with 'fifty'"),
            (CHOICE, f"{REVEAL}reveal('how-much', 'f')\nreveal('other', 1)", "no question above"),
            (CHOICE, "print(42)", "it has no answer: expected reveal('how-much', ...)"),
            (f"{CHOICE}\n\n{CHOICE}", f"{REVEAL}reveal('how-much', 'f')", "another of this name"),
            (
                NUMBER.replace("12", "a dozen"),
                "print(42)",
                "'a dozen' is no figure: expected figures",
            ),
            (NUMBER, f"{REVEAL}reveal('how-many', 'many')", "expected a figure of apples"),
            (ORDER, f"{REVEAL}reveal('who-ends', ['b', 'c'])", "expected an order of ['a first'"),
            (ORDER, f"{REVEAL}reveal('who-ends', 'b')", "expected an order of ['a first'"),
            (CHOICE, f"{REVEAL}reveal('how-much', ['f'])", "0 of its options begin with ['f']"),
            (ORDER.replace("c, b,", "b,"), "print(42)", "'b, a first' is no order of"),
            (ORDER.replace(", c\n", "\n"), "print(42)", "expected 3 to 6 things that differ"),
            (ORDER.replace(":order:", ":unit: s\n:order:"), "print(42)", "a unit and an order"),
            (
                ":::{predict} how-much\nHow much?\n:::",
                "print(42)",
                "expected a question, and below",
            ),
        ]
    ):
        site.write(lesson(question, cell), f"page{number}")
        site.write(f"# Start\n\n```{{toctree}}\npage{number}\n```\n")
        built = site.build("-D", f"include_patterns=index.md,page{number}.md")
        assert built.status != 0
        assert f"page{number}.md:" in built.printed
        assert problem in built.printed, built.printed
