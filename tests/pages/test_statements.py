"""Every sentence of a page says what it stands on, and readers see no mark of that."""

import re
from collections import Counter

from lesson_site.statements import count_kinds, faults, read_statements, strip_marks
from tiny_site import ROOT

PAGE = """---
file_format: mystnb
---

# A get waits

:::{list-table}
* - You will do
  - wait
:::

A ref is a promise. <!-- definition -->
Asking waits. <!-- claimed -->
Its owner knows where it lies.[^owner]
How long does it take?

- Ask late. <!-- advice -->
- Here is how: <!-- guide -->

```{code-cell}
# Not a heading, and no sentence.
claim(
    f"{name} waits.", True)
```

:::{tip}
Nobody says what this stands on.
:::

## Elsewhere

Waiting is waiting. <!-- claimed: {name} -->
This has no claim near it. <!-- claimed -->
Nor does this have any. <!-- claimed: No claim begins so -->

[^owner]: Ray's code says so.
"""


def test_a_sentence_is_told_with_its_line_and_what_it_stands_on():
    told = [(one.line, one.kind) for one in read_statements(PAGE)]
    assert told == [
        (12, "definition"),
        (13, "claimed"),
        (14, "sourced"),
        (15, "question"),
        (17, "advice"),
        (18, "guide"),
        (27, None),
        (32, "claimed"),
        (33, "claimed"),
        (34, "claimed"),
    ]


def test_what_a_question_says_of_its_options_is_told_and_the_options_are_not():
    page = ":::{predict} how-long\n:unit: seconds\n\nHow long?\n\nforever\n: It ends.\n:::\n"
    told = read_statements(page)
    assert [(one.line, one.words.lstrip(": "), one.kind) for one in told] == [
        (4, "How long?", "question"),
        (7, "It ends.", None),
    ]


def test_a_claimed_sentence_stands_on_the_claims_of_its_section_or_on_the_one_it_names():
    claims = {one.line: one.claims for one in read_statements(PAGE)}
    assert claims[13] == claims[32] == ("{name} waits.",)


def test_a_sentence_without_a_mark_or_without_its_claim_is_named_with_its_line():
    assert [fault.split(" ")[0] for fault in faults("page.md", PAGE)] == [
        "page.md:27:",
        "page.md:33:",
        "page.md:34:",
    ]


def test_a_sentence_may_stand_on_a_claim_of_another_page():
    page = "It waits. <!-- claimed: ask-late: Asking -->"
    assert faults("page.md", page, {"ask-late": 'claim("Asking waits.", True)'}) == []
    assert len(faults("page.md", page, {"ask-late": 'claim("It waits.", True)'})) == 1


def test_what_a_test_holds_up_names_a_test_that_is_there():
    page = "It waits. <!-- tested: it_waits -->"
    assert faults("page.md", page, tests="def test_it_waits_long():") == []
    assert len(faults("page.md", page, tests="def test_nothing():")) == 1


def test_every_sentence_of_the_pages_says_what_it_stands_on():
    sources = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")}
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    told = [fault for name in sources for fault in faults(name, sources[name], sources, tests)]
    assert told == []


def test_a_footnote_that_is_used_is_written_and_the_other_way_round():
    for path in (ROOT / "docs").rglob("*.md"):
        text = path.read_text("utf-8")
        used, written = (
            re.findall(r"\[\^([\w-]+)\](?!:)", text),
            re.findall(r"^\[\^([\w-]+)\]:", text, re.M),
        )
        assert sorted({*used}) == sorted(written), path.name


def test_sentences_are_counted_by_kind():
    counts = {"claimed": 4, "definition": 1, "sourced": 1, "question": 1, "advice": 1, "guide": 1}
    assert count_kinds(PAGE) == Counter(counts | {"unmarked": 1})


def test_no_mark_is_left_for_readers_and_no_line_moves():
    stripped = strip_marks(PAGE)
    assert "<!--" not in stripped
    assert len(stripped.splitlines()) == len(PAGE.splitlines())
