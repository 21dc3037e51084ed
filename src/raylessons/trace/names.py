"""What sentences and pictures call the nodes, workers, tasks and objects of a trace."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from raylessons.trace.records import Actor, Node, StoredObject, TaskRun, Trace, Worker
from raylessons.words import capital, format_bytes, listing


class Names:
    """The names that one trace gives to its parts.

    >>> names = Names(Trace(nodes=(Node("a3f", number=1, logical_cpus=2),)))
    >>> names.node("a3f"), names.node("b00"), names.node(None)
    ('node 1', 'a node not on record', 'a node not on record')
    """

    def __init__(self, trace: Trace) -> None:
        self.nodes: dict[str, Node] = {node.node_id: node for node in trace.nodes}
        self.workers: dict[str, Worker] = {worker.worker_id: worker for worker in trace.workers}
        self.objects: dict[str, StoredObject] = {each.object_id: each for each in trace.objects}
        self.tasks: dict[str, TaskRun] = {}  # the first attempt at each, by submission
        for run in sorted(trace.task_runs, key=_submission):
            self.tasks.setdefault(run.task_id, run)
        self.actors: dict[str, Actor] = {actor.actor_id: actor for actor in trace.actors}
        self.driver_node = next((node for node in trace.nodes if node.is_driver_node), None)
        self._returns: dict[str, list[str]] = defaultdict(list)
        for object_id, task_id in trace.makers().items():
            if object_id in self.objects:
                self._returns[task_id].append(object_id)
        self._turns: dict[str, int] = {}
        self._shared = Counter(run.name for run in self.tasks.values())
        turns: Counter[str] = Counter()
        for task_id, run in self.tasks.items():
            turns[run.name] += 1
            self._turns[task_id] = turns[run.name]

    def node(self, node_id: str | None) -> str:
        """Name a node by its number."""
        node = self.nodes.get(node_id or "")
        return f"node {node.number}" if node else "a node not on record"

    def worker(self, run: TaskRun) -> str:
        """Name the worker process and the node of a run, as far as they are on record."""
        worker = self.workers.get(run.worker_id or "")
        where = self.node(run.node_id or (worker.node_id if worker else None))
        return f"worker {worker.number} on {where}" if worker else f"a worker on {where}"

    def actor(self, actor_id: str | None, run: TaskRun | None = None) -> str:
        """Name an actor by its class, or else by what its run is called.

        >>> call = TaskRun("t1", "Counter.add", actor_id="a1")
        >>> Names(Trace()).actor("a1", call), Names(Trace()).actor("a1")
        ('Counter', 'an actor')
        """
        known = self.actors.get(actor_id or "")
        return (known.name if known else run.name.rpartition(".")[0] if run else "") or "an actor"

    def ref(self, object_id: str) -> str:
        """Name an object ref by its label."""
        found = self.objects.get(object_id)
        return found.label if found else "a ref not on record"

    def refs(self, object_ids: Iterable[str]) -> str:
        """Name several refs, as a sentence does."""
        return listing([self.ref(each) for each in object_ids])

    def sized(self, object_id: str) -> str:
        """Name an object ref with the size of its value, where that is known."""
        found = self.objects.get(object_id)
        size = (
            f" ({format_bytes(found.size_bytes)})" if found and found.size_bytes is not None else ""
        )
        return self.ref(object_id) + size

    def returns(self, task_id: str) -> list[str]:
        """List the ids of the objects on record that a task returns."""
        return self._returns.get(task_id, [])

    def plain(self, run: TaskRun) -> str:
        """Name a task so that no other task of the trace has the same name."""
        if self._shared[run.name] < 2:
            return run.name
        refs = [self.ref(each) for each in self.returns(run.task_id)]
        return f"{run.name} ({', '.join(refs) or self._turns.get(run.task_id, 1)})"

    def task(self, run: TaskRun, *, begins: bool = False) -> str:
        """Name a task, and the attempt if it is not the first; `begins`: at a sentence's start."""
        if not run.attempt:
            return self.plain(run)
        return f"{'Attempt' if begins else 'attempt'} {run.attempt + 1} of {self.plain(run)}"

    def submitter(self, run: TaskRun, *, begins: bool = False) -> str:
        """Name who submitted a task, and so owns the refs of its results."""
        parent = self.tasks.get(run.parent_task_id or "")
        if parent:
            return self.plain(parent)
        if run.submitter_actor_id is not None:
            actor = self.actors.get(run.submitter_actor_id)
            who = f"the actor {actor.name}" if actor else "an actor not on record"
        elif run.parent_task_id is not None:
            who = "a task not on record"
        else:
            who = "the driver"
        return capital(who) if begins else who


def _submission(run: TaskRun) -> tuple[float, int]:
    return (float("inf") if run.submitted is None else run.submitted), run.attempt
