"""A Ray of the page's own: its CPUs, resources, Dashboard and warm workers."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from threading import Thread

import pytest
import ray
from ray.util.state import list_nodes
from ray_servers import listeners_of_ray_in, open_to_others

from raylessons.cluster import session
from raylessons.cluster.session import STATE_ADDRESS, start_ray, warm_up
from raylessons.timing import stopwatch


@pytest.fixture(autouse=True)
def shut_down():
    yield
    ray.shutdown()


def test_every_logical_cpu_has_a_worker_after_the_warm_up():
    start_ray(num_cpus=3)
    assert warm_up() == 3


def test_more_workers_than_cpus_can_be_warm():
    start_ray(num_cpus=1)
    assert warm_up(workers=2) == 2


def test_a_warm_up_ends_at_its_deadline():
    start_ray(num_cpus=1)
    assert warm_up(deadline_seconds=0) == 0


def test_the_state_api_asks_the_ray_that_has_a_dashboard(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "local")
    start_ray(num_cpus=1, resources={"license": 1}, include_dashboard=True)
    assert ray.cluster_resources()["license"] == 1
    assert [node.node_id for node in list_nodes()] == [node["NodeID"] for node in ray.nodes()]

    start_ray(num_cpus=1)
    assert STATE_ADDRESS not in os.environ


def test_all_servers_of_ray_listen_on_this_machine_alone(ray_folder):
    start_ray(num_cpus=1, include_dashboard=True)
    warm_up()
    listeners = listeners_of_ray_in(ray_folder)
    assert {"gcs_server", "raylet"} <= {each.program for each in listeners}
    assert open_to_others(listeners) == []


def test_ray_status_with_the_token_finds_a_ray_that_listens_on_this_machine_alone(ray_folder):
    start_ray(num_cpus=3)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "RAY_TMPDIR")}
    # Ray gathers its status every few seconds, once its monitor has started.
    until = time.monotonic() + 180
    told = ""
    while "0.0/3.0 CPU" not in told and time.monotonic() < until:
        told = subprocess.run(
            [sys.executable, "-m", "ray.scripts.scripts", "status"],
            env=kept | {"RAY_AUTH_MODE": "token"},
            capture_output=True,
            text=True,
        ).stdout
    assert "0.0/3.0 CPU" in told


def test_another_program_joins_a_ray_that_listens_on_this_machine_alone(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "local")
    start_ray(num_cpus=3)
    address = ray.get_runtime_context().gcs_address
    joining = (
        "import ray, sys; ray.init(address=sys.argv[1]); print(ray.cluster_resources()['CPU'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", joining, address],
        env=os.environ | {"RAY_AUTH_MODE": "token"},
        capture_output=True,
        text=True,
    )
    assert told.stdout == "3.0\n", told


@pytest.mark.parametrize("num_cpus", [0, -1, 1.5, True, "4"])
def test_cpus_that_are_no_whole_number_from_one_are_refused(num_cpus):
    with pytest.raises(ValueError, match="num_cpus is"):
        start_ray(num_cpus=num_cpus)


@pytest.mark.parametrize("below", ["a" * 90, "a file"])
def test_a_folder_in_which_ray_cannot_have_its_files_comes_with_what_to_do(
    monkeypatch, tmp_path, below
):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("RAY_ADDRESS", "local")
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path / below))
    with pytest.raises(OSError, match=rf"{below}.*Let RAY_TMPDIR name a folder with room"):
        start_ray(num_cpus=1)


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_at_which_nothing_listens_is_refused_at_once(monkeypatch, scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    with stopwatch() as watch, pytest.raises(ConnectionError, match=f"'{address}'.*refused"):
        start_ray(num_cpus=1)
    assert watch.seconds < 30  # Ray itself tries for minutes


@pytest.mark.parametrize("says", ["", "HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n"])
def test_an_address_where_something_listens_that_is_not_ray_is_refused_soon(monkeypatch, says):
    monkeypatch.setattr(session, "ANSWER_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=answer_all, args=(server, says.encode()), daemon=True).start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with stopwatch() as watch, pytest.raises(ConnectionError, match=f"'{address}'.*cluster"):
            start_ray(num_cpus=1)
    assert watch.seconds < 30  # Ray itself tries for minutes


def answer_all(server: socket.socket, words: bytes) -> None:
    """Say the same to whoever comes, and hang up; say nothing, and keep the line."""
    lines = []
    with contextlib.suppress(OSError):  # the server is closed
        while True:
            line, _ = server.accept()
            lines.append(line)
            if words:
                line.sendall(words)
                line.close()
