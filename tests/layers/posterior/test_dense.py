import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.compress import strip
from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED, TRUNCATED, UNTOUCHED
from codesign.layers.posterior.math import round_inputs, span_covering, step_of_noise
from codesign.network import FixedPoint
from codesign.train import copy_weights

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(size=(39, 3)), np.zeros((1, 3))]).astype(np.float32)


def built(units=4, **options):
    layer = PosteriorDense(units, **options)
    layer.build((None, 3))
    return layer


def collapsed(mode, step=0.25, **options):
    layer = built(**options)
    layer.start_collapse(mode, np.full(3, step))
    layer.cover_inputs(X.min(0), X.max(0))
    layer.fix_weights(np.round(layer.kernel.numpy() * 8) / 8, np.ones((3, 4), bool))
    layer.bias.assign([0.3, -0.3, 0.0, 1.0])
    layer.bias_step.assign(np.full(4, 0.125))
    layer.finish_collapse()
    return layer


def test_noises_of_two_layers_are_independent():
    keras.utils.set_random_seed(0)
    layers = [built(3), built(3)]
    both = tf.function(lambda x: [layer(x, training=True) for layer in layers])
    first, second = (values.numpy().ravel() for values in both(np.zeros((4000, 3), np.float32)))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05 and abs(np.corrcoef(first**2, second**2)[0, 1]) < 0.05


def test_inference_drops_weights_below_half_their_noise():
    layer = built()
    layer.kernel.assign(np.linspace(-1, 1, 12).reshape(3, 4))
    layer.log_sigma2.assign(np.full((3, 4), 2 * np.log(0.9)))
    kernel = np.where(np.abs(layer.kernel) >= 0.45, layer.kernel, 0)
    np.testing.assert_allclose(layer(X), X @ kernel, atol=1e-6)
    assert (layer.mask == (kernel != 0)).all()
    assert layer.sparsity == pytest.approx(np.mean(kernel == 0))


def test_noise_has_the_variance_of_weights_and_inputs():
    keras.utils.set_random_seed(0)
    layer = built(1, initial_log_sigma2=2 * np.log(0.3), initial_log_tau2=2 * np.log(0.2), seed=1)
    x, theta = np.array([1.0, -2.0, 0.0]), layer.kernel.numpy()[:, 0]
    sums = layer(np.tile(x, (80_000, 1)).astype(np.float32), training=True).numpy()[:, 0]
    variance = 0.09 * np.sum(x**2 + 0.04) + 0.04 * np.sum(theta**2)
    assert sums.mean() == pytest.approx(x @ theta, abs=0.02)
    assert sums.var() == pytest.approx(variance, rel=0.04)


def test_cost_is_the_sum_of_bit_products():
    layer = built(2, cost_weight=0.5)
    layer.log_sigma2.assign(RNG.normal(size=(3, 2)))
    layer.log_tau2.assign(RNG.normal(size=3))
    layer(X, training=True)
    power = 0.98 + 0.02 * np.mean(X**2, 0)
    weights = 0.5 * np.log2(1 + layer.kernel.numpy() ** 2 / np.exp(layer.log_sigma2))
    inputs = 0.5 * np.log2(1 + 3 * power / np.exp(layer.log_tau2))
    expected = sum(weights[i, j] * inputs[i] for i in range(3) for j in range(2)) + 0.5 * inputs.sum()
    assert layer.cost == pytest.approx(expected, rel=1e-5)
    assert float(layer.losses[0]) == pytest.approx(0.5 * expected, rel=1e-5)
    np.testing.assert_allclose(layer.weight_bits, weights, rtol=1e-5)
    np.testing.assert_allclose(layer.input_bits, inputs, rtol=1e-5)
    np.testing.assert_allclose(layer.signal_to_noise, layer.kernel.numpy() ** 2 / np.exp(layer.log_sigma2), rtol=1e-5)


def test_cost_gradient_reaches_weights_and_noise_but_not_the_inputs_power():
    layer, x = built(cost_weight=1.0), tf.Variable(X)
    with tf.GradientTape() as tape:
        layer(x, training=True)
        cost = layer.losses[0]
    *gradients, of_inputs = tape.gradient(cost, [layer.kernel, layer.log_sigma2, layer.log_tau2, x])
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)
    assert of_inputs is None or np.abs(of_inputs).max() == 0


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("rounding, overflow", [("RND", "SAT"), ("TRN", "WRAP"), ("TRN", "SAT")])
def test_rounding_is_that_of_fixed_point(rounding, overflow, signed):
    width, integer = np.array([5, 1, 8, 3]), np.array([3, 1, 0, 5])
    values = np.concatenate(
        [np.outer(np.arange(-80, 80), 2.0 ** -np.array([4, 2, 10, 0])), np.full((1, 4), 0.49999997)]
    ).astype(np.float32)
    step, span = 2.0 ** (integer - width), 2.0**integer
    modes = {"half_up": tf.constant(rounding == "RND"), "wraps": tf.constant(overflow == "WRAP")}
    found = round_inputs(values, *(np.float32(part) for part in (step, -0.5 * span * signed, span)), **modes)
    np.testing.assert_array_equal(found, FixedPoint(width, integer, signed, rounding, overflow).quantize(values))


def test_rounding_passes_gradients_within_its_range():
    values = tf.Variable([-0.3, 0.3, 0.99, 1.2])
    modes = {"half_up": tf.constant(True), "wraps": tf.constant(False)}
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(round_inputs(values, *map(tf.constant, (0.25, 0.0, 1.25)), **modes))
    assert tape.gradient(total, values).numpy().tolist() == [0, 1, 1, 0]


