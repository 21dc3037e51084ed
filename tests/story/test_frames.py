"""A trace is told in the order of causes, in sentences made of its own facts."""

from dataclasses import replace

import pytest
from any_traces import any_traces
from hand_written_traces import (
    ODD,
    RUNS,
    bare,
    circle,
    clocks_differ,
    crowd,
    node_removed,
    object_lost,
    put_and_nested,
    small_story,
    story,
    task_never_ended,
    worker_killed,
)
from hypothesis import given

from raylessons.story.events import Kind
from raylessons.story.frames import MOST_FRAMES, Frame, events_in_order, frames
from raylessons.story.scene import Move, Scene, Status
from raylessons.trace.names import Names
from raylessons.trace.records import (
    Get,
    Trace,
    Transfer,
)


def headlines(trace: Trace) -> list[str]:
    return [frame.headline for frame in frames(trace)]


def frame_with(trace: Trace, words: str) -> tuple[Frame, Scene]:
    found = [frame for frame in frames(trace) if words in frame.headline]
    assert len(found) == 1, f"{words!r} is in {len(found)} headlines of {headlines(trace)}"
    assert found[0].scene is not None
    return found[0], found[0].scene


def test_the_lessons_story_is_told_in_thirteen_frames() -> None:
    assert headlines(story()) == [
        "The program: 3 tasks, 3 refs",
        "The cluster: 3 nodes, 6 logical CPUs",
        "The driver submits 3 tasks, and has 3 refs at once",
        "make_array (ref1) goes to worker 1 on node 1",
        "make_array (ref2) goes to worker 1 on node 2",
        "make_array has made ref1 (16 MB), now in the store of node 1",
        "make_array has made ref2 (16 MB), now in the store of node 2",
        "ref1 and ref2 exist, so add_arrays may run",
        "ref2 (16 MB) is copied from node 2 to node 1",
        "add_arrays goes to worker 1 on node 1",
        "add_arrays starts and reads ref1 and ref2 from the store of its node",
        "add_arrays has made ref3 (16 MB), now in the store of node 1",
        "ray.get(ref3) returns the value",
    ]


def test_a_sentence_holds_the_times_of_the_record() -> None:
    frame, _ = frame_with(story(), "3 refs at once")
    assert "between 0.4 ms and 1.3 ms" in frame.description
    assert "the first came at 8.2 ms" in frame.description
    frame, _ = frame_with(story(), "add_arrays goes to")
    assert "at 232 ms, 90.2 ms after its arguments were ready" in frame.description


def test_refs_that_come_while_the_first_tasks_start_still_come_before_any_result() -> None:
    early = replace(RUNS[0], submitted=0.0002, leased=0.0003, started=0.0004)
    trace = replace(story(), task_runs=(early, *RUNS[1:]))
    assert len(frames(trace)) == 13
    frame, _ = frame_with(trace, "The driver submits 3 tasks, and has 3 refs at once")
    assert "Nothing had been made: the first of them ended at 139 ms" in frame.description
    assert frame.seconds == 0.0002


def test_refs_come_at_once_only_where_the_record_has_no_result_before_them() -> None:
    misdated = replace(RUNS[0], ended=0.0006)
    trace = replace(story(), task_runs=(misdated, *RUNS[1:]))
    assert "The driver submits 3 tasks, and has 3 refs" in headlines(trace)


def test_an_input_on_its_node_is_read_in_place_and_the_other_is_copied_once() -> None:
    frame, scene = frame_with(story(), "is copied")
    assert "ref1 was there already, and was not copied" in frame.description
    assert [arrow.move for arrow in scene.arrows] == [Move.COPY]
    assert scene.nodes_of("o2") == ["n2", "n1"]
    _, scene = frame_with(story(), "starts and reads")
    assert [(arrow.move, arrow.object_id) for arrow in scene.arrows] == [
        (Move.READ, "o1"),
        (Move.READ, "o2"),
    ]


def test_a_copy_seen_late_still_comes_before_the_task_that_read_it() -> None:
    late = replace(story(), transfers=(Transfer("o2", "n2", "n1", 0.24, "t3"),))
    order = [event.kind for event in events_in_order(late)]
    assert order.index(Kind.COPY) < order.index(Kind.START)
    frame, _ = frame_with(late, "add_arrays starts")
    assert "dates this 6.9 ms before what must come first" in frame.description


def test_a_copy_without_a_transfer_on_record_is_told_without_its_source() -> None:
    assert "ref2 (16 MB) is copied to node 1" in headlines(replace(story(), transfers=()))


def test_a_small_result_goes_to_its_owner_and_reaches_no_store() -> None:
    frame, scene = frame_with(small_story(), "has made ref1 (288 bytes)")
    assert "no object store does" in frame.description
    assert [arrow.move for arrow in scene.arrows] == [Move.RETURN]
    assert all(not frame.scene.copies for frame in frames(small_story()) if frame.scene)
    assert not any("is copied" in headline for headline in headlines(small_story()))


def test_a_task_whose_record_has_no_end_is_named_at_the_end() -> None:
    last = frames(task_never_ended())[-1]
    assert "The record has no end of add_arrays." in last.description
    assert last.scene is not None
    assert last.scene.tasks[-1].status is Status.RUNNING


