"""Layers that reuse multipliers, channels between them, block RAMs, and additions that da4ml shares."""

from math import ceil

import numpy as np
import pytest

from codesign.fpga.design.reuse import nearest_reuse_factor, valid_reuse_factors
from codesign.fpga.estimate.block_ram import stacked_blocks, table_blocks
from codesign.fpga.estimate.distributed import adder_cost
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.shape import expected_statistics
from codesign.fpga.estimate.statistics import LayerStatistics, pair_counts
from codesign.fpga.estimate.toolchain import Toolchain

SHAPES_OF_A_BLOCK = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
VIVADO, VITIS = Toolchain("vivado_hls", "2020.1"), Toolchain("vitis_hls", "2023.2")


def layers_of(sizes, weight_width=4, last="linear"):
    """Layers of which only the shape is known, with ReLU between them."""
    functions = ["relu"] * (len(sizes) - 2) + [last]
    return [
        expected_statistics(shape, (16, weight_width, 16, 16), None, None, function)
        for *shape, function in zip(sizes, sizes[1:], functions)
    ]


def drawn_designs(count):
    """Random layers with reuse factors that hls4ml takes."""
    random = np.random.default_rng(3)
    for _ in range(count):
        sizes = [int(size) for size in random.choice([4, 6, 8, 15, 16, 32], size=random.integers(2, 5))]
        factors = [int(random.choice(valid_reuse_factors(*shape))) for shape in zip(sizes, sizes[1:])]
        yield layers_of(sizes, int(random.integers(2, 17))), factors


def test_a_table_takes_the_fewest_blocks_of_one_shape():
    random = np.random.default_rng(0)
    for depth, width in zip(random.integers(1, 16385, 300), random.integers(1, 300, 300)):
        shapes = [ceil(width / port) for limit, port in SHAPES_OF_A_BLOCK if depth <= limit]
        assert table_blocks(depth, width) == (min(shapes) if depth * width >= 1024 else 0)
        assert stacked_blocks(depth, width) * 18 * 1024 >= depth * width


def test_reuse_factors_are_those_that_hls4ml_takes():
    backend = pytest.importorskip("hls4ml").backends.get_backend("Vivado")
    random = np.random.default_rng(1)
    for n_in, n_out in random.integers(1, 40, size=(30, 2)).tolist():
        valid = backend.get_valid_reuse_factors(n_in, n_out)
        assert list(valid_reuse_factors(n_in, n_out)) == valid
        for wanted in random.integers(1, n_in * n_out + 50, 5).tolist():
            assert nearest_reuse_factor(n_in, n_out, wanted) == backend.get_closest_reuse_factor(valid, wanted)


def test_a_layer_counted_by_hand():
    (cost,) = layer_costs(layers_of([104, 8]), [832], "resource", VITIS)
    assert (cost.latency_cycles, cost.initiation_interval) == (834, 832)
    assert cost.csynth.bram_18k == 1 + 1  # 832 x 4 bits, and 832 x 3 bits: which of 8 outputs to add to
    assert cost.csynth.ff == 128 + 8 * 16 + 1 * 4 + 104 * 16  # a single multiplier finds its inputs in registers
    inputs, outputs = 104 * 16 + 2, 8 * (16 + 16 + 7)
    assert cost.vsynth.ff == inputs + outputs + 200 + 3
    choices = 16 * 7 / 3 + 16 * 104 * (103 / 104) / 3  # one of 8 accumulators, one of 104 inputs
    assert cost.vsynth.lut == pytest.approx(200 + 5 * 8 * 16 + 16 + choices + 0.55 * 16 * 4)


# Vitis HLS 2023.2 and Vivado's logic synthesis, xcu250, 4-bit weights, requested reuse factors 1024, 2047, 1024, 1024
MEASURED = [
    ((104, 48, 104, 8), (832, 1248, 832), (23505, 20386, 6, 2920)),
    ((104, 48, 104, 128), (1664, 2496, 1664), (31861, 25166, 12, 5832)),
    ((104, 48, 112, 104), (832, 768, 896), (33663, 25090, 20, 2504)),
    ((104, 48, 104, 64), (832, 1248, 832), (29418, 22583, 10, 2920)),
]


