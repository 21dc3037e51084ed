"""Record what a Ray cluster does for a program: `record()` gives a `Trace`."""

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ray

from raylessons.cluster.nodes import cluster_nodes, ray_nodes
from raylessons.cluster.private import (
    ActorRecord,
    TaskEvent,
    TaskEvents,
    is_in_worker,
    read_actors,
    read_events_of,
    read_task_events,
    report_seconds,
)
from raylessons.recording.calls import overhear
from raylessons.recording.objects import made_here, proven_copies, stored_objects, transfers
from raylessons.recording.tasks import (
    Heard,
    are_complete,
    choose_events,
    task_runs,
    worker_pids,
)
from raylessons.recording.watcher import Watcher
from raylessons.trace.records import Actor, Node, TaskKind, TaskRun, Trace, Worker

# Workers and owners report their events once a second, and a busy machine is late.
WAIT_SECONDS = 5.0
# After a failed attempt or a lost object a task runs again, of which the next report tells.
REPORT_SECONDS = 1.5
# Where copies are is told in a millisecond, and on a machine with twenty times its work in half a
# second.
COPY_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS = 0.02
# Whether Ray has told of the last tasks is a cheap question, half a millisecond for each.
LAST_TASKS = 20
REPORT_LOOK_SECONDS = 0.05
# Records that have not come this long after the last one are those that Ray dropped.
SILENT_SECONDS = 3.0


class Recording:
    """What `record()` gives: labels for refs while it records, and the trace once it has ended."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._trace: Trace | None = None

    @property
    def trace(self) -> Trace:
        """The trace of what happened inside the `with` block.

        Raises `RuntimeError` inside the block: Ray's records are complete only after it.
        """
        if self._trace is None:
            raise RuntimeError(
                "The recording has not ended. Use its trace after the `with record()` block."
            )
        return self._trace

    def watch(self, **refs: Any) -> None:
        """Give refs the labels that the pictures show, as in `recording.watch(total=ref3)`.

        Every ref that the driver's tasks take or return is watched anyway, and called `ref1`,
        `ref2` and so on, in the order of their first use. So a ref needs this only for a better
        label, or when no task of the recording touches it.

        Raises `TypeError` for what is no object ref, `ValueError` for a label of another ref,
        `RuntimeError` once the recording has ended.
        """
        if self._trace is not None:
            raise RuntimeError("The recording has ended. Call watch() inside its `with` block.")
        for label, ref in refs.items():
            if not isinstance(ref, ray.ObjectRef):
                raise TypeError(
                    f"{label} is {type(ref).__name__}: expected an object ref. "
                    "Pass what .remote() or ray.put() returned."
                )
        for label, ref in refs.items():
            self._watcher.label(ref, label)


@contextmanager
def record(*, wait_seconds: float = WAIT_SECONDS) -> Iterator[Recording]:
    """Record the tasks that this driver submits inside the block, and where their objects go.

    Put what is to be recorded inside, and ask the trace afterwards::

        with record() as recording:
            total = add_arrays.remote(make_array.remote(20), make_array.remote(20))
            ray.get(total)
        recording.trace.makespan()

    A task that still runs at the end of the block comes back as unfinished. Ray's records arrive
    about a second late: leaving the block waits for them, `wait_seconds` at most. Reading them
    takes some 25 microseconds for each that Ray keeps of this driver's tasks, recorded or not.

    Raises `RuntimeError` where Ray is not running and inside a task, `ValueError` for a wait below
    zero.
    """
    if not wait_seconds >= 0:
        raise ValueError(
            f"wait_seconds is {wait_seconds!r}: expected zero or more. Pass a number such as 5."
        )
    nodes = cluster_nodes()
    _require_driver()
    start_ns = time.time_ns()
    watcher = Watcher()
    recording = Recording(watcher)
    try:
        with overhear(watcher):
            yield recording
    finally:
        end_ns = time.time_ns()
        watcher.stop()
        with _garbage_left():
            recording._trace = _read_trace(watcher, nodes, start_ns, end_ns, wait_seconds)


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Let Python look for garbage later: records are many and none is, and to look takes longer.

    Of the processor time that a trace of 10,000 tasks takes, it is a third.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _require_driver() -> None:
    """Refuse a recording inside a task, which would tell of the driver what is the task's."""
    if is_in_worker():
        name = ray.get_runtime_context().get_task_name()
        raise RuntimeError(
            f"record() was called inside the task {name!r}: expected a driver, "
            "whose tasks and objects a recording tells of. Record where you call .remote() on it."
        )


