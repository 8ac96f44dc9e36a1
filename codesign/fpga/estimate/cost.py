"""The result of the closed forms, and what hls4ml's two strategies have in common: DSP blocks, activations, tables."""

from collections.abc import Sequence
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


def total(costs: Sequence[HardwareCost], layers: Sequence[LayerStatistics], latency_cycles: int) -> HardwareCost:
    """Return the resources of all layers at all their positions, and the largest initiation interval."""
    counts = {
        name: sum(getattr(cost, name) * layer.positions for cost, layer in zip(costs, layers))
        for name in ("lut", "ff", "dsp", "bram_18k")
    }
    interval = max((cost.initiation_interval for cost in costs), default=1)
    return HardwareCost(**counts, latency_cycles=latency_cycles, initiation_interval=interval)


def longest_path(costs: Sequence[float], sources: Sequence[Sequence[int]] | None) -> float:
    """Return the largest sum of costs along any path.

    Args:
        costs: one for each layer, in order.
        sources: for each layer, the indices of those whose values it takes; None: of the one before it.
    """
    ends: list[float] = []
    for index, cost in enumerate(costs):
        before = range(max(0, index - 1), index) if sources is None else sources[index]
        ends.append(max((ends[one] for one in before), default=0) + cost)
    return max(ends, default=0)


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
