"""What a frame shows, in a headline and in sentences made of the record's own facts."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from raylessons.story.events import Event, Kind
from raylessons.story.scene import Scene, Status, nearest, shown_nodes
from raylessons.trace.gaps import tell_gaps
from raylessons.trace.names import Names
from raylessons.trace.records import DRIVER, Outcome, TaskKind, TaskRun, Trace
from raylessons.words import capital, count, format_seconds, listing, verb

NOTABLE_SECONDS = 0.005  # object locations are asked for every half millisecond, and come late
Telling = tuple[str, str]  # a headline, and the sentences under it


def tell_program(names: Names, trace: Trace) -> Telling:
    """Tell which tasks the program has, and what each needs."""
    runs = list(names.tasks.values())
    if not runs:
        return "No task is on record", "The recording holds no task, so there is none to follow."
    needs = trace.needs()
    parents = {run.parent_task_id for run in runs}
    text = []
    free = [names.plain(run) for run in runs if _needs_nothing(run, needs, parents)]
    if free:
        text.append(f"{listing(free)} {verb(free, 'needs', 'need')} no other task's result.")
    needy = [run for run in runs if needs[run.task_id]]
    text += [f"{names.plain(run)} needs {names.refs(run.argument_ids)}." for run in needy[:3]]
    if len(needy) > 3:
        text.append(f"{count(len(needy) - 3, 'more task')} also need the results of others.")
    nested = [run for run in runs if run.nested_ids]
    text += [
        f"{names.plain(run)} is given {names.refs(run.nested_ids)} inside what it takes along, "
        "where Ray does not wait for them."
        for run in nested[:3]
    ]
    busy = [names.plain(run) for run in runs if run.task_id in parents]
    if busy:
        text.append(
            f"{listing(busy)} {verb(busy, 'submits', 'submit')} tasks, and may wait for them."
        )
    unknown = [names.plain(run) for run in runs if not run.arguments_known]
    if unknown:
        text.append(f"What {listing(unknown)} {verb(unknown, 'needs', 'need')} is not on record.")
    refs = sum(len(names.returns(run.task_id)) for run in runs)
    return f"The program: {_kinds(runs)}, {count(refs, 'ref')}", " ".join(text)


def _needs_nothing(
    run: TaskRun, needs: Mapping[str, Sequence[str]], parents: Collection[str | None]
) -> bool:
    """Tell whether it is known of a task that it needs no other one."""
    may_need = run.nested_ids or not run.arguments_known or run.task_id in parents
    return not may_need and not needs[run.task_id]


def tell_cluster(names: Names, trace: Trace) -> Telling:
    """Tell what the cluster is before anything happens."""
    if not trace.nodes:
        return "No node is on record", "The recording does not tell where the tasks ran."
    nodes = [node for node in trace.nodes if node.joined is None]
    cpus = count(sum(node.logical_cpus for node in nodes), "logical CPU")
    headline = f"The cluster: {count(len(nodes), 'node')}, {cpus}"
    text = ["On which node the driver runs is not on record."]
    if names.driver_node is not None:
        text = [f"The driver runs on {names.node(names.driver_node.node_id)}."]
    each = {node.logical_cpus for node in nodes}
    who = "Each node has" if len(nodes) > 1 else "The node has"
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
    ended = (Status.FINISHED, Status.FAILED, Status.CANCELLED)
    for status in ended:
        if number[status]:
            was = verb(range(number[status]), "was ", "were ") if status is ended[2] else ""
            text.append(f"{capital(count(number[status], 'task'))} {was}{status.value}.")
    left = [task.run for task in scene.tasks if task.status not in ended]
    unstarted = [run for run in left if run.started is None and run.submitted is not None]
    lacking = [run for run in unstarted if run.lacks is not None]
    idle = [names.task(run) for run in unstarted if run.lacks is None]
    if idle:
        text.append(f"{listing(idle)} never started: why is not on record.")
    text += [
        f"{names.task(run, begins=True)} never started: it asks for {run.lacks}, "
        "and no node has that."
        for run in lacking[:3]
    ]
    if len(lacking) > 3:
        more = count(len(lacking) - 3, "other task")
        text.append(f"{capital(more)} never started for want of a node, too.")
    others = [names.task(run) for run in left if run.started is not None or run.submitted is None]
    if others:
        text.append(f"The record has no end of {listing(others)}.")
    used = {each for run in trace.task_runs for each in run.argument_ids}
    results = [each for each in names.objects if each in scene.exists and each not in used]
    text += [f"{tell_place(each, scene, names)}." for each in results[:2]]
    text += [gaps] if (gaps := tell_gaps(trace)) else []
    return "The recording ends", " ".join(text)


def tell(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Telling:
    """Tell what happened in a beat, given the scene after it."""
    event = beat[0]
    submitters = {
        (each.run.parent_task_id, each.run.submitter_actor_id) for each in beat if each.run
    }
    if len(submitters) == 1 and all(each.kind is Kind.SUBMIT for each in beat):
        headline, text = _submissions([each.run for each in beat if each.run], names, trace)
    elif len(beat) > 1:
        return _together(beat, scene, names, trace)
    else:
        headline, text = TELLERS[event.kind](event, scene, names, trace)
    if event.misdated_seconds > NOTABLE_SECONDS:
        text += (
            f" The record dates this {format_seconds(event.misdated_seconds)} before what must "
            f"come first: {_why_misdated(trace)}."
        )
    return headline, text


def _why_misdated(trace: Trace) -> str:
    """Say why a date may be wrong: on one node there is one clock."""
    several = len(trace.nodes) != 1
    return "two clocks differ, or it was told out of order" if several else "it was told late"


def _is_call(event: Event) -> bool:
    return event.run is not None and event.run.kind is TaskKind.CALL


def _together(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Telling:
    """Tell how many events there were of each kind, and the first few of them."""
    kinds = Counter((_is_call(event), event.kind) for event in beat)
    counted = _count_up(kinds, {(False, kind): words for kind, words in COUNTED.items()})
    counted += _count_up(kinds, {(True, kind): words for kind, words in COUNTED_CALLS.items()})
    counted += _count_up(Counter(map(_get_ending, beat)), COUNTED_GETS)
    lasted = span(beat[0].seconds, beat[-1].seconds)
    when = f"within {lasted}" if lasted else "at one moment"
    headlines = ". ".join(tell([event], scene, names, trace)[0] for event in beat[:3])
    more = range(len(beat) - 3)
    hidden = (
        f"{len(more)} more {verb(more, 'is', 'are')} not told one by one: all" if more else "All"
    )
    headline = listing(counted, most=len(counted))
    headline = headline if headline.startswith("ray.") else capital(headline)
    return headline, f"{headlines}. {hidden} {when}."


def _count_up(numbers: Mapping[Any, int], words: Mapping[Any, tuple[str, str]]) -> list[str]:
    return [
        (one if numbers[each] == 1 else several.format(numbers[each]))
        for each, (one, several) in words.items()
        if numbers.get(each)
    ]


def _get_ending(event: Event) -> str | None:
    """Tell how a get or an await ended, or `None` for what is neither."""
    if not event.gets:
        return None
    has_error = any(get.error is not None for get in event.gets)
    if event.gets[0].call == "await":
        return "error" if has_error else "value"
    if event.gets[0].returned is None:
        return "gives up" if has_error else "goes on"
    return "raises" if has_error else "returns"


COUNTED = {
    Kind.JOINED: ("a node joins", "{} nodes join"),
    Kind.REMOVED: ("a node leaves", "{} nodes leave"),
    Kind.SUBMIT: ("a task is submitted", "{} tasks are submitted"),
    Kind.END: ("a task ends", "{} tasks end"),
    Kind.READY: ("a task has its arguments", "{} tasks have their arguments"),
    Kind.COPY: ("an object is copied", "{} objects are copied"),
    Kind.LEASE: ("a task goes to a worker", "{} tasks go to workers"),
    Kind.START: ("a task starts", "{} tasks start"),
    Kind.YIELD: ("a task yields a value", "{} values are yielded"),
    Kind.PUT: ("an object is seen", "{} objects are seen"),
    Kind.LOST: ("a copy is lost", "{} copies are lost"),
    Kind.WAIT: ("ray.wait returns", "ray.wait returns {} times"),
}
# A call of an actor is sent to its process, which nobody leases.
COUNTED_CALLS = {
    Kind.SUBMIT: ("an actor call is submitted", "{} actor calls are submitted"),
    Kind.END: ("an actor call ends", "{} actor calls end"),
    Kind.READY: ("an actor call has its arguments", "{} actor calls have their arguments"),
    Kind.LEASE: ("an actor call goes to its actor", "{} actor calls go to their actors"),
    Kind.START: ("an actor call starts", "{} actor calls start"),
    Kind.YIELD: ("an actor call yields a value", "{} values are yielded by actor calls"),
}
# What became of a `ray.get`, and of an `await`.
COUNTED_GETS = {
    "returns": ("ray.get returns", "ray.get returns {} times"),
    "raises": ("ray.get raises", "ray.get raises {} times"),
    "gives up": ("ray.get gives up", "ray.get gives up {} times"),
    "goes on": ("ray.get waits", "ray.get waits {} times"),
    "value": ("an await gets a value", "{} awaits get values"),
    "error": ("an await gets an error", "{} awaits get errors"),
}


def _submissions(runs: Sequence[TaskRun], names: Names, trace: Trace) -> Telling:
    run = runs[0]
    if run.attempt:
        return _another_attempt(run, names, trace)
    who = names.submitter(run, begins=True)
    refs = [
        ref
        for each in runs
        if not each.streams
        for ref in each.return_ids or names.returns(each.task_id)
    ]
    streams = sum(each.streams for each in runs)
    what = names.plain(run) if len(runs) == 1 else _kinds(runs)
    has = [verb(refs, "its ref", count(len(refs), "ref"))] if refs else []
    has += [f"{'a stream' if streams == 1 else f'{streams} streams'} of refs to come"] * (
        streams > 0
    )
    unmade = _nothing_made_yet(runs)
    headline = f"{who} submits {what}"
    if has:
        headline += f", and has {listing(has)}" + (" at once" if unmade else "")
    text = _calls(runs, names) + unmade
    if refs:
        text += f" {who} owns {names.refs(refs)}, and so keeps track of {verb(refs, 'it', 'them')}."
    return headline, text


def _kinds(runs: Sequence[TaskRun]) -> str:
    """Say how many tasks, calls and actors there are."""
    number = Counter(run.kind for run in runs)
    nouns = {TaskKind.TASK: "task", TaskKind.CREATION: "new actor", TaskKind.CALL: "actor call"}
    return listing([count(number[kind], noun) for kind, noun in nouns.items() if number[kind]])


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
    if object_id in scene.released:
        return f"No ref to {label} is left, so that Ray deletes it"
    if object_id in scene.spilled:
        return f"{label} has gone to disk, and may be back in a store"
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
    bad = [each for each in refs if _holds_an_error(each, names, trace)]
    exist = f"{names.refs(refs)} {verb(refs, 'exists', 'exist')}" if refs else "All is there"
    waited = span(run.submitted, run.arguments_ready)
    text = at_time(f"The {verb(refs, 'argument was', 'arguments were')} ready", run.arguments_ready)
    text += f", {waited} after the submission. " if waited else ". "
    text += "".join(f"{tell_place(each, scene, names)}. " for each in refs[:3])
    asks = f"Only now did {names.submitter(run)} ask for a worker."
    if run.kind is TaskKind.CALL:
        asks = "Only now could it be sent to its actor."
    if bad:
        held = f"There is an error in the place of {names.refs(bad)}"
        return f"{held}: {names.task(run)} is sent on with it", text + asks
    return f"{exist}, so {names.task(run)} may run", text + asks


def _holds_an_error(object_id: str, names: Names, trace: Trace) -> bool:
    found = names.objects.get(object_id)
    made_by = trace.makers().get(object_id)
    ends = {run.outcome for run in trace.tasks() if run.task_id == made_by}
    told = found is not None and found.error is not None
    return told or bool(ends & {Outcome.FAILED, Outcome.CANCELLED})


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
    text = _handing_over(run, names)
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


def _handing_over(run: TaskRun, names: Names) -> str:
    """Say how a task came to its worker: only what is no actor's is leased one."""
    if run.kind is TaskKind.CALL:
        return at_time("Nobody leases a worker for a call: it was sent to its actor", run.leased)
    if run.kind is TaskKind.CREATION:
        return "The worker is the actor's own for as long as it lives"
    who = names.submitter(run, begins=True)
    return at_time(f"{who} leased this worker, and handed it the task", run.leased)


