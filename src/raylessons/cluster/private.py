"""All that is private to Ray, and no other module may use: when Ray changes, this file changes.

What it hands out are plain records and plain functions. Each part says why Ray's public ways do
not do, and has a test that fails when Ray changes it.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import grpc
import ray
from ray import ObjectRefGenerator
from ray._private import ray_constants
from ray._private.gcs_utils import create_gcs_channel
from ray._private.internal_api import get_memory_info_reply
from ray._private.serialization import SerializationContext
from ray._private.worker import Worker
from ray.actor import ActorClass, ActorMethod
from ray.core.generated.common_pb2 import ErrorType, TaskStatus, TaskType
from ray.core.generated.gcs_pb2 import ActorTableData
from ray.core.generated.gcs_service_pb2 import EQUAL, GetClusterIdRequest, GetTaskEventsRequest
from ray.core.generated.gcs_service_pb2_grpc import NodeInfoGcsServiceStub, TaskInfoGcsServiceStub
from ray.experimental import get_local_object_locations
from ray.experimental.internal_kv import (
    _internal_kv_del,
    _internal_kv_get,
    _internal_kv_list,
    _internal_kv_put,
)
from ray.remote_function import RemoteFunction

from raylessons.words import times

FOR_CLUSTERS: str = ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR
RPC_SECONDS = 60.0  # a hundred thousand records take a few
DEATH = "A worker died or was killed"  # how the warning begins
DEATH_SECONDS = 0.5  # in which it comes, if it does
RAISED = "TASK_EXECUTION_EXCEPTION"  # the kind of error of a task whose own code raised
# An object's id is its task's, then four bytes that count the task's results from 1, and what
# the task put from here.
_FIRST_PUT_INDEX = 100_000_000
_INDEX_DIGITS = 8  # in hexadecimal
# Ray's id of a driver's task is twenty bytes of ones and the job's four.
_DRIVER_TASK = b"\xff" * 20
_NO_TASK = "ff" * 8  # and the id of a task that makes an actor begins so
# What Ray raises, a bare Exception, where a node has not come up within 30 seconds.
_STARTED_LATE = "timed out during startup"
START_TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True)
class TaskEvent:
    """What Ray has told so far of one attempt at one task; moments are nanoseconds since 1970."""

    task_id: str
    attempt: int = 0
    name: str = ""
    kind: str = "NORMAL_TASK"  # or ACTOR_CREATION_TASK, ACTOR_TASK: Ray's names
    actor_id: str | None = None
    parent_task_id: str | None = None  # None: a driver, or not told
    node_id: str | None = None
    worker_id: str | None = None
    worker_pid: int | None = None
    states_ns: Mapping[str, int] = field(default_factory=dict)  # when it came into each state
    spans_ns: tuple[tuple[str, int, int], ...] = ()  # the worker's: name, start and end
    error_kind: str | None = None  # Ray's name for it, such as WORKER_DIED
    error_message: str = ""
    resources: Mapping[str, float] = field(default_factory=dict)  # that it asks for


@dataclass(frozen=True)
class ObjectLocation:
    """Where the owner of an object knows it to be, and how big; `None` until it exists."""

    node_ids: frozenset[str]
    size_bytes: int | None
    spilled: bool


@dataclass(frozen=True)
class StoreStats:
    """What the object stores of all nodes hold now, and what they have done since they started."""

    objects: int
    used_bytes: int
    capacity_bytes: int
    written_bytes: int
    spilled_bytes: int
    restored_bytes: int


@dataclass(frozen=True)
class ActorRecord:
    """What Ray has told so far of an actor; moments are milliseconds since 1970, 0 where none."""

    actor_id: str
    name: str  # of its class
    node_id: str | None
    worker_id: str | None
    pid: int | None
    start_ms: int
    end_ms: int
    death: str | None
    restarts: int


@dataclass(frozen=True)
class TaskEvents:
    """What the Global Control Service has of the tasks of a job."""

    events: list[TaskEvent]
    limit: int | None  # it keeps so many records and may have dropped some; None: it has not


def why_no_cluster_answers(address: str, seconds: float) -> str | None:
    """Ask the cluster at an address who it is, and say why it does not answer; `None`: it does.

    `ray.init` asks for minutes, whatever listens there.
    """
    try:
        with create_gcs_channel(address) as channel:
            NodeInfoGcsServiceStub(channel).GetClusterId(GetClusterIdRequest(), timeout=seconds)
    except grpc.RpcError as error:
        return str(error.details())
    return None


def read_task_events(job_id: str, since_ns: int = 0) -> TaskEvents:
    """Read what has reached the Global Control Service of the tasks of a job, not its driver's.

    What had ended before a moment is left out. It takes about 25 microseconds for each record of
    the job, since Ray chooses none by their time.

    `ray.util.state.list_tasks` tells the same, and needs the Dashboard; `ray.timeline()` needs
    none, and tells neither the node nor the waiting. Both hand out the records of all jobs.
    """
    request = GetTaskEventsRequest()
    request.filters.exclude_driver = True
    request.filters.job_filters.add(job_id=bytes.fromhex(job_id), predicate=EQUAL)
    (told,) = _ask_for_task_events([request])
    # Where there is no more room, the task that finished first goes first.
    has_dropped = told.num_status_task_events_dropped > 0 and not any(
        _has_finished(each, since_ns) for each in told.events_by_task
    )
    limit: int = ray._raylet.Config.task_events_max_num_task_in_gcs()
    events = [
        _task_event(each)
        for each in told.events_by_task
        if max(each.state_updates.state_ts_ns.values(), default=since_ns) >= since_ns
    ]
    return TaskEvents(events, limit if has_dropped else None)


def read_events_of(task_ids: Iterable[str]) -> list[TaskEvent]:
    """Read what has reached the Global Control Service of some tasks.

    It takes about half a millisecond each, however many records there are.
    """
    requests = []
    for task_id in task_ids:
        request = GetTaskEventsRequest()
        request.filters.task_filters.add(task_id=bytes.fromhex(task_id), predicate=EQUAL)
        requests.append(request)
    told = _ask_for_task_events(requests)
    return [_task_event(each) for reply in told for each in reply.events_by_task]


def _ask_for_task_events(requests: Iterable[Any]) -> list[Any]:
    address = ray._private.worker.global_worker.gcs_client.address
    with create_gcs_channel(address) as channel:
        ask = TaskInfoGcsServiceStub(channel).GetTaskEvents
        return [ask(request, timeout=RPC_SECONDS) for request in requests]


def report_seconds() -> float:
    """Return after how long at most workers and owners of this cluster report what tasks do."""
    accessor = ray._private.state.state._connect_and_get_accessor()
    chosen = json.loads(accessor.get_system_config())
    return float(chosen.get("task_events_report_interval_ms", 1000)) / 1000


@contextmanager
def ray_stays() -> Iterator[None]:
    """Keep other threads from shutting Ray down inside, for as short a time as may be.

    Ray ends the process, without a word, where some of its functions run as it is shut down.

    Raises `RuntimeError` where Ray is not running.
    """
    with ray._private.worker._connect_or_shutdown_lock:
        if not ray.is_initialized():
            raise RuntimeError("Ray has been shut down. Start it again, with start_ray(4), say.")
        yield


def keep_note(key: str, text: str) -> None:
    """Keep a text in the Global Control Service, for every process of the cluster to read.

    An actor would do the same and take a worker, which changes what runs where.
    """
    _internal_kv_put(key, text)


def read_notes(prefix: str) -> dict[str, str]:
    """Return the texts that were kept under keys which begin so."""
    keys = _internal_kv_list(prefix)
    return {key.decode(): note.decode() for key in keys if (note := _internal_kv_get(key))}


def forget_notes(prefix: str) -> None:
    """Forget the texts that were kept under keys which begin so."""
    _internal_kv_del(prefix, del_by_prefix=True)


@contextmanager
def deaths_untold() -> Iterator[None]:
    """Print nothing of workers that die meanwhile: they are made to.

    Ray prints these warnings in the driver, whatever `log_to_driver` says. One can come a moment
    after the task's error has.
    """
    untold = threading.Event()
    print_as_it_is = ray._private.worker.print_to_stdstream

    def print_other(data: dict[str, Any], *others: Any, **options: Any) -> None:
        if any(DEATH in line for line in data["lines"]):
            untold.set()
        else:
            print_as_it_is(data, *others, **options)

    ray._private.worker.print_to_stdstream = print_other
    try:
        yield
        untold.wait(DEATH_SECONDS)
    finally:
        ray._private.worker.print_to_stdstream = print_as_it_is


def hush_reports() -> Callable[[], None]:
    """Print no report of a failed worker or node any more; return what lets them be printed again.

    Ray prints them to every driver, in whatever cell it is, also with `log_to_driver=False`.
    """
    print_as_it_is = ray._private.worker.print_to_stdstream

    def print_other(data: dict[str, Any], *others: Any, **options: Any) -> None:
        if data["pid"] != "raylet":
            print_as_it_is(data, *others, **options)

    def restore() -> None:
        ray._private.worker.print_to_stdstream = print_as_it_is

    ray._private.worker.print_to_stdstream = print_other
    return restore


def read_actors(job_id: str) -> list[ActorRecord]:
    """Return what the Global Control Service has of a job's actors, dead ones too.

    `ray.util.state.list_actors` tells the same, and needs the Dashboard.
    """
    accessor = ray._private.state.state._connect_and_get_accessor()
    records = map(ActorTableData.FromString, accessor.get_actor_table(None, None))
    return [_actor_record(told) for told in records if told.job_id.hex() == job_id]


def locate_objects(object_ids: Iterable[str]) -> dict[str, ObjectLocation]:
    """Return where this process, the owner of the objects, knows them to be.

    It asks no other process, and takes about a microsecond each; no public call tells it. A ref
    is made for each, and gone again when this returns: an object lives no longer for it.
    """
    # Never for an object whose first ref is still to be made: that would corrupt Ray's count.
    refs = [ray.ObjectRef(bytes.fromhex(object_id)) for object_id in object_ids]
    located = get_local_object_locations(refs) if refs else {}
    return {
        ref.hex(): ObjectLocation(
            frozenset(told["node_ids"]), told["object_size"], bool(told.get("did_spill"))
        )
        for ref, told in located.items()
    }


def read_store_stats() -> StoreStats:
    """Read what the object stores of all nodes hold together, which takes some milliseconds.

    `ray memory --stats-only` prints the same, rounded; `ray.available_resources()` tells of the
    bytes that are free, late, and of nothing that was spilled.
    """
    told = get_memory_info_reply(ray._private.state.state).store_stats
    return StoreStats(
        objects=told.num_local_objects,
        used_bytes=told.object_store_bytes_used,
        capacity_bytes=told.object_store_bytes_avail,
        written_bytes=told.cumulative_created_bytes,
        spilled_bytes=told.spilled_bytes_total,
        restored_bytes=told.restored_bytes_total,
    )


def call_when_ready(ref: Any, callback: Callable[[], None]) -> int:
    """Call a function, in a thread of Ray's, once an object exists; return what cancels that.

    The ref is held until then, which costs no memory, and the object is not fetched.
    """

    def ready(_: object) -> None:
        nonlocal ref
        callback()
        ref = None

    worker = ray._private.worker.global_worker.core_worker
    wait_id: int = worker.set_wait_async_callback(ref, ready)
    return wait_id


def cancel_call(wait_id: int) -> None:
    """Cancel what `call_when_ready` was to call."""
    ray._private.worker.global_worker.core_worker.cancel_wait_async(wait_id)


def referenced_objects() -> set[str]:
    """Return the ids of the objects to which this process, or a task of its own, has a ref."""
    counts = ray._private.worker.global_worker.core_worker.get_all_reference_counts()
    # What is kept for its lineage alone is no longer needed.
    return {
        object_id.decode()
        for object_id, count in counts.items()
        if count["local"] or count["submitted"]
    }


def is_in_worker() -> bool:
    """Tell whether this process runs tasks, and is no driver.

    Asked for its task in a driver, Ray's public way logs a warning.
    """
    worker = ray._private.worker
    return bool(worker.global_worker.mode == worker.WORKER_MODE)


def is_in_async_actor() -> bool:
    """Tell whether this process is that of an async actor: nothing public tells it."""
    return bool(ray._private.worker.global_worker.core_worker.current_actor_is_asyncio())


def current_task_id() -> str:
    """Return Ray's id of what this thread does: its tasks name it as their parent.

    The public one is `None` in a driver's threads.
    """
    task_id: str = ray._private.worker.global_worker.current_task_id.hex()
    return task_id


def current_cluster() -> object:
    """Return what tells this Ray, and this driver's time on it, from any other, if there is one."""
    if not ray.is_initialized():
        return None
    return ray._private.worker.global_worker.current_cluster_and_job


