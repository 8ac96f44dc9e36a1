"""quantize_network of a network of words: the highest bits of each, and biases that make up for the rest."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign.data import Words
from codesign.layers import DetectorWords
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Activation, Dense, Quantize


@pytest.fixture(scope="module")
def words():
    x = np.random.default_rng(0).gamma(3, [10, 20, 1, 40], (2000, 4)) - [0, 30, 0, 100]
    return Words.declare(
        {"a": "ap_ufixed<11,8>", "b": "ap_fixed<11,9>", "c": "ap_ufixed<3,5>", "d": "ap_fixed<11,11>"}, x
    )


def test_widths_are_the_highest_bits_and_the_mean_stays(words):
    x = words.values(
        np.random.default_rng(1).integers(words.precision.code_low, words.precision.code_high + 1, (4000, 4))
    )
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), DetectorWords(words), keras.layers.Dense(5)])
    network = Network.from_keras(model)
    for bits in (2, 5, 20):
        typed = quantize_network(network, x, weights=12, activations=12, inputs=bits)
        kind = typed.input_precision
        np.testing.assert_array_equal(kind.width, np.minimum(words.width, bits))
        np.testing.assert_array_equal(kind.integer, words.precision.integer)
        assert (kind.rounding, kind.overflow) == ("TRN", "WRAP")
        np.testing.assert_array_equal(typed.encode(x), words.precision.to_codes(x) >> (words.width - kind.width))
        difference, spread = typed.predict(x) - network.predict(x), network.predict(x).std(0)
        assert (np.abs(difference.mean(0)) < 5 * difference.std(0) / np.sqrt(len(x)) + 1e-9).all()
        assert (np.abs(typed.emulate(x) - typed.predict(x)) < 0.02 * spread.max()).all()
    np.testing.assert_array_equal(typed.predict(x), network.predict(x))


def test_a_layer_may_use_the_highest_bits_from_the_start(words):
    x = words.encode(np.random.default_rng(0).gamma(3, [10, 20, 1, 40], (500, 4)) - [0, 30, 0, 100])
    model = keras.Sequential(
        [keras.Input((4,)), DetectorWords(words, bits=4), keras.layers.Dense(5, "relu"), keras.layers.Dense(2)]
    )
    network = Network.from_keras(model)
    np.testing.assert_allclose(network.predict(x), model(x), atol=1e-4)
    typed = quantize_network(network, x, weights=10, activations=10, inputs="trained")
    np.testing.assert_array_equal(typed.input_precision.width, np.minimum(words.width, 4))
    step = 2.0**-typed.input_precision.fraction
    assert (np.abs(model.layers[0](x).numpy() - (x - words.offset)) <= 0.5 * step).all()


def test_other_quantizers_and_other_readers_stay(words):
    kind = FixedPoint.parse("ap_fixed<8,4,AP_RND,AP_SAT>")
    rounded = Network.chain([DenseLayer("fc", np.ones((4, 1)), np.zeros(1))], kind, kind)
    x = np.abs(np.random.default_rng(0).normal(size=(50, 4))) / 10
    typed = quantize_network(rounded, x, weights=4, activations=4, inputs=4)
    np.testing.assert_array_equal(typed.predict(x), rounded.predict(x))
    nodes = [Node("q", Quantize(words.precision), ["x"]), Node("r", Activation("relu"), ["q"])]
    nodes.append(Node("d", Dense(np.ones((4, 1)), np.zeros(1)), ["r"]))
    graph = quantize_network(Network(nodes, [Input("x", (4,))], ["d"]), x, weights=4, activations=8, inputs=5)
    np.testing.assert_array_equal(graph.input_precision.width, np.minimum(words.width, 5))
