"""Measured: a number, its statistical error, and the events it was measured on."""

import math
from dataclasses import dataclass

import numpy as np

from codesign.data.checks import check_weights


@dataclass(frozen=True)
class Measured:
    """What a metric gives.

    Args:
        value: of the metric.
        error: its standard error from the finite number of events; None if it is not known.
        events: number of them, those of weight 0 left out; None if it is not known.

    Example:
        >>> from codesign.metrics import Measured
        >>> print(Measured(0.6546, 0.0027, 30_000))
        0.6546 ± 0.0027
    """

    value: float
    error: float | None = None
    events: int | None = None

    def __str__(self) -> str:
        return f"{self.value:.4f}" + ("" if self.error is None else f" ± {self.error:.4f}")

    def as_dict(self) -> dict[str, float | int | None]:
        """Return plain numbers, for JSON."""
        return {"value": self.value, "error": self.error, "events": self.events}


def weights_of(weights: np.ndarray | None, n_events: int) -> np.ndarray:
    """Return (n_events,) float64 weights; ones for None.

    Raises:
        DataError: for another shape, weights that are negative, NaN or infinite, or none above 0.
    """
    return np.ones(n_events) if weights is None else check_weights("weights", weights, n_events).astype(np.float64)


def effective_count(weights: np.ndarray) -> float:
    """Return how many events of equal weight carry as much information: (sum w)^2 / sum w^2 (Kish 1965)."""
    total = float((weights**2).sum())
    return float(weights.sum()) ** 2 / total if total else 0.0


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> Measured:
    """Return the weighted mean and its error, sqrt(sum w^2 (v - mean)^2) / sum w (Cochran 1977, section 2.11).

    Of shares and equal weights that is the binomial sqrt(p (1 - p) / n).
    """
    mean = float(np.average(values, weights=weights))
    error = math.sqrt(float((weights**2 * (values - mean) ** 2).sum())) / float(weights.sum())
    return Measured(mean, error, int(np.count_nonzero(weights)))


def share_error(share: float | np.ndarray, count: float) -> float | np.ndarray:
    """Return half the width of the 68 % interval of a share counted on so many (effective) events (Wilson 1927).

    Unlike the binomial sqrt(p (1 - p) / n), which it approaches, it is not 0 where none or all were counted.
    """
    return np.sqrt(np.maximum(share * (1 - share), 0) / count + 0.25 / count**2) / (1 + 1 / count)
