"""Closed form of a dense layer under hls4ml's Strategy: Resource with a reuse factor of 1: products are registered."""

from dataclasses import replace

from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.products import layer_products
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target


def dense_unfolded(layer: LayerStatistics, latency: HardwareCost, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer, at one position and without activation.

    All weights are constants, as under Strategy: Latency, but one loop holds the products and another adds them: an
    event every other cycle, a register behind each distinct product, and less around a multiplier, if there is more
    than one cycle. Logic synthesis finds most of these registers in the DSP blocks.

    Args:
        layer: what is known of its weights.
        latency: the cost of the same layer under Strategy: Latency with a reuse factor of 1.
        target: compiler, part, clock, constants.
    """
    if not latency.latency_cycles:
        return replace(latency, initiation_interval=1)
    constants, products, csynth = target.constants, layer_products(layer, 1, target), latency.csynth
    registers = layer.accum_width * (
        constants.ff_per_registered_product_bit * products.heavy
        + constants.ff_per_registered_pair_bit * layer.two_digit_pairs
        + constants.ff_per_registered_output_bit * layer.n_out
    )
    if latency.latency_cycles > 1:  # sums are registered too
        registers = max(registers, csynth.ff)
    glue = (constants.lut_per_dsp - constants.lut_per_registered_dsp) * csynth.dsp
    csynth = replace(csynth, lut=max(0.0, csynth.lut - glue), ff=registers)
    return replace(latency, csynth=csynth, initiation_interval=2)
