"""What is not on record is counted and said; what is there is not."""

from dataclasses import replace

import pytest
from hand_written_traces import RUNS, small_story, stored, story

from raylessons.trace.gaps import Gaps, find_gaps, tell_gaps
from raylessons.trace.records import DRIVER, ObjectCopy, Outcome, Trace


@pytest.mark.parametrize("make", [story, small_story, Trace])
def test_a_trace_with_everything_on_record_says_nothing(make) -> None:
    assert tell_gaps(make()) == ""


def test_submissions_without_a_record_are_counted() -> None:
    told = "Not on record: 1 task submitted, of which Ray has no record."
    assert tell_gaps(Trace(unrecorded_tasks=1)) == told


def test_records_that_ray_may_have_dropped_are_told() -> None:
    told = "Not on record: whatever did not fit into the 300 records that Ray keeps."
    assert tell_gaps(Trace(record_limit=300)) == told


def test_tasks_of_unknown_arguments_and_submitters_are_counted() -> None:
    unheard = replace(RUNS[0], arguments_known=False, submitter_actor_id="a1")
    gaps = find_gaps(replace(story(), task_runs=(unheard, *RUNS[1:])))
    assert gaps == Gaps(runs_without_submitter=1, runs_without_arguments=1)


def test_an_object_that_nobody_is_known_to_have_made_is_counted() -> None:
    copy = ObjectCopy("n1", 0.1)
    nobody = stored("o7", "ref7", None, copy)
    assert find_gaps(Trace(objects=(nobody,))).objects_of_unknown_origin == 1
    assert find_gaps(Trace(objects=(replace(nobody, put_by=DRIVER),))) == Gaps()


def test_an_object_without_a_place_is_counted_unless_it_travels_with_its_ref() -> None:
    nowhere = replace(stored("o7", "ref7", None), put_by=DRIVER)
    assert find_gaps(Trace(objects=(nowhere,))).objects_of_unknown_place == 1
    assert find_gaps(Trace(objects=(replace(nowhere, inlined=True),))) == Gaps()


def test_the_result_of_a_task_that_has_none_yet_is_not_missing() -> None:
    unseen = replace(story().objects[2], size_bytes=None, copies=())
    trace = replace(story(gets=False), objects=(*story().objects[:2], unseen))
    assert find_gaps(trace).objects_of_unknown_size == 1
    going_on = replace(RUNS[2], ended=None, outcome=Outcome.UNFINISHED)
    assert find_gaps(replace(trace, task_runs=(*RUNS[:2], going_on))) == Gaps()


def test_what_a_task_could_read_where_no_copy_was_seen_is_counted() -> None:
    there = replace(stored("o7", "ref7", None, ObjectCopy("n1", 0.1)), put_by=DRIVER)
    reads = replace(RUNS[0], node_id="n2", nested_ids=("o7",))
    trace = Trace(objects=(there,), task_runs=(reads,))
    assert find_gaps(trace).objects_perhaps_copied == 1
    seen_there = replace(there, copies=(*there.copies, ObjectCopy("n2", 0.2)))
    assert find_gaps(replace(trace, objects=(seen_there,))).objects_perhaps_copied == 0
    at_home = replace(reads, node_id="n1")
    assert find_gaps(replace(trace, task_runs=(at_home,))).objects_perhaps_copied == 0
