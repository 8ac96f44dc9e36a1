import itertools
import json

import numpy as np
import pytest

from codesign.errors import PrecisionError, ReuseFactorError
from codesign.fpga.design.design import IMPLEMENTATIONS, Design
from codesign.fpga.design.reuse import valid_reuse_factors
from codesign.fpga.estimate.adder_counts import adder_counts
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.estimate import estimate
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.statistics import LayerStatistics, layer_statistics
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.estimate.unrolled import AdderPrices
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.verilog import pipeline_shape
from codesign.network import DenseLayer, FixedPoint, Input, LayerPrecision, Network, Node, quantize_network
from codesign.network.ops import Concatenate, Dense
from codesign.network.types.signed_digits import count_signed_digits
from tests.random_designs import random_design
from tests.random_networks import random_network

COUNTS = ("lut", "ff", "dsp", "bram_18k", "latency_cycles", "initiation_interval")


def signed_digits_one_by_one(code):
    """Non-adjacent form, digit after digit."""
    digits, code = 0, abs(int(code))
    while code:
        if code & 1:
            digits += 1
            code -= 2 - (code & 3)
        code >>= 1
    return digits


def one_layer(codes, *, weight_width=8, input_width=16, activation="linear"):
    codes = np.asarray(codes, float)
    types = LayerPrecision(FixedPoint(weight_width, weight_width), FixedPoint(4, 4), output=FixedPoint(9, 9))
    layer = DenseLayer("only", codes, np.zeros(codes.shape[1]), activation, types)
    return Network.chain((layer,), FixedPoint(input_width, input_width))


def dense(n_in, n_out, **changes):
    numbers = dict(
        input_width=16,
        weight_width=8,
        accum_width=16,
        output_width=16,
        largest_width=7,
        nonzero=n_in * n_out,
        powers_of_two=n_in * n_out // 4,
        two_digits=n_in * n_out // 2,
        two_digit_pairs=n_in * n_out // 4,
        heavy_pairs=n_in * n_out // 4,
        shift_add_pairs=0,
    )
    return LayerStatistics(n_in, n_out, **{**numbers, **changes})


def cost_of(layers, factors, strategy):
    return design_cost(layer_costs(layers, factors, strategy, Toolchain("vivado_hls", "2020.1"), clock_period_ns=5.0))


@pytest.fixture(scope="module")
def quantized():
    rng = np.random.default_rng(0)
    sizes = (16, 32, 8, 5)
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        kernel, bias = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in), rng.normal(size=n_out) / 8
        layers.append(DenseLayer(f"dense_{n_in}", kernel, bias, "relu" if n_out > 5 else "linear"))
    return quantize_network(Network.chain(tuple(layers)), rng.normal(size=(500, 16)), weights=6, activations=8)


def test_signed_digits_match_the_digit_loop():
    codes = np.arange(-3000, 3001)
    assert count_signed_digits(codes).tolist() == [signed_digits_one_by_one(code) for code in codes]


def test_statistics_of_a_layer_counted_by_hand():
    # signed digits: 0 -> 0, 8 -> 1, 3 -> 2, 11 -> 3 (built by shifts), 21 -> 3, 85 -> 4
    codes = [[0, 8, 3, 11, 21], [21, 21, -21, 85, 85]]
    statistics = layer_statistics(one_layer(codes).fixed_layers[0])
    assert (statistics.n_in, statistics.n_out, statistics.input_width, statistics.weight_width) == (2, 5, 16, 8)
    assert statistics.nonzero == 9
    assert statistics.largest_width == 7
    assert statistics.powers_of_two == 1
    assert (statistics.two_digits, statistics.heavy) == (1, 7)
    assert statistics.two_digit_pairs == 1
    assert statistics.heavy_pairs == 2 + 3  # 11, 21; 21, -21, 85
    assert statistics.shift_add_pairs == 1


def test_multipliers_at_reuse_1_are_the_distinct_heavy_products():
    codes = [[0, 8, 3, 11, 21], [21, 21, -21, 85, 85]]
    layer = layer_statistics(one_layer(codes).fixed_layers[0])
    assert cost_of([layer], [1], "latency").csynth.dsp == 4  # Vivado HLS adds up +-11
    assert estimate(Design(one_layer(codes), "hls4ml-latency")).dsp == 5  # Vitis HLS does not
    assert estimate(Design(one_layer(codes, input_width=8), "hls4ml-latency")).dsp == 0


