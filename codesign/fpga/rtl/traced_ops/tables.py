"""Thresholds, bits, tables and segment sums among additions: for graphs in which layers stand behind tables."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.fpga.rtl.adder_values import balanced, floor_shift, wrap
from codesign.fpga.rtl.traced_ops.table import look_up
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits
from codesign.network.ops.keys import BIT

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable


def trace_threshold(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return the bits ``value >= code``: the complement of the sign of the difference."""
    fixed = node.fixed

    def one(value: "FixedVariable", code: int) -> "FixedVariable":
        if value.low >= code or value.high < code:
            return value.from_const(float(value.low >= code), value.hwconf)
        above = value - float(code)
        width = max(int(above.high), int(-above.low) - 1).bit_length()
        return floor_shift(above, width) + 1.0

    found = [one(values[index], code) for index, code in zip(fixed.index.tolist(), fixed.codes.tolist())]
    return cast(_array(found), 0, fixed.output)


def trace_bit(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return bits of codes."""
    fixed = node.fixed
    found = [wrap(floor_shift(values[i], p), BIT) for i, p in zip(fixed.index.tolist(), fixed.place.tolist())]
    return cast(_array(found), 0, fixed.output)


def trace_lookup(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return the entry of each table at the number that its bits spell."""
    fixed = node.fixed
    fractions = np.broadcast_to(fixed.type.fraction, len(fixed.codes))
    zero, found = values[0] * 0.0, []
    for keys, codes in zip(fixed.op.keys, fixed.codes):
        index = balanced(lambda a, b: a + b, [zero, *(values[key] * 2.0**i for i, key in enumerate(keys))])
        found.append(look_up(index, codes.__getitem__))
    return cast(_array(found), fractions, fixed.output)


def trace_segment_sum(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return the sum of each segment's values, and its offset."""
    fixed, zero = node.fixed, values[0] * 0.0
    terms = aligned(values, fixed.input, fixed.fraction)
    sums = [
        balanced(lambda a, b: a + b, [zero, *terms[fixed.op.segments == segment]]) + float(offset)
        for segment, offset in enumerate(fixed.offset.tolist())
    ]
    check_bits(_array(sums))
    return cast(_array(sums), fixed.fraction, fixed.output)


def _array(values: list["FixedVariable"]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
