"""What a frame shows, in a headline and in sentences made of the record's own facts."""

from collections import Counter
from collections.abc import Sequence

from raylessons.drawing.layout import shown_nodes
from raylessons.story.events import Event, Kind
from raylessons.story.happenings import TELLERS, at_time, capital, lies, span
from raylessons.story.scene import Scene, Status
from raylessons.trace.names import Names
from raylessons.trace.records import Outcome, TaskRun, Trace
from raylessons.words import count, format_seconds, listing, verb

NOTABLE_SECONDS = 0.005  # object locations are asked for every half millisecond, and come late
Told = tuple[str, str]  # a headline, and the sentences under it


def tell_program(names: Names, trace: Trace) -> Told:
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


def tell_cluster(names: Names, trace: Trace) -> Told:
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


def tell_end(scene: Scene, names: Names, trace: Trace) -> Told:
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
    text += [f"{lies(each, scene, names)}." for each in results[:2]]
    return "The recording ends", " ".join(text)


def tell(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Told:
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


def _together(beat: Sequence[Event], scene: Scene, names: Names, trace: Trace) -> Told:
    """Tell how many events there were of each kind, and the first few of them."""
    kinds = Counter(event.kind for event in beat)
    counted = [
        (one if kinds[kind] == 1 else several.format(kinds[kind]))
        for kind, (one, several) in COUNTED.items()
        if kinds[kind]
    ]
    lasted = span(beat[0].seconds, beat[-1].seconds)
    when = f"within {lasted}" if lasted else "at one moment"
    told = ". ".join(tell([event], scene, names, trace)[0] for event in beat[:3])
    hidden = f"{len(beat) - 3} more are not told one by one: all" if len(beat) > 3 else "All"
    return capital(listing(counted, most=len(Kind))), f"{told}. {hidden} {when}."


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


def _submissions(runs: Sequence[TaskRun], names: Names, trace: Trace) -> Told:
    run = runs[0]
    if run.attempt:
        return _another_attempt(run, names, trace)
    who = names.submitter(run, begins=True)
    refs = [ref for each in runs for ref in names.returns(each.task_id)]
    what = names.plain(run) if len(runs) == 1 else f"{len(runs)} tasks"
    has = verb(refs, "its ref", f"{len(refs)} refs") if refs else "no ref on record"
    times = [each.submitted for each in runs if each.submitted is not None]
    last = max(times, default=0.0)
    ends = [each.ended for each in runs if each.ended is not None]
    at_once = bool(times and ends) and min(ends) >= last
    headline = f"{who} submits {what}, and has {has}" + (" at once" if at_once else "")
    calls = f"It called .remote() on {listing([names.plain(each) for each in runs])}"
    if span(min(times, default=0.0), last):
        text = f"{calls} between {format_seconds(min(times))} and {format_seconds(last)}."
    else:
        text = f"{at_time(calls, times[0] if times else None)}."
    starts = [each.started for each in runs if each.started is not None]
    if at_once and starts and min(starts) >= last:
        none = verb(runs, "It had not started", "None of them had started")
        text += f" {none}: {verb(runs, 'that', 'the first')} came at {format_seconds(min(starts))}."
    elif at_once:
        text += f" Nothing had been made: the first of them ended at {format_seconds(min(ends))}."
    if refs:
        text += f" {who} owns {names.refs(refs)}, and so keeps track of {verb(refs, 'it', 'them')}."
    return headline, text


def _another_attempt(run: TaskRun, names: Names, trace: Trace) -> Told:
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
