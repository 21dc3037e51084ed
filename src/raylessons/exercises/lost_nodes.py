"""Traces for an answer to read: written as Ray's records would tell, about a node that went."""

from collections.abc import Sequence
from random import Random

from raylessons.trace.records import Node, Outcome, TaskRun, Trace

NODE_DIED = "NODE_DIED"  # how the error of a run begins that was lost with its node
STEP_SECONDS = 0.2
# Word of a lost run comes before the node is known to be gone, as in a real record.
NOTICED_SECONDS = 2.0
_ENDS = {
    "!": (Outcome.FAILED, f"{NODE_DIED}: Task failed because the node it was running on is dead"),
    "*": (Outcome.FAILED, "WORKER_DIED"),
    "e": (Outcome.FAILED, "ValueError: no such item"),
    "~": (Outcome.UNFINISHED, None),
    ".": (Outcome.FINISHED, None),
}


def write_record(lives: Sequence[str], chance: Random, gone: bool = True) -> Trace:
    """Write the trace of some tasks, each by its attempts, of which a node takes some along.

    An attempt is a node and an end. `d` is the driver's node, `s` one that stays, `g` the one that
    goes, `n` one that joins later, and `?` none yet. `!` was lost with its node, `*` with its
    worker alone, `e` raised, `~` had not ended, and `.` had a result.

    >>> trace = write_record(["g!s."], Random(1))
    >>> [(run.attempt, run.outcome.value) for run in trace.task_runs]
    [(0, 'failed'), (1, 'finished')]
    """
    numbers = [2, 3]
    chance.shuffle(numbers)
    ids = {letter: f"{chance.randrange(16**6):06x}" for letter in "dsgn"}
    removed = STEP_SECONDS * (len(lives) + 2) + NOTICED_SECONDS
    nodes = [Node(ids["d"], 1, 2, is_driver_node=True), Node(ids["s"], numbers[0], 2)]
    nodes.append(Node(ids["g"], numbers[1], 2, removed=removed if gone else None))
    if any("n" in life for life in lives):
        nodes.append(Node(ids["n"], 4, 2, joined=removed + STEP_SECONDS))
    runs = [
        run
        for place, life in enumerate(chance.sample(lives, len(lives)))
        for run in _runs(f"{chance.randrange(16**6):06x}", life, place, ids)
    ]
    return Trace(
        nodes=tuple(sorted(nodes, key=lambda node: node.number)),
        task_runs=tuple(sorted(runs, key=lambda run: run.submitted or 0.0)),
        seconds=removed + 5 * NOTICED_SECONDS,
    )


def _runs(task_id: str, life: str, place: int, ids: dict[str, str]) -> list[TaskRun]:
    runs, now = [], STEP_SECONDS * place
    for attempt, (letter, mark) in enumerate(zip(life[::2], life[1::2], strict=True)):
        outcome, error = _ENDS[mark]
        has_node = letter in ids
        seconds = NOTICED_SECONDS if mark == "!" else STEP_SECONDS
        runs.append(
            TaskRun(
                task_id,
                "work_on",  # all of one function, as tasks of a real program often are
                attempt,
                node_id=ids.get(letter),
                submitted=now,
                started=now + STEP_SECONDS / 2 if has_node else None,
                ended=None if outcome is Outcome.UNFINISHED else now + seconds,
                outcome=outcome,
                error=error,
            )
        )
        now += seconds
    return runs


def find_loss(trace: Trace) -> tuple[int, dict[str, int | None]] | None:
    """Tell which node went, and where each task finished that it took along, by its id.

    >>> trace = write_record(["g!s*d.", "g!", "g.", "ge", "g*d."], Random(1))
    >>> sorted(map(str, find_loss(trace)[1].values()))
    ['1', 'None']
    """
    gone = next((node for node in trace.nodes if node.removed is not None), None)
    if gone is None:
        return None
    lost = [
        run.task_id
        for run in trace.task_runs
        if run.node_id == gone.node_id and (run.error or "").startswith(NODE_DIED)
    ]
    finished = {
        run.task_id: node.number
        for run in trace.task_runs
        if run.outcome is Outcome.FINISHED and (node := trace.node_of(run))
    }
    return gone.number, {task_id: finished.get(task_id) for task_id in lost}


def tell_life(trace: Trace, task_id: str) -> str:
    """Tell of each attempt at a task where it was and how it ended.

    >>> trace = write_record(["d*d."], Random(1))
    >>> tell_life(trace, trace.task_runs[0].task_id)
    'WORKER_DIED on node 1, then finished on node 1'
    """
    told = []
    for run in trace.task_runs:
        if run.task_id == task_id:
            end = run.error.partition(":")[0] if run.error else run.outcome.value
            node = trace.node_of(run)
            told.append(f"{end} on {f'node {node.number}' if node else 'no node yet'}")
    return ", then ".join(told)


def tell_record(trace: Trace) -> str:
    """Tell of each node whether it went, and of each task what became of it."""
    if not trace.nodes:
        return "a trace with nothing in it"
    nodes = [
        f"node {node.number} {'went' if node.removed is not None else 'stayed'}"
        for node in trace.nodes
    ]
    task_ids = dict.fromkeys(run.task_id for run in trace.task_runs)
    lives = [f"`{task_id}`: {tell_life(trace, task_id)}" for task_id in task_ids]
    return "; ".join([", ".join(nodes), *lives])
