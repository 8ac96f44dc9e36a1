"""Closed form of hls4ml's Strategy: Latency, io_parallel: one pipelined function, every weight a constant in it."""

from collections.abc import Sequence
from math import ceil, log2

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import (
    HardwareCost,
    activation_lut,
    fits_dsp,
    full_cycles,
    longest_path,
    table_blocks,
    total,
)
from codesign.fpga.estimate.statistics import LayerStatistics


def estimate_latency_strategy(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    clock_period_ns: float,
    constants: CostConstants,
    sources: Sequence[Sequence[int]] | None = None,
) -> HardwareCost:
    """Estimate layers in a row, or in a graph.

    With H the layer's distinct products of three signed digits or more, if its widths call for DSP blocks:

    - multipliers = min(H, ceil(n_in n_out / R)): a reuse factor R is a limit on DSP blocks, and nothing else;
    - passes = H / multipliers; initiation interval = min(R, passes + 2), the largest of all layers, and 1 at R = 1;
    - latency = floor(sum of delays / usable clock), and the passes of each layer if R > 1, along the longest path.

    Args:
        layers: in order.
        reuse_factors: one for each layer.
        clock_period_ns: the target.
        constants: see :class:`codesign.fpga.estimate.constants.CostConstants`.
        sources: for each layer, the indices of those whose values it takes; None: of the one before it.
    """
    delays = [layer_delay_ns(layer, constants) for layer in layers]
    longest = longest_path(delays, sources)
    depth = full_cycles(longest, clock_period_ns, constants)
    costs = []
    for layer, factor, delay in zip(layers, reuse_factors, delays):
        stages = depth * delay / longest if depth else 0.0
        costs.append(_layer(layer, factor, stages, constants))
    waits = [
        (layer.table_bits > 0) * constants.table_cycles + cost.latency_cycles for layer, cost in zip(layers, costs)
    ]
    return total(costs, layers, depth + longest_path(waits, sources))


def _layer(layer: LayerStatistics, factor: int, stages: float, constants: CostConstants) -> HardwareCost:
    """One layer; its latency here is only what sharing multipliers adds."""
    heavy = _heavy_products(layer, constants)
    multipliers = min(heavy, ceil(layer.n_in * layer.n_out / factor))
    passes = ceil(heavy / multipliers) if heavy else 1
    waiting = layer.accum_width * layer.nonzero if passes > 1 else 0
    return HardwareCost(
        lut=_lut(layer, multipliers, constants),
        ff=_ff(layer, multipliers, stages, constants) + constants.ff_per_waiting_bit * waiting,
        dsp=multipliers,
        bram_18k=table_blocks(layer),
        latency_cycles=passes if factor > 1 else 0,
        initiation_interval=min(factor, passes + 2),
    )


def _lut(layer: LayerStatistics, multipliers: int, constants: CostConstants) -> float:
    """An adder for each weight and for each further signed digit outside a multiplier, and the activation."""
    product_width = layer.input_width + layer.weight_width
    sums = layer.nonzero * min(layer.accum_width, product_width + 1)
    shift_adds = _shift_adds(layer, constants) * product_width
    lut = (
        constants.lut_per_adder_bit * sums
        + constants.lut_per_shift_add_bit * shift_adds
        + constants.lut_per_dsp * multipliers
    )
    return lut + activation_lut(layer, constants)


def _ff(layer: LayerStatistics, multipliers: int, stages: float, constants: CostConstants) -> float:
    """The outputs, or what crosses each pipeline stage."""
    outputs = layer.accum_width * layer.n_out
    crossing = constants.ff_per_boundary_bit * (layer.input_width * layer.n_in + outputs)
    crossing += constants.ff_per_dsp * multipliers + constants.ff_per_shift_add * _shift_adds(layer, constants)
    return max(outputs, stages * crossing)


def layer_delay_ns(layer: LayerStatistics, constants: CostConstants) -> float:
    """Return the delay of a layer: product, adder tree (the bias is a leaf of it) and activation in a row."""
    product = constants.multiplier_ns
    if not _heavy_products(layer, constants):
        product = ceil(log2(1 + _shift_adds(layer, constants) / max(1, layer.nonzero))) * constants.adder_ns
    tree = ceil(log2(max(1, layer.nonzero / layer.n_out))) * constants.adder_ns
    return product + tree + constants.activation_ns * (layer.activation != "linear")


def _heavy_products(layer: LayerStatistics, constants: CostConstants) -> int:
    return layer.heavy_products if fits_dsp(layer, constants) else 0


def _shift_adds(layer: LayerStatistics, constants: CostConstants) -> int:
    return layer.light_digits if fits_dsp(layer, constants) else layer.extra_digits
