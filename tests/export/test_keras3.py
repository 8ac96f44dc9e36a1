"""Files of Keras 3: what is written, and that Keras 3 itself computes the network's function from it."""

import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from codesign import DenseLayer, Input, Network, Node
from codesign.errors import UnsupportedLayerError
from codesign.export.keras3.file import keras3_content, weights_content, write_keras3
from codesign.export.keras3.graph import KerasGraph
from codesign.network.ops import Activation, Add, ArgMax, Dense, Patches
from codesign.network.ops.functions import CURVES, EXACT
from codesign.read import read_file
from tests.random_designs import graph_events, random_design
from tests.random_graphs import random_graph

_NUMBERS = {
    "leaky_relu": {"slope": 0.1},
    "hard_sigmoid": {"slope": 0.2},
    "elu": {"slope": 0.5},
    "celu": {"slope": 0.5},
    "power": {"slope": 3.0},
    "relu": {"max_value": 6.0},
    "thresholded_relu": {"threshold": 0.5},
    "clip": {"min_value": -0.5, "max_value": 1.0},
}

OPEN = """
import os, sys, glob
import numpy as np, keras
for path in sorted(glob.glob(sys.argv[1] + "/*.keras")):
    model, arrays = keras.models.load_model(path), np.load(path[:-6] + ".npz")
    given = [arrays[f"x{index}"].astype("float32") for index in range(len(model.inputs))]
    found = model(given if len(given) > 1 else given[0], training=False)
    found = found if isinstance(found, list) else [found]
    np.save(path[:-6] + ".npy", np.concatenate([np.asarray(one, float).reshape(len(one), -1) for one in found], 1))
"""


def test_layers_and_weights_are_those_of_keras(tmp_path):
    layers = [DenseLayer("fc1", [[1.0, 2.0]], [0.5, 0.0], "relu"), DenseLayer("fc2", [[3.0], [4.0]], [0.0])]
    write_keras3(Network.chain(layers), tmp_path / "m.keras", name="tagger")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        config = json.loads(archive.read("config.json"))
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
    assert config["config"]["name"] == "tagger"
    kinds = [layer["class_name"] for layer in config["config"]["layers"]]
    assert kinds == ["InputLayer", "Dense", "ReLU", "Dense"]


def test_the_same_network_is_the_same_file():
    network = random_graph(np.random.default_rng(0))
    assert keras3_content(network) == keras3_content(network)


def test_patches_and_a_dense_op_are_a_convolution():
    patches = Patches((3,), (1,), (1,), ((1, 1),))
    nodes = [Node("windows", patches, ["x"]), Node("conv", Dense(np.ones((6, 4)), np.zeros(4)), ["windows"])]
    content = keras3_content(Network(nodes, [Input("x", (5, 2))], ["conv"]))
    assert b"Conv1D" in zipfile.ZipFile(io.BytesIO(content)).read("config.json")


def test_an_op_that_keras_has_not_is_named():
    network = Network([Node("best", _Other(), ["x"])], [Input("x", (4,))], ["best"])
    with pytest.raises(UnsupportedLayerError, match="node 'best': expected an op that Keras 3 has"):
        keras3_content(network)


class _Other(ArgMax):
    """An op of somebody else."""


def networks():
    rng = np.random.default_rng(1)
    for seed in range(24):
        yield random_graph(np.random.default_rng(seed)) if seed % 2 else random_design(seed)[0]
    for function in (*EXACT, *CURVES, "softmax", "log_softmax"):
        op = Activation(function, **_NUMBERS.get(function, {}))
        yield Network([Node(function, op, ["x"])], [Input("x", (2, 3))], [function])
    for strides, padding in (((2, 1), ((1, 0), (0, 1))), ((1, 1), ((0, 0), (0, 0)))):
        windows = Patches((2, 3), strides, (1, 1), padding)
        conv = Dense(rng.normal(size=(12, 3)), rng.normal(size=3))
        nodes = [Node("windows", windows, ["x"]), Node("conv", conv, ["windows"])]
        again = Node("again", Dense(rng.normal(size=(3, 3)), np.zeros(3)), ["conv"])
        nodes += [again, Node("sum", Add(), ["conv", "again"])]
        yield Network(nodes, [Input("x", (5, 6, 2)), Input("beside", (2,))], ["sum"])


def test_what_is_written_is_read_back(tmp_path):
    for number, network in enumerate(list(networks())[::2]):
        if isinstance(network.nodes[0].op, Activation) and network.nodes[0].op.function == "linear":
            continue
        x = np.asarray(graph_events(np.random.default_rng(number), network, 20), np.float32)
        write_keras3(network, tmp_path / "m.keras")
        with np.errstate(all="ignore"):
            found, expected = read_file(tmp_path / "m.keras").network.predict(x), network.predict(x)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4, err_msg=str(network))


def file_of(kind, folder, **numbers):
    """A file of one operation."""
    graph = KerasGraph()
    x = graph.add_input("x", (4,))
    graph.begin("op")
    graph.outputs = [graph.operation(kind, [x], (4,), **numbers)]
    with zipfile.ZipFile(folder / "op.keras", "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.5.0"}')
        archive.writestr("config.json", json.dumps(graph.config("op")))
        archive.writestr("model.weights.h5", weights_content(graph.in_order()))
    return folder / "op.keras"


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("nn.HardShrink", {"threshold": 0.25}), ("numpy.Round", {"decimals": 1}), ("nn.Squareplus", {"b": 2})],
)
def test_an_operation_with_numbers_that_are_not_read_is_refused(tmp_path, kind, numbers):
    assert read_file(file_of(kind, tmp_path)).network.n_outputs == 4
    with pytest.raises(UnsupportedLayerError, match="layer 'op': expected an operation that a Network can hold"):
        read_file(file_of(kind, tmp_path, **numbers))


def test_an_operation_has_its_slope(tmp_path):
    network = read_file(file_of("nn.Elu", tmp_path, alpha=0.5)).network
    assert network.predict([[-20.0, -1.0, 0.0, 2.0]])[0] == pytest.approx([-0.5, 0.5 * np.expm1(-1.0), 0.0, 2.0])


@pytest.mark.slow
def test_keras_3_opens_what_is_written_and_computes_the_same(tmp_path):
    written = []
    for number, network in enumerate(networks()):
        x = np.asarray(graph_events(np.random.default_rng(number), network, 20), np.float32)
        write_keras3(network, tmp_path / f"{number:03}.keras")
        parts = network.input_layout.split(x.astype(np.float64)).values()
        np.savez(tmp_path / f"{number:03}.npz", **{f"x{index}": part for index, part in enumerate(parts)})
        written.append((network, x))
    environment = os.environ | {"TF_USE_LEGACY_KERAS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", OPEN, str(tmp_path)], check=True, env=environment, cwd=tmp_path)
    for number, (network, x) in enumerate(written):
        with np.errstate(all="ignore"):
            found, expected = np.load(tmp_path / f"{number:03}.npy"), network.predict(x)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4, err_msg=str(network))