def _read_trace(
    watcher: Watcher, nodes: tuple[Node, ...], start_ns: int, end_ns: int, wait_seconds: float
) -> Trace:
    """Read what Ray's records say of what was heard and seen, once they are whole."""
    job_id = ray.get_runtime_context().get_job_id()
    unfinished = watcher.unfinished_tasks()
    told = _wait_for_events(watcher, job_id, unfinished, start_ns, end_ns, wait_seconds)
    events = told.events
    actors = {actor.actor_id: actor for actor in read_actors(job_id)}
    heard = Heard(
        tasks=watcher.tasks,
        unfinished=unfinished,
        cancelled=watcher.cancelled,
        cancelled_with_children=watcher.cancelled_with_children,
        read_to_the_end=watcher.read_to_the_end,
        errors={
            sighting.object_id: sighting.error
            for sighting in watcher.sightings.values()
            if sighting.error is not None
        },
        actors=actors,
        node_resources=[node["Resources"] for node in ray_nodes() if node["Alive"]],
    )
    runs = task_runs(events, heard, start_ns, end_ns)
    gets = tuple(watcher.gets(start_ns))
    made_by = made_here(watcher.sightings.values(), runs)
    proven = proven_copies(runs, gets, nodes[0].node_id, made_by)
    watcher.look_for(proven.keys(), min(wait_seconds, COPY_SECONDS))
    objects = stored_objects(
        watcher.sightings.values(),
        runs,
        made_by,
        proven,
        start_ns,
        end_ns,
        watcher.own_tasks,
    )
    mine = [actors[each] for each in _actor_ids(runs, watcher) if each in actors]
    recorded = {run.task_id for run in runs}
    pids = worker_pids(events) | {each.worker_id: each.pid for each in mine if each.worker_id}
    return Trace(
        nodes=_all_nodes(nodes, watcher, runs, start_ns, end_ns),
        workers=_workers(runs, pids),
        task_runs=runs,
        objects=objects,
        transfers=transfers(objects, runs),
        gets=gets,
        wait_rounds=tuple(watcher.wait_rounds(start_ns)),
        seconds=(end_ns - start_ns) / 1e9,
        actors=tuple(_actor(each, runs, start_ns, end_ns) for each in mine),
        unrecorded_tasks=len(watcher.tasks.keys() - recorded)
        + max(0, watcher.nameless_tasks - len(_unheard(runs, watcher))),
        record_limit=told.limit,
    )


def _wait_for_events(
    watcher: Watcher,
    job_id: str,
    unfinished: set[str],
    start_ns: int,
    end_ns: int,
    wait_seconds: float,
) -> TaskEvents:
    """Read Ray's records until they are whole, or no more of them come, or the wait is over."""
    expected = watcher.tasks.keys() - unfinished
    shortest = REPORT_SECONDS if watcher.has_lost_copies() else 0.0
    began = last_came = time.monotonic()
    most = -1
    if expected or watcher.nameless_tasks:
        last = [task_id for task_id in watcher.tasks if task_id in expected][-LAST_TASKS:]
        _wait_for_reports_of(last, min(report_seconds(), wait_seconds))
    while True:
        asked = time.monotonic() - began
        read = read_task_events(job_id, start_ns)
        events = choose_events(read.events, watcher.tasks, start_ns, end_ns)
        size = sum(len(event.states_ns) + len(event.spans_ns) for event in events)
        if size != most:
            most, last_came = size, time.monotonic()
        on_record = {event.task_id for event in events}
        # What goes on is told of too, if only that it was submitted.
        begun = asked >= REPORT_SECONDS or unfinished & watcher.tasks.keys() <= on_record
        nameless = {event.task_id for event in events if event.parent_task_id is None}
        is_whole = (
            asked >= shortest
            and begun
            and are_complete(events, expected, unfinished, is_settled=asked >= REPORT_SECONDS)
            and len(nameless - watcher.tasks.keys()) >= watcher.nameless_tasks
        )
        is_silent = time.monotonic() - last_came > SILENT_SECONDS
        if is_whole or is_silent or asked >= wait_seconds:
            return TaskEvents(events, read.limit)
        took = time.monotonic() - began - asked
        time.sleep(max(SHORTEST_PAUSE_SECONDS, took))


