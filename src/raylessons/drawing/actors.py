"""The actors of a scene: where each lives, what it runs, and how many calls wait for it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from raylessons.story.scene import Scene, Status, TaskState
from raylessons.trace.names import Names
from raylessons.trace.records import Actor, TaskKind
from raylessons.words import count, listing


@dataclass(frozen=True)
class Resident:
    """An actor in the process that is its own, at one moment."""

    actor: Actor
    worker_id: str
    running: tuple[TaskState, ...]  # its making, or calls
    waiting: int  # calls in its queue
    is_ready: bool
    is_dead: bool = False


def find_residents(scene: Scene, seconds: float, names: Names) -> dict[str, Resident]:
    """Find the actors that live, or have died, in a worker that is known, by its id.

    >>> from raylessons.trace.records import Trace
    >>> names = Names(Trace(actors=(Actor("a1", "Counter", "n1", "w1", created=0.0, died=2.0),)))
    >>> [find_residents(Scene(), seconds, names)["w1"].is_dead for seconds in (1.0, 2.0)]
    [False, True]
    """
    states: dict[str, list[TaskState]] = defaultdict(list)
    for task in scene.tasks:
        if task.run.kind is not TaskKind.TASK and task.run.actor_id is not None:
            states[task.run.actor_id].append(task)
    if not names.actors and not states:
        return {}
    made_here = {run.actor_id for run in names.tasks.values() if run.kind is TaskKind.CREATION}
    found = {}
    for actor_id in {**names.actors, **states}:
        own = states[actor_id]
        actor = names.actors.get(actor_id) or Actor(actor_id, names.actor(actor_id, own[0].run))
        resident = _resident(actor, own, actor_id in made_here, seconds)
        if resident is not None:
            found[resident.worker_id] = resident
    return found


def _resident(
    actor: Actor, own: list[TaskState], made_here: bool, seconds: float
) -> Resident | None:
    making = next((each for each in own if each.run.kind is TaskKind.CREATION), None)
    calls = [each for each in own if each.run.kind is TaskKind.CALL]
    running = tuple(each for each in own if each.status is Status.RUNNING)
    begun = making is not None and making.status not in (Status.WAITING, Status.READY)
    # Where its making is not on record, it may have lived before the recording began.
    lives = running or begun or (not made_here and (actor.created or 0.0) <= seconds)
    at_work = [each.run.worker_id for each in running]
    again = actor.worker_id if actor.ready is not None and actor.ready <= seconds else None
    at_first = making.run.worker_id if making is not None else None
    worker_id = next(filter(None, (*at_work, again, at_first, actor.worker_id)), None)
    if not lives or worker_id is None:
        return None
    dead = actor.died is not None and actor.died <= seconds
    return Resident(
        actor,
        worker_id,
        () if dead else running,
        0 if dead else sum(waits_for_turn(each) for each in calls),
        making is None or making.status is Status.FINISHED,
        dead,
    )


def waits_for_turn(task: TaskState) -> bool:
    """Tell whether it is a call that its actor has not begun: it stands in the actor's queue."""
    before = (Status.WAITING, Status.READY, Status.LEASED)
    return task.run.kind is TaskKind.CALL and task.status in before


def method(task: TaskState) -> str:
    """Name what an actor runs, without the name of its class."""
    return task.run.name.rpartition(".")[2]


def tell_resident(resident: Resident, names: Names) -> str:
    """Say in words what an actor does.

    >>> from raylessons.trace.records import Trace
    >>> counter = Resident(Actor("a1", "Counter"), "w1", (), 3, is_ready=True)
    >>> tell_resident(counter, Names(Trace()))
    'the actor Counter runs nothing, 3 calls wait for it'
    """
    worker: Mapping[str, str] = {
        worker_id: f" in worker {each.number}" for worker_id, each in names.workers.items()
    }
    who = f"the actor {resident.actor.name}{worker.get(resident.worker_id, '')}"
    if resident.is_dead:
        return f"{who} has died"
    runs = listing([names.task(each.run) for each in resident.running]) or "nothing"
    wait = "waits" if resident.waiting == 1 else "wait"
    queue = f", {count(resident.waiting, 'call')} {wait} for it" if resident.waiting else ""
    return f"{who} runs {runs}{queue}"
