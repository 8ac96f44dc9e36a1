"""Real trainings, tiny: what the quick designs of the other tests stand for."""

import numpy as np
import pytest

from codesign import FpgaClassifier, FpgaRegressor

pytestmark = pytest.mark.slow
TINY = {"max_lut": 200, "hidden": (8,), "epochs": 20, "teacher": None, "n_jobs": 1}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(3000, 4)) * [1.0, 40.0, 0.01, 3.0] + [0.0, 600.0, 2.0, -9.0]
SCORE = X[:, 0] + (X[:, 1] - 600) / 40


@pytest.mark.parametrize("n_classes", [2, 3])
def test_what_is_predicted_is_what_is_built(n_classes, tmp_path):
    y = np.array(["b", "c", "light"])[np.digitize(SCORE, [-0.8, 0.8][: n_classes - 1])]
    tagger = FpgaClassifier(**TINY, max_latency_ns=40, random_state=2**31 - 1).fit(X, y)
    assert tagger.score(X, y) > 0.85 and tagger.design_.report.lut <= 200
    assert tagger.design_.report.latency_ns <= 40 and tagger.design_.metrics["auc"].value > 0.9
    built = tagger.synthesize(tmp_path / "build", X[:500])
    assert built.agreement.rtl_mismatches == 0 and built.agreement.events == 500
    np.testing.assert_array_equal(built.outputs, tagger.network_.emulate(tagger.words_.encode(X[:500])))
    assert tagger.synthesize(tmp_path / "again").agreement.rtl_mismatches == 0


def test_a_regression_gives_physical_units():
    energy_gev = 20 * SCORE + 100
    found = FpgaRegressor(**TINY, budget={"max_rmse": 12.0}).fit(X, energy_gev)
    assert found.score(X, energy_gev) > 0.8 and found.design_.metrics["rmse"].value < 12
    assert np.sqrt(np.mean((found.predict(X) - energy_gev) ** 2)) == pytest.approx(
        found.design_.metrics["rmse"].value, rel=0.3
    )
