import numpy as np
import pytest

from codesign._keras import keras
from codesign.compress import strip
from codesign.errors import ConfigError
from codesign.layers import TernaryDense, TopKGate, VariationalDense
from codesign.train import copy_weights

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
Dense = keras.layers.Dense


def chain(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


def test_a_variational_network_starts_from_a_plain_one_and_back():
    source = chain(Dense(5, "relu", bias_initializer="normal"), Dense(2))
    target = chain(TopKGate(4), VariationalDense(5, activation="relu", n_train=20, log_alpha_threshold=60), VariationalDense(2, n_train=20))
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


@pytest.mark.parametrize(
    "target, message",
    [
        (lambda: chain(Dense(5), Dense(3)), r"target: expected dense layers \[\(4, 5\), \(5, 2\)\].*Received: \[\(4, 5\), \(5, 3\)\]"),
        (lambda: chain(Dense(5)), "target: expected dense layers"),
        (lambda: chain(Dense(5), Dense(2, use_bias=False, name="bare")), "expected a bias in layer 'bare'"),
    ],
)
def test_other_shapes_are_refused(target, message):
    with pytest.raises(ConfigError, match=message):
        copy_weights(chain(Dense(5), Dense(2)), target())
