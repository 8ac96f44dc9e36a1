import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from codesign._keras import keras
from codesign.drone import as_teacher, load_teacher
from codesign.errors import ConfigError, DataError
from codesign.train import save_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))


def test_pickles_and_keras_models_teach_as_they_did(tmp_path):
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    joblib.dump(model, tmp_path / "model.joblib")
    np.testing.assert_allclose(as_teacher(load_teacher(tmp_path / "model.joblib")).predict(X)[:, 0], model.predict_proba(X)[:, 1], atol=1e-6)
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    save_model(network, tmp_path / "model.h5")
    np.testing.assert_allclose(as_teacher(load_teacher(tmp_path / "model.h5")).predict(X), network.predict(X, verbose=0), atol=1e-6)


def test_boosters_in_files(tmp_path):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=3).fit(X, X[:, 0] > 0)
    model.get_booster().save_model(tmp_path / "model.ubj")
    np.testing.assert_allclose(as_teacher(load_teacher(tmp_path / "model.ubj")).predict(X)[:, 0], model.predict_proba(X)[:, 1], atol=1e-6)


def test_files_that_teach_nothing(tmp_path):
    with pytest.raises(ConfigError, match="expected a file"):
        load_teacher(tmp_path / "model.docx")
    for name in ("a.h5", "a.joblib", "a.ubj", "a.txt", "a.keras", "a.pkl"):
        with pytest.raises(DataError, match="does not exist"):
            load_teacher(tmp_path / name)
    for name in ("b.h5", "b.joblib", "b.pkl"):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(DataError, match=r"readable|expected a saved"):
            load_teacher(tmp_path / name)
