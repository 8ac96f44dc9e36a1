import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from codesign import DenseLayer, Network, quantize_network
from codesign._keras import keras
from codesign.drone import as_teacher, load_teacher
from codesign.errors import DataError
from codesign.network.ends import with_softmax
from codesign.train import save_model

FORESTS = Path(__file__).parents[2] / "forests" / "golden"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))


def test_pickles_and_keras_models_teach_as_they_did(tmp_path):
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    joblib.dump(model, tmp_path / "model.joblib")
    np.testing.assert_allclose(
        as_teacher(load_teacher(tmp_path / "model.joblib", trust_pickle=True)).predict(X)[:, 0],
        model.predict_proba(X)[:, 1],
        atol=1e-6,
    )
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    save_model(network, tmp_path / "model.h5")
    np.testing.assert_allclose(
        as_teacher(load_teacher(tmp_path / "model.h5")).predict(X), network.predict(X, verbose=0), atol=1e-6
    )


def test_boosters_in_files(tmp_path):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=3).fit(X, X[:, 0] > 0)
    model.get_booster().save_model(tmp_path / "model.ubj")
    np.testing.assert_allclose(
        as_teacher(load_teacher(tmp_path / "model.ubj")).predict(X)[:, 0], model.predict_proba(X)[:, 1], atol=1e-6
    )


def test_boosters_in_files_teach_without_their_library(monkeypatch):
    monkeypatch.setattr("codesign.drone.teachers.files.find_spec", lambda name: None)
    stored = np.load(FORESTS / "margins.npz")
    powers = np.exp(stored["xgboost"])
    classes = as_teacher(FORESTS / "xgboost.ubj").predict(stored["x"])
    np.testing.assert_allclose(classes, powers / powers.sum(1, keepdims=True), atol=1e-6)
    signal = as_teacher(FORESTS / "lightgbm.txt").predict(stored["x"])
    np.testing.assert_allclose(signal[:, 0], 1 / (1 + np.exp(-stored["lightgbm"])), atol=1e-6)


def test_files_that_teach_nothing(tmp_path):
    for name in ("a.h5", "a.joblib", "a.ubj", "a.txt", "a.keras", "a.pkl", "a.docx"):
        with pytest.raises(DataError, match="does not exist"):
            load_teacher(tmp_path / name)
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(DataError, match="teacher: expected a saved model.* text"):
            load_teacher(tmp_path / name, trust_pickle=True)


def test_a_pickle_is_opened_only_when_it_is_trusted(tmp_path):
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)):
        joblib.dump(model, tmp_path / "model", compress=compress)
        with pytest.raises(DataError, match="trust_pickle=True.*skops.*ONNX"):
            load_teacher(tmp_path / "model")
        assert load_teacher(tmp_path / "model", trust_pickle=True).coef_.shape == (1, 3)


def test_skops_files_are_data(tmp_path):
    skops = pytest.importorskip("skops.io")
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    skops.dump(model, tmp_path / "model.skops")
    np.testing.assert_array_equal(load_teacher(tmp_path / "model.skops").coef_, model.coef_)
    skops.dump(FunctionTransformer(LogisticRegression.fit), tmp_path / "other.skops")
    with pytest.raises(DataError, match="types that skops knows to be safe.*fit"):
        load_teacher(tmp_path / "other.skops")


def test_modules_of_torch_need_trust_and_weights_alone_are_no_teacher(tmp_path):
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Sigmoid())
    torch.save(module, tmp_path / "module.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # TorchScript is deprecated
        torch.jit.script(module).save(tmp_path / "script.pt")
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    expected = module(torch.as_tensor(X, dtype=torch.float32)).detach().numpy()
    for name in ("module.pt", "script.pt"):
        with pytest.raises(DataError, match="PyTorch.*trust_pickle=True"):
            load_teacher(tmp_path / name)
        np.testing.assert_allclose(
            as_teacher(load_teacher(tmp_path / name, trust_pickle=True)).predict(X), expected, atol=1e-6
        )
    for trust in (False, True):
        with pytest.raises(DataError, match="state_dict"):
            load_teacher(tmp_path / "weights.pt", trust_pickle=trust)


def test_a_file_is_a_teacher_by_its_path_and_is_trusted_only_if_so_told(tmp_path):
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    joblib.dump(model, tmp_path / "model.pkl")
    with pytest.raises(DataError, match="trust_pickle=True"):
        as_teacher(tmp_path / "model.pkl")
    teacher = as_teacher(str(tmp_path / "model.pkl"), trust_pickle=True)
    np.testing.assert_allclose(teacher.predict(X), as_teacher(model).predict(X))


def test_networks_teach_in_floating_point_or_in_their_integers(tmp_path):
    rng = np.random.default_rng(0)
    network = Network.chain([DenseLayer("fc", rng.normal(size=(3, 2)), np.zeros(2), "relu"),
                             DenseLayer("out", rng.normal(size=(2, 2)), np.zeros(2))])  # fmt: skip
    x = rng.normal(size=(20, 3))
    logits = as_teacher(network, output="logit", positive=1)
    assert logits.kind == "probability" and logits.predict(x).shape == (20, 1)
    with_softmax(network).save(tmp_path / "network.json")
    shares = as_teacher(tmp_path / "network.json", positive=1)
    assert "as its library says" in shares.reading
    np.testing.assert_allclose(shares.predict(x), logits.predict(x), atol=1e-6)
    design = quantize_network(network, x, weights=6, activations=8)
    np.testing.assert_allclose(as_teacher(design, output="value").predict(x), design.emulate(x), rtol=1e-6)