def pending_tasks(parent_task_ids: Iterable[str]) -> set[str]:
    """Return the ids of the tasks that these parents submitted, in this process, and that go on."""
    worker = ray._private.worker.global_worker.core_worker
    return {
        child.hex()
        for parent in parent_task_ids
        for child in worker.get_pending_children_task_ids(ray.TaskID(bytes.fromhex(parent)))
    }


def creation_task_id(actor_id: Any) -> str:
    """Return the id of the task that makes an actor."""
    task_id: str = ray.TaskID.for_actor_creation_task(actor_id).hex()
    return task_id


def returning_task(object_id: str) -> str | None:
    """Return the task of which the object is a result, or `None` for one that was put."""
    index = int.from_bytes(bytes.fromhex(object_id[-_INDEX_DIGITS:]), "little")
    return None if index > _FIRST_PUT_INDEX else object_id[:-_INDEX_DIGITS]


def putter_key(object_id: str) -> str:
    """Return what the id of an object that was put has of the id of the task that put it."""
    return task_key(object_id[:-_INDEX_DIGITS])


def task_key(task_id: str) -> str:
    """Return what of a task's id stands in the ids of what it puts: all but the first byte.

    In these the first byte counts the attempts at the task.
    """
    return task_id[2:]


def is_driver(task_id: str) -> bool:
    """Tell whether an id is that of a driver's own task, in its main thread."""
    return bytes.fromhex(task_id).startswith(_DRIVER_TASK)


