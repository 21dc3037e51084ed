"""A build in a world that fails: it ends right, or with one clear message, and leaves nothing.

`nox -s faults` runs these, most of a minute each. Those that need surroundings of their own, such
as a full disk, are run by root alone.
"""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tiny_site import Build, Site, assert_ray_ends, page, ray_processes_below

pytestmark = pytest.mark.fault
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may make such surroundings")

START = "import ray\nfrom raylessons.cluster.session import start_ray\nstart_ray(num_cpus=1)"
ADD = (
    "import numpy as np\n"
    "array = ray.put(np.ones(5_000_000))\n"
    "print('the sum is', ray.get(ray.remote(lambda array: array.sum()).remote(array)))"
)
SUM = "the sum is 5000000.0"
KILL = """
import psutil
for process in psutil.Process().children(recursive=True):
    if {name!r} in process.name():
        process.kill()
print(ray.get(ray.remote(lambda: 7).remote()))
"""
MOMENTS = 20
NOBODY = 65534


@pytest.fixture
def adding(site: Site) -> Site:
    """Give a site whose page has Ray add up an array."""
    site.write(page(START, ADD))
    return site


def build(site: Site, *within: str, **environment: str) -> Build:
    """Build with a Ray of its own, and see that nothing of that is left."""
    settings = {"RAYLESSONS_TEST": str(site.root), "RAY_ADDRESS": "local"}
    built = site.build(within=within, **(settings | environment))
    assert_ray_ends(site.root)
    return built


def mounted(options: str, folder: str) -> tuple[str, ...]:
    """Give the command that runs another where a file system of its own lies at a folder."""
    script = f'mkdir -p {folder} && mount -t tmpfs -o {options} tmpfs {folder} && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, "sh")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raylet", "LocalRayletDiedError: The task's local raylet died."),
        ("gcs_server", "Failed to connect to GCS"),
    ],
)
def test_what_of_ray_is_killed_under_a_page_fails_it_with_its_reason(site, name, reason):
    site.write(page(START, KILL.format(name=name)))
    built = build(site)
    assert built.status != 0
    assert re.search(r"docs/index\.md:\d+: this cell failed", built.printed)
    assert reason in built.printed
    assert "SIGTERM" not in built.printed


def test_a_worker_that_is_killed_under_a_page_fails_it_with_its_reason(site):
    site.write(
        page(START, "import os\nray.get(ray.remote(max_retries=0)(lambda: os._exit(1)).remote())")
    )
    built = build(site)
    assert built.status != 0
    assert "WorkerCrashedError: The worker died unexpectedly" in built.printed


def test_a_build_that_was_killed_at_any_moment_is_right_the_next_time(adding):
    start = time.monotonic()
    assert build(adding).status == 0
    seconds = time.monotonic() - start
    chance = random.Random(str(adding.root))
    for _ in range(MOMENTS):
        shutil.rmtree(adding.root / "_site")
        settings = {"RAYLESSONS_TEST": str(adding.root), "RAY_ADDRESS": "local"}
        with adding.begin(**settings) as begun:
            time.sleep(seconds * chance.random())
            begun.kill()
        # At once: what the kernel of the killed one still does must not matter.
        built = adding.build(**settings)
        assert (built.status, SUM in adding.read()) == (0, True), built.printed
    assert_ray_ends(adding.root)


def test_two_builds_in_two_clones_do_not_touch_each_other(adding, tmp_path_factory):
    other = Site(tmp_path_factory.mktemp("other"))
    other.write(page(START, ADD))
    with other.begin(RAYLESSONS_TEST=str(other.root), RAY_ADDRESS="local") as begun:
        assert build(adding).status == 0
        begun.communicate()
    assert begun.returncode == 0
    assert SUM in adding.read()
    assert SUM in other.read()


OTHER_RAY = """
import ray, sys
ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
six = ray.remote(lambda: 6)
ray.get(six.remote())
print("ready", flush=True)
sys.stdin.readline()
print("answers", ray.get(six.remote()), flush=True)
"""