def _start(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    run = _run(event)
    here = [each for each in run.argument_ids if (each, run.node_id) in scene.copies]
    reads = f" and reads {names.refs(here)} from the store of its node" if here else ""
    waited = span(run.leased, run.started)
    before = "it was sent" if run.kind is TaskKind.CALL else "the lease"
    text = at_time("It started", run.started) + (f", {waited} after {before}." if waited else ".")
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
    if run.outcome is Outcome.CANCELLED:
        text = f"{at_time('It ended', run.ended)}, and has no result."
        return f"{names.task(run, begins=True)} is cancelled", text
    lasted = span(run.started, run.ended)
    text = at_time("It ended", run.ended)
    text += f", {lasted} after its start." if lasted else "."
    if run.started is not None and run.ended is not None and run.ended < run.started:
        why = "two clocks differ" if len(trace.nodes) != 1 else "it was told late"
        text += f" Its record has the start at {format_seconds(run.started)}: {why}."
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
    found = names.objects[object_id]
    putter = names.tasks.get(found.put_by or "")
    if found.task_id is not None:
        who = "The end of the task that made it is not on record."
    elif found.put_by == DRIVER:
        who = "The driver put it there."
    elif putter is not None:
        who = f"{names.task(putter, begins=True)} put it there."
    else:
        who = "Who put it there is not on record."
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


def _joined(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    text = f"{at_time('It was seen', event.recorded)}."
    return f"{capital(names.node(event.node_id))} joins the cluster", text


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
    shown = ", ".join(names.ref(each) for each in refs[:3]) + ", …" * (len(refs) > 3)
    if get.call == "await":
        return _future(event, shown)
    call = f"{get.call}({shown})"
    text = at_time("It was called", get.asked)
    errors = list(dict.fromkeys(each.error for each in event.gets if each.error is not None))
    if get.returned is None and not errors:
        return f"{call} waits", f"{text}. Its return is not on record."
    if get.returned is None:
        lasted = "" if get.gave_up is None else span(get.asked, get.gave_up)
        later = f" {lasted} later" if lasted else ""
        why = errors[0].rstrip(".")
        return f"{call} gives up", f"{text}, and ended{later} without a value: {why}."
    waited = span(get.asked, get.returned)
    text += f" and returned at {format_seconds(get.returned)}"
    text += f", {waited} later. " if waited else ". "
    if errors:
        failed = [each.object_id for each in event.gets if each.error is not None]
        what = "There is an error in the place of" if len(failed) == 1 else "It came of one of"
        text += f"{what} {names.refs(failed)}: {errors[0].rstrip('.')}."
        return f"{call} raises {errors[0].partition(':')[0]}", text
    text += " ".join(f"{tell_place(each, scene, names)}." for each in refs[:2])
    return f"{call} returns {verb(refs, 'the value', 'the values')}", text


def _future(event: Event, shown: str) -> Telling:
    """Tell what an `await` or a future was given: when it was asked for, nobody hears."""
    get = event.gets[0]
    text = f"{at_time('It came', get.returned)}."
    if get.error is None:
        return f"The value of {shown} goes to an await or a future", text
    return f"An error goes to an await or a future of {shown}", f"{text} {get.error}"


def _wait(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    had = event.wait_round
    assert had is not None
    streams = [count(had.ready_streams, "stream")] * (had.ready_streams > 0)
    ready = len(had.ready_ids) + had.ready_streams
    text = f"{at_time('It was called', had.asked)} with {count(had.refs, 'ref')}"
    waited = span(had.asked, had.returned)
    text += f" and returned {waited} later." if waited else " and returned at once."
    if ready < had.num_returns:
        text += f" It was to wait for {had.num_returns}, and its time was over."
    if not ready:
        return "ray.wait gives back nothing as ready", text
    shown = listing([*map(names.ref, had.ready_ids), *streams])
    return f"ray.wait gives back {shown} as ready", text


def _yield(event: Event, scene: Scene, names: Names, trace: Trace) -> Telling:
    run, (object_id,) = _run(event), event.values
    text = f"{at_time('It was read', event.recorded)}, and was there by then. "
    text += f"{tell_place(object_id, scene, names)}."
    if run.ended is not None and event.recorded is not None and event.recorded < run.ended:
        text += f" The task went on until {format_seconds(run.ended)}."
    return f"{names.task(run, begins=True)} has yielded {names.sized(object_id)}", text


def _run(event: Event) -> TaskRun:
    assert event.run is not None
    return event.run


TELLERS: dict[Kind, Callable[[Event, Scene, Names, Trace], Telling]] = {
    Kind.READY: _ready,
    Kind.COPY: _copy,
    Kind.LEASE: _lease,
    Kind.START: _start,
    Kind.END: _end,
    Kind.YIELD: _yield,
    Kind.PUT: _put,
    Kind.LOST: _lost,
    Kind.JOINED: _joined,
    Kind.REMOVED: _removed,
    Kind.WAIT: _wait,
    Kind.GET: _get,
}
