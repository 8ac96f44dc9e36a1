"""What the functions of this table take and give.

Arrays of traced values, each the integer code of one element of a tensor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from codesign.errors import PrecisionError
from codesign.fpga.rtl.adder_values import requantize
from codesign.network import FixedPoint
from codesign.network.ops import FixedOp, Op

MAX_BITS = 48  # da4ml finds widths by log2 in double precision, which is exact up to here


@dataclass(frozen=True, eq=False)
class TracedNode:
    """An op, the same in integers, and the types of what it takes."""

    op: Op
    fixed: FixedOp
    inputs: tuple[FixedPoint, ...]


def aligned(values: np.ndarray, precision: FixedPoint, fraction: int | None = None) -> np.ndarray:
    """Return codes of a type in the step ``2**-fraction``, by default the finest of its elements."""
    fraction = int(np.max(precision.fraction)) if fraction is None else fraction
    shift = np.broadcast_to(fraction - np.asarray(precision.fraction), values.shape)
    return each(lambda value, left: value * 2.0**left, values, shift) if shift.any() else values


def cast(values: np.ndarray, fraction: int | np.ndarray, precision: FixedPoint, *, relu: bool = False) -> np.ndarray:
    """Return codes of step ``2**-fraction`` as codes of a type: rounded, perhaps none negative, then overflown.

    Raises:
        PrecisionError: for codes of more bits than da4ml works out exactly.
    """
    check_bits(values)
    fractions = np.broadcast_to(fraction, values.shape)
    return each(partial(requantize, relu=relu), values, fractions, elements(precision, values.shape))


def elements(precision: FixedPoint, shape: tuple[int, ...]) -> np.ndarray:
    """The type of each element, each in the form per element, in which a width may be 0."""
    modes = (precision.rounding, precision.overflow)

    def element(width: int, integer: int, signed: bool) -> FixedPoint:
        return FixedPoint(np.array([width]), np.array([integer]), signed, *modes)

    return np.broadcast_to(each(element, precision.width, precision.integer, precision.signed), shape)


def each(function: Callable[..., object], *arrays: object) -> np.ndarray:
    """Return what a function gives for the elements of arrays, which broadcast, or are one shape of no axis."""
    arrays = np.broadcast_arrays(*(np.asarray(array, dtype=object) for array in arrays))
    found = np.empty(arrays[0].shape, dtype=object)
    for index in np.ndindex(found.shape):
        found[index] = function(*(array[index] for array in arrays))
    return found


def check_bits(values: np.ndarray) -> None:
    """Check that codes are worked out exactly.

    Raises:
        PrecisionError: naming their bits.
    """
    widest = max(int(max(-value.low, value.high)).bit_length() for value in values.flat)
    if widest > MAX_BITS:
        raise PrecisionError(f"expected sums within {MAX_BITS} bits. Received: {widest}; narrow its types")
