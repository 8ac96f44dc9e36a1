import numpy as np
import pytest

from codesign._keras import keras
from codesign.data import Dataset
from codesign.errors import ConfigError, DataError, TrainingError
from codesign.network import Network
from codesign.train import FitSettings, build_qmlp, fit_classifier, load_model, save_model


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 1200)
    x = (rng.normal(size=(1200, 4)) + 2 * np.eye(3, 4)[y]).astype(np.float32)
    return Dataset(x[:900], y[:900], x[900:], y[900:], tuple("abcd"), ("0", "1", "2"))


@pytest.fixture(scope="module")
def trained(blobs):
    model = build_qmlp(4, (16,), 3, weight_bits=6)
    return fit_classifier(
        model, blobs, FitSettings(epochs=20, batch_size=64, learning_rate=0.01, sparsity=0.5), progress=False
    )


def test_training_learns_and_prunes(trained, blobs):
    network = Network.from_keras(trained)
    assert (trained.predict(blobs.x_test, verbose=0).argmax(1) == blobs.y_test).mean() > 0.75
    assert network.n_weights <= 0.5 * (4 * 16 + 16 * 3) + 1


@pytest.mark.slow
@pytest.mark.parametrize("epochs, batch_size", [(1, 900), (2, 300), (3, 64)])
def test_short_trainings_reach_the_sparsity_too(blobs, epochs, batch_size):
    settings = FitSettings(epochs=epochs, batch_size=batch_size, sparsity=0.7)
    network = Network.from_keras(fit_classifier(build_qmlp(4, (20,), 3), blobs, settings, progress=False))
    assert network.n_weights <= 0.3 * (4 * 20 + 20 * 3) + 1


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_saved_model_predicts_the_same(trained, blobs, tmp_path, suffix):
    save_model(trained, tmp_path / f"model{suffix}")
    loaded = load_model(tmp_path / f"model{suffix}")
    np.testing.assert_array_equal(loaded.predict(blobs.x_test, verbose=0), trained.predict(blobs.x_test, verbose=0))


@pytest.mark.slow
def test_same_seed_same_network(blobs):
    settings = FitSettings(epochs=1, batch_size=64)
    first, second = (fit_classifier(build_qmlp(4, (5,), 3, seed=3), blobs, settings, progress=False) for _ in range(2))
    for a, b in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_divergence_is_said(blobs):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(3, "softmax")])
    with pytest.raises(TrainingError, match="in epoch 1; lower the learning_rate"):
        fit_classifier(model, blobs, FitSettings(epochs=2, learning_rate=1e38, sparsity=0.0), progress=False)


@pytest.mark.parametrize("setting", [{"epochs": 0}, {"sparsity": 1.0}, {"learning_rate": -1.0}, {"batch_size": 0}])
def test_bad_settings(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        FitSettings(**setting)


def test_bad_sizes():
    with pytest.raises(ConfigError, match="weight_bits"):
        build_qmlp(4, (5,), 3, weight_bits=40)
    with pytest.raises(ConfigError, match="hidden"):
        build_qmlp(4, (0,), 3)


def test_bad_model_files(tmp_path):
    (tmp_path / "broken.h5").write_bytes(b"no model")
    with pytest.raises(DataError, match="model: expected"):
        load_model(tmp_path / "broken.h5")
    with pytest.raises(DataError, match="does not exist"):
        load_model(tmp_path / "nothing.h5")
