"""Predict the schedule that Ray gives to tasks on one node.

The rule, found in Ray 2.60's own source and by running it:

- A task is *ready* when the tasks that it needs have ended.
- Ready tasks of one function wait in one queue and start in the order in which they became ready;
  tasks that become ready together keep the order in which they were submitted.
- A worker that ends a task takes the next of the same function, for as long as its lease lasts:
  half a second, counted from when the worker was handed over. An older one is handed back.
- A worker and CPUs that were handed back go to a function with tasks waiting. While more waits than
  the node has CPUs, a function that holds more than its fair share of workers is passed over.

What it leaves out: overhead (a few milliseconds a task, more while workers start), other nodes,
nested tasks, actors, failures and what is repeated after them, custom resources, and arguments so
big that they go to the object store. Where two functions have the same claim to a free CPU, Ray's
choice differs from one start of Ray to the next; the prediction gives it to the one that was
submitted first.
"""

import heapq
import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from raylessons.graphs import longest_chain

LEASE_SECONDS = 0.5  # Ray's worker_lease_timeout_milliseconds
# On up to ten nodes, Ray's `ClusterSizeBasedLeaseRequestRateLimiter` allows ten for each queue.
MOST_LEASE_REQUESTS = 10
CPU_GRAIN = 10_000  # Ray counts CPUs in steps of a ten-thousandth


