"""Estimators of scikit-learn: the network is the estimator, live or in a skops file, which needs neither library."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from codesign import load_network
from codesign.errors import CodesignError, ConfigError, UnsupportedLayerError
from codesign.network.ends import split_softmax, split_standardisation
from codesign.read import read_file, read_object
from tests.damaged_models import meet_damaged
from tests.read.sklearn.estimators import MODELS, TEST, THREE, TWO, VALUE, X, expected, fitted

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path.stem for path in GOLDEN.glob("*.skops"))


@pytest.mark.parametrize("name", MODELS)
def test_the_network_is_the_estimator(name):
    model = fitted(name)
    np.testing.assert_allclose(load_network(model).predict(TEST), expected(model, TEST), atol=1e-9)


@pytest.mark.parametrize("name", FILES)
def test_files_are_what_scikit_learn_computes(name):
    stored = np.load(GOLDEN / "outputs.npz")
    reading = read_file(GOLDEN / f"{name}.skops")
    np.testing.assert_allclose(reading.network.predict(stored["x"]), stored[name], atol=1e-9)
    assert reading.about["format"] == "skops" and reading.about["producer"].startswith(("skops", "scikit-learn"))


def test_the_ends_are_nodes_and_the_names_are_kept():
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.array(["b", "c", "light"])[THREE])
    reading = read_object(model)
    assert reading.names.outputs == ("b", "c", "light")
    standardised, rest = split_standardisation(reading.network)
    assert list(standardised) == ["x"] and split_softmax(rest)[1]
    assert reading.design_network().is_chain


UNFITTED = [
    (LogisticRegression(), ConfigError, "LogisticRegression: expected a fitted model"),
    (CalibratedClassifierCV(LinearSVC(), cv=2).fit(X, TWO), UnsupportedLayerError, "give the classifier in it"),
    (SVC().fit(X, TWO), UnsupportedLayerError, "SVC.*as a teacher"),
    (make_pipeline(QuantileTransformer(n_quantiles=9), Ridge()).fit(X, VALUE), UnsupportedLayerError,
     "step 'quantiletransformer'.*RobustScaler"),
    (make_pipeline(FunctionTransformer(np.sin), Ridge()).fit(X, VALUE), UnsupportedLayerError, "a function is code"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "error", "message"), UNFITTED)
def test_what_no_network_can_be_is_named(model, error, message):
    with pytest.raises(error, match=message):
        load_network(model)


def changed(target, change):
    with zipfile.ZipFile(GOLDEN / "logistic_three.skops") as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    schema = json.loads(entries["schema.json"])
    change(schema, entries)
    entries["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for one, content in entries.items():
            archive.writestr(one, content)
    return target


CHANGES = {
    "protocol 3; known are those to 2": lambda schema, entries: schema.update(protocol=3),
    "expected an estimator.*os.system": lambda schema, entries: schema.update(
        __class__="system", __module__="os", __loader__="FunctionNode"
    ),
    "LogisticRegression: expected a fitted model. Received: one without coef_": lambda schema, entries: schema[
        "content"
    ]["content"].pop("coef_"),
    "cannot be read": lambda schema, entries: [entries.pop(one) for one in list(entries) if one.endswith(".npy")],
}


@pytest.mark.parametrize("message", CHANGES)
def test_files_that_lack_something_say_what(message, tmp_path):
    with pytest.raises(CodesignError, match=message):
        read_file(changed(tmp_path / "model.skops", CHANGES[message]))


@pytest.mark.parametrize("name", ["columns", "boosted", "vote"])
def test_damaged_files(name):
    assert meet_damaged(GOLDEN / f"{name}.skops", range(30)) < 28


@pytest.mark.slow
@pytest.mark.parametrize("name", ["columns", "boosted", "forest_two", "histograms", "vote"])
def test_fifty_thousand_damaged_files(name):
    meet_damaged(GOLDEN / f"{name}.skops", range(30, 10_030))
