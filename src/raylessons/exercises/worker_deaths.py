"""Workers that die under an answer, as its exercise wants them to."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import ray

from raylessons.cluster import private

WORKER_DEATHS = (ray.exceptions.WorkerCrashedError, ray.exceptions.RayActorError)


@contextmanager
def deaths_untold(are_due: bool) -> Iterator[None]:
    """Print nothing of workers that die, nor of tasks that Ray then tries again."""
    with ExitStack() as stack:
        if are_due:
            stack.callback(private.hush_reports())
            stack.enter_context(private.deaths_untold())
        yield
