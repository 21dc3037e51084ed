"""That a cluster of several nodes works, is recorded truly, and is gone afterwards."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
from ray_servers import listeners_of_ray_in, open_to_others

from raylessons.cluster.mini import MiniCluster, mini_cluster
from raylessons.cluster.nodes import cluster_nodes, on_node, pick_nodes
from raylessons.exercises.lost_nodes import find_loss
from raylessons.recording.recorder import record
from raylessons.trace.records import Outcome, Trace
from raylessons.workloads import add_arrays, make_array

ELEMENTS = 2_000_000

make = ray.remote(make_array)
add = ray.remote(add_arrays)


def tell_the_story() -> Trace:
    """Record the seed's three tasks: an array on node 1, one on node 2, and their sum."""
    with record() as recording:
        left = make.options(scheduling_strategy=on_node(1)).remote(ELEMENTS, 0)
        right = make.options(scheduling_strategy=on_node(2)).remote(ELEMENTS, 0)
        ray.get(add.remote(left, right, 0))
    return recording.trace


@pytest.fixture(scope="module")
def cluster() -> Iterator[MiniCluster]:
    with mini_cluster() as cluster:
        # A first task on a node waits for its worker process to start, and while it does, Ray
        # may send it elsewhere. So the stories are told by workers that are there.
        for node in cluster_nodes():
            warm = [make.options(scheduling_strategy=on_node(node.number)).remote(1, 0)] * 2
            ray.get(warm)
        yield cluster


def test_a_cluster_whose_files_have_no_place_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path / "nowhere"))
    with pytest.raises(OSError, match=r"nowhere.*Let RAY_TMPDIR name a folder with room"):
        mini_cluster()
    long = tmp_path / ("a" * 90)
    long.mkdir()
    monkeypatch.setenv("RAY_TMPDIR", str(long))
    with pytest.raises(RuntimeError, match="Let RAY_TMPDIR name a folder with room"):
        mini_cluster()
    assert not [*long.iterdir()]


