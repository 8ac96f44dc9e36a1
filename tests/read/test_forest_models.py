"""Forests by load_network: the library's own predictions, in real numbers; categories and missing values too."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from codesign import load_network
from codesign.forests import Forest
from codesign.forests.forest import Tree
from codesign.forests.plain_splits import with_plain_splits
from codesign.forests.split import Split
from codesign.read import read_file, read_object
from tests.damaged_models import meet_damaged

FORESTS = Path(__file__).parents[1] / "forests" / "golden"


@pytest.mark.parametrize("name", ["xgboost.ubj", "lightgbm.txt"])
def test_files_give_what_their_library_predicts(name):
    stored = np.load(FORESTS / "margins.npz")
    margins = stored[Path(name).stem]
    powers = np.exp(margins)
    expected = powers / powers.sum(1, keepdims=True) if margins.ndim > 1 else 1 / (1 + np.exp(-margins))[:, None]
    reading = read_file(FORESTS / name)
    np.testing.assert_allclose(reading.network.predict(stored["x"]), expected, atol=1e-6)
    assert reading.about["format"] == Path(name).stem


def forest(splits):
    """Two features; the root asks one of the splits, its left child a threshold."""
    arrays = [
        np.array(one) for one in ([0, 1, -1, -1, -1], [0.5, 0.25, 0, 0, 0], [1, 3, -1, -1, -1], [2, 4, -1, -1, -1])
    ]
    value = np.array([[0.0], [0.0], [4.0], [1.0], [2.0]])
    return Forest("by hand", (Tree(*arrays, value, np.array([0]), splits),), np.zeros(1), 2)


@pytest.mark.parametrize(
    "split",
    [
        Split(0, categories=frozenset({1, 3, 4})),
        Split(0, categories=frozenset({0, 2}), others_right=True),
        Split(0, categories=frozenset({0, 5}), towards_zero=True),
        Split(0, threshold=2.0, exception=(-1.0, 1e-3, True)),
    ],
)
def test_other_splits_become_thresholds(split):
    given = forest({0: split})
    plain = with_plain_splits(given)
    assert not any(tree.splits for tree in plain.trees)
    x = np.stack(np.meshgrid(np.arange(-3, 8, 0.25), [0.0, 1.0]), -1).reshape(-1, 2)
    x = np.concatenate([x, np.nextafter(x, -np.inf), np.nextafter(x, np.inf)])
    np.testing.assert_array_equal(plain.margins(x), given.margins(x))
    np.testing.assert_array_equal(load_network_of(given).predict(x), given.margins(x))


def load_network_of(given):
    from codesign.read.forest_models import read_forest_object
    from codesign.read.options import ReadOptions

    return read_forest_object(given, ReadOptions()).network


def test_live_boosters():
    xgboost = pytest.importorskip("xgboost")
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    two, three = (x[:, 0] * x[:, 1] > 0).astype(int), np.digitize(x[:, 0], [-0.5, 0.5])
    models = [xgboost.XGBClassifier(n_estimators=5, max_depth=3), lightgbm.LGBMClassifier(n_estimators=5, verbose=-1)]
    models += [make_pipeline(StandardScaler(), clone(model)) for model in models]
    for model in models:
        for labels in (two, three):
            model = clone(model).fit(x, labels)
            given = model.predict_proba(x)
            np.testing.assert_allclose(load_network(model).predict(x), given, atol=2e-6)
    booster = lightgbm.train({"verbose": -1, "objective": "regression"}, lightgbm.Dataset(x, x[:, 0]), 5)
    np.testing.assert_allclose(load_network(booster).predict(x)[:, 0], booster.predict(x), atol=1e-6)
    booster = clone(models[0]).set_params(objective="binary:logistic").fit(x, two).get_booster()
    given = booster.predict(xgboost.DMatrix(x))
    np.testing.assert_allclose(load_network(booster).predict(x)[:, 0], given, atol=1e-6)
    assert read_object(booster).names.inputs[0] == "x0"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["xgboost.ubj", "lightgbm.txt"])
def test_fifty_thousand_damaged_forests(name):
    meet_damaged(FORESTS / name, range(50_000))


@pytest.mark.parametrize("name", ["xgboost.ubj", "lightgbm.txt"])
def test_damaged_forests(name):
    meet_damaged(FORESTS / name, range(25))
