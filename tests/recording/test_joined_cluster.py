"""That a cluster which others started is recorded, too: `ray start`, then join by its address."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from raylessons.cluster.private import FOR_CLUSTERS

DRIVER = """
import json, sys
import ray
from raylessons.cluster.nodes import cluster_nodes, on_node
from raylessons.recording.recorder import record
from raylessons.workloads import add_arrays, make_array

ray.init(address=sys.argv[1], log_to_driver=False, logging_level="ERROR")
make, add = ray.remote(make_array), ray.remote(add_arrays)
there = cluster_nodes()[1].number
for _ in range(2):  # the first makes the workers start
    with record() as recording:
        left = make.options(scheduling_strategy=on_node(1)).remote(2_000_000, 0)
        right = make.options(scheduling_strategy=on_node(there)).remote(2_000_000, 0)
        ray.get(add.options(scheduling_strategy=on_node(1)).remote(left, right, 0))
trace = recording.trace
nodes = {node.node_id: node.number for node in trace.nodes}
print(json.dumps({
    "names": [run.name for run in trace.task_runs],
    "nodes": [nodes[run.node_id] for run in trace.task_runs],
    "phases": [len(run.phases) for run in trace.task_runs],
    "moved": [[nodes[t.from_node_id], nodes[t.to_node_id]] for t in trace.transfers],
    "needs": len(trace.arguments(trace.task("add_arrays"))),
}))
"""

RAY = str(Path(sys.executable).with_name("ray"))
START = (RAY, "start", "--block", "--num-cpus=2", "--object-store-memory=100000000")
HEAD = ("--head", "--include-dashboard=false", "--dashboard-agent-listen-port=0", "--port=0")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Give programs a short directory and a login token of their own."""
    base = os.environ.get("RAY_TMPDIR", "/tmp")
    with tempfile.TemporaryDirectory(prefix="ray-", dir=base) as directory:
        kept = {name: value for name, value in os.environ.items() if name != FOR_CLUSTERS}
        yield {
            **kept,
            "RAY_TMPDIR": directory,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
        }


@pytest.fixture
def address(environment: dict[str, str]) -> Iterator[str]:
    """Start two nodes by `ray start`, each in a process of its own; end them by their ids."""
    nodes: list[subprocess.Popen[str]] = []

    def start(*options: str) -> str:
        node = subprocess.Popen(
            [*START, *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        nodes.append(node)
        said = []
        assert node.stdout is not None
        for line in node.stdout:
            said.append(line)
            if "--block" in line:  # it says that it stays, now that the node is up
                return "".join(said)
        raise AssertionError("".join(said))

    try:
        said = start(*HEAD)
        address = said.split("--address='")[1].split("'")[0]
        start(f"--address={address}")
        yield address
    finally:
        for node in reversed(nodes):  # the head last: a node says goodbye to it
            node.send_signal(signal.SIGTERM)
            node.communicate(timeout=60)


def test_a_cluster_of_ray_start_tells_the_same_story(
    address: str, environment: dict[str, str]
) -> None:
    driver = subprocess.run(
        [sys.executable, "-c", DRIVER, address],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert driver.returncode == 0, driver.stderr
    assert json.loads(driver.stdout) == {
        "names": ["make_array", "make_array", "add_arrays"],
        "nodes": [1, 2, 1],
        "phases": [3, 3, 3],
        "moved": [[2, 1]],
        "needs": 2,
    }
