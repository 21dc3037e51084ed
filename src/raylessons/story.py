"""A trace as a story of a few frames, in the order of causes: what happened, and how it then is."""

from dataclasses import dataclass
from itertools import pairwise

from raylessons.causes import in_order
from raylessons.events import Event, Kind, collect
from raylessons.names import Names
from raylessons.scene import Scene, after
from raylessons.sentences import tell, tell_cluster, tell_end, tell_program
from raylessons.trace import Trace

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

    Events of one kind at one moment share a frame, and so do the nearest ones
    where there are more than `MOST_FRAMES`.

    >>> [frame.headline for frame in frames(Trace())]
    ['No task is on record', 'No node is on record', 'The recording ends']
    """
    names = Names(trace)
    scene = Scene()
    told = [
        Frame(0.0, *tell_program(names), scene=None),
        Frame(0.0, *tell_cluster(names, trace), scene=scene),
    ]
    seconds = 0.0
    beats = _beats(happened(trace), MOST_FRAMES - 3)
    for beat in beats:
        scene = after(scene, beat, names)
        seconds = max(seconds, beat[-1].seconds)
        told.append(Frame(seconds, *tell(beat, scene, names, trace), scene=scene))
    if not (beats and beats[-1][-1].kind is Kind.GET):
        scene = after(scene, (), names)
        seconds = max(seconds, trace.seconds)
        told.append(Frame(seconds, *tell_end(scene, names, trace), scene=scene))
    return tuple(told)


def happened(trace: Trace) -> tuple[Event, ...]:
    """List the events of a trace in order."""
    return in_order(collect(trace), trace)


def _beats(found: tuple[Event, ...], most: int) -> list[list[Event]]:
    """Group events: submissions that follow each other, the simultaneous, then the nearest."""
    beats: list[list[Event]] = []
    for event in found:
        if beats and _share(beats[-1][-1], event):
            beats[-1].append(event)
        else:
            beats.append([event])
    if len(beats) <= most:
        return beats
    # Of the gaps between beats, keep the widest; gaps between beats of one kind go first.
    gaps = range(1, len(beats))

    def width(gap: int) -> tuple[bool, float]:
        before, behind = beats[gap - 1][-1], beats[gap][0]
        return before.kind is not behind.kind, behind.seconds - before.seconds

    kept = sorted(sorted(gaps, key=width, reverse=True)[: most - 1])
    bounds = pairwise((0, *kept, len(beats)))
    return [[event for beat in beats[start:end] for event in beat] for start, end in bounds]


def _share(before: Event, event: Event) -> bool:
    if before.kind is not event.kind:
        return False
    if before.kind is Kind.SUBMIT and before.run and event.run:
        first = before.run.attempt == event.run.attempt == 0
        return first and before.run.parent_task_id == event.run.parent_task_id
    return before.seconds == event.seconds and before.kind is not Kind.GET