class TestTheNodes:
    def test_there_are_three_with_two_logical_cpus_and_the_driver_is_on_the_first(
        self, cluster: MiniCluster
    ) -> None:
        nodes = cluster_nodes()
        assert [(node.number, node.logical_cpus) for node in nodes] == [(1, 2), (2, 2), (3, 2)]
        assert [node.is_driver_node for node in nodes] == [True, False, False]
        told = f"Ray {ray.__version__}, 6 logical CPUs, 3 nodes started on this machine"
        assert repr(cluster) == told

    def test_all_their_servers_listen_on_this_machine_alone(self, cluster: MiniCluster) -> None:
        assert cluster._keeper is not None
        listeners = listeners_of_ray_in(cluster._keeper.directory)
        assert len({each.pid for each in listeners if each.program == "raylet"}) == 3
        assert open_to_others(listeners) == []
        assert {node["NodeManagerAddress"] for node in ray.nodes()} == {"127.0.0.1"}

    def test_nodes_for_a_program_are_picked_from_the_driver_s_own_on(
        self, cluster: MiniCluster
    ) -> None:
        assert pick_nodes(2) == (1, 2)
        assert pick_nodes(4) == (1, 2, 3, 1)

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_a_task_runs_on_the_node_that_it_was_sent_to(
        self, cluster: MiniCluster, number: int
    ) -> None:
        @ray.remote
        def where() -> str:
            node_id: str = ray.get_runtime_context().get_node_id()
            return node_id

        found = ray.get(where.options(scheduling_strategy=on_node(number)).remote())
        assert found == cluster_nodes()[number - 1].node_id

    def test_a_task_that_its_node_is_too_small_for_runs_elsewhere(
        self, cluster: MiniCluster
    ) -> None:
        @ray.remote(resources={"node:__internal_head__": 0.1})  # which node 1 alone has
        def where() -> str:
            node_id: str = ray.get_runtime_context().get_node_id()
            return node_id

        found = ray.get(where.options(scheduling_strategy=on_node(2)).remote(), timeout=30)
        assert found == cluster_nodes()[0].node_id

    @pytest.mark.parametrize("number", [0, 4, "2"])
    def test_a_task_cannot_be_sent_to_a_node_that_is_not_there(
        self, cluster: MiniCluster, number: int
    ) -> None:
        with pytest.raises(ValueError, match=r"the nodes of this cluster are \[1, 2, 3\]"):
            on_node(number)

    def test_node_1_cannot_be_removed_and_nor_can_one_that_is_not_there(
        self, cluster: MiniCluster
    ) -> None:
        with pytest.raises(ValueError, match="number is 1: the driver is on node 1"):
            cluster.remove_node(1)
        with pytest.raises(ValueError, match="number is 7: the nodes are"):
            cluster.remove_node(7)

    def test_no_other_program_of_this_machine_is_led_here(self, cluster: MiniCluster) -> None:
        # Where a bare ray.init() looks for a cluster of this machine.
        current = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray/ray_current_cluster")
        led_to = current.read_text().strip() if current.exists() else None
        assert led_to != ray.get_runtime_context().gcs_address

    def test_an_outsider_without_the_token_is_refused(self, cluster: MiniCluster) -> None:
        script = "import ray; ray._raylet.GcsClient(address=sys.argv[1])"
        outsider = subprocess.run(
            [sys.executable, "-c", f"import sys; {script}", ray.get_runtime_context().gcs_address],
            env={**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 32},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert outsider.returncode != 0
        assert "InvalidAuthToken" in outsider.stderr


class TestTheStory:
    def test_twenty_recordings_in_a_row_tell_the_same_story(self, cluster: MiniCluster) -> None:
        first, second, _ = (node.node_id for node in cluster_nodes())
        for _ in range(20):
            trace = tell_the_story()
            left, right, total = trace.task_runs
            assert [run.name for run in trace.task_runs] == ["make_array"] * 2 + ["add_arrays"]
            assert [run.node_id for run in trace.task_runs] == [first, second, first]
            assert all(run.outcome is Outcome.FINISHED for run in trace.task_runs)
            assert total.argument_ids == left.return_ids + right.return_ids

            places = [[copy.node_id for copy in stored.copies] for stored in trace.objects]
            assert places == [[first], [second, first], [first]]

            (transfer,) = trace.transfers
            assert transfer.object_id == trace.object("ref2").object_id
            assert (transfer.from_node_id, transfer.to_node_id) == (second, first)
            assert transfer.task_id == total.task_id
            assert total.arguments_ready is not None
            assert total.leased is not None
            assert total.arguments_ready <= transfer.seen <= total.leased

    def test_the_driver_s_get_copies_a_result_to_the_driver_s_node(
        self, cluster: MiniCluster
    ) -> None:
        with record() as recording:
            ray.get(make.options(scheduling_strategy=on_node(3)).remote(ELEMENTS, 0))
        (transfer,) = recording.trace.transfers
        assert transfer.to_node_id == recording.trace.node(1).node_id
        assert transfer.task_id is None


class TestANodeThatGoes:
    """The last with this cluster, which has one node less afterwards."""

    def test_a_node_removed_while_recording_takes_its_copy_and_the_task_runs_again(
        self, cluster: MiniCluster
    ) -> None:
        with record() as recording:
            made = make.options(scheduling_strategy=on_node(3)).remote(ELEMENTS, 0)
            ray.wait([made], fetch_local=False)
            gone = cluster_nodes()[2].node_id
            cluster.remove_node(3)
            assert ray.get(made).size == ELEMENTS
        trace = recording.trace

        first, second = trace.task_runs
        assert (first.attempt, second.attempt) == (0, 1)
        assert first.node_id == gone
        assert second.node_id != gone
        assert trace.task("make_array") == second

        lost, again = trace.object("ref1").copies[:2]
        assert lost.node_id == gone
        assert lost.lost is not None
        assert again.node_id == second.node_id
        assert again.seen >= lost.lost

        assert trace.node(3).removed is not None
        assert trace.node(2).removed is None

    def test_the_nodes_that_stay_keep_their_numbers(self, cluster: MiniCluster) -> None:
        assert [node.number for node in cluster_nodes()] == [1, 2]
        with pytest.raises(ValueError, match=r"the nodes of this cluster are \[1, 2\]"):
            on_node(3)
        with pytest.raises(ValueError, match=r"number is 3: the nodes are \[1, 2\]"):
            cluster.remove_node(3)


SOON = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 500,
    "health_check_failure_threshold": 3,
}


@ray.remote(num_cpus=0)
class Counter:
    def pid(self) -> int:
        return os.getpid()


def counter_on(number: int) -> Any:
    """Make a counter on that node and on no other, as `on_node` alone would allow."""
    there = NodeAffinitySchedulingStrategy(on_node(number).node_id, soft=False)
    return Counter.options(scheduling_strategy=there).remote()


