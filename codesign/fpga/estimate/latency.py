"""Closed form of a dense layer under hls4ml's Strategy: Latency, io_parallel: every weight a constant in a pipeline."""

from dataclasses import dataclass
from math import ceil, floor, log2

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_HALF_CYCLE_LEVELS = 1.58  # adder levels per cycle where two do not quite fit, as three operands in one adder


@dataclass(frozen=True)
class _Products:
    """What a layer's multiplications become.

    Args:
        in_dsp: whether their widths call for DSP blocks.
        heavy: distinct ones that need a multiplier.
        multipliers: how many of them run at once.
        passes: how often each is used.
    """

    in_dsp: bool
    heavy: float
    multipliers: float
    passes: int

    @property
    def are_shared(self) -> bool:
        """Whether a multiplier takes turns."""
        return self.passes > 1


def dense_latency(layer: LayerStatistics, factor: int, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer, at one position and without activation.

    The reuse factor R is a limit on multiplications: hls4ml allows ceil(W / R) - floor(zeros / R) of them. Where the
    distinct heavy pairs are more, they share multipliers in passes, and the initiation interval is min(R, passes + 1).

    Args:
        layer: what is known of its weights.
        factor: reuse factor.
        target: compiler, part, clock, constants.
    """
    constants = target.constants
    products = _products(layer, factor, target)
    cycles, registers = _pipeline(layer, products, target)
    if products.are_shared:
        registers += constants.ff_per_waiting_bit * layer.accum_width * layer.nonzero
        cycles += products.passes
    dsp = float(round(min(products.heavy, products.multipliers))) if products.in_dsp else 0.0
    csynth = Resources(_lut(layer, products, constants), registers, dsp)
    vsynth = csynth.times(constants.vsynth_lut_per_csynth, constants.vsynth_ff_per_csynth)
    return HardwareCost(csynth, vsynth, cycles, min(factor, cycles + 1) if factor > 1 else 1)


def fits_dsp(layer: LayerStatistics, target: Target) -> bool:
    """Whether HLS takes DSP blocks for multipliers of these widths."""
    toolchain, constants = target.toolchain, target.constants
    narrow, wide = sorted((layer.input_width, layer.largest_width + 1))
    if toolchain.dsp_mode == "lut":
        return False
    if toolchain.dsp_mode == "dsp":
        return narrow >= constants.forced_dsp_min_narrow
    return wide >= constants.dsp_min_wide and narrow >= constants.dsp_min_narrow


def _products(layer: LayerStatistics, factor: int, target: Target) -> _Products:
    """Vivado HLS builds +-11 and +-13 from shifts and additions; hls4ml's limit counts them all the same."""
    heavy = layer.heavy_pairs - (0 if target.toolchain.is_vitis else layer.shift_add_pairs)
    zeros = int(layer.n_weights - layer.nonzero)
    limit = max(1, ceil(layer.n_weights / factor) - zeros // factor)
    are_shared = factor > 1 and layer.heavy_pairs > limit
    passes = ceil(layer.heavy_pairs / limit) if are_shared else 1
    return _Products(fits_dsp(layer, target), heavy, limit if are_shared else heavy, passes)


def _lut(layer: LayerStatistics, products: _Products, constants: CostConstants) -> float:
    """An adder for each weight, the adders of two-digit products, and multipliers or what stands around them."""
    product_width = layer.input_width + layer.largest_width + 1
    pair = product_width + constants.pair_overhead_bits
    lut = constants.lut_per_adder_bit * layer.nonzero * min(layer.accum_width, product_width + 1)
    lut += pair * (layer.two_digit_pairs + 2 * layer.shift_add_pairs)
    multiplier = constants.lut_per_product_bit * layer.input_width * (layer.largest_width + 1)
    if products.in_dsp:
        return lut + constants.lut_per_dsp * products.heavy
    if products.are_shared:  # general multipliers behind multiplexers of their factors
        choice = 0.5 * (layer.input_width + layer.largest_width)
        return lut + products.multipliers * multiplier + layer.heavy_pairs * choice
    return lut + products.heavy * min(2 * pair, multiplier)


def _pipeline(layer: LayerStatistics, products: _Products, target: Target) -> tuple[int, float]:
    """Return the cycles of products and adder tree, and the bits of what crosses from each to the next."""
    usable, constants = target.usable_clock_ns, target.constants
    levels = log2(max(1.0, layer.nonzero / layer.n_out))
    is_old = target.toolchain.is_seven_series
    first = 0.0
    if products.heavy > 0:
        slow = constants.dsp_ns_7series if products.in_dsp else constants.product_ns_7series
        first = slow if is_old else constants.multiplier_ns
    elif layer.two_digit_pairs:
        first = constants.shift_add_ns_7series if is_old else constants.shift_add_ns
    rows = _rows_7series(levels, first, usable, constants) if is_old else _rows(levels, first, usable, constants)
    width = min(layer.accum_width, layer.input_width + layer.largest_width + 2)
    operands = max(1.0, layer.nonzero / layer.n_out)
    return len(rows), sum(layer.n_out * width * max(1.0, operands / 2**row) for row in rows if row is not None)


def _rows(levels: float, first: float, usable: float, constants: CostConstants) -> list[float]:
    """Adder levels in front of each register, where operations chain freely."""
    rows, row = [], 0.0
    for _ in range(int((first + levels * constants.adder_ns) / usable + 1e-9)):
        row += max(0.0, usable - first) / constants.adder_ns
        rows.append(row)
        first = 0.0
    return rows


def _rows_7series(levels: float, first: float, usable: float, constants: CostConstants) -> list[float | None]:
    """The same where an operation starts in a cycle of its own; None while products wait inside their operators."""
    delay = constants.adder_ns_7series
    step = max(1.0, floor(usable / delay)) if not 3.6 <= usable < 2 * delay else _HALF_CYCLE_LEVELS
    of_products = ceil(first / usable)
    cycles = max(0, of_products + ceil(levels / step - 1e-9) - 1)
    return [None if cycle < of_products else (cycle - of_products + 1) * step for cycle in range(cycles)]
