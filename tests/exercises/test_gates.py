"""Values that come only after an answer has returned."""

from collections.abc import Iterator
from typing import Any

import pytest
import ray

from raylessons.cluster.session import start_ray, warm_up
from raylessons.exercises import gates
from raylessons.exercises.gates import Gate


@pytest.fixture(scope="module", autouse=True)
def one_cpu() -> Iterator[None]:
    start_ray(1)
    warm_up()
    yield
    ray.shutdown()


@pytest.fixture(params=[["one"], ["one", "two"]], ids=len)
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    gate = Gate(request.param)
    yield gate
    gate.close_down()
    assert ray.get(gate.refs) == request.param


def are_there(refs: list[Any]) -> bool:
    # A second, in which a gate that held nothing back would have let them through.
    return not ray.wait(refs, num_returns=len(refs), timeout=1)[1]


def test_values_come_once_the_answer_has_returned(gate: Gate) -> None:
    assert gate.watching(lambda: are_there(gate.refs))() is False
    assert ray.get(gate.refs)
    assert not gate.held_up


def test_an_answer_that_raises_lets_the_values_through(gate: Gate) -> None:
    with pytest.raises(ZeroDivisionError):
        gate.watching(lambda: 1 / 0)()
    assert ray.get(gate.refs)


def test_async_code_has_returned_once_it_was_awaited(gate: Gate) -> None:
    async def answer() -> bool:
        return are_there(gate.refs)

    awaited = gate.watching(answer)()
    assert not are_there(gate.refs)
    with pytest.raises(StopIteration) as end:
        awaited.send(None)
    assert end.value.value is False
    assert ray.get(gate.refs)


def test_who_waits_is_held_up_at_a_line_and_then_let_go(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "OPENS_AFTER_SECONDS", 0.2)

    def answer() -> str:
        return str(ray.get(gate.refs[0]))

    assert gate.watching(answer)() == "one"
    assert gate.held_up
    assert "ray.get(gate.refs[0])" in str(gate.held_at_line)


def test_a_ref_that_is_returned_is_not_taken_for_async_code(gate: Gate) -> None:
    assert gate.watching(lambda: gate.refs[0])() == gate.refs[0]
    assert ray.get(gate.refs)
