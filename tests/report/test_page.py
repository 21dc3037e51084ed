"""A report as one page of HTML."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from any_traces import any_traces
from hand_written_traces import ODD, badly_named, bare, crowd, story, worker_killed
from hypothesis import given, settings

from raylessons import write_report
from raylessons.report.page import draw_page
from raylessons.report.program import Program
from raylessons.trace.records import TaskKind, Trace

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """What a page holds, and whether its elements are closed in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.headings: list[tuple[int, str]] = []
        self.words = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            level, words = self.headings[-1]
            self.headings[-1] = level, words + data
        if "style" not in self.open and "svg" not in self.open:
            self.words += f" {data}"

    @property
    def text(self) -> str:
        return " ".join(self.words.split())


def read(*traces: Trace, title: str = "story.py") -> Page:
    return Page(draw_page(Program(title, traces)))


def test_a_report_is_one_file_without_script_and_without_addresses(tmp_path: Path) -> None:
    write_report(story(), tmp_path / "report.html", "story.py")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = Page(page)
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>What Ray did for story.py</title>" in page
    assert 'name="viewport"' in page
    assert "script" not in found.tags
    assert {name for name, _ in found.attributes}.isdisjoint({"src", "href", "onclick", "id"})
    assert not re.search(r"https?:|@import|url\(", page)


def test_a_report_tells_figures_story_timeline_and_what_is_missing() -> None:
    found = read(story())
    assert found.headings == [
        (1, "What Ray did for story.py"),
        (2, "In short"),
        (2, "Tasks"),
        (2, "What is not on record"),
        (2, "The story"),
        (2, "The timeline"),
    ]
    for told in (
        "Makespan 345 ms",
        "Critical path 243 ms make_array → add_arrays",
        "CPUs’ busy share 18 % the runs’ 374 ms, with what they waited inside, "
        "over the makespan of 6 logical CPUs",
        "Made 48 MB 3 objects that tasks returned to the driver",
        "Put none no objects that the driver put or saw",
        "Moved 16 MB 1 transfer between nodes",
        "Spilled none no objects seen to have gone to disk",
        "add_arrays 1 1 112 ms 140 ms 90.2 ms 0 0 0",
        "Nothing that this report looks for is missing",
        "The same as a table",
    ):
        assert told in found.text
    assert found.tags.count("table") == found.tags.count("caption") == 2


def test_what_is_unknown_is_called_unknown() -> None:
    found = read(bare())
    for told in (
        "Makespan unknown",
        "Critical path unknown",
        "CPUs’ busy share unknown how many logical CPUs there were is not on record",
        "3 runs submitted at a time that is not on record",
        "No run has two known times",
    ):
        assert told in found.text


def test_a_part_that_is_unknown_makes_it_at_least() -> None:
    found = read(worker_killed())
    assert "CPUs’ busy share at least 1 %" in found.text
    assert "at least 10 ms (1 unknown)" in found.text
    assert "What failed flaky , 1 attempt: WORKER_DIED: The worker died unexpectedly." in found.text


def test_a_share_above_all_cpus_is_explained() -> None:
    whole = story()
    few = replace(whole, nodes=(replace(whole.nodes[0], logical_cpus=0.5),))
    assert "217 % the runs’ 374 ms" in read(few).text
    assert "tasks ask for less than a CPU, or wait for other tasks" in read(few).text


def test_actors_have_tables_of_their_own() -> None:
    whole = story()
    kinds = (TaskKind.TASK, TaskKind.CREATION, TaskKind.CALL)
    runs = tuple(replace(run, kind=kind) for run, kind in zip(whole.task_runs, kinds, strict=True))
    headings = [words for _, words in read(replace(whole, task_runs=runs)).headings]
    assert headings[2:5] == ["Tasks", "Actors’ creations", "Actors’ calls"]


def test_several_sessions_are_told_one_level_deeper() -> None:
    program = Program(
        "twice.py", (story(), worker_killed()), "2026-01-02T03:04:05+00:00", "It was interrupted.",
        ("A session of Ray was not recorded: because.",),
    )  # fmt: skip
    found = Page(draw_page(program))
    for told in (
        "It was started on 2026-01-02 at 03:04:05 .",
        "It was interrupted. This is what was on record by then.",
        "It started Ray 2 times",
        "A session of Ray was not recorded: because.",
    ):
        assert told in found.text
    levels = [level for level, _ in found.headings]
    assert levels[:3] == [1, 2, 3]
    assert [words for level, words in found.headings if level == 2] == [
        "Session 1 of 2",
        "Session 2 of 2",
    ]


def test_hostile_names_stay_words() -> None:
    hostile = '</title><script>alert("1")</script>'
    trace = badly_named()
    runs = tuple(replace(run, error="<img src=x>") for run in trace.task_runs)
    found = read(replace(trace, task_runs=runs), title=hostile)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert hostile in found.headings[0][1]
    assert '<script>"x" & a name that is much too long 3 3' in found.text


def test_a_report_of_ten_thousand_tasks_stays_small_and_says_what_it_shows() -> None:
    page = draw_page(Program("crowd.py", (crowd(10_000),)))
    assert len(page.encode()) < 3_000_000
    text = Page(page).text
    assert "slow_square 10000 10000" in text
    assert "Too much happened for a picture of each step: in these 20," in text
    assert "The table shows the first 40 of 10000 runs." in text


def test_ten_thousand_names_are_cut_and_counted() -> None:
    whole = crowd(10_000)
    runs = tuple(replace(run, name=f"{run.task_id} {'x' * 500}") for run in whole.task_runs)
    page = draw_page(Program("crowd.py", (replace(whole, task_runs=runs),)))
    assert len(page.encode()) < 3_000_000
    assert "The 50 names of 10000 that ran longest." in Page(page).text


def test_a_story_that_shows_each_step_says_nothing_of_limits() -> None:
    text = read(story()).text
    assert "Too much happened" not in text
    assert "The first" not in text


@pytest.mark.parametrize("make", ODD)
def test_odd_traces_have_a_report(make: type[Trace]) -> None:
    read(make(), make())


@settings(max_examples=25)
@given(trace=any_traces)
def test_any_trace_has_a_report(trace: Trace) -> None:
    read(trace)


def test_what_was_moved_is_at_least_so_much_where_a_copy_may_have_been_missed() -> None:
    trace = story()
    assert "at least" not in Page(draw_page(Program("a", (trace,)))).text
    stored = trace.objects[0]
    reads = replace(trace.task_runs[0], node_id="n3", nested_ids=(stored.object_id,))
    unsure = replace(trace, task_runs=(reads, *trace.task_runs[1:]))
    told = Page(draw_page(Program("a", (unsure,)))).text
    assert re.search("Moved at least [0-9]+ MB", told)
    assert "perhaps of 1 object that tasks had refs to" in told
