"""Prices: LUTs of keys and tables while a network grows, when its circuit is not known yet."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prices:
    """LUTs on average, by the rules of :func:`codesign.fpga.rtl.luts.cost.table_cost`.

    Args:
        addition: of a bit that is added to a sum.
        sum_share: part of the LUTs of a sum of inputs that its first key is charged: others will take it too.
        most_keys: of two tables that share a LUT, if they have the same ones.
    """

    addition: float = 0.6
    sum_share: float = 0.2
    most_keys: int = 5

    def keys(self, significant: np.ndarray) -> np.ndarray:
        """Return LUTs of comparators by the bits that they take; 0 bits are a raw bit."""
        more = 1.0 + 0.5 * np.ceil((significant - 8) / 3)
        return np.where(significant == 0, 0.0, np.where(significant <= 5, 0.5, np.where(significant <= 8, 1.0, more)))

    def tables(self, n_keys: int, most_bits: int) -> np.ndarray:
        """Return (most_bits + 1,) LUTs of tables of 0, 1, 2... bits, their additions included."""
        bits = np.arange(most_bits + 1)
        return (np.ceil(bits / 2) if n_keys <= self.most_keys else bits) + self.addition * bits
