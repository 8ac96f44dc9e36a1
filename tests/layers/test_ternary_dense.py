import numpy as np
import pytest

from codesign._keras import tf
from codesign.errors import ConfigError
from codesign.layers import TernaryDense

KERNEL = np.float32([[0.5, -0.02, 0.0], [-1.0, 0.04, 0.06]])


def built(kernel=KERNEL, **options):
    layer = TernaryDense(kernel.shape[1], **options)
    layer.build((None, len(kernel)))
    layer.kernel.assign(kernel)
    layer.reset_scales()
    return layer


@pytest.mark.parametrize(
    "options, expected",
    [
        ({}, [[1, 0, 0], [-1, 0, 1]]),
        ({"threshold": 0.0}, [[1, -1, 0], [-1, 1, 1]]),
        ({"threshold": 0.2, "threshold_of": "mean"}, [[1, 0, 0], [-1, 0, 1]]),
        ({"threshold": 1.5, "threshold_of": "mean"}, [[1, 0, 0], [-1, 0, 0]]),
        ({"threshold": 0.5, "threshold_of": "quantile"}, [[1, 0, 0], [-1, 0, 1]]),
        ({"threshold": 0.8, "threshold_of": "quantile"}, [[0, 0, 0], [-1, 0, 0]]),
        ({"threshold": 0.0, "threshold_of": "quantile"}, [[1, -1, 0], [-1, 1, 1]]),
    ],
)
def test_zones(options, expected):
    layer = built(**options)
    np.testing.assert_array_equal(np.sign(layer.inference_kernel), expected)
    assert layer.sparsity == pytest.approx(np.mean(np.array(expected) == 0))


def test_scales_start_at_the_mean_of_their_zones():
    assert built().scales == pytest.approx(((0.5 + 0.06) / 2, 1.0), rel=1e-5)
    assert built(tied=True).scales == pytest.approx(((0.5 + 0.06 + 1) / 3,) * 2, rel=1e-5)


def test_output_is_the_product_with_three_values():
    layer, x = built(), np.float32([[1, 2], [0, 0], [-1, 0.5]])
    up, down = layer.scales
    np.testing.assert_allclose(layer(x), x @ np.array([[up, 0, 0], [-down, 0, up]]), rtol=1e-5)


def test_scales_of_units_start_at_the_means_of_their_own_weights():
    positive, negative = built(scales_per="unit").scales
    np.testing.assert_allclose(
        positive, [0.5, (0.5 + 0.06) / 2, 0.06], rtol=1e-5
    )  # the layer's mean where a unit has none
    np.testing.assert_allclose(negative, [1, 1, 1], rtol=1e-5)
    layer = built(scales_per="unit")
    np.testing.assert_allclose(layer.inference_kernel, [[0.5, 0, 0], [-1, 0, 0.06]], rtol=1e-5)


@pytest.mark.parametrize("scales_per", ["layer", "unit"])
@pytest.mark.parametrize("tied", [False, True])
def test_gradients_of_the_scales_equal_finite_differences(tied, scales_per):
    rng = np.random.default_rng(0)
    layer = built(rng.normal(size=(6, 4)).astype(np.float32), threshold=0.3, tied=tied, scales_per=scales_per)
    x, upstream = rng.normal(size=(5, 6)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)

    def loss():
        return tf.reduce_sum(layer(x, training=True) * upstream)

    with tf.GradientTape() as tape:
        value = loss()
    gradient = tape.gradient(value, layer.latent_scales).numpy()
    start, step = layer.latent_scales.numpy(), 1e-2
    for index in np.ndindex(start.shape):
        shift = np.zeros_like(start)
        shift[index] = step
        layer.latent_scales.assign(start + shift)
        above = loss()
        layer.latent_scales.assign(start - shift)
        assert gradient[index] == pytest.approx((above - loss()).numpy() / (2 * step), rel=1e-2, abs=1e-3)
        layer.latent_scales.assign(start)


def test_signs_of_the_scale_gradients_and_the_zones_of_the_latent_gradient():
    rng = np.random.default_rng(1)
    kernel = rng.normal(size=(6, 4)).astype(np.float32)
    kernel[0, 0] = 0
    layer = built(kernel, threshold=0.3)
    x, upstream = rng.normal(size=(5, 6)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x, training=True) * upstream)
    by_kernel, by_latent = tape.gradient(loss, [layer.kernel, layer.latent_scales])
    g, delta, (up, down) = x.T @ upstream, 0.3 * np.abs(kernel).max(), layer.scales
    slope = 1 - np.exp(-np.array([up, down]))  # of softplus, in terms of its value
    np.testing.assert_allclose(
        by_latent, [g[kernel > delta].sum() * slope[0], -g[kernel < -delta].sum() * slope[1]], rtol=1e-4
    )
    np.testing.assert_allclose(
        by_kernel, g * np.where(kernel > delta, up, np.where(kernel < -delta, down, 1)), rtol=1e-4
    )


@pytest.mark.parametrize(
    "options, message",
    [
        ({"threshold": -0.1}, "threshold: expected a share.*Received: -0.1"),
        ({"threshold": 1.0}, "threshold"),
        ({"threshold": np.nan, "threshold_of": "mean"}, "threshold"),
        ({"threshold": 1.0, "threshold_of": "quantile"}, "threshold"),
        ({"scales_per": "weight"}, "scales_per: expected one of layer, unit. Received: weight"),
        ({"threshold_of": "median"}, "threshold_of: expected one of max, mean, quantile"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        TernaryDense(5, **options)