def is_creation(task_id: str) -> bool:
    """Tell whether an id is that of a task that makes an actor."""
    return task_id.startswith(_NO_TASK) and not is_driver(task_id)


def is_handle(object_id: str) -> bool:
    """Tell whether an id stands for an actor's handle: Ray counts these as it counts refs."""
    return is_creation(object_id[:-_INDEX_DIGITS])


def creating_actor(task_id: str) -> str:
    """Return the id of the actor that a task makes."""
    return task_id.removeprefix(_NO_TASK)


Function = Callable[..., Any]
# What every way to submit, to get and to put comes by, whatever name a program imported: Ray has
# no hook for any of them.
_HOOKED: dict[str, tuple[Any, str]] = {
    "task": (RemoteFunction, "_remote"),
    "creation": (ActorClass, "_remote"),
    "call": (ActorMethod, "_remote"),
    "get": (Worker, "get_objects"),
    "put": (Worker, "put_object"),
    "serialize": (SerializationContext, "serialize"),
    "contain": (SerializationContext, "add_contained_object_ref"),
    "read stream": (ObjectRefGenerator, "_next_sync"),
    "read stream async": (ObjectRefGenerator, "_next_async"),
    "future": (ray._raylet, "_set_future_helper"),
    "wait": (ray, "wait"),
    "cancel": (ray, "cancel"),
}
_ORIGINALS: dict[str, Function] = {
    name: getattr(owner, attribute) for name, (owner, attribute) in _HOOKED.items()
}


