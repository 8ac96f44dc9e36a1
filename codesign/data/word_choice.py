"""Which words a data set is given: some, or formats that are declared, or those that are found."""

from collections.abc import Sequence

import numpy as np

from codesign.data.word_formats import Formats
from codesign.data.words import Words
from codesign.errors import ConfigError

FREE = "free"
_BITS, _FREE_BITS = 12, 8


def choose_words(
    given: Words | Formats | str | None,
    x: np.ndarray,
    y: np.ndarray,
    features: Sequence[str],
    bits: int | None,
    *,
    is_done: bool = False,
) -> Words:
    """Return the words that are given, or of the formats that are declared, or found: None, or ``free``.

    Args:
        bits: of words that are found; None: 12, of free ones 8.
        is_done: whether x is in words already, which is refused.

    Raises:
        ConfigError, DataError: as :meth:`Words.find`, :meth:`Words.free`, :meth:`Words.declare`; for words of other
            features.
    """
    if is_done:
        raise ConfigError("words: expected data in physical units. Received: data that are in words already")
    if given is None:
        return Words.find(x, features, _BITS if bits is None else bits)
    if isinstance(given, str):
        if given != FREE:
            raise ConfigError(f"words: expected '{FREE}', formats by feature, or Words. Received: {given!r:.60}")
        return Words.free(x, y, features, _FREE_BITS if bits is None else bits)
    if not isinstance(given, Words):
        return Words.declare(given, x, features)
    if given.features != tuple(features):
        received = ", ".join(given.features)
        raise ConfigError(f"words: expected those of {', '.join(features)}. Received: {received}")
    return given