def test_a_removed_node_takes_its_only_copies_with_it_and_the_task_is_tried_again() -> None:
    frame, scene = frame_with(node_removed(), "Node 2 leaves the cluster")
    assert "the only copy of ref2" in frame.description
    assert scene.removed == {"n2"}
    assert scene.lost("o2")
    told = headlines(node_removed())
    assert told[told.index(frame.headline) + 1] == "Ray tries make_array (ref2) again"
    last = frames(node_removed())[-1].scene
    assert last is not None
    assert last.nodes_of("o2") == ["n1"]


def test_a_failed_attempt_tells_its_error_and_the_next_attempt_follows_it() -> None:
    frame, scene = frame_with(worker_killed(), "flaky fails")
    assert "WORKER_DIED: The worker died unexpectedly. Another attempt" in frame.description
    assert scene.tasks[0].status is Status.FAILED
    told = headlines(worker_killed())
    assert told.index("flaky fails") < told.index("Attempt 2 of flaky goes to worker 2 on node 1")


def test_an_attempt_follows_the_one_before_whatever_their_dates() -> None:
    trace = worker_killed()
    early = replace(trace.task_runs[1], submitted=0.002)
    told = headlines(replace(trace, task_runs=(trace.task_runs[0], early)))
    assert told.index("flaky fails") < told.index("Ray tries flaky again")


def test_what_is_submitted_after_a_result_is_a_step_of_its_own() -> None:
    late = replace(RUNS[2], submitted=0.15, arguments_ready=0.15)
    told = headlines(replace(story(), task_runs=(*RUNS[:2], late)))
    assert "The driver submits 2 tasks, and has 2 refs at once" in told
    assert "The driver submits add_arrays, and has its ref at once" in told


def test_a_start_that_is_not_on_record_is_not_guessed() -> None:
    frame, scene = frame_with(worker_killed(), "flaky goes to worker 1")
    assert "Its start is not on record." in frame.description
    assert scene.tasks[0].status is Status.LEASED


def test_a_lost_copy_is_told_with_what_is_left() -> None:
    frame, scene = frame_with(object_lost(), "ref1 is lost on node 1")
    assert "No copy is left." in frame.description
    assert scene.lost("o1")


def test_clocks_that_differ_change_neither_the_order_of_causes_nor_the_record() -> None:
    order = [
        (event.kind, event.run and event.run.task_id) for event in events_in_order(clocks_differ())
    ]
    assert order.index((Kind.SUBMIT, "t2")) < order.index((Kind.LEASE, "t2"))
    assert order.index((Kind.READY, "t3")) < order.index((Kind.END, "t3"))
    frame, _ = frame_with(clocks_differ(), "add_arrays has made")
    assert "It ended at 50 ms. Its record has the start at 100 ms" in frame.description
    assert "two clocks differ" in frame.description


def test_a_task_that_submits_tasks_owns_their_refs() -> None:
    frame, _ = frame_with(put_and_nested(), "parent submits 2 tasks")
    assert "parent owns left and right" in frame.description


def test_an_object_that_no_task_made_was_put_by_the_driver() -> None:
    frame, _ = frame_with(put_and_nested(), "data (16 MB) lies in the store of node 1")
    assert "The driver put it there." in frame.description


def test_records_that_form_a_circle_are_all_told() -> None:
    assert len(events_in_order(circle())) == len(set(events_in_order(circle())))
    assert sum("has made" in headline for headline in headlines(circle())) == 2


def test_what_is_unknown_is_said_to_be() -> None:
    told = " ".join(f"{frame.headline} {frame.description}" for frame in frames(bare()))
    assert "No node is on record" in told
    assert "at a time not on record" in told
    assert "on a node not on record" in told
    assert "nan" not in told


def test_many_events_share_frames_and_the_rest_is_counted() -> None:
    told = frames(crowd())
    assert len(told) == MOST_FRAMES
    assert any("more are not told one by one" in frame.description for frame in told)
    assert told[-1].scene is not None
    assert all(task.status is Status.FINISHED for task in told[-1].scene.tasks)


def test_one_ray_get_of_several_refs_is_one_event() -> None:
    several = replace(story(), gets=(Get("o1", 0.3, 0.35), Get("o3", 0.3, 0.35)))
    assert headlines(several)[-1] == "ray.get(ref1, ref3) returns the values"


def test_a_ray_get_that_never_returned_is_told_so() -> None:
    waiting = replace(task_never_ended(), gets=(Get("o3", 0.3),))
    frame, _ = frame_with(waiting, "ray.get(ref3) waits")
    assert "Its return is not on record." in frame.description


@pytest.mark.parametrize("make", [story, small_story, *ODD])
def test_time_never_runs_backwards_from_frame_to_frame(make) -> None:
    seconds = [frame.seconds for frame in frames(make())]
    assert seconds == sorted(seconds)
    assert seconds[0] == 0


@given(any_traces)
def test_an_attempt_goes_through_its_steps_in_order_whatever_the_record(trace: Trace) -> None:
    steps = [Kind.SUBMIT, Kind.READY, Kind.LEASE, Kind.START, Kind.END]
    told = events_in_order(trace)
    for run in trace.task_runs:
        mine = [event.kind for event in told if event.run == run]
        # In a circle of causes there is no order to keep.
        if not run.argument_ids and run.parent_task_id is None and run.attempt == 0:
            assert mine == [step for step in steps if step in mine]
    assert [event.seconds for event in told] == sorted(event.seconds for event in told)


@given(any_traces)
def test_every_record_can_be_told_within_bounds(trace: Trace) -> None:
    told = frames(trace)
    assert 3 <= len(told) <= MOST_FRAMES
    assert all(frame.headline and frame.description for frame in told)
    assert Names(trace)