@pytest.mark.parametrize("sizes, factors, measured", MEASURED)
def test_logic_synthesis_of_three_layers_is_near_what_was_measured(sizes, factors, measured):
    cost = design_cost(layer_costs(layers_of(sizes), factors, "resource", VITIS))
    lut, ff, blocks, cycles = measured
    assert cost.vsynth.lut == pytest.approx(lut, rel=0.15)
    assert cost.vsynth.ff == pytest.approx(ff, rel=0.01)
    assert cost.vsynth.bram_18k == pytest.approx(blocks, abs=4)
    assert (cost.vsynth.dsp, cost.latency_cycles) == (0, cycles)


@pytest.mark.parametrize("toolchain", [VIVADO, VITIS])
def test_a_design_is_the_sum_of_its_layers_and_as_slow_as_its_largest_factor(toolchain):
    for layers, factors in drawn_designs(40):
        costs = layer_costs(layers, factors, "resource", toolchain)
        design = design_cost(costs)
        for name in ("lut", "ff", "dsp", "bram_18k"):
            for stage in ("csynth", "vsynth"):
                parts = [getattr(getattr(cost, stage), name) for cost in costs]
                assert min(parts) >= 0
                assert getattr(getattr(design, stage), name) == pytest.approx(sum(parts))
        assert design.latency_cycles == sum(cost.latency_cycles for cost in costs)
        if max(factors) > 2:
            assert design.initiation_interval == max(factors)


def test_logic_synthesis_leaves_few_bit_products_of_vitis_in_luts():
    for width, vivado_keeps, vitis_keeps in ((4, False, False), (6, True, False), (8, True, True)):
        for toolchain, keeps in ((VIVADO, vivado_keeps), (VITIS, vitis_keeps)):
            cost = design_cost(layer_costs(layers_of([32, 16], width), [64], "resource", toolchain))
            assert (cost.vsynth.dsp > 0) == keeps


def test_kernels_of_2019_walk_as_long_as_they_are_told():
    costs = layer_costs(layers_of([16, 100, 5], 16), [2000, 2000], "resource_2019", VIVADO)
    assert design_cost(costs).initiation_interval == 2000
    assert 4000 < design_cost(costs).latency_cycles < 4100
    assert [cost.csynth.dsp for cost in costs] == [1, 1]


def test_additions_are_those_that_da4ml_shares():
    cmvm, types = pytest.importorskip("da4ml.cmvm"), pytest.importorskip("da4ml.types")
    random, errors = np.random.default_rng(2), []
    for n_in, n_out, bits, width in ((8, 8, 4, 6), (16, 12, 3, 8), (12, 16, 6, 4), (16, 5, 8, 8), (6, 24, 5, 12)):
        limit = 2 ** (bits - 1)
        codes = np.round(random.normal(0, 0.3 * limit, (n_in, n_out))).clip(-limit, limit - 1)
        ranges = [types.QInterval(-(2.0 ** (width - 1)), 2.0 ** (width - 1) - 1, 1.0)] * n_in
        graph = cmvm.solve(codes.astype(np.float32), qintervals=ranges, adder_size=1, carry_size=-1)
        layer = LayerStatistics(n_in, n_out, width, bits, 16, 16, **pair_counts(codes.astype(int)))
        errors.append(abs(adder_cost(layer) / graph.cost - 1))
        (cost,) = layer_costs([layer], [1], "distributed_arithmetic", VITIS)
        assert (cost.vsynth.dsp, cost.initiation_interval) == (0, 1)
        assert cost.vsynth.lut == pytest.approx(1.05 * adder_cost(layer))
    assert np.median(errors) < 0.1


def test_weights_that_are_zero_take_no_addition():
    codes = np.zeros((4, 3), int)
    layer = LayerStatistics(4, 3, 8, 4, 16, 16, **pair_counts(codes))
    cost = design_cost(layer_costs([layer], [1], "distributed_arithmetic", VITIS))
    assert (cost.vsynth.lut, cost.latency_cycles) == (0, 0)
