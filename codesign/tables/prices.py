"""Prices: LUTs of keys and tables while a network grows, when its circuit is not known yet."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prices:
    """LUTs on average, by the rules of :func:`codesign.fpga.rtl.luts.cost.table_cost`.

    Args:
        table: of a table, beside its bits.
        bit: of a bit of a table of five keys or fewer, its addition included.
        wide_bit: of a bit of a table of six keys, its addition included.
    """

    table: float = 0.0
    bit: float = 1.0
    wide_bit: float = 1.5

    def keys(self, significant: np.ndarray) -> np.ndarray:
        """Return LUTs of comparators by the bits that they take; 0 bits are a raw bit."""
        more = 1.0 + 0.5 * np.ceil((significant - 8) / 3)
        return np.where(significant == 0, 0.0, np.where(significant <= 5, 0.5, np.where(significant <= 8, 1.0, more)))

    def tables(self, n_keys: int) -> tuple[float, float]:
        """Return LUTs of a table: of being there, and of each of its bits."""
        return self.table, self.bit if n_keys <= 5 else self.wide_bit
