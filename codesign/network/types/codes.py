"""Arithmetic of int64 codes: a value is ``code * 2**-fraction``."""

import numpy as np

MAX_WIDTH = 62  # codes are int64, and rounding needs one bit of headroom


def round_shift(codes: np.ndarray, shift: int | np.ndarray, rounding: str) -> np.ndarray:
    """Divide int64 codes by ``2**shift`` with the given rounding; a negative shift multiplies, exactly."""
    shift = np.asarray(shift)
    if not shift.any():
        return codes
    right = np.minimum(np.maximum(shift, 0), MAX_WIDTH).astype(np.int64)
    codes = codes << np.maximum(-shift, 0).astype(np.int64)
    if not right.any() or rounding == "TRN":
        return codes >> right
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), 0)
    if rounding == "RND_CONV":  # a tie goes up only if the floor is odd
        half = half - np.where(right > 0, 1 - ((codes >> right) & 1), 0)
    return (codes + half) >> right


def shifted(codes: np.ndarray, left: int | np.ndarray) -> np.ndarray:
    """Multiply by ``2**left``, exactly; int64 stays int64 and Python integers stay Python integers."""
    if codes.dtype == object:
        return codes * np.vectorize(lambda n: 1 << int(n), otypes=[object])(left)
    return round_shift(codes, -np.asarray(left), "TRN")
