"""Prices: LUTs of keys and tables while a network grows, when its circuit is not known yet."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prices:
    """LUTs on average, as the circuits of table networks take them.

    A comparator of at most five bits shares its LUT with another one. A table of at most five keys costs nothing but
    the bits of the adder that absorbs it, or half a LUT a bit at the begin of a chain of adders.

    Args:
        pair: of a comparator of 5 bits or fewer.
        carry: of a table, beside its own bits: those by which sums are wider.
        bit: of a bit of a table of five keys or fewer, its addition included.
        wide_bit: of a bit of a table of six keys, its addition included.
    """

    pair: float = 0.5
    carry: float = 1.3
    bit: float = 1.0
    wide_bit: float = 1.6

    def keys(self, significant: np.ndarray) -> np.ndarray:
        """Return LUTs of comparators by the bits that they take; 0 bits are a raw bit."""
        levels = np.ceil((significant - 1) / 5)
        return np.where(significant == 0, 0.0, np.where(significant <= 5, self.pair, levels))

    def table(self, n_keys: int) -> tuple[float, float]:
        """Return LUTs of a table: of being there, and of each of its bits."""
        return self.carry, self.bit if n_keys <= 5 else self.wide_bit
