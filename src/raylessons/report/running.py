"""Run a script as `python script.py` does, and record what it asks of Ray."""

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from raylessons.report.program import Program
from raylessons.trace.records import Trace

if TYPE_CHECKING:  # the script imports Ray, and not we: see _RayFinder
    from raylessons.recording.recorder import Recording

FAILED = 1  # what Python's own status is for an exception that nobody catches
_PACKAGE = str(Path(__file__).parents[1])
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it where Python dies of it


def run_recorded(script: Path, arguments: Sequence[str] = ()) -> tuple[Program, int]:
    """Run a script with these arguments, and return what is on record of it and its exit status.

    A recording begins when the script starts or joins Ray, also where Ray starts by itself, and
    ends when the script shuts Ray down or ends. What the script raises is printed as Python does.

    Raises `OSError` where the script cannot be read.
    """
    source = script.read_bytes()
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    recorder = _Recorder()
    with recorder.listen():
        status, ending = _run(script, source, arguments)
        recorder.end()
    program = Program(script.name, tuple(recorder.traces), began, ending, tuple(recorder.remarks))
    return program, status


def _run(script: Path, source: bytes, arguments: Sequence[str]) -> tuple[int, str | None]:
    """Run it, and return its exit status and how it ended, where not by itself."""
    path = str(script.absolute())
    main = ModuleType("__main__")
    # What Python gives to a script, and what multiprocessing and Ray look for.
    main.__dict__.update(__file__=path, __loader__=SourceFileLoader("__main__", path))
    # To the end of the process: what the script left behind, such as a thread, looks there as well.
    sys.modules["__main__"], sys.argv = main, [str(script), *arguments]
    try:
        with _beside(script):
            exec(compile(source, path, "exec"), main.__dict__)
    except SystemExit as exit_:
        return _status(exit_)
    except KeyboardInterrupt as interrupt:
        _print_as_python(interrupt)
        # Once Ray is imported, Python does not die of the signal, and ends as of any exception.
        return FAILED if "ray" in sys.modules else INTERRUPTED, "It was interrupted."
    except BaseException as error:
        _print_as_python(error)
        # Of a task's error the last line is the cause.
        cause = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        return FAILED, f"It ended with an error that nobody caught: {cause}."
    return 0, None


@contextmanager
def _beside(script: Path) -> Iterator[None]:
    """Let the script import what lies beside it, as Python does, until it has ended.

    A file beside it that is named as a library must not be in the way of the report. Nor must one
    in the folder that Python put there before, which the command has no use for.
    """
    if getattr(sys.flags, "safe_path", False):  # Python was told not to (since 3.11)
        yield
        return
    folder = sys.path[0] = str(script.resolve().parent)
    try:
        yield
    finally:
        if folder in sys.path:  # Ray has put an entry of its own before it, and needs that
            sys.path.remove(folder)


def _status(exit_: SystemExit) -> tuple[int, str | None]:
    """Give what Python makes of a `sys.exit()`."""
    if exit_.code is None or exit_.code == 0:
        return 0, None
    if isinstance(exit_.code, int):
        return exit_.code, f"It ended by sys.exit({exit_.code})."
    print(exit_.code, file=sys.stderr)
    return FAILED, "It ended by sys.exit() with a message."


def _print_as_python(error: BaseException) -> None:
    """Print a traceback without the functions that listen, by the script's own hook if it has one.

    Without a recording they are not there, nor is what runs the script.
    """
    steps, step = [], error.__traceback__
    while step is not None:
        if not step.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            steps.append(step)
        step = step.tb_next
    frames: TracebackType | None = None
    for each in reversed(steps):
        frames = TracebackType(frames, each.tb_frame, each.tb_lasti, each.tb_lineno)
    sys.excepthook(type(error), error.with_traceback(frames), frames)


class _Recorder:
    """Records each of a program's sessions, from its start of Ray to its shutdown."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.remarks: list[str] = []
        self._session: tuple[ExitStack, Recording] | None = None
        self._hooks = ExitStack()

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Notice inside the block when Ray starts and stops."""
        with self._hooks, _when_ray_is_imported(self._hook):
            yield

    def end(self) -> None:
        """End the session, if there is one, and keep its trace."""
        session, self._session = self._session, None
        if session is None:
            return
        leave, recording = session
        try:
            leave.close()
            self.traces.append(recording.trace)
        except Exception as error:  # whatever it is, the script must not fail of it
            self._remark("could not be recorded", error)

    def _begin(self) -> None:
        from raylessons.recording.recorder import record

        if self._session is not None:  # the script asked for a Ray that runs already
            return
        leave = ExitStack()
        try:
            self._session = leave, leave.enter_context(record())
        except Exception as error:  # as above
            self._remark("was not recorded", error)

    def _remark(self, what: str, error: Exception) -> None:
        self.remarks.append(f"A session of Ray {what}: {error}")

    def _hook(self) -> None:
        """Put what notices in the place of what starts and stops Ray, until listening ends."""
        import ray

        from raylessons.cluster.private import StandIn, hook, unhook

        def starting_ray(remote: Callable[..., Any]) -> Callable[..., Any]:
            """Start Ray before the first `.remote()`, and not inside it: so it is on record."""

            @wraps(remote)
            def start_first(self: Any, *args: Any, **options: Any) -> Any:
                own = type(self)._remote
                if not ray.is_initialized():
                    ray.get([])  # starts Ray by itself, unless that was forbidden
                recorded = type(self)._remote
                chosen = remote if recorded is own else recorded
                return chosen(self, *args, **options)

            return start_first

        init, shutdown = ray.init, ray.shutdown

        def init_and_begin(*args: Any, **options: Any) -> Any:
            context = init(*args, **options)
            self._begin()
            return context

        def end_and_shut_down(*args: Any, **options: Any) -> None:
            self.end()
            shutdown(*args, **options)
            hook(starting)  # the end of a recording has put Ray's own there

        ray.init = StandIn(init, init_and_begin)
        ray.shutdown = StandIn(shutdown, end_and_shut_down)
        starting = dict.fromkeys(("task", "creation", "call"), starting_ray)
        hook(starting)

        def restore() -> None:
            ray.init, ray.shutdown = init, shutdown
            unhook()

        self._hooks.callback(restore)


class _RayFinder(MetaPathFinder):
    """Calls a function right after Ray was imported.

    Ray reads its environment when it is imported, and the script may set that up first: so the
    script imports it, and not we.
    """

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find Ray where the others do, and hold on to what loads it."""
        if name != "ray":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_tell(module: ModuleType) -> None:
                load(module)
                self._then()

            # Of this one spec alone: a loader has no hook for what follows on it.
            spec.loader.exec_module = load_and_tell  # type: ignore[method-assign]
        return spec


@contextmanager
def _when_ray_is_imported(then: Callable[[], None]) -> Iterator[None]:
    if "ray" in sys.modules:
        then()
        yield
        return
    finder = _RayFinder(then)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
