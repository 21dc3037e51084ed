"""What a reader chooses is answered before, and the first answer is there without a script."""

import functools
import html
import itertools
import json
import re
from xml.etree import ElementTree

import pytest

from raylessons.plots.explorer import Choice, Explorer, Part
from raylessons.plots.programs import explore_schedules
from raylessons.plots.rounds import explore_rounds
from raylessons.plots.sizes import explore_sizes
from raylessons.rounds import plan_rounds
from raylessons.schedule import Task, predict_schedule
from raylessons.sweeps import predict_speedup
from raylessons.trace.records import StoredObject, TaskRun, Trace

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
    """Read what an explorer carries to the site: for each part what is shown of each choice."""
    data = re.search(r'class="explorer-data">(.*?)</script>', explorer._repr_html_(), re.DOTALL)
    told = json.loads(data[1])
    parts = []
    for part in told["parts"]:
        keys = itertools.product(*(range(told["sizes"][place]) for place in part["by"]))
        width = part["width"]
        codes = [part["codes"][n : n + width] for n in range(0, len(part["codes"]), width)]
        parts.append(
            {
                ",".join(map(str, key)): part["answers"][read_number(code, told["digits"])]
                for key, code in zip(keys, codes, strict=True)
            }
        )
    return parts


def read_number(code, digits):
    return functools.reduce(lambda number, one: number * len(digits) + digits.index(one), code, 0)


def read_words(markup):
    return html.unescape(re.sub("<[^>]+>", "", markup))


def test_each_choice_of_rounds_is_answered_as_planned():
    explorer = explore_rounds(TRACE, "chain", timeouts=(None, 1.5))
    *_, summary, details = read_parts(explorer)
    for num_returns in (1, 2, 3):
        for place, timeout in enumerate((None, 1.5)):
            planned = plan_rounds([1.0, 3.0, 4.0], num_returns, timeout)
            key = f"{num_returns - 1},{place}"
            told = read_words(summary[key])
            assert told.startswith(f"With num_returns={num_returns} and timeout={timeout}: ")
            assert f": {len(planned)} round" in told
            items = re.findall("<li>(.*?)</li>", details[key])
            assert [read_words(item) for item in items] == [
                f"{one.seconds:.1f}\u00a0s: "
                + (" and ".join(f"chain {n + 1}" for n in one.places) or "nothing")
                if len(one.places) < 3
                else f"{one.seconds:.1f}\u00a0s: chain 1, chain 2 and chain 3"
                for one in planned
            ]


def test_the_summary_tells_what_a_choice_costs():
    *_, summary, _ = read_parts(explore_rounds(TRACE, timeouts=(None, 1.5)))
    assert read_words(summary["2,1"]) == (
        "With num_returns=3 and timeout=1.5: 3 rounds. You have the first result after 1.5\u00a0s "
        "and the last after 4.0\u00a0s; a result that is ready waits for you 0.5\u00a0s at most."
    )
    assert ": 4 rounds, 1 of them with nothing. You" in read_words(summary["0,1"])


def test_a_result_that_waits_is_drawn_from_its_end_to_its_round():
    explorer = explore_rounds(TRACE, timeouts=(None,))
    layer = read_parts(explorer)[0]
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
    assert f'<g data-part="0">{layer["1,0"]}</g>' in shown
    assert f'<p role="status"><span data-part="1">{summary["1,0"]}</span></p>' in shown
    assert f'data-part="2">{details["1,0"]}</div>' in shown
    assert '<form class="explorer-choices" autocomplete="off" hidden>' in shown
    ElementTree.fromstring(re.search("<svg.*</svg>", shown, re.S)[0])


def test_what_was_made_for_a_result_is_in_its_row_and_has_no_own():
    explorer = explore_rounds(TRACE, "chain")
    assert list(explorer.figure.y_range.factors) == ["chain 3", "chain 2", "chain 1", "ray.wait"]
    bars = explorer.figure.renderers[0].data_source.data
    assert list(bars["y"]) == ["chain 1", "chain 2", "chain 2", "chain 3"]
    assert list(bars["right"]) == pytest.approx([1.0, 1.5, 3.0, 4.0])


def test_what_two_results_are_made_from_is_in_both_rows_and_what_is_not_on_record_in_none():
    shared = Trace(
        task_runs=(
            TaskRun("t1", "make", submitted=0.0, started=0.0, ended=1.0, return_ids=("o1",)),
            *(
                TaskRun(
                    task_id,
                    "add",
                    submitted=0.0,
                    started=1.0,
                    ended=2.0,
                    argument_ids=("o1", "o1", "before"),
                )
                for task_id in ("t2", "t3")
            ),
        ),
        objects=(StoredObject("before", "ref1", task_id="t0"),),
    )
    bars = explore_rounds(shared).figure.renderers[0].data_source.data
    assert list(bars["y"]) == ["task 1", "task 1", "task 2", "task 2"]


def test_a_trace_without_tasks_or_without_an_end_is_refused():
    with pytest.raises(ValueError, match="the trace has no task"):
        explore_rounds(Trace())
    with pytest.raises(ValueError, match="no start and end of 'make'"):
        explore_rounds(Trace(task_runs=(TaskRun("t1", "make", submitted=0.0, started=0.1),)))


