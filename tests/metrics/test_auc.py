import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from codesign.metrics.auc import bootstrap_weights, one_vs_rest_aucs, roc_auc, weighted_aucs


@pytest.mark.parametrize("digits", [1, 3, 8])
def test_auc_agrees_with_sklearn_ties_included(digits):
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=500)
    scores = np.round(rng.random((500, 3)) + np.eye(3)[labels] * 0.3, digits)
    expected = [roc_auc_score(labels == index, scores[:, index]) for index in range(3)]
    assert one_vs_rest_aucs(scores, labels) == pytest.approx(expected, abs=1e-12)
    assert roc_auc(np.zeros(500), labels == 0) == 0.5


@pytest.mark.parametrize("levels", [3, 10**6])
def test_auc_is_that_of_scikit_learn_ties_and_weights_included(levels):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    scores = np.round(rng.normal(size=400) + labels, 6) if levels > 3 else rng.integers(0, levels, 400) + labels
    weights = bootstrap_weights(400, replicas=3)
    expected = [roc_auc_score(labels, scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(weighted_aucs(labels, scores, weights), expected, atol=1e-12)


def test_first_draw_is_the_sample_itself_and_draws_are_reproducible():
    weights = bootstrap_weights(50, replicas=4)
    np.testing.assert_array_equal(weights[0], 1)
    np.testing.assert_array_equal(weights.sum(1), 50)
    np.testing.assert_array_equal(weights, bootstrap_weights(50, replicas=4))


def test_bootstrap_error_is_that_of_hanley_and_mcneil():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 500)
    scores = rng.exponential(size=1000) * np.where(
        labels, 3.0, 1.0
    )  # the model in which their formula is exact: AUC = 3 / 4
    auc, *drawn = weighted_aucs(labels, scores, bootstrap_weights(1000, replicas=400))
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    expected = np.sqrt((auc * (1 - auc) + 499 * (q1 - auc**2) + 499 * (q2 - auc**2)) / 500**2)
    assert np.std(drawn) == pytest.approx(expected, rel=0.12)
