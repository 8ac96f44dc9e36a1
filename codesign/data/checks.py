"""What the arrays of a Dataset must be: each check is one line that names the array, what came, and what to do."""

from collections.abc import Sequence

import numpy as np

from codesign.data.labels import RENUMBER, labels_cure
from codesign.errors import DataError


def check_rows(name: str, x: np.ndarray) -> None:
    """Check that an array holds events in rows.

    Raises:
        DataError: for another number of axes, which it says how to change, or no events or features.
    """
    if x.ndim == 2 and x.size:
        return
    if 0 in x.shape[:1]:
        raise DataError(f"{name}: expected at least one event. Received: none, shape {x.shape}; see what selected them")
    cure = f"; {name}.reshape(len({name}), -1) makes a row of each event" if x.ndim != 2 and x.ndim else ""
    raise DataError(f"{name}: expected shape (n_events, n_features), with features. Received: {x.shape}{cure}")


def check_events(name: str, x: np.ndarray, features: tuple[str, ...]) -> None:
    """Check that an array holds finite numbers that networks can take, one for each feature.

    Raises:
        DataError: for anything else; it names the feature.
    """
    check_rows(name, x)
    if x.shape[1] != len(features):
        raise DataError(
            f"{name}: expected shape (n_events, {len(features)}) for the {len(features)} named features. "
            f"Received: {x.shape}"
        )
    if x.dtype.kind not in "fiu":
        raise DataError(f"{name}: expected numbers. Received: {x.dtype}")
    bad = ~np.isfinite(x)
    if bad.any():
        worst = int(bad.sum(0).argmax())
        raise DataError(
            f"{name}: expected finite numbers. Received: NaN or inf in {int(bad.any(1).sum())} of {len(x)} events, "
            f"most in feature '{features[worst]}'; remove or impute them"
        )
    largest = max(float(x.max()), -float(x.min()))
    if largest > float(np.finfo(np.float32).max):
        raise DataError(
            f"{name}: expected magnitudes that float32 holds, as networks do. Received: {largest:g}; rescale the "
            "feature"
        )


def check_labels(name: str, y: np.ndarray, n_events: int, n_classes: int) -> None:
    """Check that an array holds the label of each event, a whole number from 0.

    Raises:
        DataError: for anything else; it says how to make labels of what came.
    """
    if y.shape != (n_events,) or y.dtype.kind not in "iu":
        given = f"{y.dtype} of shape {y.shape}{labels_cure(y)}"
        raise DataError(f"{name}: expected {n_events} integer labels. Received: {given}")
    if y.min() < 0 or y.max() >= n_classes:
        given = f"{y.min()} to {y.max()}{labels_cure(y) or '; name every class in classes'}"
        raise DataError(f"{name}: expected labels 0 to {n_classes - 1}, of {n_classes} classes. Received: {given}")


def check_signal(name: str, y: np.ndarray) -> np.ndarray:
    """Return (n_events,) bool: which events are signal, of labels 0 and 1, or flags.

    Raises:
        DataError: for other labels, or another shape; it says how to make such labels of what came.
    """
    y = np.asarray(y)
    if y.ndim == 1 and y.dtype.kind in "biuf" and np.isin(y, (0, 1)).all():
        return y == 1
    given, cure = f"{y.dtype} of shape {y.shape}", labels_cure(y)
    if y.ndim == 1 and y.dtype.kind in "iuf":
        values = np.unique(y)
        others = values[~np.isin(values, (0, 1))]
        given = f"{others[0]:g} in {int((~np.isin(y, (0, 1))).sum())} of {len(y)} events"
        cure = f"; {RENUMBER}" if len(values) == 2 else "; y == c says which are of class c"
    raise DataError(f"{name}: expected a label of each event, 0 or 1, 1 for signal. Received: {given}{cure}")


