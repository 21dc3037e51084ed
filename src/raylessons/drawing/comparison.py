"""Several traces at the same moment of their stories, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from raylessons.drawing.page import draw_frame
from raylessons.story.frames import Frame, frames
from raylessons.story.scene import Status
from raylessons.trace.records import Trace
from raylessons.words import escape, format_seconds

GRID = "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:1.5rem"
FIGURE = "margin:0;max-width:27rem"


@dataclass(frozen=True)
class Comparison:
    """One frame of each of several traces: pictures on a page, sentences in a terminal."""

    traces: Mapping[str, Trace]  # by their captions
    frames: tuple[Frame, ...]

    def __repr__(self) -> str:
        return "\n".join(
            f"{caption}, {format_seconds(frame.seconds)}: {frame.headline}."
            for caption, frame in zip(self.traces, self.frames, strict=True)
        )

    def _repr_html_(self) -> str:
        figures = "".join(
            f'<figure style="{FIGURE}">{draw_frame(trace, frame)}<figcaption>'
            f"{escape(caption)}</figcaption></figure>"
            for (caption, trace), frame in zip(self.traces.items(), self.frames, strict=True)
        )
        return f'<div class="comparison" style="{GRID}">{figures}</div>'


def compare(traces: Mapping[str, Trace], task: str) -> Comparison:
    """Draw each trace as it was when its last task of that name first ran, by their captions.

    Raises `ValueError` where no task of that name ran.
    """
    return Comparison(traces, tuple(_frame(trace, task, how) for how, trace in traces.items()))


def _frame(trace: Trace, name: str, caption: str) -> Frame:
    last = trace.tasks(name)[-1:]
    for frame in frames(trace):
        for task in frame.scene.tasks if frame.scene else ():
            if task.status is Status.RUNNING and last and task.run.task_id == last[0].task_id:
                return frame
    raise ValueError(
        f"task is {name!r}: expected one that ran in the trace {caption!r}. "
        f"Pass one of {sorted({run.name for run in trace.task_runs})}."
    )
