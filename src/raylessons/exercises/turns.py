"""Who started what, and what a program did between its starts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from raylessons.exercises.observing import Observation, Submission
from raylessons.trace.records import TaskRun


def by_submitter(runs: Iterable[TaskRun], all_runs: Iterable[TaskRun]) -> list[list[TaskRun]]:
    """Sort runs by who submitted them: the driver, a task, or the calls of an actor.

    Different ones do not wait for each other. `all_runs` have the submitters, too.

    >>> calls = [TaskRun("c1", "Scale.weigh", actor_id="a"), TaskRun("c2", "Scale.weigh")]
    >>> runs = [TaskRun(f"t{n}", "weigh", parent_task_id=f"c{n}") for n in (1, 2)]
    >>> [[run.task_id for run in each] for each in by_submitter(runs, [*calls, *runs])]
    [['t1'], ['t2']]
    >>> calls[1] = TaskRun("c2", "Scale.weigh", actor_id="a")
    >>> [[run.task_id for run in each] for each in by_submitter(runs, [*calls, *runs])]
    [['t1', 't2']]
    """
    actors = {run.task_id: run.actor_id for run in all_runs}
    groups: dict[str | None, list[TaskRun]] = defaultdict(list)
    for run in runs:
        actor = run.submitter_actor_id or actors.get(run.parent_task_id or "")
        groups[actor or run.parent_task_id].append(run)
    return list(groups.values())


def ways_between(submissions: Sequence[Submission], seen: Observation) -> set[str]:
    """Return in which ways the driver waited between the first and the last of them."""
    first, last = submissions[0].seconds, submissions[-1].seconds
    return {wait.way for wait in seen.waits if first <= wait.start <= last}


def threads_of(submissions: Iterable[Submission]) -> int:
    """Count the threads of the driver that submitted them."""
    return len({each.thread for each in submissions})


def longest_sleep(seen: Observation) -> float:
    """Return the seconds of the longest sleep in the driver."""
    sleeps = [
        wait.end - wait.start
        for wait in seen.waits
        if wait.way == "time.sleep" and wait.end is not None
    ]
    return max(sleeps, default=0.0)
