"""From a network's outputs to one score a class, as a ROC curve or a comparator behind the network takes it."""

import numpy as np

from codesign.data.labels import labels_cure
from codesign.errors import DataError


def check_outputs(outputs: np.ndarray) -> np.ndarray:
    """Return (n_events, n_outputs) float64; one output may be (n_events,).

    Raises:
        DataError: for no events, another shape, or values that are NaN or infinite.
    """
    outputs = np.asarray(outputs)
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    if outputs.ndim != 2 or not outputs.size:
        raise DataError(f"outputs: expected shape (n_events, n_outputs). Received: {outputs.shape}")
    if outputs.dtype.kind not in "biuf":
        raise DataError(f"outputs: expected numbers. Received: {outputs.dtype}")
    outputs = outputs.astype(np.float64)
    if not np.isfinite(outputs).all():
        bad = int((~np.isfinite(outputs)).any(1).sum())
        raise DataError(f"outputs: expected finite numbers. Received: NaN or inf in {bad} of {len(outputs)} events")
    return outputs


def check_classes(y: np.ndarray, n_events: int, n_outputs: int) -> np.ndarray:
    """Return y as (n_events,) int64.

    Raises:
        DataError: for labels that are not 0 to n_outputs - 1; of one output, 0 and 1.
    """
    y, most = np.asarray(y), max(2, n_outputs) - 1
    if y.shape != (n_events,) or y.dtype.kind not in "biuf":
        given = f"{y.dtype} of shape {y.shape}{labels_cure(y)}"
        raise DataError(f"y: expected one label for each of {n_events} events. Received: {given}")
    bad = np.count_nonzero(~((y >= 0) & (y <= most) & (y == np.floor(y))))
    if bad:
        given = f"others in {bad} of {n_events} events{labels_cure(y)}"
        raise DataError(f"y: expected whole numbers from 0 to {most}, one for each class. Received: {given}")
    return y.astype(np.int64)


def finite_scores(name: str, scores: np.ndarray, n_events: int) -> np.ndarray:
    """Return (n_events,) float64; scores may be the (n_events, 1) of a network.

    Raises:
        DataError: for another number of scores than of labels, another shape, text, NaN or inf.
    """
    scores = np.asarray(scores)
    if scores.shape not in ((n_events,), (n_events, 1)) or scores.dtype.kind not in "biuf":
        given = f"{len(scores)}" if scores.ndim == 1 and len(scores) != n_events else f"shape {scores.shape}"
        given += "" if scores.dtype.kind in "biuf" else f" of {scores.dtype}"
    elif not np.isfinite(scores).all():
        given = f"NaN or inf in {int((~np.isfinite(scores)).sum())} of {n_events}"
    else:
        return scores.astype(np.float64).reshape(-1)
    raise DataError(f"{name}: expected {n_events} finite scores, one for each label. Received: {given}")


def check_both_kinds(is_signal: np.ndarray, weights: np.ndarray, label: object) -> None:
    """Check that there are events of a class, and others.

    Raises:
        DataError: if there are not: no ROC curve can be drawn then.
    """
    counted = is_signal[weights > 0]
    if not counted.any() or counted.all():
        given = "no others" if counted.size and counted.all() else "none of it"
        raise DataError(
            f"y: expected events of class {label} and others, as a ROC curve needs. Received: {given} among "
            f"{len(counted)} events; measure on events of several classes, or by another metric"
        )


def margins(outputs: np.ndarray, label: int) -> np.ndarray:
    """Return (n_events,) scores of a class that a comparator behind the network can cut on: exact, without a softmax.

    Of one output it is that output for class 1, and minus it for class 0; of several, the output of the class minus the
    largest of the others, which is a whole number of steps of the outputs' types.

    Args:
        outputs: (n_events, n_outputs) of a network, before any softmax.
        label: of the class.
    """
    if outputs.shape[1] == 1:
        return outputs[:, 0] if label else -outputs[:, 0]
    return outputs[:, label] - np.delete(outputs, label, 1).max(1)


def log_odds(outputs: np.ndarray, label: int) -> np.ndarray:
    """Return (n_events,) scores that rank events as the softmax probability of a class does, without its saturation.

    ``log(p / (1 - p))``, with p the softmax of the outputs: ``o_c - log sum_k!=c exp(o_k)``. One output is taken as it
    is, and minus it for class 0.

    Args:
        outputs: (n_events, n_outputs) before any softmax; of probabilities, give their logarithms.
        label: of the class.
    """
    if outputs.shape[1] <= 2:
        return margins(outputs, label)
    others = np.sort(np.delete(outputs, label, 1), 1)  # equal events tie, whatever order their classes are in
    largest = others[:, -1]
    return outputs[:, label] - largest - np.log(np.exp(others - largest[:, None]).sum(1))
