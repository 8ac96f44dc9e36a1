"""Splits as they are computed: the number from which a comparison of floats goes right, and splits that are none."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """A split that is more than one threshold.

    Args:
        feature: that it looks at.
        threshold: goes right from here on; None: categories decide.
        categories: whole numbers that go right, or left where `others_right`; a number between two belongs to the
            lower one.
        others_right: whether numbers that are none of the categories go right.
        towards_zero: a number between -1 and 0 belongs to category 0, as in LightGBM.
        exception: value, half width and direction of the one number that goes its own way, such as a value that stands
            for a missing one; None: none.
    """

    feature: int
    threshold: float | None = None
    categories: frozenset[int] = frozenset()
    others_right: bool = False
    towards_zero: bool = False
    exception: tuple[float, float, bool] | None = None

    def ends(self) -> list[float]:
        """Return the numbers from which on the direction may change."""
        ends = [] if self.threshold is None else [self.threshold]
        for category in self.categories:
            first = float(category) if category or not self.towards_zero else float(np.nextafter(-1.0, 0.0))
            ends += [first, category + 1.0]
        if self.exception is not None:
            value, width, _ = self.exception
            ends += [value - width, float(np.nextafter(value + width, np.inf))]
        return ends

    def goes_right(self, x: np.ndarray) -> np.ndarray:
        """Return (n,) bool for (n,) values."""
        if self.threshold is not None:
            right = x >= self.threshold
        else:
            known = np.array(sorted(self.categories), np.float64)
            whole = np.trunc(x) if self.towards_zero else np.floor(x)
            right = np.isin(whole, known) != self.others_right
        if self.exception is None:
            return right
        value, width, way = self.exception
        return np.where(np.abs(x - value) <= width, way, right)


def from_at_least_single(threshold: np.ndarray) -> np.ndarray:
    """Return the smallest float64 whose rounding to float32 is at least the threshold, a float32.

    ``float32(x) >= t``, as XGBoost compares, is ``x >= v`` for every float64 x: v is the middle of t and the float32
    below it, or the float64 above the middle where a tie rounds down.
    """
    threshold = np.asarray(threshold, np.float32)
    with np.errstate(over="ignore"):
        middle = threshold.astype(np.float64) / 2 + np.nextafter(threshold, np.float32(-np.inf)).astype(np.float64) / 2
        rounds_up = middle.astype(np.float32) >= threshold
    return np.where(rounds_up, middle, np.nextafter(middle, np.inf))


def from_above_single(threshold: np.ndarray) -> np.ndarray:
    """Return v with ``float32(x) > t`` where ``x >= v``, for float64 x and t, as scikit-learn compares."""
    threshold = np.asarray(threshold, np.float64)
    with np.errstate(over="ignore"):
        single = threshold.astype(np.float32)
    above = np.where(single > threshold, single, np.nextafter(single, np.float32(np.inf)))
    return from_at_least_single(above)


def from_above(threshold: np.ndarray) -> np.ndarray:
    """Return v with ``x > t`` where ``x >= v``, for float64 x and t, as LightGBM compares."""
    return np.nextafter(np.asarray(threshold, np.float64), np.inf)
