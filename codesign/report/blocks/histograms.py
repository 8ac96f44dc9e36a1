"""Distributions of outputs as data: what was trained against what was built."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError

_BINS = 48


@checked
def histogram_block(trained: np.ndarray, built: np.ndarray, names: Sequence[str], *, bins: int = _BINS) -> dict:
    """Return the distribution of every output, of the float model and of what was built.

    The bins are as wide as some steps of the built output, so that rounding makes no pattern.

    Args:
        trained: (n_events, n_outputs) of the float model.
        built: (n_events, n_outputs) of the integers.
        names: of the outputs; of one output of two classes, the second counts.
        bins: at most.

    Returns:
        The block ``outputs`` of report.json.

    Raises:
        DataError: for shapes that do not fit, or no events.

    Example:
        >>> import numpy as np
        >>> from codesign.report.blocks import histogram_block
        >>> block = histogram_block(np.array([[0.1], [0.9]]), np.array([[0.0], [1.0]]), ("signal",))
        >>> sum(block["histograms"][0]["built"])
        2
    """
    trained, built = (np.asarray(one, float).reshape(len(one), -1) for one in (trained, built))
    if trained.shape != built.shape or not len(built):
        raise DataError(f"built: expected events and outputs of trained, {trained.shape}. Received: {built.shape}")
    names = list(names)[-1:] if built.shape[1] == 1 else list(names)
    if len(names) != built.shape[1]:
        raise DataError(f"names: expected one for each of {built.shape[1]} outputs. Received: {len(names)}")
    columns = zip(names, trained.T, built.T)
    return {"events": len(built), "histograms": [_histogram(name, *pair, bins=bins) for name, *pair in columns]}


@checked
def residual_block(
    trained: np.ndarray, built: np.ndarray, y: np.ndarray, targets: Sequence[str], *, bins: int = _BINS
) -> dict:
    """Return the distributions of prediction - target of a regression, of the float model and of what was built.

    Args:
        trained, built: (n_events, n_targets), as of :func:`histogram_block`.
        y: (n_events,) or (n_events, n_targets) targets.
        targets: names.
        bins: at most.

    Returns:
        The block ``residuals`` of report.json.

    Raises:
        DataError: for shapes that do not fit, or no events.
    """
    y = np.asarray(y, float).reshape(len(y), -1)
    trained, built = (np.asarray(one, float).reshape(len(one), -1) for one in (trained, built))
    if y.shape != built.shape or y.shape != trained.shape:
        raise DataError(f"y: expected a target for each prediction, {built.shape}. Received: {y.shape}")
    return histogram_block(trained - y, built - y, targets, bins=bins)


def _histogram(name: str, trained: np.ndarray, built: np.ndarray, *, bins: int) -> dict:
    edges = _edges(trained, built, bins)
    difference = built - trained
    return {
        "name": str(name),
        "edges": [float(f"{edge:.7g}") for edge in edges],
        "float": np.histogram(np.clip(trained, edges[0], edges[-1]), edges)[0].tolist(),
        "built": np.histogram(np.clip(built, edges[0], edges[-1]), edges)[0].tolist(),
        "rms_difference": float(np.sqrt(np.mean(difference**2))),
        "largest_difference": float(np.abs(difference).max()),
    }


def _edges(trained: np.ndarray, built: np.ndarray, bins: int) -> np.ndarray:
    """From 0.1 to 99.9 % of both, the ends take what lies beyond."""
    quantiles = np.quantile([trained, built], (0.001, 0.999), axis=1)
    low, high = quantiles[0].min(), quantiles[1].max()
    values = np.unique(built)
    step = np.diff(values).min() if len(values) > 1 else 0.0
    if not high > low:
        return np.array([low - 0.5, low + 0.5])
    if not step > (high - low) / (8 * bins):  # fine enough that no pattern shows
        return np.linspace(low, high, bins + 1)
    width = step * np.ceil((high - low + step) / step / bins)
    first = values[np.searchsorted(values, low, side="right") - 1] if values[0] <= low else values[0]
    first = first - step / 2
    first -= width * max(0, np.ceil((first - low) / width))
    return first + width * np.arange(int(np.ceil((high - first) / width)) + 1)
