"""Sum, mean and maximum along an axis: balanced trees."""

from types import MappingProxyType

import numpy as np

from codesign.fpga.rtl.adder_values import balanced, divide, larger, smaller
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits, each
from codesign.network.ops import Max, Min, Sum
from codesign.network.ops.moves import event_axis

_JOIN = MappingProxyType({Sum: lambda a, b: a + b, Max: larger, Min: smaller})


def trace_reduce(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedMerge` gives of a sum, a maximum or a minimum along an axis."""
    fixed = node.fixed
    found = _along(node, aligned(values, node.inputs[0], fixed.fraction), _JOIN[type(node.op)])
    return cast(found, fixed.fraction, fixed.output)


def trace_mean(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedMean` gives: the quotient of the exact sum, towards 0.

    Raises:
        PrecisionError: for sums that are too wide to be divided.
        UnsupportedLayerError: for an accumulator that loses bits of them.
    """
    fixed, fraction = node.fixed, int(node.fixed.accum.fraction)
    fixed.check_exact()
    sums = _along(node, aligned(values, fixed.input, fraction), _JOIN[Sum])
    check_bits(sums)
    quotients = each(lambda value: divide(value, fixed.divisor), sums)
    return cast(quotients, fraction, fixed.output)


def _along(node: TracedNode, values: np.ndarray, join: object) -> np.ndarray:
    """Join the values along the op's axis."""
    axis = event_axis(node.op.axis, values.shape)
    rows = np.moveaxis(values, axis, -1).reshape(-1, values.shape[axis])
    found = np.empty(len(rows), dtype=object)
    found[:] = [balanced(join, row) for row in rows]
    return found.reshape(node.op.shape(values.shape))
