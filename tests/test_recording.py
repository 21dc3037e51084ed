"""What a recording tells of a real Ray."""

import pytest
import ray

from raylessons.recording import record
from raylessons.trace import Outcome
from raylessons.workloads import add_arrays, make_array, noop

ELEMENTS = 2_000_000  # 16 MB: far too much to be sent with a ref


def test_recording_without_ray_says_to_start_it() -> None:
    assert not ray.is_initialized()
    with pytest.raises(RuntimeError, match=r"ray\.init"), record():
        pass


@pytest.mark.usefixtures("embedded_ray")
class TestOnAnEmbeddedRay:
    def test_a_chain_comes_back_with_its_runs_refs_and_arguments(self) -> None:
        make, add = ray.remote(make_array), ray.remote(add_arrays)
        with record() as recording:
            left = make.remote(ELEMENTS, seconds_per_element=0)
            right = make.remote(ELEMENTS, seconds_per_element=0)
            total = add.remote(left, right, seconds_per_element=0)
            ray.get(total)
        trace = recording.trace

        assert [run.name for run in trace.task_runs] == ["make_array", "make_array", "add_arrays"]
        assert all(run.outcome is Outcome.FINISHED for run in trace.task_runs)
        assert trace.task_runs[2].argument_ids == (left.hex(), right.hex())
        assert [stored.label for stored in trace.objects] == ["ref1", "ref2", "ref3"]
        assert [stored.object_id for stored in trace.objects] == [
            ref.hex() for ref in (left, right, total)
        ]
        assert all(len(stored.copies) == 1 for stored in trace.objects)

    def test_tasks_of_before_and_after_stay_out(self) -> None:
        echo = ray.remote(noop)
        ray.get(echo.options(name="before").remote(1))
        with record() as recording:
            ray.get(echo.options(name="inside").remote(1))
        ray.get(echo.options(name="after").remote(1))

        assert [run.name for run in recording.trace.task_runs] == ["inside"]

    def test_the_trace_is_refused_while_recording(self) -> None:
        with record() as recording, pytest.raises(RuntimeError, match="after the `with record"):
            _ = recording.trace
