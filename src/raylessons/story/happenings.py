"""One function for each kind of event: it tells the event in a headline and in sentences."""

from collections.abc import Callable

from raylessons.story.events import Event, Kind
from raylessons.story.scene import Scene, nearest
from raylessons.trace.names import Names
from raylessons.trace.records import Outcome, TaskRun, Trace
from raylessons.words import format_seconds, listing, verb


def at_time(what: str, seconds: float | None) -> str:
    """Date what happened, or say that its date is unknown.

    >>> at_time("It left", 0.3), at_time("It left", None)
    ('It left at 300 ms', 'It left, at a time not on record')
    """
    if seconds is None:
        return f"{what}, at a time not on record"
    return f"{what} at {format_seconds(seconds)}"


def span(start: float | None, end: float | None) -> str | None:
    """Write the time between two moments, unless one is unknown or they are the wrong way round.

    >>> span(0.1, 0.3), span(0.3, 0.1)
    ('200 ms', None)
    """
    if start is None or end is None or not end > start:
        return None
    return format_seconds(end - start)


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def lies(object_id: str, scene: Scene, names: Names) -> str:
    """Say where the value of a ref is."""
    label = names.ref(object_id)
    if scene.lost(object_id):
        return f"The value of {label} is lost"
    where = nearest(scene, object_id, names)
    if where is not None:
        own = names.driver_node is not None and names.driver_node.node_id == where
        return f"{label} lies on {names.node(where)}" + (", the driver's own node" if own else "")
    found = names.objects.get(object_id)
    if found is not None and found.inlined:
        return f"{label} is inlined: its value is with its owner, in no object store"
    return f"Where {label} lies is not on record"


