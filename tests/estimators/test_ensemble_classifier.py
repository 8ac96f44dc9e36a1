"""EnsembleClassifier: the ensemble's recipe for any events."""

import numpy as np
import pytest
from sklearn.base import clone

from codesign import EnsembleClassifier
from codesign.data import ColliderVectors
from codesign.errors import CodesignError

VECTORS = ColliderVectors(
    ("mass", "a_pt", "a_eta", "a_phi", "b_pt", "b_phi"),
    {"a": ("a_pt", "a_eta", "a_phi"), "b": ("b_pt", None, "b_phi")},
)
RNG = np.random.default_rng(0)
PHIS = RNG.uniform(-3, 3, (2, 300))
X = np.column_stack(
    [
        RNG.normal(90, 9, 300),
        RNG.exponential(size=300),
        RNG.normal(size=300),
        PHIS[0],
        RNG.exponential(size=300),
        PHIS[1],
    ]
)
X[::5, 0] = -999.0
Y = np.where(np.cos(X[:, 3] - X[:, 5]) > 0, "near", "far")
OPTIONS = {"members": 2, "hidden": (8,), "epochs": 6, "batch_size": 20, "missing": -999.0, "vectors": VECTORS}
ALIGN = {**OPTIONS, "symmetry": "align", "reference": "a", "other": "b"}


@pytest.fixture(scope="module", params=["align", "augment"])
def fitted(request):
    options = ALIGN if request.param == "align" else {**OPTIONS, "symmetry": "augment"}
    return clone(EnsembleClassifier(**options)).fit(X, Y, np.ones(300))


def test_it_learns_what_no_symmetry_changes_and_predicts_alike_for_every_copy(fitted):
    said = fitted.predict_proba(X)
    assert fitted.score(X, Y) > 0.65 and list(fitted.classes_) == ["far", "near"]
    np.testing.assert_allclose(said.sum(1), 1, atol=1e-6)
    for copy in VECTORS.copies(X)[1::3]:
        np.testing.assert_allclose(fitted.predict_proba(copy), said, atol=2e-4)


def test_network_is_the_ensemble_of_what_inputs_gives(fitted):
    network, x = fitted.to_network(), fitted.inputs(X)
    np.testing.assert_allclose(network.predict(x), fitted.ensemble_.predict(x), atol=1e-6)
    assert (x != -999).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({**ALIGN, "symmetry": "alain"}, "did you mean 'align'"),
        ({**ALIGN, "vectors": None}, "vectors: expected the momenta"),
        ({**ALIGN, "other": None}, "reference, other: expected names"),
        ({**ALIGN, "other": "c"}, "other: expected one of a, b"),
        ({**ALIGN, "missing": None}, "missing: expected the same value"),
        ({**ALIGN, "members": 500}, "members: expected at most"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(CodesignError, match=message):
        EnsembleClassifier(**options).fit(X, Y)
