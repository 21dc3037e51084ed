"""A report as one page of HTML, which needs no script and no network."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from raylessons.drawing.page import draw_story
from raylessons.plots.still import draw_still
from raylessons.plots.timeline import plot_timeline
from raylessons.report.program import Program
from raylessons.report.summary import NameSummary, Sum, Summary, summarize
from raylessons.story.frames import MOST_FRAMES
from raylessons.trace.gaps import Gaps, describe_gaps
from raylessons.trace.records import TaskKind, Trace
from raylessons.words import count, escape, format_bytes, format_seconds

STYLE = files("raylessons.report").joinpath("style.css").read_text(encoding="utf-8")
MOST_NAMES = 50
MOST_FAILURES = 10
MOST_PATH_NAMES = 6
MOST_CHARACTERS = 200  # of a name or an error, which may be a whole page
UNKNOWN = "unknown"
# A call waits in the queue of its actor, and not for a worker that may be any.
WAITS = {
    TaskKind.TASK: "waited for a worker",
    TaskKind.CREATION: "waited for a worker",
    TaskKind.CALL: "waited for its turn",
}


def write_report(trace: Trace, path: str | Path, title: str) -> None:
    """Write what a trace holds as one HTML file, which opens anywhere.

    It needs no network and no script: send it to a colleague, or print it.

    Raises `OSError` where the file cannot be written.
    """
    write_page(Program(title, (trace,)), path)


def write_page(program: Program, path: str | Path) -> None:
    """Write the report of a program. Raises `OSError` where the file cannot be written."""
    Path(path).write_text(draw_page(program), encoding="utf-8")


def draw_page(program: Program) -> str:
    """Write the report of a program as HTML.

    >>> draw_page(Program("sums.py", (Trace(),))).splitlines()[0]
    '<!doctype html>'
    """
    title = f"What Ray did for {_cut(program.title)}"
    several = len(program.traces) > 1
    sessions = "\n".join(
        _draw_session(trace, f"Session {number} of {len(program.traces)}" if several else None)
        for number, trace in enumerate(program.traces, start=1)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n{_draw_preface(program)}</header>\n{sessions}\n"
        "</main>\n<footer><p>Written by <code>raylessons</code> from Ray’s own records. "
        "What they do not tell is called unknown here, and nothing is guessed.</p></footer>\n"
        "</body>\n</html>\n"
    )


def _draw_preface(program: Program) -> str:
    lines = []
    if program.began is not None:
        lines.append(f"<p>It was started {_draw_moment(program.began)}.</p>\n")
    if program.ending is not None:
        known = f"{program.ending} This is what was on record by then."
        lines.append(f'<p class="notice">{escape(known)}</p>\n')
    if len(program.traces) > 1:
        lines.append(
            f"<p>It started Ray {len(program.traces)} times; each of these sessions is told.</p>\n"
        )
    lines += [f'<p class="notice">{escape(remark)}</p>\n' for remark in program.remarks]
    return "".join(lines)


def _draw_moment(moment: str) -> str:
    try:
        words = datetime.fromisoformat(moment).strftime("on %Y-%m-%d at %H:%M:%S")
    except ValueError:
        return f"at {escape(moment)}"
    return f'<time datetime="{escape(moment)}">{words}</time>'


def _draw_session(trace: Trace, title: str | None) -> str:
    """Draw one trace; with a title, its sections are one level deeper."""
    summary = summarize(trace)
    level = 2 if title is None else 3
    sections = [
        ("In short", _draw_facts(trace, summary)),
        *_draw_names(summary),
        ("What failed", _draw_failures(summary)),
        ("What is not on record", _draw_gaps(summary.gaps)),
        ("The story", _draw_story(trace)),
        ("The timeline", _draw_timeline(trace)),
    ]
    body = "\n".join(
        f"<section>\n<h{level}>{heading}</h{level}>\n{content}\n</section>"
        for heading, content in sections
        if content
    )
    return body if title is None else f'<div class="session">\n<h2>{title}</h2>\n{body}\n</div>'


def _draw_facts(trace: Trace, summary: Summary) -> str:
    facts = "\n".join(
        f"<div><dt>{name}</dt><dd><b>{escape(value)}</b> <span>{escape(note)}</span></dd></div>"
        for name, value, note in _facts(trace, summary)
    )
    return f"<p>{escape(plot_timeline(trace).summary)}</p>\n<dl>\n{facts}\n</dl>"


def _facts(trace: Trace, summary: Summary) -> Iterator[tuple[str, str, str]]:
    """Yield a name, a value and a note for each figure."""
    makespan = summary.makespan_seconds
    yield (
        "Makespan",
        UNKNOWN if makespan is None else format_seconds(makespan),
        "from the first submission to the last end, within "
        f"{format_seconds(trace.seconds)} of recording",
    )
    path = [_cut(name) for name in summary.critical_path]
    yield (
        "Critical path",
        _tell(summary.critical_path_seconds, format_seconds) if path else UNKNOWN,
        f"{_arrows(path)}: of the chains of tasks that need one another’s results, the longest. "
        "More CPUs cannot make it shorter"
        if path
        else "no task is on record",
    )
    yield "CPUs’ busy share", *_busy_share(summary)
    objects = [
        ("Made", summary.made_bytes, "object", "that tasks returned to the driver"),
        (
            "Put",
            summary.put_bytes,
            "object",
            "that the driver put or saw. What tasks put and keep is not on record",
        ),
        ("Moved", summary.moved_bytes, "transfer", "between nodes seen"),
        ("Spilled", summary.spilled_bytes, "object", "seen to have gone to disk"),
    ]
    for name, size, noun, what in objects:
        told, note = _tell_bytes(size), f"{count(size.known + size.unknown, noun)} {what}"
        if perhaps := name == "Moved" and summary.gaps.objects_perhaps_copied:
            told = f"at least {told}" if size.known else UNKNOWN
            note += f", and perhaps of {count(perhaps, 'object')} that tasks had refs to"
        yield name, told, note


def _arrows(names: Sequence[str]) -> str:
    if len(names) <= MOST_PATH_NAMES:
        return " → ".join(names)
    left_out = len(names) - MOST_PATH_NAMES + 1
    return " → ".join([*names[: MOST_PATH_NAMES - 2], f"{left_out} more", names[-1]])


def _busy_share(summary: Summary) -> tuple[str, str]:
    if summary.logical_cpus is None:
        return UNKNOWN, "how many logical CPUs there were is not on record"
    share = summary.busy_share
    cpus = count(summary.logical_cpus, "logical CPU")
    if share is None:
        return UNKNOWN, f"of {cpus}: when the tasks ran is not on record"
    told = f"{share:.0%}".replace("%", " %")
    if unknown := summary.running_seconds.unknown:
        told = f"at least {told}"
        cpus += f"; of {count(unknown, 'run')} the time is not on record"
    ran = format_seconds(summary.running_seconds.total)
    note = f"the runs’ {ran}, with what they waited inside, over the makespan of {cpus}"
    if share > 1:
        note += "; above 100 % where tasks ask for less than a CPU, or wait for other tasks"
    return told, note


def _draw_names(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield a heading and a table for each kind of task that there is."""
    headings = {
        TaskKind.TASK: "Tasks",
        TaskKind.CREATION: "Actors’ creations",
        TaskKind.CALL: "Actors’ calls",
    }
    if not summary.names:
        yield headings[TaskKind.TASK], "<p>No task is on record.</p>"
    for kind, heading in headings.items():
        names = [each for each in summary.names if each.kind is kind]
        if names:
            yield heading, _draw_table(names)


