"""What does not fit in a file of Keras, or is damaged, is said; what fits is read without a heavy import."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.errors import CodesignError, DataError, UnsupportedLayerError
from codesign.read import read_file
from tests.damaged_models import meet_damaged
from tests.read.random_layers import draw_weights

L = keras.layers


def small(path):
    model = keras.Sequential([keras.Input((16,)), *(L.Dense(n, "relu") for n in (64, 32, 32)), L.Dense(5, "softmax")])
    model.save(path)
    return model


def test_a_command_reads_a_file_without_a_heavy_import(tmp_path):
    small(tmp_path / "model.h5")
    command = ["export", str(tmp_path / "model.h5"), "--to", "json", "--out", str(tmp_path / "out.json")]
    code = (
        f"import sys; from codesign.cli.main import main; assert main({command!r}) == 0; "
        "heavy = {'tensorflow', 'keras', 'tf_keras', 'qkeras', 'h5py', 'torch', 'onnx', 'joblib'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def _changed(path, change):
    """The archive with another configuration."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    content = {"config.json": json.loads(entries["config.json"]), "metadata.json": json.loads(entries["metadata.json"])}
    change(content)
    with zipfile.ZipFile(path, "w") as archive:
        for name, entry in (entries | {name: json.dumps(one) for name, one in content.items()}).items():
            archive.writestr(name, entry)


def _newer(content):
    content["metadata.json"]["keras_version"] = "4.1.0"


def _foreign(content):
    mine = {"class_name": "Mine", "module": "mine", "registered_name": "Mine", "config": {"name": "mine"}}
    content["config.json"]["config"]["layers"].insert(2, mine)


def _wider(content):
    content["config.json"]["config"]["layers"][1]["config"]["units"] = 65


def _more(content):
    layers = content["config.json"]["config"]["layers"]
    layers.append({**layers[-1], "config": {**layers[-1]["config"], "name": "more"}})


@pytest.mark.parametrize(
    "change, error, match",
    [
        (_newer, DataError, "Keras 1 to 3. Received: one of Keras 4.1.0"),
        (_foreign, UnsupportedLayerError, "Mine of 'mine'; its Python code is not run"),
        (_wider, DataError, "layer 'dense.*': expected a kernel of 65 outputs. Received: one of shape .16, 64."),
        (_more, DataError, "expected the weights of 5 layers of 'dense'. Received: 4"),
    ],
)
def test_what_does_not_fit_is_said(change, error, match, tmp_path):
    small(tmp_path / "model.keras")
    _changed(tmp_path / "model.keras", change)
    with pytest.raises(error, match=match):
        read_file(tmp_path / "model.keras")


def wild(folder):
    """A model of many kinds of layers, for damage."""
    inputs = keras.Input((6, 4))
    phi = keras.Sequential([keras.Input((6, 5)), L.Dense(5), L.PReLU()])
    values = phi(phi(L.BatchNormalization()(L.TimeDistributed(L.Dense(5, "relu"))(inputs))) - 1.0)
    values = L.Concatenate()([L.Bidirectional(L.LSTM(2, return_sequences=True))(values), values])
    values = L.Flatten()(L.RepeatVector(3)(L.GlobalAveragePooling1D()(L.Conv1D(3, 2, padding="causal")(values[:, 1:]))))
    dense_layer = QDense(4, kernel_quantizer="quantized_bits(6,0)", bias_quantizer="quantized_bits(6,1,alpha=1)")
    model = keras.Model(inputs, L.Dense(2, "softmax")(QActivation("quantized_relu(6,2)")(dense_layer(values))))
    draw_weights(np.random.default_rng(0), model)
    model.save(folder / "model.h5")
    model.save(folder / "model.keras")


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_damaged_files_are_read_or_refused(suffix, tmp_path):
    wild(tmp_path)
    assert meet_damaged(tmp_path / f"model.{suffix}", range(30)) < 20


def test_weights_beyond_what_floats_hold_are_no_warning(tmp_path):
    layers = [QDense(2, kernel_quantizer="quantized_bits(6,0)"), L.BatchNormalization()]
    model = keras.Sequential([keras.Input((2,)), *layers])
    kernel, bias, *scale, variance = model.get_weights()
    model.set_weights([np.full_like(kernel, 3e38), bias, *scale, variance - 5])
    model.save(tmp_path / "model.h5")
    with pytest.raises(CodesignError, match="NaN|finite"):
        read_file(tmp_path / "model.h5")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_fifty_thousand_damaged_files(suffix, tmp_path):
    wild(tmp_path)
    meet_damaged(tmp_path / f"model.{suffix}", range(100, 50_100))
