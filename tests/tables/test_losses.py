"""Losses: slopes by finite differences, and those of cells by sums over events."""

import numpy as np
import pytest

from codesign.tables.kernels import cell_sums
from codesign.tables.logit_losses import Logistic, Softmax
from codesign.tables.losses import OutputLoss
from codesign.tables.value_losses import Huber, Quantile, Squared

WIDE = np.array([0.7, 1.0, 0.4])
LOSSES = {
    "softmax": Softmax,
    "logistic": Logistic,
    "squared": Squared,
    "huber": lambda targets, weights: Huber(targets, weights, WIDE),
    "quantile": lambda targets, weights: Quantile(targets, weights, 1e-6 * WIDE, 0.8),
}


@pytest.fixture(params=[False, True], ids=["plain", "weighted"])
def weights(request):
    return np.random.default_rng(1).uniform(0.1, 2, 40) if request.param else None


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_are_those_of_the_loss(name, weights):
    rng = np.random.default_rng(0)
    targets = rng.dirichlet(np.ones(3), 40)
    loss, scores = LOSSES[name](targets, weights), rng.normal(0, 1, (3, 40)).astype(np.float32)
    loss.begin(scores)
    one, step = np.ones(40) if weights is None else weights, 1e-2
    for output in range(3):
        slopes = loss.slopes(output, scores[output])
        ends = []
        for sign in (1, -1):
            moved = scores.astype(np.float64)
            moved[output] += sign * step
            ends.append(loss._of_events(moved) * one)
        near = np.abs(scores[output] - loss.targets[output]) > 2 * step  # of the kink of a quantile
        np.testing.assert_allclose(slopes[near, 0], ((ends[0] - ends[1]) / (2 * step))[near], atol=2e-3)
        both = ends[0] + ends[1] - 2 * loss._of_events(scores.astype(np.float64)) * one
        if name not in ("huber", "quantile"):  # theirs is that of a parabola above
            np.testing.assert_allclose(slopes[:, 1], both / step**2, atol=2e-2)
        total = loss.total(output, scores[output] + np.float32(step)) - loss.total(output, scores[output])
        np.testing.assert_allclose(total, (ends[0] - loss._of_events(scores.astype(np.float64)) * one).sum(), atol=2e-3)
        np.testing.assert_array_equal(loss.slopes(output, scores[output], slice(5, 17)), slopes[5:17])


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_of_cells_are_sums(name, weights):
    rng = np.random.default_rng(2)
    loss, scores = LOSSES[name](rng.dirichlet(np.ones(3), 40), weights), rng.normal(0, 1, (3, 40)).astype(np.float32)
    loss.begin(scores)
    cells, values = rng.integers(0, 4, 40).astype(np.uint8), rng.normal(size=4)
    here = loss.without_tree(1, scores[1])
    expected = cell_sums(cells, loss.slopes(1, scores[1] + values.astype(np.float32)[cells]), 4)
    np.testing.assert_allclose(here.slopes(cells, values), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(OutputLoss(loss, 1, scores[1]).slopes(cells, values), expected, rtol=1e-6)
    assert here.total(cells, values) == pytest.approx(OutputLoss(loss, 1, scores[1]).total(cells, values))


@pytest.mark.parametrize("name", ["softmax", "logistic", "squared"])  # medians and quantiles count no weights
def test_the_best_constant_is_the_start(name, weights):
    rng = np.random.default_rng(3)
    targets = rng.dirichlet(np.ones(3), 40)
    loss = LOSSES[name](targets, weights)
    start = loss.start()
    best = loss.mean(np.repeat(start[:, np.newaxis], 40, 1).astype(np.float32))
    for output in range(3):
        for change in (-0.1, 0.1):
            moved = np.repeat(start[:, np.newaxis], 40, 1)
            moved[output] += change
            assert loss.mean(moved.astype(np.float32)) >= best
