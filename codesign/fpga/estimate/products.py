"""What the multiplications of a layer become: shifts, adders, multipliers in LUTs or DSP blocks, shared or not."""

from dataclasses import dataclass
from math import ceil

from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_NARROW_PORT = 18  # bits of a DSP block's narrower factor


@dataclass(frozen=True)
class Products:
    """The multiplications of one layer.

    Args:
        in_dsp: whether their widths call for DSP blocks.
        dsp_each: blocks that one product takes.
        heavy: distinct ones that need a multiplier.
        multipliers: how many of them run at once.
        passes: how often each is used.
        cycles: whole clock cycles that a multiplier takes; 0 if what follows chains behind it.
        width: bits of a product before it is cut to the accumulator's type.
    """

    in_dsp: bool
    dsp_each: int
    heavy: float
    multipliers: float
    passes: int
    cycles: int
    width: float

    @property
    def are_shared(self) -> bool:
        """Whether a multiplier takes turns."""
        return self.passes > 1

    @property
    def stage_width(self) -> float:
        """Bits that a multiplier of several cycles holds in each of them."""
        return self.width if self.cycles > 1 else 0.0


def layer_products(layer: LayerStatistics, factor: int, target: Target) -> Products:
    """Return what a layer's multiplications become.

    hls4ml allows ceil(W / R) - floor(zeros / R) multiplications at once for W weights and the reuse factor R. Vivado
    HLS builds +-11 and +-13 from shifts and additions; the limit counts them all the same.

    Args:
        layer: its counts.
        factor: reuse factor.
        target: compiler, part, clock, constants.
    """
    heavy = layer.heavy_pairs - (0 if target.toolchain.is_vitis else layer.shift_add_pairs)
    zeros = int(layer.n_weights - layer.nonzero)
    limit = max(1, ceil(layer.n_weights / factor) - zeros // factor)
    are_shared = factor > 1 and layer.heavy_pairs > limit
    in_dsp = fits_dsp(layer, target)
    return Products(
        in_dsp,
        _blocks_each(layer, target) if in_dsp else 0,
        heavy,
        multipliers=limit if are_shared else heavy,
        passes=ceil(layer.heavy_pairs / limit) if are_shared else 1,
        cycles=_cycles(in_dsp, target),
        width=layer.input_width + layer.largest_width + 1,
    )


def fits_dsp(layer: LayerStatistics, target: Target) -> bool:
    """Whether HLS takes DSP blocks for multipliers of these widths."""
    narrow, wide = sorted((layer.input_width, layer.largest_width + 1))
    mode, constants = target.toolchain.dsp_mode, target.constants
    if mode == "lut":
        return False
    if mode == "dsp":
        return narrow >= constants.forced_dsp_min_narrow
    return wide >= constants.dsp_min_wide and narrow >= constants.dsp_min_narrow


def _blocks_each(layer: LayerStatistics, target: Target) -> int:
    """A block multiplies 18 bits by 27, on the 7 series by 25; wider factors are cut into parts without their signs."""
    narrow, wide = sorted((layer.input_width, layer.largest_width + 1))
    port = 25 if target.toolchain.is_seven_series else 27
    if narrow <= _NARROW_PORT and wide <= port:
        return 1
    return max(1, ceil((narrow - 1) / (_NARROW_PORT - 1))) * ceil((wide - 1) / (port - 1))


def _cycles(in_dsp: bool, target: Target) -> int:
    """UltraScale parts chain an adder behind a product; on the 7 series it takes a cycle, or a pipeline of three."""
    if not target.toolchain.is_seven_series:
        return 0
    return 3 if in_dsp and target.dsp_ns > target.usable_clock_ns else 1
