"""What sentences and pictures call the nodes, workers, tasks and objects of a trace."""

from collections import Counter
from collections.abc import Iterable, Sequence

from raylessons.trace import Node, StoredObject, TaskRun, Trace, Worker
from raylessons.units import format_bytes


class Names:
    """The names that one trace gives to its parts.

    >>> from raylessons.trace import Node, Trace
    >>> names = Names(Trace(nodes=(Node("a3f", number=1, logical_cpus=2),)))
    >>> names.node("a3f"), names.node("b00"), names.node(None)
    ('node 1', 'a node not on record', 'a node not on record')
    """

    def __init__(self, trace: Trace) -> None:
        self.nodes: dict[str, Node] = {node.node_id: node for node in trace.nodes}
        self.workers: dict[str, Worker] = {worker.worker_id: worker for worker in trace.workers}
        self.objects: dict[str, StoredObject] = {each.object_id: each for each in trace.objects}
        self.driver_node = next((node for node in trace.nodes if node.is_driver_node), None)
        self._returns: dict[str, list[str]] = {}
        first_runs = {run.task_id: run for run in reversed(trace.task_runs)}
        for run in first_runs.values():
            told = [each for each in run.return_ids if each in self.objects]
            self._returns[run.task_id] = told or [
                each.object_id for each in trace.objects if each.task_id == run.task_id
            ]
        self._shared = Counter(run.name for run in first_runs.values())
        order = sorted(first_runs.values(), key=lambda run: _number(run.submitted))
        self._turn: dict[str, int] = {}
        turns: Counter[str] = Counter()
        for run in order:
            turns[run.name] += 1
            self._turn[run.task_id] = turns[run.name]

    def node(self, node_id: str | None) -> str:
        """Name a node by its number."""
        node = self.nodes.get(node_id or "")
        return f"node {node.number}" if node else "a node not on record"

    def worker(self, run: TaskRun) -> str:
        """Name the worker process and the node of a run, as far as they are on record."""
        worker = self.workers.get(run.worker_id or "")
        where = self.node(run.node_id or (worker.node_id if worker else None))
        return f"worker {worker.number} on {where}" if worker else f"a worker on {where}"

    def ref(self, object_id: str) -> str:
        """Name an object ref by its label."""
        found = self.objects.get(object_id)
        return found.label if found else "a ref not on record"

    def size(self, object_id: str) -> str:
        """Write an object's size, or that it is unknown."""
        found = self.objects.get(object_id)
        if found is None or found.size_bytes is None:
            return "size unknown"
        return format_bytes(found.size_bytes)

    def returns(self, task_id: str) -> list[str]:
        """List the ids of the objects on record that a task returns."""
        return self._returns.get(task_id, [])

    def task(self, run: TaskRun) -> str:
        """Name a task so that no other task of the trace has the same name."""
        if self._shared[run.name] < 2:
            name = run.name
        elif refs := self.returns(run.task_id):
            name = f"{run.name} ({comma(map(self.ref, refs))})"
        else:
            name = f"{run.name} ({self._turn.get(run.task_id, 1)})"
        return f"{name}, attempt {run.attempt + 1}" if run.attempt else name

    def call(self, run: TaskRun) -> str:
        """Write a task as the call that the program makes."""
        return f"{run.name}({comma(map(self.ref, run.argument_ids))})"


def comma(words: Iterable[str]) -> str:
    """Join words by commas."""
    return ", ".join(words)


def listing(words: Sequence[str], most: int = 4) -> str:
    """Join words as a sentence does, and count those past the first `most`.

    >>> listing(["ref1"]), listing(["ref1", "ref2", "ref3"])
    ('ref1', 'ref1, ref2 and ref3')
    >>> listing(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{comma(words[:-1])} and {words[-1]}"


def count(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> count(1, "task"), count(3, "task"), count(0, "copy")
    ('1 task', '3 tasks', 'no copies')
    """
    if number == 1:
        return f"1 {noun}"
    plural = noun[:-1] + "ies" if noun.endswith("py") else noun + "s"
    return f"{number or 'no'} {plural}"


def _number(seconds: float | None) -> float:
    return float("inf") if seconds is None else seconds
