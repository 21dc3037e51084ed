"""Which nodes a cluster has, what the pages call them, and how to send a task to one."""

from itertools import cycle, islice
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from raylessons.trace.records import Node


def ray_nodes() -> list[dict[str, Any]]:
    """Return what Ray tells of every node, alive or gone: `ray.nodes()`, with a type."""
    nodes: list[dict[str, Any]] = ray.nodes()
    return nodes


def require_ray() -> None:
    """Raise `RuntimeError`, saying what to do, where no driver of this process has joined Ray."""
    if not ray.is_initialized():
        raise RuntimeError("Ray is not running here. Call ray.init() first, then try again.")
    if ray.util.client.ray.is_connected():
        raise RuntimeError(
            "This program is a Ray Client (its address starts with ray://), which cannot see "
            "where things happen. Run it on a machine of the cluster, or join by "
            "ray.init(address='auto')."
        )


def cluster_nodes() -> tuple[Node, ...]:
    """Return the nodes that are alive, the driver's own first, the others by name, then id.

    A node that is gone keeps its number, so that the others keep theirs.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    own = ray.get_runtime_context().get_node_id()
    nodes = sorted(
        ray_nodes(), key=lambda node: (node["NodeID"] != own, node["NodeName"], node["NodeID"])
    )
    return tuple(
        Node(
            node_id=node["NodeID"],
            number=number,
            logical_cpus=node["Resources"].get("CPU", 0.0),
            is_driver_node=node["NodeID"] == own,
        )
        for number, node in enumerate(nodes, start=1)
        if node["Alive"]
    )


def pick_nodes(count: int) -> tuple[int, ...]:
    """Return the numbers of `count` nodes that have room for a task, the driver's own first.

    Where fewer have, some come twice: a program for three nodes then runs on one.

    Raises `ValueError` for a count below one, `RuntimeError` without Ray or without a logical CPU.
    """
    if count < 1:
        raise ValueError(f"count is {count!r}: expected one node at least. Pass an int such as 3.")
    roomy = [node.number for node in cluster_nodes() if node.logical_cpus >= 1]
    if not roomy:
        raise RuntimeError("This cluster has no logical CPU. Add a node that has one.")
    return tuple(islice(cycle(roomy), count))


def on_node(number: int) -> Any:
    """Return the scheduling strategy that sends a task to the node of that number.

    Use it as `make_array.options(scheduling_strategy=on_node(2)).remote(20)`. The affinity is
    soft: where the node has gone, or is too small for what the task asks, the task runs elsewhere
    and does not fail; where it is full, the task waits until it has room.

    Raises `ValueError` where the cluster has no such node, `RuntimeError` without Ray.
    """
    nodes = {node.number: node for node in cluster_nodes()}
    if number not in nodes:
        raise ValueError(
            f"number is {number!r}: the nodes of this cluster are {sorted(nodes)}. "
            "Pass one of them, or use a cluster with more nodes."
        )
    return NodeAffinitySchedulingStrategy(nodes[number].node_id, soft=True)
