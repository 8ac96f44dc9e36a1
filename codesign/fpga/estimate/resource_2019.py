"""Closed form of a dense layer under the resource kernels that hls4ml had in 2018 and 2019, of 16 bits."""

from math import ceil

from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_BITS = 16


def dense_resource_2019(layer: LayerStatistics, factor: int, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer; the reuse factor is any up to n_in n_out.

    Args:
        layer: its shape.
        factor: reuse factor.
        target: of it, the constants.
    """
    factor = min(factor, layer.n_weights)
    multipliers = ceil(layer.n_weights / factor)
    csynth = Resources(
        lut=60.0 * layer.n_out + 20 * _BITS * multipliers + 4 * _BITS * layer.n_in,
        ff=4.0 * _BITS * layer.n_out + 60 * multipliers + _BITS * layer.n_in,
        dsp=float(multipliers),
        bram_18k=float(ceil(multipliers * _BITS / 36) * max(1, ceil(factor / 512))) if factor > _BITS else 0.0,
    )
    vsynth = csynth.times(0.55, target.constants.vsynth_ff_per_csynth)
    return HardwareCost(csynth, vsynth, factor + 6, factor)
