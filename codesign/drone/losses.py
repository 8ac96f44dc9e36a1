"""What a drone minimises: its outputs are linear in training, these losses hold the sigmoid or softmax behind them."""

from collections.abc import Callable

import numpy as np

from codesign._keras import tf
from codesign.errors import ConfigError

LOSSES = ("cross_entropy", "mse")
Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def drone_loss(loss: str | None, link: str) -> tuple[str, Loss]:
    """Return the name and the function ``(targets, linear outputs) -> (n_events,)`` of a loss.

    ``cross_entropy`` is the Kullback-Leibler divergence from the teacher's probability t to the drone's: the
    cross-entropy less the entropy of t, so that a perfect drone has 0. ``mse`` is the paper's ``(t - p)**2``, averaged
    over outputs.

    Args:
        loss: a name, or None for cross-entropy between probabilities and mse between values.
        link: what turns linear outputs into the teacher's: ``sigmoid``, ``softmax`` or ``linear``.

    Raises:
        ConfigError: for another name, or cross-entropy between values.
    """
    name = loss or ("mse" if link == "linear" else "cross_entropy")
    if name not in LOSSES:
        raise ConfigError(f"loss: expected one of {', '.join(LOSSES)}. Received: {loss}")
    if name == "mse":
        function = link_function(link)
        return name, lambda t, z: tf.reduce_mean(tf.square(t - function(z)), -1)
    if link == "linear":
        raise ConfigError(
            "loss: expected mse for a teacher of values. Received: cross_entropy, which compares probabilities"
        )
    if link == "softmax":
        return name, lambda t, z: tf.nn.softmax_cross_entropy_with_logits(t, z) + tf.reduce_sum(_t_log_t(t), -1)
    return name, lambda t, z: tf.reduce_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(t, z) + _t_log_t(t) + _t_log_t(1 - t), -1
    )


def link_function(link: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the activation behind the last layer."""
    return {"sigmoid": tf.sigmoid, "softmax": tf.nn.softmax, "linear": tf.identity}[link]


def link_of(targets: np.ndarray, kind: str) -> str:
    """Return the activation that fits a teacher: softmax where several probabilities add up to 1.

    Args:
        targets: (n_events, n_outputs) of the teacher.
        kind: ``probability`` or ``value``.
    """
    if kind == "value":
        return "linear"
    return "softmax" if targets.shape[1] > 1 and np.allclose(targets.sum(1), 1, atol=1e-3) else "sigmoid"


def _t_log_t(t: tf.Tensor) -> tf.Tensor:
    return t * tf.math.log(tf.maximum(t, tf.constant(1e-30, t.dtype)))
