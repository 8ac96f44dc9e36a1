"""EnsembleClassifier: the ensemble's recipe for any events."""

import warnings
from dataclasses import replace
from inspect import Parameter, signature

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from codesign import EnsembleClassifier, load_network, save_model
from codesign.data import ColliderVectors
from codesign.errors import CodesignError, MissingValueWarning, SingleCopyWarning
from codesign.export.cpp_library import CompiledNetwork
from codesign.layers import ColliderAugmentation, ColliderFeatures, FillMissing

VECTORS = ColliderVectors(
    ("mass", "a_pt", "a_eta", "a_phi", "b_pt", "b_phi"),
    {"a": ("a_pt", "a_eta", "a_phi"), "b": ("b_pt", None, "b_phi")},
    missing=-999.0,
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


def test_network_takes_columns_as_they_are(fitted):
    """Alignment, components, masses and missing values are nodes of it; of one event, where copies are averaged."""
    with warnings.catch_warnings() if fitted.symmetry == "align" else pytest.warns(SingleCopyWarning, match="once"):
        model, network, x = fitted.to_keras(), fitted.to_network(), fitted.inputs(X)
    np.testing.assert_allclose(network.predict(X), fitted.ensemble_.predict(x), atol=1e-4)
    np.testing.assert_allclose(model.predict(X, verbose=0), fitted.ensemble_.predict(x), atol=1e-4)
    assert (x != -999).all()


@pytest.mark.slow
def test_cpp_of_the_file_takes_columns_as_they_are(fitted, tmp_path):
    if fitted.symmetry != "align":
        pytest.skip("compiled once")
    save_model(fitted.to_keras(), tmp_path / "columns.keras")
    found = CompiledNetwork(load_network(tmp_path / "columns.keras")).predict(X.astype(np.float32))
    np.testing.assert_allclose(found[:, 0], fitted.predict_proba(X)[:, 1], atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({**ALIGN, "symmetry": "alain"}, "did you mean 'align'"),
        ({**ALIGN, "vectors": None}, "vectors: expected the momenta"),
        ({**ALIGN, "other": None}, "reference, other: expected names.* Received: reference alone"),
        ({**ALIGN, "reference": None, "other": None}, "reference, other: expected names.* Received: none"),
        *(
            ({**OPTIONS, "symmetry": symmetry, name: "a"}, f"{name}: expected None where the symmetry is '{symmetry}'")
            for symmetry in ("none", "augment")
            for name in ("reference", "other")
        ),
        ({**ALIGN, "other": "c"}, "other: expected one of a, b"),
        ({**ALIGN, "missing": None}, "missing: expected that of the vectors, -999.0. Received: None"),
        ({**ALIGN, "vectors": replace(VECTORS, missing=None)}, "missing: expected that of the vectors, None"),
        ({**ALIGN, "members": 500}, "members: expected at most"),
        ({**ALIGN, "other": "a"}, "other: expected another momentum than the reference"),
        ({**OPTIONS, "vectors": {"a": ("a_pt", "a_eta", "a_phi")}}, "vectors: expected a ColliderVectors, or None"),
        ({**OPTIONS, "missing": np.nan}, "missing: expected a number, such as -999, or None. Received: nan"),
        ({**OPTIONS, "missing": "-999"}, "missing: expected a number"),
        ({**OPTIONS, "symmetry": None}, "symmetry: expected one of none"),
        ({**OPTIONS, "activation": "Relu"}, "did you mean 'relu'"),
        ({**OPTIONS, "hidden": 8}, "hidden: expected a list of whole numbers"),
        ({**OPTIONS, "categories": [0]}, "categories: expected column -> number"),
        ({**OPTIONS, "categories": {"mass": 3}}, "categories: expected columns from 0 to 5. Received: 'mass'"),
        ({**OPTIONS, "categories": {0: 3}}, "X: expected a category of each event in column 0. Received: -999"),
        ({**OPTIONS, "categories": {1: 3}}, "categories: expected columns that are no part of a momentum"),
        ({**OPTIONS, "strata": 6}, "strata: expected columns from 0 to 5. Received: 6"),
        ({**OPTIONS, "strata": 1}, "X: expected whole numbers in column 1, which is of strata"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(CodesignError, match=message):
        EnsembleClassifier(**options).fit(X, Y)


def test_one_momentum_has_no_pairs_and_nothing_is_predicted_before_fit():
    vectors = ColliderVectors(VECTORS.features, {"a": ("a_pt", "a_eta", "a_phi")}, missing=-999.0)
    model = EnsembleClassifier(**{**OPTIONS, "vectors": vectors, "symmetry": "augment"})
    assert model.prepare(X).inputs(X).shape == (300, 6)
    for ask in (model.predict, model.predict_proba):
        with pytest.raises(NotFittedError):
            ask(X)


@pytest.mark.parametrize("vectors", [None, replace(VECTORS, missing=None)])
def test_missing_values_of_which_nobody_has_said_are_named_once(vectors):
    options = {**(ALIGN if vectors else OPTIONS), "vectors": vectors, "missing": None, "epochs": 1}
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        EnsembleClassifier(**options).fit(X, Y)
    (warning,) = seen
    assert warning.category is MissingValueWarning and "\n" not in str(warning.message)
    name = "mass" if vectors else "x0"
    assert f"-999 in {name};" in str(warning.message) and "missing=-999" in str(warning.message)


def test_nobody_states_a_missing_value_by_default():
    kinds = (EnsembleClassifier, ColliderVectors, ColliderFeatures, ColliderAugmentation)
    assert {signature(kind).parameters["missing"].default for kind in kinds} == {None}
    assert signature(FillMissing).parameters["missing"].default is Parameter.empty
