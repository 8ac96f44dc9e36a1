"""Files of HGQ2 and HGQ, equal to the bit to what these give.

The golden files are of hgq_golden.py with HGQ2 0.2.0, and of HGQ 0.2.6.
"""

import os
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UnsupportedLayerError
from codesign.export.keras3 import write_keras3
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.read import read_file
from codesign.read.hgq.quantizer import HgqQuantizer
from codesign.read.hgq.variables import variables_of
from codesign.read.keras_records import LayerRecord, Named
from tests.damaged_models import meet_damaged

GOLDEN = Path(__file__).parent / "golden" / "hgq"
FILES = sorted(GOLDEN.glob("*.keras"))
NO_INTEGERS = {
    "attention.keras",  # of an exponential in front of which nothing is rounded
    "attention.h5",  # whose inputs are rounded in two ways
    "edge_tables.keras",  # whose inputs are rounded for each output
}


def differing(path):
    """The events on which predict and emulate differ from what the file's own library gave."""
    stored = np.load(path.with_suffix(".npz"))
    network = read_file(path).network
    x, y = stored["x"].reshape(len(stored["x"]), -1), stored["y"].reshape(len(stored["x"]), -1)
    found = {"predict": network.predict(x).astype(np.float32)}
    if path.name not in NO_INTEGERS:
        found["emulate"] = network.emulate(x).astype(np.float32)
    return {name: int((outputs != y).any(1).sum()) for name, outputs in found.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_equal_to_the_bit(path):
    assert set(differing(path).values()) == {0}


@pytest.mark.parametrize("name", ["0", "7", "14"])
def test_a_file_becomes_gates_and_a_file_of_plain_keras(name, tmp_path):
    stored, network = np.load(GOLDEN / f"{name}.npz"), read_file(GOLDEN / f"{name}.keras").network
    np.testing.assert_array_equal(trace_circuit(network).predict(stored["x"]), stored["y"])
    write_keras3(network, tmp_path / "plain.keras")
    np.testing.assert_array_equal(read_file(tmp_path / "plain.keras").network.predict(stored["x"]), stored["y"])


def test_hdf5_files_are_equal_to_the_bit(tmp_path):
    with zipfile.ZipFile(GOLDEN / "h5.zip") as archive:
        archive.extractall(tmp_path)
    paths = sorted(tmp_path.glob("*.h5"))
    assert len(paths) == 4
    assert {path.name: found for path in paths if any((found := differing(path)).values())} == {}


@pytest.mark.slow
def test_fifty_random_networks_are_equal_to_the_bit(tmp_path):
    """CODESIGN_HGQ2 is the Python of an environment with hgq2, keras, jax and h5py."""
    python = os.environ.get("CODESIGN_HGQ2")
    if not python:
        pytest.skip("CODESIGN_HGQ2 is not set: the Python of an environment with hgq2 and jax")
    script = Path(__file__).with_name("hgq_golden.py")
    subprocess.run([python, str(script), str(tmp_path), "100", "150"], check=True)
    paths = sorted(tmp_path.glob("*.keras"))
    assert len(paths) == 50
    assert {path.name: found for path in paths if any((found := differing(path)).values())} == {}


def quantizer(bits, **config):
    return HgqQuantizer("fc", Named("QuantizerConfig", "hgq", config), {k: np.array(v) for k, v in bits.items()})


@pytest.mark.parametrize("overflow", ["WRAP", "SAT", "SAT_SYM"])
@pytest.mark.parametrize("rounding", ["RND", "RND_CONV", "TRN"])
@pytest.mark.parametrize("signed", [0, 1])
def test_the_type_of_a_data_lane_rounds_as_the_quantizer(overflow, rounding, signed):
    for i in range(-2, 3):
        for f in range(-1, 4):
            one = quantizer(
                {"k": [signed], "i": [float(i)], "f": [f + 0.4]},
                q_type="kif",
                round_mode=rounding,
                overflow_mode=overflow,
            )
            x = np.arange(-80, 81) / 16
            expected = one(np.array(x))
            received = one.type((len(x),)).quantize(x)
            np.testing.assert_array_equal(received, expected, err_msg=f"k={signed} i={i} f={f}")


def test_weights_that_wrap_keep_their_own_range():
    bits = {"k": [1.0], "b": [3.0], "i": [0.0]}
    given = {"q_type": "kbi", "round_mode": "RND", "overflow_mode": "WRAP", "trainable": True}
    assert quantizer(bits, is_weight=True, **given)(np.array([5.3])).tolist() == [5.25]
    assert quantizer(bits, is_weight=False, **given)(np.array([5.3])).tolist() == [-0.75]


def test_a_small_float_is_rounded_to_its_mantissa():
    bits = {"m": [2.0], "e": [3.0], "e0": [0.0]}
    values = np.array([0.0, 0.3, 1.1, 5.0, -100.0, 0.01])
    found = quantizer(bits, q_type="float")(values)
    assert found.tolist() == [0.0, 0.3125, 1.0, 5.0, -14.0, 0.0]
    with pytest.raises(UnsupportedLayerError, match="layer 'fc'.*q_type=float"):
        quantizer(bits, q_type="float").type((6,))


def test_variables_are_named_alike_in_both_kinds_of_files():
    config = {"iq_conf": Named("QuantizerConfig", "hgq", {"q_type": "kif", "overflow_mode": "WRAP"}), "use_bias": False}
    arrays = [np.array([float(n)]) for n in range(4)]
    numbered = {f"iq/quantizer/vars/{n}": array for n, array in enumerate(arrays)} | {"vars/0": arrays[0]}
    named = {f"fc_iq/fixed_point_quantizer_kif_3/{word}": array for word, array in zip(("f", "k", "i"), arrays)}
    for weights in (numbered, named | {"kernel": arrays[0]}):
        found = variables_of(LayerRecord("fc", "QDense", "hgq.layers", config, weights))
        assert {name: float(found[name][0]) for name in ("iq/f", "iq/k", "iq/i", "kernel")} == {
            "iq/f": 0, "iq/k": 1, "iq/i": 2, "kernel": 0
        }  # fmt: skip


def test_other_variables_than_a_layer_makes_are_one_line():
    with pytest.raises(UnsupportedLayerError, match="layer 'fc': expected the variables kernel, beta, ebops"):
        variables_of(
            LayerRecord("fc", "QDense", "hgq", {"use_bias": False}, {f"vars/{n}": np.zeros(1) for n in range(7)})
        )


def test_damaged_files_are_read_or_refused_in_one_line():
    meet_damaged(FILES[0], range(60))


@pytest.mark.slow
def test_thousands_of_damaged_files():
    for path in FILES:
        meet_damaged(path, range(50_000 // len(FILES)))
