"""Folds: which events each member of an ensemble leaves out, of each class as many."""

import numpy as np

from codesign.errors import DataError


def stratified_folds(
    y: np.ndarray, n_folds: int, rng: np.random.Generator, strata: np.ndarray | None = None
) -> np.ndarray:
    """Return (n_events,) the fold of each event, at random, each class (and stratum) spread evenly over all.

    Args:
        y: (n_events,) labels.
        n_folds: at most the events of the rarest class.
        rng: of the choice.
        strata: (n_events,) whole numbers; events of one are spread evenly too.

    Raises:
        DataError: for a class with fewer events than folds; it names the class.
    """
    labels, counts = np.unique(y, return_counts=True)
    if counts.min() < n_folds:
        rare = int(counts.argmin())
        raise DataError(
            f"members: expected at most the events of the rarest class, {counts[rare]} of class {labels[rare]}, each "
            f"member leaves out a fold with some. Received: {n_folds}; take fewer members, or more events"
        )
    keys = y if strata is None else np.unique(np.stack([y, strata]), axis=1, return_inverse=True)[1].reshape(-1)
    fold, begun = np.empty(len(y), np.int64), 0
    for key in np.unique(keys):
        own = rng.permutation(np.flatnonzero(keys == key))
        fold[own] = (begun + np.arange(len(own))) % n_folds  # goes on where the last class ended: folds of one size
        begun += len(own)
    return fold