def _ready(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    run = _run(event)
    refs = run.argument_ids
    exist = f"{names.refs(refs)} {verb(refs, 'exists', 'exist')}" if refs else "All is there"
    waited = span(run.submitted, run.arguments_ready)
    text = at_time(f"The {verb(refs, 'argument was', 'arguments were')} ready", run.arguments_ready)
    text += f", {waited} after the submission. " if waited else ". "
    text += "".join(f"{lies(each, scene, names)}. " for each in refs[:3])
    asks = f"Only now did {names.submitter(run)} ask for a worker."
    return f"{exist}, so {names.task(run)} may run", text + asks


def _copy(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    transfer = event.transfer
    assert transfer is not None
    object_id, goal = transfer.object_id, transfer.to_node_id
    source = transfer.from_node_id
    way = f"from {names.node(source)} to {names.node(goal)}" if source else f"to {names.node(goal)}"
    text = f"{at_time('The copy was seen there', transfer.seen)}."
    reader = next((task.run for task in scene.tasks if task.run.task_id == transfer.task_id), None)
    if reader is not None:
        text += f" {names.plain(reader)} was to run there."
        others = [each for each in reader.argument_ids if each != object_id]
        there = [each for each in others if (each, goal) in scene.copies]
        if there:
            were = verb(there, "was", "were")
            text += f" {names.refs(there)} {were} there already, and {were} not copied."
    if source and (object_id, source) in scene.copies:
        text += f" {capital(names.node(source))} keeps its own copy."
    return f"{names.sized(object_id)} is copied {way}", text


def _lease(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    run = _run(event)
    needs = bool(run.argument_ids and run.arguments_ready is not None)
    since = "its arguments were ready" if needs else "its submission"
    waited = span(run.arguments_ready if needs else run.submitted, run.leased)
    leased = f"{names.submitter(run, begins=True)} leased this worker, and handed it the task"
    text = at_time(leased, run.leased)
    text += f", {waited} after {since}" if waited else ""
    if run.started is None:
        text += ". Its start is not on record."
    elif event.starts_later:
        text += "."
    else:
        text += f". The task started at {format_seconds(run.started)}."
    done = [
        each
        for each in trace.task_runs
        if each.worker_id == run.worker_id is not None
        and each.ended is not None
        and each.ended <= (run.started or run.leased or 0.0)
        and (each.task_id, each.attempt) != (run.task_id, run.attempt)
    ]
    if done:
        last = max(done, key=lambda each: each.ended or 0.0)
        text += f" The same worker ran {names.task(last)} before."
    objects = [names.objects[each] for each in run.argument_ids if each in names.objects]
    small = [each.object_id for each in objects if each.inlined]
    if small:
        text += f" {names.refs(small)} {verb(small, 'travels', 'travel')} with it, inlined."
    return f"{names.task(run, begins=True)} goes to {names.worker(run)}", text


def _start(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    run = _run(event)
    here = [each for each in run.argument_ids if (each, run.node_id) in scene.copies]
    reads = f" and reads {names.refs(here)} from the store of its node" if here else ""
    waited = span(run.leased, run.started)
    text = at_time("It started", run.started) + (f", {waited} after the lease." if waited else ".")
    for object_id in here[:3]:
        copied = scene.nodes_of(object_id)[0] != run.node_id
        came = "had been copied here" if copied else "was here all along"
        text += f" {names.ref(object_id)} {came}."
    elsewhere = [each for each in run.argument_ids if each not in here]
    if elsewhere:
        text += f" How it came by {names.refs(elsewhere)} is not on record."
    taken = [span(each.start, each.end) for each in run.phases if "arguments" in each.name]
    if taken and taken[0]:
        text += f" Taking in its arguments took {taken[0]}."
    return f"{names.task(run, begins=True)} starts{reads}", text


def _end(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    run = _run(event)
    if run.outcome is Outcome.FAILED:
        return _failure(run, names, trace)
    lasted = span(run.started, run.ended)
    text = at_time("It ended", run.ended)
    text += f", {lasted} after its start." if lasted else "."
    if run.started is not None and run.ended is not None and run.ended < run.started:
        text += f" Its record has the start at {format_seconds(run.started)}: two clocks differ."
    stored = dict(event.made)
    small = [each for each in event.values if names.objects[each].inlined]
    unknown = [each for each in event.values if each not in stored and each not in small]
    if stored:
        text += f" {verb(list(stored), 'The result stays', 'The results stay')} where it was made."
    if small:
        text += (
            f" {names.refs(small)} {verb(small, 'is', 'are')} small enough to be inlined: "
            f"{names.submitter(run)} has the value, and no object store does."
        )
    if unknown:
        text += f" Where {names.refs(unknown)} {verb(unknown, 'lies', 'lie')} is not on record."
    if not event.values:
        return f"{names.task(run, begins=True)} ends", text
    made = listing([names.sized(each) for each in event.values])
    nodes = list(dict.fromkeys(names.node(node_id) for node_id in stored.values()))
    where = f", now in the store of {listing(nodes)}" if nodes else ""
    return f"{run.name} has made {made}{where}", text


def _failure(run: TaskRun, names: Names, trace: Trace) -> tuple[str, str]:
    reason = (run.error or "").strip().splitlines()
    again = any(
        each.task_id == run.task_id and each.attempt > run.attempt for each in trace.task_runs
    )
    text = f"{at_time('It ended', run.ended)}, on {names.worker(run)}"
    text += f": {reason[0].rstrip('.')}." if reason else "."
    text += " Another attempt follows." if again else " No other attempt is on record."
    return f"{names.task(run, begins=True)} fails", text


def _put(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    object_id = event.values[0]
    who = "The driver put it there."
    if names.objects[object_id].task_id is not None:
        who = "The end of the task that made it is not on record."
    if not event.made:
        return f"{names.sized(object_id)} is inlined", "Its value is with its owner, in no store."
    headline = f"{names.sized(object_id)} lies in the store of {names.node(event.node_id)}"
    return headline, f"{at_time('It was seen', event.recorded)}. {who}"


def _lost(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    object_id = event.gone[0][0]
    left = listing([names.node(each) for each in scene.nodes_of(object_id)])
    text = f"{at_time('It was gone', event.recorded)}. "
    text += f"A copy is left on {left}." if left else "No copy is left."
    return f"{names.ref(object_id)} is lost on {names.node(event.node_id)}", text


def _removed(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    text = f"{at_time('It left', event.recorded)}."
    gone = [object_id for object_id, _ in event.gone if scene.lost(object_id)]
    if gone:
        text += f" With it went the only copy of {names.refs(gone)}."
    here = [task for task in scene.tasks if task.on_worker and task.run.node_id == event.node_id]
    if here:
        text += f" It was running {listing([names.task(task.run) for task in here])}."
    return f"{capital(names.node(event.node_id))} leaves the cluster", text


def _get(event: Event, scene: Scene, names: Names, trace: Trace) -> tuple[str, str]:
    refs = [get.object_id for get in event.gets]
    get = event.gets[0]
    call = f"ray.get({', '.join(names.ref(each) for each in refs[:3])}{', …' * (len(refs) > 3)})"
    text = at_time("It was called", get.asked)
    if get.returned is None:
        return f"{call} waits", f"{text}. Its return is not on record."
    waited = span(get.asked, get.returned)
    text += f" and returned at {format_seconds(get.returned)}"
    text += f", {waited} later. " if waited else ". "
    text += " ".join(f"{lies(each, scene, names)}." for each in refs[:2])
    return f"{call} returns {verb(refs, 'the value', 'the values')}", text


def _run(event: Event) -> TaskRun:
    assert event.run is not None
    return event.run


TELLERS: dict[Kind, Callable[[Event, Scene, Names, Trace], tuple[str, str]]] = {
    Kind.READY: _ready,
    Kind.COPY: _copy,
    Kind.LEASE: _lease,
    Kind.START: _start,
    Kind.END: _end,
    Kind.PUT: _put,
    Kind.LOST: _lost,
    Kind.REMOVED: _removed,
    Kind.GET: _get,
}
