"""All that is private to Ray, and no other module may use: when Ray changes, this file changes.

What it hands out are plain records and plain functions. Each part says why Ray's public ways do
not do, and has a test that fails when Ray changes it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.actor import ActorMethod
from ray.core.generated.common_pb2 import ErrorType, TaskStatus, TaskType
from ray.experimental import get_local_object_locations
from ray.remote_function import RemoteFunction

RAISED = "TASK_EXECUTION_EXCEPTION"  # the kind of error of a task whose own code raised
# An object's id is its task's, then four bytes that count the task's results from 1, and what
# the task put from here.
_FIRST_PUT_INDEX = 100_000_000
_INDEX_DIGITS = 8  # in hexadecimal
# Ray's id of a driver's task is twenty bytes of ones and the job's four.
_DRIVER_TASK = b"\xff" * 20


@dataclass(frozen=True)
class TaskEvent:
    """What Ray has told so far of one attempt at one task; moments are nanoseconds since 1970."""

    task_id: str
    attempt: int = 0
    name: str = ""
    parent_task_id: str | None = None  # None: a driver, or not told
    node_id: str | None = None
    worker_id: str | None = None
    worker_pid: int | None = None
    states_ns: Mapping[str, int] = field(default_factory=dict)  # when it came into each state
    spans_ns: tuple[tuple[str, int, int], ...] = ()  # the worker's: name, start and end
    error_kind: str | None = None  # Ray's name for it, such as WORKER_DIED
    error_message: str = ""


@dataclass(frozen=True)
class ObjectLocation:
    """Where the owner of an object knows it to be, and how big; `None` until it exists."""

    node_ids: frozenset[str]
    size_bytes: int | None


def read_task_events(job_id: str) -> list[TaskEvent]:
    """Return what has reached the Global Control Service of the tasks of a job, not its driver's.

    `ray.util.state.list_tasks` tells the same, and needs the Dashboard; `ray.timeline()` needs
    none, and tells neither the node nor the waiting.
    """
    job = bytes.fromhex(job_id)
    return [
        _task_event(told)
        for told in ray._private.state.state._get_all_task_events()
        if told.job_id == job and told.task_info.type != TaskType.DRIVER_TASK
    ]


def locate_objects(refs: Iterable[Any]) -> dict[Any, ObjectLocation]:
    """Return where this process, the owner of the refs, knows their objects to be.

    It asks no other process, and takes some 20 microseconds; no public call tells it.
    """
    return {
        ref: ObjectLocation(frozenset(told["node_ids"]), told["object_size"])
        for ref, told in get_local_object_locations(list(refs)).items()
    }


def returning_task(object_id: str) -> str | None:
    """Return the task of which the object is a result, or `None` for one that was put."""
    index = int.from_bytes(bytes.fromhex(object_id[-_INDEX_DIGITS:]), "little")
    return None if index > _FIRST_PUT_INDEX else object_id[:-_INDEX_DIGITS]


# What `.remote()` and `.options(...).remote()` both call: Ray has no hook for a submission.
_REMOTES = {owner: owner._remote for owner in (RemoteFunction, ActorMethod)}


def replace_remotes(replacement: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Let every `.remote()` of this process go through what `replacement` makes of Ray's own."""
    for owner, remote in _REMOTES.items():
        owner._remote = replacement(remote)


def restore_remotes() -> None:
    """Let every `.remote()` be Ray's own again."""
    for owner, remote in _REMOTES.items():
        owner._remote = remote


def remotes_are_ours() -> bool:
    """Tell whether a `.remote()` is replaced at the moment."""
    return any(owner._remote is not remote for owner, remote in _REMOTES.items())


def make_cluster() -> Any:
    """Make a cluster without nodes on this machine: `ray.cluster_utils.Cluster`.

    It makes no login token, without which its nodes do not come up, so one is made as
    `ray.init()` would. Its import resets a terminal's colours when the process ends, and so
    waits until it is wanted.
    """
    from ray._private.authentication.authentication_token_setup import ensure_token_if_auth_enabled
    from ray.cluster_utils import Cluster

    ensure_token_if_auth_enabled()
    return Cluster()


def _task_event(told: Any) -> TaskEvent:
    update = told.state_updates
    parent = told.task_info.parent_task_id
    error = update.error_info if update.HasField("error_info") else None
    return TaskEvent(
        task_id=told.task_id.hex(),
        attempt=told.attempt_number,
        name=told.task_info.name,
        parent_task_id=parent.hex() if parent and not parent.startswith(_DRIVER_TASK) else None,
        node_id=update.node_id.hex() or None,
        worker_id=update.worker_id.hex() or None,
        worker_pid=update.worker_pid or None,
        states_ns={TaskStatus.Name(state): at for state, at in update.state_ts_ns.items()},
        spans_ns=tuple(
            (span.event_name, span.start_time, span.end_time) for span in told.profile_events.events
        ),
        error_kind=None if error is None else ErrorType.Name(error.error_type),
        error_message="" if error is None else error.error_message,
    )
