"""Record what a Ray cluster does for a program: `record()` gives a `Trace`."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ray

from raylessons.cluster.nodes import cluster_nodes
from raylessons.cluster.private import TaskEvent, read_task_events
from raylessons.recording.calls import overhear
from raylessons.recording.objects import made_here, proven_copies, stored_objects, transfers
from raylessons.recording.tasks import are_complete, choose_events, task_runs, worker_pids
from raylessons.recording.watcher import Watcher
from raylessons.trace.records import Node, TaskRun, Trace, Worker

# Workers and owners report their events once a second, and a busy machine is late.
WAIT_SECONDS = 5.0
# After a failed attempt or a lost object a task runs again, of which the next report tells.
REPORT_SECONDS = 1.5
# Where copies are is told in a millisecond, and on a machine with twenty times its work in half a
# second.
COPY_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS = 0.02


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
    about a second late, so leaving the block takes about that long, and `wait_seconds` at most.

    Raises `RuntimeError` where Ray is not running, `ValueError` for a wait below zero.
    """
    if not wait_seconds >= 0:
        raise ValueError(
            f"wait_seconds is {wait_seconds!r}: expected zero or more. Pass a number such as 5."
        )
    nodes = cluster_nodes()
    start_ns = time.time_ns()
    watcher = Watcher()
    recording = Recording(watcher)
    try:
        with overhear(watcher):
            yield recording
    finally:
        end_ns = time.time_ns()
        watcher.stop()
        unfinished = watcher.unfinished_tasks()
        events = _wait_for_events(watcher, unfinished, start_ns, end_ns, wait_seconds)
        runs = task_runs(events, watcher.submissions, unfinished, start_ns, end_ns)
        made_by = made_here(watcher.sightings.values(), runs)
        proven = proven_copies(runs, watcher.gets(start_ns), nodes[0].node_id, made_by)
        watcher.let_go(proven.keys(), min(wait_seconds, COPY_SECONDS))
        recording._trace = _trace(nodes, watcher, runs, events, start_ns, end_ns)


def _trace(
    nodes: tuple[Node, ...],
    watcher: Watcher,
    runs: tuple[TaskRun, ...],
    events: list[TaskEvent],
    start_ns: int,
    end_ns: int,
) -> Trace:
    gets = tuple(watcher.gets(start_ns))
    objects = stored_objects(
        watcher.sightings.values(), runs, gets, nodes[0].node_id, start_ns, end_ns
    )
    return Trace(
        nodes=_all_nodes(nodes, watcher.nodes_gone_ns, start_ns, end_ns),
        workers=_workers(runs, worker_pids(events)),
        task_runs=runs,
        objects=objects,
        transfers=transfers(objects, runs),
        gets=gets,
        seconds=(end_ns - start_ns) / 1e9,
    )


def _wait_for_events(
    watcher: Watcher,
    unfinished: Collection[str],
    start_ns: int,
    end_ns: int,
    wait_seconds: float,
) -> list[TaskEvent]:
    """Read Ray's records again and again until they are whole, or the wait is over."""
    job_id = ray.get_runtime_context().get_job_id()
    expected = watcher.submissions.keys() - unfinished
    shortest = REPORT_SECONDS if watcher.has_lost_copies() else 0.0
    began = time.monotonic()
    while True:
        asked = time.monotonic() - began
        events = choose_events(read_task_events(job_id), watcher.submissions, start_ns, end_ns)
        is_whole = asked >= shortest and are_complete(
            events, expected, unfinished, is_settled=asked >= REPORT_SECONDS
        )
        if is_whole or asked >= wait_seconds:
            return events
        took = time.monotonic() - began - asked
        time.sleep(max(SHORTEST_PAUSE_SECONDS, took))


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
    before: tuple[Node, ...], gone_ns: Mapping[str, int], start_ns: int, end_ns: int
) -> tuple[Node, ...]:
    """Return the nodes from before by their numbers, then those that joined meanwhile."""
    known = {node.node_id for node in before}
    joined = [node for node in cluster_nodes() if node.node_id not in known]
    first = 1 + max(node.number for node in before)
    nodes = [*before, *(replace(node, number=n) for n, node in enumerate(joined, first))]
    return tuple(
        replace(node, removed=(min(gone_ns[node.node_id], end_ns) - start_ns) / 1e9)
        if node.node_id in gone_ns
        else node
        for node in nodes
    )
