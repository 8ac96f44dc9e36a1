"""A Dataset keeps labels or targets, and weights, together through every step."""

import numpy as np
import pytest

from codesign.data import Dataset, Events
from codesign.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, size=(40, 3))
W = RNG.uniform(size=40)
NAMES = ("pt", "eta", "phi")
TASKS = {
    "labels": (np.arange(40) % 2, {"classes": ("b", "c")}),
    "one target": (X[:, 0] * 2, {"targets": ("energy",)}),
    "two targets": (X[:, :2] * 2, {"targets": ("energy", "angle")}),
}


def dataset(task="labels", **changes):
    y, names = TASKS[task]
    arrays = {"x_train": X, "y_train": y, "x_test": X[:9], "y_test": y[:9], "weights_train": W, "weights_test": W[:9]}
    return Dataset(**{**arrays, **names, "features": NAMES, **changes})


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("weighted", [True, False])
def test_events_stay_with_their_labels_and_weights(task, weighted):
    data = dataset(task, **({} if weighted else {"weights_train": None, "weights_test": None}))
    assert data.task == ("classification" if task == "labels" else "regression")
    assert data.n_outputs == (2 if task != "one target" else 1)
    rest, held = data.standardized().hold_out(0.3, seed=2)
    mean, std = data.mean_and_std()
    for x, y, weights in (rest.train, held):
        rows = [int(np.abs((X - mean) / std - row).sum(1).argmin()) for row in x]
        np.testing.assert_array_equal(y, TASKS[task][0][rows])
        assert (weights is None) if not weighted else np.array_equal(weights, W[rows])
    assert len(held.x) == 12 and rest.test.x.shape == (9, 3) and (rest.test.weights is not None) == weighted
    judged = data.with_events(test=Events(*(one if one is None else one[:5] for one in data.train)))
    np.testing.assert_array_equal(judged.test.y, TASKS[task][0][:5])
    np.testing.assert_array_equal(judged.train.x, X)


def test_a_column_of_one_target_becomes_a_row():
    y = TASKS["one target"][0]
    assert dataset("one target", y_train=y[:, None], y_test=y[:9, None]).y_train.shape == (40,)


@pytest.mark.parametrize(
    "task, changes, message",
    [
        ("labels", {"weights_train": -W}, "weights_train: .*40 of 40 negative.*leave these events out"),
        ("labels", {"weights_train": W[:5]}, "weights_train: expected 40 numbers"),
        ("labels", {"weights_train": W * np.nan}, "NaN or inf in 40 of 40"),
        ("labels", {"weights_test": W[:9] * 0}, "weights_test: expected an event that counts"),
        ("labels", {"weights_test": None}, "expected both or neither"),
        ("labels", {"weights_train": np.arange(40) % 2.0}, "none of class 'b'"),
        ("labels", {"targets": ("energy",)}, "classes, targets: .*Received: both"),
        ("labels", {"classes": ()}, "classes, targets: .*Received: neither"),
        ("one target", {"y_train": np.full(40, np.nan)}, "y_train: .*40 of 40 events, most in target 'energy'"),
        ("one target", {"y_test": np.array(["a"] * 9)}, r"y_test: expected numbers of shape \(9,\)"),
        ("two targets", {"y_train": X}, r"y_train: expected numbers of shape \(40, 2\)"),
    ],
)
def test_what_does_not_fit_is_one_line(task, changes, message):
    with pytest.raises(DataError, match=message) as error:
        dataset(task, **changes)
    assert "\n" not in str(error.value)


def test_constant_features_are_noted():
    x = X.copy()
    x[:, 1] = 0.1
    data = dataset(x_train=x)
    assert data.notes == data.standardized().notes
    assert data.notes[0].startswith("feature 'eta' is the same in all training events")
    assert "'pt', 'eta', 'phi' are" in dataset(x_train=x * 0).notes[0]
