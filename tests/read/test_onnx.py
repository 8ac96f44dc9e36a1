"""ONNX files of other people's exporters: golden files, each with events and what its model gives."""

from pathlib import Path

import numpy as np
import pytest

from codesign import write_qonnx
from codesign.errors import PrecisionError
from codesign.fpga import Design
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.network.ops import Patches
from codesign.read import read_file
from tests.damaged_models import meet_damaged
from tests.random_designs import random_design

GOLDEN = sorted((Path(__file__).parent / "golden" / "onnx").glob("*.onnx"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_file_is_the_function_of_the_model_that_was_exported(path):
    expected = np.load(path.with_suffix(".npz"))
    network = read_file(path).network
    found = network.predict(expected["x"].reshape(len(expected["x"]), -1))
    assert np.abs(found - expected["y"]).max() < 1e-5


def test_reading_a_qonnx_file_back_gives_the_same_integers(tmp_path):
    pytest.importorskip("onnx")
    for seed in range(12):
        network, x = random_design(seed)
        write_qonnx(network, tmp_path / "network.onnx")
        found = read_file(tmp_path / "network.onnx").network
        assert np.array_equal(found.emulate(x), network.emulate(x)), seed


@pytest.mark.parametrize("path", GOLDEN[::4], ids=lambda path: path.stem)
def test_damaged_files_are_read_or_refused(path):
    meet_damaged(path, range(25))


@pytest.mark.slow
def test_fifty_thousand_damaged_files():
    for number, path in enumerate(GOLDEN):
        meet_damaged(path, range(1000 * number, 1000 * number + 50_000 // len(GOLDEN) + 1))


@pytest.mark.filterwarnings("ignore::codesign.errors.AssumptionWarning")
def test_typed_networks_of_other_files_pass_through_qonnx(tmp_path):
    pytest.importorskip("onnx")
    folder, n_equal, rng = Path(__file__).parent, 0, np.random.default_rng(1)
    for path in sorted([*folder.glob("hls4ml_project/golden/*.tar.gz"), *folder.glob("golden/hgq/*.keras")])[::3]:
        network = read_file(path).design_network()
        x = rng.normal(size=(50, network.n_inputs))
        try:
            expected = network.emulate(x)
        except PrecisionError:
            continue
        write_qonnx(network, tmp_path / "network.onnx")
        assert np.array_equal(read_file(tmp_path / "network.onnx").network.emulate(x), expected), path
        n_equal += 1
    assert n_equal


def test_convolutions_go_by_qonnx_to_hls4ml_and_back(tmp_path):
    path = GOLDEN[0].parent.parent / "qonnx" / "convolutions.onnx"
    expected, network = np.load(path.with_suffix(".npz")), read_file(path).network
    assert sum(isinstance(node.op, Patches) for node in network.nodes) == 3
    np.testing.assert_array_equal(network.emulate(expected["x"]), expected["y"])
    write_hls4ml_project(Design(network, implementation="hls4ml-latency"), tmp_path / "project")
    np.testing.assert_array_equal(read_file(tmp_path / "project").network.emulate(expected["x"]), expected["y"])


def test_metadata_that_call_gathers_something_else_do_not_change_what_they_do(tmp_path):
    path = GOLDEN[0].parent.parent / "qonnx" / "convolutions.onnx"
    content, expected = path.read_bytes(), np.load(path.with_suffix(".npz"))
    for old, new in ((b'"strides": [1, 1]', b'"strides": [2, 1]'), (b'"of": [6', b'"of": [7'), (b'"of": ', b'"no": ')):
        (tmp_path / "other.onnx").write_bytes(content.replace(old, new))
        network = read_file(tmp_path / "other.onnx").network
        np.testing.assert_array_equal(network.emulate(expected["x"]), expected["y"])