# Single dense layers of the public wa-hls4ml-search results (Apache-2.0), Vivado HLS 2020.1, 16-bit inputs, 5 ns:
# statistics of the weights; LUT, FF, DSP, block RAM, latency, interval.
POWERS_OF_TWO = dict(nonzero=791, powers_of_two=791, two_digits=0, two_digit_pairs=0, heavy_pairs=0, largest_width=3)
EIGHT_BITS = dict(
    nonzero=2020, powers_of_two=319, two_digits=1005, two_digit_pairs=640, heavy_pairs=487, shift_add_pairs=35
)
SHARED = dict(nonzero=1013, powers_of_two=163, two_digits=518, two_digit_pairs=400, heavy_pairs=288, shift_add_pairs=5)
MEASURED = [
    ("latency", 1, dense(32, 32, **POWERS_OF_TWO), (15357, 1860, 0, 0, 1, 1)),
    ("latency", 1, dense(32, 64, **EIGHT_BITS), (61736, 5092, 452, 0, 1, 1)),
    ("latency", 512, dense(32, 32, **SHARED), (34053, 12028, 2, 0, 145, 146)),
    ("resource", 512, dense(32, 32), (6740, 653, 2, 2, 514, 512)),
    ("resource", 512, dense(256, 256), (24329, 5267, 128, 29, 514, 512)),
    ("resource", 1024, dense(128, 256, weight_width=14), (59254, 4717, 32, 26, 1026, 1024)),
]


@pytest.mark.parametrize("strategy, reuse_factor, layer, measured", MEASURED)
def test_estimate_is_near_what_was_measured(strategy, reuse_factor, layer, measured):
    cost = cost_of([layer], [reuse_factor], strategy)
    csynth = cost.csynth
    assert csynth.lut == pytest.approx(measured[0], rel=0.15)
    assert csynth.ff == pytest.approx(measured[1], rel=0.3)
    assert [csynth.dsp, csynth.bram_18k] == list(measured[2:4])
    assert [cost.latency_cycles, cost.initiation_interval] == list(measured[4:])


@pytest.mark.parametrize("n_in, n_out", [(16, 64), (64, 32), (32, 5), (7, 3)])
def test_reuse_trades_multipliers_for_cycles(n_in, n_out):
    factors = valid_reuse_factors(n_in, n_out)[1:]
    costs = [cost_of([dense(n_in, n_out)], [factor], "resource") for factor in factors]
    for factor, cost in zip(factors, costs):
        assert cost.csynth.dsp == n_in * n_out // factor
        assert cost.initiation_interval == factor <= cost.latency_cycles
    assert all(fast.latency_cycles <= slow.latency_cycles for fast, slow in itertools.pairwise(costs))


def test_layers_of_a_dataflow_add_up_and_the_slowest_sets_the_interval():
    layers, factors = [dense(16, 64), dense(64, 32)], [4, 16]
    single = layer_costs(layers, factors, "resource", Toolchain())
    both = design_cost(single)
    assert both.latency_cycles == sum(cost.latency_cycles for cost in single)
    assert both.initiation_interval == 16
    assert both.csynth.lut == sum(cost.csynth.lut for cost in single)
    assert both.vsynth.ff == sum(cost.vsynth.ff for cost in single)


def test_a_slower_clock_never_takes_more_cycles(quantized):
    designs = [Design(quantized, "hls4ml-latency", clock_period_ns=period) for period in (1, 2, 5, 10, 50)]
    cycles = [estimate(design).latency_cycles for design in designs]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[-1] == len(quantized.groups) - 1  # a register between two layers


def test_fewer_weights_cost_less():
    rng = np.random.default_rng(1)
    codes = rng.integers(-31, 32, (16, 16))
    pruned = codes * (rng.random(codes.shape) < 0.3)
    dense_report, pruned_report = (estimate(Design(one_layer(kernel), "hls4ml-latency")) for kernel in (codes, pruned))
    assert pruned_report.lut < dense_report.lut / 2
    assert pruned_report.dsp < dense_report.dsp


