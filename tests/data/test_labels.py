"""Labels as people have them: each kind is one line that says the way out, and the way out works."""

import numpy as np
import pytest

from codesign.data import Dataset
from codesign.errors import DataError

X = np.random.default_rng(0).normal(size=(12, 2))
GOOD = np.arange(12) % 3


def numbered(y):
    return np.unique(y, return_inverse=True)[1]


WAYS = {
    "text": (np.array(["b", "c", "q"])[GOOD], "numpy.unique", numbered),
    "objects": (np.array(["b", "c", "q"], object)[GOOD], "numpy.unique", numbered),
    "from one": (GOOD + 1, "numpy.unique", numbered),
    "signs": (GOOD - 1, "numpy.unique", numbered),
    "whole floats": (GOOD.astype(float), r"astype\(int\)", lambda y: y.astype(int)),
    "one hot": (np.eye(3)[GOOD], r"argmax\(1\)", lambda y: y.argmax(1)),
    "column": (GOOD[:, None], r"ravel\(\)", lambda y: y.ravel()),
}


def dataset(x=X, y=GOOD):
    return Dataset(x, y, X, GOOD, ("a", "b"), ("0", "1", "2"))


@pytest.mark.parametrize("kind", WAYS)
def test_labels_of_other_kinds_say_the_way_out(kind):
    labels, cure, way_out = WAYS[kind]
    with pytest.raises(DataError, match=cure) as error:
        dataset(y=labels)
    assert "\n" not in str(error.value)
    np.testing.assert_array_equal(dataset(y=way_out(labels)).y_train, GOOD)


def test_flags_and_probabilities_are_no_labels():
    for labels, cure in ((GOOD > 0, r"astype\(int\)"), (np.linspace(0, 1, 12), "no classes")):
        with pytest.raises(DataError, match=cure):
            dataset(y=labels)


@pytest.mark.parametrize(
    "x, expected", [(X.reshape(6, 2, 2), "reshape"), (X[:0], "at least one event. Received: none"), (X[0], "reshape")]
)
def test_events_of_other_shapes_say_what_to_do(x, expected):
    with pytest.raises(DataError, match=expected):
        dataset(x=x, y=GOOD[: len(x)])


def test_lists_are_arrays():
    assert dataset(X.tolist(), GOOD.tolist()).x_train.shape == X.shape
