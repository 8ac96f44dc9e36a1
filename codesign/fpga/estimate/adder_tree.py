"""When the sums of a layer are ready, and what its pipeline holds: adder trees whose operands arrive at their own time.

Time is counted in adder levels. An operand that arrives t levels late takes the place of 2**t others in a balanced
tree, so that sums of n_i operands of lateness t_i are ready after log2(sum n_i 2**t_i) levels. A register stands
wherever the usable part of the clock period is full; t levels behind their arrival n operands are n / 2**t sums.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2, sqrt

import numpy as np

from codesign.fpga.estimate.products import Products
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_CHAIN_ADDERS = 2.0  # additions in a cycle where the compiler gives up on a tree
_TAIL = 2.0  # standard deviations by which the fullest output exceeds the mean


@dataclass(frozen=True)
class Pipeline:
    """The schedule of a layer's sums.

    Args:
        cycles: registers on the way.
        held: bits that are registered once.
        waiting: bits of values that wait for more than a cycle, which takes copies where events follow each other.
    """

    cycles: int
    held: float
    waiting: float


def sum_pipeline(layer: LayerStatistics, products: Products, target: Target) -> Pipeline:
    """Return the schedule of a layer's sums at an interval of one cycle.

    Args:
        layer: its counts.
        products: what its multiplications become.
        target: compiler, part, clock, constants.
    """
    if not layer.nonzero:
        return Pipeline(0, 0.0, 0.0)
    if target.toolchain.is_vitis and layer.n_weights > target.constants.largest_tree_vitis:
        return _chain(layer, target)
    step = target.adder_levels(layer.accum_width)
    operands = list(_operands(layer, products, target))
    arrivals = [log2(count) + late for count, late in operands if count > 0]
    depth = max(0.0, float(np.logaddexp2.reduce(arrivals)) - log2(layer.n_out))
    exact = depth / step
    cycles = ceil(exact - 1e-9) if target.toolchain.is_seven_series else int(exact + 1e-9)
    width = min(layer.accum_width, products.width + 1)
    bits = sum(_crossing(operands, cycle * step, layer.n_out) * width for cycle in range(1, cycles + 1))
    if products.in_dsp and not target.toolchain.dsp_mode:
        bits += products.heavy * products.stage_width * min(products.cycles, cycles)
    share = min(1.0, target.constants.waiting_share * 2 ** (4 * (1 - step)))
    return Pipeline(cycles, bits * (1 - share), bits * share)


def _operands(layer: LayerStatistics, products: Products, target: Target) -> Iterator[tuple[float, float]]:
    """Yield (how many, how many adder levels late) for weights of one, two and more signed digits."""
    constants, step = target.constants, target.adder_levels(layer.accum_width)
    yield layer.powers_of_two, 0.0
    if target.toolchain.is_seven_series:
        yield layer.two_digits, 1.0
        yield layer.heavy, products.cycles * step - _chained(products, target)
        return
    yield layer.two_digits, constants.shift_add_ns / constants.adder_ns
    late = constants.multiplier_ns / constants.adder_ns
    is_old = products.in_dsp and not target.toolchain.is_vitis and target.toolchain.year < constants.chained_dsp_year
    yield layer.heavy, max(late, step - 1.0) if is_old else late


def _chained(products: Products, target: Target) -> int:
    """Adder levels that fit behind a product of one cycle in a DSP block of the 7 series."""
    if products.cycles > 1 or not products.in_dsp:
        return 0
    return max(0, int((target.usable_clock_ns - target.dsp_ns) / target.adder_ns))


def _crossing(operands: list[tuple[float, float]], levels: float, n_out: int) -> float:
    """Values that cross a register behind so many levels, at least one for each output."""
    crossing = sum(count * 2 ** (late - levels) for count, late in operands if late <= levels + 1e-9)
    return max(float(n_out), crossing)


def _chain(layer: LayerStatistics, target: Target) -> Pipeline:
    """Vitis HLS does not balance sums of very many products: each output's products are added one after the other."""
    mean, density = layer.nonzero / layer.n_out, layer.nonzero / layer.n_weights
    fullest = mean + _TAIL * sqrt(mean * max(0.0, 1 - density))
    at_once = max(_CHAIN_ADDERS, target.usable_clock_ns / target.adder_ns)
    bits = target.constants.ff_per_chained_product * layer.nonzero * _CHAIN_ADDERS / at_once
    return Pipeline(ceil(fullest / at_once), bits, bits)
