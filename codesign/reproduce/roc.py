"""Areas under ROC curves, and curves of them compared at equal cost."""

from collections.abc import Sequence

import numpy as np


def roc_auc(scores: np.ndarray, is_signal: np.ndarray) -> float:
    """Return the probability that a signal event scores above another one, ties counted half.

    The area under the ROC curve.

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


def value_at(costs: Sequence[float], values: Sequence[float], cost: float) -> float | None:
    """Return the value of a curve at a cost, linear in log(cost) between its points; None outside of them."""
    order = np.argsort(costs)
    costs, values = np.asarray(costs, np.float64)[order], np.asarray(values, np.float64)[order]
    if not costs[0] <= cost <= costs[-1]:
        return None
    return float(np.interp(np.log(cost), np.log(costs), values))
