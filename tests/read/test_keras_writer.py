"""Random graphs of every op as Keras models: the same outputs, and read back the same again."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import UnsupportedLayerError
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node
from codesign.network.error_bounds import SINGLE
from codesign.network.ops import Activation, ArgMax, Compare, Dense, Gather, MatMul, Min, Patches, Select
from codesign.network.ops.functions import CURVES, EXACT
from codesign.network.same_function import expect
from codesign.read.keras_model import Predict
from tests.random_designs import graph_events
from tests.random_graphs import KINDS, random_graph


def check_written(seed, *, and_read=False):
    """Within the bounds of single precision; 1e-5 of the largest value, but where a quantizer takes another step."""
    rng = np.random.default_rng(seed)
    network = random_graph(rng, n_nodes=int(rng.integers(4, 12)), kinds=KINDS)
    x = graph_events(rng, network).astype(np.float32)
    model = network.to_keras()
    received, expected = Predict(model, network)(x), expect(network, x, SINGLE)
    assert not expected.differs(received).any()
    exact = np.abs(received - expected.outputs) <= 1e-5 * np.maximum(1, np.abs(expected.outputs).max(1, keepdims=True))
    assert exact.all(1).mean() > (0.9 if network.has_trained_types else 0.999)
    if and_read:
        again = Network.from_keras(model, x, softmax=True)
        np.testing.assert_allclose(again.predict(x)[exact.all(1)], expected.outputs[exact.all(1)], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 60), marks=pytest.mark.slow)], ids=["few", "many"])
def test_random_graphs_are_written(seeds):
    for seed in seeds:
        check_written(seed, and_read=seed % 15 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_many_random_graphs_are_written_and_read(seed):
    check_written(seed, and_read=True)


def test_shared_constants_are_one_layer_again():
    """Of a layer that is called twice: one op in the network, one layer in what is written."""
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    dense, normalise = keras.layers.Dense(3, name="shared"), keras.layers.BatchNormalization()
    towers = [keras.layers.Activation("relu")(normalise(dense(one))) for one in (left, right)]
    network = Network.from_keras(keras.Model([left, right], keras.layers.Dense(2)(keras.layers.Subtract()(towers))))
    kernels = [node.op.kernel for node in network.nodes if isinstance(node.op, Dense)]
    assert len(kernels) == 3 and kernels[0] is kernels[1]
    model = network.to_keras()
    assert [type(layer).__name__ for layer in model.layers].count("Dense") == 2
    x = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    np.testing.assert_allclose(Predict(model, network)(x), network.predict(x), atol=1e-5)


def test_types_of_which_some_have_a_sign_come_back():
    words = FixedPoint(np.array([6, 5, 0, 7]), np.array([2, 4, 0, 6]), np.array([True, False, False, True]))
    network = Network.chain([DenseLayer("fc", np.eye(4)[:, :2], np.zeros(2))], words, words)
    x = np.rint(np.random.default_rng(0).normal(0, 640, (200, 4))) / 32
    model = network.to_keras()
    np.testing.assert_array_equal(model.predict(x, verbose=0), network.predict(x))
    assert Network.from_keras(model).input_quantizer == words


def check_same(network, x):
    """Of what Keras 2 has no layer for, too."""
    with np.errstate(all="ignore"):
        expected = network.predict(x)
    np.testing.assert_allclose(Predict(network.to_keras(), network)(x), expected, rtol=1e-4, atol=1e-4)


def test_convolutions_are_layers_and_other_moves_operations():
    rng = np.random.default_rng(0)
    nodes, shape = [], (5, 6, 2)
    for name, padding, strides in (("same", ((1, 0), (0, 1)), (2, 1)), ("valid", ((0, 0), (0, 0)), (1, 1))):
        op = Dense(rng.normal(size=(12, 3)), rng.normal(size=3))
        nodes += [Node(f"{name}_windows", Patches((2, 3), strides, (1, 1), padding), ["x"])]
        nodes += [Node(name, op, [f"{name}_windows"]), Node(f"{name}_relu", Activation("relu"), [name])]
    nodes += [Node("edges", Patches((2, 2), (1, 1), (1, 1), ((1, 0), (0, 0)), pad="edge"), ["x"])]
    nodes += [Node("some", Gather([[3, -1], [0, 59]]), ["x"]), Node("pair", MatMul(), ["some", "some"])]
    nodes += [Node("above", Compare("greater"), ["pair", "some"]), Node("either", Select(), ["above", "pair", "some"])]
    nodes += [Node("least", Min(1), ["either"]), Node("best", ArgMax(1), ["either"])]
    outputs = ["same_relu", "valid_relu", "edges", "least", "best"]
    network = Network(nodes, [Input("x", shape)], outputs)
    model = network.to_keras()
    assert [type(layer).__name__ for layer in model.layers].count("Conv2D") == 2
    check_same(network, rng.normal(size=(20, 60)).astype(np.float32))


def test_every_function_of_single_values_is_written():
    given = {
        "hard_sigmoid": {"slope": 0.2},
        "leaky_relu": {"slope": 0.1},
        "elu": {"slope": 0.5},
        "celu": {"slope": 0.5},
    }
    given |= {
        "power": {"slope": 2.0},
        "clip": {"min_value": -0.5, "max_value": 1.0},
        "thresholded_relu": {"threshold": 0.5},
    }
    nodes = [Node(name, Activation(name, **given.get(name, {})), ["x"]) for name in (*EXACT, *CURVES, "log_softmax")]
    network = Network(nodes, [Input("x", (3,))], [node.name for node in nodes])
    check_same(network, np.random.default_rng(0).uniform(0.1, 2, (20, 3)).astype(np.float32))


def test_an_op_that_keras_has_not_is_named():
    class Other(ArgMax):
        """An op of somebody else."""

    network = Network([Node("best", Other(), ["x"])], [Input("x", (4,))], ["best"])
    with pytest.raises(UnsupportedLayerError, match="node 'best': expected an op that Keras 2 has"):
        network.to_keras()
