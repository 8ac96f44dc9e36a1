"""A convolutional network of QKeras down to gates: model, integers, adders and Verilog are one function."""

import numpy as np
import pytest
from qkeras import QActivation, QConv2D, QDense

from codesign._keras import keras
from codesign.export import export_model
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.network import Network, quantize_network
from codesign.tools.find import find_tool
from tests.random_designs import random_designs
from tests.random_graphs import ALL_KINDS
from tests.read.random_layers import draw_weights

pytest.importorskip("da4ml")
_WEIGHTS = {"kernel_quantizer": "quantized_bits(5,1,alpha=1)", "bias_quantizer": "quantized_bits(6,2,alpha=1)"}


@pytest.fixture(scope="module")
def tagger():
    """The model, its network with the types of its training, and events."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            QActivation("quantized_bits(6,2,alpha=1)"),
            QConv2D(3, (3, 3), strides=(2, 1), padding="same", activation="quantized_relu(5,2)", **_WEIGHTS),
            layers.MaxPooling2D((2, 2), strides=1, padding="same"),
            QConv2D(2, (2, 2), activation="quantized_relu(5,2)", **_WEIGHTS),
            layers.Flatten(),
            QDense(3, **_WEIGHTS),
        ]
    )
    rng = np.random.default_rng(0)
    draw_weights(rng, model)
    x = rng.normal(size=(300, 36)) * 2
    return model, quantize_network(Network.from_keras(model), x), x


def test_integers_and_adders_are_the_model(tagger):
    model, network, x = tagger
    expected = np.asarray(model(x.reshape(-1, 6, 6, 1).astype(np.float32)))
    assert len(np.unique(expected, axis=0)) > 100
    np.testing.assert_array_equal(network.emulate(x), expected)
    np.testing.assert_array_equal(trace_adder_graph(network).predict(x), expected)


@pytest.mark.slow
def test_verilog_and_integer_cpp_are_the_model(tagger, tmp_path):
    _, network, x = tagger
    if find_tool("verilator").path and find_tool("g++").path:
        project = write_verilog(trace_adder_graph(network), tmp_path / "rtl", adder_levels_per_stage=3)
        np.testing.assert_array_equal(simulate(project, x).outputs, network.emulate(x))
    if find_tool("g++").path:
        export_model(network, tmp_path / "tagger.hpp", to="cpp-integer", x=x)  # which compares every integer


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [range(first, first + 6) for first in range(0, 60, 6)])
def test_verilog_of_the_wider_operations_equals_emulation(tmp_path, seeds):
    network, x = random_designs(seeds, 200, n_nodes=12, kinds=ALL_KINDS)
    run = simulate(write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=3), x)
    np.testing.assert_array_equal(run.outputs, network.emulate(x))
