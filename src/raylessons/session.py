"""Start Ray for a page, or join the reader's own cluster."""

import html
import json
import os
from dataclasses import dataclass

import ray


@dataclass(frozen=True)
class Session:
    """The Ray that a page runs on."""

    ray_version: str
    logical_cpus: int
    nodes: int
    joined: bool  # True: the cluster that RAY_ADDRESS names, with the CPUs that it has

    def __repr__(self) -> str:
        where = (
            f"joined your cluster of {self.nodes} node{'s' if self.nodes > 1 else ''}"
            if self.joined
            else "started on this machine"
        )
        plural = "s" if self.logical_cpus != 1 else ""
        return f"Ray {self.ray_version}, {self.logical_cpus} logical CPU{plural}, {where}"

    def _repr_html_(self) -> str:
        record = html.escape(json.dumps(self.__dict__))
        return f'<p class="session" data-session="{record}">{html.escape(repr(self))}</p>'


def start_ray(num_cpus: int) -> Session:
    """Start Ray with `num_cpus` logical CPUs, or join the cluster that `RAY_ADDRESS` names.

    A joined cluster keeps the CPUs that it has: ask the session, `session.logical_cpus`.
    A Ray that this process runs already is shut down first, so that a cell can run again.

    Raises `ValueError` when there would be less than one CPU,
    `ConnectionError` when no cluster answers at `RAY_ADDRESS`.
    """
    if isinstance(num_cpus, bool) or not isinstance(num_cpus, int) or num_cpus < 1:
        raise ValueError(
            f"num_cpus is {num_cpus!r}: expected a whole number from 1. Pass an int such as 4."
        )
    ray.shutdown()
    address = os.environ.get("RAY_ADDRESS") or "local"
    if address == "local":
        # "local" and not None: None would join any cluster that was started on this machine.
        ray.init(
            address="local",
            num_cpus=num_cpus,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
        )
    else:
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
        logical_cpus=int(ray.cluster_resources().get("CPU", 0)),
        nodes=sum(node["Alive"] for node in ray.nodes()),
        joined=address != "local",
    )
