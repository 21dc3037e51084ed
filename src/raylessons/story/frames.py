"""A trace as a story of a few frames, in the order of causes: what happened, and how it then is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from raylessons.story.events import Event, Kind, collect_events
from raylessons.story.order import order_events
from raylessons.story.scene import Scene, advance
from raylessons.story.telling import tell, tell_cluster, tell_end, tell_program
from raylessons.trace.gaps import tell_gaps
from raylessons.trace.names import Names
from raylessons.trace.records import Trace

MOST_FRAMES = 20  # more than a reader steps through; further events share a frame


@dataclass(frozen=True)
class Frame:
    """One picture of the story."""

    seconds: float  # since the recording began; never before the frame in front
    headline: str
    description: str  # what happened, from the record's facts
    scene: Scene | None  # None: the program itself, without a cluster


def frames(trace: Trace) -> tuple[Frame, ...]:
    """Turn a trace into frames: the program, the cluster, and then each thing that happened.

    What one submitter submits before anything has come of it shares a frame, and so do events of
    one kind at one moment, and the nearest ones where there are more than `MOST_FRAMES`.

    >>> [frame.headline for frame in frames(Trace())]
    ['No task is on record', 'No node is on record', 'The recording ends']
    """
    names = Names(trace)
    scene = Scene()
    found = [
        Frame(0.0, *tell_program(names, trace), scene=None),
        Frame(0.0, *tell_cluster(names, trace), scene=scene),
    ]
    seconds = 0.0
    beats = _beats(events_in_order(trace), MOST_FRAMES - 3)
    for beat in beats:
        scene = advance(scene, beat, names)
        seconds = max(seconds, _moment(beat))
        found.append(Frame(seconds, *tell(beat, scene, names, trace), scene=scene))
    is_all_said = beats and beats[-1][-1].kind is Kind.GET
    if not is_all_said or tell_gaps(trace) or any(run.ended is None for run in trace.tasks()):
        scene = advance(scene, (), names)
        seconds = max(seconds, trace.seconds)
        found.append(Frame(seconds, *tell_end(scene, names, trace), scene=scene))
    return tuple(found)


def events_in_order(trace: Trace) -> tuple[Event, ...]:
    """List the events of a trace, each after its causes."""
    return order_events(collect_events(trace), trace)


def _moment(beat: Sequence[Event]) -> float:
    """Date a beat by its last event, but submissions by their first: leases may follow that."""
    if all(event.kind is Kind.SUBMIT for event in beat):
        return beat[0].seconds
    return max(event.seconds for event in beat)


def _beats(found: Sequence[Event], most: int) -> list[list[Event]]:
    """Group events: bursts of submissions, the simultaneous, then the nearest."""
    beats: list[list[Event]] = []
    # submitter, as far as it is known: its submissions since the last result
    bursts: dict[tuple[str | None, str | None], list[Event]] = {}
    for event in found:
        if event.kind is Kind.SUBMIT and event.run is not None and event.run.attempt == 0:
            submitter = event.run.parent_task_id, event.run.submitter_actor_id
            if submitter in bursts:
                bursts[submitter].append(event)
            else:
                bursts[submitter] = [event]
                beats.append(bursts[submitter])
            continue
        if event.kind not in (Kind.READY, Kind.LEASE, Kind.START):
            bursts.clear()
        if beats and beats[-1][-1].kind is event.kind and beats[-1][-1].seconds == event.seconds:
            beats[-1].append(event)
        else:
            beats.append([event])
    return beats if len(beats) <= most else _fewer(beats, most)


def _fewer(beats: Sequence[list[Event]], most: int) -> list[list[Event]]:
    """Keep the widest gaps between beats; gaps between beats of one kind go first."""

    def width(gap: int) -> tuple[bool, float]:
        before, behind = beats[gap - 1], beats[gap]
        return before[-1].kind is not behind[0].kind, _moment(behind) - _moment(before)

    kept = sorted(range(1, len(beats)), key=width, reverse=True)[: most - 1]
    bounds = pairwise((0, *sorted(kept), len(beats)))
    return [[event for beat in beats[start:end] for event in beat] for start, end in bounds]
