import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers import VariationalDense
from codesign.train import KLSchedule


def built(kernel, log_sigma2, **options):
    kernel, log_sigma2 = np.float32(kernel), np.float32(log_sigma2)
    layer = VariationalDense(kernel.shape[1], n_train=100, **options)
    layer.build((None, len(kernel)))
    layer.kernel.assign(kernel)
    layer.log_sigma2.assign(log_sigma2)
    return layer


def test_inference_drops_weights_whose_noise_exceeds_the_threshold():
    kernel, log_sigma2 = np.array([[2.0, 0.1], [0.0, -1.0]]), np.array([[-1.0, -1.0], [-10.0, 2.9]])
    layer = built(kernel, log_sigma2)
    layer.bias.assign([1.0, 2.0])
    expected = np.array([[True, True], [False, True]])
    expected[0, 1] = -1 - np.log(0.01) < 3
    np.testing.assert_array_equal(layer.mask, expected)
    assert layer.sparsity == 0.5
    np.testing.assert_allclose(layer.log_alpha, log_sigma2 - np.log(kernel**2 + 1e-8), rtol=1e-5)
    x = np.float32([[1, 2], [0, 0], [-3, 0.5]])
    np.testing.assert_allclose(layer(x), x @ (kernel * expected) + [1, 2], rtol=1e-6)


def test_noise_at_fixed_inputs():
    tf.random.set_seed(0)
    layer = built([[1.0, 0.0], [0.5, -2.0]], np.log([[0.1, 0.2], [0.3, 0.4]]), use_bias=False)
    x = np.tile(np.float32([2, -1]), (40_000, 1))
    sample = layer(x, training=True).numpy()
    np.testing.assert_allclose(sample.mean(0), [1.5, 2], atol=1e-3)
    np.testing.assert_allclose(sample.var(0), [4 * 0.1 + 0.3, 4 * 0.2 + 0.4], rtol=0.03)


@pytest.mark.parametrize("log_sigma2", [-10.0, 6.0])
def test_a_weight_of_two_has_a_gradient_on_its_noise(log_sigma2):
    layer = built([[2.0]], [[log_sigma2]])
    x = np.random.default_rng(0).normal(size=(64, 1)).astype(np.float32)
    tf.random.set_seed(0)
    with tf.GradientTape(persistent=True) as tape:
        data_loss = tf.reduce_mean(layer(x, training=True) ** 4)
        (kl,) = layer.losses
    assert abs(tape.gradient(data_loss, layer.log_sigma2).numpy()) > 1e-6
    assert tape.gradient(kl, layer.log_sigma2).numpy() < -1e-6


def test_kl_term_is_divided_by_the_training_set():
    layer = built([[2.0, 0.1]], [[-3.0, 0.5]], kl_weight=0.5)
    layer(np.ones((4, 1), np.float32), training=True)
    log_alpha = layer.log_alpha.astype(np.float64)
    kl = 0.63576 - 0.63576 / (1 + np.exp(-(1.87320 + 1.48695 * log_alpha))) + 0.5 * np.log1p(np.exp(-log_alpha))
    assert float(layer.losses[0]) == pytest.approx(0.5 * kl.sum() / 100, rel=1e-5)
    layer.set_kl_weight(2.0, 1000)
    assert layer.kl_weight == pytest.approx(2)
    layer(np.ones((4, 1), np.float32))
    assert layer.losses == []


def test_training_prunes_a_useless_weight_of_two_and_keeps_a_useful_one():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 2)).astype(np.float32)
    model = keras.Sequential([keras.Input((2,)), VariationalDense(1, seed=0)])
    model.layers[0].kernel.assign([[2.0], [2.0]])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    keras.utils.set_random_seed(0)
    model.fit(
        x, 2 * x[:, :1], epochs=30, batch_size=50, verbose=0, callbacks=[KLSchedule(n_train=1000, start=1, end=3)]
    )
    np.testing.assert_array_equal(model.layers[0].mask, [[True], [False]])


@pytest.mark.slow
def test_a_long_run_from_zero_weights_and_dead_inputs_stays_finite():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            VariationalDense(8, kernel_initializer="zeros"),
            VariationalDense(1, kernel_initializer="zeros"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse")
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    x[:, :2] = 0
    model.fit(
        x,
        x[:, 3:],
        epochs=400,
        batch_size=100,
        verbose=0,
        callbacks=[KLSchedule(n_train=100, start=5, end=20, weight=10)],
    )
    for weight in model.get_weights():
        assert np.isfinite(weight).all()
    assert model.layers[0].sparsity > 0.5


@pytest.mark.parametrize(
    "options, message",
    [
        ({"n_train": 0}, "n_train: expected the number of training events"),
        ({"n_train": 0.5}, "n_train"),
        ({"kl_weight": -1.0}, "kl_weight: expected a number of at least 0. Received: -1.0"),
        ({"kl_weight": np.nan}, "kl_weight"),
        ({"log_alpha_threshold": -1.0}, "log_alpha_threshold: expected 0 or more.*Received: -1.0"),
        ({"initial_log_sigma2": np.nan}, "initial_log_sigma2"),
        ({"kernel_quantizer": "quantized_bit(6)"}, "kernel_quantizer: expected a QKeras quantizer"),
        ({"activation": "relux"}, "activation: expected a Keras activation. Received: relux"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        VariationalDense(5, **options)


@pytest.mark.parametrize("units", [0, -1, 2.5, None])
def test_bad_units(units):
    with pytest.raises(ConfigError, match="units: expected a"):
        VariationalDense(units)


def test_training_without_the_size_of_the_training_set_is_refused():
    layer = VariationalDense(2)
    with pytest.raises(ConfigError, match=r"n_train.*expected the size of the training set.*KLSchedule\(n_train=len"):
        layer(np.ones((4, 3), np.float32), training=True)
    with pytest.raises(ConfigError, match="n_train"):
        layer.set_kl_weight(1.0)
