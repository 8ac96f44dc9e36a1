"""Steps that a training goes through: comparators with the slope of a sigmoid, and values on a grid."""

import numpy as np

from codesign._keras import tf


@tf.custom_gradient
def compare(x: tf.Tensor, threshold: tf.Tensor, width: tf.Tensor) -> tuple:
    """Return ``x >= threshold`` as 0 and 1, with the gradient of ``sigmoid((x - threshold) / width)``.

    Args:
        x: (n_events, ..., n_keys).
        threshold, width: (n_keys,).
    """
    bits = tf.cast(x >= threshold, x.dtype)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, None]:
        distance = (x - threshold) / width
        slope = upstream * tf.sigmoid(distance) * tf.sigmoid(-distance) / width
        return slope, -tf.reduce_sum(slope, list(range(x.shape.rank - 1))), None

    return bits, gradient


def batch_width(x: tf.Tensor, share: float) -> tf.Tensor:
    """Return a share of the standard deviation of each value over the events, (n_keys,), or 1 where all are alike."""
    spread = tf.math.reduce_std(x, list(range(x.shape.rank - 1)))
    return tf.stop_gradient(tf.where(spread > 0, share * spread, 1.0))


def straight_through(values: tf.Tensor, latent: tf.Tensor) -> tf.Tensor:
    """Return the values, with the gradient of what is trained; exact, since the difference is 0."""
    return tf.stop_gradient(values) + (latent - tf.stop_gradient(latent))


def snapped_up(values: tf.Tensor, step: np.ndarray, low: np.ndarray, high: np.ndarray) -> tf.Tensor:
    """Return the next multiple of a step, a power of two, within limits: thresholds that compare the same codes."""
    return straight_through(tf.clip_by_value(tf.math.ceil(values * (1 / step)) * step, low, high), values)


def on_grid(values: tf.Tensor, step: float | np.ndarray) -> tf.Tensor:
    """Return the nearest multiples of a step, a power of two, of all or of each."""
    return straight_through(tf.round(values * (1 / step)) * step, values)


def within_bits(values: tf.Tensor, table: np.ndarray, bits: np.ndarray, step: np.ndarray) -> tf.Tensor:
    """Return multiples of a step of which each table has no more than so many bits hold.

    Those of a wider table are clipped around its middle.

    Args:
        values: (n_entries,) multiples of `step`, (n_entries,).
        table: (n_entries,) the number of each entry's table, in order.
        bits: (n_tables,) of each.
    """
    codes = values * (1 / step)
    middle = tf.floor((tf.math.segment_max(codes, table) + tf.math.segment_min(codes, table)) / 2)
    span = np.exp2(bits).astype(np.float32) - 1
    low = middle - np.floor(span / 2)
    kept = tf.clip_by_value(codes, tf.gather(low, table), tf.gather(low + span, table)) * step
    return straight_through(kept, values)
