import numpy as np
import pytest

from codesign._keras import tf
from codesign.layers.noise import noise_generator
from codesign.layers.variational_math import is_kept, kl_divergence, log_alpha_of, noisy_sum

LOG_ALPHA = np.linspace(-8, 8, 9)


def kl_by_integration(log_alpha):
    """KL(N(1, alpha) || log-uniform) up to a constant.

    -0.5 log(alpha) + E[log|w|], on a grid that misses the pole at 0.
    """
    sigma = np.exp(log_alpha / 2)
    w = 1 + sigma * (np.arange(-400_000, 400_000) + 0.5) / 50_000
    density = np.exp(-(((w - 1) / sigma) ** 2) / 2)
    return -0.5 * log_alpha + (density * np.log(np.abs(w) + 1e-300)).sum() / density.sum()


def test_kl_is_within_a_hundredth_of_the_integral():
    difference = kl_divergence(tf.constant(LOG_ALPHA)).numpy() - [kl_by_integration(value) for value in LOG_ALPHA]
    assert np.ptp(difference) < 0.016


def test_kl_equals_the_published_formula():
    x = LOG_ALPHA
    published = -(0.63576 / (1 + np.exp(-(1.87320 + 1.48695 * x))) - 0.5 * np.log1p(np.exp(-x)) - 0.63576)
    np.testing.assert_allclose(kl_divergence(tf.constant(x)), published, rtol=1e-12)


@pytest.mark.parametrize("log_alpha", [-200.0, 200.0])
def test_kl_and_its_gradient_stay_finite_far_out(log_alpha):
    value = tf.Variable(log_alpha)
    with tf.GradientTape() as tape:
        kl = kl_divergence(value)
    assert np.isfinite(kl)
    assert -0.5 <= tape.gradient(kl, value) <= 0


def test_log_alpha_with_weights_of_exactly_zero():
    theta, log_sigma2 = np.array([0.0, 1e-6, -0.5, 2.0]), np.array([-10.0, -3.0, 0.0, 1.0])
    expected = log_sigma2 - np.log(theta**2 + 1e-8)
    np.testing.assert_allclose(log_alpha_of(tf.constant(theta), tf.constant(log_sigma2)), expected)
    np.testing.assert_array_equal(is_kept(tf.constant(theta), tf.constant(log_sigma2), 3.0), expected < 3)


@pytest.mark.parametrize("n_events", [1, 2, 20_001])
def test_noise_has_mean_0_and_the_variance_that_was_asked_for(n_events):
    tf.random.set_seed(0)
    mean, variance = np.full((n_events, 2), 3.0, np.float32), np.tile(np.float32([0.25, 4.0]), (n_events, 1))
    sample = noisy_sum(tf.constant(mean), tf.constant(variance), noise_generator(0)).numpy()
    assert sample.shape == mean.shape
    if n_events > 2:
        np.testing.assert_allclose(sample.mean(0), 3, atol=1e-3)
        np.testing.assert_allclose(sample.var(0), [0.25, 4], rtol=0.03)
        np.testing.assert_allclose(((sample - 3) ** 4).mean(0) / sample.var(0) ** 2, 3, rtol=0.06)
