import numpy as np
import pytest

from codesign.data import expected_weights
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.metrics import ams, find_metric, paired_difference, roc_curve, scan_cuts
from codesign.metrics.auc import roc_auc, weighted_aucs


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(3)
    y = (rng.random(600) < 0.3).astype(int)
    return np.round(y + rng.normal(size=600), 1), y, rng.gamma(1.0, size=600) * np.where(y, 0.5, 50.0)


@pytest.mark.parametrize("regularisation", [10.0, 0.0])
def test_scan_is_the_ams_of_what_each_cut_keeps(events, regularisation):
    scores, y, weights = events
    scan = scan_cuts(scores, y, weights)
    for cut, found in zip(scan.scores, scan.ams(regularisation)):
        kept = scores >= cut
        s, b = weights[kept & (y == 1)].sum(), weights[kept & (y == 0)].sum() + regularisation
        expected = np.inf if b == 0 and s > 0 else np.sqrt(2 * ((s + b) * np.log(1 + s / b) - s)) if s else 0.0
        assert found == pytest.approx(expected, rel=1e-6)
        assert scan.at(cut, regularisation) == found
    assert scan.at(scan.scores[0] + 1) == 0.0


def test_published_values_and_limits():
    assert float(ams(0.0, 5.0)) == 0.0 and np.isinf(ams(1.0, 0.0, 0.0))
    assert float(ams(1e-3, 1e6)) == pytest.approx(1e-3 / np.sqrt(1e6 + 10), rel=1e-3)  # s / sqrt(b) for few signal


def test_smoothed_cut_is_the_mean_of_the_best_scores(events):
    scan = scan_cuts(*events)
    order = np.argsort(-scan.ams(), kind="stable")
    assert scan.smoothed_cut(share=0.1) == pytest.approx(scan.scores[order[:60]].mean())
    above = scan.scores >= 1.5
    best = np.argsort(-scan.ams()[above], kind="stable")[:30]
    assert scan.smoothed_cut(share=0.05, least_score=1.5) == pytest.approx(scan.scores[above][best].mean())


@pytest.mark.parametrize("statistic", ["auc", "mean_ams"])
def test_paired_difference_is_the_plain_bootstrap_of_both(events, statistic):
    scores, y, weights = events
    other = scores + np.random.default_rng(1).normal(size=len(y))
    found = paired_difference(scores, other, y, weights, statistic=statistic, replicas=150, seed=1)
    rng, differences = np.random.default_rng(1), []

    def value(given, w):
        if statistic == "auc":
            return find_metric("auc").evaluate(given, y, w).value
        w = sum(np.where(y == k, w * weights[y == k].sum() / w[y == k].sum(), 0) for k in (0, 1))
        return scan_cuts(given, y, w).mean_ams()

    for _ in range(150):
        drawn = np.bincount(rng.integers(0, len(y), len(y)), minlength=len(y)) * weights
        differences.append(value(scores, drawn) - value(other, drawn))
    assert found.first == pytest.approx(value(scores, weights)) and found.second == pytest.approx(value(other, weights))
    assert found.error == pytest.approx(np.std(differences, ddof=1))
    assert paired_difference(scores, scores, y, weights, statistic=statistic, replicas=5).error == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s, y, w: scan_cuts(s, y, -w), DataError, "weights: expected 0 or above"),
        (lambda s, y, w: scan_cuts(s * np.nan, y, w), DataError, "scores: expected .* finite scores.* NaN or inf"),
        (lambda s, y, w: scan_cuts(s, y[:5], w[:5]), DataError, "scores: expected 5 finite scores, one for each label"),
        (lambda s, y, w: roc_curve(s[:5], y, w), DataError, "finite scores, one for each label. Received: 5"),
        (lambda s, y, w: scan_cuts(s, y * 0, w), DataError, "expected events of class 1 and others"),
        (lambda s, y, w: scan_cuts(s, y, w).smoothed_cut(share=0.0), ConfigError, "share: expected"),
        (lambda s, y, w: scan_cuts(s, y, w).smoothed_cut(least_score=99.0), ConfigError, "the highest score"),
        (lambda s, y, w: paired_difference(s, s[:5], y), DataError, "second: expected 600 finite scores"),
        (lambda s, y, w: paired_difference(s, s, y, statistic="acu"), ConfigError, "did you mean 'auc'"),
    ],
)
def test_bad_input_is_named(events, call, error, message):
    with pytest.raises(error, match=message):
        call(*events)


