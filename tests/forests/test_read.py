"""Forests of every library: the network is the forest, on the codes at which its comparisons flip and beside them."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from codesign import FixedPoint, Words, from_lightgbm, from_sklearn, from_xgboost
from codesign.errors import CodesignError, PrecisionError
from codesign.forests import read_forest, round_leaves

GOLDEN = Path(__file__).parent / "golden"
STORED = np.load(GOLDEN / "margins.npz")
FORMAT = FixedPoint(12, 4)
RNG = np.random.default_rng(3)
X = RNG.normal(size=(400, 4))
Y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int) + (X[:, 3] > 0.5)


def at_thresholds(forest, precision, n_events=300):
    """Events of the inputs' formats, most of them with one value at a threshold, or one code to either side."""
    x = precision.quantize(np.clip(RNG.normal(size=(n_events, forest.n_features)), precision.low, precision.high))
    step = np.broadcast_to(np.exp2(-np.asarray(precision.fraction, float)), forest.n_features)
    asked = [(tree, node) for tree in forest.trees for node in tree.reachable() if tree.feature[node] >= 0]
    for event in x:
        tree, node = asked[RNG.integers(len(asked))]
        feature = tree.feature[node]
        value = np.floor(tree.threshold[node] / step[feature] + RNG.integers(-1, 2)) * step[feature]
        event[feature] = np.clip(
            value, *(np.broadcast_to(end, len(event))[feature] for end in (precision.low, precision.high))
        )
    return x


@pytest.mark.parametrize(
    ("read", "name", "library"),
    [
        (from_xgboost, "xgboost.json", "xgboost"),
        (from_xgboost, "xgboost.ubj", "xgboost"),
        (from_lightgbm, "lightgbm.txt", "lightgbm"),
    ],
)
def test_a_file_gives_its_librarys_margins_within_the_leaf_step(read, name, library):
    network = read(GOLDEN / name, FORMAT, leaf_step=2.0**-12)
    forest = read_forest(GOLDEN / name)
    margins = STORED[library].reshape(len(STORED["x"]), -1)
    np.testing.assert_allclose(forest.margins(STORED["x"]), margins, atol=1e-6)
    found = network.emulate(STORED["x"])
    assert (np.abs(found - margins) <= round_leaves(forest, 2.0**-12).error + 1e-6).all()
    np.testing.assert_array_equal(network.predict(STORED["x"]), found)


@pytest.mark.parametrize(
    ("model", "library"),
    [
        (DecisionTreeClassifier(max_depth=9, random_state=0), lambda model, x: model.predict_proba(x)),
        (RandomForestClassifier(5, max_depth=4, random_state=0), lambda model, x: model.predict_proba(x)),
        (ExtraTreesRegressor(4, max_depth=5, random_state=0), lambda model, x: model.predict(x)[:, None]),
        (GradientBoostingClassifier(n_estimators=3, random_state=0), lambda model, x: model.decision_function(x)),
        (HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5), lambda model, x: model.decision_function(x)),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "precision", [FORMAT, FixedPoint(np.array([6, 20, 9, 3]), np.array([3, 4, 3, 3]))], ids=["12", "each"]
)
def test_every_code_ends_in_the_leaf_of_the_librarys_comparison(model, library, precision):
    model.fit(X, Y)
    forest = read_forest(model)
    leaves = round_leaves(forest, 2.0**-10)
    x = at_thresholds(forest, precision)
    exact = np.tile(leaves.base, (len(x), 1))
    for tree, values in zip(forest.trees, leaves.values):
        exact[:, tree.outputs] += values[tree.leaves(x)]
    network = from_sklearn(model, precision, leaf_step=2.0**-10)
    np.testing.assert_array_equal(network.emulate(x), exact * 2.0**-10)
    assert (np.abs(exact * 2.0**-10 - library(model, x)) <= leaves.error + 1e-12).all()


def test_the_leaf_step_is_chosen_by_a_bound_that_holds():
    model = RandomForestClassifier(20, max_depth=3, random_state=0).fit(X, Y > 0)
    forest = read_forest(model)
    found, coarser = (round_leaves(forest, step) for step in (None, 2 * round_leaves(forest).step))
    span = sum(np.ptp(tree.value[tree.feature < 0]) for tree in forest.trees)
    assert found.error.max() <= span / 1024 < coarser.error.max()
    x = FORMAT.quantize(X)
    difference = from_sklearn(model, FORMAT).emulate(x)[:, 0] - (model.predict_proba(x)[:, 1] - 0.5)
    assert np.abs(difference).max() <= found.error[0]


@pytest.mark.parametrize("is_free", [False, True], ids=["found", "free"])
def test_words_are_compared_as_they_are_sent(is_free):
    sent = X * [1.0, 0.01, 30.0, 1e4]
    names = ("a", "b", "c", "d")
    words = Words.free(sent, Y, names) if is_free else Words.find(sent, names, bits=9)
    values = words.encode(sent)
    x = words.decode(values)
    model = RandomForestClassifier(4, max_depth=4, random_state=0).fit(x, Y)
    network = from_sklearn(model, words, leaf_step=2.0**-14)
    difference = network.emulate(values) - model.predict_proba(x)
    assert np.abs(difference).max() <= round_leaves(read_forest(model), 2.0**-14).error.max()


def test_comparisons_of_one_code_are_one_and_those_beyond_the_format_are_none():
    model = RandomForestClassifier(12, random_state=0).fit(X, Y)
    network = from_sklearn(model, FixedPoint(4, 1))
    assert network.shapes["comparisons"][0] <= 4 * 15
    with pytest.raises(PrecisionError, match="precision: expected inputs that the comparisons of .* tell apart"):
        from_sklearn(DecisionTreeClassifier().fit(X + 100, Y), FORMAT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("multi:softprob", "rank:pairwise"), "XGBoost rank:pairwise.*a ranking"),
        (lambda text: text.replace('"gbtree"', '"gblinear"'), "expected trees.*gblinear"),
        (
            lambda text: text.replace('"num_feature":"4"', '"num_feature":"2"'),
            "tree 0, node 0: expected features 0 to 1|tree",
        ),
        (lambda text: text.replace('"left_children":[1', '"left_children":[0', 1), "tree 0: node 0: expected children"),
        (lambda text: text.replace('"tree_info"', '"tree_inf"'), "a whole model of XGBoost.*tree_info"),
        (lambda text: text[:-100], "model: .*damaged or truncated.*not JSON"),
    ],
)
def test_an_xgboost_file_that_is_none_of_ours_is_refused_in_one_line(tmp_path, change, message):
    (tmp_path / "forest.json").write_text(change((GOLDEN / "xgboost.json").read_text()))
    with pytest.raises(CodesignError, match=message):
        from_xgboost(tmp_path / "forest.json", FORMAT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("objective=binary", "objective=lambdarank"), "LightGBM lambdarank.*a ranking"),
        (lambda text: text.replace("is_linear=0", "is_linear=1", 1), "tree 0: .*linear_tree"),
        (lambda text: text.replace("leaf_value=", "leaf_value=1 ", 1), "numbers of leaf_value"),
        (lambda text: text.replace("left_child=", "left=", 1), "a whole model of LightGBM.*left_child"),
        (lambda text: text[: len(text) // 2], "a part; save it again"),
    ],
)
def test_a_lightgbm_text_that_is_none_of_ours_is_refused_in_one_line(tmp_path, change, message):
    (tmp_path / "forest.txt").write_text(change((GOLDEN / "lightgbm.txt").read_text()))
    with pytest.raises(CodesignError, match=message):
        from_lightgbm(tmp_path / "forest.txt", FORMAT)
