"""Areas under ROC curves, and the errors that the test sample brings them: by DeLong, and by the bootstrap."""

import math
from collections.abc import Sequence

import numpy as np

from codesign.data.checks import check_signal
from codesign.metrics.measured import Measured, weights_of
from codesign.metrics.scores import check_both_kinds, finite_scores


def roc_auc(scores: np.ndarray, is_signal: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the area under the ROC curve: how probably signal scores above the rest, ties counted half.

    Args:
        scores: (n_events,) finite.
        is_signal: (n_events,) bool, or labels 0 and 1, with both kinds in it.
        weights: (n_events,) of the events; None: all count alike.

    Raises:
        DataError: for NaN, other labels, shapes that do not fit, events of one kind only, or weights that are none.
    """
    is_signal = check_signal("is_signal", is_signal)
    scores, weights = finite_scores("scores", scores, len(is_signal)), weights_of(weights, len(is_signal))
    check_both_kinds(is_signal, weights, 1)
    return _auc_and_influence(scores, is_signal, weights)[0]


def one_vs_rest_aucs(scores: np.ndarray, labels: np.ndarray) -> list[float]:
    """Return one AUC per class: the score of the class, its events against all others.

    Args:
        scores: (n_events, n_classes).
        labels: (n_events,) integers.
    """
    return [roc_auc(column, labels == index) for index, column in enumerate(scores.T)]


def mean_auc(scores: Sequence[np.ndarray], are_signal: Sequence[np.ndarray], weights: np.ndarray) -> Measured:
    """Return the mean of several AUCs of the same events, and its error by DeLong's method.

    Each event's influence on each AUC is DeLong, DeLong and Clarke-Pearson's structural component (Biometrics 44, 1988,
    837), here with event weights; those on the mean are summed before they are squared, so that what the AUCs share is
    not taken for independent.

    Args:
        scores: of each curve, (n_events,).
        are_signal: of each curve, (n_events,) bool.
        weights: (n_events,).
    """
    parts = [_auc_and_influence(one, signal, weights) for one, signal in zip(scores, are_signal)]
    influence = np.mean([part[1] for part in parts], axis=0)
    error = math.sqrt(float((influence**2).sum()))
    return Measured(float(np.mean([part[0] for part in parts])), error, int(np.count_nonzero(weights)))


def _auc_and_influence(scores: np.ndarray, is_signal: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the AUC and (n_events,) influences on it, whose squares sum to its variance."""
    is_signal = np.asarray(is_signal, bool)
    _, place = np.unique(scores, return_inverse=True)
    place = place.reshape(-1)  # NumPy 2.0 gives it another shape
    signal, other = (np.bincount(place, weights * kind) for kind in (is_signal, ~is_signal))
    n_signal, n_other = signal.sum(), other.sum()
    below = (np.cumsum(other) - other / 2) / n_other
    above = (n_signal - np.cumsum(signal) + signal / 2) / n_signal
    auc = float(signal @ below / n_signal)
    beaten = np.where(is_signal, below[place], above[place])
    return auc, (beaten - auc) * np.where(is_signal, *(_share(weights, kind) for kind in (is_signal, ~is_signal)))


def _share(weights: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Each event's share of its kind, with the factor that makes a variance of few events unbiased."""
    own = weights[kind]
    count = own.sum() ** 2 / (own**2).sum()
    return weights / own.sum() * math.sqrt(count / max(count - 1, 1))


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

    Raises:
        DataError: for NaN, other labels, or shapes that do not fit.
    """
    labels = check_signal("labels", labels)
    scores = finite_scores("scores", scores, len(labels))
    order = np.argsort(scores, kind="stable")
    ordered, positive = scores[order], labels[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    weights = weights[:, order]
    ones = np.add.reduceat(weights * positive, starts, axis=1)
    zeros = np.add.reduceat(weights * ~positive, starts, axis=1)
    below = np.cumsum(zeros, axis=1) - zeros
    return (ones * (below + 0.5 * zeros)).sum(1) / (ones.sum(1) * zeros.sum(1))
