"""What people have as labels that are no whole numbers from 0, and how to make such of them."""

import numpy as np

RENUMBER = "number them: classes, y = numpy.unique(y, return_inverse=True)"


def labels_cure(y: np.ndarray) -> str:
    """Return what to do to make labels of an array, (n_events,) whole numbers from 0; empty where nothing is known."""
    if y.dtype.kind in "USO":
        return f"; {RENUMBER}"
    if y.ndim == 2 and y.shape[1] == 1:
        return "; a column becomes a row by y.ravel()"
    if y.ndim == 2 and y.shape[1] > 1:
        return "; undo the one-hot encoding with y.argmax(1)"
    if y.dtype.kind == "b":
        return "; y.astype(int) makes 0 and 1 of them"
    if not y.size or y.dtype.kind not in "iuf" or not np.isfinite(y).all():
        return ""
    if (y != np.floor(y)).any():
        return "; these are no classes: of probabilities, (y > 0.5).astype(int) makes some"
    if y.min() != 0:
        return f"; {RENUMBER}"
    return "; y.astype(int) makes whole numbers of them" if y.dtype.kind == "f" else ""
