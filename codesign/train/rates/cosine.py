"""Half a cosine between two values."""

import math


def along_cosine(start: float, end: float, share: float) -> float:
    """Return ``end + (start - end) (1 + cos(pi share)) / 2``: start at share 0, end at share 1."""
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * share))
