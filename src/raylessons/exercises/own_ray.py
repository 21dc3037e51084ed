"""The Ray of a check, which an answer may try to start again, or to shut down."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import ray

from raylessons.cluster import mini
from raylessons.cluster.mini import MiniCluster, mini_cluster
from raylessons.cluster.session import Session


@dataclass
class Asked:
    """What an answer asked of the Ray that it runs on."""

    to_start: bool = False


@contextmanager
def keep_ray(session: Session) -> Iterator[Asked]:
    """Keep the Ray of this process as it is, whatever an answer and its file ask for.

    `ray.init` and `mini_cluster` give what runs, `ray.shutdown` does nothing. All are put back.
    """
    asked = Asked()
    context = ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level="ERROR")

    @wraps(ray.init)
    def init(*_: Any, **__: Any) -> Any:
        asked.to_start = True
        return context

    @wraps(ray.shutdown)
    def shutdown(*_: Any, **__: Any) -> None:
        pass

    @wraps(mini_cluster)
    def cluster() -> MiniCluster:
        asked.to_start = True
        return MiniCluster(session, None)

    package = vars(sys.modules["raylessons"])
    names = vars(ray), vars(mini), package
    before = [dict(each) for each in names]
    names[0].update(init=init, shutdown=shutdown)
    names[1].update(mini_cluster=cluster)
    names[2].update(mini_cluster=cluster)
    try:
        yield asked
    finally:
        for each, kept in zip(names, before, strict=True):
            each.update(kept)
        if "mini_cluster" not in before[2]:
            package.pop("mini_cluster", None)  # the package loads it when it is next asked for
