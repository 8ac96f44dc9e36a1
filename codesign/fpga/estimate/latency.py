"""Closed form of a dense layer under hls4ml's Strategy: Latency, io_parallel: every weight a constant in a pipeline."""

from codesign.fpga.estimate.adder_tree import Pipeline, sum_pipeline
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.products import Products, layer_products
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target


def dense_latency(layer: LayerStatistics, factor: int, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer, at one position and without activation.

    The reuse factor R is a limit on multiplications. Where the distinct heavy pairs are more, they share multipliers
    in passes; latency = passes + the cycles of a multiplier + 1, interval = min(R, latency + 1).

    Args:
        layer: what is known of its weights.
        factor: reuse factor.
        target: compiler, part, clock, constants.
    """
    constants = target.constants
    products = layer_products(layer, factor, target)
    pipeline = sum_pipeline(layer, products, target)
    cycles = pipeline.cycles
    if products.are_shared:
        cycles = max(cycles, products.passes + products.cycles + 1)
    elif factor > 1 and cycles and not products.cycles:
        cycles += 1
    interval = min(factor, cycles + 1)
    waiting = pipeline.waiting if interval == 1 else _copies(pipeline, interval)
    ff = pipeline.held + waiting
    if products.are_shared:  # all products wait for the last one
        ff = max(ff, constants.ff_per_waiting_bit * layer.accum_width * layer.nonzero)
    lut = _lut(layer, products, target) + constants.lut_per_waiting_bit * waiting
    dsp = float(products.dsp_each * round(min(products.heavy, products.multipliers)))
    csynth = Resources(lut, ff, dsp)
    vsynth = csynth.times(constants.vsynth_lut_per_csynth, constants.vsynth_ff_per_csynth)
    return HardwareCost(csynth, vsynth, cycles, interval)


def _copies(pipeline: Pipeline, interval: int) -> float:
    """Bits of copies at an interval: of the long waits of a chain one in so many, of the short ones of a tree none."""
    return pipeline.waiting / interval if pipeline.waiting >= pipeline.held else 0.0


def _lut(layer: LayerStatistics, products: Products, target: Target) -> float:
    """An adder for each weight, the adders of two-digit products, and multipliers or what stands around them."""
    constants = target.constants
    is_vitis = target.toolchain.is_vitis
    pair = layer.input_width * (constants.lut_per_pair_bit_vitis if is_vitis else constants.lut_per_pair_bit_vivado)
    lut = constants.lut_per_adder_bit * layer.nonzero * layer.accum_width + pair * layer.two_digit_pairs
    if not is_vitis:
        lut += 2 * pair * layer.shift_add_pairs
    if products.are_shared:  # general multipliers behind multiplexers of their factors
        lut += constants.lut_per_shared_pair * layer.heavy_pairs
    multiplier = constants.lut_per_product_bit * layer.input_width * (layer.largest_width + 1)
    return lut + products.multipliers * (constants.lut_per_dsp if products.in_dsp else multiplier)
