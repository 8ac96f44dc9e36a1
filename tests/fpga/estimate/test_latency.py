"""Closed forms of the latency strategy: counted by hand, by property, and beside rows of public reports."""

from dataclasses import replace
from math import ceil, log2

import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.fpga.estimate.activation import activation_cost
from codesign.fpga.estimate.adder_tree import sum_pipeline
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.latency import dense_latency
from codesign.fpga.estimate.products import layer_products
from codesign.fpga.estimate.shape import expected_statistics
from codesign.fpga.estimate.statistics import LayerStatistics, layer_statistics, pair_counts
from codesign.fpga.estimate.target import Target
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network
from codesign.network.types.signed_digits import count_signed_digits

VIVADO = Toolchain("vivado_hls", "2020.1", "us+")
ZYNQ = Toolchain("vivado_hls", "2020.1", "7series", speed_grade=1)
VITIS = Toolchain("vitis_hls", "2021.1", "7series")
TOOLCHAINS = (VIVADO, ZYNQ, VITIS, replace(VITIS, dsp_mode="dsp"), replace(VITIS, dsp_mode="lut"), Toolchain())


def layer_of(codes, **changes):
    codes = np.asarray(codes)
    widths = dict(input_width=16, weight_width=8, accum_width=16, output_width=16)
    return LayerStatistics(*codes.shape, **{**widths, **changes}, **pair_counts(codes))


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(0)
    codes = [rng.integers(-127, 128, shape) * (rng.random(shape) < 0.7) for shape in ((16, 64), (64, 32), (32, 5))]
    return [layer_of(one, activation=name) for one, name in zip(codes, ("relu", "relu", "softmax"))]


def test_cost_of_a_layer_computed_by_hand():
    # 8 weights of one digit (1), 4 of two (3), 4 heavy (21); each input has one of the two-digit and heavy ones
    layer = layer_of([[1, 1, 3, 21]] * 4)
    assert (layer.nonzero, layer.two_digit_pairs, layer.heavy_pairs) == (16, 4, 4)
    cost, constants = dense_latency(layer, 1, Target(VIVADO)), CostConstants()
    adders = constants.lut_per_adder_bit * 16 * 16
    assert cost.csynth.lut == pytest.approx(adders + 4 * 16 * constants.lut_per_pair_bit_vivado + 4 * 6)
    assert (cost.csynth.dsp, cost.csynth.bram_18k, cost.initiation_interval) == (4, 0, 1)


def test_operands_that_come_late_take_the_place_of_others():
    light = layer_of(np.ones((64, 1)), input_width=16)
    target = Target(Toolchain("vitis_hls", "2021.1", "7series"), 3.33)  # one adder level per cycle
    pipeline = sum_pipeline(light, layer_products(light, 1, target), target)
    assert pipeline.cycles == log2(64)
    assert pipeline.held + pipeline.waiting == 16 * (32 + 16 + 8 + 4 + 2 + 1)  # sums at each level of the tree
    late = layer_of(np.full((64, 1), 3))  # an adder for each product first
    assert sum_pipeline(late, layer_products(late, 1, target), target).cycles == log2(64) + 1


def test_very_many_products_are_added_in_a_chain_by_vitis_only():
    rng = np.random.default_rng(0)
    wide = layer_of(rng.integers(0, 2, (561, 20)))
    chain, tree = (dense_latency(wide, 1, Target(tool)).latency_cycles for tool in (VITIS, ZYNQ))
    assert chain > 140 and tree < 10
    # shift registers hold what waits where events come every cycle, and not where they come seldom
    often, seldom = (dense_latency(wide, factor, Target(VITIS)).csynth for factor in (1, 100))
    assert often.ff > 1.9 * seldom.ff and often.lut > seldom.lut


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_more_weights_never_cost_less_and_reuse_1_takes_an_event_every_cycle(toolchain):
    rng = np.random.default_rng(1)
    codes, order = rng.integers(1, 128, (12, 9)), rng.permutation(108)
    before = None
    for kept in range(0, 109, 9):
        mask = np.zeros(108, bool)
        mask[order[:kept]] = True
        cost = dense_latency(layer_of(codes * mask.reshape(12, 9)), 1, Target(toolchain))
        assert cost.initiation_interval == 1
        if before is not None:
            assert cost.csynth.lut >= before.csynth.lut and cost.csynth.dsp >= before.csynth.dsp
            assert cost.latency_cycles >= before.latency_cycles
        before = cost


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("factor", [2, 16, 100])
def test_a_reuse_factor_limits_multipliers_and_the_interval(toolchain, factor, layers):
    for layer in layers:
        cost, zeros = dense_latency(layer, factor, Target(toolchain)), int(layer.n_weights - layer.nonzero)
        limit = ceil(layer.n_weights / factor) - zeros // factor
        assert cost.csynth.dsp <= max(1, limit)
        assert cost.initiation_interval <= factor
        if layer.heavy_pairs > limit:
            assert cost.latency_cycles > layer.heavy_pairs / limit
        assert cost.csynth.dsp <= dense_latency(layer, 1, Target(toolchain)).csynth.dsp


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_layers_add_up_to_their_design(toolchain, layers):
    costs = layer_costs(layers, [1, 1, 1], "latency", toolchain)
    whole = design_cost(costs)
    for tool in ("csynth", "vsynth"):
        for name in ("lut", "ff", "dsp", "bram_18k"):
            parts = [getattr(getattr(cost, tool), name) for cost in costs]
            assert getattr(getattr(whole, tool), name) == pytest.approx(sum(parts)) and min(parts) >= 0
    assert whole.latency_cycles == sum(cost.latency_cycles for cost in costs)
    both = design_cost(costs, [(), (), (0, 1)])  # the first two beside each other
    assert both.latency_cycles == max(cost.latency_cycles for cost in costs[:2]) + costs[2].latency_cycles


