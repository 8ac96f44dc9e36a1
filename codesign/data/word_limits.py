"""Limits of words: how wide they may be, and whether formats that were declared hold their features."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.data.word_formats import MAX_BITS
from codesign.errors import ConfigError, DataError

if TYPE_CHECKING:
    from codesign.data.words import Words

_MOST_SATURATING = 0.01  # share of the events beyond a declared format, above which it cannot hold its feature


def check_bits(bits: int) -> None:
    """Check the most bits of a word.

    Raises:
        ConfigError: for others than 1 to 24.
    """
    if not 1 <= bits <= MAX_BITS:
        raise ConfigError(f"bits: expected 1 to {MAX_BITS}, which single precision holds. Received: {bits}")


def check_declared(words: "Words", x: np.ndarray) -> None:
    """Check that declared formats hold their features, of x, (n_events, n).

    Raises:
        DataError: if more than 1 % of the events are beyond one, or if all become one code; it names the feature.
    """
    codes, ends = words.codes(x), zip(words.low, words.high)
    for index, (name, one) in enumerate(zip(words.features, words.formats)):
        shown = f"feature '{name}', {one}"
        _check_one(shown, x[:, index], codes[:, index], next(ends), int(words.saturating[index]))


def _check_one(shown: str, values: np.ndarray, codes: np.ndarray, ends: tuple[float, float], saturating: int) -> None:
    """Check one, of a feature's values and codes, (n_events,), and the smallest and largest value that are sent."""
    if saturating > _MOST_SATURATING * len(values):
        problem, cure = "a range that holds", "give it more integer bits, or a larger scale"
        given = f"{ends[0]:.6g} to {ends[1]:.6g}, beyond which {saturating} of {len(values)} events are"
    elif np.ptp(codes) == 0 and np.ptp(values) > 0:
        problem, cure = "steps that resolve", "give it more fraction bits, or a smaller scale"
        given = f"one code, {codes[0]}, for all events"
    else:
        return
    raise DataError(
        f"words: {shown}: expected {problem} values from {values.min():.6g} to {values.max():.6g}. Received: "
        f"{given}; {cure}"
    )
