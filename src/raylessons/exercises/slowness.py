"""How slow the machine is at the moment: a deadline is for the answer, and not for the machine."""

import time

import ray

from raylessons.cluster.nodes import require_ray

START_SECONDS = 60.0  # a worker has started within this, on a busy machine too
QUIET_SECONDS = 0.02  # a small task takes a tenth of that on a quiet machine with a worker
MOST = 5.0


def measure_slowness() -> float:
    """Tell how many times longer than on a quiet machine a small task takes now: from 1 to 5.

    A first task waits for a worker, where none has started yet.
    Raises `RuntimeError` where Ray is not running.
    """
    require_ray()
    nothing = ray.remote(num_cpus=0)(_nothing)
    try:
        ray.get(nothing.remote(), timeout=START_SECONDS)
        began = time.perf_counter()
        ray.get(nothing.remote(), timeout=MOST * QUIET_SECONDS)
    except ray.exceptions.RayError:
        return MOST
    return max(1.0, (time.perf_counter() - began) / QUIET_SECONDS)


def _nothing() -> None:
    pass