@dataclass(frozen=True)
class Task:
    """A task to be scheduled: how long it takes and what must have ended before it starts."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()
    cpus: float = 1
    function: str = "task"


@dataclass(frozen=True)
class PlannedRun:
    """When a task is predicted to run, in seconds from the submission, and on which worker."""

    name: str
    start: float
    end: float
    lane: int  # the worker, from 1: the lowest number that is free


@dataclass(frozen=True)
class Schedule:
    """A predicted schedule: the runs in the order in which they start."""

    tasks: tuple[Task, ...]
    cpus: float
    runs: tuple[PlannedRun, ...]

    @property
    def makespan(self) -> float:
        """Return the seconds from the first submission to the last end."""
        return max((run.end for run in self.runs), default=0.0)

    @property
    def completion_order(self) -> tuple[str, ...]:
        """Return the names by the time at which they end, and by start where those are equal."""
        return tuple(run.name for run in sorted(self.runs, key=lambda run: run.end))

    @property
    def longest_chain_seconds(self) -> float:
        """Return the seconds of the longest chain: no number of CPUs makes the makespan shorter."""
        seconds = {task.name: task.seconds for task in self.tasks}
        chain = longest_chain({task.name: task.needs for task in self.tasks}, seconds)
        return sum((seconds[name] for name in chain), start=0.0)

    @property
    def work_per_cpu_seconds(self) -> float:
        """Return the work divided by the CPUs: the makespan if no CPU were ever idle."""
        return sum(task.seconds * task.cpus for task in self.tasks) / self.cpus

    @property
    def lower_bound_seconds(self) -> float:
        """Return what no schedule can beat: the longest chain or the work per CPU.

        Source: R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969.
        """
        return max(self.longest_chain_seconds, self.work_per_cpu_seconds)


def predict_schedule(tasks: Iterable[Task], cpus: float) -> Schedule:
    """Predict who runs when if `tasks` are submitted at once, in this order, to a Ray with `cpus`.

    >>> chain = [Task("make", 2), Task("make too", 2), Task("add", 2, needs=("make", "make too"))]
    >>> predict_schedule(chain, cpus=1).makespan, predict_schedule(chain, cpus=2).makespan
    (6.0, 4.0)

    Actors and failures are outside of it: it knows tasks that run once, on one node.

    Raises `ValueError` for what Ray could not run: a duration that is negative or not a number, no
    CPUs, a task that asks for more of them than there are, a name used twice, an unknown need, and
    tasks that need one another.
    """
    tasks = tuple(tasks)
    _check(tasks, cpus)
    return Schedule(tasks, cpus, _Simulation(tasks, cpus).run())


@dataclass
class _Lease:
    queue: "_Queue"
    lane: int
    granted_at: float


@dataclass
class _Queue:
    """The ready tasks of one function and CPU request: Ray calls it a scheduling class."""

    cpu_grains: int
    ready: deque[Task] = field(default_factory=deque)
    requests: int = 0  # leases asked for and not yet granted
    leases: int = 0

    def request_leases(self) -> None:
        self.requests = max(self.requests, min(len(self.ready), MOST_LEASE_REQUESTS))

    def take(self) -> Task:
        task = self.ready.popleft()
        if not self.ready:
            self.requests = 0
        return task


class _Simulation:
    def __init__(self, tasks: Sequence[Task], cpus: float) -> None:
        self.tasks = tasks
        self.cpu_grains = self.free_grains = round(cpus * CPU_GRAIN)
        self.now = 0.0
        self.runs: list[PlannedRun] = []
        self.ends: list[tuple[float, int, Task, _Lease]] = []  # a heap
        self.queues: dict[tuple[str, float], _Queue] = {}
        self.free_lanes: list[int] = []  # a heap
        self.lanes = 0
        self.unmet = {task.name: set(task.needs) for task in tasks}
        self.dependents: dict[str, list[Task]] = {task.name: [] for task in tasks}
        for task in tasks:
            for need in self.unmet[task.name]:
                self.dependents[need].append(task)

    def run(self) -> tuple[PlannedRun, ...]:
        for task in self.tasks:
            if not task.needs:
                self.enqueue(task)
        while self.ends:
            self.now, _, task, lease = heapq.heappop(self.ends)
            # Ray's order, too: first the worker's next task, then those that the result makes ready
            self.reuse_or_return(lease)
            for dependent in self.dependents[task.name]:
                self.unmet[dependent.name].remove(task.name)
                if not self.unmet[dependent.name]:
                    self.enqueue(dependent)
        return tuple(self.runs)

    def enqueue(self, task: Task) -> None:
        queue = self.queues.setdefault(
            (task.function, task.cpus), _Queue(max(1, round(task.cpus * CPU_GRAIN)))
        )
        queue.ready.append(task)
        queue.request_leases()
        self.grant_leases()

    def reuse_or_return(self, lease: _Lease) -> None:
        if lease.queue.ready and self.now <= lease.granted_at + LEASE_SECONDS:
            self.start(lease)
            return
        lease.queue.leases -= 1
        self.free_grains += lease.queue.cpu_grains
        heapq.heappush(self.free_lanes, lease.lane)
        self.grant_leases()

    def grant_leases(self) -> None:
        for queue in self.queues.values():
            if queue.requests and not self.is_over_fair_share(queue):
                while queue.requests and queue.cpu_grains <= self.free_grains:
                    self.grant(queue)

    def is_over_fair_share(self, queue: _Queue) -> bool:
        waiting = [other for other in self.queues.values() if other.requests]
        if sum(other.requests * other.cpu_grains for other in waiting) <= self.cpu_grains:
            return False
        leases = sum(other.leases for other in self.queues.values())
        return queue.leases > leases // len(waiting)

    def grant(self, queue: _Queue) -> None:
        if not self.free_lanes:
            self.lanes += 1
            self.free_lanes.append(self.lanes)
        queue.requests -= 1
        queue.leases += 1
        self.free_grains -= queue.cpu_grains
        self.start(_Lease(queue, heapq.heappop(self.free_lanes), self.now))

    def start(self, lease: _Lease) -> None:
        task = lease.queue.take()
        lease.queue.request_leases()
        end = self.now + task.seconds
        heapq.heappush(self.ends, (end, len(self.runs), task, lease))
        self.runs.append(PlannedRun(task.name, self.now, end, lease.lane))


def _check(tasks: Sequence[Task], cpus: float) -> None:
    if not 0 < cpus < math.inf:
        raise ValueError(f"cpus is {cpus!r}: expected more than zero. Pass a number such as 4.")
    names: set[str] = set()
    for task in tasks:
        if task.name in names:
            raise ValueError(
                f"two tasks are named {task.name!r}: expected each name once. Rename one of them."
            )
        names.add(task.name)
    for task in tasks:
        if not 0 <= task.seconds < math.inf:
            raise ValueError(
                f"task {task.name!r} takes {task.seconds!r} seconds: expected zero or more. "
                "Pass a number such as 0.5."
            )
        if not 0 < task.cpus <= cpus:
            raise ValueError(
                f"task {task.name!r} asks for {task.cpus!r} CPUs: expected more than zero and at "
                f"most the {cpus!r} that there are. In Ray it would wait for ever: ask for less."
            )
        for need in task.needs:
            if need not in names:
                raise ValueError(
                    f"task {task.name!r} needs {need!r}: expected the name of another task. "
                    "Add that task, or leave it out of `needs`."
                )
    try:
        TopologicalSorter({task.name: task.needs for task in tasks}).prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))  # graphlib names what is needed first
        raise ValueError(
            f"tasks need one another: {cycle}. Expected needs that end somewhere. "
            "Take one of these needs away."
        ) from None
