"""What a page found out about a question that it had asked."""

import pytest

from raylessons.display import read_facts
from raylessons.questions import Answer, reveal


def test_an_answer_carries_what_was_right_to_the_site():
    html = Answer("who-waits", "<nobody>")._repr_html_()
    assert read_facts(html) == [("answer", {"question": "who-waits", "right": "<nobody>"})]
    assert "<nobody>" not in html


def test_a_figure_is_written_short_and_kept_whole():
    answer = Answer("how-long", 2.50182)
    assert "2.5<" in answer._repr_html_()
    assert read_facts(answer._repr_html_()) == [
        ("answer", {"question": "how-long", "right": 2.50182})
    ]


def test_an_order_is_told_thing_by_thing(capsys):
    reveal("who-ends", ["C", "A", "B"])
    assert capsys.readouterr().out == "→ In this run: C, A, B\n"
    html = Answer("who-ends", ("C", "A", "B"))._repr_html_()
    assert read_facts(html) == [("answer", {"question": "who-ends", "right": ["C", "A", "B"]})]


def test_an_answer_may_be_unknown(capsys):
    reveal("who-waits", None)
    assert capsys.readouterr().out == "→ In this run: not known\n"


@pytest.mark.parametrize("right", [True, [1], ["A", None], {"A"}])
def test_what_is_right_is_words_a_number_or_an_order_of_words(right):
    with pytest.raises(TypeError, match="expected how an option begins, a number, or an order"):
        reveal("how-long", right)


@pytest.mark.parametrize(
    ("question", "right"), [("", "yes"), ("who-waits", " "), ("a", []), ("a", ["A", ""])]
)
def test_a_question_and_an_option_have_words(question, right):
    with pytest.raises(ValueError, match="is empty"):
        reveal(question, right)
