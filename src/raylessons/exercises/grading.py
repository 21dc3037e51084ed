"""The process that grades: it starts Ray, then runs and grades an answer as often as it is asked.

Ray lives as long as the thread that started it, and so the main thread does, before any answer
runs. The answer's threads, prints and exits do not reach the command, which waits at a pipe.
"""

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO, TextIOWrapper
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import ray

from raylessons.cluster.mini import mini_cluster
from raylessons.cluster.session import Session, start_ray
from raylessons.exercises.answer_files import load_answer
from raylessons.exercises.answer_sources import AnswerFileError
from raylessons.exercises.catalogue import find_exercise
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.grader_process import Report
from raylessons.exercises.leftovers import end_marked
from raylessons.exercises.own_ray import keep_ray
from raylessons.words import count

LOGICAL_CPUS = 4
FAILED = 1
PAUSE_SECONDS = 0.05
IDLE_SECONDS = 2.0  # within this, tasks that have ended give back their CPUs


def main(arguments: Sequence[str]) -> None:
    """Grade the answer in a file whenever the pipe asks for it, until it closes."""
    number, path, pipe, mark = arguments
    os.set_inheritable(int(pipe), False)  # of what an answer starts, only a fork has it
    # An answer may send it to its own process; as a function, as Ray's own processes inherit none.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with Connection(int(pipe)) as commands:
            stop = _serve(find_exercise(int(number)), Path(path), commands)
        _silence()
        stop()
        end_marked(mark)
    except BaseException as error:  # Python itself would now wait for an answer's threads
        if not isinstance(error, SystemExit):  # that is how Ray ends a process that is told to end
            traceback.print_exc()
        end_marked(mark)
        os._exit(FAILED)
    os.killpg(0, signal.SIGKILL)  # this process too, whatever threads an answer has left


def _serve(exercise: Exercise, path: Path, commands: Connection) -> Callable[[], None]:
    """Start Ray, say so, and grade as often as that is asked for. Returns what ends this Ray."""
    stop: Callable[[], None] = ray.shutdown
    try:
        if exercise.needs_nodes:
            cluster = mini_cluster()
            session, stop = cluster.session, cluster.stop
        else:
            session = start_ray(LOGICAL_CPUS, object_store_memory=exercise.store_bytes)
    except Exception as error:  # on a machine that is too busy, Ray raises just that
        commands.send(str(error))
        return stop
    commands.send("")
    with suppress(EOFError, ConnectionError):
        while commands.recv():
            commands.send(check(exercise, path, session))
    return stop


def check(exercise: Exercise, path: Path, session: Session) -> Report:
    """Run the file and grade its answer on the Ray that runs, and tell what is left of it."""
    traces = _Traces(path)
    with _surroundings_kept(), keep_ray(session) as asked:
        try:
            report = Report(verdict=exercise.grade(load_answer(path, exercise.name)))
        except AnswerFileError as error:
            report = Report(refusal=str(error))
    remark = _on_which_ray(session) if asked.to_start else ""
    has_ray = report.verdict is None or report.verdict.mistake != "ray-lost"
    is_fit = has_ray and not traces.are_left() and (session.joined or _is_idle())
    return Report(report.verdict, report.refusal, remark, is_fit)


def _on_which_ray(session: Session) -> str:
    whose = "had joined the cluster at RAY_ADDRESS" if session.joined else "had a Ray of its own"
    cpus = count(session.logical_cpus, "logical CPU")
    return f"Your file starts Ray. The check {whose}, with {cpus}, and your answer ran on that."


class _Traces:
    """What an answer can leave in the process: this is as it was before."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent.absolute()
        self._threads = set(threading.enumerate())
        self._modules = set(sys.modules)
        self._functions = _read_functions()

    def are_left(self) -> bool:
        """Tell whether a thread runs, a function was replaced, or a module beside it is loaded."""
        functions = _read_functions()
        return (
            any(thread not in self._threads for thread in threading.enumerate())
            or any(functions.get(name) is not each for name, each in self._functions.items())
            or any(
                Path(file).parent == self._folder
                for name in set(sys.modules) - self._modules
                if (file := getattr(sys.modules[name], "__file__", None))
            )
        )


def _read_functions() -> dict[tuple[str, str], Any]:
    """Return what the modules that grade, and those that they measure with, call their own."""
    ours = [name for name in sys.modules if name.partition(".")[0] == "raylessons"]
    return {
        (module, name): value
        for module in ("builtins", "time", "threading", "ray", *ours)
        for name, value in list(vars(sys.modules[module]).items())
        if callable(value)
    }


def _is_idle() -> bool:
    """Tell whether nothing of an answer still runs on the Ray of this process, or waits there."""
    gc.collect()  # what an answer left in a circle may keep an actor
    until = time.monotonic() + IDLE_SECONDS
    try:
        while ray.available_resources().get("CPU") != ray.cluster_resources().get("CPU"):
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE_SECONDS)
        return not ray.util.list_named_actors(all_namespaces=True)
    except (RuntimeError, ray.exceptions.RayError):
        return False


@contextmanager
def _surroundings_kept() -> Iterator[None]:
    """Give an answer the terminal to print on, and put back what it changes around it."""
    folder, environment, paths, arguments = Path.cwd(), dict(os.environ), sys.path[:], sys.argv
    streams = sys.stdin, sys.stdout, sys.stderr
    kept = [os.dup(number) for number in (1, 2)]
    sys.stdout, sys.stderr = (_Printing(FileIO(copy, "w", closefd=False)) for copy in kept)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # closed, or whatever an answer has put in their place
                stream.flush()
        for number, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        sys.stdin, sys.stdout, sys.stderr = streams
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:], sys.argv = paths, arguments


class _Printing(TextIOWrapper):
    """A stream to the terminal that an answer may close, and print on when it is called again."""

    def __init__(self, file: FileIO) -> None:
        super().__init__(BufferedWriter(file), errors="backslashreplace", line_buffering=True)

    def close(self) -> None:
        self.flush()


def _silence() -> None:
    """Say nothing from now on: threads of an answer may fall over when Ray goes."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
