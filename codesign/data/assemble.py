"""From the columns of tables to a Dataset: which events are for training and which for test, labels, weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from codesign.data.checks import check_events, check_in_training, check_names, check_weights
from codesign.data.choice import Choice
from codesign.data.dataset import Dataset
from codesign.data.events import Events
from codesign.data.labels import Labels, settle_labels
from codesign.data.readers import Opened, Table
from codesign.data.remarks import sentinel_remarks
from codesign.errors import DataError

TEST_SHARE = 0.2  # of events that come without a split
_TEST_WORDS = {"test": 1.0, "train": 0.0}


@dataclass(frozen=True, eq=False)
class Gathered:
    """Events of several tables, one after the other.

    Args:
        x: (n_events, n_features).
        y: (n_events,) or (n_events, n), as the columns hold it; empty without any.
        weights: (n_events,), or None.
        test: (n_events,) what the column for it holds, or None.
        part: of each event ``train``, ``test`` or empty.
    """

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    test: np.ndarray | None
    part: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def gather(opened: Opened, choice: Choice, labels: Sequence[str] = ()) -> Gathered:
    """Read the columns that are chosen.

    Args:
        labels: the class of each table, where the files say it.

    Raises:
        DataError: for a table without one of the columns, or two with other kinds of labels.
    """
    wanted = [choice.columns_in(table) for table in opened.tables]
    blocks = []
    for number, (table, columns) in enumerate(zip(opened.tables, opened.read(wanted))):
        blocks.append(_block(table, choice, columns, labels[number] if labels else None))
    return join(blocks)


def join(blocks: Sequence[Gathered]) -> Gathered:
    """Return the events of several, one after the other; what for test only some of them say is left out.

    Raises:
        DataError: for labels that are text in some and numbers in others.
    """
    if len({block.y.dtype.kind == "U" for block in blocks}) > 1:
        raise DataError("label: expected text in all files, or numbers in all. Received: text in some")
    joined = {}
    for name in ("x", "y", "weights", "test", "part"):
        parts = [getattr(block, name) for block in blocks]
        joined[name] = (
            None if any(one is None for one in parts) else parts[0] if len(parts) == 1 else np.concatenate(parts)
        )
    return Gathered(**joined)


def _block(table: Table, choice: Choice, columns: dict[str, np.ndarray], label: str | None) -> Gathered:
    n_events = len(next(iter(columns.values())))
    if not n_events:
        raise DataError(f"data: expected at least one event in {table.place}. Received: none")
    picked = [_values(columns, entry.column, entry.place) for entry in choice.features]
    x = np.empty((n_events, len(picked)), np.result_type(*picked))
    for index, values in enumerate(picked):
        x[:, index] = values
    y = [_values(columns, entry.column, entry.place) for entry in choice.label]
    if label is not None:
        y = [np.full(n_events, label)]
    labels = np.empty((n_events, 0)) if not y else y[0] if len(y) == 1 else np.stack(y, 1)
    weights = None if choice.weight is None else _numbers(columns[choice.weight], "weight", choice.weight, table)
    test = None if choice.test is None else columns[choice.test]
    return Gathered(x, labels, weights, test, np.full(n_events, table.part))


def _values(columns: dict[str, np.ndarray], column: str, place: int | None) -> np.ndarray:
    return columns[column] if place is None else columns[column][:, place]


def _numbers(values: np.ndarray, argument: str, name: str, table: Table) -> np.ndarray:
    if values.ndim != 1 or values.dtype.kind == "U":
        given = "text" if values.dtype.kind == "U" else f"{values.shape[1]} numbers for each event"
        raise DataError(
            f"{argument}: expected a number for each event in column '{name}' of {table.place}. Received: {given}"
        )
    return values


def make_dataset(
    events: Gathered,
    is_test: np.ndarray,
    choice: Choice,
    *,
    task: str | None = None,
    classes: Sequence[str] = (),
    one_class: str = "",
    **about: object,
) -> Dataset:
    """Return the Dataset of events.

    Args:
        is_test: (n_events,) bool.
        task: classification, regression, or None for what the labels look like.
        classes: names of the classes 0, 1, ..., or the order of classes that are text.
        one_class: name of the only class of events without labels.
        about: name, kind, origin of the Dataset, and the shape of its events.

    Raises:
        DataError: for values that are missing, labels that do not fit the task, or weights below 0.
    """
    names = check_names(np.array([entry.name for entry in choice.features]), "features", "the data")
    check_events("data", events.x, names)
    if events.weights is not None:
        check_weights("weight", events.weights, len(events))
    if not is_test.any() or is_test.all():
        which = "test" if not is_test.any() else "training"
        raise DataError(f"test: expected events for training and for test. Received: none for {which}")
    if one_class:
        labels = Labels(np.zeros(len(events), np.int64), (one_class,), ())
    else:
        labels = _labels(events.y, choice, task, classes)
        check_names(np.array(labels.classes or labels.targets), "label", "the data")
    train, test = (
        Events(events.x[one], labels.y[one], None if events.weights is None else events.weights[one])
        for one in (~is_test, is_test)
    )
    check_in_training("label", train.y, labels.classes, train.weights)
    data = Dataset(
        train.x,
        train.y,
        test.x,
        test.y,
        names,
        labels.classes,
        targets=labels.targets,
        weights_train=train.weights,
        weights_test=test.weights,
        **about,
    )
    return replace(data, remarks=(*choice.remarks, *sentinel_remarks(data.x_train, names)))


def _labels(y: np.ndarray, choice: Choice, task: str | None, classes: Sequence[str]) -> Labels:
    names = [entry.name for entry in choice.label]
    if choice.label or not len(classes):
        return settle_labels(y, names, task, classes)
    if task == "regression":
        raise DataError("task: expected classification, as the files say the class. Received: 'regression'")
    order = {name: index for index, name in enumerate(classes)}  # as the files are named, not by the alphabet
    values, inverse = np.unique(y, return_inverse=True)
    return Labels(np.array([order[name] for name in values])[inverse], tuple(classes), ())


def random_test(n_events: int, share: float, seed: int) -> np.ndarray:
    """Return which events are for test, chosen at random, (n_events,) bool.

    Raises:
        DataError: for a share outside (0, 1), or too few events.
    """
    if not 0 < share < 1:
        raise DataError(f"test: expected a share between 0 and 1, a file, or a column. Received: {share}")
    if n_events < 2:
        raise DataError(f"data: expected 2 events or more. Received: {n_events}")
    count = min(max(1, round(share * n_events)), n_events - 1)
    is_test = np.zeros(n_events, bool)
    is_test[np.random.default_rng(seed).permutation(n_events)[:count]] = True
    return is_test


def flagged_test(values: np.ndarray, name: str) -> np.ndarray:
    """Return which events are for test by what a column holds: flags, 0 and 1, or ``train`` and ``test``.

    Raises:
        DataError: for anything else.
    """
    if values.dtype.kind == "U":
        known = np.array([_TEST_WORDS.get(one.lower(), np.nan) for one in np.unique(values)])
        flags = known[np.unique(values, return_inverse=True)[1]]
    else:
        flags = values
    strange = ~np.isin(flags, (0, 1))
    if flags.ndim != 1 or strange.any():
        given = f"{values[strange.argmax()]!s:.40}" if flags.ndim == 1 else f"shape {flags.shape}"
        raise DataError(
            f"test: expected 1 (or true, or 'test') for test events and 0 (false, 'train') for the others in column "
            f"'{name}'. Received: {given}"
        )
    return flags == 1
