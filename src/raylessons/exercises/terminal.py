"""The exercises in a terminal: what lists them, shows one, and grades an answer."""

import os
import sys
import textwrap
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

# What Ray says of workers that were ended on purpose would stand among the verdicts. It reads this
# when it is imported.
os.environ.setdefault(
    "RAY_DEDUP_LOGS_SKIP_REGEX",
    "worker died or was killed|worker processes have been started|retries? remaining",
)

import ray

from raylessons.cluster.mini import mini_cluster
from raylessons.cluster.session import start_ray
from raylessons.exercises.answer_files import AnswerFileError, load_answer
from raylessons.exercises.catalogue import EXERCISES, find_exercise
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.verdicts import Standing, Verdict

LOGICAL_CPUS = 4
POLL_SECONDS = 0.2
STATUSES = {Standing.PASSED: 0, Standing.NOT_YET: 1, Standing.NOT_GRADED: 2}
PASSED, NOT_GRADED = STATUSES[Standing.PASSED], STATUSES[Standing.NOT_GRADED]
# As terminals number them: green, red, yellow.
COLOURS = {Standing.PASSED: 32, Standing.NOT_YET: 31, Standing.NOT_GRADED: 33}
BOLD = 1


def list_exercises() -> None:
    """Print the number, title and page of every exercise."""
    width = max(len(exercise.title) for exercise in EXERCISES)
    for exercise in EXERCISES:
        title = exercise.title.ljust(width)
        print(f"{_paint(f'{exercise.number:2}', BOLD)}  {title}  {exercise.page}")
    print("\nBegin one:    raylessons show 7 > answer.py")
    print("Grade it:     raylessons check 7 answer.py")
    print("On each save: raylessons check 7 answer.py --watch")


def show(number: int) -> int:
    """Print what an exercise asks for and its starter, and return the exit status."""
    try:
        exercise = find_exercise(number)
    except LookupError as error:
        return _refuse(str(error))
    print(f"{_as_comment(exercise)}\n{exercise.starter}", end="")
    return PASSED


def grade(number: int, path: Path, *, on_every_save: bool = False) -> int:
    """Grade the answer to an exercise that a file holds, and return the exit status.

    0: passed; 1: not passed; 2: it could not be graded.
    """
    try:
        exercise = find_exercise(number)
    except LookupError as error:
        return _refuse(str(error))
    with ExitStack() as stops:
        try:
            return (watch if on_every_save else check)(exercise, path, stops)
        except KeyboardInterrupt:
            print()
            return NOT_GRADED


def check(exercise: Exercise, path: Path, stops: ExitStack) -> int:
    """Grade the answer in a file, print the verdict, and return the exit status.

    Where no Ray runs yet, one is started, and `stops` gets what ends it.
    """
    try:
        answer = load_answer(path, exercise.name)
    except AnswerFileError as error:
        return _refuse(str(error))
    if not ray.is_initialized():
        try:
            if exercise.needs_nodes:
                stops.callback(mini_cluster().stop)
            else:
                start_ray(num_cpus=LOGICAL_CPUS)
                stops.callback(ray.shutdown)
        except (ConnectionError, RuntimeError, ValueError) as error:
            return _refuse(f"Ray did not start: {error}")
    verdict = exercise.grade(answer)
    print(_as_text(verdict))
    return STATUSES[verdict.standing]


def watch(exercise: Exercise, path: Path, stops: ExitStack) -> int:
    """Grade on every save until Ctrl+C, and return the last exit status."""
    status = NOT_GRADED
    graded: int | None = -1
    try:
        while True:
            saved = _saved(path)
            if saved != graded:
                graded = saved
                print(_paint(f"{time.strftime('%X')}  exercise {exercise.number}, {path}", BOLD))
                status = check(exercise, path, stops)
                print("Save it again to grade it again; Ctrl+C ends.", flush=True)
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        print()
        return status


def _as_comment(exercise: Exercise) -> str:
    text = f"Exercise {exercise.number}: {exercise.title}. {exercise.task}"
    return textwrap.fill(text, 88, initial_indent="# ", subsequent_indent="# ") + "\n"


def _as_text(verdict: Verdict) -> str:
    paragraphs = [
        textwrap.fill(text, 88, initial_indent="  ", subsequent_indent="  ")
        for text in (verdict.advice, f"Seen: {verdict.seen}")
    ]
    # The mark stands in the first line's indent.
    mark = _paint(verdict.standing.mark, COLOURS[verdict.standing])
    return f"{mark} " + "\n".join(paragraphs).lstrip()


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
