"""Random projects of hls4ml's own converter, and of our exporter, against their own compiled C++."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import CodesignError
from codesign.fpga.design.design import Design
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.read import read_file
from tests.random_designs import random_design
from tests.read.hls4ml_project.oracle import evaluated
from tests.read.hls4ml_project.random_projects import write_random_project

N_PROJECTS = int(os.environ.get("CODESIGN_HLS4ML_PROJECTS", "200"))
BACKENDS = ("Vivado", "Vitis", "Quartus", "oneAPI")
_QUARTUS_TYPES = Path(find_spec("hls4ml").submodule_search_locations[0], "templates", "quartus", "ac_types")


def _check(folder: Path, backend: str, x=None, rng=None) -> bool:
    """Whether a project could be compared: hls4ml writes some that no compiler takes, or that 62 bits do not hold."""
    try:
        network = read_file(folder).network
        if x is None:
            x = np.round(rng.normal(size=(200, network.n_inputs)) * 3 * 4096) / 4096
        expected = network.emulate(x)
    except CodesignError as error:
        assert "62 bits" in str(error) or "im2col" in str(error), error
        return False
    if backend == "oneAPI":
        shutil.copytree(_QUARTUS_TYPES, folder / "src" / "firmware" / "ac_types")
    np.testing.assert_array_equal(expected, evaluated(folder, network, x))
    return True


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", BACKENDS)
def test_random_networks_equal_their_own_cpp(backend, tmp_path):
    compared = 0
    for seed in range(400):
        rng, folder = np.random.default_rng(seed), tmp_path / str(seed)
        try:
            write_random_project(keras, rng, backend, folder)
        except Exception:  # hls4ml raises anything for what it does not take
            continue
        compared += _check(folder, backend, rng=rng)
        shutil.rmtree(folder)
        if compared == N_PROJECTS:
            return
    pytest.fail(f"expected {N_PROJECTS} projects. Received: {compared}")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["Vivado", "Vitis"])
def test_ten_thousand_events_of_one_project(backend, tmp_path):
    network, _ = random_design(5)
    try:
        write_hls4ml_project(Design(network), tmp_path / "project", backend=backend)
    except CodesignError:
        pytest.skip("the back end lacks an op")
    x = np.random.default_rng(0).normal(size=(10_000, network.n_inputs)) * 4
    assert _check(tmp_path / "project", backend, x=np.abs(x))
