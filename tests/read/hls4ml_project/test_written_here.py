"""Projects that are written from a Network are read back: the same integers."""

import numpy as np
import pytest

from codesign.errors import CodesignError
from codesign.fpga.design.design import Design
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.read import read_file
from tests.random_designs import random_design


def _read_back(seed: int, backend: str, folder) -> bool:
    network, x = random_design(seed)
    try:
        write_hls4ml_project(Design(network), folder, backend=backend)
    except CodesignError:
        return False  # the back end lacks an op
    read = read_file(folder).network
    np.testing.assert_array_equal(read.emulate(x), network.emulate(x))
    return True


@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
@pytest.mark.parametrize("seed", range(4))
def test_a_random_graph_is_read_back(seed, backend, tmp_path):
    assert _read_back(seed, backend, tmp_path / "project")