@pytest.fixture
def other_ray() -> Iterator[subprocess.Popen[str]]:
    """Give a program with a Ray of its own, which answers once it is asked."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_RAY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        while program.stdout.readline() != "ready\n":
            assert program.poll() is None
        yield program


def assert_answers(program: subprocess.Popen[str]) -> None:
    """See that the other Ray still works."""
    told, _ = program.communicate("go on\n")
    assert "answers 6" in told


def test_another_ray_of_the_same_user_is_not_touched(adding, other_ray):
    assert build(adding).status == 0
    assert SUM in adding.read()
    assert_answers(other_ray)


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def may_nobody_run_python() -> bool:
    """Tell whether another user may run the Python of these tests, from one of its processes."""
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    ran = subprocess.run([*AS_NOBODY, sys.executable, "-c", again], capture_output=True)
    return ran.returncode == 0


@needs_root
def test_another_ray_of_another_user_is_not_touched(adding, other_ray):
    if not may_nobody_run_python():
        pytest.skip("no other user may run this Python")
    for path in (adding.root, *adding.root.parents):
        if path.owner() == "root" and path != Path("/") and "pytest" in path.name:
            path.chmod(0o755)
    for path in (adding.root, *adding.root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    built = build(adding, *AS_NOBODY, HOME="/nonexistent")  # who has no home folder, either
    assert built.status != 0
    assert "let HOME name a folder of yours" in built.printed
    built = build(adding, *AS_NOBODY, HOME=str(adding.root))
    assert built.status == 0, built.printed
    assert SUM in adding.read()
    assert_answers(other_ray)


@needs_root
@pytest.mark.parametrize("options", ["size=4k", "ro"])
def test_a_folder_without_room_or_the_right_to_write_comes_with_what_to_do(adding, options):
    folder = adding.root / "t"
    built = build(adding, *mounted(options, str(folder)), RAY_TMPDIR=str(folder))
    assert built.status != 0
    assert "Let RAY_TMPDIR name a folder with room, into which you may write" in built.printed


@needs_root
def test_little_shared_memory_is_enough(adding):
    assert build(adding, *mounted("size=64m", "/dev/shm")).status == 0
    assert SUM in adding.read()


def test_ports_that_others_have_taken_do_not_matter(adding):
    with ExitStack() as taken:
        for port in (6379, 6380, 8076, 8265, 10001, 52365, *range(10002, 10100)):
            listener = taken.enter_context(socket.socket())
            try:
                listener.bind(("0.0.0.0", port))
            except OSError:
                continue  # somebody has it already
            listener.listen()
        assert build(adding).status == 0
    assert SUM in adding.read()


def test_a_long_path_does_not_matter(tmp_path):
    root = tmp_path / ("a" * 60) / ("b" * 60)
    root.mkdir(parents=True)
    site = Site(root)
    site.write(page(START, ADD))
    assert build(site).status == 0
    assert SUM in site.read()


def test_a_path_too_long_for_sockets_comes_with_what_to_do(adding):
    built = build(adding, RAY_TMPDIR=str(adding.root / ("a" * 60)))
    assert built.status != 0
    assert "Let RAY_TMPDIR name a folder" in built.printed


@pytest.mark.skipif(not shutil.which("taskset"), reason="there is no taskset")
def test_one_core_is_enough(adding):
    assert build(adding, "taskset", "--cpu-list", "0").status == 0
    assert SUM in adding.read()


def test_a_kernel_that_is_killed_is_named_with_its_cell(site):
    site.write(page(START, f"import os\nos.kill(os.getpid(), {int(signal.SIGKILL)})"))
    built = build(site)
    assert built.status != 0
    assert re.search(r"docs/index\.md:\d+: this cell failed", built.printed)
    assert "The kernel of this page died." in built.printed
    assert ray_processes_below(site.root) == []
