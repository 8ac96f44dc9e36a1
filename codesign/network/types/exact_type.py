"""The narrowest types that hold constants."""

import numpy as np

from codesign.network.types.fixed_point import FixedPoint

_WIDEST_EXACT = 20  # a scale that is not a power of two needs the 24 bits of single precision
_WIDEST_CONSTANT = 48  # single precision holds each value, and they differ by some powers of two


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
