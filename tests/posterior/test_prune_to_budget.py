import numpy as np
import pytest

from codesign._keras import keras
from codesign._layer_walk import read_layer_graph
from codesign.errors import BudgetError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED
from codesign.network import Network
from codesign.posterior.feeds import Feeds
from codesign.posterior.graph_budget import GraphBudget
from codesign.posterior.prune_to_budget import prune_to_budget

pytest.importorskip("da4ml")
X = np.random.default_rng(0).uniform(-1, 1, (200, 8)).astype(np.float32)
DEEP = np.array([1, 1, 1, 1, 1, 1, 0.5, 0.25])  # 8 terms: 3 levels; without the two smallest still 3
FLAT = np.array([0.125, 0.0625, 0, 0, 0, 0, 0, 0])  # the smallest weights of all are on no critical path


def collapsed(*kernels):
    model = keras.Sequential(
        [
            keras.Input((kernels[0].shape[0],)),
            *(PosteriorDense(kernel.shape[1], activation="relu") for kernel in kernels),
        ]
    )
    for layer, kernel in zip(model.layers, kernels):
        layer.start_collapse(ROUNDED, np.full(kernel.shape[0], 2.0**-4))
        layer.fix_weights(kernel, np.ones(kernel.shape, bool))
        layer.finish_collapse()
    graph = read_layer_graph(model)
    (name,) = graph.inputs

    def cover():
        Feeds(graph).cover({name: X})

    cover()
    return model, cover


def test_only_weights_on_the_critical_paths_pay_for_levels():
    model, cover = collapsed(np.stack([DEEP, FLAT], 1))
    (levels,) = trace_adder_graph(Network.from_keras(model)).unit_levels.values()
    assert levels.tolist() == [3, 1]
    prune_to_budget(model, model.layers, GraphBudget(1000, 2), cover)
    kernel = model.layers[0].inference_kernel
    np.testing.assert_array_equal(kernel[:, 1], FLAT)
    assert np.sum(kernel[:, 0] != 0) == 4 and (kernel[6:, 0] == 0).all()
    assert trace_adder_graph(Network.from_keras(model)).adder_levels == 2


def test_levels_are_counted_through_the_layers():
    first, second = np.zeros((8, 2)), np.array([[1.0, 0], [1, 1]])
    first[:, 0], first[:2, 1] = DEEP, 1
    model, cover = collapsed(first, second)
    before = model.layers[1].inference_kernel
    graph = trace_adder_graph(Network.from_keras(model))
    below, above = graph.unit_levels.values()
    assert above[0] > below[0] > below[1] == above[1]
    prune_to_budget(model, model.layers, GraphBudget(1000, graph.adder_levels - 1), cover)
    assert trace_adder_graph(Network.from_keras(model)).adder_levels < graph.adder_levels
    np.testing.assert_array_equal(model.layers[1].inference_kernel[:, 1], before[:, 1])
    np.testing.assert_array_equal(model.layers[0].inference_kernel[:, 1], first[:, 1])


def test_the_smallest_weights_pay_for_luts_until_one_way_is_left():
    model, cover = collapsed(np.stack([DEEP, FLAT], 1), np.array([[1.0], [0.5]]))
    cost = trace_adder_graph(Network.from_keras(model)).adder_cost
    prune_to_budget(model, model.layers, GraphBudget(cost - 1), cover)
    assert trace_adder_graph(Network.from_keras(model)).adder_cost < cost
    with pytest.raises(
        BudgetError,
        match=r"adder_cost, adder_levels: expected at least \d+ and 0, .* Received: adder_cost=1, adder_levels=1",
    ):
        prune_to_budget(model, model.layers, GraphBudget(1, 1), cover)
    network = Network.from_keras(model)
    assert not trace_adder_graph(network).is_constant
    assert [np.count_nonzero(layer.inference_kernel) for layer in model.layers] == [1, 1]
    assert np.ptp(model.predict(X, verbose=0)) > 0
    np.testing.assert_array_equal(network.emulate(X), model.predict(X, verbose=0))


def test_a_constant_network_meets_no_budget():
    model, cover = collapsed(np.zeros((8, 2)))
    assert trace_adder_graph(Network.from_keras(model)).is_constant
    with pytest.raises(BudgetError, match="expected a network whose outputs depend on its inputs. Received: constants"):
        prune_to_budget(model, model.layers, GraphBudget(100), cover)
