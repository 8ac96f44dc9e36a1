"""Metrics of regression: root mean square, bias, and the width of the residuals by quantiles."""

import math
from collections.abc import Callable

import numpy as np

from codesign.data.checks import check_targets
from codesign.metrics.measured import Measured, effective_count
from codesign.metrics.scores import check_outputs

CENTRAL_SHARE = 0.68  # between the quantiles of 16 and 84 %
_Functional = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


def residuals_of(outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the residuals, outputs minus targets, (n_events, n_targets).

    Raises:
        DataError: for shapes that do not fit, or numbers that are not finite.
    """
    outputs = check_outputs(outputs)
    n_events, n_targets = outputs.shape
    return outputs - check_targets("y", np.asarray(y), n_events, tuple(map(str, range(n_targets)))).reshape(
        outputs.shape
    )


def mean_over_targets(residuals: np.ndarray, weights: np.ndarray, functional: _Functional) -> Measured:
    """Return the mean over the targets of a number of the residuals, and its error.

    The variance is the sum of squares of each event's influence (Hampel 1974) on it.

    Args:
        residuals: (n_events, n_targets).
        weights: (n_events,).
        functional: gives the number, and (n_events,) the influence function at each residual.
    """
    values, influences = zip(*(functional(column, weights) for column in residuals.T))
    influence = weights * np.mean(influences, axis=0) / weights.sum()
    return Measured(float(np.mean(values)), math.sqrt(float((influence**2).sum())), int(np.count_nonzero(weights)))


def root_mean_square(residuals: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the root of the mean square, and its influence function."""
    mean_square = float(np.average(residuals**2, weights=weights))
    root = math.sqrt(mean_square)
    return root, (residuals**2 - mean_square) / (2 * root) if root else np.zeros_like(residuals)


def bias(residuals: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean, and its influence function."""
    mean = float(np.average(residuals, weights=weights))
    return mean, residuals - mean


def half_width(residuals: np.ndarray, weights: np.ndarray, level: float = CENTRAL_SHARE) -> tuple[float, np.ndarray]:
    """Return half the distance between the quantiles that enclose the central share, and its influence function.

    Of a normal distribution, 0.68 gives 0.994 standard deviations; tails count little.
    """
    (low, low_influence), (high, high_influence) = (
        _quantile(residuals, weights, place) for place in ((1 - level) / 2, (1 + level) / 2)
    )
    return (high - low) / 2, (high_influence - low_influence) / 2


def _quantile(values: np.ndarray, weights: np.ndarray, level: float) -> tuple[float, np.ndarray]:
    """Return a weighted quantile (Hazen's, linear between the middles of the steps) and its influence function.

    That is (level - [v < q]) / density; the density is taken from the quantiles one standard error away (David and
    Nagaraja, Order Statistics, 2003, section 7.1).
    """
    order = np.argsort(values)
    steps, sorted_weights = values[order], weights[order]
    middles = (np.cumsum(sorted_weights) - sorted_weights / 2) / sorted_weights.sum()
    reach = math.sqrt(level * (1 - level) / effective_count(weights))
    ends = np.clip([level - reach, level + reach], 0, 1)
    quantile, low, high = np.interp([level, *ends], middles, steps)
    per_density = (high - low) / (ends[1] - ends[0])
    return float(quantile), (level - (values < quantile)) * per_density
