"""What events an ensemble can be trained on."""

from collections.abc import Iterable

import numpy as np

from codesign.data.checks import check_events, check_labels, check_weights
from codesign.errors import ConfigError, DataError
from codesign.train.ensemble.settings import EnsembleSettings


def checked_events(x: np.ndarray, y: np.ndarray, settings: EnsembleSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 events and labels.

    Raises:
        ConfigError: for categories that are no columns, or all of them.
        DataError: for NaN, shapes that do not fit, labels that are not 0 to n - 1, or categories beyond their number.
    """
    x, y = np.asarray(x), np.asarray(y)
    check_events("x", x, tuple(f"x{index}" for index in range(x.shape[-1] if x.ndim else 0)))
    y = y.astype(np.int64) if y.dtype.kind in "bf" and (y == np.floor(y)).all() else y
    check_labels("y", y, len(x), max(2, int(y.max(initial=0)) + 1 if y.dtype.kind in "iu" else 2))
    missing = np.setdiff1d(np.arange(max(2, int(y.max()) + 1)), y)
    if missing.size:
        raise DataError(f"y: expected events of each class from 0. Received: none of class {missing[0]}")
    columns = [column for column, _ in settings.categories]
    if len(set(columns)) < len(columns) or not all(0 <= one < x.shape[1] for one in columns):
        raise ConfigError(f"categories: expected columns from 0 to {x.shape[1] - 1}, each once. Received: {columns}")
    if len(columns) == x.shape[1]:
        raise ConfigError(f"categories: expected a column at least that is none. Received: all {len(columns)}")
    check_categories(x, settings.categories)
    return x.astype(np.float32), y


def check_categories(x: np.ndarray, categories: Iterable[tuple[int, int]]) -> None:
    """Check the columns that are embedded, each with the number of its categories.

    Raises:
        DataError: for anything but whole numbers from 0 below that; it says which column and what is there.
    """
    for column, count in categories:
        values = x[:, column]
        wrong = values[~((values >= 0) & (values < count) & (values == np.floor(values)))]
        if wrong.size:
            raise DataError(
                f"x: expected whole numbers from 0 to {count - 1} in column {column}, which is of categories. "
                f"Received: {wrong[0]:g}, in {len(wrong):,} of {len(x):,} events"
            )


def checked_weights(weights: np.ndarray | None, y: np.ndarray) -> np.ndarray:
    """Return weights of mean 1; of given ones each class has the same sum, as Adam's epsilon and the loss want it.

    Raises:
        DataError: for weights that are negative or not finite, or a class of which none is above 0.
    """
    if weights is None:
        return np.ones(len(y), np.float32)
    weights = check_weights("sample_weight", weights, len(y)).astype(np.float64)
    sums = np.bincount(y, weights)
    if not (sums > 0).all():
        raise DataError(
            f"sample_weight: expected some above 0 in each class. Received: 0 for all events of class "
            f"{int(np.flatnonzero(~(sums > 0))[0])}"
        )
    return (weights * (len(y) / len(sums) / sums)[y]).astype(np.float32)