class StandIn:
    """A function in the place of one of the module `ray`, which a program may take along.

    Ray pickles what the functions and objects of a program hold on to. Pickled, this is Ray's own
    function: a worker has nothing to tell a recording, and may not even have `raylessons`.
    """

    def __init__(self, original: Function, replacement: Function) -> None:
        update_wrapper(self, original)
        self._name, self._replacement = original.__name__, replacement

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the replacement."""
        return self._replacement(*args, **options)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to find Ray's own function, wherever this is unpickled."""
        return getattr, (ray, self._name)


def hook(replacements: Mapping[str, Callable[[Function], Function]]) -> None:
    """Let calls of these names go through what each replacement makes of Ray's own function."""
    for name, replacement in replacements.items():
        owner, attribute = _HOOKED[name]
        original = _ORIGINALS[name]
        function: Any = replacement(original)
        setattr(owner, attribute, StandIn(original, function) if owner is ray else function)


def unhook() -> None:
    """Let every call be Ray's own again."""
    for name, (owner, attribute) in _HOOKED.items():
        setattr(owner, attribute, _ORIGINALS[name])


def is_hooked() -> bool:
    """Tell whether a call is replaced at the moment."""
    return any(
        getattr(owner, attribute) is not _ORIGINALS[name]
        for name, (owner, attribute) in _HOOKED.items()
    )


