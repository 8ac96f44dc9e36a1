from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import DataError, PrecisionError, ToolError, UnsupportedLayerError
from codesign.fpga.hls4ml.checks import beyond_hls4ml
from codesign.fpga.rtl.adder_graph import check_adder_graph, trace_adder_graph
from codesign.fpga.rtl.da4ml_numbers import fraction_bits
from codesign.fpga.rtl.traced_ops import TRACED
from codesign.network import DenseLayer, FixedPoint, Input, LayerPrecision, Network, Node, quantize_network
from codesign.network.ops import OPS, Activation, Concatenate, Dense, Embedding, Max, Mean, Multiply
from codesign.tools import find as tools
from tests.random_designs import random_design
from tests.random_graphs import ALL_KINDS
from tests.random_networks import random_events, random_network

pytest.importorskip("da4ml")

MODES = {
    "every mode": {},
    "per element": {"per_element": True},
    "open types": {"explicit_types": False, "per_element": True},
    "tables": {"activations": ("sigmoid", "tanh", "relu")},
    "wide and deep": {"sizes": (6, 9, 8, 7, 6, 5, 4), "max_width": 16},
}


def one_layer(weight, bias, *, source, result, output=None, accum=None, activation="linear", **more):
    """A layer of one input and one output; types as text."""
    types = (None if text is None else FixedPoint.parse(text) for text in (accum, result, output))
    precision = LayerPrecision(FixedPoint(16, 8), FixedPoint(16, 8), *types, **more)
    layer = DenseLayer("dense", np.array([[weight]]), np.array([bias]), activation, precision)
    return Network.chain((layer,), FixedPoint.parse(source))


def assert_exact(network, x):
    assert np.array_equal(trace_adder_graph(network).predict(x), network.emulate(x))


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 20))])
@pytest.mark.parametrize("mode", MODES)
def test_graph_equals_emulation(mode, seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng, **MODES[mode])
    assert_exact(network, random_events(rng, network))


@pytest.mark.parametrize("seed", [6, 13])
def test_columns_of_twenty_bits_at_different_scales(seed):
    """da4ml's solver forms differences of columns in single precision: scales belong to the inputs, not to the rows."""
    rng = np.random.default_rng(seed)
    network = random_network(
        rng, (9, 12, 11), per_element=True, max_width=20, explicit_types=False, overflows=("WRAP",)
    )
    assert_exact(network, random_events(rng, network))


@pytest.mark.parametrize("overflow", ["WRAP", "SAT", "SAT_SYM"])
@pytest.mark.parametrize("rounding", ["TRN", "RND", "RND_CONV"])
@pytest.mark.parametrize("result", ["fixed<4,3", "ufixed<4,3", "fixed<1,2", "ufixed<9,9", "fixed<3,-1", "fixed<20,12"])
def test_every_code_is_cast_as_the_emulation_casts_it(result, rounding, overflow):
    network = one_layer(1.0, 0.0, source="fixed<8,4>", result=f"ap_{result},AP_{rounding},AP_{overflow}>")
    assert_exact(network, np.arange(-128, 128)[:, np.newaxis] / 16)


def test_ties_go_to_the_even_code():
    network = one_layer(1.0, 0.0, source="fixed<6,4>", result="ap_fixed<4,4,AP_RND_CONV,AP_SAT>")
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75])[:, np.newaxis]
    assert trace_adder_graph(network).predict(x).ravel().tolist() == [-2, -2, 0, 0, 2, 2, 3]


def test_negative_codes_wrap_into_a_wider_unsigned_type():
    network = one_layer(1.0, 0.0, source="fixed<3,3>", result="ap_ufixed<8,8>")
    assert trace_adder_graph(network).predict(np.array([[-1.0], [3.0]])).ravel().tolist() == [255, 3]


