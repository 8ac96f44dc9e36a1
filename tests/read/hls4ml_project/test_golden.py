"""Projects of several versions and back ends of hls4ml, with what their own C++ gave of events: the same integers."""

import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from codesign import Network
from codesign.read import read_file

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name.removesuffix(".tar.gz") for path in GOLDEN.glob("*.tar.gz"))


def events_of(name):
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        return arrays["x"].astype(float), arrays["y"]


@pytest.mark.filterwarnings("ignore::codesign.errors.AssumptionWarning")
@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_read_to_the_bit(name, tmp_path):
    x, y = events_of(name)
    reading = read_file(GOLDEN / f"{name}.tar.gz")
    np.testing.assert_array_equal(reading.network.emulate(x), y)
    assert reading.about["format"] == "hls4ml project" and reading.about["io_type"].endswith("io_parallel")
    reading.network.save(tmp_path / "network.json")
    np.testing.assert_array_equal(Network.load(tmp_path / "network.json").emulate(x), y)
    assert json.loads((tmp_path / "network.json").read_text())["format"] == "codesign-network"


def unpacked(name, folder):
    with tarfile.open(GOLDEN / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / name


def test_a_project_is_found_from_any_of_its_folders(tmp_path):
    x, y = events_of(NAMES[-1])
    project = unpacked(NAMES[-1], tmp_path)
    bare = tmp_path / "bare"
    shutil.copytree(project / "firmware", bare)
    for place in (project, project / "firmware", bare, bare / "myproject.cpp", tmp_path / NAMES[-1]):
        np.testing.assert_array_equal(read_file(place).network.emulate(x), y)
