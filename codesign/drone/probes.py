"""Events to ask a teacher about, where there are no training events or too few."""

import numpy as np
from scipy.stats import norm, rankdata

from codesign.errors import ConfigError, DataError


def bootstrap_probes(x: np.ndarray, n_events: int, *, noise: float = 0.1, seed: int = 0) -> np.ndarray:
    """Draw events with replacement and add Gaussian noise: ``x[i] + noise * std(x) * N(0, 1)``.

    Args:
        x: (n, n_inputs) real events.
        n_events: how many to draw.
        noise: in standard deviations of each feature.
        seed: of the draw.

    Returns:
        (n_events, n_inputs) float32; features stay within the range of `x`.

    Raises:
        DataError: for events with NaN, or none.
        ConfigError: for a negative noise, or no events to draw.
    """
    x = _finite(x)
    _check_count(n_events)
    if noise < 0:
        raise ConfigError(f"noise: expected at least 0 standard deviations. Received: {noise}")
    rng = np.random.default_rng(seed)
    drawn = x[rng.integers(0, len(x), n_events)]
    noisy = drawn + noise * x.std(0) * rng.normal(size=drawn.shape)
    return np.clip(noisy, x.min(0), x.max(0)).astype(np.float32)


def box_probes(low: np.ndarray, high: np.ndarray, n_events: int, *, seed: int = 0) -> np.ndarray:
    """Draw events uniformly between two limits of each feature.

    Args:
        low, high: (n_inputs,) limits.
        n_events: how many to draw.
        seed: of the draw.

    Returns:
        (n_events, n_inputs) float32.

    Raises:
        ConfigError: for limits that do not fit together, or no events to draw.
    """
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    _check_count(n_events)
    if low.ndim != 1 or low.shape != high.shape or not np.isfinite([low, high]).all() or (low > high).any():
        raise ConfigError(
            f"low, high: expected as many limits of each, low at most high. "
            f"Received: shapes {low.shape} and {high.shape}, or low above high"
        )
    return np.random.default_rng(seed).uniform(low, high, (n_events, len(low))).astype(np.float32)


def copula_probes(
    quantiles: np.ndarray,
    n_events: int,
    *,
    levels: np.ndarray | None = None,
    correlation: np.ndarray | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Draw events of a Gaussian copula: each feature as its quantiles say, the features correlated.

    ``x_j = Q_j(Phi(z_j))`` with z normal of this correlation; between two quantiles Q is linear.

    Args:
        quantiles: (n_levels, n_inputs) of each feature, not falling.
        n_events: how many to draw.
        levels: (n_levels,) rising, from 0 to 1; equally spaced by default. Beyond the first and the last, x is that
            quantile.
        correlation: (n_inputs, n_inputs) of z; none by default.
        seed: of the draw.

    Returns:
        (n_events, n_inputs) float32.

    Raises:
        ConfigError: for quantiles that fall, levels outside [0, 1], or a matrix that is no correlation.
        DataError: for NaN.
    """
    quantiles = _finite(quantiles, "quantiles")
    _check_count(n_events)
    levels = np.linspace(0, 1, len(quantiles)) if levels is None else np.asarray(levels, np.float64)
    if (
        levels.shape != (len(quantiles),)
        or len(levels) < 2
        or not ((np.diff(levels) > 0).all() and levels[0] >= 0 and levels[-1] <= 1)
    ):
        raise ConfigError(
            f"levels: expected {len(quantiles)} rising numbers from 0 to 1, at least 2. Received: shape {levels.shape}"
        )
    if (np.diff(quantiles, axis=0) < 0).any():
        raise ConfigError(
            "quantiles: expected rows that do not fall. "
            f"Received: a fall in feature {int((np.diff(quantiles, axis=0) < 0).any(0).argmax())}"
        )
    root = _root_of(
        np.eye(quantiles.shape[1]) if correlation is None else np.asarray(correlation, np.float64), quantiles.shape[1]
    )
    uniform = norm.cdf(np.random.default_rng(seed).normal(size=(n_events, len(root))) @ root.T)
    return np.stack([np.interp(u, levels, q) for u, q in zip(uniform.T, quantiles.T)], 1).astype(np.float32)


def copula_of(x: np.ndarray, *, n_levels: int = 201) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles and the correlation of events, for :func:`copula_probes`.

    Two tables that stand for the events.

    Args:
        x: (n_events, n_inputs), at least 2 events.
        n_levels: equally spaced quantiles, at least 2.

    Returns:
        (n_levels, n_inputs) quantiles and (n_inputs, n_inputs) correlation of the normal scores.

    Raises:
        DataError: for events with NaN, or fewer than 2.
        ConfigError: for fewer than 2 levels.
    """
    x = _finite(x)
    if n_levels < 2 or len(x) < 2:
        raise ConfigError(f"n_levels, x: expected at least 2 levels and 2 events. Received: {n_levels}, {len(x)}")
    scores = norm.ppf(rankdata(x, axis=0) / (len(x) + 1))
    std = scores.std(0)
    scores = (scores - scores.mean(0)) / np.where(std > 0, std, 1.0)
    correlation = scores.T @ scores / len(x)
    np.fill_diagonal(correlation, 1.0)
    return np.quantile(x, np.linspace(0, 1, n_levels), axis=0), correlation


def _root_of(correlation: np.ndarray, n_inputs: int) -> np.ndarray:
    """Return a square root; eigenvalues that rounding made negative count as 0."""
    fits = (
        correlation.shape == (n_inputs, n_inputs)
        and np.isfinite(correlation).all()
        and np.allclose(correlation, correlation.T)
    )
    if not fits or not np.allclose(np.diag(correlation), 1):
        raise ConfigError(
            f"correlation: expected a symmetric ({n_inputs}, {n_inputs}) matrix with 1 on its diagonal. "
            f"Received: shape {correlation.shape}"
        )
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < -1e-6:
        raise ConfigError(f"correlation: expected no negative eigenvalue. Received: {values[0]:.3g}")
    return vectors * np.sqrt(np.maximum(values, 0))


def _finite(x: np.ndarray, name: str = "x") -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2 or 0 in x.shape or x.dtype.kind not in "fiu":
        raise DataError(f"{name}: expected numbers of shape (n, n_inputs). Received: {x.dtype} of shape {x.shape}")
    if not np.isfinite(x).all():
        raise DataError(
            f"{name}: expected finite numbers. Received: NaN or inf in {int((~np.isfinite(x)).any(1).sum())} of "
            f"{len(x)} rows"
        )
    return x.astype(np.float64)


def _check_count(n_events: int) -> None:
    if not isinstance(n_events, (int, np.integer)) or n_events < 1:
        raise ConfigError(f"n_events: expected an integer of at least 1. Received: {n_events}")
