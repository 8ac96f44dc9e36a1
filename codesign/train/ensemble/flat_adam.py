"""Adam on all weights of each member as one vector: one set of operations a step, however many layers there are."""

import numpy as np

from codesign._keras import tf

_BETA_2, _EPSILON = 0.999, 1e-8


class FlatAdam:
    """Adam (Kingma, Ba, arXiv:1412.6980), its moments and the weights as (members, n_weights).

    Args:
        weights: arrays with a leading axis of members.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.shapes = [one.shape for one in weights]
        self._sizes = [int(np.prod(shape[1:])) for shape in self.shapes]
        flat = np.concatenate([one.reshape(len(one), -1) for one in weights], 1)
        self.values = tf.Variable(flat, name="weights")
        self._mean, self._square = (tf.Variable(tf.zeros_like(self.values)) for _ in range(2))

    def split(self, flat: tf.Tensor) -> list[tf.Tensor]:
        """Return weights of their own shapes."""
        return [tf.reshape(one, shape) for one, shape in zip(tf.split(flat, self._sizes, 1), self.shapes)]

    def step(self, gradient: tf.Tensor, rate: tf.Tensor, beta_1: tf.Tensor, number: tf.Tensor) -> None:
        """Move the weights, against the gradient; `number` is that of the step, from 1, float32."""
        mean = beta_1 * self._mean + (1 - beta_1) * gradient
        square = _BETA_2 * self._square + (1 - _BETA_2) * tf.square(gradient)
        self._mean.assign(mean)
        self._square.assign(square)
        rate = rate * tf.sqrt(1 - tf.pow(_BETA_2, number)) / (1 - tf.pow(beta_1, number))
        self.values.assign_sub(rate * mean / (tf.sqrt(square) + _EPSILON))
