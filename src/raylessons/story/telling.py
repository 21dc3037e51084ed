"""What a frame shows, in a headline and in sentences made of the record's own facts."""

from collections import Counter
from collections.abc import Callable, Sequence

from raylessons.story.events import Event, Kind
from raylessons.story.scene import Scene, Status, nearest, shown_nodes
from raylessons.trace.names import Names
from raylessons.trace.records import Outcome, TaskRun, Trace
from raylessons.words import capital, count, format_seconds, listing, verb

NOTABLE_SECONDS = 0.005  # object locations are asked for every half millisecond, and come late
Telling = tuple[str, str]  # a headline, and the sentences under it


def tell_program(names: Names, trace: Trace) -> Telling:
    """Tell which tasks the program has, and what each needs."""
    runs = list(names.tasks.values())
    if not runs:
        return "No task is on record", "The recording holds no task, so there is none to follow."
    needs = trace.needs()
    needy = [run for run in runs if needs[run.task_id]]
    free = [names.plain(run) for run in runs if not needs[run.task_id]]
    text = []
    if free:
        text.append(f"{listing(free)} {verb(free, 'needs', 'need')} no other task's result.")
    text += [f"{names.plain(run)} needs {names.refs(run.argument_ids)}." for run in needy[:3]]
    if len(needy) > 3:
        text.append(f"{count(len(needy) - 3, 'more task')} also need the results of others.")
    refs = sum(len(names.returns(run.task_id)) for run in runs)
    return f"The program: {count(len(runs), 'task')}, {count(refs, 'ref')}", " ".join(text)


def tell_cluster(names: Names, trace: Trace) -> Telling:
    """Tell what the cluster is before anything happens."""
    if not trace.nodes:
        return "No node is on record", "The recording does not tell where the tasks ran."
    cpus = sum(node.logical_cpus for node in trace.nodes)
    headline = f"The cluster: {count(len(trace.nodes), 'node')}, {cpus:g} logical CPUs"
    text = ["On which node the driver runs is not on record."]
    if names.driver_node is not None:
        text = [f"The driver runs on {names.node(names.driver_node.node_id)}."]
    each = {node.logical_cpus for node in trace.nodes}
    who = "Each node has" if len(trace.nodes) > 1 else "The node has"
    if len(each) == 1:
        tasks = "one task" if each == {1} else f"{min(each):g} tasks"
        text.append(f"{who} room for {tasks} of one CPU each, and an object store.")
    else:
        text.append(f"{who} an object store.")
    if hidden := len(trace.nodes) - len(shown_nodes(names)):
        text.append(f"{hidden} of them {verb(range(hidden), 'is', 'are')} not drawn.")
    return headline, " ".join([*text, "No task has been submitted yet."])


def tell_end(scene: Scene, names: Names, trace: Trace) -> Telling:
    """Tell what there is when the recording ends."""
    text = [f"It lasted {format_seconds(trace.seconds)}."]
    number = Counter(task.status for task in scene.tasks)
    for status in (Status.FINISHED, Status.FAILED):
        if number[status]:
            text.append(f"{capital(count(number[status], 'task'))} {status.value}.")
    ended = (Status.FINISHED, Status.FAILED)
    left = [names.task(task.run) for task in scene.tasks if task.status not in ended]
    if left:
        text.append(f"The record has no end of {listing(left)}.")
    used = {each for run in trace.task_runs for each in run.argument_ids}
    results = [each for each in names.objects if each in scene.exists and each not in used]
    text += [f"{tell_place(each, scene, names)}." for each in results[:2]]
    return "The recording ends", " ".join(text)