def test_step_adds_as_much_noise_as_was_learnt():
    exact = 2 * np.log(2.0 ** -np.array([-1, 0, 3, 7]) / np.sqrt(12))
    assert step_of_noise(exact, 1.0).tolist() == [2, 1, 2**-3, 2**-7]
    assert step_of_noise(exact, 2.0).tolist() == [4, 2, 2**-2, 2**-6]
    assert step_of_noise(np.array([-40.0, 40.0]), 1.0).tolist() == [2**-8, 4]


def test_span_is_the_smallest_that_covers():
    step = np.full(4, 0.25)
    assert span_covering(np.zeros(4), np.array([0, 0.25, 0.75, 1.0]), step, False).tolist() == [0.25, 0.5, 1, 2]
    assert span_covering(np.array([0, -0.25, -1, -1.25]), np.zeros(4), step, True).tolist() == [0.5, 0.5, 2, 4]


@pytest.mark.parametrize("mode, rounding, overflow", [(ROUNDED, "RND", "SAT"), (TRUNCATED, "TRN", "WRAP")])
def test_collapsed_layer_computes_in_its_formats(mode, rounding, overflow):
    layer, x = collapsed(mode, activation="relu"), 3 * X
    source = layer.input_format
    assert (source.signed, source.rounding, source.overflow) == (True, rounding, overflow)
    rounded = FixedPoint(source.width, source.integer, True, rounding, overflow).quantize(x)
    bias = np.array([0.25, -0.25, 0, 1])
    np.testing.assert_array_equal(layer(x), np.maximum(rounded @ layer.inference_kernel + bias, 0))
    expected = layer(x)
    np.testing.assert_array_equal(layer(x, training=True), expected)
    assert float(layer.losses[0]) == 0
    assert layer.input_bits.tolist() == source.width.tolist()


def test_inputs_that_have_a_format_stay():
    layer = collapsed(UNTOUCHED)
    assert layer.input_format is None
    np.testing.assert_allclose(layer(X), X @ layer.inference_kernel + layer.fixed_bias, atol=1e-6)


def test_prescribed_format_is_kept_and_has_no_noise():
    layer = collapsed(ROUNDED, input_precision="ap_fixed<8,4>")
    assert (layer.input_format.width.tolist(), layer.input_format.integer.tolist()) == ([8] * 3, [4] * 3)
    fresh = built(input_precision="ap_fixed<8,4,AP_RND,AP_SAT>", initial_log_sigma2=-20.0)
    assert fresh.input_bits.tolist() == [8] * 3
    assert all(weight is not fresh.log_tau2 for weight in fresh.trainable_weights)
    np.testing.assert_allclose(fresh(X, training=True), fresh(X), atol=2e-3)


def test_fixed_weights_do_not_move():
    keras.utils.set_random_seed(0)
    layer = PosteriorDense(1, initial_log_sigma2=-8)
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(keras.optimizers.Adam(0.1), "mse", run_eagerly=True)
    model.fit(X, X[:, :1] * 3, epochs=3, verbose=0)
    layer.start_collapse(ROUNDED, np.full(3, 0.25))
    layer.cover_inputs(X.min(0), X.max(0))
    layer.fix_weights(np.full((3, 1), 0.375), np.array([[True], [False], [False]]))
    before = layer.inference_kernel
    model.fit(X, X[:, :1] * 3, epochs=3, verbose=0)
    assert layer.inference_kernel[0, 0] == np.float32(0.375)
    assert (layer.inference_kernel[1:] != before[1:]).all()


def test_starts_from_a_trained_network():
    plain, posterior = (
        keras.Sequential([keras.Input((3,)), kind(4, activation="relu"), kind(2)])
        for kind in (keras.layers.Dense, PosteriorDense)
    )
    copy_weights(plain, posterior)
    for layer in posterior.layers:
        layer.log_sigma2.assign(np.full(layer.kernel.shape, -20.0))
    np.testing.assert_allclose(posterior(X), plain(X), atol=1e-6)


def test_strip_refuses_a_layer_that_rounds():
    model = keras.Sequential([keras.Input((3,)), PosteriorDense(2, name="first")])
    model.layers[0].start_collapse(ROUNDED, np.ones(3))
    with pytest.raises(UnsupportedLayerError, match="layer 'first': expected a layer before its collapse") as error:
        strip(model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"cost_weight": -1.0}, "cost_weight: expected a number from 0.0 to"),
        ({"cost_weight": np.nan}, "cost_weight"),
        ({"initial_log_sigma2": 40.0}, "initial_log_sigma2: expected a number from -20.0 to 10.0. Received: 40.0"),
        ({"initial_log_tau2": np.nan}, "initial_log_tau2"),
        ({"input_precision": "ap_ufixed<8,4>"}, "input_precision: expected ap_fixed<W,I>"),
        ({"input_precision": "ap_fixed<0,4>"}, "input_precision"),
        ({"input_precision": 8}, "input_precision"),
        ({"kernel_quantizer": "quantized_bits(6,1,alpha=1)"}, "kernel_quantizer, bias_quantizer: expected none"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        PosteriorDense(4, **options)


def test_cost_weight_can_be_set():
    layer = built()
    layer.set_cost_weight(0.25)
    assert layer.cost_weight == 0.25
    with pytest.raises(ConfigError, match="cost_weight: expected"):
        layer.set_cost_weight(-1.0)
