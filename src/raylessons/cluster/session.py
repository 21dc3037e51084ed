"""Start Ray for a page, or join the reader's own cluster."""

import os
import socket
import time
from dataclasses import asdict, dataclass

import ray

from raylessons.cluster.folders import files_explained
from raylessons.cluster.private import (
    FOR_CLUSTERS,
    on_this_machine_alone,
    start_patiently,
    why_no_cluster_answers,
)
from raylessons.display import write_fact
from raylessons.words import count, escape

STATE_ADDRESS = "RAY_API_SERVER_ADDRESS"
ANSWER_SECONDS = 20.0  # a cluster on a busy machine answers within one


@dataclass(frozen=True)
class Session:
    """The Ray that a page runs on."""

    ray_version: str
    logical_cpus: int
    nodes: int
    joined: bool  # True: the cluster that RAY_ADDRESS names, with the CPUs that it has

    def __repr__(self) -> str:
        nodes = count(self.nodes, "node")
        where = f"joined your cluster of {nodes}" if self.joined else "started on this machine"
        if self.nodes > 1 and not self.joined:
            where = f"{nodes} {where}"
        return f"Ray {self.ray_version}, {count(self.logical_cpus, 'logical CPU')}, {where}"

    def _repr_html_(self) -> str:
        return f'<p class="session" {write_fact("session", asdict(self))}>{escape(repr(self))}</p>'


def start_ray(
    num_cpus: int,
    resources: dict[str, float] | None = None,
    include_dashboard: bool = False,
    object_store_memory: int | None = None,
) -> Session:
    """Start Ray with `num_cpus` logical CPUs, or join the cluster that `RAY_ADDRESS` names.

    A joined cluster keeps the CPUs, resources, stores and Dashboard that it has: ask the session
    for `session.logical_cpus`. `object_store_memory` is the size of the object store in bytes.
    A Ray that this process runs already is shut down first, so that a cell can run again.
    What it starts listens on this machine alone.

    Raises `ValueError` when there would be less than one CPU,
    `ConnectionError` when no cluster answers at `RAY_ADDRESS`, `OSError` with what to do when Ray
    cannot write its files.
    """
    if isinstance(num_cpus, bool) or not isinstance(num_cpus, int) or num_cpus < 1:
        raise ValueError(
            f"num_cpus is {num_cpus!r}: expected a whole number from 1. Pass an int such as 4."
        )
    ray.shutdown()
    address = os.environ.get("RAY_ADDRESS") or "local"
    if address == "local":
        os.environ.pop(STATE_ADDRESS, None)
        # "local" and not None: None would join any cluster that was started on this machine.
        with files_explained(), on_this_machine_alone():
            context = start_patiently(
                lambda: ray.init(
                    address="local",
                    num_cpus=num_cpus,
                    resources=resources,
                    include_dashboard=include_dashboard,
                    object_store_memory=object_store_memory,
                    log_to_driver=False,
                    logging_level="ERROR",
                )
            )
        if include_dashboard:
            # ray.util.state asks RAY_ADDRESS, which may say "local" and name no cluster, or any
            # Ray of this machine, before the one that this process runs.
            os.environ[STATE_ADDRESS] = f"http://{context.dashboard_url}"
    else:
        _require_cluster(address)
        os.environ.pop(FOR_CLUSTERS, None)
        # The cluster's workers import the tasks from this package, which they may not have.
        import raylessons

        ray.init(
            address=address,
            runtime_env={"py_modules": [raylessons]},
            log_to_driver=False,
            logging_level="ERROR",
        )
    return Session(
        ray_version=ray.__version__,
        logical_cpus=count_logical_cpus(),
        nodes=sum(node["Alive"] for node in ray.nodes()),
        joined=address != "local",
    )


def count_logical_cpus() -> int:
    """Return how many logical CPUs the cluster of this driver has."""
    return int(ray.cluster_resources().get("CPU", 0))


def _require_cluster(address: str) -> None:
    """Refuse an address at which no cluster answers: Ray itself would try it for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # "auto", say: Ray looks for the cluster itself
    reason: object
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
        # A server of Ray Clients does not say of which cluster it is.
        is_client = address.startswith("ray://")
        reason = None if is_client else why_no_cluster_answers(address, ANSWER_SECONDS)
    except OSError as error:
        reason = error
    if reason is not None:
        raise ConnectionError(
            f"RAY_ADDRESS is {address!r}: expected a cluster that answers there ({reason}). "
            "Start it, or unset RAY_ADDRESS, and Ray starts on this machine. If it asks for a "
            "token, set RAY_AUTH_MODE=token and let RAY_AUTH_TOKEN be that token."
        )


def warm_up(workers: int | None = None, deadline_seconds: float = 30.0) -> int:
    """Run short tasks until so many workers, or one for each logical CPU, have run one.

    Workers start one by one, and a quick one takes the tasks of those that are not there yet:
    one batch of tasks warms up a few workers only. The deadline ends it where workers do not come.
    Returns how many workers ran a task in the last batch.
    """
    logical_cpus = count_logical_cpus()
    wanted = workers or logical_cpus
    pause = ray.remote(_pause).options(num_cpus=min(1, logical_cpus / wanted))
    seen: set[str] = set()
    end = time.monotonic() + deadline_seconds
    while len(seen) < wanted and time.monotonic() < end:
        seen = set(ray.get([pause.remote() for _ in range(wanted)]))
    return len(seen)


def _pause() -> str:
    time.sleep(0.1)
    worker_id: str = ray.get_runtime_context().get_worker_id()
    return worker_id