def tell(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Telling:
    """Tell what happened in a beat, given the scene after it."""
    event = beat[0]
    if all(each.kind is Kind.SUBMIT for each in beat):
        headline, text = _submissions([each.run for each in beat if each.run], names, trace)
    elif len(beat) > 1:
        return _together(beat, scene, names, trace)
    else:
        headline, text = TELLERS[event.kind](event, scene, names, trace)
    if event.misdated_seconds > NOTABLE_SECONDS:
        text += (
            f" The record dates this {format_seconds(event.misdated_seconds)} before what must "
            "come first: two clocks differ, or it was told out of order."
        )
    return headline, text


def _together(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Telling:
    """Tell how many events there were of each kind, and the first few of them."""
    kinds = Counter(event.kind for event in beat)
    counted = [
        (one if kinds[kind] == 1 else several.format(kinds[kind]))
        for kind, (one, several) in COUNTED.items()
        if kinds[kind]
    ]
    lasted = span(beat[0].seconds, beat[-1].seconds)
    when = f"within {lasted}" if lasted else "at one moment"
    headlines = ". ".join(tell([event], scene, names, trace)[0] for event in beat[:3])
    hidden = f"{len(beat) - 3} more are not told one by one: all" if len(beat) > 3 else "All"
    return capital(listing(counted, most=len(Kind))), f"{headlines}. {hidden} {when}."


COUNTED = {
    Kind.REMOVED: ("a node leaves", "{} nodes leave"),
    Kind.SUBMIT: ("a task is submitted", "{} tasks are submitted"),
    Kind.END: ("a task ends", "{} tasks end"),
    Kind.READY: ("a task has its arguments", "{} tasks have their arguments"),
    Kind.COPY: ("an object is copied", "{} objects are copied"),
    Kind.LEASE: ("a task goes to a worker", "{} tasks go to workers"),
    Kind.START: ("a task starts", "{} tasks start"),
    Kind.PUT: ("an object is seen", "{} objects are seen"),
    Kind.LOST: ("a copy is lost", "{} copies are lost"),
    Kind.GET: ("ray.get returns", "ray.get returns {} times"),
}


def _submissions(runs: Sequence[TaskRun], names: Names, trace: Trace) -> Telling:
    run = runs[0]
    if run.attempt:
        return _another_attempt(run, names, trace)
    who = names.submitter(run, begins=True)
    refs = [ref for each in runs for ref in names.returns(each.task_id)]
    what = names.plain(run) if len(runs) == 1 else count(len(runs), "task")
    has = verb(refs, "its ref", count(len(refs), "ref")) if refs else "no ref on record"
    unmade = _nothing_made_yet(runs)
    headline = f"{who} submits {what}, and has {has}" + (" at once" if unmade else "")
    text = _calls(runs, names) + unmade
    if refs:
        text += f" {who} owns {names.refs(refs)}, and so keeps track of {verb(refs, 'it', 'them')}."
    return headline, text


def _calls(runs: Sequence[TaskRun], names: Names) -> str:
    """Say of which tasks `.remote()` was called, and when."""
    calls = f"It called .remote() on {listing([names.plain(run) for run in runs])}"
    times = [run.submitted for run in runs if run.submitted is not None]
    if times and span(min(times), max(times)):
        return f"{calls} between {format_seconds(min(times))} and {format_seconds(max(times))}."
    return f"{at_time(calls, times[0] if times else None)}."


def _nothing_made_yet(runs: Sequence[TaskRun]) -> str:
    """Say that none had ended, or even started, when the last was submitted, if that is known."""
    submitted = max((run.submitted for run in runs if run.submitted is not None), default=None)
    end = min((run.ended for run in runs if run.ended is not None), default=None)
    start = min((run.started for run in runs if run.started is not None), default=None)
    if submitted is None or end is None or end < submitted:
        return ""
    if start is None or start < submitted:
        return f" Nothing had been made: the first of them ended at {format_seconds(end)}."
    none = verb(runs, "It had not started: that", "None of them had started: the first")
    return f" {none} came at {format_seconds(start)}."


def _another_attempt(run: TaskRun, names: Names, trace: Trace) -> Telling:
    before = [
        each
        for each in trace.task_runs
        if each.task_id == run.task_id and each.attempt == run.attempt - 1
    ]
    text = at_time(f"Attempt {run.attempt + 1} was submitted", run.submitted) + "."
    if before and before[0].outcome is Outcome.FINISHED:
        text += " The attempt before had finished, and its result was lost."
    elif before and before[0].outcome is Outcome.FAILED:
        text += " The attempt before failed."
    return f"Ray tries {names.plain(run)} again", text


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


def tell_place(object_id: str, scene: Scene, names: Names) -> str:
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


def _ready(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    run = _run(event)
    refs = run.argument_ids
    exist = f"{names.refs(refs)} {verb(refs, 'exists', 'exist')}" if refs else "All is there"
    waited = span(run.submitted, run.arguments_ready)
    text = at_time(f"The {verb(refs, 'argument was', 'arguments were')} ready", run.arguments_ready)
    text += f", {waited} after the submission. " if waited else ". "
    text += "".join(f"{tell_place(each, scene, names)}. " for each in refs[:3])
    asks = f"Only now did {names.submitter(run)} ask for a worker."
    return f"{exist}, so {names.task(run)} may run", text + asks


def _copy(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
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


def _lease(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
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


def _start(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
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


def _end(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
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


def _failure(run: TaskRun, names: Names, trace: Trace) -> Telling:
    reason = (run.error or "").strip().splitlines()
    again = any(
        each.task_id == run.task_id and each.attempt > run.attempt for each in trace.task_runs
    )
    text = f"{at_time('It ended', run.ended)}, on {names.worker(run)}"
    text += f": {reason[0].rstrip('.')}." if reason else "."
    text += " Another attempt follows." if again else " No other attempt is on record."
    return f"{names.task(run, begins=True)} fails", text


def _put(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    object_id = event.values[0]
    who = "The driver put it there."
    if names.objects[object_id].task_id is not None:
        who = "The end of the task that made it is not on record."
    if not event.made:
        return f"{names.sized(object_id)} is inlined", "Its value is with its owner, in no store."
    headline = f"{names.sized(object_id)} lies in the store of {names.node(event.node_id)}"
    return headline, f"{at_time('It was seen', event.recorded)}. {who}"


def _lost(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    object_id = event.gone[0][0]
    left = listing([names.node(each) for each in scene.nodes_of(object_id)])
    text = f"{at_time('It was gone', event.recorded)}. "
    text += f"A copy is left on {left}." if left else "No copy is left."
    return f"{names.ref(object_id)} is lost on {names.node(event.node_id)}", text


def _removed(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    text = f"{at_time('It left', event.recorded)}."
    gone = [object_id for object_id, _ in event.gone if scene.lost(object_id)]
    if gone:
        text += f" With it went the only copy of {names.refs(gone)}."
    here = [task for task in scene.tasks if task.on_worker and task.run.node_id == event.node_id]
    if here:
        text += f" It was running {listing([names.task(task.run) for task in here])}."
    return f"{capital(names.node(event.node_id))} leaves the cluster", text


def _get(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    refs = [get.object_id for get in event.gets]
    get = event.gets[0]
    call = f"ray.get({', '.join(names.ref(each) for each in refs[:3])}{', …' * (len(refs) > 3)})"
    text = at_time("It was called", get.asked)
    if get.returned is None:
        return f"{call} waits", f"{text}. Its return is not on record."
    waited = span(get.asked, get.returned)
    text += f" and returned at {format_seconds(get.returned)}"
    text += f", {waited} later. " if waited else ". "
    text += " ".join(f"{tell_place(each, scene, names)}." for each in refs[:2])
    return f"{call} returns {verb(refs, 'the value', 'the values')}", text


def _run(event: Event) -> TaskRun:
    assert event.run is not None
    return event.run


TELLERS: dict[Kind, Callable[[Event, Scene, Names, Trace], Telling]] = {
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