def check_targets(name: str, y: np.ndarray, n_events: int, targets: tuple[str, ...]) -> np.ndarray:
    """Return what a regression is of as floats: (n_events,) of one target, (n_events, n_targets) of several.

    Raises:
        DataError: for another shape, what are no numbers, or NaN or inf; it names the target.
    """
    shape = (n_events,) if len(targets) == 1 else (n_events, len(targets))
    y = y[:, 0] if len(targets) == 1 and y.shape == (n_events, 1) else y
    if y.shape != shape or y.dtype.kind not in "fiu":
        raise DataError(
            f"{name}: expected numbers of shape {shape}, for {len(targets)} named targets. Received: {y.dtype} of "
            f"shape {y.shape}"
        )
    y = y if y.dtype.kind == "f" else y.astype(np.float64)
    bad = ~np.isfinite(y).reshape(n_events, -1)
    if bad.any():
        raise DataError(
            f"{name}: expected finite numbers. Received: NaN or inf in {int(bad.any(1).sum())} of {n_events} events, "
            f"most in target '{targets[int(bad.sum(0).argmax())]}'; remove these events"
        )
    return y


def check_weights(name: str, weights: np.ndarray, n_events: int) -> np.ndarray:
    """Return the weights of events as floats.

    Raises:
        DataError: for another shape, what are no numbers, negative or not finite ones, or zeros alone.
    """
    weights = np.asarray(weights)
    if weights.shape != (n_events,) or weights.dtype.kind not in "fiu":
        raise DataError(
            f"{name}: expected {n_events} numbers, one for each event. Received: {weights.dtype} of shape "
            f"{weights.shape}"
        )
    weights = weights if weights.dtype.kind == "f" else weights.astype(np.float64)
    if not np.isfinite(weights).all():
        bad = int((~np.isfinite(weights)).sum())
        raise DataError(f"{name}: expected finite numbers. Received: NaN or inf in {bad} of {n_events} events")
    if (weights < 0).any():
        raise DataError(
            f"{name}: expected 0 or above. Received: {int((weights < 0).sum())} of {n_events} negative, the least "
            f"{weights.min():g}, with which a loss has no minimum; leave these events out, or take numpy.abs of the "
            "weights (which makes another sample of it)"
        )
    if not weights.any():
        raise DataError(f"{name}: expected an event that counts. Received: 0 for each of {n_events}")
    return weights


def check_names(values: np.ndarray, what: str, path: object) -> tuple[str, ...]:
    """Return names that can go into tables, comments of C++ and figures.

    Raises:
        DataError: for what is no list of names, or a name that does not print.
    """
    if values.ndim != 1 or values.dtype.kind not in "Ufiu":
        raise DataError(f"{what}: expected a list of names in {path}. Received: {values.dtype} of shape {values.shape}")
    names = tuple(map(str, values))
    strange = next((name for name in names if not name or not name.isprintable()), None)
    if strange is not None:
        raise DataError(f"{what}: expected printable names in {path}. Received: {strange!r:.60}")
    return names


def check_several_classes(classes: Sequence[str]) -> None:
    """Refuse a classification of one class, which any network gets right; a regression has none.

    Raises:
        DataError: it names the class.
    """
    if len(classes) == 1:
        raise DataError(
            f"data: expected events of two classes or more. Received: '{classes[0]}' alone; add events of another"
        )


def check_in_training(name: str, y: np.ndarray, classes: Sequence[str], weights: np.ndarray | None = None) -> None:
    """Check that each class has a training event that counts.

    Args:
        name: of what holds the labels, for the message.
        y: (n_events,) labels of the training events.
        classes: names of 0, 1, ...
        weights: of these events; one of 0 does not count.

    Raises:
        DataError: it names the classes that have none.
    """
    missing = classes_without(y, classes, weights)
    if missing:
        raise DataError(
            f"{name}: expected training events of each of the {len(classes)} classes. Received: none of {missing}; "
            "leave the class out and renumber the labels, or add events of it"
        )


def classes_without(y: np.ndarray, classes: Sequence[str], weights: np.ndarray | None = None) -> str:
    """Return the classes that have no event that counts, as text."""
    present = set(np.unique(y if weights is None else y[weights > 0]).tolist())
    return ", ".join(f"class '{name}'" for label, name in enumerate(classes) if label not in present)
