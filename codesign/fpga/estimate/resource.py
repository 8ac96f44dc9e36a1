"""Closed form of a dense layer under hls4ml's Strategy: Resource, io_parallel: it takes its weights in R cycles."""

from math import ceil, log2

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_BLOCK_RAM_PORTS = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2))  # depth, width of 18 kb
_SMALLEST_BLOCK_RAM_BITS = 1024  # HLS puts smaller tables into LUTs
_LONGEST_REGISTER_WALK = 32  # cycles up to which small weights stay in LUTs
_FULL_WIDTH = 16  # bits that the constants of a folded multiplier are for
_LUT_PER_CHOICE_BIT = 0.27  # a 6-input LUT chooses among four bits
_LUT_PER_PRODUCT_BIT = 0.55  # after logic synthesis


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
    narrow, wide = sorted((layer.input_width, layer.weight_width))
    in_dsp = wide >= constants.dsp_min_wide and narrow >= constants.dsp_min_narrow
    dsp = float(multipliers) if in_dsp else 0.0
    if in_dsp and layer.weight_width == constants.dsp_min_narrow + 1:
        dsp = max(1.0, dsp - 1.0)
    csynth = Resources(
        _lut(layer, factor, multipliers, constants),
        _ff(layer, factor, multipliers, constants),
        dsp,
        _weight_blocks(layer, factor, multipliers),
    )
    tree = log2(max(1.0, layer.n_in / factor)) * constants.folded_adder_ns
    cycles = factor + constants.folded_cycles + int(tree / (constants.usable_clock_vivado * target.clock_period_ns))
    return HardwareCost(csynth, _vsynth(layer, factor, csynth, constants), cycles, factor)


def _lut(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Control, input and output multiplexers, and what stands around each multiplier.

    Up to R = n_in each multiplier chooses among R inputs; beyond 2 n_in it chooses which output's accumulator to add
    to, and HLS builds that choice over all outputs, rounded up to a power of two.
    """
    choice = constants.lut_per_input_choice_bit * layer.input_width
    each = constants.lut_per_folded_multiplier_bit * _FULL_WIDTH
    if factor < layer.n_in:
        each = choice + _FULL_WIDTH
    elif factor == layer.n_in:
        each += choice
    elif factor > 2 * layer.n_in:
        each += constants.lut_per_selected_bit * layer.accum_width * 2 ** ceil(log2(max(2, layer.n_out)))
    is_deep = factor > layer.n_in
    shared = constants.lut_per_folded_layer if is_deep else constants.lut_per_input_folded_layer
    shared += constants.lut_per_folded_input_bit * layer.input_width * layer.n_in
    return shared + constants.lut_per_folded_output_bit * layer.accum_width * layer.n_out + multipliers * each


def _ff(layer: LayerStatistics, factor: int, multipliers: int, constants: CostConstants) -> float:
    """Accumulators, the weights just read and, up to R = n_in, the chosen inputs and the products."""
    held = layer.weight_width
    if factor <= layer.n_in:
        held += layer.input_width + (layer.input_width + layer.weight_width)
    return constants.ff_per_folded_layer + layer.accum_width * layer.n_out + multipliers * held


def _weight_blocks(layer: LayerStatistics, factor: int, multipliers: int) -> float:
    """The weights of one cycle side by side, R deep; and the list of outputs to add to, where it is not small."""
    if factor < _LONGEST_REGISTER_WALK and factor * multipliers * layer.weight_width < _SMALLEST_BLOCK_RAM_BITS:
        return 0.0
    outputs_each = factor / layer.n_in
    list_bits = factor * ceil(log2(outputs_each)) if outputs_each > 2 else 0
    port = next((port for limit, port in _BLOCK_RAM_PORTS if factor <= limit), 1)
    return float(ceil(multipliers * layer.weight_width / port) + (list_bits >= _SMALLEST_BLOCK_RAM_BITS))


def _vsynth(layer: LayerStatistics, factor: int, csynth: Resources, constants: CostConstants) -> Resources:
    """Registers and block RAMs after logic synthesis; LUTs as a share of the compiler's."""
    multipliers, outputs = ceil(layer.n_weights / factor), layer.accum_width * layer.n_out
    ff = 150 + 2 * outputs + multipliers * (layer.weight_width + layer.accum_width) + layer.input_width * layer.n_in
    blocks = 2.0 * ceil(multipliers * layer.weight_width / 36) * max(1, ceil(factor / 1024))
    return Resources(constants.vsynth_lut_per_csynth_folded * csynth.lut, ff, csynth.dsp, blocks)
