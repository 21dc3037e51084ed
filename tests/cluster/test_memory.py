"""Whether an array lies in a file that others can map, too, and how full the stores are."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import ray

from raylessons.cluster.memory import backing_file, measure_stores
from raylessons.cluster.session import start_ray

ONLY_LINUX_TELLS = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells")


@ONLY_LINUX_TELLS
def test_an_array_over_a_file_names_it(tmp_path: Path) -> None:
    array = np.memmap(tmp_path / "numbers with spaces", dtype=np.float64, mode="w+", shape=(5,))
    assert backing_file(array) == str(tmp_path / "numbers with spaces")


@ONLY_LINUX_TELLS
def test_a_slice_lies_where_its_array_does(tmp_path: Path) -> None:
    array = np.memmap(tmp_path / "numbers", dtype=np.float64, mode="w+", shape=(5_000,))
    assert backing_file(array[2_000:]) == str(tmp_path / "numbers")


@pytest.mark.parametrize("size", [3, 2_000_000])
def test_an_array_of_ones_own_has_no_file(size: int) -> None:
    assert backing_file(np.ones(size)) is None


def test_a_system_that_does_not_tell_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raylessons.cluster.memory.MAPS", Path("/there/is/no/such/file"))
    assert backing_file(np.ones(3)) is None


def test_the_stores_are_told_with_what_they_hold_wrote_and_sent_to_disk() -> None:
    if start_ray(num_cpus=1, object_store_memory=80_000_000).joined:
        pytest.skip("others may use the stores of a joined cluster")
    try:
        assert repr(measure_stores()) == "no objects, 0 bytes of 80 MB"
        refs = [ray.put(np.ones(2_500_000)) for _ in range(3)]
        three = measure_stores()
        assert (three.objects, three.spilled_bytes, three.restored_bytes) == (3, 0, 0)
        assert 60e6 < three.used_bytes <= three.written_bytes < 61e6
        refs += [ray.put(np.ones(2_500_000)) for _ in range(3)]
        assert sum(ray.get(ref).size for ref in refs) == 15_000_000
        six = measure_stores()
        assert six.spilled_bytes > 20e6
        assert six.restored_bytes > 20e6
        refs.clear()
        late = time.monotonic() + 30
        while measure_stores().used_bytes:
            assert time.monotonic() < late
    finally:
        ray.shutdown()
