"""Activations: cuts of each value, straight lines, tables; a table op in integers -> function."""

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.fpga.rtl.adder_values import clip, relu
from codesign.fpga.rtl.traced_ops.softmax import trace_softmax
from codesign.fpga.rtl.traced_ops.table import has_few_codes, look_up, table_index
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits, each, elements
from codesign.network import FixedPoint
from codesign.network.ops import FixedLine, FixedRelu, FixedSwish, FixedTable
from codesign.network.ops.fixed_softmax import FixedSoftmax

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable


def trace_activation(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what the activation gives in integers."""
    return _TRACED[type(node.fixed)](node.fixed, values)


def _relu(fixed: FixedRelu, values: np.ndarray) -> np.ndarray:
    if fixed.cut is None:
        return cast(values, fixed.input.fraction, fixed.output, relu=not fixed.is_linear)
    high, fraction = fixed.cut
    cut = each(lambda value: clip(value, 0, high), aligned(values, fixed.input, fraction))
    return cast(cut, fraction, fixed.output)


def _line(fixed: FixedLine, values: np.ndarray) -> np.ndarray:
    one = 2.0 ** (fixed.fraction - int(np.max(fixed.input.fraction)))

    def leaky(value: "FixedVariable") -> "FixedVariable":
        return relu(value) * one - relu(-value) * float(fixed.slope)

    def clipped(value: "FixedVariable") -> "FixedVariable":
        low, high = (limit << fixed.fraction for limit in fixed.limits)
        return clip(value * float(fixed.slope) + float(fixed.shift), low, high)

    line = each(leaky if fixed.limits is None else clipped, aligned(values, fixed.input))
    return cast(line, fixed.fraction, fixed.output)


def _table(fixed: FixedTable, values: np.ndarray) -> np.ndarray:
    table = fixed.table

    def one(value: "FixedVariable", fraction: int, output: FixedPoint) -> "FixedVariable":
        if has_few_codes(value):
            return look_up(value, lambda codes: output.requantize(table.look_up(codes, fraction), table.type.fraction))
        entries = output.requantize(table.entries, table.type.fraction)
        return look_up(table_index(value, table, fraction), lambda index: entries[index + table.size // 2])

    return each(one, values, fixed.input.fraction, elements(fixed.output, values.shape))


def _swish(fixed: FixedSwish, values: np.ndarray) -> np.ndarray:
    table, finest = fixed.table, int(np.max(fixed.input.fraction))

    def product(value: "FixedVariable", fraction: int) -> "FixedVariable":
        shift = finest - fraction
        if has_few_codes(value):
            return look_up(value, lambda codes: (codes << shift) * table.look_up(codes, fraction))
        entry = look_up(table_index(value, table, fraction), lambda index: table.entries[index + table.size // 2])
        return value * 2.0**shift * entry

    products = each(product, values, fixed.input.fraction)
    check_bits(products)
    return cast(products, fixed.fraction, fixed.output)


_TRACED = MappingProxyType(
    {FixedRelu: _relu, FixedLine: _line, FixedTable: _table, FixedSwish: _swish, FixedSoftmax: trace_softmax}
)