OF_LABELS = {
    "scan": scan_cuts,
    "roc curve": roc_curve,
    "roc auc": roc_auc,
    "bootstrap": lambda scores, y, weights: paired_difference(scores, scores, y, weights, replicas=2),
    "weighted aucs": lambda scores, y, weights: weighted_aucs(y, scores, weights[None]),
    "auc by name": lambda scores, y, weights: find_metric("auc").evaluate(scores, y, weights),
    "expected weights": lambda scores, y, weights: expected_weights(weights, y),
}
BAD_LABELS = {
    "0 and 2": (lambda y: 2 * y, r"number them|whole numbers from 0 to 1"),
    "-1 and 1": (lambda y: 2 * y - 1, "number them|whole numbers"),
    "three classes": (lambda y: np.arange(len(y)) % 3, r"Received: (2|others) in 200 of 600"),
    "a column": (lambda y: y[:, None], r"y\.ravel\(\)"),
    "one hot": (lambda y: np.eye(2)[y], "argmax"),
    "text": (lambda y: np.where(y, "s", "b"), "number them"),
    "digits": (lambda y: y.astype(str), "number them"),
    "NaN": (lambda y: np.where(y, 1.0, np.nan), "Received: (nan|others)"),
    "shares": (lambda y: 0.5 * y, "0.5|others"),
}


@pytest.mark.parametrize("name", OF_LABELS)
@pytest.mark.parametrize("bad", BAD_LABELS)
def test_every_metric_refuses_what_are_no_labels_of_two_classes(events, name, bad):
    (scores, y, weights), (change, message) = events, BAD_LABELS[bad]
    with pytest.raises(CodesignError, match=message) as error:
        OF_LABELS[name](scores, change(y), weights)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [name for name in OF_LABELS if name != "expected weights"])
@pytest.mark.parametrize("change", [lambda s: s.astype(str), lambda s: s[:, None] * np.ones((1, 3)), lambda s: s[:-1]])
def test_every_metric_refuses_what_are_no_scores(events, name, change):
    scores, y, weights = events
    with pytest.raises(CodesignError, match="(scores|first|outputs|y): expected|weights: expected") as error:
        OF_LABELS[name](change(scores), y, weights)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", OF_LABELS)
def test_flags_and_scores_in_a_column_are_taken(events, name):
    scores, y, weights = events
    found, expected = (OF_LABELS[name](*given) for given in ((scores[:, None], y == 1, weights), events))
    if isinstance(expected, (np.ndarray, float)):
        np.testing.assert_array_equal(found, expected)


def test_a_bootstrap_of_a_class_that_draws_miss_is_refused():
    y = np.arange(50) == 0
    with pytest.raises(DataError, match="enough events of each class.* Received: 1 of class 1"):
        paired_difference(np.arange(50.0), np.arange(50.0), y)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("a", 1.0), "signal: expected"),
        ((np.array(["a"]), 1.0), "signal: expected an array of numbers"),
        ((np.ones(3), np.ones(2)), r"background: expected counts of shape \(3,\)"),
        ((np.nan, 1.0), "signal: expected sums of weights"),
        (([3.0, -5.0], 10.0), "signal: expected sums of weights, 0 or above. Received: -5"),
        ((5.0, -100.0), "background: expected"),
        ((5.0, 10.0, -3.0), "regularisation: expected a number of 0 or above"),
        ((5.0, 10.0, np.nan), "regularisation: expected"),
    ],
)
def test_counts_that_are_none_are_no_significance(given, message):
    with pytest.raises((DataError, ConfigError), match=message):
        ams(*given)


def test_a_cut_of_nan_is_none(events):
    with pytest.raises(ConfigError, match="cut: expected a score"):
        scan_cuts(*events).at(np.nan)