def test_slow_dsp_blocks_take_three_cycles_and_hold_their_products(layers):
    slow, fast = (dense_latency(layers[0], 1, Target(replace(ZYNQ, speed_grade=grade))) for grade in (1, 2))
    assert slow.latency_cycles > fast.latency_cycles and slow.csynth.ff > 2 * fast.csynth.ff
    assert dense_latency(layers[0], 1, Target(ZYNQ, 10.0)).latency_cycles < slow.latency_cycles


def test_softmax_takes_two_trees_a_product_for_each_output_and_tables_with_two_ports():
    costs = {
        n: activation_cost(layer_of(np.zeros((1, n), int), activation="softmax"), Target(ZYNQ)) for n in (4, 8, 16)
    }
    assert [cost.csynth.dsp for cost in costs.values()] == [4, 8, 16]
    assert [cost.csynth.bram_18k for cost in costs.values()] == [2 + 1, 4 + 1, 8 + 1]
    assert np.diff([cost.latency_cycles for cost in costs.values()]).tolist() == [2, 2]  # a level in each tree
    layer = layer_of(np.zeros((1, 8), int), activation="softmax")
    in_dsp, in_lut = (activation_cost(layer, Target(replace(VITIS, dsp_mode=mode))) for mode in ("dsp", "lut"))
    assert (in_lut.csynth.dsp, in_lut.csynth.bram_18k) == (0, in_dsp.csynth.bram_18k)
    assert in_lut.csynth.lut > 2 * in_dsp.csynth.lut


def test_rounding_and_saturation_cost_more_than_a_choice_and_a_register_at_a_short_clock():
    layer = layer_of(np.zeros((1, 8), int), activation="relu", output_width=8)
    plain, rounded = (activation_cost(one, Target(VITIS)) for one in (replace(layer, output_width=16), layer))
    assert plain.csynth.lut < rounded.csynth.lut and rounded.latency_cycles == 0
    assert activation_cost(layer, Target(VITIS, 3.33)).latency_cycles == 1


@pytest.mark.parametrize("width, integer_bits", [(2, 1), (4, 1), (6, 1), (8, 2), (16, 6)])
def test_expected_counts_are_those_of_drawn_weights(width, integer_bits):
    n_in, n_out, rng = 32, 48, np.random.default_rng(0)
    steps = 2.0 ** (width - integer_bits)
    drawn = np.rint(rng.laplace(scale=steps / np.sqrt(2 * n_in), size=(64, n_in, n_out)))
    drawn = np.clip(drawn, 1 - 2 ** (width - 1), 2 ** (width - 1) - 1).astype(int)
    counted = [pair_counts(codes) for codes in drawn]
    found = expected_statistics((n_in, n_out), (16, width, 16, 16), integer_bits)
    for name in ("nonzero", "powers_of_two", "two_digits", "two_digit_pairs", "heavy_pairs", "shift_add_pairs"):
        mean = np.mean([counts[name] for counts in counted])
        assert getattr(found, name) == pytest.approx(mean, rel=0.1, abs=20), name
    assert found.largest_width == pytest.approx(np.mean([counts["largest_width"] for counts in counted]), abs=1.01)


