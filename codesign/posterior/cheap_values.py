"""Numbers that are cheap to multiply by: few digits -1, 0, 1 in canonical signed-digit form, so few adders."""

import numpy as np

from codesign.network.types.signed_digits import count_signed_digits
from codesign.refine.digit_cost import MAX_FRACTION


def cheapest_values(
    low: np.ndarray, high: np.ndarray, nearest: np.ndarray, *, max_fraction: int = MAX_FRACTION
) -> np.ndarray:
    """Return in each interval the number with the fewest digits, 0 if it lies within.

    Of several, the one with the fewest bits behind the binary point; of those, the one next to `nearest`. An interval
    so narrow that it holds no multiple of ``2**-max_fraction`` gives the multiple next to `nearest`.

    Of the numbers with the fewest digits, one is a multiple of the largest power of two that is not above the
    interval's width: from a finer one, with a digit at half that power or less, that digit doubled stays inside and
    costs nothing. So at most three are to be compared.

    Args:
        low, high, nearest: of one shape, low <= nearest <= high.

    Returns:
        Of the same shape, float64, exact.
    """
    low, high, nearest = (np.asarray(values, np.float64) for values in (low, high, nearest))
    with np.errstate(divide="ignore"):
        fraction = np.minimum(np.ceil(-np.log2(high - low)), max_fraction)
    scale = np.exp2(fraction)
    codes = np.ceil(low * scale)[..., np.newaxis] + np.arange(3)
    values = codes / scale[..., np.newaxis]
    within = values <= high[..., np.newaxis]
    codes = codes.astype(np.int64)
    best = _first(
        ~within, count_signed_digits(codes), -_trailing_zeros(codes), np.abs(values - nearest[..., np.newaxis])
    )
    chosen = np.take_along_axis(values, best, -1)[..., 0]
    chosen = np.where(within.any(-1), chosen, np.round(nearest * scale) / scale)
    return np.where((low <= 0) & (high >= 0), 0.0, chosen)


def _first(*keys: np.ndarray) -> np.ndarray:
    """Return the index, along the last axis, of the smallest by the first key, then by the second, and so on."""
    return np.lexsort(keys[::-1], axis=-1)[..., :1]


def _trailing_zeros(codes: np.ndarray) -> np.ndarray:
    return np.bitwise_count((codes & -codes) - 1).astype(np.int64)
