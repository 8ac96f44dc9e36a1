from itertools import product

import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.fpga import Grid, sweep
from codesign.fpga.sweep.precisions import quantized_networks
from codesign.network import DenseLayer, FixedPoint, Network, PrecisionChoice, quantize_network

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))


def dense(name, n_in, n_out, activation="relu"):
    return DenseLayer(name, RNG.normal(size=(n_in, n_out)), RNG.normal(size=n_out), activation)


NETWORK = Network.chain([dense("fc2", 4, 6), dense("fc10", 6, 5), dense("output", 5, 3, "linear")])
NAMES = ["fc2", "fc10", "output"]


def types(network):
    precisions = [layer.precision for layer in network.layers]
    return [network.input_precision, *((one.weight, one.bias, one.output) for one in precisions)]


@pytest.mark.parametrize("width", [3, 8, "ap_fixed<12,5>"])
def test_the_same_width_for_every_layer_is_that_width(width):
    activations = dict.fromkeys(["inputs", "fc2", "fc10"], 7)
    by_layer = quantize_network(NETWORK, X, weights=dict.fromkeys(NAMES, width), activations=activations)
    assert types(by_layer) == types(quantize_network(NETWORK, X, weights=width, activations=7))


def test_each_layer_gets_its_own():
    weights = {"output": 9, "fc2": "ap_fixed<10,4>", "fc10": 5}
    network = quantize_network(NETWORK, X, weights=weights, activations={"fc10": 4, "fc2": "ap_ufixed<6,3>"}, inputs=11)
    assert [layer.precision.weight.width for layer in network.layers] == [10, 5, 9]
    assert network.layers[0].precision.weight == FixedPoint(10, 4)
    assert (network.input_precision.width, network.layers[0].precision.output) == (
        11,
        FixedPoint.parse("ap_ufixed<6,3>"),
    )
    assert network.layers[1].precision.output.width == 4 and network.layers[2].precision.output is None
    again = quantize_network(network, X, weights={**weights, "output": "trained"}, activations=6)
    assert again.layers[2].precision.weight.width == 9


@pytest.mark.parametrize(
    "options, message",
    [
        ({"weights": {"fc2": 4, "fc1": 4, "output": 4}}, "weights: unknown layer 'fc1' .did you mean 'fc"),
        (
            {"weights": {"fc2": 4, "fc10": 4}},
            "weights: expected a width for each of fc2, fc10, output. Missing: output",
        ),
        ({"activations": {"fc2": 4, "fc10": 4}}, "activations: .*Missing: inputs"),
        ({"activations": {"fc2": 4, "fc10": 4, "output": 5}, "inputs": 8}, "activations: unknown layer 'output'"),
        ({"activations": {"fc2": 4, "inputs": 5, "fc10": 4}, "inputs": 8}, "activations: unknown layer 'inputs'"),
    ],
)
def test_layers_that_are_not_there_or_left_out_are_named(options, message):
    with pytest.raises(ConfigError, match=message) as error:
        quantize_network(NETWORK, X, **{"weights": 6, "activations": 8, **options})
    assert "\n" not in str(error.value)


def test_labels_of_a_grid_are_short_and_differ():
    weights = [{"fc10": a, "fc2": b, "output": 4} for a, b in product((3, 4, "trained"), repeat=2)] + [
        4,
        "trained",
        "ap_fixed<4,1>",
    ]
    activations = [{"inputs": 8, "fc2": 6, "fc10": 5}, {"inputs": 8, "fc2": 5, "fc10": 6}, 8]
    labels = [str(choice) for choice in Grid(weights=weights, activations=activations).precision_choices()]
    assert len(set(labels)) == len(labels) == 36 and max(map(len, labels)) < 40
    assert str(PrecisionChoice({"fc10": 3, "output": 5, "fc2": 4}, 8)) == "w4/3/5 a8"
    assert str(PrecisionChoice(5, {"fc": 3, "inputs": 8, "a": 4})) == "w5 a8/4/3"
    assert str(PrecisionChoice({"fc": 3}, 8)) != str(PrecisionChoice(3, 8))


def test_a_sweep_over_widths_by_layer():
    grid = Grid(weights=[{"fc2": 6, "fc10": 4, "output": 5}, 5], activations=(6,), implementations=("hls4ml-latency",))
    designs = sweep(NETWORK, X, NETWORK.predict(X).argmax(1), grid, jobs=1, progress=False)
    assert [design.precision for design in designs] == ["w6/4/5 a6", "w5 a6"]
    assert [layer.precision.weight.width for layer in designs[0].network.layers] == [6, 4, 5]
    assert len(quantized_networks(NETWORK, X, grid)) == 2


@pytest.mark.parametrize(
    "values, message",
    [
        ({"weights": [{}]}, "weights: expected a width for each layer"),
        ({"weights": [{"fc1": 1}]}, "weights.fc1: expected 2 to 62 bits"),
        ({"weights": [{"fc1": "fixed"}]}, "weights.fc1: precision"),
        ({"weights": [{1: 4}]}, "weights: expected the names of layers"),
        ({"weights": [{"fc1": {"a": 1}}]}, "weights: expected the names of layers"),
        ({"weights": [{"a": 4, "b": 5}, {"b": 5, "a": 4}]}, "weights: expected each value once"),
        ({"inputs": [{"fc1": 4}]}, "inputs: expected 2 to 62 bits"),
    ],
)
def test_a_grid_refuses_what_is_no_width_by_layer(values, message):
    with pytest.raises(ConfigError, match=message) as error:
        Grid(**values)
    assert "\n" not in str(error.value)
