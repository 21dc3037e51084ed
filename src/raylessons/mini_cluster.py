"""A real cluster of three nodes on this machine, for the lessons that need more than one."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

NODE_COUNT = 3
LOGICAL_CPUS_PER_NODE = 2
# Ray's least is 75 MB. Six arrays of 2,000,000 elements fit.
OBJECT_STORE_BYTES = 100_000_000
ANSWER_SECONDS = 120
STOP_SECONDS = 30
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


class MiniCluster:
    """Three nodes of two logical CPUs each, kept by a process of their own, and this driver.

    The process that keeps them has a main thread, as Ray's own signal handlers need, has the
    login token in its environment before it imports Ray, and outlives a killed kernel by the
    moment that it takes to clear the nodes away.
    """

    def __init__(self, keeper: "subprocess.Popen[str]", address: str) -> None:
        self._keeper = keeper
        self.address = address

    def remove_node(self, number: int) -> None:
        """Shut the node of that number down in good order: it says goodbye before it goes.

        Raises `ValueError` for node 1, which is the driver's, and for a node that is not there.
        """
        if self._keeper.poll() is not None or self._keeper.stdin is None:
            raise RuntimeError("The cluster has stopped. Start another with mini_cluster().")
        self._keeper.stdin.write(f"{number}\n")
        self._keeper.stdin.flush()
        refusal = _read_line(self._keeper)
        if refusal:
            raise ValueError(refusal)

    def stop(self) -> None:
        """Leave the cluster and end all its processes. To stop it twice does no harm."""
        if ray.is_initialized() and ray.get_runtime_context().gcs_address == self.address:
            ray.shutdown()
        _end(self._keeper)

    def __enter__(self) -> "MiniCluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def mini_cluster() -> MiniCluster:
    """Start three nodes on this machine and join them as a driver.

        with mini_cluster():
            ...

    A notebook that spans cells says `cluster = mini_cluster()` and ends with `cluster.stop()`.
    The nodes are gone after either, and also a moment after this process is killed.

    Raises `RuntimeError` where Ray is running here already, or when no cluster comes up.
    """
    if ray.is_initialized():
        raise RuntimeError("Ray is running here already. Call ray.shutdown() first.")
    directory = Path(tempfile.mkdtemp(prefix="ray-", dir=os.environ.get("RAY_TMPDIR")))
    log = directory / "mini_cluster.log"
    with log.open("w") as errors:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "raylessons.mini_cluster"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # what interrupts a notebook must not reach the nodes
            env={"RAY_AUTH_MODE": "token"} | os.environ | {"RAY_TMPDIR": str(directory)},
        )
    try:
        address = _read_line(keeper)
        _join(directory)
    except BaseException as error:
        said = log.read_text()[-2000:] if log.exists() else ""
        _end(keeper)
        raise RuntimeError(f"No cluster came up. What kept it said: {said}") from error
    return MiniCluster(keeper, address)


def _join(directory: Path) -> None:
    """Join as a driver the cluster that keeps its files in the directory.

    Ray presents the login token only to a cluster that it found by itself, not by an address.
    """
    elsewhere = os.environ.pop("RAY_ADDRESS", None)
    try:
        ray.init(
            address="auto",
            _temp_dir=str(directory / "ray"),
            logging_level="error",
            log_to_driver=False,
        )
    finally:
        if elsewhere is not None:
            os.environ["RAY_ADDRESS"] = elsewhere


def _read_line(keeper: "subprocess.Popen[str]") -> str:
    assert keeper.stdout is not None
    answered, _, _ = select.select([keeper.stdout], [], [], ANSWER_SECONDS)
    line = keeper.stdout.readline() if answered else ""
    if not line:
        raise RuntimeError(f"The process that keeps the nodes gave no answer ({keeper.poll()=}).")
    return line.strip()


def _end(keeper: "subprocess.Popen[str]") -> None:
    """Close its input, which asks it to clear away; kill it and all of its own if it does not."""
    if keeper.stdin is not None:
        keeper.stdin.close()
    try:
        keeper.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()
    if keeper.stdout is not None:
        keeper.stdout.close()


def _keep_nodes() -> None:
    """Keep a cluster until the input ends, which it does when who started it is gone.

    Each line of input is the number of a node to remove.
    """
    directory = os.environ["RAY_TMPDIR"]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Ray's own prints are no answers
    try:
        _ensure_token()
        cluster = Cluster()
        nodes = {
            number: cluster.add_node(
                node_name=f"node-{number}",
                num_cpus=LOGICAL_CPUS_PER_NODE,
                object_store_memory=OBJECT_STORE_BYTES,
                **(HEAD_NODE if number == 1 else {}),
            )
            for number in range(1, NODE_COUNT + 1)
        }
        print(cluster.address, file=answers)
        for line in sys.stdin:
            print(_remove(cluster, nodes, int(line)), file=answers)
        cluster.shutdown()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)  # this process and whatever of Ray's is left beside it


def _remove(cluster: Cluster, nodes: dict[int, Any], number: int) -> str:
    """Remove a node, or return why not."""
    if number == 1:
        return "number is 1: the driver is on node 1. Pass 2 or 3."
    if number not in nodes:
        return f"number is {number}: the nodes are {sorted(nodes)}. Pass one of them, but not 1."
    cluster.remove_node(nodes.pop(number))
    return ""


def _ensure_token() -> None:
    """Make the login token that Ray makes for `ray.init()`, where this user has none yet.

    Private to Ray: `Cluster` makes none, and with none its nodes do not come up.
    """
    ray._private.authentication.authentication_token_setup.ensure_token_if_auth_enabled()


if __name__ == "__main__":
    _keep_nodes()
