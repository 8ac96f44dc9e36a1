"""Values that look as if they stood for what does not exist: what is one, and what is none."""

import warnings

import numpy as np
import pytest

from codesign import Ensemble, EnsembleSettings, load_dataset
from codesign.data import ColliderVectors
from codesign.data.missing import find_missing, warn_of_missing
from codesign.errors import MissingValueWarning

RNG = np.random.default_rng(0)
MOMENTA = RNG.exponential(50, 400)


def with_value(column, value, every=10):
    return np.where(np.arange(len(column)) % every == 0, value, column)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *((with_value(MOMENTA, value), value) for value in (-999.0, -9999.0, -99999.0, 9999.0)),
        (with_value(RNG.normal(size=400), -99.0), -99.0),
        (with_value(RNG.normal(size=400), -999.0, every=133), -999.0),  # few events
        (with_value(RNG.normal(size=400), 1e6), 1e6),  # nobody's convention, and beyond doubt
        (with_value(RNG.integers(0, 3, 400).astype(float), -50.0), -50.0),
        (np.full(400, -999.0), -999.0),  # no event has it
    ],
)
def test_values_far_from_all_others_are_found(column, value):
    x = np.column_stack([MOMENTA, column])
    assert find_missing(x) == find_missing(x.astype(np.float32)) == {value: [1]}
    assert find_missing(x, value) == {}


@pytest.mark.parametrize(
    "column",
    [
        MOMENTA,
        np.minimum(MOMENTA, 60.0),  # saturates
        with_value(MOMENTA, 0.0),
        RNG.integers(0, 4, 400).astype(float),
        (RNG.random(400) < 0.02).astype(float),  # a flag
        RNG.integers(0, 100, 400).astype(float),  # 99 among its neighbours
        np.where(np.arange(400) == 7, 1e5, MOMENTA),  # an outlier of one event
        np.full(400, 3.0),
        np.array([]),
    ],
)
def test_other_values_are_not(column):
    assert find_missing(column[:, None]) == {}


def test_the_real_events_have_eleven_such_columns():
    data = load_dataset("higgsml")
    (value,) = found = find_missing(data.x_train)
    assert value == -999 and found[value] == np.flatnonzero((data.x_train == -999).any(0)).tolist()
    with pytest.warns(MissingValueWarning, match="-999 in DER_mass_MMC, .* missing=-999") as seen:
        warn_of_missing(data.x_train, data.features)
    assert len(seen) == 1 and "\n" not in str(seen[0].message)


def test_who_has_named_none_is_told_and_who_has_is_not():
    x = np.column_stack([MOMENTA, with_value(RNG.normal(size=400), -999.0), RNG.uniform(-3, 3, 400)])
    names = ("pt", "eta", "phi")
    for missing in (None, -999.0):
        vectors = ColliderVectors(names, {"lep": names}, missing=missing)
        for call in (vectors.moved, vectors.copies):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                call(x)
            assert [one.category for one in seen] == ([MissingValueWarning] if missing is None else [])
    with pytest.warns(MissingValueWarning, match="-999 in x1"):
        settings = EnsembleSettings(members=2, hidden=(2,), epochs=1, batch_size=100)
        Ensemble.train(x, np.arange(400) % 2, settings=settings)
