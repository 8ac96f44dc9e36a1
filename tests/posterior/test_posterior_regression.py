"""Posterior precision for numbers instead of classes, alone and beside QKeras layers."""

import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from codesign.train import CostSchedule, load_model, save_model

X = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
Y = np.stack([X[:, 0] - 0.5 * X[:, 1], 0.7 * np.abs(X[:, 0]), X[:, 3]], 1)
WILD = np.concatenate([X, 5 * X[:100], np.zeros((1, 4), np.float32)])
WEIGHTS = "quantized_bits(6,1,alpha=1)"


def q_dense(units, **options):
    return QDense(units, kernel_quantizer=WEIGHTS, bias_quantizer=WEIGHTS, **options)


CHAINS = {
    "inputs quantised": lambda: [
        QActivation("quantized_bits(8,3,alpha=1)"),
        PosteriorDense(5, activation="relu"),
        PosteriorDense(3),
    ],
    "QDense behind": lambda: [PosteriorDense(5), QActivation("quantized_relu(6,3)"), q_dense(3)],
    "QDense before": lambda: [
        QActivation("quantized_bits(8,3,alpha=1)"),
        q_dense(5, activation="quantized_relu(6,3)"),
        PosteriorDense(4, activation="relu"),
        PosteriorDense(3),
    ],
    "output quantised": lambda: [
        PosteriorDense(5, activation="relu"),
        PosteriorDense(3),
        QActivation("quantized_bits(12,4,alpha=1)"),
    ],
}


def model_of(layers):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), *layers])


def fit(model, y, *callbacks, epochs, rate, batch_size=50):
    model.compile(keras.optimizers.Adam(rate), "mse", run_eagerly=True)
    model.fit(X, y, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=list(callbacks))


def reloaded(model, path):
    save_model(model, path)
    loaded = load_model(path)
    np.testing.assert_array_equal(loaded.predict(WILD, verbose=0), model.predict(WILD, verbose=0))
    return loaded


@pytest.mark.slow
@pytest.mark.parametrize("n_outputs", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_collapsed_regression_is_exact_and_near_its_target(n_outputs):
    model, y = model_of([PosteriorDense(8, activation="relu"), PosteriorDense(n_outputs)]), Y[:, :n_outputs]
    fit(model, y, CostSchedule(1e-5), epochs=25, rate=0.05)
    fit(model, y, CollapseSchedule(X, parts=(0.6, 1.0), weight_width=1.0, input_width=0.5), epochs=6, rate=0.003)
    outputs = model.predict(WILD, verbose=0)
    np.testing.assert_array_equal(Network.from_keras(model).emulate(WILD), outputs)
    assert np.mean((outputs[: len(X)] - y) ** 2) < 0.05 * y.var()


@pytest.mark.parametrize(
    "layers, suffix",
    [
        pytest.param(layers, suffix, id=name, marks=() if name == "output quantised" else pytest.mark.slow)
        for (name, layers), suffix in zip(CHAINS.items(), [".h5", ".keras", ".h5", ".keras"])
    ],
)
def test_beside_qkeras_layers_it_is_exact_and_reloads_at_every_stage(layers, suffix, tmp_path):
    model = model_of(layers())
    fit(model, Y, CostSchedule(1e-4), epochs=2, rate=0.02, batch_size=100)
    model = reloaded(model, tmp_path / f"noisy{suffix}")
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", True))
    fit(model, Y, CollapseSchedule(X, parts=(0.4, 1.0)), stop, epochs=2, rate=0.003, batch_size=100)
    assert {layer.stage for layer in model.layers if isinstance(layer, PosteriorDense)} == {1}
    model = reloaded(model, tmp_path / f"collapsing{suffix}")
    fit(model, Y, CollapseSchedule(X, parts=(1.0,)), epochs=1, rate=0.003, batch_size=100)
    model = reloaded(model, tmp_path / f"collapsed{suffix}")
    np.testing.assert_array_equal(Network.from_keras(model).emulate(WILD), model.predict(WILD, verbose=0))
