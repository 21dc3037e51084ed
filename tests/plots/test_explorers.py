"""What a reader chooses is answered before, and the first answer is there without a script."""

import html
import json
import re
from xml.etree import ElementTree

import pytest

from raylessons.plots.rounds import explore_rounds
from raylessons.rounds import plan_rounds
from raylessons.trace.records import TaskRun, Trace

# Three results, after 1, 3 and 4 seconds; the second is made from what another task made.
TRACE = Trace(
    task_runs=(
        TaskRun("t1", "make", submitted=5.0, started=5.5, ended=6.0),
        TaskRun("t2", "make", submitted=5.1, started=5.5, ended=6.5, return_ids=("o2",)),
        TaskRun("t3", "add", submitted=5.2, started=6.5, ended=8.0, argument_ids=("o2",)),
        TaskRun("t4", "make", submitted=5.3, started=5.5, ended=9.0),
    )
)


def read_parts(explorer):
    """Give what an explorer carries to the site: for each part what is shown of each choice."""
    data = re.search(r'class="explorer-data">(.*?)</script>', explorer._repr_html_(), re.S)[1]
    return json.loads(data)


def read_words(markup):
    return html.unescape(re.sub("<[^>]+>", "", markup))


def test_each_choice_of_rounds_is_answered_as_planned():
    explorer = explore_rounds(TRACE, "chain", timeouts=(None, 1.5))
    *_, summary, details = read_parts(explorer)
    for num_returns in (1, 2, 3):
        for place, timeout in enumerate((None, 1.5)):
            planned = plan_rounds([1.0, 3.0, 4.0], num_returns, timeout)
            key = f"{num_returns - 1},{place}"
            told = read_words(summary["shown"][key])
            assert told.startswith(f"With num_returns={num_returns} and timeout={timeout}: ")
            assert f": {len(planned)} round" in told
            items = re.findall("<li>(.*?)</li>", details["shown"][key])
            assert [read_words(item) for item in items] == [
                f"{one.seconds:.1f}\u00a0s: "
                + (" and ".join(f"chain {n + 1}" for n in one.places) or "nothing")
                if len(one.places) < 3
                else f"{one.seconds:.1f}\u00a0s: chain 1, chain 2 and chain 3"
                for one in planned
            ]


def test_the_summary_tells_what_a_choice_costs():
    *_, summary, _ = read_parts(explore_rounds(TRACE, timeouts=(None, 1.5)))
    assert read_words(summary["shown"]["2,1"]) == (
        "With num_returns=3 and timeout=1.5: 3 rounds. You have the first result after 1.5\u00a0s "
        "and the last after 4.0\u00a0s; a result that is ready waits for you 0.5\u00a0s at most."
    )
    assert ": 4 rounds, 1 of them with nothing. You" in read_words(summary["shown"]["0,1"])


def test_a_result_that_waits_is_drawn_from_its_end_to_its_round():
    explorer = explore_rounds(TRACE, timeouts=(None,))
    layer = read_parts(explorer)[0]["shown"]
    # One at a time nothing waits; all three at once, the first two do.
    lengths = {
        key: [
            float(right) - float(left)
            for left, right in re.findall(
                r'd="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" stroke="#e69f00"', marks
            )
        ]
        for key, marks in layer.items()
    }
    assert lengths["0,0"] == [0, 0, 0]
    first, second, third = lengths["2,0"]
    assert first == pytest.approx(3 * second, abs=0.5)
    assert third == 0


def test_what_is_shown_first_needs_no_script_and_is_one_of_the_choices():
    explorer = explore_rounds(TRACE, "chain")
    shown = explorer._repr_html_()
    layer, summary, details = read_parts(explorer)
    assert f'<g data-part="0">{layer["shown"]["1,0"]}</g>' in shown
    assert f'data-part="1">{summary["shown"]["1,0"]}</p>' in shown
    assert f'data-part="2">{details["shown"]["1,0"]}</div>' in shown
    assert '<form class="explorer-choices" autocomplete="off" hidden>' in shown
    ElementTree.fromstring(re.search("<svg.*</svg>", shown, re.S)[0])


def test_what_was_made_for_a_result_is_in_its_row_and_has_no_own():
    explorer = explore_rounds(TRACE, "chain")
    assert list(explorer.figure.y_range.factors) == ["chain 3", "chain 2", "chain 1", "ray.wait"]
    bars = explorer.figure.renderers[0].data_source.data
    assert list(bars["y"]) == ["chain 1", "chain 2", "chain 2", "chain 3"]
    assert list(bars["right"]) == pytest.approx([1.0, 1.5, 3.0, 4.0])


def test_a_trace_without_tasks_or_without_an_end_is_refused():
    with pytest.raises(ValueError, match="the trace has no task"):
        explore_rounds(Trace())
    with pytest.raises(ValueError, match="no start and end of 'make'"):
        explore_rounds(Trace(task_runs=(TaskRun("t1", "make", submitted=0.0, started=0.1),)))
