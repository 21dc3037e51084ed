"""Whether an array lies in a file that others can map, too."""

import sys
from pathlib import Path

import numpy as np
import pytest

from raylessons.cluster.memory import backing_file

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
