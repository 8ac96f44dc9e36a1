import numpy as np
import pytest

from codesign._keras import keras
from codesign.compress import strip
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense, TernaryDense, TopKGate, VariationalDense
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from codesign.train import copy_weights

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
Dense = keras.layers.Dense


def chain(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


def test_a_variational_network_starts_from_a_plain_one_and_back():
    source = chain(Dense(5, "relu", bias_initializer="normal"), Dense(2))
    target = chain(
        TopKGate(4),
        VariationalDense(5, activation="relu", n_train=20, log_alpha_threshold=60),
        VariationalDense(2, n_train=20),
    )
    copy_weights(source, target)
    target.layers[2].log_sigma2.assign(np.full((5, 2), -40.0))
    np.testing.assert_allclose(target(X), source(X), atol=1e-6)
    again = chain(Dense(5, "relu"), Dense(2))
    copy_weights(strip(target), again)
    np.testing.assert_allclose(again(X), source(X), atol=1e-6)


def test_ternary_scales_are_set_from_the_copied_kernel():
    source, target = chain(Dense(3)), chain(TernaryDense(3))
    copy_weights(source, target)
    kernel = source.layers[0].kernel.numpy()
    assert target.layers[0].scales[0] == pytest.approx(kernel[kernel > 0.05 * np.abs(kernel).max()].mean(), rel=1e-5)


def test_a_posterior_network_starts_as_the_plain_one():
    source, target = chain(Dense(5, "relu"), Dense(2)), chain(PosteriorDense(5, activation="relu"), PosteriorDense(2))
    source.layers[0].kernel.assign(
        source.layers[0].kernel * np.float32([[1], [1e-2], [0], [1e-3]])
    )  # below the noise that layers start with
    copy_weights(source, target)
    np.testing.assert_allclose(target(X), source(X), atol=1e-6)
    noise, kernel = target.layers[0].log_sigma2.numpy(), source.layers[0].kernel.numpy()
    np.testing.assert_allclose(noise[2], -20)
    np.testing.assert_allclose(noise[[0, 1, 3]], np.clip(np.log(kernel[[0, 1, 3]] ** 2), -20, -4), rtol=1e-5)


@pytest.mark.slow
def test_a_pretrained_network_trains_on_and_collapses():
    source, target, y = (
        chain(Dense(6, "relu"), Dense(1)),
        chain(PosteriorDense(6, activation="relu"), PosteriorDense(1)),
        X[:, :1] - X[:, 1:2],
    )
    for model, epochs in ((source, 30), (target, 2)):
        if model is target:
            copy_weights(source, target)
        model.compile(keras.optimizers.Adam(0.03), "mse", run_eagerly=True)
        model.fit(X, y, epochs=epochs, verbose=0)
    model.fit(
        X, y, epochs=1, verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,), weight_width=0.5, input_width=0.5)]
    )
    np.testing.assert_array_equal(Network.from_keras(target).emulate(X), target.predict(X, verbose=0))
    assert np.mean((target.predict(X, verbose=0) - y) ** 2) < 0.3 * y.var()
    with pytest.raises(
        ConfigError, match="target: expected layer 'posterior_dense.*' before its collapse. Received: fixed weights"
    ):
        copy_weights(source, target)


@pytest.mark.parametrize(
    "target, message",
    [
        (
            lambda: chain(Dense(5), Dense(3)),
            r"target: expected dense layers \[\(4, 5\), \(5, 2\)\].*Received: \[\(4, 5\), \(5, 3\)\]",
        ),
        (lambda: chain(Dense(5)), "target: expected dense layers"),
        (lambda: chain(Dense(5), Dense(2, use_bias=False, name="bare")), "expected a bias in layer 'bare'"),
    ],
)
def test_other_shapes_are_refused(target, message):
    with pytest.raises(ConfigError, match=message):
        copy_weights(chain(Dense(5), Dense(2)), target())
