"""Closed forms of activations: comparisons, tables in block RAM, and softmax."""

from math import ceil

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target
from codesign.fpga.estimate.toolchain import Toolchain

_BLOCK_RAM_BITS = 18 * 1024
_TABLE_CYCLES = {True: 3, False: 2}  # Vitis HLS, Vivado HLS
_SOFTMAX_CYCLES = {"7series": 11, "vitis_hls": 6, "vivado_hls": 5}
_WIDEST_COMPARED = 16  # bits; of wider accumulators hls4ml's activations read this many
_FREE = ("linear", "embedding")


def activation_cost(layer: LayerStatistics, target: Target) -> HardwareCost:
    """Estimate the activation of one layer, at one position.

    Args:
        layer: its outputs, their width and their function.
        target: compiler, part, clock, constants.
    """
    toolchain, constants = target.toolchain, target.constants
    function = layer.activation
    if function == "softmax":
        csynth, cycles = _softmax(layer.n_out, constants), _softmax_cycles(toolchain)
    elif layer.table_bits:
        csynth, cycles = _table(layer, toolchain, constants), _TABLE_CYCLES[toolchain.is_vitis]
    elif function in _FREE:
        csynth, cycles = Resources(), 0
    else:
        csynth, cycles = _compared(layer, toolchain, constants), int(toolchain.is_seven_series)
    vsynth = csynth.times(constants.vsynth_lut_per_csynth, constants.vsynth_ff_per_csynth)
    return HardwareCost(csynth, vsynth, cycles, 1)


def _compared(layer: LayerStatistics, toolchain: Toolchain, constants: CostConstants) -> Resources:
    """ReLU and what is like it: a comparison, rounding and saturation for each value."""
    each = constants.lut_per_relu_bit_vitis if toolchain.is_vitis else constants.lut_per_relu_bit_vivado
    return Resources(lut=each * layer.n_out * min(layer.accum_width, _WIDEST_COMPARED))


def _table(layer: LayerStatistics, toolchain: Toolchain, constants: CostConstants) -> Resources:
    """One copy of a table for two values, a block RAM having two ports."""
    lut = constants.lut_per_table_output_vitis if toolchain.is_vitis else constants.lut_per_table_output_vivado
    ff = constants.ff_per_table_output_vitis if toolchain.is_vitis else constants.ff_per_table_output_vivado
    blocks = ceil(layer.n_out / 2) * ceil(layer.table_bits / _BLOCK_RAM_BITS)
    return Resources(lut * layer.n_out, ff * layer.n_out, 0.0, float(blocks))


def _softmax(n: int, constants: CostConstants) -> Resources:
    """Differences to the largest, exponents from tables, their sum's inverse from one more, and a product for each."""
    return Resources(
        lut=constants.lut_per_softmax_pair * n * n + constants.lut_per_softmax_output * n,
        ff=constants.ff_per_softmax + constants.ff_per_softmax_output * n,
        dsp=float(n),
        bram_18k=float(ceil(n / 2) + 1),
    )


def _softmax_cycles(toolchain: Toolchain) -> int:
    return _SOFTMAX_CYCLES["7series" if toolchain.is_seven_series else toolchain.tool]
