"""Which nodes a program is given, on a cluster of one."""

import pytest
import ray

from raylessons.cluster.nodes import pick_nodes


def test_no_node_is_picked_without_ray() -> None:
    assert not ray.is_initialized()
    with pytest.raises(RuntimeError, match=r"ray\.init"):
        pick_nodes(1)


@pytest.mark.usefixtures("embedded_ray")
def test_a_program_for_three_nodes_gets_the_only_one_three_times() -> None:
    assert pick_nodes(3) == (1, 1, 1)


@pytest.mark.parametrize("count", [0, -2])
def test_less_than_one_node_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"count is {count}: expected one node"):
        pick_nodes(count)
