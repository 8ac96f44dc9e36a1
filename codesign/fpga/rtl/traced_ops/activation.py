"""Activations: cuts of each value, straight lines, tables; a table op in integers -> function."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.rtl.adder_values import chosen, clip, floor_shift, is_at_least, larger, relu, requantize
from codesign.fpga.rtl.traced_ops.softmax import trace_softmax
from codesign.fpga.rtl.traced_ops.table import MAX_CODES, has_few_codes, look_up, table_index
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits, each, elements
from codesign.network import FixedPoint
from codesign.network.ops import (
    FixedCodes,
    FixedFirmwareSoftmax,
    FixedFirmwareTable,
    FixedLine,
    FixedRelu,
    FixedSteps,
    FixedSwish,
    FixedTable,
)
from codesign.network.ops.fixed_softmax import FixedSoftmax

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable


_WHOLE = FixedPoint(62, 62, rounding="RND_CONV")


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


def _codes(fixed: FixedCodes, values: np.ndarray) -> np.ndarray:
    """A table of each code that the value can have.

    Raises:
        UnsupportedLayerError: for too many.
    """
    low = int(fixed.input.envelope.code_low)

    def one(value: "FixedVariable") -> "FixedVariable":
        if not has_few_codes(value):
            raise UnsupportedLayerError(
                f"an adder graph holds tables of {fixed.op.function} for {MAX_CODES:,} codes at most. Received: "
                f"{int((value.high - value.low) / value.step) + 1:,}; narrow the type in front of it"
            )
        return look_up(value, lambda codes: fixed.entries[codes - low])

    return each(one, aligned(values, fixed.input))


def _firmware(fixed: FixedFirmwareTable, values: np.ndarray) -> np.ndarray:
    """A table of each code, of what a firmware looks up.

    Raises:
        UnsupportedLayerError: for too many codes, or types that differ.
    """

    def one(value: "FixedVariable") -> "FixedVariable":
        if not has_few_codes(value) or fixed.input.per_element or fixed.output.per_element:
            raise UnsupportedLayerError(
                f"an adder graph holds tables of a firmware for {MAX_CODES:,} codes of one type at most. "
                f"Received: {fixed.input}; narrow the type in front of it"
            )
        return look_up(value, fixed.forward)

    return each(one, values)


def _no_softmax(fixed: FixedFirmwareSoftmax, values: np.ndarray) -> np.ndarray:
    raise UnsupportedLayerError(
        f"an adder graph has no softmax of the implementation '{fixed.softmax.implementation}'; cut it off: the "
        "largest output is the same"
    )


def _steps(fixed: FixedSteps, values: np.ndarray) -> np.ndarray:
    """Clips, signs and whole numbers."""
    numbers = fixed.numbers

    def above(value: "FixedVariable") -> "FixedVariable":
        bit = is_at_least(value, value.from_const(float(numbers["threshold"] + 1), value.hwconf))
        return _limited(chosen(bit, value, value.from_const(0.0, value.hwconf)), numbers)

    function = {
        "thresholded_relu": above,
        "clip": lambda value: _limited(value, numbers),
        "abs": lambda value: larger(value, -value),
        "sign": lambda value: clip(value, -1, 1),
        "floor": lambda value: floor_shift(value, fixed.step),
        "ceil": lambda value: -floor_shift(-value, fixed.step),
        "round": lambda value: requantize(value, fixed.step, _WHOLE),
    }[fixed.function]
    return cast(each(function, aligned(values, fixed.input, fixed.step)), fixed.fraction, fixed.output)


def _limited(value: "FixedVariable", numbers: Mapping[str, int | None]) -> "FixedVariable":
    """A value between limits, of which one may be open."""
    low, high = numbers["min_value"], numbers["max_value"]
    return clip(value, int(value.low) if low is None else low, int(value.high) if high is None else high)


_TRACED = MappingProxyType(
    {
        FixedRelu: _relu,
        FixedLine: _line,
        FixedTable: _table,
        FixedSwish: _swish,
        FixedSoftmax: trace_softmax,
        FixedCodes: _codes,
        FixedSteps: _steps,
        FixedFirmwareTable: _firmware,
        FixedFirmwareSoftmax: _no_softmax,
    }
)
