"""What `nox -s mutate` breaks on purpose is there to be broken, and every claim is among it."""

import ast

import pytest

from mutations.kernel import guard_claims
from mutations.mutation import edit
from mutations.pages import (
    PROJECT,
    claim_calls,
    find_claim,
    mutated_pages,
    mutations_of,
    page_path,
    read_cells,
    read_claims,
)

PAGES = mutated_pages()
MUTATIONS = [(name, mutation) for name in [*PAGES, "package"] for mutation in mutations_of(name)]


def claims_of(text: str) -> list[str]:
    """Write out each claim of a page, arguments and all."""
    trees = [ast.parse(cell.source) for cell in read_cells(text)]
    return [ast.unparse(call) for tree in trees for call in claim_calls(tree)]


def test_every_page_with_claims_has_mutations():
    pages = sorted((PROJECT / "docs").glob("*/*.md"))
    told = [page.stem for page in pages if claims_of(page.read_text("utf-8"))]
    assert sorted(told) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_every_claim_of_a_page_has_a_mutation_that_must_break_it(name):
    claims = read_claims(read_cells(page_path(name).read_text("utf-8")))
    broken = {find_claim(start, claims) for m in mutations_of(name) for start in m.breaks}
    assert [claim for number, claim in enumerate(claims) if number not in broken] == []


@pytest.mark.parametrize(
    ("name", "mutation"), MUTATIONS, ids=lambda part: getattr(part, "name", part)
)
def test_a_mutation_breaks_what_a_claim_is_about_and_not_the_claim(name, mutation):
    for path, edits in mutation.files.items():
        edit((PROJECT / path).read_text("utf-8"), edits, path)
    if name in PAGES:
        text = page_path(name).read_text("utf-8")
        assert claims_of(edit(text, mutation.edits, name)) == claims_of(text)


@pytest.mark.parametrize("name", [*PAGES, "package"])
def test_a_mutation_has_a_name_of_its_own_breaks_something_and_is_noticed(name):
    mutations = mutations_of(name)
    assert len({mutation.name for mutation in mutations}) == len(mutations)
    assert all(mutation.breaks or mutation.tests for mutation in mutations)
    assert all(m.edits or m.files or m.before is not None for m in mutations)


def test_an_edit_of_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="page has this text 2 times: expected it once"):
        edit("one one", (("one", "two"),), "page")
    with pytest.raises(ValueError, match="0 claims begin with 'Late'"):
        find_claim("Late", ["Early."])


def test_two_claims_with_one_sentence_are_told_apart():
    (cell,) = read_cells('```{code-cell}\nclaim("Same.", True)\nclaim("Same.", False)\n```\n')
    claims = read_claims([cell])
    assert claims == ["Same.", "Same. (2)"]
    assert [find_claim(claim, claims) for claim in claims] == [0, 1]


def test_a_cell_goes_on_after_a_claim_that_fails_or_cannot_be_worked_out():
    outcomes = []
    names = {
        "claim_at": lambda number, sentence, holds: outcomes.append((number, holds)),
        "claim_raised": lambda number, error: outcomes.append((number, type(error))),
    }
    source = 'claim("No.", 1 > 2)\nclaim("What?", unknown)\nif True:\n    claim("Yes.", 1 < 2)'
    exec(guard_claims(source, 7), names)
    assert outcomes == [(7, False), (8, NameError), (9, True)]
