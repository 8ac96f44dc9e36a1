"""Closed form of a dense layer under hls4ml's Strategy: Resource, io_parallel: it takes its weights in R cycles."""

from math import ceil, log2

from codesign.fpga.estimate.block_ram import table_blocks
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.resource_synthesis import folded_synthesis
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_FULL_WIDTH = 16  # bits that the constants of a folded multiplier are for
_SHORTEST_TABLE = 32  # words; HLS builds choices instead of shorter ones where they are small


def dense_resource(layer: LayerStatistics, factor: int, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer with R > 1, at one position and without activation.

    - multipliers = n_in n_out / R, whatever the weights, which lie in block RAM;
    - latency = R + 2 + registers in the adder tree over n_in / R products; initiation interval = R.

    Args:
        layer: its shape and widths.
        factor: a reuse factor that hls4ml takes for its shape.
        target: compiler, part, clock, constants.
    """
    constants, multipliers = target.constants, ceil(layer.n_weights / factor)
    csynth = Resources(
        _lut(layer, factor, multipliers, constants),
        _ff(layer, factor, multipliers, constants),
        _dsp(layer, multipliers, constants),
        float(_weight_blocks(layer, factor, multipliers)),
    )
    tree = log2(max(1.0, layer.n_in / factor)) * constants.folded_adder_ns
    cycles = factor + constants.folded_cycles + int(tree / target.usable_clock_ns)
    return HardwareCost(csynth, folded_synthesis(layer, factor, csynth, target), cycles, factor)


def _lut(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Control, input and output multiplexers, and what stands around each multiplier.

    Up to R = n_in the compiler counts one choice among the inputs for each multiplier; beyond 2 n_in each multiplier
    chooses which output's accumulator to add to, and HLS builds that choice over all outputs, rounded up to a power of
    two.
    """
    each = constants.lut_per_folded_multiplier_bit * _FULL_WIDTH
    if factor <= layer.n_in:
        each += constants.lut_per_input_choice_bit * layer.input_width * layer.n_in
    elif factor > 2 * layer.n_in:
        each += constants.lut_per_selected_bit * layer.accum_width * 2 ** ceil(log2(max(2, layer.n_out)))
    is_deep = factor > layer.n_in
    shared = constants.lut_per_folded_layer if is_deep else constants.lut_per_input_folded_layer
    input_bit = constants.lut_per_folded_input_bit + (multipliers == 1) * constants.lut_per_walked_input_bit
    shared += input_bit * layer.input_width * layer.n_in
    return shared + constants.lut_per_folded_output_bit * layer.accum_width * layer.n_out + multipliers * each


def _ff(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Accumulators, the weights just read and, up to R = n_in, the chosen inputs and the products.

    A single multiplier, which takes the inputs one after the other, finds them in registers.
    """
    if multipliers == 1 and factor > layer.n_in:
        walked = layer.input_width * layer.n_in
        return constants.ff_per_folded_layer + layer.accum_width * layer.n_out + layer.weight_width + walked
    held = layer.weight_width
    if factor <= layer.n_in:
        held += layer.input_width + (layer.input_width + layer.weight_width)
    return constants.ff_per_folded_layer + layer.accum_width * layer.n_out + multipliers * held


def _dsp(layer: LayerStatistics, multipliers: int, constants: CostConstants) -> float:
    """All multipliers or none; at the narrowest width that takes DSP blocks, the first one stays in LUTs."""
    narrow, wide = sorted((layer.input_width, layer.weight_width))
    if wide < constants.dsp_min_wide or narrow < constants.dsp_min_narrow:
        return 0.0
    is_narrowest = layer.weight_width == constants.dsp_min_narrow + 1
    return float(max(1, multipliers - 1) if is_narrowest else multipliers)


def _weight_blocks(layer: LayerStatistics, factor: int, multipliers: int) -> int:
    """The weights of one cycle side by side, R deep; and the list of outputs to add to."""
    width = multipliers * layer.weight_width
    weights = table_blocks(factor, width) or int(factor >= _SHORTEST_TABLE)
    outputs_each = factor / layer.n_in
    return weights + (outputs_each > 2 and table_blocks(factor, ceil(log2(outputs_each))) > 0)
