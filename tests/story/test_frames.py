"""A trace is told in the order of causes, in sentences made of its own facts."""

from dataclasses import replace

import pytest
from any_traces import any_traces
from hand_written_traces import (
    NODES,
    ODD,
    RUNS,
    WORKERS,
    bare,
    circle,
    clocks_differ,
    crowd,
    finished,
    node_removed,
    object_lost,
    put_and_nested,
    small_story,
    stored,
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
    Actor,
    Get,
    ObjectCopy,
    Outcome,
    TaskKind,
    TaskRun,
    Trace,
    Transfer,
    WaitRound,
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


def said(trace: Trace) -> str:
    return " ".join(f"{frame.headline}. {frame.description}" for frame in frames(trace))


def test_what_a_task_put_and_what_nobody_is_known_to_have_put_is_told_so() -> None:
    for put_by, told in (("p", "Parent put it there."), (None, "Who put it there is not")):
        data = replace(put_and_nested().objects[0], put_by=put_by)
        trace = replace(put_and_nested(), objects=(data, *put_and_nested().objects[1:]))
        assert told.lower() in said(trace).lower()


def test_a_task_with_refs_inside_its_arguments_is_not_said_to_need_nothing() -> None:
    total = replace(RUNS[2], argument_ids=(), nested_ids=("o1", "o2"))
    program = frames(replace(story(), task_runs=(*RUNS[:2], total)))[0].description
    assert "add_arrays is given ref1 and ref2 inside what it takes along" in program
    assert "add_arrays need" not in program


def test_a_task_that_submits_tasks_may_wait_for_them() -> None:
    program = frames(put_and_nested())[0].description
    assert "parent submits tasks, and may wait for them." in program
    assert "parent needs no" not in program


def test_a_task_of_which_nobody_heard_the_arguments_has_unknown_needs() -> None:
    unheard = replace(RUNS[0], arguments_known=False)
    program = frames(replace(story(), task_runs=(unheard, *RUNS[1:])))[0].description
    assert "What make_array (ref1) needs is not on record." in program


def test_a_get_that_raised_raises_and_one_that_gave_up_gives_up() -> None:
    raised = replace(story(), gets=(Get("o3", 0.3, 0.35, "KeyError: 'mine'"),))
    frame, _ = frame_with(raised, "ray.get(ref3) raises KeyError")
    assert "There is an error in the place of ref3: KeyError: 'mine'." in frame.description
    gave_up = replace(story(), gets=(Get("o3", 0.3, None, "GetTimeoutError: too late."),))
    frame, _ = frame_with(gave_up, "ray.get(ref3) gives up")
    assert "ended without a value: GetTimeoutError: too late." in frame.description


def test_a_get_gives_up_when_its_time_is_over_and_not_when_it_is_called() -> None:
    gave_up = Get("o3", 0.0016, None, "GetTimeoutError: too late.", gave_up=0.2)
    told = frames(replace(story(), gets=(gave_up,)))
    frame = next(frame for frame in told if frame.headline == "ray.get(ref3) gives up")
    assert frame.seconds == 0.2
    assert "ended 198 ms later without a value" in frame.description


def test_an_await_is_told_as_one() -> None:
    awaited = replace(story(), gets=(Get("o3", 0.3, 0.35, call="await"),))
    assert headlines(awaited)[-1] == "The value of ref3 goes to an await or a future"


def test_a_wait_tells_what_was_ready_and_when_its_time_was_over() -> None:
    waited = WaitRound(("o1",), refs=2, num_returns=2, asked=0.0016, returned=0.3462)
    frame, _ = frame_with(replace(story(), wait_rounds=(waited,)), "ray.wait gives back ref1")
    assert "with 2 refs and returned 345 ms later." in frame.description
    assert "It was to wait for 2, and its time was over." in frame.description
    done = replace(waited, num_returns=1)
    frame, _ = frame_with(replace(story(), wait_rounds=(done,)), "ray.wait gives back ref1")
    assert "its time" not in frame.description
    empty = replace(waited, ready_ids=())
    frame_with(replace(story(), wait_rounds=(empty,)), "ray.wait gives back nothing as ready")
    stream = replace(empty, ready_streams=1)
    frame_with(replace(story(), wait_rounds=(stream,)), "ray.wait gives back 1 stream as ready")


def test_a_wait_comes_after_the_end_of_what_it_gave_back() -> None:
    early = WaitRound(("o3",), refs=1, num_returns=1, asked=0.0, returned=0.001)
    told = headlines(replace(story(gets=False), wait_rounds=(early,)))
    ended = next(place for place, each in enumerate(told) if each.startswith("add_arrays has made"))
    assert told.index("ray.wait gives back ref3 as ready") > ended


def test_a_cancelled_task_has_no_result() -> None:
    cancelled = replace(RUNS[2], outcome=Outcome.CANCELLED)
    trace = replace(story(gets=False), task_runs=(*RUNS[:2], cancelled))
    frame, scene = frame_with(trace, "add_arrays is cancelled")
    assert "has no result" in frame.description
    assert scene.tasks[-1].status is Status.CANCELLED
    assert "1 task was cancelled." in frames(trace)[-1].description


def test_a_task_that_never_started_is_named_at_the_end_even_behind_a_get() -> None:
    stuck = TaskRun("t1", "stuck", submitted=0.1, return_ids=("o1",))
    trace = Trace(
        nodes=NODES[:1], task_runs=(stuck,), gets=(Get("o1", 0.1, None, "GetTimeoutError"),)
    )
    assert "stuck never started: why is not on record." in frames(trace)[-1].description
    lacking = replace(trace, task_runs=(replace(stuck, lacks="1 GPU"),))
    told = "stuck never started: it asks for 1 GPU, and no node has that."
    assert told in frames(lacking)[-1].description


def test_a_node_that_joins_is_not_there_before() -> None:
    late = replace(NODES[1], joined=0.2)
    trace = replace(story(), nodes=(NODES[0], late, NODES[2]))
    assert headlines(trace)[1] == "The cluster: 2 nodes, 4 logical CPUs"
    before = frames(trace)[1].scene
    frame, scene = frame_with(trace, "joins the cluster")
    assert before is not None
    assert (before.is_absent(late), scene.is_absent(late)) == (True, False)
    assert frame.headline == "Node 2 joins the cluster"


def test_an_object_that_nobody_holds_is_in_no_store_any_more() -> None:
    first, *others = story(gets=False).objects
    gone = replace(first, released=0.34)
    trace = replace(story(gets=False), objects=(gone, *others), seconds=1.0)
    told = frames(trace)
    last = told[-1].scene
    assert last is not None
    assert last.nodes_of(gone.object_id) == []
    assert not last.lost(gone.object_id)
    assert any(frame.scene and frame.scene.nodes_of(gone.object_id) for frame in told)


def test_where_the_value_of_a_ref_is_once_nobody_holds_it_or_it_is_on_disk() -> None:
    result = story(gets=False).objects[2]
    for change, words in (
        ({"released": 0.9}, "No ref to ref3 is left, so that Ray deletes it."),
        ({"spilled": 0.9}, "ref3 has gone to disk, and may be back in a store."),
    ):
        changed = replace(result, **change)
        trace = replace(story(gets=False), objects=(*story().objects[:2], changed), seconds=1.0)
        assert words in frames(trace)[-1].description


def test_what_a_get_became_of_is_counted_as_it_was() -> None:
    trace = replace(
        story(),
        gets=(
            Get("o3", 0.3, 0.35),
            Get("o3", 0.31, 0.35, "ValueError: no"),
            Get("o3", 0.35, None, "GetTimeoutError: too late"),
        ),
    )
    (told,) = (each for each in headlines(trace) if each.startswith("ray.get"))
    assert told == "ray.get returns, ray.get raises and ray.get gives up"


def test_the_items_of_a_stream_come_while_its_task_goes_on() -> None:
    stream = replace(
        RUNS[0], task_id="g", name="gen", streams=True, started=0.01, ended=0.5, return_ids=()
    )
    use = finished("u", "use", 0.1, 0.1, 0.11, 0.12, 0.2, argument_ids=("i1",), worker_id="w12")
    items = [
        replace(stored(f"i{turn}", f"ref{turn}", "g", ObjectCopy("n1", at)), made=at)
        for turn, at in ((1, 0.1), (2, 0.3))
    ]
    trace = Trace(NODES, WORKERS, (stream, use), tuple(items), seconds=0.6)
    told = headlines(trace)
    assert "has a stream of refs to come" in told[2]
    steps = (
        "gen goes to worker 1 on node 1",
        "gen has yielded ref1 (16 MB)",
        "ref1 exists, so use may run",
        "use ends",
        "gen has yielded ref2 (16 MB)",
        "gen ends",
    )
    places = [told.index(step) for step in steps]
    assert places == sorted(places)
    assert "clocks differ" not in said(trace)


def test_a_call_is_sent_to_its_actor_and_no_worker_is_leased_for_it() -> None:
    call = replace(RUNS[0], name="Counter.add", kind=TaskKind.CALL, actor_id="a1")
    trace = Trace(NODES[:1], WORKERS, (call,), actors=(Actor("a1", "Counter", "n1", "w11"),))
    frame, _ = frame_with(trace, "Counter.add goes to worker 1")
    assert "Nobody leases a worker for a call" in frame.description
    assert "leased this worker" not in said(trace)


def test_what_a_call_of_an_actor_submitted_is_not_said_to_be_the_driver_s() -> None:
    leaf = replace(RUNS[0], submitter_actor_id="a1", arguments_known=False)
    trace = replace(story(), task_runs=(leaf, *RUNS[1:]), actors=(Actor("a1", "Counter"),))
    assert "The actor Counter submits make_array (ref1), and has its ref at once" in headlines(
        trace
    )
    last = frames(trace)[-1].description
    assert "1 run submitted by an actor, by which call is unknown" in last


def test_an_error_in_the_place_of_an_argument_is_no_value_that_exists() -> None:
    failed = replace(RUNS[0], outcome=Outcome.FAILED, error="KeyError: 'mine'")
    trace = replace(story(), task_runs=(failed, *RUNS[1:]))
    assert "There is an error in the place of ref1: add_arrays is sent on with it" in headlines(
        trace
    )


def test_on_one_node_there_is_one_clock() -> None:
    early = replace(RUNS[2], ended=0.05)
    one = replace(story(), nodes=NODES[:1], task_runs=(*RUNS[:2], early))
    assert "two clocks differ" not in said(one)
    assert "it was told late" in said(one)
    assert "two clocks differ" in said(replace(one, nodes=NODES))


@given(any_traces)
def test_no_story_denies_a_need_that_is_not_known_or_an_error(trace: Trace) -> None:
    program = frames(trace)[0].description
    free = program.partition(" no other task's result.")[0]
    names = Names(trace)
    runs = list(names.tasks.values())
    parents = {run.parent_task_id for run in runs}
    for run in runs:
        if run.nested_ids or not run.arguments_known or run.task_id in parents:
            alone = [names.plain(run)] == [names.plain(each) for each in runs]
            assert not (alone and "no other task's result" in free + program)
    if trace.gets and all(get.error is not None for get in trace.gets):
        assert not any("returns the value" in headline for headline in headlines(trace))


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


def test_calls_of_an_actor_that_share_a_frame_are_no_tasks_that_go_to_workers() -> None:
    trace = crowd()
    runs = tuple(replace(run, kind=TaskKind.CALL, actor_id="a1") for run in trace.task_runs)
    told = " ".join(headlines(replace(trace, task_runs=runs)))
    assert "actor calls go to their actors" in told
    assert "go to workers" not in told


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
