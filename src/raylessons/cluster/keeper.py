"""The process that keeps the nodes of a mini cluster: `python -m raylessons.cluster.keeper`."""

import json
import os
import shutil
import signal
import sys
import traceback
from typing import Any

from raylessons.cluster.folders import files_explained
from raylessons.cluster.private import (
    kill_processes,
    make_cluster,
    on_this_machine_alone,
    silence_node,
    start_patiently,
)

NODE_COUNT = 3
LOGICAL_CPUS_PER_NODE = 2
# Ray's least is 75 MB. Six arrays of 2,000,000 elements fit.
OBJECT_STORE_BYTES = 100_000_000
HEAD_NODE: dict[str, Any] = {
    "include_dashboard": False,
    "dashboard_port": None,  # any that is free
    "_system_config": {
        # Records come at once, so that leaving a recording takes no second.
        "task_events_report_interval_ms": 100,
        # What is left of a killed cluster gives up after this, not after a minute.
        "gcs_rpc_server_reconnect_timeout_s": 5,
    },
}


def keep_nodes(system_config: dict[str, Any]) -> None:
    """Keep a cluster until the input ends, which it does when whoever started it is gone.

    Each line of input says what to do with a node: `remove 2`, `kill 2`, `silence 2` or `add 4`.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Ray's own prints are no answers
    nodes = _Nodes(system_config)
    try:
        for number in range(1, NODE_COUNT + 1):
            nodes.add(number)
        print("ready", file=answers)
        for line in sys.stdin:
            deed, number_text = line.split()
            print(nodes.do(deed, int(number_text)), file=answers)
        nodes.end()
        shutil.rmtree(os.environ["RAY_TMPDIR"], ignore_errors=True)
    except Exception:  # whatever it is: after the kill below, nothing would print it
        traceback.print_exc()
    finally:
        nodes.kill_silent()
        os.killpg(0, signal.SIGKILL)  # this process, and what of Ray's may be left beside it


class _Nodes:
    """The nodes of a cluster by their number, the first of them the head."""

    def __init__(self, system_config: dict[str, Any]) -> None:
        self._cluster = make_cluster()
        self._system_config = {**HEAD_NODE["_system_config"], **system_config}
        self._nodes: dict[int, Any] = {}
        self._silent: dict[int, list[Any]] = {}  # processes

    def add(self, number: int) -> None:
        """Start the node of that number."""
        head_only = {**HEAD_NODE, "_system_config": self._system_config} if number == 1 else {}
        with files_explained(), on_this_machine_alone():
            self._nodes[number] = start_patiently(
                lambda: self._cluster.add_node(
                    node_name=f"node-{number}",
                    num_cpus=LOGICAL_CPUS_PER_NODE,
                    object_store_memory=OBJECT_STORE_BYTES,
                    **head_only,
                )
            )

    def do(self, deed: str, number: int) -> str:
        """Do that to a node, or return why not."""
        if deed == "add":
            self.add(number)
        elif number == 1:
            return "number is 1: the driver is on node 1. Pass 2 or 3."
        elif number not in self._nodes:
            numbers = sorted(self._nodes)
            return f"number is {number}: the nodes are {numbers}. Pass one of them, but not 1."
        elif deed == "silence":
            self._silent[number] = silence_node(self._nodes[number])
        else:
            kill_processes(self._silent.pop(number, ()))
            self._cluster.remove_node(self._nodes.pop(number), allow_graceful=deed == "remove")
        return ""

    def kill_silent(self) -> None:
        """Kill what has been silenced, which cannot end by itself."""
        for processes in self._silent.values():
            kill_processes(processes)

    def end(self) -> None:
        """End all nodes in good order."""
        self.kill_silent()
        self._cluster.shutdown()


if __name__ == "__main__":
    keep_nodes(json.loads(sys.argv[1]))
