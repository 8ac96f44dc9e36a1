"""Areas under ROC curves, and the error that the test sample brings them, by the bootstrap."""

import numpy as np


def roc_auc(scores: np.ndarray, is_signal: np.ndarray) -> float:
    """Return the area under the ROC curve: how probably signal scores above the rest, ties counted half.

    Args:
        scores: (n_events,) finite.
        is_signal: (n_events,) bool, with both kinds in it.
    """
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    n_signal, n_other = int(is_signal.sum()), int((~is_signal).sum())
    return float((mean_rank[inverse][is_signal].sum() - n_signal * (n_signal + 1) / 2) / (n_signal * n_other))


def one_vs_rest_aucs(scores: np.ndarray, labels: np.ndarray) -> list[float]:
    """Return one AUC per class: the score of the class, its events against all others.

    Args:
        scores: (n_events, n_classes).
        labels: (n_events,) integers.
    """
    return [roc_auc(column, labels == index) for index, column in enumerate(scores.T)]


def bootstrap_weights(n_events: int, *, replicas: int = 100, seed: int = 12345) -> np.ndarray:
    """Return (replicas + 1, n_events) how often each event is drawn: once in the first row, then at random.

    Equal arguments give equal draws, so that two classifiers on one test sample are compared draw by draw: what they
    share cancels.
    """
    rng = np.random.default_rng(seed)
    drawn = [np.bincount(rng.integers(0, n_events, n_events), minlength=n_events) for _ in range(replicas)]
    return np.stack([np.ones(n_events, np.int64), *drawn]).astype(np.float64)


def weighted_aucs(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the AUC for each row of weights, ``P(1 scores above 0) + P(equal) / 2``: Mann and Whitney's U.

    Args:
        labels: (n_events,) of 0 and 1.
        scores: (n_events,), higher for 1.
        weights: (n_rows, n_events), at least 0.

    Returns:
        (n_rows,)
    """
    order = np.argsort(scores, kind="stable")
    ordered, positive = np.asarray(scores)[order], np.asarray(labels)[order] == 1
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    weights = weights[:, order]
    ones = np.add.reduceat(weights * positive, starts, axis=1)
    zeros = np.add.reduceat(weights * ~positive, starts, axis=1)
    below = np.cumsum(zeros, axis=1) - zeros
    return (ones * (below + 0.5 * zeros)).sum(1) / (ones.sum(1) * zeros.sum(1))
