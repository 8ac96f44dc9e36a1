"""Closed forms of activations: comparisons, tables in block RAM, and softmax."""

from math import ceil, log2

from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_BLOCK_RAM_BITS = 18 * 1024
_TABLE_CYCLES = {True: 3, False: 2}  # Vitis HLS, Vivado HLS
_DUAL_PORT_YEAR = 2023  # from which Vitis HLS reads two values of one table at a time
_FREE = ("linear", "embedding")
_LEAST_NARROWED = 2  # bits that a narrower output must lack before it is likely to be saturated
# of Vivado HLS: before this year, hls4ml did not take off the largest value
_LEGACY_SOFTMAX_YEAR, _LEGACY_SOFTMAX_CYCLES = 2020, 5
_SHORT_CLOCK_NS = 3.0  # usable, below which a comparison of the 7 series takes two cycles


def activation_cost(layer: LayerStatistics, target: Target) -> HardwareCost:
    """Estimate the activation of one layer, at one position.

    Args:
        layer: its outputs, their width and their function.
        target: compiler, part, clock, constants.
    """
    function = layer.activation
    if function in _FREE:
        csynth, cycles = Resources(), 0
    elif function == "softmax":
        csynth, cycles = _softmax(layer.n_out, target)
    elif layer.table_bits:
        csynth, cycles = _table(layer, target), _TABLE_CYCLES[target.toolchain.is_vitis]
    else:
        csynth, cycles = _compared(layer, target)
    constants = target.constants
    vsynth = csynth.times(constants.vsynth_lut_per_csynth, constants.vsynth_ff_per_csynth)
    if function not in (*_FREE, "softmax") and not layer.table_bits:
        each = constants.lut_per_synthesised_relu_bit
        vsynth = Resources(lut=each * layer.n_out * layer.output_width)
    return HardwareCost(csynth, vsynth, cycles, 1)


def _compared(layer: LayerStatistics, target: Target) -> tuple[Resources, int]:
    """ReLU and what is like it: a choice between a value and 0; of a narrower output rounding and saturation too."""
    constants, is_vitis = target.constants, target.toolchain.is_vitis
    if layer.accum_width - layer.output_width <= _LEAST_NARROWED:
        each = constants.lut_per_relu_bit_vitis if is_vitis else constants.lut_per_relu_bit_vivado
        return Resources(lut=each * layer.n_out * layer.output_width), 0
    each = constants.lut_per_rounded_bit_vitis if is_vitis else constants.lut_per_rounded_bit_vivado
    bits = layer.n_out * layer.accum_width
    is_slow = target.toolchain.is_seven_series
    if is_slow and target.usable_clock_ns < constants.rounding_ns_per_bit_7series * layer.accum_width:
        return Resources(lut=(each + 1) * bits, ff=2.0 * bits), 1
    return Resources(lut=each * bits), 0


def _table(layer: LayerStatistics, target: Target) -> Resources:
    """One copy of a table for two values, a block RAM having two ports."""
    constants, is_vitis = target.constants, target.toolchain.is_vitis
    lut = constants.lut_per_table_output_vitis if is_vitis else constants.lut_per_table_output_vivado
    ff = constants.ff_per_table_output_vitis if is_vitis else constants.ff_per_table_output_vivado
    blocks = ceil(layer.n_out / 2) * ceil(layer.table_bits / _BLOCK_RAM_BITS)
    return Resources(lut * layer.n_out, ff * layer.n_out, 0.0, float(blocks))


def _softmax(n: int, target: Target) -> tuple[Resources, int]:
    """Differences to the largest, exponents from tables, their sum's inverse from one more, and a product for each."""
    constants, toolchain = target.constants, target.toolchain
    cycles, in_dsp = _softmax_cycles(n, target), toolchain.dsp_mode != "lut"
    lut = constants.lut_per_softmax_output * n
    is_single_port = toolchain.is_vitis and toolchain.year < _DUAL_PORT_YEAR
    return (
        Resources(
            lut=lut if in_dsp else lut + constants.lut_per_softmax_product * n,
            ff=constants.ff_per_softmax_output * n * cycles,
            dsp=float(n if in_dsp else 0),
            bram_18k=float(n if is_single_port else ceil(n / 2) + 1),
        ),
        cycles,
    )


def _softmax_cycles(n: int, target: Target) -> int:
    """Two trees, for the largest value and for the sum, and the rest."""
    toolchain, levels = target.toolchain, ceil(log2(max(2, n)))
    if not toolchain.is_vitis and toolchain.year < _LEGACY_SOFTMAX_YEAR:
        return _LEGACY_SOFTMAX_CYCLES
    if not toolchain.is_seven_series:
        return 4 + ceil(2 * levels / target.adder_levels())
    rest = 8 if toolchain.speed_grade == 1 else 6
    is_short = target.usable_clock_ns < _SHORT_CLOCK_NS
    return rest + 2 * levels * (1 + is_short) - 2 * is_short - 2 * (toolchain.dsp_mode == "lut")