@contextmanager
def on_this_machine_alone() -> Iterator[None]:
    """Let a Ray that starts inside listen on the loopback interface alone.

    Its servers listen on the address of their node, and on Linux Ray takes one that others reach.
    Where it is not meant for clusters, as by default on macOS and Windows, it takes 127.0.0.1. The
    variable that says so is read once, when Ray is imported, and so comes too late here; programs
    that this one starts, such as `ray status`, need it to find that Ray.
    """
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    os.environ[FOR_CLUSTERS] = "0"
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


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


def start_patiently(start: Callable[[], T]) -> T:
    """Call what starts a node of Ray's, again where the machine was too busy for it to come up.

    Ray gives it 30 seconds, which nothing sets, and leaves its processes behind: they are killed.
    Raises `RuntimeError` where it comes up in none of three times, and whatever else Ray raises.
    """
    import psutil

    here = psutil.Process()
    tries = 0
    while True:
        tries += 1
        before = {child.pid for child in here.children()}
        try:
            return start()
        except Exception as error:  # Ray raises nothing more special
            if _STARTED_LATE not in str(error):
                raise
            begun = [child for child in here.children() if child.pid not in before]
            kill_processes(child for child in begun if _is_rays_own(child))
            if tries == START_TRIES:
                raise RuntimeError(
                    f"Ray did not start within 30 seconds, {times(tries)}: this machine has too "
                    "much other work. End some of it, and try again."
                ) from error


def _is_rays_own(process: Any) -> bool:
    """Tell whether a process runs what is in Ray's folder, and not, say, a test beside it."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        return any(f"{Path(ray.__file__).parent}/" in part for part in process.cmdline())
    return False


def silence_node(node: Any) -> list[Any]:
    """Stop all processes of a node of `make_cluster` without ending them, and return them.

    They answer nobody from then on, as those of a machine without a network. They cannot end by
    themselves any more either, and are to be killed.
    """
    import psutil  # Ray's own copy, which is to be found once Ray is imported

    processes = []
    for raylet in node.all_processes["raylet"]:
        parent = psutil.Process(raylet.process.pid)
        parent.suspend()  # first: it starts no more workers
        processes += [parent, *parent.children(recursive=True)]
    for process in processes:
        process.suspend()
    return processes


def kill_processes(processes: Iterable[Any]) -> None:
    """Kill processes, those that are still there."""
    import psutil

    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _actor_record(told: Any) -> ActorRecord:
    cause = told.death_cause
    context = cause.WhichOneof("context")
    details = getattr(cause, context) if context else None
    worker_id = told.address.worker_id.hex() or None
    return ActorRecord(
        actor_id=told.actor_id.hex(),
        name=told.class_name.rpartition(".")[-1],  # as in the names of its calls
        # Without a worker it has no place yet, though Ray names the node that was to give one.
        node_id=(told.node_id.hex() or told.address.node_id.hex() or None) if worker_id else None,
        worker_id=worker_id,
        pid=told.pid or None,
        start_ms=told.start_time,
        end_ms=told.end_time,
        death=getattr(details, "error_message", None) or context,
        restarts=told.num_restarts,
    )


def _has_finished(told: Any, before_ns: int) -> bool:
    finished_ns: int = told.state_updates.state_ts_ns.get(TaskStatus.FINISHED, 0)
    return 0 < finished_ns < before_ns


def _task_event(told: Any) -> TaskEvent:
    update = told.state_updates
    parent = told.task_info.parent_task_id
    error = update.error_info if update.HasField("error_info") else None
    return TaskEvent(
        task_id=told.task_id.hex(),
        attempt=told.attempt_number,
        name=told.task_info.name,
        kind=TaskType.Name(told.task_info.type),
        actor_id=told.task_info.actor_id.hex() or None,
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
        resources=dict(told.task_info.required_resources),
    )
