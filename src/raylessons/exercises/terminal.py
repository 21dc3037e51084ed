"""The exercises in a terminal: what lists them, shows one, and grades an answer.

Nothing here needs Ray, so that whatever can be said without it is said at once.
"""

import os
import sys
import textwrap
import time
from pathlib import Path
from typing import TextIO

from raylessons.exercises.answer_sources import (
    AnswerFileError,
    find_process_ends,
    parameter_mistake,
    read_source,
)
from raylessons.exercises.grader_process import Grader, GraderLostError, GraderStuckError
from raylessons.exercises.outlines import Outline, find_outline, list_outlines
from raylessons.exercises.progress import Progress, progress_file
from raylessons.exercises.verdicts import Standing, Verdict

POLL_SECONDS = 0.2
STATUSES = {Standing.PASSED: 0, Standing.NOT_YET: 1, Standing.NOT_GRADED: 2}
PASSED, NOT_GRADED = STATUSES[Standing.PASSED], STATUSES[Standing.NOT_GRADED]
# As terminals number them: green, red, yellow.
COLOURS = {Standing.PASSED: 32, Standing.NOT_YET: 31, Standing.NOT_GRADED: 33}
BOLD = 1


def list_exercises() -> None:
    """Print the number, title and page of every exercise, which are passed, and which is next."""
    outlines = list_outlines()
    progress = Progress.read(progress_file())
    width = max(len(outline.title) for outline in outlines)
    for outline in outlines:
        is_passed = outline.number in progress.passed
        mark = _paint(Standing.PASSED.mark, COLOURS[Standing.PASSED]) if is_passed else " "
        bold = _paint(f"{outline.number:2}", BOLD)
        print(f"{mark} {bold}  {outline.title.ljust(width)}  {outline.page}")
    following = [outline for outline in outlines if outline.number not in progress.passed]
    number = following[0].number if following else outlines[0].number
    print(f"\nNext: {number}, {following[0].title}" if following else "\nYou have passed them all.")
    print(f"Begin it:     raylessons show {number} > answer.py")
    print(f"Grade it:     raylessons check {number} answer.py")
    print(f"On each save: raylessons check {number} answer.py --watch")
    if progress.passed:
        print("Start over:   raylessons forget")
    _tell_remarks(progress)


def show(number: int) -> int:
    """Print what an exercise asks for and its starter, and return the exit status."""
    try:
        outline = find_outline(number)
    except LookupError as error:
        return _refuse(str(error))
    print(f"{_as_comment(outline)}\n{outline.starter}", end="")
    return PASSED


def forget() -> int:
    """Forget which exercises were passed, and return the exit status."""
    progress = Progress(progress_file())
    try:
        had_any = progress.forget()
    except OSError as error:
        return _refuse(f"{progress.path} cannot be deleted: {error.strerror}.")
    print("Your progress is forgotten." if had_any else "There was no progress to forget.")
    return PASSED


def grade(number: int, path: Path, *, on_every_save: bool = False) -> int:
    """Grade the answer to an exercise that a file holds, and return the exit status.

    0: passed; 1: not passed; 2: it could not be graded.
    """
    try:
        outline = find_outline(number)
    except LookupError as error:
        return _refuse(str(error))
    grader = Grader(outline, path)
    try:
        status = (watch if on_every_save else check)(outline, path, grader)
        grader.end()
    except KeyboardInterrupt:
        print()
        return NOT_GRADED
    finally:
        grader.kill()
    return status


def check(outline: Outline, path: Path, grader: Grader) -> int:
    """Grade the answer in a file, print the verdict, and return the exit status."""
    remark = ""
    try:
        source = read_source(path, outline.name)
        verdict = parameter_mistake(source, outline.call)
        if verdict is None:
            report = grader.check()
            if report.verdict is None:
                return _refuse(report.refusal)
            verdict, remark = report.verdict, report.remark
    except AnswerFileError as error:
        return _refuse(str(error))
    except GraderStuckError as error:
        return _refuse(
            f"{Standing.NOT_GRADED.word} There is no verdict on your answer: {error}, and could "
            "not be stopped. Look for a call that takes so long, and for a loop without end."
        )
    except GraderLostError as error:
        ends = " or ".join(find_process_ends(source))
        causes = ends or "A crash in compiled code, or too much memory,"
        return _refuse(
            f"{Standing.NOT_GRADED.word} There is no verdict on your answer: {error}. {causes} may "
            "have done that. Let your file and its functions end by themselves."
        )
    progress = Progress.read(progress_file())
    times = progress.note(outline.number, verdict)
    print(_as_text(verdict.told_again() if times > 1 else verdict))
    if remark:
        print(_fill(remark))
    _tell_remarks(progress)
    return STATUSES[verdict.standing]


def watch(outline: Outline, path: Path, grader: Grader) -> int:
    """Grade on every save until Ctrl+C, and return the last exit status."""
    status = NOT_GRADED
    graded: int | None = -1
    try:
        while True:
            saved = _saved(path)
            if saved != graded:
                graded, status = saved, NOT_GRADED
                print(_paint(f"{time.strftime('%X')}  exercise {outline.number}, {path}", BOLD))
                status = check(outline, path, grader)
                print("Save it again to grade it again; Ctrl+C ends.", flush=True)
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        print()
        return status


def _as_comment(outline: Outline) -> str:
    text = f"Exercise {outline.number}: {outline.title}. {outline.task}"
    return textwrap.fill(text, 88, initial_indent="# ", subsequent_indent="# ") + "\n"


def _as_text(verdict: Verdict) -> str:
    # The mark stands in the first line's indent.
    mark = _paint(verdict.standing.mark, COLOURS[verdict.standing])
    return "\n".join([f"{mark} {_fill(verdict.advice).lstrip()}", *map(_fill, verdict.paragraphs)])


def _fill(text: str) -> str:
    lines = text.splitlines() or [""]
    indented = [
        textwrap.fill(line, 88, initial_indent="  ", subsequent_indent="  ") for line in lines
    ]
    return "\n".join(indented)


def _tell_remarks(progress: Progress) -> None:
    for remark in progress.remarks:
        print(remark, file=sys.stderr, flush=True)


def _paint(text: str, colour: int, stream: TextIO | None = None) -> str:
    stream = stream or sys.stdout
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or not stream.isatty():
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def _refuse(message: str) -> int:
    mark = _paint(Standing.NOT_GRADED.mark, COLOURS[Standing.NOT_GRADED], sys.stderr)
    print(f"{mark} {message}", file=sys.stderr, flush=True)
    return NOT_GRADED


def _saved(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
