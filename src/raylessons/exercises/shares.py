"""Give tasks a share of a CPU each, so that they run side by side however many CPUs Ray has."""

import math
from collections.abc import Callable
from typing import Any

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.cluster.session import Session, warm_up
from raylessons.schedule import CPU_GRAIN


def side_by_side(function: Callable[..., Any], tasks: int) -> Any:
    """Make a remote function of which `tasks` run at once, however many CPUs Ray has.

    Each asks for a small share of a CPU: the functions of the exercises sleep. Workers for them
    are started, so that none is late.

    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    cpus = int(ray.cluster_resources().get("CPU", 1))
    warm_up(Session(ray.__version__, cpus, nodes=1, joined=True), workers=tasks)
    share = math.floor(min(1.0, cpus / tasks) * CPU_GRAIN) / CPU_GRAIN
    return ray.remote(num_cpus=share)(function)
