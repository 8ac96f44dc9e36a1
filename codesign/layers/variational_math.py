"""The formulas of variational dropout (Molchanov, Ashukha, Vetrov 2017, arXiv:1701.05369), additive form.

Posterior q(w) = N(theta, sigma2) with trainables theta and log_sigma2, log-uniform prior. Tensors of any one shape,
element by element.
"""

from codesign._keras import tf

_EPSILON = 1e-8
_K1, _K2, _K3 = 0.63576, 1.87320, 1.48695


def log_alpha_of(theta: tf.Tensor, log_sigma2: tf.Tensor) -> tf.Tensor:
    """Return ``log(sigma2 / (theta^2 + 1e-8))``, the log of the noise-to-signal ratio: finite at theta = 0."""
    return log_sigma2 - tf.math.log(theta * theta + _EPSILON)


def kl_divergence(log_alpha: tf.Tensor) -> tf.Tensor:
    """Return KL(q || log-uniform) of each element, up to the constant that makes it vanish at infinite noise.

    ``k1 - k1 sigmoid(k2 + k3 log_alpha) + 0.5 softplus(-log_alpha)`` with k1 = .63576, k2 = 1.87320, k3 = 1.48695;
    within 0.008 of the integral for log_alpha in [-8, 8]. Its derivative is never positive: noise is always welcome.
    """
    return _K1 - _K1 * tf.sigmoid(_K2 + _K3 * log_alpha) + 0.5 * tf.nn.softplus(-log_alpha)


def is_kept(theta: tf.Tensor, log_sigma2: tf.Tensor, threshold: float) -> tf.Tensor:
    """Return ``log_alpha < threshold`` as bool, with one exponential and no logarithm."""
    return tf.exp(log_sigma2 - threshold) < theta * theta + _EPSILON


def noisy_sum(mean: tf.Tensor, variance: tf.Tensor, generator: tf.random.Generator) -> tf.Tensor:
    """Return ``mean + sqrt(variance + 1e-8) N(0,1)``: local reparameterisation (Kingma et al. 2015, arXiv:1506.02557).

    The second half of the batch gets the first half's numbers with the other sign (antithetic variates): each number is
    standard normal, gradients are unbiased, and the generator, which costs as much as the products, runs half as often.

    Args:
        mean, variance: (n_events, ..., units).
        generator: of the numbers.
    """
    shape = tf.shape(mean)
    half = generator.normal(tf.concat([[(shape[0] + 1) // 2], shape[1:]], 0), dtype=mean.dtype)
    noise = tf.concat([half, -half], 0)[: shape[0]]
    return mean + tf.sqrt(variance + _EPSILON) * noise