def test_equal_constants_behind_a_table_are_folded_into_the_bias():
    """da4ml 0.6.0 gives wrong sums when constants such as these go through its solver."""
    first = np.array([[0.0, 0, 1, 1, 0], [2.0, 0, 0, 1, 0]])
    table = {"table": FixedPoint(7, 1), "table_size": 512}
    small = FixedPoint.parse("ap_fixed<4,2,AP_RND,AP_SAT>")
    precision = LayerPrecision(FixedPoint(12, 8), FixedPoint(14, 9), output=small, **table)
    second = np.array([[33, 33, 0, -19], [0, 0, -20, -14], [3, -7, 10, 0], [0, 12, -21, -4], [22, -6, 0, -14]]) / 16
    layers = (
        DenseLayer("tanh", first, np.array([-8.0, -2, 8, 8, -8]), "tanh", precision),
        DenseLayer("out", second, np.zeros(4), "linear", LayerPrecision(FixedPoint(9, 4), FixedPoint(9, 4))),
    )
    network = Network.chain(layers, FixedPoint(6, 6, signed=False))
    assert_exact(network, np.random.default_rng(0).integers(0, 64, (200, 2)))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize(
    "result", ["fixed<8,5>", "fixed<24,6>"], ids=["table of the codes", "table of hls4ml's entries"]
)
def test_tables_of_narrow_and_wide_results(result, activation):
    network = one_layer(1.0, 0.0, source="fixed<16,6>", result=result, output="ap_fixed<9,1>", activation=activation)
    assert_exact(network, np.linspace(-32, 31.9, 1001)[:, np.newaxis])


def test_network_with_unused_inputs_and_constant_outputs():
    network = random_network(np.random.default_rng(1), (4, 3), explicit_types=False)
    kernel = network.layers[0].kernel.copy()
    kernel[2] = kernel[:, 1] = 0
    network = network.with_layers((replace(network.layers[0], kernel=kernel),))
    assert_exact(network, random_events(np.random.default_rng(2), network))
    constant = network.with_layers((replace(network.layers[0], kernel=0 * kernel),))
    graph = trace_adder_graph(constant)
    assert graph.adder_cost == graph.adder_levels == 0
    assert_exact(constant, random_events(np.random.default_rng(2), constant))


def test_cost_and_levels_of_a_sum_of_four():
    precision = LayerPrecision(FixedPoint(4, 4), FixedPoint(4, 4))
    layer = DenseLayer("sum", np.ones((4, 1)), np.zeros(1), "linear", precision)
    graph = trace_adder_graph(Network.chain((layer,), FixedPoint(8, 8)))
    assert graph.adder_levels == 2
    assert 24 <= graph.adder_cost <= 30


def test_products_that_are_rounded_are_refused():
    network = one_layer(0.375, 0.0, source="fixed<8,4>", result=None, accum="fixed<8,6>")
    with pytest.raises(PrecisionError, match="layer 'dense': .* cannot round each product .* 12 fraction bits"):
        trace_adder_graph(network)


def test_an_accumulator_that_may_saturate_is_refused():
    network = one_layer(100.0, 0.0, source="fixed<8,4>", result=None, accum="ap_fixed<18,6,AP_TRN,AP_SAT>")
    with pytest.raises(PrecisionError, match="cannot saturate at each addition"):
        trace_adder_graph(network)


def test_sums_that_are_too_wide_are_refused():
    network = one_layer(127.0, 0.0, source="fixed<40,8>", result=None)
    with pytest.raises(PrecisionError, match="expected sums within 48 bits"):
        trace_adder_graph(network)


def test_numbers_that_the_interpreter_gets_wrong_are_refused():
    graph = trace_adder_graph(one_layer(1.0, 0.0, source="fixed<34,8>", result=None))
    with pytest.raises(PrecisionError, match="within 32 bits for da4ml's interpreter; simulate its Verilog"):
        graph.predict(np.zeros((1, 1)))


def test_a_table_that_is_too_large_is_refused():
    network = one_layer(1.0, 0.0, source="fixed<16,6>", result="fixed<16,6>", activation="tanh", table_size=8192)
    with pytest.raises(UnsupportedLayerError, match="at most 4096 entries.*table_size=8192"):
        trace_adder_graph(network)


def test_predict_checks_the_shape_and_takes_no_events():
    graph = trace_adder_graph(random_network(np.random.default_rng(0), (3, 2)))
    assert graph.predict(np.zeros((0, 3))).shape == (0, 2)
    with pytest.raises(DataError, match=r"expected shape \(n_events, 3\). Received: \(3,\)"):
        graph.predict(np.zeros(3))


def test_missing_da4ml_names_the_extra(monkeypatch):
    monkeypatch.setattr(tools, "find_spec", lambda name: None)
    with pytest.raises(ToolError, match=r"da4ml is not installed.*make install"):
        trace_adder_graph(random_network(np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("constant", "bits"), [(0.0, -32), (12.0, -2), (0.375, 3), (-(2.0**50), -50), (3 * 2.0**-40, 40)]
)
def test_fraction_bits(constant, bits):
    assert fraction_bits(constant) == bits


@pytest.mark.slow
def test_dense_jet_tagger_is_traced_in_seconds():
    rng = np.random.default_rng(0)
    sizes = (16, 64, 32, 32, 5)
    layers = [
        DenseLayer(
            f"dense_{index}",
            rng.normal(0, n_in**-0.5, (n_in, n_out)),
            rng.normal(0, 0.1, n_out),
            "relu" if n_out > 5 else "linear",
        )
        for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:]))
    ]
    x = rng.normal(size=(30_000, 16))
    assert_exact(quantize_network(Network.chain(tuple(layers)), x, weights=8, activations=8), x)


