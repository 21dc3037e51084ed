"""That listening to what a program asks of Ray changes nothing for the program."""

from typing import Any

import pytest
import ray

from raylessons.cluster.private import remotes_are_ours
from raylessons.recording.calls import overhear
from raylessons.workloads import noop

echo = ray.remote(noop)
GET = ray.get


class Notes:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.submissions: list[tuple[list[Any], list[Any]]] = []
        self.gets: list[tuple[list[Any], bool]] = []

    def hear_submission(self, arguments: list[Any], returned: list[Any]) -> None:
        self.submissions.append((arguments, returned))

    def hear_get(self, refs: list[Any], asked_ns: int, returned_ns: int | None) -> None:
        self.gets.append((refs, returned_ns is not None and returned_ns >= asked_ns))


@ray.remote
class Echo:
    def say(self, value: object) -> object:
        return value


@pytest.mark.usefixtures("embedded_ray")
class TestOverhearing:
    def test_every_way_to_submit_is_heard(self) -> None:
        """Fails loudly where a Ray of the future submits in another way."""
        notes = Notes()
        with overhear(notes):
            actor = Echo.remote()
            one = echo.remote(1)
            two = echo.options(name="two").remote(one)
            three = actor.say.remote(value=two)
            four = actor.say.options(name="four").remote(three)
        assert notes.submissions == [
            ([], [one]),
            ([one], [two]),
            ([two], [three]),
            ([three], [four]),
        ]
        assert ray.get(four) == 1

    def test_a_get_gives_what_it_gave_before_and_is_heard(self) -> None:
        notes = Notes()
        first, second = echo.remote(1), echo.remote(2)
        with overhear(notes):
            assert ray.get(first) == 1
            assert ray.get([first, second], timeout=60) == [1, 2]
        assert notes.gets == [([first], True), ([first, second], True)]

    def test_a_get_that_raises_raises_and_is_heard(self) -> None:
        notes = Notes()
        with overhear(notes), pytest.raises(TypeError, match="missing a required argument"):
            ray.get(echo.remote())
        with overhear(notes), pytest.raises(ValueError, match="Invalid type"):
            ray.get(42)
        with overhear(notes), pytest.raises(ray.exceptions.RayTaskError):
            ray.get(echo.options(num_returns=2).remote(None))
        ((_, failed),) = notes.submissions
        assert notes.gets == [([], False), (failed, True)]

    def test_nothing_is_heard_or_replaced_outside(self) -> None:
        outer, inner = Notes(), Notes()
        with overhear(outer):
            with overhear(inner):
                assert remotes_are_ours()
                echo.remote(1)
            echo.remote(2)
        echo.remote(3)
        assert len(outer.submissions) == 2
        assert len(inner.submissions) == 1
        assert ray.get is GET
        assert not remotes_are_ours()

    def test_two_listeners_may_leave_in_any_order(self) -> None:
        first, second = overhear(Notes()), overhear(Notes())
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
        assert ray.get is GET
        assert not remotes_are_ours()
