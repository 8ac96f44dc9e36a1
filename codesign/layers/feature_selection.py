"""FeatureSelection: feed a narrow network the full input."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.plain_lists import plain_lists


@keras.utils.register_keras_serializable(package="codesign")
class FeatureSelection(keras.layers.Layer):
    """``y = x[..., indices]``. A shrunk model is saved with it, so that it takes every feature it was trained on.

    Args:
        indices: features to keep, ascending, each once.

    Input shape:
        (n_events, ..., n_features)

    Output shape:
        (n_events, ..., len(indices))

    Raises:
        ConfigError: for no index, or indices that are negative, repeated, unsorted or beyond the input.
    """

    def __init__(self, indices: Sequence[int], **kwargs: object) -> None:
        super().__init__(**kwargs)
        indices = [int(index) for index in indices]  # plain: Keras wraps the lists that a layer holds
        if not indices or indices[0] < 0 or (np.diff(indices) <= 0).any():
            raise ConfigError(f"indices: expected ascending feature numbers from 0. Received: {indices!r:.60}")
        self.indices = indices

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.n_features = int(input_shape[-1])
        if self.indices[-1] >= self.n_features:
            raise ConfigError(
                f"indices: expected numbers below {self.n_features}, the features of the input. Received: "
                f"{self.indices[-1]}"
            )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.gather(inputs, self.indices, axis=-1)

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], len(self.indices))

    def get_config(self) -> dict:
        return {**super().get_config(), "indices": plain_lists(self.indices)}
