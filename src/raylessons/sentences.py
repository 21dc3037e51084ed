"""What happened in a frame, in a headline and in sentences made of the record's own facts."""

from collections import Counter
from collections.abc import Sequence

from raylessons.events import NOTABLE_SECONDS, Event, Kind
from raylessons.names import Names, comma, count, listing
from raylessons.scene import Scene, Status, nearest, shown_nodes
from raylessons.trace import Outcome, TaskRun, Trace
from raylessons.units import format_bytes, format_seconds

Told = tuple[str, str]  # a headline, and what explains it


def tell(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Told:
    """Tell what happened in a beat, given the scene after it."""
    event = beat[0]
    if event.kind is Kind.SUBMIT and all(each.kind is Kind.SUBMIT for each in beat):
        headline, text = _submit(beat, names, trace)
    elif len(beat) > 1:
        return _together(beat, scene, names, trace)
    else:
        headline, text = _TELLERS[event.kind](event, scene, names, trace)
    if event.misdated_seconds > NOTABLE_SECONDS:
        text += (
            f" The record dates this {format_seconds(event.misdated_seconds)} before what "
            "must come first: two clocks differ, or it was seen late."
        )
    return headline, text


def tell_program(names: Names, trace: Trace) -> Told:
    """Tell which tasks the program has, and what each needs."""
    runs = list({run.task_id: run for run in reversed(trace.task_runs)}.values())[::-1]
    if not runs:
        return "No task is on record", "The recording holds no task, so there is none to follow."
    made = {each for run in runs for each in names.returns(run.task_id)}
    refs = count(len(made), "ref")
    needs = [run for run in runs if made & set(run.argument_ids)]
    free = [run for run in runs if run not in needs]
    told = []
    if free:
        need = "needs" if len(free) == 1 else "need"
        told.append(f"{listing([names.task(run) for run in free])} {need} no other task's result.")
    for run in needs[:3]:
        told.append(
            f"{names.task(run)} needs {listing([names.ref(each) for each in run.argument_ids])}."
        )
    if len(needs) > 3:
        told.append(f"{count(len(needs) - 3, 'more task')} need the results of others, too.")
    return f"The program: {count(len(runs), 'task')}, {refs}", " ".join(told)


def tell_cluster(names: Names, trace: Trace) -> Told:
    """Tell what the cluster is before anything happens."""
    if not trace.nodes:
        return "No node is on record", "The recording does not tell where the tasks ran."
    cpus = sum(node.logical_cpus for node in trace.nodes)
    headline = f"The cluster: {count(len(trace.nodes), 'node')}, {cpus:g} logical CPUs"
    each = {node.logical_cpus for node in trace.nodes}
    text = (
        f"The driver runs on {names.node(names.driver_node.node_id)}. "
        if (names.driver_node)
        else "On which node the driver runs is not on record. "
    )
    if len(each) == 1:
        at_a_time = "one task at a time" if each == {1} else f"{min(each):g} tasks at a time"
        who = "Each node has" if len(trace.nodes) > 1 else "The node has"
        text += f"{who} room for {at_a_time} that ask for one CPU each, and an object store. "
    else:
        text += "Each node has an object store. "
    if hidden := len(trace.nodes) - len(shown_nodes(names)):
        text += f"{count(hidden, 'node')} not drawn. "
    return headline, text + "No task has been submitted yet."


def tell_end(scene: Scene, names: Names, trace: Trace) -> Told:
    """Tell what there is when the recording ends."""
    text = [f"It lasted {format_seconds(trace.seconds)}."]
    runs = Counter(task.status for task in scene.tasks)
    if runs[Status.FINISHED]:
        text.append(f"{count(runs[Status.FINISHED], 'task')} finished.")
    if runs[Status.FAILED]:
        text.append(f"{count(runs[Status.FAILED], 'task')} failed.")
    if open_ := [
        task for task in scene.tasks if task.status not in (Status.FINISHED, Status.FAILED)
    ]:
        told = listing([names.task(task.run) for task in open_])
        text.append(f"The record has no end of {told}.")
    used = {each for run in trace.task_runs for each in run.argument_ids}
    last = [
        each.object_id
        for each in trace.objects
        if each.object_id not in used and each.object_id in scene.exists
    ]
    for object_id in last[:2]:
        text.append(_lies(object_id, scene, names) + ".")
    return "The recording ends", " ".join(text)


def _lies(object_id: str, scene: Scene, names: Names) -> str:
    label = names.ref(object_id)
    if scene.lost(object_id):
        return f"The value of {label} is lost"
    where = nearest(scene, object_id, names)
    if where is not None:
        own = names.driver_node is not None and names.driver_node.node_id == where
        return f"{label} lies on {names.node(where)}" + (", the driver's own node" if own else "")
    if names.objects[object_id].inlined:
        return f"{label} is small: its value is with its ref, in no object store"
    return f"Where {label} lies is not on record"


def _submit(beat: Sequence[Event], names: Names, trace: Trace) -> Told:
    runs = [event.run for event in beat if event.run is not None]
    run = runs[0]
    if len(runs) == 1 and run.attempt:
        before = next(
            (
                each
                for each in trace.task_runs
                if each.task_id == run.task_id and each.attempt == run.attempt - 1
            ),
            None,
        )
        why = (
            f" Attempt {run.attempt} failed{_because(before)}."
            if (before and before.outcome is Outcome.FAILED)
            else ""
        )
        if before and before.outcome is Outcome.FINISHED:
            why = f" Attempt {run.attempt} had finished, and its result was lost."
        return f"Ray tries {_plain(run, names)} again", (
            f"{_at('Attempt ' + str(run.attempt + 1) + ' is submitted', run.submitted)}.{why}"
        )
    parents = {each.task_id: each for each in trace.task_runs}
    parent = parents.get(run.parent_task_id or "")
    who = names.task(parent) if parent else "the driver"
    refs = [ref for each in runs for ref in names.returns(each.task_id)]
    what = names.task(run) if len(runs) == 1 else count(len(runs), "task")
    has = "its ref" if len(refs) == 1 else count(len(refs), "ref") if refs else "no ref on record"
    headline = f"{_capital(who)} submits {what} and has {has} at once"
    times = [each.submitted for each in runs if each.submitted is not None]
    text = []
    if len(times) > 1:
        text.append(
            f"Between {format_seconds(min(times))} and {format_seconds(max(times))} it "
            f"calls .remote() on {listing([names.task(each) for each in runs])}."
        )
    elif times:
        text.append(f"It calls .remote() at {format_seconds(times[0])}.")
    else:
        text.append("When it called .remote() is not on record.")
    starts = [each.started for each in runs if each.started is not None]
    if starts and times and min(starts) >= max(times):
        text.append(
            f"No work has been done: the first of these tasks starts at "
            f"{format_seconds(min(starts))}."
        )
    if refs:
        owns = "it" if len(refs) == 1 else "them"
        text.append(
            f"{_capital(who)} owns {listing([names.ref(each) for each in refs])}, "
            f"and keeps track of {owns}."
        )
    return headline, " ".join(text)


def _ready(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    run = _run(event)
    refs = [names.ref(each) for each in run.argument_ids]
    exist = f"{listing(refs)} {'exists' if len(refs) == 1 else 'exist'}" if refs else "All is there"
    headline = f"{exist}: {names.task(run)} may run"
    waited = _span(run.submitted, run.arguments_ready)
    text = f"{_at('Its arguments are ready', run.arguments_ready)}"
    text += f", {waited} after its submission. " if waited else ". "
    for object_id in run.argument_ids[:3]:
        text += _lies(object_id, scene, names) + ". "
    return headline, text + "Only now does the owner of its result ask for a worker."


def _copy(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    transfer = event.transfer
    assert transfer is not None
    label, goal = names.ref(transfer.object_id), names.node(transfer.to_node_id)
    source = f"from {names.node(transfer.from_node_id)} to" if transfer.from_node_id else "to"
    size = _sized(transfer.object_id, names)
    headline = f"{label}{size} is copied {source} {goal}"
    text = [f"{_at('The copy was seen', transfer.seen)}."]
    reader = next((task.run for task in scene.tasks if task.run.task_id == transfer.task_id), None)
    if reader is not None:
        text.append(f"{names.task(reader)} needs it there.")
        there = [
            names.ref(each)
            for each in reader.argument_ids
            if each != transfer.object_id and (each, transfer.to_node_id) in scene.copies
        ]
        if there:
            verb = "lies" if len(there) == 1 else "lie"
            text.append(f"{listing(there)} {verb} there already.")
    if transfer.from_node_id and (transfer.object_id, transfer.from_node_id) in scene.copies:
        text.append(f"{_capital(names.node(transfer.from_node_id))} keeps its own.")
    return headline, " ".join(text)


def _lease(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    run = _run(event)
    headline = f"{names.task(run)} goes to {names.worker(run)}"
    since = run.submitted if run.arguments_ready is None else run.arguments_ready
    waited = _span(since, run.leased)
    text = _at("It is handed over", run.leased)
    what = "its arguments were ready" if run.argument_ids else "it was submitted"
    text += f", {waited} after {what}" if waited else ""
    if run.started is None:
        text += ". Its start is not on record."
    elif not event.reads_later:
        text += f", and starts at {format_seconds(run.started)}."
    else:
        text += "."
    before = [
        each
        for each in trace.task_runs
        if each.worker_id == run.worker_id is not None
        and each.ended is not None
        and each.ended <= (run.leased or run.started or 0)
        and each != run
    ]
    if before:
        last = max(before, key=lambda each: each.ended or 0)
        text += f" The same worker ran {names.task(last)} before."
    small = [
        names.ref(each)
        for each in run.argument_ids
        if each in names.objects and names.objects[each].inlined
    ]
    if small:
        text += f" {listing(small)} {'travels' if len(small) == 1 else 'travel'} with it, inlined."
    return headline, text


def _start(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    run = _run(event)
    here = [each for each in run.argument_ids if (each, run.node_id) in scene.copies]
    reads = listing([names.ref(each) for each in here])
    headline = f"{names.task(run)} starts"
    if here:
        headline += f" and reads {reads} from its node's store"
    waited = _span(run.leased, run.started)
    text = [_at("It starts", run.started) + (f", {waited} after its lease." if waited else ".")]
    for object_id in here[:3]:
        copied = scene.nodes_of(object_id)[0] != run.node_id
        text.append(
            f"{names.ref(object_id)} "
            + ("had to be copied here first." if copied else "was here: no copy was made.")
        )
    if missing := [names.ref(each) for each in run.argument_ids if each not in here]:
        text.append(f"How it came by {listing(missing)} is not on record.")
    for phase in run.phases:
        taken = _span(phase.start, phase.end)
        if phase.name == "deserialize_arguments" and taken:
            text.append(f"Taking in its arguments took {taken}.")
    return headline, " ".join(text)


def _end(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    run = _run(event)
    name = names.task(run)
    if run.outcome is Outcome.FAILED:
        later = any(
            each.task_id == run.task_id and each.attempt > run.attempt for each in trace.task_runs
        )
        return f"{name} fails", (
            f"{_at('It ended', run.ended)} on {names.worker(run)}{_because(run)}. "
            + ("Another attempt follows." if later else "No other attempt is on record.")
        )
    taken = _span(run.started, run.ended)
    text = _at("It ended", run.ended)
    if taken:
        text += f", {taken} after its start."
    elif run.started is not None and run.ended is not None:
        text += ". Its record has the end before the start: two clocks differ."
    else:
        text += "."
    stored = dict(event.made)
    told = []
    for object_id in event.values[:3]:
        label, size = names.ref(object_id), _sized(object_id, names)
        if object_id in stored:
            told.append(f"{label}{size} lies on {names.node(stored[object_id])}")
            text += " The result stays where it was made." if len(event.values) == 1 else ""
        elif names.objects[object_id].inlined:
            told.append(f"{label}{size} goes to its owner")
            text += f" {label} is small: it reaches no object store."
        else:
            text += f" Where {label} lies is not on record."
    return f"{name} ends" + (f": {listing(told)}" if told else ""), text


def _put(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    object_id = event.values[0]
    label, size = names.ref(object_id), _sized(object_id, names)
    found = names.objects[object_id]
    who = (
        " The driver put it there."
        if found.task_id is None
        else (" The end of the task that made it is not on record.")
    )
    if not event.made:
        return f"{label}{size} is inlined", "It travels with its ref, and reaches no object store."
    return (
        f"{label}{size} lies on {names.node(event.node_id)}",
        f"{_at('It was seen', event.recorded)}.{who}",
    )


def _lost(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    object_id = event.gone[0][0]
    label = names.ref(object_id)
    left = scene.nodes_of(object_id)
    text = (
        f"A copy is left on {listing([names.node(each) for each in left])}."
        if left
        else "No copy is left."
    )
    return (
        f"{label} is lost on {names.node(event.node_id)}",
        f"{_at('It was last missed', event.recorded)}. {text}",
    )


def _removed(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    gone = [names.ref(each) for each, _ in event.gone if scene.lost(each)]
    text = f"{_at('It left', event.recorded)}."
    if gone:
        text += f" With it went the only copy of {listing(gone)}."
    had = [
        names.task(task.run)
        for task in scene.tasks
        if task.on_worker and task.run.node_id == event.node_id
    ]
    if had:
        text += f" It was running {listing(had)}."
    return f"{_capital(names.node(event.node_id))} leaves the cluster", text


def _get(event: Event, scene: Scene, names: Names, trace: Trace) -> Told:
    refs = listing([names.ref(get.object_id) for get in event.gets])
    get = event.gets[0]
    asked = f"ray.get was asked at {format_seconds(get.asked)}"
    if get.returned is None:
        return f"ray.get({refs}) waits", f"{asked}; its return is not on record."
    waited = _span(get.asked, get.returned)
    text = f"{_capital(asked)} and returned at {format_seconds(get.returned)}"
    text += f", {waited} later. " if waited else ". "
    known = [each.object_id for each in event.gets if each.object_id in names.objects]
    text += ". ".join(_lies(each, scene, names) for each in known[:2])
    return f"ray.get({refs}) returns the value" + ("s" if len(event.gets) > 1 else ""), text + "."


_TELLERS = {
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


def _together(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Told:
    """Tell the first few of many events, and how many of each kind there were."""
    kinds = Counter(event.kind for event in beat)
    counted = listing([f"{number} × {kind.value}" for kind, number in kinds.items()], most=6)
    span = _span(beat[0].seconds, beat[-1].seconds)
    headline = f"{count(len(beat), 'event')}" + (f" within {span}" if span else " at one moment")
    told = [tell([event], scene, names, trace)[0] for event in beat[:3]]
    more = f" The other {len(beat) - 3} are not told one by one." if len(beat) > 3 else ""
    return headline, f"{_capital(counted)}. First: {comma(told)}.{more}"


def _run(event: Event) -> TaskRun:
    assert event.run is not None
    return event.run


def _plain(run: TaskRun, names: Names) -> str:
    return names.task(run).removesuffix(f", attempt {run.attempt + 1}")


def _at(what: str, seconds: float | None) -> str:
    if seconds is None:
        return f"{what}, at a time that is not on record"
    return f"{what} at {format_seconds(seconds)}"


def _span(start: float | None, end: float | None) -> str | None:
    if start is None or end is None or not end > start:
        return None
    return format_seconds(end - start)


def _sized(object_id: str, names: Names) -> str:
    found = names.objects.get(object_id)
    if found is None or found.size_bytes is None:
        return ""
    return f" ({format_bytes(found.size_bytes)})"


def _because(run: TaskRun | None) -> str:
    return (
        f": {run.error.strip().splitlines()[0]}" if run and run.error and run.error.strip() else ""
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
