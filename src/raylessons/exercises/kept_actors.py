"""Actors of graders, one of a class on each cluster: a process takes time to start."""

from typing import Any

import ray

from raylessons.cluster import private

_kept: dict[tuple[object, type], Any] = {}  # by cluster


def kept_actor(cls: type) -> Any:
    """Return the actor of a class on this cluster, which is there and takes calls.

    The class has a method `ready`. Answers may end the actor: then another takes its place.
    """
    key = (private.current_cluster(), cls)
    for other in [each for each in _kept if each[0] != key[0]]:
        del _kept[other]  # of a cluster that is gone
    if key not in _kept:
        _kept[key] = ray.remote(num_cpus=0)(cls).remote()
    try:
        ray.get(_kept[key].ready.remote())
    except ray.exceptions.RayActorError:  # an answer has ended it
        _kept[key] = ray.remote(num_cpus=0)(cls).remote()
    return _kept[key]
