"""The members' weights, with a leading axis of members, and what they compute: products of matrices, one for each."""

from dataclasses import dataclass

import numpy as np

from codesign._keras import keras, tf
from codesign.train.ensemble.settings import EnsembleSettings


@dataclass(frozen=True)
class Members:
    """Shapes of the members' weights.

    Args:
        settings: of the ensemble.
        n_inputs: columns of an event.
        n_outputs: logits of a member.
    """

    settings: EnsembleSettings
    n_inputs: int
    n_outputs: int

    @property
    def plain(self) -> list[int]:
        """Columns that are not embedded."""
        return [index for index in range(self.n_inputs) if index not in dict(self.settings.categories)]

    def start(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return weights: tables of the categories, then kernel and bias of each layer, after He et al.

        arXiv:1502.01852 in the hidden layers, Glorot and Bengio, 2010, in the last.
        """
        settings, members = self.settings, self.settings.members
        size = settings.embedding_size
        tables = [rng.normal(0, 0.3, (members, count, size)) for _, count in settings.categories]
        n_in, layers = len(self.plain) + size * len(tables), []
        for units in (*settings.hidden, self.n_outputs):
            is_last = len(layers) == 2 * len(settings.hidden)
            spread = np.sqrt(2 / (n_in + units)) if is_last else np.sqrt(2 / n_in)
            layers += [rng.normal(0, spread, (members, n_in, units)), np.zeros((members, 1, units))]
            n_in = units + (n_in if settings.dense_connections else 0)
        return [one.astype(np.float32) for one in (*tables, *layers)]

    def logits(self, x: tf.Tensor, weights: list[tf.Tensor]) -> tf.Tensor:
        """Return (members, n_events, n_outputs) of (members, n_events, n_inputs), standardised."""
        settings = self.settings
        tables, layers = weights[: len(settings.categories)], weights[len(settings.categories) :]
        activation = keras.activations.get(settings.activation)
        if tables:
            codes = [tf.one_hot(tf.cast(x[..., column], tf.int32), count) for column, count in settings.categories]
            x = tf.concat([tf.gather(x, self.plain, axis=2), *map(tf.matmul, codes, tables)], 2)
        for kernel, bias in zip(layers[:-2:2], layers[1:-2:2]):
            found = activation(tf.matmul(x, kernel) + bias)
            x = tf.concat([found, x], 2) if settings.dense_connections else found
        return tf.matmul(x, layers[-2]) + layers[-1]