@pytest.mark.parametrize("width, blocks", [(16, 1), (18, 1), (32, 2)])
def test_wide_factors_take_several_dsp_blocks(width, blocks):
    layer = layer_of([[21, 85]], input_width=width)
    assert dense_latency(layer, 1, Target(VIVADO)).csynth.dsp == 2 * blocks
    assert expected_statistics((8, 8), (width, width, width, width), 6).largest_width < width


@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.75, 1.0])
def test_a_sparsity_is_kept_exactly(sparsity):
    layer = expected_statistics((20, 10), (8, 8, 16, 8), 1, sparsity)
    assert layer.nonzero == pytest.approx(200 * (1 - sparsity)) and layer.known == "sparsity"
    assert layer.powers_of_two + layer.two_digits + layer.heavy == pytest.approx(layer.nonzero)
    assert design_cost(layer_costs([layer], [1], "latency", VITIS)).csynth.dsp <= layer.nonzero


@pytest.mark.parametrize("shape, weights, inputs, density", [((16, 32), 4, 6, 1.0), ((32, 8), 8, 12, 0.5)])
def test_distributed_arithmetic_costs_what_da4ml_counts(shape, weights, inputs, density):
    rng, most = np.random.default_rng(0), 2 ** (weights - 1) - 1
    codes = np.clip(np.rint(rng.laplace(scale=most / 4, size=shape)), -most, most) * (rng.random(shape) < density)
    types = LayerPrecision(FixedPoint(weights, weights), FixedPoint(4, 4), output=FixedPoint(24, 24))
    dense = DenseLayer("only", codes, np.zeros(shape[1]), "linear", types)
    network = Network.chain((dense,), FixedPoint(inputs, inputs))
    layer = layer_statistics(network.fixed_layers[0])
    cost = design_cost(layer_costs([layer], [1], "distributed_arithmetic", Toolchain()))
    assert cost.vsynth.dsp == 0 and cost.initiation_interval == 1
    assert cost.vsynth.lut == pytest.approx(1.05 * trace_adder_graph(network).adder_cost, rel=0.2)


def test_pairs_are_distinct_weights_of_each_input():
    rng = np.random.default_rng(3)
    codes = rng.integers(-40, 41, (6, 30))
    pairs = {(row, code) for row, line in enumerate(codes) for code in line.tolist()}
    digits = {code: int(count_signed_digits(np.array(code))) for _, code in pairs}
    counts = pair_counts(codes)
    assert counts["two_digit_pairs"] == sum(digits[code] == 2 for _, code in pairs)
    assert counts["heavy_pairs"] == sum(digits[code] >= 3 for _, code in pairs)
    assert counts["shift_add_pairs"] == sum(abs(code) in (11, 13) for _, code in pairs)


PARTS = [
    ("xcvu13p-flga2577-2-e", "us+", 2),
    ("xcu250-figd2104-2L-e", "us+", 2),
    ("xczu9eg-ffvb1156-2-e", "us+", 2),
    ("xcku115-flvb2104-2-i", "us", 2),
    ("xc7z020clg400-1", "7series", 1),
    ("xc7z020", "7series", 1),
    ("xc7vx690t-ffg1761-3", "7series", 3),
]


@pytest.mark.parametrize("part, family, grade", PARTS)
def test_a_toolchain_knows_family_and_speed_grade_from_the_part(part, family, grade):
    assert Toolchain.of(part, "Vivado", "2019.2") == Toolchain("vivado_hls", "2019.2", family, speed_grade=grade)


def test_a_toolchain_that_does_not_exist_is_said_in_one_line():
    with pytest.raises(ConfigError, match=r"tool: expected 'vivado_hls', 'vitis_hls'. Received: 'vivado_hsl'"):
        Toolchain("vivado_hsl")
    with pytest.raises(ConfigError, match="family: expected"):
        Toolchain(family="us++")


@pytest.mark.parametrize("strategy", ["latency", "resource", "distributed_arithmetic"])
@pytest.mark.parametrize("clock_ns", [0.01, 0.5, 1.0, 2.5, 25.0, 1e6])
def test_no_cost_is_negative_at_any_clock(strategy, clock_ns, layers):
    for toolchain in TOOLCHAINS:
        for factors in ([1, 1, 1], [4, 2, 1]):
            options = {"clock_period_ns": clock_ns, "constants": CostConstants()}
            for cost in layer_costs(layers, factors, strategy, toolchain, **options):
                counts = [*vars(cost.csynth).values(), *vars(cost.vsynth).values(), cost.latency_cycles]
                assert min(counts) >= 0 and cost.initiation_interval >= 1
