"""Metrics of classification: accuracy, area under the ROC curve, signal efficiency at a background rate."""

import math

import numpy as np

from codesign.metrics.auc import mean_auc
from codesign.metrics.classes import find_class
from codesign.metrics.measured import Measured, effective_count, share_error, weighted_mean
from codesign.metrics.roc import roc_curve
from codesign.metrics.scores import check_both_kinds, check_classes, check_outputs, log_odds, margins
from codesign.metrics.working_point import point_within


def accuracy(outputs: np.ndarray, y: np.ndarray, weights: np.ndarray, threshold: float) -> Measured:
    """Return the share of right decisions: the largest output, or whether a single one is above the threshold."""
    outputs = check_outputs(outputs)
    y = check_classes(y, len(outputs), outputs.shape[1])
    decided = outputs.argmax(1) if outputs.shape[1] > 1 else outputs[:, 0] > threshold
    return weighted_mean((decided == y).astype(np.float64), weights)


def auc(
    outputs: np.ndarray, y: np.ndarray, weights: np.ndarray, threshold: float, *, label: int | None = None
) -> Measured:
    """Return the AUC of a class against the rest by its softmax probability; for None the mean over all classes.

    Of two classes, the AUC of both is the same.
    """
    outputs = check_outputs(outputs)
    n_classes = max(2, outputs.shape[1])
    y = check_classes(y, len(outputs), outputs.shape[1])
    labels = [find_class(label, n_classes, (), "metric")] if label is not None or n_classes == 2 else range(n_classes)
    for one in labels:
        check_both_kinds(y == one, weights, one)
    return mean_auc([log_odds(outputs, one) for one in labels], [y == one for one in labels], weights)


def signal_efficiency(
    outputs: np.ndarray, y: np.ndarray, weights: np.ndarray, threshold: float, *, level: float, label: int | None = None
) -> Measured:
    """Return the share of signal that passes the lowest threshold which lets at most a share `level` of the rest pass.

    See :func:`codesign.metrics.working_point` for the scores. It is 0 where even the highest score is that of more
    background. Its error has two parts, in quadrature: of the signal counted, and of the threshold, which the
    background counted puts in its place (Greenhouse and Mantel, Biometrics 6, 1950, 399).
    """
    outputs = check_outputs(outputs)
    label = find_class(label, max(2, outputs.shape[1]), (), "metric")
    is_signal = check_classes(y, len(outputs), outputs.shape[1]) == label
    check_both_kinds(is_signal, weights, label)
    curve = roc_curve(margins(outputs, label), is_signal, weights)
    efficiency = float(curve.efficiency[point_within(curve, level)])
    reach = share_error(level, effective_count(weights[~is_signal]))
    low, high = np.interp([level - reach, level + reach], curve.background_rate, curve.efficiency)
    error = math.hypot(share_error(efficiency, effective_count(weights[is_signal])), (high - low) / 2)
    return Measured(efficiency, error, int(np.count_nonzero(weights)))
