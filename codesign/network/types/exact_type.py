"""The narrowest types that hold constants."""

from collections.abc import Sequence

import numpy as np

from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, joined_types

_WIDEST_EXACT = 20  # a scale that is not a power of two needs the 24 bits of single precision
_WIDEST_CONSTANT = 48  # single precision holds each value, and they differ by some powers of two
_LIMIT_BITS = 16
_MANTISSA = 53


def exact_type(values: np.ndarray, *, widest: int = _WIDEST_EXACT) -> FixedPoint | None:
    """Return the narrowest signed type of at most `widest` bits that holds all values exactly, or None if none does."""
    integer = FixedPoint.covering(values, widest, signed=True).integer
    for fraction in range(1 - integer, widest - integer + 1):
        scaled = values * 2.0**fraction
        if np.array_equal(scaled, np.rint(scaled)):
            return FixedPoint(integer + fraction, integer)
    return None


def constant_type(values: np.ndarray) -> FixedPoint:
    """Return a type for constants that were trained without one.

    Exact, but for values 2^24 times smaller than the largest.
    """
    exact = exact_type(values, widest=_WIDEST_CONSTANT)
    return exact or FixedPoint.covering(values, _WIDEST_CONSTANT, signed=True, rounding="RND", overflow="SAT")


def limit_type(value: float) -> FixedPoint:
    """Return the type of a number that values are compared with: exact, or of 16 bits."""
    values = np.array([value])
    return exact_type(values) or FixedPoint.covering(values, _LIMIT_BITS, signed=True, rounding="RND")


def table_type(tables: Sequence[np.ndarray], *, widest: int = _WIDEST_CONSTANT) -> FixedPoint | None:
    """Return the type of the entries of each table, side by side, each the narrowest that holds them exactly.

    None if one needs more than `widest` bits.
    """
    types = []
    for entries in tables:
        fraction = binary_digits(entries) if entries.any() else 0
        low, high = (float(np.ldexp(limit, fraction)) for limit in (entries.min(), entries.max()))
        if max(-low, high) >= 2.0**widest:
            return None
        types.append(CodeRange(int(low), int(high), fraction).type)
    return joined_types(types)


def binary_digits(values: np.ndarray) -> int:
    """Return how many binary digits behind the point hold all values; of whole numbers with common factors of 2, less.

    -53 where every value is 0.
    """
    mantissa, exponent = np.frexp(values[values != 0])
    codes = (mantissa * 2.0**_MANTISSA).astype(np.int64)
    return int(np.max(_MANTISSA - exponent - np.log2(codes & -codes), initial=-_MANTISSA))
