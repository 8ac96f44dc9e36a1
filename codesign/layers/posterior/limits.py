"""Limits of what a PosteriorDense is given and learns."""

from codesign._keras import tf

LOG_NOISE_LIMITS, COST_WEIGHT_LIMITS = (-20.0, 10.0), (0.0, 1e6)


def within_noise_limits(log_noise: tf.Tensor) -> tf.Tensor:
    """Return the log of a noise power, clipped: a projection behind each step, so gradients stay whole."""
    return tf.clip_by_value(log_noise, *LOG_NOISE_LIMITS)
