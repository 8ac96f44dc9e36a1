import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from codesign import Budget, FpgaClassifier, FpgaRegressor
from codesign.errors import BudgetError, ConfigError, DataError, LabelError
from codesign.estimators import base
from tests.estimators.quick_designs import quick_designs

EXCUSED = {
    "check_sample_weight_equivalence_on_dense_data": "words are found, and events held out, whatever their weight",
}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3)) * [1.0, 20.0, 0.1] + [0.0, 500.0, 2.0]
KINDS = np.array(["signal", "background"])
Y = KINDS[(X[:, 0] + X[:, 1] / 20 < 25).astype(int)]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(base, "train_designs", quick_designs)


@parametrize_with_checks(
    [FpgaClassifier(max_lut=None, word_bits=16), FpgaRegressor(max_lut=None, word_bits=16)],
    expected_failed_checks=lambda estimator: EXCUSED,
)
def test_scikit_learn(estimator, check):
    check(estimator)


def test_predictions_are_the_integers_of_the_gates_on_words():
    tagger = FpgaClassifier(max_lut=None).fit(X, Y)
    words = tagger.words_.values(tagger.words_.codes(X))
    outputs = tagger.network_.emulate(words)[:, 0]
    np.testing.assert_array_equal(tagger.decision_function(X), outputs)
    np.testing.assert_array_equal(tagger.predict(X), np.array(["background", "signal"])[(outputs > 0).astype(int)])
    np.testing.assert_allclose(tagger.predict_proba(X)[:, 1], 1 / (1 + np.exp(-outputs)))
    assert tagger.score(X, Y) > 0.9 and list(tagger.classes_) == ["background", "signal"]
    copy = pickle.loads(pickle.dumps(tagger))
    np.testing.assert_array_equal(copy.predict(X), tagger.predict(X))


def test_works_in_pipelines_searches_and_cross_validation():
    tagger = FpgaClassifier(max_lut=None, random_state=1)
    assert cross_val_score(make_pipeline(StandardScaler(), tagger), X, Y, cv=3).min() > 0.85
    search = GridSearchCV(tagger, {"word_bits": [4, 12], "pick": ["best", "smallest"]}, cv=2).fit(X, Y)
    assert search.best_estimator_.score(X, Y) > 0.85
    json.dumps(clone(tagger).get_params())


def test_columns_of_a_frame_become_features():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["pt", "eta", "mass"])
    formats = {"pt": "ap_fixed<12,4>", "eta": "ap_ufixed<12,10>", "mass": "ap_fixed<12,4>"}
    tagger = FpgaClassifier(max_lut=None, words=formats).fit(frame, pandas.Series(Y))
    assert tagger.words_.features == tuple(tagger.feature_names_in_) == ("pt", "eta", "mass")
    with pytest.raises(ValueError, match="feature names"):
        tagger.predict(frame[["eta", "pt", "mass"]])
    several = pandas.DataFrame({"energy": X[:, 0], "angle": X[:, 1]})
    assert FpgaRegressor(max_lut=None, metric="rmse[angle]").fit(frame, several)._targets == ("energy", "angle")


def test_a_working_point_is_an_integer_for_the_firmware():
    tagger = FpgaClassifier(max_lut=None).fit(X, Y)
    point = tagger.working_point(X, Y, 0.05, label="signal")
    passes = tagger.decision_function(X) * 2.0**point.fraction >= point.code
    assert point == tagger.working_point(X, Y, 0.05)
    assert point.efficiency.value == np.mean(passes[Y == "signal"]) > 0.5
    assert point.background_rate.value == np.mean(passes[Y != "signal"]) <= 0.05
    with pytest.raises(DataError, match="y: expected labels that were trained on. Received: 'noise'"):
        tagger.working_point(X, np.where(Y == "signal", Y, "noise"), 0.05)


def test_regression_of_one_and_several_targets():
    y = np.column_stack([X[:, 0] * 3 + 7, X[:, 1]])
    one, several = FpgaRegressor(max_lut=None).fit(X, y[:, 0]), FpgaRegressor(max_lut=None).fit(X, y)
    assert one.predict(X).shape == (300,) and several.predict(X).shape == (300, 2)
    assert one.score(X, y[:, 0]) > 0.95 and several.score(X, y) > 0.95
    assert set(one.design_.metrics) == {"rmse"} and one.design_.metrics["rmse"].events == 300


def test_parameters_make_one_budget():
    options = {"max_lut": 500, "max_latency_ns": 25, "budget": {"min_auc": 0.5, "ff": 100}}
    assert FpgaClassifier(**options)._budget() == Budget(lut=500, latency_ns=25, min_auc=0.5, ff=100)
    assert FpgaClassifier(max_lut=None)._budget() == Budget()


@pytest.mark.parametrize(
    ("options", "y", "error", "message"),
    [
        (
            {},
            ["b"] * 300,
            LabelError,
            "y: expected labels of at least two classes. Received: one class, 'b', in all 300",
        ),
        ({"pick": "bst"}, Y, ConfigError, "pick: expected best, smallest, fastest.*did you mean 'best'"),
        ({"metric": "acc"}, Y, ConfigError, "metric: expected one of accuracy"),
        ({"metric": "rmse"}, Y, ConfigError, "metric: expected one for a classification"),
        ({"metric": "auc[sgnal]"}, Y, ConfigError, "did you mean 'signal'"),
        ({"budget": {"lut": 3}}, Y, ConfigError, "budget: expected max_lut or lut in the budget. Received: both"),
        ({"budget": {"luts": 3}}, Y, BudgetError, "unknown key 'luts' .did you mean 'lut'"),
        ({"max_lut": 1}, Y, BudgetError, "no design of"),
        ({"words": {"pt": "ap_fixed<8,3>"}}, Y, ConfigError, "pt"),
    ],
)
def test_bad_parameters(options, y, error, message):
    with pytest.raises(error, match=message):
        FpgaClassifier(**options).fit(X, y)