def test_unrolled_follows_the_adder_graph(quantized):
    graph = trace_adder_graph(quantized)
    design = Design(quantized, "unrolled", adder_levels_per_stage=3)
    report, shape = estimate(design), pipeline_shape(graph, 3)
    assert report == estimate(design, graph=graph)
    assert report.lut == round(AdderPrices().lut(adder_counts(graph, 3))) == pytest.approx(graph.adder_cost, rel=0.15)
    assert report.intervals["lut"][0] < report.lut < report.intervals["lut"][1]
    assert (report.ff, report.latency_cycles) == (shape.register_bits, shape.latency_cycles)
    assert (report.dsp, report.bram_18k, report.initiation_interval) == (0, 0, 1)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_report_is_an_estimate_and_fits_into_json(quantized, implementation):
    report = estimate(Design(quantized, implementation, clock_period_ns=4.0, part="xc7z020clg400-1"))
    assert (report.source, report.tool, report.part, report.clock_target_ns) == (
        "estimate",
        "codesign",
        "xc7z020clg400-1",
        4.0,
    )
    assert report.latency_ns == 4.0 * report.latency_cycles
    assert json.loads(json.dumps(report.as_dict()))["lut"] == report.lut


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS[:2])
@pytest.mark.parametrize("per_element", [False, True])
def test_every_network_gets_whole_numbers_that_are_not_negative(implementation, per_element):
    rng = np.random.default_rng(2)
    for _ in range(40):
        network = random_network(rng, activations=("linear", "relu", "sigmoid", "tanh"), per_element=per_element)
        factor = int(rng.choice(valid_reuse_factors(*network.sizes[:2])))
        report = estimate(Design(network, implementation, factor))
        assert all(isinstance(getattr(report, name), int) and getattr(report, name) >= 0 for name in COUNTS)
        assert report.initiation_interval >= 1


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_network_of_zeros_costs_no_multiplier(implementation):
    report = estimate(Design(one_layer(np.zeros((4, 3))), implementation))
    assert report.dsp == 0
    assert report.lut < 100


def test_a_table_takes_block_ram_and_cycles():
    codes = np.ones((4, 6))
    linear, sigmoid = (
        estimate(Design(one_layer(codes, activation=name), "hls4ml-latency")) for name in ("linear", "sigmoid")
    )
    assert (linear.bram_18k, sigmoid.bram_18k) == (0, 3)  # 1024 x 18 bits for two outputs
    assert sigmoid.latency_cycles == linear.latency_cycles + 3


def test_other_constants_replace_the_built_in_ones():
    design = Design(one_layer(np.full((8, 6), 5)), "hls4ml-latency")  # without ReLU, whose LUTs have their own constant
    doubled = CostConstants(vsynth_lut_per_csynth=2 * CostConstants().vsynth_lut_per_csynth)
    assert estimate(design, constants=doubled).lut == pytest.approx(2 * estimate(design).lut, abs=1)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_rejects_a_network_without_types(implementation):
    with pytest.raises(PrecisionError, match="quantize_network"):
        estimate(Design(Network.chain((DenseLayer("a", np.ones((2, 2)), np.zeros(2)),)), implementation))


def shared_layer(positions: int, *, behind=()) -> Network:
    """A dense layer of 3 to 4 at some positions, and the sum of its outputs."""
    rng = np.random.default_rng(0)
    nodes = [Node("shared", Dense(rng.normal(size=(3, 4)), rng.normal(size=4)), ("x",)), *behind]
    network = Network(nodes, [Input("x", (positions, 3))], [nodes[-1].name])
    return quantize_network(network, rng.uniform(-3, 3, (500, positions * 3)), weights=6, activations=8)


@pytest.mark.parametrize("implementation", ["hls4ml-latency", "hls4ml-resource"])
def test_a_shared_layer_costs_what_it_costs_at_each_position(implementation):
    one, four = (estimate(Design(shared_layer(n), implementation, 3)) for n in (1, 4))
    assert four.lut == pytest.approx(4 * one.lut, abs=4) and four.ff == pytest.approx(4 * one.ff, abs=4)
    assert (four.dsp, four.latency_cycles, four.initiation_interval) == (
        4 * one.dsp,
        one.latency_cycles,
        one.initiation_interval,
    )


def test_latency_is_that_of_the_longest_path():
    def layer(name, source):
        return Node(name, Dense(np.eye(4) * 0.7, np.ones(4)), (source,))

    row = [layer("a", "shared"), layer("b", "a"), layer("c", "b")]
    beside = [*row, layer("d", "shared"), Node("all", Concatenate(), ("c", "d"))]
    long, both = (estimate(Design(shared_layer(2, behind=nodes), "hls4ml-resource", 2)) for nodes in (row, beside))
    assert long.latency_cycles == both.latency_cycles and both.lut > long.lut


@pytest.mark.parametrize("implementation", ["hls4ml-latency", "hls4ml-resource", "unrolled"])
def test_every_graph_has_an_estimate(implementation):
    for seed in range(12):
        report = estimate(Design(random_design(seed)[0], implementation))
        counts = (report.lut, report.ff, report.dsp, report.bram_18k, report.latency_cycles)
        assert all(isinstance(count, int) and count >= 0 for count in counts) and report.initiation_interval >= 1


def test_a_shared_layer_is_reused_as_often_as_it_has_inputs_at_most():
    assert valid_reuse_factors(3, 4) == (1, 3, 6, 12) and valid_reuse_factors(3, 4, True) == (1, 3)
    with pytest.raises(ReuseFactorError, match="can build for 3-4. Received: 6; try 3"):
        Design(shared_layer(2), "hls4ml-resource", 6)