def explore_some_sizes():
    return explore_sizes({1: 0.9, 100: 0.1}, 200, 0.001, cost_seconds=0.004, cpus=2, noun="array")


def test_each_choice_of_sizes_is_answered_as_predicted():
    explorer = explore_some_sizes()
    *_, summary, _, _ = read_parts(explorer)
    batches, costs, cpus = (
        (1, 2, 5, 10, 20, 50, 100, 200),
        (0.0001, 0.001, 0.004, 0.01),
        (1, 2, 4, 8, 32),
    )
    assert len(summary) == len(batches) * len(costs) * len(cpus)
    for key, told in summary.items():
        b, c, n = map(int, key.split(","))
        speedup = predict_speedup(200, batches[b], 0.001, costs[c], cpus[n])
        assert told.startswith(f"Predicted speed-up: {speedup:.2g}")
        assert ("slower than a plain loop" in told) == (speedup < 1)


def test_only_what_was_measured_is_told_as_measured():
    *_, summary, _ = read_parts(explore_some_sizes())
    measured = {
        key: told for key, told in summary.items() if told != "In this build: not measured."
    }
    # Batches of 1 and of 100, at the cost and on the CPUs of this run.
    assert measured == {"0,2,1": "In this build: 0.22.", "6,2,1": "In this build: 2."}


def test_the_details_tell_what_the_rule_adds_up():
    *_, details = read_parts(explore_some_sizes())
    assert details["5,2,1"] == (
        "4 calls at 4 ms: 16 ms, and 2 waves of 50 ms: 100 ms. A plain loop: 200 ms."
    )


def test_the_biggest_speedup_that_was_measured_is_shown_first():
    assert [choice.options[choice.first] for choice in explore_some_sizes().choices] == [
        "100 (100 ms)",
        "4 ms (here)",
        "2 (here)",
    ]


def test_without_a_measurement_there_is_nothing_to_show_beside():
    with pytest.raises(ValueError, match="measured is empty"):
        explore_sizes({}, 200, 0.001, 0.004, 2)


LENGTHS = {"A": 1.0, "B": 0.25, "C": 0.5}


def run_of_ray(order):
    """Write down a run of the three tasks, one after another, 0.1 s late."""
    runs, now = [], 2.1
    for name in order:
        runs.append(TaskRun(name, name, submitted=2.0, started=now, ended=now + LENGTHS[name]))
        now += LENGTHS[name]
    return Trace(task_runs=tuple(runs))


def explore_some_schedules():
    traces = {None: run_of_ray("ABC"), ("B", "A"): run_of_ray("ACB")}
    return explore_schedules(LENGTHS, traces, cpus=2)


def test_each_choice_of_a_program_is_answered_as_predicted():
    explorer = explore_some_schedules()
    *bars, _, ends, _, orders = read_parts(explorer)
    steps, cpus = (0.25, 0.5, 1.0), (2, 3, 4)
    assert len(ends) == 3**3 * 3 * 2
    for key, told in ends.items():
        *chosen, c, n = map(int, key.split(","))
        tasks = [
            Task(name, steps[step], ("A",) if n and name == "B" else ())
            for name, step in zip("ABC", chosen, strict=True)
        ]
        schedule = predict_schedule(tasks, cpus[c])
        assert f"the last ends after {schedule.makespan:g}&nbsp;s;" in told
        assert orders[key].endswith(f"in the order {' '.join(schedule.completion_order)}.")
        places = {run.name: (run.start, run.end) for run in schedule.runs}
        for layer, name in zip(bars, "ABC", strict=True):
            x, width = re.search(r'<rect x="([\d.]+)".*? width="([\d.]+)"', layer[key]).groups()
            start, end = places[name]
            scale = (480 - 16 - LEFT) / explorer.figure.x_range.end
            assert float(x) == pytest.approx(LEFT + start * scale, abs=0.2)
            assert float(width) == pytest.approx((end - start) * scale, abs=0.2)


LEFT = 36 + 7.4  # of the picture's frame, beside names of one letter


def test_what_ray_did_stands_beside_what_it_was_asked_and_nowhere_else():
    *_, drawn, _, ray, _ = read_parts(explore_some_schedules())
    asked = {key: told for key, told in ray.items() if "was not asked" not in told}
    # The lengths of the program on two CPUs, without the need and with it.
    assert asked == {
        "2,0,1,0,0": "Ray took 1.85&nbsp;s in this build.",
        "2,0,1,0,1": "Ray took 1.85&nbsp;s in this build.",
    }
    assert {key for key, marks in drawn.items() if marks} == set(asked)
    assert ray["2,0,1,1,0"] == "Ray was not asked this one in this build."


def test_a_program_with_too_many_choices_is_refused():
    lengths = {str(number): number / 8 for number in range(1, 8)}
    with pytest.raises(ValueError, match=r"choices: expected at most 20,000\. Pass fewer tasks"):
        explore_schedules(lengths, {None: Trace()}, cpus=2)


def test_a_part_with_more_answers_than_two_digits_tell_is_refused():
    part = Part(("n",), {(number,): str(number) for number in range(5_000)})
    choice = Choice("n", tuple(map(str, range(5_000))))
    explorer = Explorer(explore_rounds(TRACE).figure, "Many", (choice,), (), (), part)
    with pytest.raises(ValueError, match="5,000 answers differ: expected at most 4,096"):
        explorer._repr_html_()
