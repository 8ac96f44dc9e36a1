"""What logic synthesis makes of a dense layer under hls4ml's Strategy: Resource."""

from math import ceil, log2

from codesign.fpga.estimate.block_ram import table_blocks
from codesign.fpga.estimate.cost import Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_INPUTS_PER_LUT = 3  # inputs of a multiplexer that a 6-input LUT takes away: four data bits, of which one remains
_BLOCKS_PER_TILE = 2  # logic synthesis takes whole block RAMs of 36 kb for the tables of Vivado HLS
_WEIGHT_BITS_PER_BLOCK = 8  # of a word, in tables that logic synthesis places by itself
_WIDE_WORD = 32  # bits above which each of these takes a whole tile
_SHALLOW, _SMALLEST_SHALLOW_BITS, _SMALLEST_DEEP_BITS = 1024, 4096, 48 * 1024  # others go to LUTs


def folded_synthesis(layer: LayerStatistics, factor: int, csynth: Resources, target: Target) -> Resources:
    """Estimate one layer with R > 1 after logic synthesis.

    The HLS compiler counts a choice among all inputs or outputs for every multiplier. Logic synthesis finds that the
    multipliers of one cycle share their inputs, that each reaches only R / n_in outputs, and merges what is left:

    - LUTs: accumulators with their start values and results; one adder, one choice among R / n_in outputs and, outside
      a DSP block, one product for each multiplier; one choice among the inputs;
    - registers: an accumulator, a result and the handshake for each output; multipliers hold almost nothing.

    Args:
        layer: its shape and widths.
        factor: reuse factor.
        csynth: what the HLS compiler reports.
        target: of it, compiler and constants.
    """
    constants, multipliers = target.constants, ceil(layer.n_weights / factor)
    dsp = csynth.dsp if _fits_dsp(layer, target) else 0.0
    each = layer.accum_width * (1 + max(0.0, factor / layer.n_in - 1) / _INPUTS_PER_LUT)
    if not dsp:
        each += constants.lut_per_synthesised_product_bit * layer.input_width * layer.weight_width
    outputs = layer.accum_width * layer.n_out
    choice = layer.input_width * layer.n_in * (1 - 1 / min(factor, layer.n_in)) / _INPUTS_PER_LUT
    lut = constants.lut_per_control + constants.lut_per_accumulator_bit * outputs + multipliers * each + choice
    ff = constants.ff_per_control + outputs + layer.n_out * (layer.output_width + constants.ff_per_output_handshake)
    blocks = (
        _own_blocks(layer, factor, multipliers) if target.toolchain.is_vitis else _BLOCKS_PER_TILE * csynth.bram_18k
    )
    return Resources(lut, ff + constants.ff_per_folded_multiplier * multipliers, dsp, float(blocks))


def _fits_dsp(layer: LayerStatistics, target: Target) -> bool:
    """Vivado HLS names the DSP blocks in its code; Vitis HLS writes a product, and logic synthesis chooses."""
    narrow = min(layer.input_width, layer.weight_width)
    return not target.toolchain.is_vitis or narrow >= target.constants.synthesised_dsp_min_narrow


def _own_blocks(layer: LayerStatistics, factor: int, multipliers: int) -> int:
    """Block RAMs where Vitis HLS leaves the choice: all of the list of outputs, little of deep and narrow weights."""
    outputs_each = factor // layer.n_in
    blocks = table_blocks(factor, ceil(log2(outputs_each))) if outputs_each > 1 else 0
    width = multipliers * layer.weight_width
    is_deep = factor > _SHALLOW
    if factor * width < (_SMALLEST_DEEP_BITS if is_deep else _SMALLEST_SHALLOW_BITS):
        return blocks
    is_wide = is_deep or width > _WIDE_WORD
    return blocks + ceil(width / _WEIGHT_BITS_PER_BLOCK) * (_BLOCKS_PER_TILE if is_wide else 1)
