"""A trace as accessible SVG: the cluster, frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from raylessons.drawing import layout as at
from raylessons.drawing.alt_text import describe
from raylessons.drawing.arrows import draw_arrows, tell_undrawn
from raylessons.drawing.cluster import draw_cluster
from raylessons.drawing.layout import Layout, find_spots, lay_out
from raylessons.drawing.program import draw_program
from raylessons.drawing.svg import arrow, box, line, text
from raylessons.story.events import collect_events
from raylessons.story.frames import Frame, frames
from raylessons.trace.names import Names
from raylessons.trace.records import Trace
from raylessons.words import escape, format_seconds

STYLE = (
    files("raylessons.drawing").joinpath("style.css").read_text(encoding="utf-8").replace("\n", "")
)


@dataclass(frozen=True)
class Drawing:
    """A trace drawn as a story: a page shows it as pictures, a terminal as sentences."""

    trace: Trace
    frames: tuple[Frame, ...]

    def __repr__(self) -> str:
        return "\n".join(
            f"{place}. {format_seconds(frame.seconds)}: {frame.headline}. {frame.description}"
            for place, frame in enumerate(self.frames, start=1)
        )

    def _repr_html_(self) -> str:
        """Write every frame below the other; the site's player shows one at a time."""
        draw = _draw_with(self.trace, self.frames)
        figures = "".join(
            f"<li><figure>{draw(frame)}<figcaption><strong>{escape(frame.headline)}</strong>"
            f"<span>{escape(frame.description + tell_undrawn(frame.scene))}</span>"
            f"</figcaption></figure></li>"
            for frame in self.frames
        )
        return (
            f'<div class="story"><style>{STYLE}</style>'
            f'<ol class="story-frames">{figures}</ol>{_legend(bool(self.trace.actors))}</div>'
        )


def draw_story(trace: Trace) -> Drawing:
    """Draw a trace from the program to the last thing that happened.

    >>> draw_story(Trace())
    1. 0 ms: No task is on record. The recording holds no task, so there is none to follow.
    2. 0 ms: No node is on record. The recording does not tell where the tasks ran.
    3. 0 ms: The recording ends. It lasted 0 ms.
    """
    return Drawing(trace, frames(trace))


def draw_frame(trace: Trace, frame: Frame) -> str:
    """Draw one frame of a trace as an SVG that needs nothing else."""
    head, rest = _draw_with(trace, frames(trace))(frame).split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{escape(STYLE)}</style>{rest}'


def _draw_with(trace: Trace, story: tuple[Frame, ...]) -> Callable[[Frame], str]:
    """Give a function that draws a frame of this trace, each thing where every frame has it."""
    names = Names(trace)
    layout = lay_out(collect_events(trace), names)  # their order does not matter here
    moments = [frame.seconds for frame in story]
    whole = max(*moments, trace.seconds)

    def draw(frame: Frame) -> str:
        if frame.scene is None:
            words, picture = frame.description, draw_program(trace, names, layout.height)
        else:
            words = describe(frame.scene, names, frame.seconds)
            spots = find_spots(frame.scene, layout, names)
            picture = draw_cluster(frame.scene, layout, spots, names, frame.seconds)
            picture += draw_arrows(frame.scene, spots, names)
        # A title and a description that are the first children need no ids to be found by.
        return (
            f'<svg class="story-frame" role="img" viewBox="0 0 {at.WIDTH} {layout.height:g}">'
            f"<title>{escape(frame.headline)}</title><desc>{escape(words)}</desc>"
            f"{box(0, 0, at.WIDTH, layout.height, 'paper', 14)}{picture}"
            f"{_ruler(frame.seconds, moments, whole, layout)}</svg>"
        )

    return draw


def _ruler(seconds: float, moments: list[float], whole: float, layout: Layout) -> str:
    """Draw the time that has passed, to scale, with a tick for each frame."""
    y = layout.height - at.RULER_HEIGHT + 14

    def x(moment: float) -> float:
        return round(at.LEFT + (at.RIGHT - at.LEFT) * moment / (whole or 1))

    now = x(seconds)
    ticks = "".join(f"M{place:g} {y - 4:g}v8" for place in sorted(set(map(x, moments))))
    label = format_seconds(seconds)
    half = len(label) * 4
    middle = min(max(now, at.LEFT + half), at.RIGHT - half)
    picture = line(f"M{at.LEFT} {y:g}H{at.RIGHT}{ticks}", "axis")
    picture += line(f"M{at.LEFT} {y:g}H{now:g}", "past")
    picture += f'<circle class="ink" cx="{now:g}" cy="{y:g}" r="6"/>'
    picture += text(middle, y + 23, label, "b", "middle")
    if middle - half > at.LEFT + 40:
        picture += text(at.LEFT, y + 23, "0 ms", "dim")
    if middle + half < at.RIGHT - 70:
        picture += text(at.RIGHT, y + 23, format_seconds(whole), "dim", "end")
    return picture


def _legend(actors: bool) -> str:
    across = [(2.0, 12.0), (42.0, 12.0)]
    samples = [
        (box(2, 2, 40, 20, "slot", 6), "an idle worker"),
        *[(box(2, 2, 40, 20, "actor", 6), "an actor: it stays, and calls wait for it")] * actors,
        (box(2, 2, 40, 20, "task", 6), "a task, or a call of an actor" if actors else "a task"),
        (box(2, 2, 40, 20, "ref", 10), "a ref without a value yet"),
        (box(2, 2, 40, 20, "ref full", 10), "a ref with a value"),
        (box(2, 2, 40, 20, "object", 5), "an object where it was made"),
        (box(2, 2, 40, 20, "object copied", 5), "a copy of it"),
        (arrow(across, "lease"), "a task goes to a worker" + ", a call to its actor" * actors),
        (arrow(across, "data"), "a value is stored, read or returned"),
        (arrow(across, "copy"), "a value is copied between nodes"),
    ]
    items = "".join(
        f'<li><svg class="story-frame" aria-hidden="true" viewBox="0 0 44 24">{picture}</svg>'
        f"{words}</li>"
        for picture, words in samples
    )
    return f'<ul class="story-legend" aria-label="What the shapes mean">{items}</ul>'
