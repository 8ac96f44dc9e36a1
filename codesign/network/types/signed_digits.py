"""The digits that a multiplication by a constant costs."""

import numpy as np


def count_signed_digits(codes: np.ndarray) -> np.ndarray:
    """Return how many digits of the canonical signed-digit form are not zero.

    The bits of ``n xor 3 n`` (Reitwiesner 1960).

    Args:
        codes: any shape, magnitudes below 2**61.
    """
    magnitudes = np.abs(np.asarray(codes, np.int64))
    return np.bitwise_count(magnitudes ^ (3 * magnitudes)).astype(np.int64)
