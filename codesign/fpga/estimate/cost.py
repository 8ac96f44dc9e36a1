"""The result of the closed forms, and what hls4ml's two strategies have in common: DSP blocks, activations, tables."""

from dataclasses import dataclass
from math import ceil

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.statistics import LayerStatistics

_BLOCK_RAM_BITS = 18 * 1024


@dataclass(frozen=True)
class HardwareCost:
    """Resources and schedule of one layer or design, before they are rounded to counts."""

    lut: float
    ff: float
    dsp: int
    bram_18k: int
    latency_cycles: int
    initiation_interval: int


def fits_dsp(layer: LayerStatistics, constants: CostConstants) -> bool:
    """Whether HLS takes DSP blocks for multipliers of these widths."""
    narrow, wide = sorted((layer.input_width, layer.weight_width))
    return wide >= constants.dsp_min_wide and narrow >= constants.dsp_min_narrow


def activation_lut(layer: LayerStatistics, constants: CostConstants) -> float:
    """Return the LUTs of rounding and saturation behind an activation."""
    return constants.lut_per_activation_bit * layer.output_width * layer.n_out * (layer.activation != "linear")


def table_blocks(layer: LayerStatistics) -> int:
    """Return the block RAMs of sigmoid or tanh tables: one copy for two outputs, a block having two ports."""
    return ceil(layer.n_out / 2) * ceil(layer.table_bits / _BLOCK_RAM_BITS)


def full_cycles(delay_ns: float, clock_period_ns: float, constants: CostConstants) -> int:
    """Return the registers on a chain of operations: one wherever the usable part of the clock period is full."""
    return int(delay_ns / (constants.usable_clock * clock_period_ns) + 1e-9)
