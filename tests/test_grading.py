"""What grading does with answers that hang, flood, die, or take Ray with them."""

import pytest
import ray

from raylessons.exercises import find_exercise
from raylessons.session import start_ray


def test_an_answer_that_ends_ray_is_told_so_and_ray_can_start_again() -> None:
    def shuts_ray_down(square: object, numbers: object, deadline_seconds: object) -> None:
        ray.shutdown()

    start_ray(1)
    try:
        verdict = find_exercise(7).grade(shuts_ray_down)
        assert (verdict.mistake, verdict.graded) == ("ray-lost", False)
        start_ray(1)
    finally:
        ray.shutdown()


def test_grading_without_ray_says_to_start_it() -> None:
    assert not ray.is_initialized()
    with pytest.raises(RuntimeError, match=r"ray\.init"):
        find_exercise(7).grade(lambda square, numbers, deadline_seconds: [])
