import numpy as np
import pytest

from codesign.drone import bootstrap_probes, box_probes, copula_of, copula_probes
from codesign.errors import CodesignError

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(4000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
X = np.stack([np.exp(Z[:, 0]), Z[:, 1], np.full(4000, 7.0)], 1)


def test_bootstrap_draws_near_the_events_and_within_their_range():
    probes = bootstrap_probes(X, 3000, noise=0.0)
    assert np.isin(probes, X.astype(np.float32)).all()
    noisy = bootstrap_probes(X, 3000, noise=0.5, seed=1)
    assert (
        noisy.dtype == np.float32
        and (noisy >= X.min(0).astype(np.float32)).all()
        and (noisy <= X.max(0).astype(np.float32)).all()
    )
    assert abs(noisy[:, 1].var() / (1.25 * X[:, 1].var()) - 1) < 0.15
    assert (noisy[:, 2] == 7).all()


def test_box_is_uniform_between_its_limits():
    probes = box_probes([0, -4], [1, 4], 5000)
    assert probes.min(0) == pytest.approx([0, -4], abs=0.01) and probes.max(0) == pytest.approx([1, 4], abs=0.01)
    assert probes.std(0) == pytest.approx(np.array([1, 8]) / np.sqrt(12), rel=0.05)


def test_copula_of_events_has_their_quantiles_and_their_rank_correlation():
    from scipy.stats import spearmanr

    quantiles, correlation = copula_of(X)
    assert correlation[0, 1] == pytest.approx(0.8, abs=0.03) and correlation[2, 2] == 1
    probes = copula_probes(quantiles, 20000, correlation=correlation, seed=3)
    for level in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(np.quantile(probes, level, axis=0), np.quantile(X, level, axis=0), atol=0.12)
    wanted, given = (spearmanr(a[:, 0], a[:, 1]).statistic for a in (X, probes))
    assert given == pytest.approx(wanted, abs=0.03)


def test_copula_of_a_table_of_quantiles():
    probes = copula_probes([[0.0, 1.0], [1.0, 2.0], [10.0, 3.0]], 9000, levels=[0.0, 0.5, 1.0])
    assert np.median(probes, 0) == pytest.approx([1, 2], abs=0.05)
    assert np.corrcoef(probes.T)[0, 1] == pytest.approx(0, abs=0.05)


def test_same_seed_same_probes():
    table = copula_of(X)[0]
    for draw in (
        lambda s: bootstrap_probes(X, 50, seed=s),
        lambda s: box_probes([0], [1], 50, seed=s),
        lambda s: copula_probes(table, 50, seed=s),
    ):
        np.testing.assert_array_equal(draw(4), draw(4))
        assert not np.array_equal(draw(4), draw(5))


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda: bootstrap_probes(X, 0), "n_events"),
        (lambda: bootstrap_probes(X, 5, noise=-1), "noise"),
        (lambda: bootstrap_probes(X * np.nan, 5), "finite"),
        (lambda: bootstrap_probes(X[0], 5), "n_inputs"),
        (lambda: box_probes([0, 1], [1, 0], 5), "low at most high"),
        (lambda: box_probes([0], [1, 2], 5), "low, high"),
        (lambda: copula_probes([[1.0], [0.0]], 5), "a fall in feature 0"),
        (lambda: copula_probes([[0.0], [1.0]], 5, levels=[0.0, 2.0]), "levels"),
        (lambda: copula_probes([[0.0, 0], [1.0, 1]], 5, correlation=[[1, 2], [2, 1]]), "eigenvalue"),
        (lambda: copula_probes([[0.0, 0], [1.0, 1]], 5, correlation=[[1]]), "symmetric"),
        (lambda: copula_of(X[:1]), "at least 2"),
    ],
)
def test_bad_arguments(draw, message):
    with pytest.raises(CodesignError, match=message):
        draw()
