"""What a trace knows that it does not know, counted: where it says nothing, there is no gap."""

from dataclasses import dataclass

from raylessons.trace.records import Outcome, StoredObject, Trace
from raylessons.words import count, listing


@dataclass(frozen=True)
class Gaps:
    """How much of what a trace could tell it does not tell."""

    unrecorded_tasks: int = 0
    record_limit: int | None = None  # Ray keeps so many records, and may have dropped some
    runs_without_submission: int = 0
    runs_without_start: int = 0
    runs_without_end: int = 0  # of those that ended
    runs_without_submitter: int = 0  # only the actor is known of which a call submitted them
    runs_without_arguments: int = 0
    runs_without_all_items: int = 0
    objects_of_unknown_size: int = 0
    objects_of_unknown_place: int = 0
    objects_of_unknown_origin: int = 0  # neither a task on record nor a put made them
    objects_perhaps_copied: int = 0  # a task had a ref inside its arguments, on another node


def find_gaps(trace: Trace) -> Gaps:
    """Count what is not on record.

    >>> from raylessons.trace.records import TaskRun
    >>> find_gaps(Trace(task_runs=(TaskRun("t1", "noop", submitted=0.0),))).runs_without_start
    1
    """
    runs = trace.task_runs
    existing = existing_objects(trace)
    made_by = trace.makers()
    return Gaps(
        unrecorded_tasks=trace.unrecorded_tasks,
        record_limit=trace.record_limit,
        runs_without_submission=sum(run.submitted is None for run in runs),
        runs_without_start=sum(run.started is None for run in runs),
        runs_without_end=sum(
            run.ended is None and run.outcome is not Outcome.UNFINISHED for run in runs
        ),
        runs_without_submitter=sum(run.submitter_actor_id is not None for run in runs),
        runs_without_arguments=sum(not run.arguments_known for run in runs),
        runs_without_all_items=sum(not run.items_known for run in runs),
        objects_of_unknown_size=sum(stored.size_bytes is None for stored in existing),
        objects_of_unknown_place=sum(
            not (stored.copies or stored.inlined or stored.spilled is not None)
            for stored in existing
        ),
        objects_of_unknown_origin=sum(
            stored.object_id not in made_by and stored.put_by is None for stored in existing
        ),
        objects_perhaps_copied=len(_perhaps_copied(trace)),
    )


def _perhaps_copied(trace: Trace) -> set[tuple[str, str]]:
    """Return what of the stored objects a task could read on a node where no copy was seen.

    They are the ids of objects and of nodes. A task reads the refs inside its arguments itself, if
    it reads them, and of a copy that is soon gone the owner may never hear.
    """
    held = {
        stored.object_id: {copy.node_id for copy in stored.copies}
        for stored in trace.objects
        if stored.copies
    }
    return {
        (object_id, run.node_id)
        for run in trace.task_runs
        for object_id in run.nested_ids
        if run.node_id is not None
        and run.started is not None
        and object_id in held
        and run.node_id not in held[object_id]
    }


def existing_objects(trace: Trace) -> list[StoredObject]:
    """List the objects that have a value: not those whose task has not ended or gave an error."""
    outcomes = {run.task_id: run.outcome for run in trace.tasks()}
    made_by = trace.makers()
    return [
        stored
        for stored in trace.objects
        if stored.error is None
        and outcomes.get(made_by.get(stored.object_id, ""), Outcome.FINISHED) is Outcome.FINISHED
    ]


def describe_gaps(gaps: Gaps) -> list[str]:
    """Say of each kind of gap that there is how many there are.

    >>> describe_gaps(Gaps(objects_of_unknown_size=2))
    ['2 objects of unknown size']
    """
    told = [
        (gaps.unrecorded_tasks, "task", "submitted, of which Ray has no record"),
        (gaps.runs_without_submission, "run", "submitted at a time that is not on record"),
        (gaps.runs_without_start, "run", "whose start is not on record, if there was one"),
        (gaps.runs_without_end, "run", "that ended at a time not on record"),
        (gaps.runs_without_submitter, "run", "submitted by an actor, by which call is unknown"),
        (gaps.runs_without_arguments, "run", "of which nobody heard the arguments"),
        (gaps.runs_without_all_items, "stream", "that the driver did not read to its end"),
        (gaps.objects_of_unknown_size, "object", "of unknown size"),
        (gaps.objects_of_unknown_place, "object", "of unknown place"),
        (gaps.objects_of_unknown_origin, "object", "of which nobody heard who made it"),
        (
            gaps.objects_perhaps_copied,
            "object",
            "to which a task on another node had a ref, copied there or not",
        ),
    ]
    beyond = [] if gaps.record_limit is None else [describe_limit(gaps.record_limit)]
    return [f"{count(number, noun)} {what}" for number, noun, what in told if number] + beyond


def describe_limit(records: int) -> str:
    """Say what is missing where Ray has dropped what went beyond so many records.

    >>> describe_limit(300)
    'whatever did not fit into the 300 records that Ray keeps'
    """
    return f"whatever did not fit into the {count(records, 'record')} that Ray keeps"


def tell_gaps(trace: Trace) -> str:
    """Say in one sentence what is not on record, or nothing where nothing is missing.

    >>> tell_gaps(Trace(unrecorded_tasks=700))
    'Not on record: 700 tasks submitted, of which Ray has no record.'
    >>> tell_gaps(Trace())
    ''
    """
    told = describe_gaps(find_gaps(trace))
    return f"Not on record: {listing(told, most=len(told))}." if told else ""
