"""Closed form of a dense layer under hls4ml's Strategy: distributed_arithmetic: da4ml's adder graph, no multipliers."""

from dataclasses import replace
from functools import cache

import numpy as np

from codesign.fpga.estimate.adder_tree import sum_pipeline
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.products import layer_products
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target
from codesign.network.types.signed_digits import count_signed_digits

_LEAST_HEAVY_DIGITS = 3
_LONGEST_CODE = 14  # bits up to which the digits of heavy weights are averaged
_KEPT, _WEIGHT_BIT = 0.769, 0.368  # the fit of adder_cost
_OUTPUTS_POWER, _DENSITY_POWER, _LEAST_DENSITY = 0.051, 0.166, 0.01


def dense_distributed(layer: LayerStatistics, target: Target) -> HardwareCost:
    """Estimate the sums of one dense layer, at one position and without activation: no DSP, an event per cycle.

    The LUTs are those of da4ml's cost, see :func:`adder_cost`; the registers those of the sums' pipeline.

    Args:
        layer: what is known of its weights.
        target: compiler, part, clock, constants.
    """
    two_digits = max(0.0, layer.nonzero - layer.powers_of_two)
    only_adders = replace(layer, two_digits=two_digits, heavy_pairs=0.0, shift_add_pairs=0.0)
    pipeline = sum_pipeline(only_adders, layer_products(only_adders, 1, target), target)
    lut = target.constants.lut_per_adder_cost * adder_cost(layer)
    found = Resources(lut, pipeline.held + pipeline.waiting)
    return HardwareCost(found, found, pipeline.cycles, 1)


def adder_cost(layer: LayerStatistics) -> float:
    """Return da4ml's cost in bits of additions, from the counts of the weights alone.

    cost = 0.769 (digits - outputs) (input width + 0.368 weight bits) outputs**-0.051 (digits / weights + 0.01)**-0.166:
    the denser the digits, the more of them are shared. Fitted to da4ml 0.6 on 59 random matrices of 4 to 64 inputs and
    outputs, 2 to 9 bits and 0 to 90 % of zeros: 3.5 % off in the median, nine in ten below 9 %.
    """
    digits, outputs = signed_digits(layer), min(float(layer.n_out), layer.nonzero)
    if digits <= outputs:
        return 0.0
    bits = layer.input_width + _WEIGHT_BIT * layer.largest_width
    density = digits / (layer.n_in * outputs) + _LEAST_DENSITY
    return _KEPT * (digits - outputs) * bits * outputs**-_OUTPUTS_POWER * density**-_DENSITY_POWER


def signed_digits(layer: LayerStatistics) -> float:
    """Return the signed digits of all weights; a heavy one counts as much as such codes do on average."""
    return layer.powers_of_two + 2 * layer.two_digits + _heavy_digits(layer.largest_width) * layer.heavy


@cache
def _heavy_digits(largest_width: int) -> float:
    digits = count_signed_digits(np.arange(1, 2 ** min(largest_width, _LONGEST_CODE)))
    heavy = digits[digits >= _LEAST_HEAVY_DIGITS]
    return float(heavy.mean()) if heavy.size else float(_LEAST_HEAVY_DIGITS)