@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 560), marks=pytest.mark.slow)], ids=["60", "500"])
def test_graphs_of_every_op_equal_emulation(seeds):
    ops = set()
    for seed in seeds:
        network, x = random_design(seed, n_nodes=12, kinds=ALL_KINDS)
        assert_exact(network, x)
        ops |= {type(node.op) for node in network.nodes}
    assert ops == set(TRACED) <= set(OPS)


def test_a_shared_kernel_is_solved_once_for_positions_that_are_alike(monkeypatch):
    import da4ml.cmvm

    solved = []
    monkeypatch.setattr(
        da4ml.cmvm, "solve", lambda *args, solve=da4ml.cmvm.solve, **more: solved.append(1) or solve(*args, **more)
    )
    rng = np.random.default_rng(0)
    nodes = [Node("shared", Dense(rng.normal(size=(3, 4)), rng.normal(size=4)), ("particles",))]
    network = Network(nodes, [Input("particles", (16, 3))], ["shared"])
    x = rng.normal(size=(20, 48))
    network = quantize_network(network, x, weights=6, activations=8)
    assert_exact(network, x)
    assert len(solved) == 1
    assert trace_adder_graph(network).unit_levels["shared"].shape == (4,)


@pytest.mark.parametrize("n", [3, 5, 7, 12, 100])
def test_means_are_divided_towards_zero(n):
    network = Network([Node("mean", Mean(1), ("x",))], [Input("x", (n, 1), FixedPoint(5, 5))], ["mean"])
    assert_exact(network, np.random.default_rng(n).integers(-16, 16, (500, n)))


def test_inputs_keep_their_own_modes_side_by_side():
    kinds = [FixedPoint(4, 2, rounding="RND", overflow="SAT"), FixedPoint(3, 3, signed=False)]
    nodes = [Node("both", Concatenate(), ("a", "b"))]
    network = Network(nodes, [Input(name, (1,), kind) for name, kind in zip("ab", kinds)], ["both"])
    x = np.array([[0.13, 9.0], [-5.0, -1.0], [1.87, 3.9]])
    assert_exact(network, x)


def test_large_embeddings_are_refused_by_name():
    table = Embedding(np.random.default_rng(0).normal(size=(1025, 2)), FixedPoint(8, 4))
    network = Network([Node("category", table, ("x",))], [Input("x", (1,), FixedPoint(11, 11, False))], ["category"])
    for function in (trace_adder_graph, check_adder_graph):
        with pytest.raises(UnsupportedLayerError, match="layer 'category': .* at most 1,024 entries. Received: 1,025"):
            function(network)


def test_what_is_too_wide_is_refused_before_anything_is_built():
    nodes = [Node("product", Multiply(), ("a", "b"))]
    network = Network(nodes, [Input(name, (2,), FixedPoint(26, 4)) for name in "ab"], ["product"])
    with pytest.raises(PrecisionError, match="layer 'product': expected sums within 48 bits. Received: 51"):
        check_adder_graph(network)


def test_a_softmax_of_each_row():
    softmax = Activation("softmax", table=FixedPoint(14, 4), table_size=256)
    result = FixedPoint(10, 1, rounding="RND", overflow="SAT")
    nodes = [Node("p", softmax, ("x",), result)]
    network = Network(nodes, [Input("x", (2, 3), FixedPoint(7, 4))], ["p"])
    assert_exact(network, np.random.default_rng(0).uniform(-8, 8, (500, 6)))


class Sorted(Max):
    """An op that no back end knows."""


def test_an_op_without_an_entry_is_refused_by_name():
    network = Network([Node("last", Sorted(1), ("x",))], [Input("x", (3, 1), FixedPoint(4, 4))], ["last"])
    with pytest.raises(UnsupportedLayerError, match="layer 'last': an adder graph has no sorted; build it as hls4ml"):
        trace_adder_graph(network)
    assert beyond_hls4ml(network) == (
        "layer 'last': hls4ml has no sorted; build it unrolled, or cut the network before it"
    )
