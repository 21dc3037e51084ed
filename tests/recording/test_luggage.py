"""What remote functions take along."""

import pytest
import ray

from raylessons.recording.luggage import Luggage, hex_ids


@pytest.mark.usefixtures("embedded_ray")
class TestLuggage:
    def test_a_ref_used_deep_in_a_function_is_taken_along(self) -> None:
        ref, other = ray.put(1), ray.put(2)

        @ray.remote
        def takes() -> list[int]:
            held = {"deep": [ref]}
            return [ray.get(each) for each in (*held["deep"], other)]

        luggage = Luggage()
        luggage.check_cluster()
        assert set(luggage.ids_of(takes, ())) == set(hex_ids((ref, other)))

    def test_a_name_that_changes_later_changes_nothing_that_is_serialized(self) -> None:
        first, second = ray.put(1), ray.put(2)
        held = [first]

        @ray.remote
        def takes() -> int:
            number: int = ray.get(held[0])
            return number

        luggage = Luggage()
        luggage.check_cluster()
        before = luggage.ids_of(takes, ())
        held[0] = second
        luggage.check_cluster()
        assert luggage.ids_of(takes, ()) == before == hex_ids((first,))

    def test_an_actor_s_methods_take_along_what_is_around_them(self) -> None:
        ref = ray.put(1)

        @ray.remote
        class Takes:
            def number(self) -> int:
                number: int = ray.get(ref)
                return number

        assert Luggage().ids_of(Takes, ()) == hex_ids((ref,))
