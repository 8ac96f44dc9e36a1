"""Which words a data set is given: some, or formats that are declared, or those that are found."""

from collections.abc import Sequence

import numpy as np

from codesign.data.word_formats import Formats
from codesign.data.words import Words
from codesign.errors import ConfigError


def choose_words(
    given: Words | Formats | None, x: np.ndarray, features: Sequence[str], bits: int, *, is_done: bool = False
) -> Words:
    """Return the words that are given, or of the formats that are declared, or None: that are found.

    Args:
        is_done: whether x is in words already, which is refused.

    Raises:
        ConfigError, DataError: as :meth:`Words.find` and :meth:`Words.declare`; for words of other features.
    """
    if is_done:
        raise ConfigError("words: expected data in physical units. Received: data that are in words already")
    if given is None:
        return Words.find(x, features, bits)
    if not isinstance(given, Words):
        return Words.declare(given, x, features)
    if given.features != tuple(features):
        received = ", ".join(given.features)
        raise ConfigError(f"words: expected those of {', '.join(features)}. Received: {received}")
    return given
