"""A cluster of two hosts that others started, each with an address of its own.

The hosts are network namespaces with a wire between them: nothing on the one reaches the other but
by its address. Their Python has Ray and not this package, as on most clusters, and each needs the
token. Root alone may make such hosts.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tiny_site import page

from raylessons.cluster.private import FOR_CLUSTERS

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make hosts"),
    pytest.mark.skipif(not shutil.which("ip"), reason="there is no ip (package iproute2)"),
]

HEAD, OTHER = "10.77.0.1", "10.77.0.2"
PORT = 6379
SCRIPT = """
import socket, time
import ray

ray.init(log_to_driver=False)
where = ray.remote(num_cpus=1)(lambda: (time.sleep(0.5), ray.util.get_node_ip_address())[1])
print(sorted(set(ray.get([where.remote() for _ in range(8)]))))
"""
WHAT_STAYS = """
import json, time
import ray
from ray.util import list_named_actors, placement_group_table

ray.init(log_to_driver=False, logging_level="ERROR")
deadline = time.monotonic() + 30
while True:
    stays = {
        "actors": list_named_actors(all_namespaces=True),
        "groups": [g for g in placement_group_table().values() if g["state"] != "REMOVED"],
        "CPUs in use": ray.cluster_resources()["CPU"] - ray.available_resources().get("CPU", 0),
    }
    if not any(stays.values()) or time.monotonic() > deadline:
        break
    time.sleep(0.2)
print(json.dumps(stays))
"""


@dataclass
class Cluster:
    """Two hosts, what Ray runs on them, and how programs reach it."""

    names: tuple[str, str]
    environment: dict[str, str]  # of our programs, with the token
    python: Path  # of the hosts
    folder: Path
    nodes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def on_head(self) -> tuple[str, ...]:
        """The command that runs another on the host of the head."""
        return ("ip", "netns", "exec", self.names[0])

    def start(self, host: int, *options: str) -> subprocess.Popen[bytes]:
        """Start a node on a host, and wait until it is up."""
        folder = self.folder / str(host)
        folder.mkdir(exist_ok=True)
        log = folder / "log"
        with log.open("wb") as said:
            node = subprocess.Popen(
                [
                    *("ip", "netns", "exec", self.names[host]),
                    *(self.python, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=2"),
                    *("--object-store-memory=100000000", *options),
                ],
                env=without("PYTHONPATH", self.environment) | {"RAY_TMPDIR": str(folder)},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.nodes.append(node)
        while b"--block" not in log.read_bytes():  # it says that it stays, now that it is up
            assert node.poll() is None, log.read_text()
            time.sleep(0.1)
        return node

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of ours on the host of the head, with the cluster for its own."""
        return subprocess.run(
            [*self.on_head, *map(str, command)],
            env=self.environment | self.joined,
            capture_output=True,
            text=True,
            timeout=300,
        )

    @property
    def joined(self) -> dict[str, str]:
        """What a program must have set to join."""
        return {"RAY_ADDRESS": f"{HEAD}:{PORT}", "RAY_TMPDIR": str(self.folder / "0")}


