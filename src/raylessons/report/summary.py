"""A trace summed up: who ran, who waited, what was made and moved, and what is not on record."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from raylessons.trace.gaps import Gaps, existing_objects, find_gaps
from raylessons.trace.records import Outcome, TaskKind, TaskRun, Trace


@dataclass(frozen=True)
class Sum:
    """A sum of what is known, and of how many parts it is not known."""

    total: float = 0.0
    known: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class NameSummary:
    """All tasks, actor creations or actor calls of one name."""

    kind: TaskKind
    name: str
    tasks: int
    attempts: int
    running_seconds: Sum
    waiting_for_arguments_seconds: Sum
    waiting_for_worker_seconds: Sum
    failed: int  # attempts, as are the next two
    cancelled: int
    unfinished: int


@dataclass(frozen=True)
class Failure:
    """An error, and how many attempts of one name ended with it."""

    name: str
    error: str | None  # its first line
    attempts: int


@dataclass(frozen=True)
class Summary:
    """The figures of a trace."""

    names: tuple[NameSummary, ...]  # by kind, then by the seconds that they ran
    failures: tuple[Failure, ...]  # the most frequent first
    made_bytes: Sum  # of objects that tasks returned
    put_bytes: Sum  # of objects that were put
    moved_bytes: Sum  # by transfers between nodes
    spilled_bytes: Sum  # of objects that went to disk
    makespan_seconds: float | None
    critical_path: tuple[str, ...]  # names of its tasks, first to last
    critical_path_seconds: Sum
    running_seconds: Sum  # of all runs
    logical_cpus: float | None
    cpu_seconds: float | None  # of all of them, while their nodes were there, over the makespan
    gaps: Gaps

    @property
    def busy_share(self) -> float | None:
        """Return which part of the CPUs' time the known runs take, or `None` where unknown."""
        if not self.cpu_seconds or not self.running_seconds.known:
            return None
        return self.running_seconds.total / self.cpu_seconds


def summarize(trace: Trace) -> Summary:
    """Sum up a trace.

    >>> run = TaskRun("t1", "noop", submitted=0.0, started=0.5, ended=2.0)
    >>> summary = summarize(Trace(task_runs=(run,)))
    >>> summary.running_seconds, summary.makespan_seconds, summary.logical_cpus
    (Sum(total=1.5, known=1, unknown=0), 2.0, None)
    """
    makers = trace.makers()
    sizes = {stored.object_id: stored.size_bytes for stored in trace.objects}
    path = trace.critical_path()
    makespan = trace.makespan()
    return Summary(
        names=_names(trace),
        failures=_failures(trace.task_runs),
        made_bytes=add_up(
            stored.size_bytes for stored in existing_objects(trace) if stored.object_id in makers
        ),
        put_bytes=add_up(stored.size_bytes for stored in trace.objects if stored.put_by),
        moved_bytes=add_up(sizes.get(transfer.object_id) for transfer in trace.transfers),
        spilled_bytes=add_up(
            stored.size_bytes for stored in trace.objects if stored.spilled is not None
        ),
        makespan_seconds=makespan if 0 < makespan < math.inf else None,
        critical_path=tuple(run.name for run in path),
        critical_path_seconds=add_up(map(trace.running_time, path)),
        running_seconds=add_up(map(trace.running_time, trace.task_runs)),
        logical_cpus=sum(node.logical_cpus for node in trace.nodes) or None,
        cpu_seconds=_cpu_seconds(trace) or None,
        gaps=find_gaps(trace),
    )


def add_up(values: Iterable[float | None]) -> Sum:
    """Add the values that are known.

    >>> add_up([1.5, None, 2.0])
    Sum(total=3.5, known=2, unknown=1)
    """
    given = list(values)
    known = [value for value in given if value is not None]
    return Sum(math.fsum(known), len(known), len(given) - len(known))


def _cpu_seconds(trace: Trace) -> float:
    """Add up the seconds that each logical CPU was there for, within the makespan."""
    submitted = [run.submitted for run in trace.task_runs if run.submitted is not None]
    begin = min(submitted, default=0.0)
    end = begin + trace.makespan()
    return math.fsum(
        node.logical_cpus
        * max(
            0.0,
            (end if node.removed is None else min(end, node.removed))
            - (begin if node.joined is None else max(begin, node.joined)),
        )
        for node in trace.nodes
    )


def _names(trace: Trace) -> tuple[NameSummary, ...]:
    by_name: dict[tuple[TaskKind, str], list[TaskRun]] = defaultdict(list)
    for run in trace.task_runs:
        by_name[run.kind, run.name].append(run)
    kinds = list(TaskKind)
    found = [_name(trace, kind, name, runs) for (kind, name), runs in by_name.items()]
    return tuple(
        sorted(found, key=lambda each: (kinds.index(each.kind), -each.running_seconds.total))
    )


def _name(trace: Trace, kind: TaskKind, name: str, runs: list[TaskRun]) -> NameSummary:
    outcomes = Counter(run.outcome for run in runs)
    tasks = len({run.task_id for run in runs})
    # Of an actor that was started again Ray keeps one record.
    made = {run.actor_id for run in runs if kind is TaskKind.CREATION}
    restarts = sum(actor.restarts for actor in trace.actors if actor.actor_id in made)
    attempts = max(len(runs), tasks + restarts)

    def sum_of(seconds: Callable[[TaskRun], float | None]) -> Sum:
        return add_up([*map(seconds, runs), *[None] * (attempts - len(runs))])

    return NameSummary(
        kind=kind,
        name=name,
        tasks=tasks,
        attempts=attempts,
        running_seconds=sum_of(trace.running_time),
        waiting_for_arguments_seconds=sum_of(trace.waiting_for_arguments),
        waiting_for_worker_seconds=sum_of(trace.waiting_for_worker),
        failed=outcomes[Outcome.FAILED],
        cancelled=outcomes[Outcome.CANCELLED],
        unfinished=outcomes[Outcome.UNFINISHED],
    )


def _failures(runs: Iterable[TaskRun]) -> tuple[Failure, ...]:
    errors = Counter(
        (run.name, run.error.strip().partition("\n")[0] if run.error else None)
        for run in runs
        if run.outcome is Outcome.FAILED
    )
    return tuple(Failure(name, error, times) for (name, error), times in errors.most_common())
