"""The operations behind a dense layer on one traced value of da4ml: rounding, overflow, activation.

A value is an integer code that an adder graph will hold. da4ml has no rounding half to even, wraps negative values into
an unsigned type of more bits than they have wrongly, and treats constants by other rules: those are done here.
"""

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import DenseLayer, FixedPoint
from codesign.network.tables import RANGE, activation_table, table_indices

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable

_MAX_TABLE_CODES = 4096


def requantize(value: "FixedVariable", fraction: int, precision: FixedPoint, *, relu: bool = False) -> "FixedVariable":
    """Cast codes of step ``2**-fraction`` to the type of one element: round, then overflow.

    Args:
        value: the codes.
        fraction: their fraction bits.
        precision: of the result.
        relu: whether negative values become 0. Rounding keeps order and 0, so it comes first: fewer bits to clear.
    """
    if value.low == value.high:
        code = precision.requantize(np.array([max(0, int(value.low)) if relu else int(value.low)]), fraction)
        return value.from_const(int(code[0]), value.hwconf)
    rounded = _round_shift(value, fraction - int(np.max(precision.fraction)), precision.rounding)
    if relu:
        rounded = rounded.relu()
    return wrap(rounded, precision) if precision.overflow == "WRAP" else _saturate(rounded, precision)


def wrap(value: "FixedVariable", precision: FixedPoint) -> "FixedVariable":
    """Keep the low bits of a code, as a type with overflow WRAP does."""
    low, high, width = _limits(precision)
    if low <= value.low and value.high <= high:
        return value
    if value.low == value.high:
        return value.from_const(int(precision.overflowed(np.array([int(value.low)])).item()), value.hwconf)
    if width == 0:
        return value.from_const(0, value.hwconf)
    if precision.signed:
        return value.quantize(1, width - 1, 0)
    turns = max(0, -(int(value.low) // 2**width))
    return (value + float(turns << width)).quantize(0, width, 0)


def activate(value: "FixedVariable", layer: DenseLayer, result: FixedPoint, output: FixedPoint) -> "FixedVariable":
    """Apply the layer's activation to a code of `result`, giving a code of `output`; both are types of one element."""
    if layer.activation in RANGE:
        return _look_up(value, layer, result, output)
    return requantize(value, int(np.max(result.fraction)), output, relu=layer.activation == "relu")


def _round_shift(value: "FixedVariable", shift: int, rounding: str) -> "FixedVariable":
    """Divide a code by ``2**shift``."""
    step = float(value.step)
    if step >= 2.0**shift:
        return value * 2.0**-shift
    if rounding == "RND":
        value = value + 2.0 ** (shift - 1)
    elif (
        rounding == "RND_CONV"
    ):  # a tie goes up only if the floor is odd: half less a step, and a step times its last bit
        odd = value.quantize(0, shift + 1, -shift) * (step * 2.0**-shift)
        value = value + (2.0 ** (shift - 1) - step) + odd
    return _multiples(value, shift) * 2.0**-shift


def _saturate(value: "FixedVariable", precision: FixedPoint) -> "FixedVariable":
    """Clip a code; at a power of two only the bits above it are compared."""
    low, high, width = _limits(precision)
    if low == high or value.low == value.high:
        return value.from_const(min(max(int(value.low), low), high), value.hwconf)
    signed = int(precision.signed)
    power = 1 << (width - signed)
    if value.low <= high < value.high and high == power - 1:
        limit = value.from_const(high, value.hwconf, value._factor)
        value = _select(_multiples(value, width - signed) - float(power), value, limit, (value.low, high))
    if value.low < low <= value.high and low == -power:
        limit = value.from_const(low, value.hwconf, value._factor)
        value = _select(_multiples(value, width - signed) + float(power), limit, value, (low, value.high))
    overflow = "SAT" if width == 1 else precision.overflow  # in one bit, SAT_SYM is SAT
    return value.quantize(signed, width - signed, 0, overflow)


def _multiples(value: "FixedVariable", shift: int) -> "FixedVariable":
    """The multiple of ``2**shift`` at or below a code; a negative value keeps its sign bit."""
    signed, integer, _ = value.kif
    return value.quantize(signed, max(integer, shift), -shift)


def _select(
    key: "FixedVariable", negative: "FixedVariable", positive: "FixedVariable", limits: tuple[float, float]
) -> "FixedVariable":
    """The value `negative` where the key is below 0, else `positive`; the result is known to be within the limits."""
    step = float(min(negative.step, positive.step))
    return key.msb_mux(negative, positive, (float(limits[0]), float(limits[1]), step), zt_sensitive=False)


def _look_up(value: "FixedVariable", layer: DenseLayer, result: FixedPoint, output: FixedPoint) -> "FixedVariable":
    """A table of the output's codes, for each code that the value can have, or for each entry of hls4ml's table."""
    table = activation_table(layer.activation, layer.precision.table, layer.precision.table_size)

    def codes_of(indices: np.ndarray) -> np.ndarray:
        return output.requantize(table[indices], layer.precision.table.fraction).astype(float)

    if (value.high - value.low) / value.step < _MAX_TABLE_CODES:
        codes = np.arange(int(value.low), int(value.high) + 1, max(1, int(value.step)))
        entries = codes_of(table_indices(codes, int(np.max(result.fraction)), layer.activation, len(table)))
    else:
        value = _table_index(value, layer, int(np.max(result.fraction)))
        entries = codes_of(np.arange(int(value.low), int(value.high) + 1) + len(table) // 2)
    if (entries == entries[0]).all():
        return value.from_const(entries[0], value.hwconf)
    return value.lookup(entries)


def _table_index(value: "FixedVariable", layer: DenseLayer, fraction: int) -> "FixedVariable":
    """hls4ml's index, less half the table: the code divided by the entries' spacing, towards 0, and clipped."""
    size, reach = layer.precision.table_size, 2 * RANGE[layer.activation]
    if size > _MAX_TABLE_CODES or size & (size - 1):
        raise UnsupportedLayerError(
            f"layer '{layer.name}': an adder graph needs a {layer.activation} table of at most {_MAX_TABLE_CODES} entries, "
            f"a power of two, where the result has more codes. Received: table_size={size}"
        )
    shift = fraction + (reach // 2).bit_length() - (size // 2).bit_length()
    index = _round_shift(value.relu(), shift, "TRN") - _round_shift((-value).relu(), shift, "TRN")
    return _saturate(index, FixedPoint(size.bit_length() - 1, size.bit_length() - 1, overflow="SAT"))


def _limits(precision: FixedPoint) -> tuple[int, int, int]:
    return tuple(int(np.max(bound)) for bound in (precision.code_low, precision.code_high, precision.width))
