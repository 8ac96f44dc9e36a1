"""What people have as labels: classes as text, whole numbers or flags, and targets of a regression."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from codesign.errors import DataError

_MOST_CLASSES = 100
RENUMBER = "number them: classes, y = numpy.unique(y, return_inverse=True)"


class Labels(NamedTuple):
    """What a Dataset takes: y, and the names of its classes, or of its targets."""

    y: np.ndarray
    classes: tuple[str, ...]
    targets: tuple[str, ...]


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


def settle_labels(y: np.ndarray, names: Sequence[str], task: str | None, classes: Sequence[str] = ()) -> Labels:
    """Return labels, or targets, of what a column or several hold.

    Text and whole numbers are classes, in the order of the alphabet or of the numbers; so are several columns of which
    one is 1 and the others are 0. Other numbers are the targets of a regression.

    Args:
        y: (n_events,), or (n_events, n) of several columns.
        names: of the columns.
        task: classification or regression; None leaves it to the values.
        classes: names of the classes 0, 1, ..., if they are known.

    Raises:
        DataError: for what is missing in an event, what does not fit the task, and one class, or one value, alone.
    """
    which = f"column '{names[0]}'" if len(names) == 1 else f"columns {', '.join(map(repr, names[:5]))}"
    missing = (y == "") if y.dtype.kind == "U" else ~np.isfinite(y)
    if missing.any():
        bad = int(missing.reshape(len(y), -1).any(1).sum())
        raise DataError(
            f"label: expected a value in every event. Received: none in {bad} of {len(y)} events of {which}"
        )
    if task != "regression" and (one_hot := _from_one_hot(y, names, task, which)) is not None:
        return one_hot
    if task == "regression" or y.ndim == 2 or not _are_classes(y, task, which):
        return _targets(y, names, which)
    values, labels = np.unique(y, return_inverse=True)
    if len(values) < 2:
        raise DataError(
            f"label: expected two classes or more in {which}. Received: '{_class_name(values[0])}' alone; add events "
            "of another, or give the files of each class: {signal: 'sig*', background: 'bkg*'}"
        )
    if len(classes) and y.dtype.kind != "U" and 0 <= values[0] and values[-1] < len(classes):
        return Labels(y.astype(np.int64), tuple(classes), ())
    return Labels(labels.astype(np.int64), tuple(map(_class_name, values)), ())


def _class_name(value: object) -> str:
    return str(value) if isinstance(value, str) else str(int(value))


def _from_one_hot(y: np.ndarray, names: Sequence[str], task: str | None, which: str) -> Labels | None:
    """Return the classes of columns of which one is 1, or None where they are something else."""
    if y.ndim == 1:
        return None
    if y.dtype.kind == "U":
        raise DataError(f"label: expected one column of text, or several of 0 and 1. Received: text in {which}")
    is_flag = np.isin(y, (0, 1)).all()
    one = y.sum(1) == 1
    if is_flag and one.all():
        return Labels(y.argmax(1), tuple(names), ())
    if task == "classification" or is_flag:
        given = (
            f"{int((~one).sum())} of {len(y)} events with none or several" if is_flag else "other numbers than 0 and 1"
        )
        raise DataError(
            f"label: expected a single 1 in each event, the class that it is of, in {which}. Received: {given}; "
            "task='regression' takes any numbers"
        )
    return None


def _are_classes(y: np.ndarray, task: str | None, which: str) -> bool:
    if y.dtype.kind == "U":
        n_values = len(np.unique(y))
        whole = True
    else:
        whole = bool((y == np.floor(y)).all())
        n_values = len(np.unique(y)) if whole else 0
    if not whole and task == "classification":
        raise DataError(f"label: expected classes in {which}. Received: other numbers{labels_cure(y)}")
    if whole and n_values > _MOST_CLASSES:
        raise DataError(
            f"label: expected at most {_MOST_CLASSES} classes in {which}. Received: {n_values:,}; of a number, say "
            "task='regression'"
        )
    return whole


def _targets(y: np.ndarray, names: Sequence[str], which: str) -> Labels:
    if y.dtype.kind == "U":
        raise DataError(f"label: expected numbers, for a regression, in {which}. Received: text")
    constant = (y == y[0]).reshape(len(y), -1).all(0)
    if constant.any():
        name = names[int(constant.argmax())]
        raise DataError(f"label: expected a target that varies. Received: '{name}' with one value in all events")
    return Labels(y, (), tuple(names))
