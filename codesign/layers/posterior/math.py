"""The formulas of posterior precision: bits of a number that its noise leaves, and what so many bits cost."""

import numpy as np

from codesign._keras import tf

_EPSILON = 1e-9  # the square root's slope at 0 is infinite
_STEP_LIMITS = (2.0**-8, 2.0**2)


def significant_bits(ratio: tf.Tensor) -> tf.Tensor:
    """Return ``C(r) = 0.5 log2(1 + r)``: bits that a signal-to-noise ratio of powers r lets through (Shannon 1948)."""
    return tf.math.log1p(ratio) * (0.5 / np.log(2))


def add_noise(mean: tf.Tensor, variance: tf.Tensor, generator: tf.random.Generator) -> tf.Tensor:
    """Return ``mean + sqrt(3 variance) U(-1, 1)``: noise of this variance, spread evenly, as that of rounding is.

    Uniform numbers take half the time of normal ones.

    Args:
        mean: (n_events, ..., n).
        variance: as `mean`, or one that broadcasts.
        generator: of the numbers.
    """
    return mean + tf.sqrt(3 * variance + _EPSILON) * generator.uniform(tf.shape(mean), -1, 1, mean.dtype)


def product_cost(weight_bits: tf.Tensor, input_bits: tf.Tensor) -> tf.Tensor:
    """Return ``sum_ij weight_bits_ij input_bits_i + 0.5 sum_i input_bits_i``.

    Bit products of a layer, about its full adders.

    Args:
        weight_bits: (n_in, units).
        input_bits: (n_in,); half of each is for having the input at all.
    """
    return tf.reduce_sum(input_bits * (tf.reduce_sum(weight_bits, 1) + 0.5))


def is_signal(theta: tf.Tensor, log_sigma2: tf.Tensor) -> tf.Tensor:
    """Return ``theta^2 >= sigma^2 / 4`` as bool: weights below are zero at inference."""
    return theta * theta >= 0.25 * tf.exp(log_sigma2)


def step_of_noise(log_tau2: np.ndarray, width: float) -> np.ndarray:
    """Return the steps ``2^-F`` whose rounding adds the noise ``width * tau``.

    ``F = round(-log2(sqrt(12) tau width))``. Uniform rounding of step s has the variance s^2 / 12. F is kept within -2
    to 8.
    """
    step = np.sqrt(12) * width * np.exp(np.asarray(log_tau2, np.float64) / 2)
    return np.clip(np.exp2(-np.floor(0.5 - np.log2(step))), *_STEP_LIMITS)


def span_covering(low: np.ndarray, high: np.ndarray, step: np.ndarray, signed: bool) -> np.ndarray:
    """Return the smallest powers of two, at least `step`, that hold multiples of `step` from `low` to `high`.

    Unsigned numbers run over [0, span), signed ones over [-span / 2, span / 2).

    Args:
        low, high: (n_in,) float64, multiples of `step`.
    """
    reach = np.exp2(np.ceil(np.log2(np.maximum(np.maximum(high + step, -low), step))))
    return reach * (2 if signed else 1)


def rounded_bias(bias: tf.Tensor, step: tf.Tensor, kernel: tf.Tensor, input_shifts: tf.Tensor) -> tf.Tensor:
    """Return a bias that makes up for truncated inputs, and is a multiple of `step` once it takes up their offset.

    ``b + missing @ kernel``, of which ``b + missing @ kernel - offset @ kernel`` is rounded.

    Args:
        bias, step: (units,).
        kernel: (n_in, units).
        input_shifts: (2, n_in): by how much the inputs are too small on average; what was subtracted from them.
    """
    shifts = input_shifts @ kernel
    bias = bias + shifts[0]
    kept = tf.round((bias - shifts[1]) / step) * step + shifts[1]
    return bias + tf.stop_gradient(kept - bias)


def round_inputs(
    inputs: tf.Tensor, step: tf.Tensor, low: tf.Tensor, span: tf.Tensor, *, half_up: tf.Tensor, wraps: tf.Tensor
) -> tf.Tensor:
    """Round to multiples of `step` within [low, low + span), exact to the bit; the gradient is that of clipping.

    Args:
        inputs: (n_events, ..., n_in).
        step, low, span: (n_in,), powers of two but for `low`.
        half_up: bool, rounding to the nearest multiple (RND); otherwise down (TRN).
        wraps: bool, overflow modulo `span` (WRAP); otherwise clipped (SAT).
    """
    high = low + span - step
    scaled = inputs / step
    down = tf.floor(scaled)
    up = tf.logical_and(half_up, scaled - down >= 0.5)
    rounded = (down + tf.cast(up, inputs.dtype)) * step
    wrapped = (
        rounded - tf.floor((rounded - low) / span) * span
    )  # exact, since these are powers of two; floormod is slower
    kept = tf.where(wraps, wrapped, tf.clip_by_value(rounded, low, high))
    passed = tf.clip_by_value(inputs, low, high)
    return tf.stop_gradient(kept) + (passed - tf.stop_gradient(passed))