def without(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Leave a variable out."""
    return {each: value for each, value in environment.items() if each != name}


def ip(*arguments: str) -> None:
    """Set up what is between hosts."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def make_python(folder: Path) -> Path:
    """Make a Python with all that this one has, but for the package from this checkout."""
    venv.create(folder, symlinks=True)
    python = folder / "bin/python"
    there = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    # A path file of its own is not read for a folder that a path file names: that of the checkout.
    Path(there.stdout.strip(), "all.pth").write_text(sysconfig.get_path("purelib"))
    lacks = subprocess.run(
        [python, "-c", "import ray, raylessons"],
        env=without("PYTHONPATH", os.environ),
        capture_output=True,
        text=True,
    )
    assert "No module named 'raylessons'" in lacks.stderr, lacks.stderr
    return python


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a cluster of two hosts; end what it started, by its ids."""
    names = (f"head-{os.getpid()}", f"other-{os.getpid()}")
    kept = without(FOR_CLUSTERS, os.environ)
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        cluster = Cluster(names, kept | token, make_python(folder / "python"), folder)
        # On a busy machine a node may come up later than Ray waits for it.
        cluster.environment["RAY_raylet_start_wait_time_s"] = "120"
        try:
            for name in names:
                ip("netns", "add", name)
            wire = ("link", "add", "wire", "netns", names[0], "type", "veth")
            ip(*wire, "peer", "name", "wire", "netns", names[1])
            for name, address in zip(names, (HEAD, OTHER), strict=True):
                ip("-n", name, "address", "add", f"{address}/24", "dev", "wire")
                ip("-n", name, "link", "set", "lo", "up")
                ip("-n", name, "link", "set", "wire", "up")
            here = (f"--node-ip-address={HEAD}", "--include-dashboard=false")
            cluster.start(0, "--head", f"--port={PORT}", *here)
            cluster.start(1, f"--address={HEAD}:{PORT}", f"--node-ip-address={OTHER}")
            yield cluster
        finally:
            for node in reversed(cluster.nodes):  # the head last: a node says goodbye to it
                if node.poll() is None:
                    node.send_signal(signal.SIGTERM)
                node.wait(timeout=60)
            for name in names:
                subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def assert_nothing_stays(cluster: Cluster) -> None:
    """See that the cluster holds nothing of a program that has ended."""
    asked = cluster.run(sys.executable, "-c", WHAT_STAYS)
    # Before it may stand what the raylet prints at a driver.
    assert asked.stdout.splitlines()[-1] == '{"actors": [], "groups": [], "CPUs in use": 0.0}', (
        asked.stderr
    )


def test_a_page_a_script_and_an_answer_run_on_both_hosts_and_leave_nothing(cluster, site, tmp_path):
    site.write(
        page(
            "import ray\n"
            "from raylessons import claim, make_array, record, start_ray\n"
            "from raylessons.cluster.nodes import cluster_nodes, on_node\n"
            "session = start_ray(num_cpus=1)\n"
            "session",
            "make = ray.remote(make_array)\n"
            "there = cluster_nodes()[1].number\n"
            "with record() as recording:\n"
            "    big = make.options(scheduling_strategy=on_node(there)).remote(1_000_000, 0)\n"
            "    print('elements', len(ray.get(big)))\n"
            "trace = recording.trace\n"
            "claim('It ran elsewhere.', len(trace.transfers) == 1, nodes=len(trace.nodes))",
        )
    )
    built = site.build(within=cluster.on_head, **cluster.environment, **cluster.joined)
    assert built.status == 0, built.printed
    assert "joined your cluster of 2 nodes" in site.read()
    assert "elements 1000000" in site.read()

    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    report = tmp_path / "report.html"
    ours = (sys.executable, "-m", "raylessons")
    recorded = cluster.run(*ours, "record", "-o", report, script)
    assert recorded.returncode == 0, recorded.stderr
    assert f"['{HEAD}', '{OTHER}']" in recorded.stdout
    assert report.is_file()

    solution = next(Path("src/raylessons/exercises/answers").glob("exercise_01_solution.py"))
    checked = cluster.run(*ours, "check", "1", solution.resolve())
    assert checked.returncode == 0, checked.stdout + checked.stderr

    assert_nothing_stays(cluster)


def test_a_program_whose_other_host_is_lost_half_way_ends_right_and_its_record_tells(
    cluster, tmp_path
):
    program = tmp_path / "program.py"
    program.write_text(f"""
import time
from pathlib import Path
import ray
from raylessons.cluster.session import start_ray
from raylessons.recording.recorder import record

start_ray(num_cpus=4)


@ray.remote
def work(number):
    Path({str(tmp_path)!r}, f"begun-{{number}}").touch()
    time.sleep(3)
    return number


with record() as recording:
    print(ray.get([work.options(scheduling_strategy="SPREAD").remote(n) for n in range(4)]))
trace = recording.trace
lost = [run for run in trace.task_runs if run.error]
print({{(trace.node_of(run).number, run.error.partition(":")[0]) for run in lost}})
print("again", {{run.task_id for run in lost}} == {{
    run.task_id for run in trace.task_runs if run.attempt > 0 and run.error is None
}})
""")
    with subprocess.Popen(
        [*cluster.on_head, sys.executable, program],
        env=cluster.environment | cluster.joined,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("begun-*"))) < 4:
            assert time.monotonic() < deadline
            assert run.poll() is None, run.communicate()
            time.sleep(0.05)
        os.killpg(cluster.nodes[1].pid, signal.SIGKILL)
        said, complained = run.communicate(timeout=120)
    assert run.returncode == 0, complained
    # Between them the raylet's own lines, which Ray prints at a driver.
    told = [line for line in said.splitlines() if "raylet" not in line]
    # Not that the node has left: its owner notices at once, the cluster after several checks.
    assert told == ["[0, 1, 2, 3]", "{(2, 'NODE_DIED')}", "again True"], complained
    assert_nothing_stays(cluster)


def test_a_program_without_the_token_is_refused_in_seconds_with_what_to_set(cluster):
    command = "from raylessons.cluster.session import start_ray; start_ray(num_cpus=1)"
    del cluster.environment["RAY_AUTH_TOKEN"], cluster.environment["RAY_AUTH_MODE"]
    begun = time.monotonic()
    refused = cluster.run(sys.executable, "-c", command)
    assert time.monotonic() - begun < 60  # Ray itself tries for minutes
    assert refused.returncode == 1
    assert f"RAY_ADDRESS is '{HEAD}:{PORT}'" in refused.stderr
    assert "set RAY_AUTH_MODE=token and let RAY_AUTH_TOKEN be that token" in refused.stderr
