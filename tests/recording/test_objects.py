"""How sightings become objects and transfers, with sightings written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from raylessons.recording.objects import (
    LARGEST_INLINED_BYTES,
    SMALLEST_STORED_BYTES,
    Sighting,
    made_here,
    proven_copies,
    stored_objects,
    transfers,
)
from raylessons.trace.records import DRIVER, Get, Outcome, StoredObject, TaskKind, TaskRun

START_NS = 1_000_000_000_000
END = 10.0  # seconds
BIG = 16_000_253


def at(seconds: float) -> int:
    return START_NS + round(seconds * 1e9)


def sighting(task_id: str | None = "make") -> Sighting:
    return Sighting("o", task_id)


def taking(task_id: str, node_id: str, ready: float | None, leased: float | None = None) -> TaskRun:
    """Write down a run that takes the object `o`."""
    return TaskRun(
        task_id,
        "take",
        node_id=node_id,
        arguments_ready=ready,
        leased=leased,
        argument_ids=("o",),
    )


def made(task_id: str, node_id: str | None, ended: float, **more: Any) -> TaskRun:
    """Write down a run that returned the object `o`."""
    outcome = more.pop("outcome", Outcome.FINISHED)
    return TaskRun(
        task_id, "make", node_id=node_id, ended=ended, outcome=outcome, return_ids=("o",), **more
    )


def objects_of(
    sightings: list[Sighting], *runs: TaskRun, gets: tuple[Get, ...] = ()
) -> tuple[StoredObject, ...]:
    made_by = made_here(sightings, runs)
    proofs = proven_copies(runs, gets, "n1", made_by)
    return stored_objects(sightings, runs, made_by, proofs, START_NS, at(END))


def seen(one: Sighting, *runs: TaskRun, gets: tuple[Get, ...] = ()) -> StoredObject:
    (stored,) = objects_of([one], *runs, gets=gets)
    return stored


class TestLooking:
    def test_an_object_without_a_size_is_not_ready(self) -> None:
        one = sighting()
        one.look(set(), None, False, at(1))
        assert not one.is_ready
        assert seen(one).inlined is None

    def test_a_small_object_in_no_store_is_inlined(self) -> None:
        one = sighting()
        one.look(set(), LARGEST_INLINED_BYTES, False, at(1))
        assert seen(one).inlined is True

    def test_a_big_object_in_no_store_is_not_called_inlined(self) -> None:
        one = sighting()
        one.look(set(), SMALLEST_STORED_BYTES, False, at(1))
        assert seen(one).inlined is None

    def test_a_small_object_in_a_store_is_not_inlined(self) -> None:
        one = sighting(task_id=None)
        one.look({"n1"}, 322, False, at(1))
        assert seen(one).inlined is False

    def test_places_are_told_in_the_order_in_which_they_were_seen(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(2))
        assert [(copy.node_id, copy.seen) for copy in seen(one).copies] == [
            ("n2", 1.0),
            ("n1", 2.0),
        ]

    def test_a_stored_object_is_missing_where_it_has_never_been_seen(self) -> None:
        one = sighting()
        assert not one.is_missing_on("n1"), "it does not exist yet"
        one.look({"n1"}, BIG, False, at(1))
        assert one.is_missing_on("n2")
        assert not one.is_missing_on("n1")
        one.look({"n2"}, BIG, False, at(2))
        assert not one.is_missing_on("n1"), "it was there once"

    def test_an_object_in_no_store_is_missing_nowhere(self) -> None:
        one = sighting()
        one.look(set(), 404, False, at(1))
        assert not one.is_missing_on("n1")

    def test_a_lost_copy_keeps_its_place_and_a_new_one_is_another(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look(set(), BIG, False, at(2))
        one.look({"n2"}, BIG, False, at(3))
        assert [(copy.seen, copy.lost) for copy in seen(one).copies] == [(1.0, 2.0), (3.0, None)]
        assert seen(one).inlined is False


class TestMovingCopiesBack:
    def test_a_result_was_there_no_later_than_its_task_s_end_was_told(self) -> None:
        one = sighting()
        one.look({"n1"}, BIG, False, at(1.5))
        assert seen(one, made("make", "n1", 1.25)).copies[0].seen == 1.25
        assert seen(one, made("make", "n1", 1.75)).copies[0].seen == 1.5

    def test_neither_a_failed_attempt_nor_one_elsewhere_proves_a_result(self) -> None:
        one = sighting()
        one.look({"n1"}, BIG, False, at(1.5))
        assert seen(one, made("make", "n1", 0.5, outcome=Outcome.FAILED)).copies[0].seen == 1.5
        assert seen(one, made("make", "n2", 0.5)).copies[1].seen == 1.5
        assert seen(one, made("make", None, 0.5)).copies[0].seen == 1.5

    def test_of_two_places_seen_at_once_the_one_where_it_was_made_comes_first(self) -> None:
        one = sighting()
        one.look({"n1", "n2"}, BIG, False, at(1.5))
        stored = seen(one, made("make", "n2", 1.25))
        assert [copy.node_id for copy in stored.copies] == ["n2", "n1"]

    def test_a_copy_was_there_no_later_than_the_task_was_leased_that_takes_it(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(2))
        assert seen(one, taking("t", "n1", ready=1.0, leased=1.75)).copies[1].seen == 1.75
        assert seen(one, taking("t", "n1", ready=1.0)).copies[1].seen == 2.0

    def test_a_call_of_an_actor_proves_a_copy_by_its_start_alone(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(3))
        call = replace(taking("t", "n1", ready=1.0, leased=1.5), kind=TaskKind.CALL, started=2.5)
        assert seen(one, call).copies[1].seen == 2.5
        assert seen(one, replace(call, started=None)).copies[1].seen == 3.0

    def test_a_task_that_had_it_proves_a_copy_that_nobody_saw(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        copies = seen(one, taking("t", "n3", ready=1.0, leased=1.75)).copies
        assert [(copy.node_id, copy.seen) for copy in copies] == [("n2", 1.0), ("n3", 1.75)]

    def test_a_result_that_went_before_its_place_was_told_lay_where_its_task_ran(self) -> None:
        one = sighting()
        one.look(set(), BIG, False, at(1))
        stored = seen(one, made("make", "n2", 0.5))
        assert stored.inlined is False
        assert [(copy.node_id, copy.seen) for copy in stored.copies] == [("n2", 0.5)]

    def test_nothing_proves_a_copy_of_what_travels_with_its_ref(self) -> None:
        one = sighting()
        one.look({"n1"}, 322, False, at(1))
        runs = made("make", "n2", 0.5), taking("t", "n3", ready=1.0, leased=1.75)
        assert [copy.node_id for copy in seen(one, *runs).copies] == ["n1"]

    def test_what_was_put_lies_in_a_store_however_small(self) -> None:
        one = sighting(task_id=None)
        one.look({"n1"}, 322, False, at(1))
        copies = seen(one, taking("t", "n3", ready=1.0, leased=1.75)).copies
        assert [copy.node_id for copy in copies] == ["n1", "n3"]

    def test_a_copy_was_on_the_driver_s_node_no_later_than_a_get_returned(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(2))
        assert seen(one, gets=(Get("o", 1.0, 1.5),)).copies[1].seen == 1.5
        assert seen(one, gets=(Get("o", 1.0, None),)).copies[1].seen == 2.0

    def test_what_a_get_read_was_on_the_driver_s_node_though_nobody_saw_it_there(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(2))
        copies = seen(one, gets=(Get("o", asked=1.0, returned=3.0),)).copies
        assert [(copy.node_id, copy.seen) for copy in copies] == [("n2", 2.0), ("n1", 3.0)]
        for none in (Get("o", 1.0, None), Get("o", 1.0, 3.0, error="ValueError: no")):
            assert [copy.node_id for copy in seen(one, gets=(none,)).copies] == ["n2"]

    def test_what_a_lost_copy_explains_says_nothing_of_the_next(self) -> None:
        one = sighting()
        one.look({"n1"}, BIG, False, at(1))
        one.look(set(), BIG, False, at(2))
        one.look({"n1"}, BIG, False, at(3))
        stored = seen(one, taking("t", "n1", ready=1.0, leased=1.5))
        assert [copy.seen for copy in stored.copies] == [1.0, 3.0]

    def test_what_was_seen_after_the_end_is_left_out_unless_something_proves_it(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(END + 1))
        one.look({"n2"}, BIG, False, at(END + 2))
        assert [copy.node_id for copy in seen(one).copies] == ["n2"]
        proven = seen(one, gets=(Get("o", 1.0, END),))
        assert [(copy.node_id, copy.lost) for copy in proven.copies] == [("n2", None), ("n1", None)]

    def test_what_was_put_was_there_before_the_end_however_late_it_was_seen(self) -> None:
        one = sighting(task_id=None)
        one.look({"n1"}, BIG, False, at(END + 1))
        assert seen(one).copies[0].seen == END


class TestTransfers:
    @pytest.fixture
    def moved(self) -> Sighting:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look({"n1", "n2"}, BIG, False, at(2))
        return one

    def test_a_place_gained_is_a_transfer_from_the_only_holder(self, moved: Sighting) -> None:
        (transfer,) = transfers([seen(moved)], ())
        assert (transfer.from_node_id, transfer.to_node_id) == ("n2", "n1")
        assert transfer.seen == 2.0
        assert transfer.task_id is None

    def test_of_two_holders_the_sender_is_unknown(self, moved: Sighting) -> None:
        moved.look({"n1", "n2", "n3"}, BIG, False, at(3))
        first, second = transfers([seen(moved)], ())
        assert first.from_node_id == "n2"
        assert (second.from_node_id, second.to_node_id) == (None, "n3")

    def test_places_that_were_seen_at_once_are_no_transfer(self) -> None:
        one = sighting()
        one.look({"n1", "n2"}, BIG, False, at(1))
        assert transfers([seen(one)], ()) == ()

    def test_the_first_task_that_could_ask_for_it_is_the_one_that_needed_it(
        self, moved: Sighting
    ) -> None:
        runs = (
            taking("elsewhere", "n3", ready=0.5),
            taking("later", "n1", ready=1.75),
            taking("first", "n1", ready=1.5),
            taking("too late", "n1", ready=2.5),
            taking("unknown", "n1", ready=None),
        )
        (transfer,) = transfers([seen(moved)], runs)
        assert transfer.task_id == "first"
        (transfer,) = transfers([seen(moved)], runs[3:])
        assert transfer.task_id is None

    def test_an_object_made_again_after_it_was_lost_was_not_transferred(self) -> None:
        one = sighting()
        one.look({"n2"}, BIG, False, at(1))
        one.look(set(), BIG, False, at(2))
        one.look({"n1"}, BIG, False, at(3))
        assert transfers([seen(one)], ()) == ()

    def test_transfers_of_all_objects_are_told_in_the_order_of_time(self, moved: Sighting) -> None:
        earlier = Sighting("other", None)
        earlier.look({"n1"}, BIG, False, at(0.5))
        earlier.look({"n1", "n3"}, BIG, False, at(0.75))
        told = transfers(objects_of([moved, earlier]), ())
        assert [transfer.object_id for transfer in told] == ["other", "o"]

    def test_a_copy_that_was_lost_before_its_task_ran_again_was_lost_by_then(self) -> None:
        one = sighting()
        one.look({"n3"}, BIG, False, at(1))
        one.look({"n2"}, BIG, False, at(5))  # in one look, the one is gone and the other there
        first = made("make", "n3", 0.9, started=0.5)
        again = made("make", "n2", 4.0, attempt=1, started=3.0)
        (stored,) = objects_of([one], first, again)
        assert [(copy.node_id, copy.seen, copy.lost) for copy in stored.copies] == [
            ("n3", 0.9, 3.0),
            ("n2", 4.0, None),
        ]
        assert transfers([stored], [first, again]) == ()

    def test_a_copy_that_outlived_a_second_run_was_lost_when_it_was_seen_to_be(self) -> None:
        one = sighting()  # of two results, the other was lost
        one.look({"n3"}, BIG, False, at(1))
        one.look({"n2", "n3"}, BIG, False, at(5))
        one.look({"n2"}, BIG, False, at(6))
        again = made("make", "n2", 4.0, attempt=1, started=3.0)
        (stored,) = objects_of([one], made("make", "n3", 0.9, started=0.5), again)
        assert stored.copies[0].lost == 6.0


class TestPuts:
    def test_an_id_of_the_driver_s_own_that_nobody_put_is_of_unknown_origin(self) -> None:
        ready = Sighting("ff" * 20 + "01000000" + "0100e1f5", None)
        driver = "ff" * 20 + "01000000"

        def putter() -> str | None:
            (stored,) = stored_objects([ready], (), {}, {}, START_NS, at(END), [driver])
            return stored.put_by

        assert putter() is None
        ready.was_put = True
        assert putter() == DRIVER


class TestEndsOfObjects:
    def test_what_was_released_or_spilled_is_told_with_its_moment(self) -> None:
        one = sighting()
        one.look({"n1"}, BIG, True, at(1))
        one.released_ns = at(2)
        assert (seen(one).spilled, seen(one).released) == (1.0, 2.0)
        one.released_ns = at(END + 1)
        assert seen(one).released is None
