"""Arrays with the names x_train, y_train, x_test and y_test, or x and y, and labels that are whole numbers from 0."""

from dataclasses import replace

import numpy as np

from codesign.data.assemble import TEST_SHARE
from codesign.data.checks import check_events, check_in_training, check_labels, check_names, check_rows
from codesign.data.dataset import Dataset
from codesign.data.remarks import sentinel_remarks
from codesign.errors import DataError

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_WEIGHTS = ("weights_train", "weights_test")


def holds_labels(arrays: dict[str, np.ndarray]) -> bool:
    """Whether arrays have these names, and labels, where they have any, that are numbers."""
    labels = [arrays[name] for name in ("y", "y_train", "y_test") if name in arrays]
    return bool({"x", *ARRAYS} & set(arrays)) and all(y.ndim == 1 and y.dtype.kind in "iuf" for y in labels)


def split_events(arrays: dict[str, np.ndarray], place: object, **about: object) -> Dataset:
    """Return the Dataset of arrays, of ``x`` alone too: then a fifth at random is for test, and events may be images.

    Raises:
        DataError: for arrays that do not fit.
    """
    events = [key for key in ("x", "x_train", "x_test") if key in arrays and arrays[key].ndim > 2]
    shapes = {arrays[key].shape[1:] for key in events}
    if len(shapes) == 1:
        arrays = arrays | {key: arrays[key].reshape(len(arrays[key]), -1) for key in events}
    if "x" in arrays and not set(ARRAYS) & set(arrays):
        arrays = arrays | _split(arrays, place)
    data = dataset_of_arrays(arrays, place, **about)
    return replace(data, event_shape=shapes.pop()) if len(shapes) == 1 else data


def _split(arrays: dict[str, np.ndarray], path: object) -> dict[str, np.ndarray]:
    """Return what makes a data set of events alone."""
    x = arrays["x"]
    if x.ndim != 2 or len(x) < 2:
        raise DataError(
            f"data: expected x of shape (n_events, n_features), two events or more, in {path}. Received: {x.shape}"
        )
    y = arrays.get("y", np.zeros(len(x), int))
    if y.shape != (len(x),):
        raise DataError(f"data: expected y of shape ({len(x)},), as x, in {path}. Received: {y.shape}")
    check_events("x", x, features_of(arrays, "x", path))
    classes = classes_of(arrays, "y", path) if "y" in arrays else ("event",)
    check_labels("y", y, len(x), len(classes))
    if "y" in arrays and "classes" not in arrays and len(classes) < 2:
        raise DataError(
            f"data: expected two classes or more in y of {path}. Received: {np.unique(y)[0]} alone; add events of "
            "another, or leave y out of events without labels"
        )
    test, train = np.split(np.random.default_rng(0).permutation(len(x)), [max(1, round(TEST_SHARE * len(x)))])
    parts = {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
    check_in_training("y", y[train], classes)
    return {**parts, "classes": np.array(classes)}


def dataset_of_arrays(arrays: dict[str, np.ndarray], path: object, **about: object) -> Dataset:
    """Return the Dataset of arrays; `about` is its name, kind and origin.

    The weights of events are ``weights_train`` and ``weights_test``, if they are there.

    Raises:
        DataError: for arrays that are missing, or do not fit.
    """
    missing = [key for key in ARRAYS if key not in arrays]
    if missing:
        raise DataError(f"data: expected arrays {', '.join(ARRAYS)} in {path}. Missing: {', '.join(missing)}")
    data = Dataset(
        **{key: arrays[key] for key in ARRAYS},
        **{key: arrays[key] for key in _WEIGHTS if key in arrays},
        features=features_of(arrays, "x_train", path),
        classes=classes_of(arrays, "y_train", path),
        **about,
    )
    return replace(data, remarks=sentinel_remarks(data.x_train, data.features))


def features_of(arrays: dict[str, np.ndarray], name: str, path: object) -> tuple[str, ...]:
    """Return the names of the features of an array of events: those in ``features``, or x0, x1, ...

    Raises:
        DataError: for events that are no rows, or names that are none.
    """
    check_rows(name, arrays[name])
    return check_names(
        arrays.get("features", np.array([f"x{i}" for i in range(arrays[name].shape[1])])), "features", path
    )


def classes_of(arrays: dict[str, np.ndarray], name: str, path: object) -> tuple[str, ...]:
    """Return the names of the classes of an array of labels: those in ``classes``, or 0, 1, ...

    Raises:
        DataError: for labels that leave numbers out, or names that are none.
    """
    found = arrays["classes"] if "classes" in arrays else _numbered_classes(arrays[name], name, path)
    return check_names(found, "classes", path)


def _numbered_classes(y: np.ndarray, name: str, path: object) -> np.ndarray:
    """Return 0, 1, ... for labels that are consecutive from 0; what is no label, or one below 0, is said later."""
    if y.ndim != 1 or not y.size or y.dtype.kind not in "iu":
        return np.array(["0"])
    labels = np.unique(y)
    counted = labels[labels >= 0]
    if len(counted) and int(counted[-1]) == len(counted) - 1:
        return counted.astype(str)
    if len(labels) == 1:
        raise DataError(
            f"{name}: expected labels of two classes or more in {path}. Received: {labels[0]} in every event; add "
            "events of another class"
        )
    consecutive = int(labels[-1]) - int(labels[0]) == len(labels) - 1 and labels[0] > 0
    what = (
        f"subtract {labels[0]} from {_with_others(name)}"
        if consecutive
        else "renumber them (numpy.unique with return_inverse)"
    )
    raise DataError(
        f"{name}: expected labels 0 to {len(labels) - 1}, without a gap, of {len(labels)} classes in {path}. "
        f"Received: {labels[0]} to {labels[-1]}; {what}, or name every class in an array 'classes'"
    )


def _with_others(name: str) -> str:
    """The labels that go with an array of them."""
    return "y_train and y_test" if name == "y_train" else name
