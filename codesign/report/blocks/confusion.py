"""The confusion matrix as data."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError


@checked
def confusion_block(
    decisions: np.ndarray, y: np.ndarray, classes: Sequence[str], *, weights: np.ndarray | None = None
) -> dict:
    """Return how many events of each true class (rows) were decided to be of which class (columns).

    Args:
        decisions: (n_events,) classes, as :func:`codesign.fpga.decide` returns them.
        y: (n_events,) labels.
        classes: names, in the order of the labels.
        weights: (n_events,) of the events; counts are then sums of them.

    Returns:
        The block ``confusion`` of report.json.

    Raises:
        DataError: for shapes that do not fit, or labels that are not those of the classes.

    Example:
        >>> import numpy as np
        >>> from codesign.report.blocks import confusion_block
        >>> confusion_block(np.array([0, 1, 1]), np.array([0, 0, 1]), ("g", "q"))["counts"]
        [[1, 1], [0, 1]]
    """
    n, decisions, y = len(classes), np.asarray(decisions), np.asarray(y)
    if decisions.shape != y.shape or y.ndim != 1 or (weights is not None and np.shape(weights) != y.shape):
        raise DataError(f"decisions: expected one for each label, {y.shape}. Received: {decisions.shape}")
    for name, labels in (("decisions", decisions), ("y", y)):
        if labels.size and not (0 <= labels.min() and labels.max() < n):
            raise DataError(f"{name}: expected 0 to {n - 1}. Received: {labels.min()} to {labels.max()}")
    cells = y.astype(np.int64) * n + decisions.astype(np.int64)
    counts = np.bincount(cells, weights, minlength=n * n).reshape(n, n)
    return {"classes": [str(name) for name in classes], "counts": counts.tolist()}
