"""Leaves: the whole numbers of a table that lose least, by curvature and by the price of its bits."""

import numba
import numpy as np

_MOST_SHIFT, _MOST_ROUNDS = 2, 32


@numba.njit(cache=True)
def quantise_leaves(values: np.ndarray, curvature: np.ndarray, prices: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the best table and what it gains, its price subtracted; an empty table gains 0.

    A table of w bits has values ``offset + 2^shift * k``, k below ``2^w``; the offset costs nothing, as it becomes part
    of the output's.

    Args:
        values: (n_cells,) best values in units of the step.
        curvature: (n_cells,) of the loss in these units: a value q in the place of v loses ``curvature (v - q)^2 / 2``.
        prices: (most_bits + 1,) of the loss, of tables of 0, 1, 2... bits.

    Returns:
        (n_cells,) int64, and the gain; zeros and 0.0 if nothing pays.
    """
    best, found = 0.0, np.zeros(len(values), np.int64)
    whole = 0.5 * (curvature * values * values).sum()
    for shift in range(_MOST_SHIFT + 1):
        unit = 1 << shift
        for phase in range(unit):
            codes = np.round((values - phase) / unit)
            low, high = int(codes.min()), int(codes.max())
            for bits in range(1, len(prices)):
                span = (1 << bits) - 1
                for first in range(low, max(low, high - span) + 1):
                    lost = 0.0
                    for cell in range(len(values)):
                        code = min(max(codes[cell], first), first + span) * unit + phase
                        lost += 0.5 * curvature[cell] * (values[cell] - code) ** 2
                    gain = whole - lost - prices[bits]
                    if gain > best:
                        best = gain
                        for cell in range(len(values)):
                            code = min(max(codes[cell], first), first + span)
                            found[cell] = int(code) * unit + phase
                if high - low <= span:
                    break
    return found, best


def monotone_values(values: np.ndarray, weights: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Return values that rise, or fall, with some of their keys, near the given ones.

    Args:
        values: (2^n_keys,).
        weights: (2^n_keys,) of each.
        signs: (n_keys,) 1 to rise with a key, -1 to fall, 0 for neither; the first key is the lowest bit.
    """
    values = values.copy()
    pairs = [
        (sign, np.flatnonzero(np.arange(len(values)) >> place & 1 == 0), 1 << place) for place, sign in enumerate(signs)
    ]
    for _ in range(_MOST_ROUNDS):
        before = values.copy()
        for sign, low, apart in pairs:
            wrong = low[sign * (values[low + apart] - values[low]) < 0]
            total = weights[wrong] + weights[wrong + apart]
            mean = (weights[wrong] * values[wrong] + weights[wrong + apart] * values[wrong + apart]) / total
            values[wrong] = values[wrong + apart] = mean
        if np.allclose(values, before):
            break
    for sign, low, apart in pairs:
        if sign:
            larger = np.maximum(sign * values[low], sign * values[low + apart])
            values[low + apart] = sign * larger
    return values