def _wait_for_reports_of(task_ids: Sequence[str], most_seconds: float) -> None:
    """Wait until Ray has told all of some tasks, or so long where there are none.

    Of those that are submitted last it tells last.
    """
    end = time.monotonic() + most_seconds
    left = list(task_ids)
    while (now := time.monotonic()) < end and (left or not task_ids):
        time.sleep(min(REPORT_LOOK_SECONDS, end - now) if left else end - now)
        events = read_events_of(left)
        left = [each for each in left if not are_complete(_of(each, events), [each], (), False)]


def _of(task_id: str, events: Iterable[TaskEvent]) -> list[TaskEvent]:
    return [event for event in events if event.task_id == task_id]


def _unheard(runs: Iterable[TaskRun], watcher: Watcher) -> set[str]:
    """Return the ids of the driver's tasks that are on record and whose id was not heard."""
    return {
        run.task_id
        for run in runs
        if run.task_id not in watcher.tasks
        and run.parent_task_id is None
        and run.submitter_actor_id is None
    }


def _actor_ids(runs: Iterable[TaskRun], watcher: Watcher) -> list[str]:
    ids = [run.actor_id for run in runs] + [heard.actor_id for heard in watcher.tasks.values()]
    return list(dict.fromkeys(each for each in ids if each is not None))


def _actor(record: ActorRecord, runs: Iterable[TaskRun], start_ns: int, end_ns: int) -> Actor:
    """Write down an actor, with what came after the recording left out."""

    def seconds(moment_ms: int) -> float | None:
        moment_ns = moment_ms * 1_000_000
        return (moment_ns - start_ns) / 1e9 if 0 < moment_ns <= end_ns else None

    made = next(
        (run for run in runs if run.actor_id == record.actor_id and run.kind is TaskKind.CREATION),
        None,
    )
    died = seconds(record.end_ms)
    return Actor(
        actor_id=record.actor_id,
        name=record.name,
        node_id=record.node_id,
        worker_id=record.worker_id,
        created=made.submitted if made else None,
        # Of an actor that was restarted, Ray keeps the record of its first start.
        ready=None if record.restarts else made.ended if made else seconds(record.start_ms),
        died=died,
        death=record.death if died is not None else None,
        restarts=record.restarts,
    )


def _workers(runs: Iterable[TaskRun], pids: Mapping[str, int | None]) -> tuple[Worker, ...]:
    """Return the workers that ran something, numbered within their node by their first run."""
    node_of: dict[str, str] = {}
    for run in runs:
        if run.worker_id is not None and run.node_id is not None:
            node_of.setdefault(run.worker_id, run.node_id)
    count: Counter[str] = Counter()
    workers = []
    for worker_id, node_id in node_of.items():
        count[node_id] += 1
        workers.append(Worker(worker_id, node_id, pids.get(worker_id), count[node_id]))
    return tuple(workers)


def _all_nodes(
    before: tuple[Node, ...],
    watcher: Watcher,
    runs: Iterable[TaskRun],
    start_ns: int,
    end_ns: int,
) -> tuple[Node, ...]:
    """Return the nodes from before by their numbers, then those that joined meanwhile."""
    known = {node.node_id for node in before}
    first = 1 + max(node.number for node in before)
    found = [*before]
    for number, node in enumerate(
        [node for node in cluster_nodes() if node.node_id not in known], first
    ):
        seen_ns = watcher.nodes_seen_ns.get(node.node_id, end_ns)
        # It was there before it was seen, where a task was already under way on it.
        busy = [run.leased or run.started for run in runs if run.node_id == node.node_id]
        joined = min([(seen_ns - start_ns) / 1e9, *(each for each in busy if each is not None)])
        if joined <= (end_ns - start_ns) / 1e9:
            found.append(replace(node, number=number, joined=joined))
    gone_ns = watcher.nodes_gone_ns
    return tuple(
        replace(node, removed=(min(gone_ns[node.node_id], end_ns) - start_ns) / 1e9)
        if node.node_id in gone_ns
        else node
        for node in found
    )
