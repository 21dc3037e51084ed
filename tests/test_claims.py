"""A claim shows what held, and stops what did not."""

import json
import subprocess
import sys
from html import unescape

import numpy as np
import pytest

from raylessons.claims import Claim, ClaimError, claim


def test_a_claim_that_holds_is_one_line_with_its_figures(capsys):
    claim("The chain takes two sleeps.", True, chain_seconds=4.01, cpus=4)
    assert capsys.readouterr().out == "✓ The chain takes two sleeps. (chain 4.01 s, cpus 4)\n"


def test_a_claim_that_does_not_hold_says_the_sentence_and_the_values():
    with pytest.raises(ClaimError, match=r"two sleeps\. \(chain 6 s\)"):
        claim("The chain takes two sleeps.", False, chain_seconds=6.0)


def test_a_claim_takes_the_truth_values_of_numpy():
    claim("Three is more than two.", np.float64(3) > 2)


@pytest.mark.parametrize("holds", [1, None, "yes", np.array([True, True])])
def test_what_is_no_truth_value_is_refused(holds):
    with pytest.raises(TypeError, match="expected True or False"):
        claim("Something holds.", holds)


def test_a_claim_without_a_sentence_is_refused():
    with pytest.raises(ValueError, match="sentence is empty"):
        claim("  ", True)


def test_a_claim_on_a_page_carries_its_facts():
    record = Claim('Is "1 < 2" <true>?', (("one", "1"),))._repr_html_()
    facts = unescape(record.split('data-claim="')[1].split('"')[0])
    assert json.loads(facts) == {"sentence": 'Is "1 < 2" <true>?', "measured": [["one", "1"]]}


def test_the_words_of_a_claim_are_escaped_on_a_page():
    assert "<true>" not in Claim("Is 1 < 2 <true>?", ())._repr_html_()


def test_a_claim_in_a_plain_python_needs_no_notebook():
    code = "from raylessons.claims import claim, note; note(x=1); claim('It runs.', True)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "✓ It runs.\n"
