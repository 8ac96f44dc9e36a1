"""Closed form of hls4ml's Strategy: Resource, io_parallel.

A dataflow of layers that walk through their weights in R cycles.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log2

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import (
    HardwareCost,
    activation_lut,
    fits_dsp,
    full_cycles,
    longest_path,
    table_blocks,
    total,
)
from codesign.fpga.estimate.latency import estimate_latency_strategy
from codesign.fpga.estimate.statistics import LayerStatistics

_BLOCK_RAM_PORTS = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2))  # depth, width of 18 kb
_DEEPEST_BLOCK_RAM = 16384
_SMALLEST_BLOCK_RAM_BITS = 1024  # HLS puts smaller tables into LUTs


def estimate_resource_strategy(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    clock_period_ns: float,
    constants: CostConstants,
    sources: Sequence[Sequence[int]] | None = None,
) -> HardwareCost:
    """Estimate layers in a row, or in a graph.

    - multipliers of a layer = n_in n_out / R, whatever the weights, which lie in block RAM;
    - latency = the sum over layers, of the longest path, of R + folded_cycles + registers in the adder tree over n_in /
      R products + activation;
    - initiation interval = the largest R.

    A layer at R = 1 is built as under Strategy: Latency, with an interval of 2 if it has registers.

    Args:
        layers: in order.
        reuse_factors: one for each layer.
        clock_period_ns: the target.
        constants: see :class:`codesign.fpga.estimate.constants.CostConstants`.
        sources: for each layer, the indices of those whose values it takes; None: of the one before it.
    """
    build = {True: _folded, False: _unfolded}
    costs = [
        build[factor > 1](layer, factor, clock_period_ns, constants) for layer, factor in zip(layers, reuse_factors)
    ]
    return total(costs, layers, longest_path([cost.latency_cycles for cost in costs], sources))


def _unfolded(layer: LayerStatistics, factor: int, clock_period_ns: float, constants: CostConstants) -> HardwareCost:
    cost = estimate_latency_strategy([replace(layer, positions=1)], [factor], clock_period_ns, constants)
    return HardwareCost(
        cost.lut, cost.ff, cost.dsp, cost.bram_18k, cost.latency_cycles, 2 if cost.latency_cycles else 1
    )


def _folded(layer: LayerStatistics, factor: int, clock_period_ns: float, constants: CostConstants) -> HardwareCost:
    multipliers = ceil(layer.n_in * layer.n_out / factor)
    tree_ns = ceil(log2(max(1, layer.n_in / factor))) * constants.adder_ns
    latency = factor + constants.folded_cycles + full_cycles(tree_ns, clock_period_ns, constants)
    return HardwareCost(
        lut=_lut(layer, factor, multipliers, constants),
        ff=_ff(layer, factor, multipliers, constants),
        dsp=multipliers if fits_dsp(layer, constants) else 0,
        bram_18k=_weight_blocks(layer, factor, multipliers) + table_blocks(layer),
        latency_cycles=latency + (layer.activation != "linear") + constants.table_cycles * (layer.table_bits > 0),
        initiation_interval=factor,
    )


def _lut(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Control, input and output multiplexers, and what stands around each multiplier.

    Up to R = n_in each multiplier chooses among R inputs; beyond 2 n_in it chooses which output's accumulator to add
    to, and HLS builds that choice over all outputs, rounded up to a power of two.
    """
    each = constants.lut_per_folded_multiplier_bit * layer.input_width
    if not fits_dsp(layer, constants):
        each += constants.lut_per_product_bit * layer.input_width * layer.weight_width
    if factor <= layer.n_in:
        each += constants.lut_per_input_choice_bit * layer.input_width
    elif factor > 2 * layer.n_in:
        each += constants.lut_per_selected_bit * layer.accum_width * 2 ** ceil(log2(layer.n_out))
    shared = constants.lut_per_folded_layer + activation_lut(layer, constants)
    shared += constants.lut_per_folded_input_bit * layer.input_width * layer.n_in
    return shared + constants.lut_per_folded_output_bit * layer.accum_width * layer.n_out + multipliers * each


def _ff(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Accumulators, the weights just read and, up to R = n_in, the chosen inputs and the products."""
    held = layer.weight_width
    if factor <= layer.n_in:
        held += layer.input_width + (layer.input_width + layer.weight_width)
    return constants.ff_per_folded_layer + layer.accum_width * layer.n_out + multipliers * held


def _weight_blocks(layer: LayerStatistics, factor: int, multipliers: int) -> int:
    """The weights of one cycle side by side, R deep; and the list of outputs to add to, where it is not small."""
    outputs_each = factor / layer.n_in
    list_bits = factor * ceil(log2(outputs_each)) if outputs_each > 2 else 0
    return _blocks(factor, multipliers * layer.weight_width) + (list_bits >= _SMALLEST_BLOCK_RAM_BITS)


def _blocks(depth: int, width: int) -> int:
    port = next((port for limit, port in _BLOCK_RAM_PORTS if depth <= limit), 1)
    return ceil(width / port) * ceil(depth / _DEEPEST_BLOCK_RAM)
