"""A real cluster of three nodes on this machine, for the lessons that need more than one."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import ray

from raylessons.cluster.folders import files_explained
from raylessons.cluster.keeper import NODE_COUNT
from raylessons.cluster.private import hush_reports, on_this_machine_alone
from raylessons.cluster.session import Session, count_logical_cpus, start_ray

ANSWER_SECONDS = 240
STOP_SECONDS = 30


class MiniCluster:
    """Three nodes of two logical CPUs each, kept by a process of their own, and this driver.

    The process that keeps them has a main thread, as Ray's signal handlers need, has the login
    token in its environment before it imports Ray, and outlives a killed kernel by the moment
    that it takes to clear the nodes away.
    """

    def __init__(
        self,
        session: Session,
        keeper: "_Keeper | None",
        at_stop: Callable[[], None] | None = None,
    ) -> None:
        self.session = session
        self._keeper = keeper
        self._at_stop = at_stop
        self._last_number = NODE_COUNT
        self._silent: set[int] = set()

    def add_node(self) -> int:
        """Start another node like the others, and return its number.

        Raises `RuntimeError` for a cluster that has stopped or that is the reader's own.
        """
        number = self._last_number + 1
        self._do("add", number)
        self._last_number = number
        return number

    def remove_node(self, number: int) -> None:
        """Shut the node of that number down in good order: it says goodbye before it goes.

        Raises `ValueError` for node 1, which is the driver's, and for a node that is not there,
        `RuntimeError` for a cluster that has stopped or that is the reader's own.
        """
        self._do("remove", number)
        self._silent.discard(number)

    def kill_node(self, number: int) -> None:
        """End the node of that number without a word, as a machine does that loses its power.

        It raises what `remove_node` does.
        """
        self._do("kill", number)
        self._silent.discard(number)

    def silence_node(self, number: int) -> None:
        """Stop all processes of that node: they answer nobody, as on a machine without a network.

        Nothing wakes them up again. It raises what `remove_node` does.
        """
        self._do("silence", number)
        self._silent.add(number)

    def stop(self) -> None:
        """Leave the cluster, and end all processes of a mini cluster. Doing it twice is fine."""
        if self in _running:
            _running.remove(self)
            for number in [*self._silent]:
                self.kill_node(number)  # a driver cannot leave a silent actor
            ray.shutdown()
            if self._at_stop is not None:
                self._at_stop()
            if self._keeper is not None:
                self._keeper.end()

    def _do(self, deed: str, number: int) -> None:
        if self._keeper is None:
            raise RuntimeError(
                "This cluster is the one that RAY_ADDRESS names: it is not this program's to "
                "change. Unset RAY_ADDRESS and start again."
            )
        refusal = self._keeper.ask(f"{deed} {number}")
        if refusal:
            raise ValueError(refusal)

    def __enter__(self) -> "MiniCluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return repr(self.session)

    def _repr_html_(self) -> str:
        return self.session._repr_html_()


_running: list[MiniCluster] = []


def mini_cluster(system_config: Mapping[str, object] | None = None) -> MiniCluster:
    """Start three nodes on this machine and join them as a driver.

    Use it as `with mini_cluster(): ...`. A notebook that spans cells says
    `cluster = mini_cluster()` and ends with `cluster.stop()`. The nodes are gone after either,
    and also a moment after this process is killed. A Ray that this process runs already is shut
    down first, so that a cell can run again. With `RAY_ADDRESS` set, it joins the cluster named
    there instead, with the nodes that it has.

    A system config changes settings of Ray's for these nodes, such as `health_check_period_ms`.
    With one, it starts nodes whatever `RAY_ADDRESS` says: they may fail, and are nobody else's.
    What Ray would print of workers and nodes that fail is left out.

    Raises `RuntimeError` where no cluster comes up, `OSError` with what to do where it cannot write
    its files.
    """
    for cluster in [*_running]:
        cluster.stop()
    ray.shutdown()
    is_named = os.environ.get("RAY_ADDRESS", "local") not in ("", "local")
    if is_named and not system_config:
        cluster = MiniCluster(start_ray(num_cpus=1), None)
    else:
        keeper = _Keeper(system_config or {})
        try:
            keeper.read_answer()
            session = _join(keeper.directory)
            cluster = MiniCluster(session, keeper, hush_reports() if system_config else None)
        except BaseException:
            keeper.end()
            raise
    _running.append(cluster)
    return cluster


def _join(directory: Path) -> Session:
    """Join as a driver the cluster that keeps its files in the directory.

    Ray presents the login token only to a cluster that it found by itself, not to an address.
    """
    named = os.environ.pop("RAY_ADDRESS", None)
    try:
        with on_this_machine_alone():
            ray.init(
                address="auto",
                _temp_dir=str(directory / "ray"),
                log_to_driver=False,
                logging_level="ERROR",
            )
    finally:
        if named is not None:
            os.environ["RAY_ADDRESS"] = named
    return Session(ray.__version__, count_logical_cpus(), nodes=NODE_COUNT, joined=False)


class _Keeper:
    """The process that keeps the nodes, seen from the one that wants them."""

    def __init__(self, system_config: Mapping[str, object]) -> None:
        with files_explained():
            self.directory = Path(
                tempfile.mkdtemp(prefix="ray-", dir=os.environ.get("RAY_TMPDIR", "/tmp"))
            )
        self._log = self.directory / "keeper.log"
        config = json.dumps(dict(system_config))
        with self._log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "raylessons.cluster.keeper", config],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # what interrupts a notebook must not reach the nodes
                env={"RAY_AUTH_MODE": "token"}
                | {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
                | {"RAY_TMPDIR": str(self.directory)},
            )

    def ask(self, line: str) -> str:
        """Send a line and return the answer. Raises `RuntimeError` where none comes."""
        stdin = self._process.stdin
        assert stdin is not None
        if stdin.closed:
            raise RuntimeError("The cluster has stopped. Start another with mini_cluster().")
        stdin.write(line + "\n")
        stdin.flush()
        return self.read_answer()

    def read_answer(self) -> str:
        """Return the next answer. Raises `RuntimeError` where none comes."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], ANSWER_SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            said = self._log.read_text()[-2000:] if self._log.exists() else "nothing"
            raise RuntimeError(f"The process that keeps the nodes gave no answer. It said:\n{said}")
        return line.strip()

    def end(self) -> None:
        """Ask it to clear away, by ending its input; kill it and all beside it if it does not."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)
