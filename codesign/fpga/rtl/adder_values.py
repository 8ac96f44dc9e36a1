"""The operations on one traced value of da4ml beside its own sums: rounding, overflow, cuts, division by a constant.

A value is an integer code that an adder graph will hold. da4ml has no rounding half to even, wraps negative values into
an unsigned type of more bits than they have wrongly, and treats constants by other rules: those are done here.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import FixedPoint

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable

_MAX_PRODUCT_BITS = 48  # da4ml finds widths by log2 in double precision, which is exact up to here


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
    return wrap(rounded, precision) if precision.overflow == "WRAP" else saturate(rounded, precision)


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


def saturate(value: "FixedVariable", precision: FixedPoint) -> "FixedVariable":
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


def relu(value: "FixedVariable") -> "FixedVariable":
    """Return ``max(value, 0)``."""
    return value.relu() if value.low != value.high else value.from_const(max(0, int(value.low)), value.hwconf)


def clip(value: "FixedVariable", low: int, high: int) -> "FixedVariable":
    """Return ``min(max(value, low), high)``."""
    if value.low < low:
        value = relu(value - float(low)) + float(low)
    return value if value.high <= high else -relu(-value + float(high)) + float(high)


def larger(first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    """Return ``max(first, second)``."""
    value, other = _constant_last(first, second)
    return value.max_of(other)


def smaller(first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    """Return ``min(first, second)``."""
    value, other = _constant_last(first, second)
    return value.min_of(other)


def _constant_last(first: "FixedVariable", second: "FixedVariable") -> tuple["FixedVariable", "FixedVariable"]:
    """A constant behind, and of the other's sign: da4ml selects the wrong one of values that it keeps as negatives."""
    if first.low == first.high:
        first, second = second, first
    if second.low == second.high:
        second = first.from_const(float(second.low), first.hwconf, first._factor)
    return first, second


def is_at_least(first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    """Return 1 where ``first >= second``, else 0: the complement of the sign of the difference."""
    above = first - second
    if above.low >= 0 or above.high < 0:
        return above.from_const(float(above.low >= 0), above.hwconf)
    width = max(int(above.high), int(-above.low) - 1).bit_length()
    return floor_shift(above, width) + 1.0


def chosen(bit: "FixedVariable", first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    """Return `first` where a bit is 1, else `second`."""
    if bit.low == bit.high:
        return first if bit.low == 1 else second
    low, high = min(first.low, second.low), max(first.high, second.high)
    if low == high:
        return first
    if first.low == first.high:
        first = first.from_const(float(first.low), first.hwconf, second._factor)
    if second.low == second.high:
        second = second.from_const(float(second.low), second.hwconf, first._factor)
    return _select(bit - 1.0, second, first, (low, high))


def balanced(join: Callable[..., "FixedVariable"], values: Iterable["FixedVariable"]) -> "FixedVariable":
    """Join values two by two, the earliest first, so that the result is early."""
    waiting = list(values)
    while len(waiting) > 1:
        waiting.sort(key=lambda value: value.latency)
        waiting.append(join(waiting.pop(0), waiting.pop(0)))
    return waiting[0]


def floor_shift(value: "FixedVariable", shift: int) -> "FixedVariable":
    """Divide a code by ``2**shift``, towards minus infinity."""
    if value.low == value.high:
        return value.from_const(float(np.floor(float(value.low) * 2.0**-shift)), value.hwconf)
    return _round_shift(value, shift, "TRN")


def divide(value: "FixedVariable", divisor: int) -> "FixedVariable":
    """Divide a code by a constant, towards 0.

    With a magnitude m of at most M, ``floor(m / d) = floor(m f / 2**k)`` for ``f = ceil(2**k / d)`` if ``(d f - 2**k) M
    < 2**k``: the product is then above the quotient by less than one d-th (Granlund and Montgomery, 1994).

    Raises:
        PrecisionError: for products that are too wide.
    """
    largest = int(max(-value.low, value.high))
    shift = next(k for k in range(2 * largest.bit_length() + 2) if (-(2**k) % divisor) * largest < 2**k)
    factor = -(-(2**shift) // divisor)
    if (largest * factor).bit_length() > _MAX_PRODUCT_BITS:
        raise PrecisionError(
            f"an adder graph divides by {divisor} within {_MAX_PRODUCT_BITS} bits. Received: "
            f"{(largest * factor).bit_length()}; narrow the type of what it takes, or take the mean of a power of two"
        )
    above, below = (floor_shift(relu(part) * float(factor), shift) for part in (value, -value))
    return above - below


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


def _multiples(value: "FixedVariable", shift: int) -> "FixedVariable":
    """The multiple of ``2**shift`` at or below a code; a negative value keeps its sign bit."""
    signed, integer, _ = value.kif
    return value.quantize(signed, max(integer, shift), -shift)


def _select(
    key: "FixedVariable", negative: "FixedVariable", positive: "FixedVariable", limits: tuple[float, float]
) -> "FixedVariable":
    """The value `negative` where the key is below 0, else `positive`; the result is known to be within the limits.

    A key that da4ml keeps as its negative, which may have no sign, is asked for the opposite: it is below 0 exactly
    where its negative, less a step, is not.
    """
    if key._factor < 0:
        return _select(-key - float(key.step), positive, negative, limits)
    step = float(min(negative.step, positive.step))
    return key.msb_mux(negative, positive, (float(limits[0]), float(limits[1]), step))


def _limits(precision: FixedPoint) -> tuple[int, int, int]:
    return tuple(int(np.max(bound)) for bound in (precision.code_low, precision.code_high, precision.width))