@pytest.fixture(scope="class")
def failing(cluster: MiniCluster) -> Iterator[MiniCluster]:
    """Start a cluster that gives a node up soon, which ends the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", "192.0.2.1:6379")  # where nobody is
        with mini_cluster(system_config=SOON) as failing:
            yield failing


class TestANodeThatFails:
    """With a cluster of its own, whatever RAY_ADDRESS says."""

    def test_a_node_that_is_killed_is_given_up(self, failing: MiniCluster) -> None:
        failing.kill_node(3)
        assert _eventually(lambda: [node.number for node in cluster_nodes()] == [1, 2])
        with pytest.raises(ValueError, match=r"number is 3: the nodes are \[1, 2\]"):
            failing.kill_node(3)

    def test_a_node_that_is_silent_answers_nobody_and_is_given_up(
        self, failing: MiniCluster
    ) -> None:
        counter = counter_on(2)
        ray.get(counter.pid.remote())
        failing.silence_node(2)
        with pytest.raises(ray.exceptions.GetTimeoutError):
            ray.get(counter.pid.remote(), timeout=0.5)
        assert _eventually(lambda: [node.number for node in cluster_nodes()] == [1])
        with pytest.raises(ray.exceptions.ActorDiedError):
            ray.get(counter.pid.remote(), timeout=30)

    def test_a_node_that_is_added_has_the_next_number_and_runs_tasks(
        self, failing: MiniCluster
    ) -> None:
        assert failing.add_node() == 4
        assert [node.number for node in cluster_nodes()] == [1, 4]
        assert ray.get(make.options(scheduling_strategy=on_node(4)).remote(7, 0)).size == 7

    def test_a_record_tells_what_a_node_took_along_that_was_killed(
        self, failing: MiniCluster, tmp_path: Path
    ) -> None:
        @ray.remote
        def wait_for(path: str) -> None:
            Path(path, "started").touch()
            while not Path(path, "go").exists():
                time.sleep(0.01)

        with record() as recording:
            ref = wait_for.options(scheduling_strategy=on_node(4)).remote(str(tmp_path))
            assert _eventually((tmp_path / "started").exists)
            failing.kill_node(4)
            assert _eventually(lambda: [node.number for node in cluster_nodes()] == [1])
            (tmp_path / "go").touch()
            ray.get(ref)
        assert find_loss(recording.trace) == (4, {recording.trace.tasks()[0].task_id: 1})

    def test_the_driver_s_node_may_not_fail(self, failing: MiniCluster) -> None:
        for fail in (failing.kill_node, failing.silence_node):
            with pytest.raises(ValueError, match="number is 1: the driver is on node 1"):
                fail(1)

    def test_a_silent_process_ends_with_the_cluster(self) -> None:
        with mini_cluster(system_config=SOON) as cluster:
            counter = counter_on(2)
            pid = ray.get(counter.pid.remote())
            for number in (2, 3, 3):
                cluster.silence_node(number)
            cluster.kill_node(3)
        assert _eventually(lambda: not _is_process(pid))
        assert not ray.is_initialized()


class TestTheEnd:
    """After this, the module's cluster is gone."""

    def test_a_second_start_ends_the_first_and_a_stop_ends_all(self, cluster: MiniCluster) -> None:
        with mini_cluster() as second:
            assert len(cluster_nodes()) == 3
            with pytest.raises(RuntimeError, match=r"Start another with mini_cluster\(\)"):
                cluster.remove_node(2)
        second.stop()
        assert not ray.is_initialized()
        for keeper in (cluster._keeper, second._keeper):
            assert keeper is not None
            assert not keeper.directory.exists()
            assert not _is_group(keeper._process.pid)

    def test_a_killed_notebook_kernel_leaves_nothing_behind(self) -> None:
        manager, client = start_new_kernel()
        try:
            pid, directory = json.loads(_execute(client, KERNEL_CELL))
            assert _is_group(pid)
            manager.shutdown_kernel(now=True)
            assert _eventually(lambda: not _is_group(pid))
            assert not Path(directory).exists()
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


KERNEL_CELL = """
import json, ray
from raylessons.cluster.mini import mini_cluster
from raylessons.cluster.nodes import on_node
from raylessons.workloads import noop
cluster = mini_cluster()
ref = ray.remote(noop).options(scheduling_strategy=on_node(2)).remote(7)
assert ray.get(ref) == 7
keeper = cluster._keeper
print(json.dumps([keeper._process.pid, str(keeper.directory)]))
"""


def _execute(client: BlockingKernelClient, cell: str) -> str:
    """Execute a cell in a kernel and return what it printed."""
    printed: list[str] = []

    def take(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(cell, timeout=120, output_hook=take)
    assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", ()))
    return "".join(printed)


def _is_group(pid: int) -> bool:
    """Tell whether any process is left of the group that this process led."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
