"""The process that keeps the nodes of a mini cluster: `python -m raylessons.cluster.keeper`."""

import os
import shutil
import signal
import sys
import traceback
from typing import Any

from raylessons.cluster.private import make_cluster

NODE_COUNT = 3
LOGICAL_CPUS_PER_NODE = 2
# Ray's least is 75 MB. Six arrays of 2,000,000 elements fit.
OBJECT_STORE_BYTES = 100_000_000
HEAD_NODE = {
    "include_dashboard": False,
    "dashboard_port": None,  # any that is free
    "_system_config": {
        # Records come at once, so that leaving a recording takes no second.
        "task_events_report_interval_ms": 100,
        # What is left of a killed cluster gives up after this, not after a minute.
        "gcs_rpc_server_reconnect_timeout_s": 5,
    },
}


def keep_nodes() -> None:
    """Keep a cluster until the input ends, which it does when whoever started it is gone.

    Each line of input is the number of a node to remove.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Ray's own prints are no answers
    try:
        cluster = make_cluster()
        nodes = {
            number: cluster.add_node(
                node_name=f"node-{number}",
                num_cpus=LOGICAL_CPUS_PER_NODE,
                object_store_memory=OBJECT_STORE_BYTES,
                **(HEAD_NODE if number == 1 else {}),
            )
            for number in range(1, NODE_COUNT + 1)
        }
        print("ready", file=answers)
        for line in sys.stdin:
            print(_remove(cluster, nodes, int(line)), file=answers)
        cluster.shutdown()
        shutil.rmtree(os.environ["RAY_TMPDIR"], ignore_errors=True)
    except Exception:  # whatever it is: after the kill below, nothing would print it
        traceback.print_exc()
    finally:
        os.killpg(0, signal.SIGKILL)  # this process, and what of Ray's may be left beside it


def _remove(cluster: Any, nodes: dict[int, Any], number: int) -> str:
    """Remove a node, or return why not."""
    if number == 1:
        return "number is 1: the driver is on node 1. Pass 2 or 3."
    if number not in nodes:
        return f"number is {number}: the nodes are {sorted(nodes)}. Pass one of them, but not 1."
    cluster.remove_node(nodes.pop(number))
    return ""


if __name__ == "__main__":
    keep_nodes()