def _draw_table(names: Sequence[NameSummary]) -> str:
    def seconds(found: Sum) -> str:
        return _tell(found, format_seconds)

    columns: list[tuple[str, Callable[[NameSummary], str]]] = [
        ("how many", lambda each: str(each.tasks)),
        ("attempts", lambda each: str(each.attempts)),
        ("ran for", lambda each: seconds(each.running_seconds)),
        ("waited for arguments", lambda each: seconds(each.waiting_for_arguments_seconds)),
        (WAITS[names[0].kind], lambda each: seconds(each.waiting_for_worker_seconds)),
        ("failed", lambda each: str(each.failed)),
        ("cancelled", lambda each: str(each.cancelled)),
        ("unfinished", lambda each: str(each.unfinished)),
    ]
    head = "".join(f'<th scope="col">{heading}</th>' for heading, _ in columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(_cut(each.name))}</th>'
        + "".join(f"<td>{tell(each)}</td>" for _, tell in columns)
        + "</tr>"
        for each in names[:MOST_NAMES]
    )
    caption = "All attempts of each name together. What waits takes no CPU, and many wait at once."
    if len(names) > MOST_NAMES:
        caption += f" The {MOST_NAMES} names of {len(names)} that ran longest."
    label = f"{names[0].kind.value}s by name"
    return (
        f'<div class="table-wrapper" role="region" tabindex="0" aria-label="{label}">'
        f"<table><caption>{caption}</caption>"
        f'<thead><tr><th scope="col">name</th>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>'
        "</table></div>"
    )


def _draw_failures(summary: Summary) -> str:
    lines = [
        f"<li><b>{escape(_cut(each.name))}</b>, {count(each.attempts, 'attempt')}: "
        f"{escape(_cut(each.error or 'why is not on record'))}</li>"
        for each in summary.failures[:MOST_FAILURES]
    ]
    if len(summary.failures) > MOST_FAILURES:
        lines.append(f"<li>{len(summary.failures) - MOST_FAILURES} more kinds of failure</li>")
    return f"<ul>\n{''.join(lines)}\n</ul>" if lines else ""


def _draw_gaps(gaps: Gaps) -> str:
    lines = [f"<li>{line}</li>" for line in describe_gaps(gaps)]
    if not lines:
        return "<p>Nothing that this report looks for is missing.</p>"
    return f"<ul>\n{''.join(lines)}\n</ul>"


def _draw_story(trace: Trace) -> str:
    drawing = draw_story(trace)
    limit = ""
    if len(drawing.frames) >= MOST_FRAMES:
        limit = (
            f"<p>Too much happened for a picture of each step: in these {len(drawing.frames)}, "
            "events that lie close together share one.</p>\n"
        )
    return limit + drawing._repr_html_()


def _draw_timeline(trace: Trace) -> str:
    plot = plot_timeline(trace)
    return f'<figure class="timeline">{draw_still(plot.figure, plot.summary)}{plot.table}</figure>'


def _tell_bytes(size: Sum) -> str:
    return _tell(size, lambda total: format_bytes(round(total)), none="none")


def _tell(found: Sum, write: Callable[[float], str], none: str = "–") -> str:
    """Write a sum, and how much of it is unknown.

    >>> _tell(Sum(1.5, 2, 0), format_seconds), _tell(Sum(1.5, 2, 3), format_seconds)
    ('1.5 s', 'at least 1.5 s (3 unknown)')
    >>> _tell(Sum(0.0, 0, 3), format_seconds), _tell(Sum(), format_seconds, none="none")
    ('unknown', 'none')
    """
    if not found.known:
        return UNKNOWN if found.unknown else none
    told = write(found.total)
    return f"at least {told} ({found.unknown} unknown)" if found.unknown else told


def _cut(words: str) -> str:
    return words if len(words) <= MOST_CHARACTERS else f"{words[: MOST_CHARACTERS - 1]}…"
