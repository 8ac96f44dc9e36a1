"""Closed form of a dense layer under the resource kernels that hls4ml had in 2018 and 2019."""

from math import ceil

from codesign.fpga.estimate.block_ram import BLOCK_RAM_BITS, stacked_blocks
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_BLOCKS_PER_TILE = 2  # logic synthesis takes whole block RAMs of 36 kb
_PORTS = 2  # of a block RAM
_CYCLES_SHALLOW, _CYCLES_DEEP = 10, 20  # beyond the reuse factor, for R up to n_in and above


def dense_resource_2019(layer: LayerStatistics, factor: int, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer with what carries its inputs to it; any reuse factor R is taken.

    With B = ceil(n_in n_out / R), a layer takes R cycles even where it has fewer products. Up to R = n_in it has B
    multipliers, and each chooses among all inputs; above it has 2 B - 1 of them, because the loop is built twice, and
    each adds to accumulators that it chooses among all outputs, one addition after the other. Logic synthesis keeps
    these choices, other than those of later kernels.

    Args:
        layer: its shape and widths.
        factor: reuse factor.
        target: of it, the constants.
    """
    constants = target.constants
    walked = min(factor, layer.n_weights)
    products = ceil(layer.n_weights / walked)
    is_deep = walked > layer.n_in
    inputs, outputs = layer.input_width * layer.n_in, layer.accum_width * layer.n_out
    multipliers = 2 * products - 1 if is_deep else products
    chosen, selected = (0.0, products * layer.accum_width) if is_deep else (products * inputs, 0.0)
    held = constants.old_ff_per_multiplier_bit * layer.accum_width * (0 if is_deep else products)
    csynth = Resources(
        constants.old_lut_per_input_bit * inputs
        + constants.old_lut_per_output_bit * outputs
        + constants.old_lut_per_choice_bit * chosen
        + constants.old_lut_per_selected_bit * selected,
        constants.old_ff_per_input_bit * inputs + constants.old_ff_per_selected_bit * selected + held,
        float(multipliers),
        float(stacked_blocks(walked, products * layer.weight_width) + _tables(layer)),
    )
    vsynth = Resources(
        constants.old_vsynth_lut_per_input_bit * inputs
        + constants.old_vsynth_lut_per_output_bit * outputs
        + constants.old_vsynth_lut_per_choice_bit * chosen
        + constants.old_vsynth_lut_per_selected_bit * selected,
        constants.old_vsynth_ff_per_input_bit * inputs
        + constants.old_vsynth_ff_per_output_bit * outputs
        + constants.old_vsynth_ff_per_selected_bit * selected,
        csynth.dsp,
        _BLOCKS_PER_TILE * csynth.bram_18k,
    )
    cycles = factor + (_CYCLES_DEEP + products // 2 if is_deep else _CYCLES_SHALLOW)
    return HardwareCost(csynth, vsynth, cycles, factor)


def _tables(layer: LayerStatistics) -> int:
    """Block RAMs of tables: one for each output of sigmoid or tanh.

    Softmax read an exponent for each pair of outputs, and an inverse for each output, two from a block.
    """
    if layer.activation == "softmax":
        return ceil(layer.n_out * (layer.n_out - 1) / _PORTS) + ceil(layer.n_out / _PORTS)
    return layer.n_out * ceil(layer.table_bits / BLOCK_RAM_BITS)
