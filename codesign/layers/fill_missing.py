"""FillMissing: numbers in place of the value that stands for one that does not exist."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.plain_lists import plain_lists


@checked
@keras.utils.register_keras_serializable(package="codesign")
class FillMissing(keras.layers.Layer):
    """``y = fill where x == missing, else x``, a number for each column, such as its mean over the events that have it.

    Args:
        fill: (n_features,) finite numbers.
        missing: value that stands for one that does not exist, such as -999.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n_features)

    Output shape:
        as the input.

    Raises:
        ConfigError: for numbers that are not finite, or another count than there are features.

    Callback: none.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import FillMissing
        >>> FillMissing([5.0, 7.0], missing=-999.0)(np.array([[1.0, -999.0]])).numpy().tolist()
        [[1.0, 7.0]]
    """

    def __init__(self, fill: Sequence[float], *, missing: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        fill, missing = [float(one) for one in fill], float(missing)
        if not fill or not np.isfinite([*fill, missing]).all():
            raise ConfigError(f"fill, missing: expected finite numbers. Received: {fill!r:.60}, {missing}")
        self.fill, self.missing = fill, missing

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if input_shape[-1] != len(self.fill):
            raise ConfigError(f"fill: expected {input_shape[-1]} numbers, one a feature. Received: {len(self.fill)}")
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        missing = tf.cast(self.missing, inputs.dtype)
        return tf.where(inputs == missing, tf.cast(self.fill, inputs.dtype), inputs)

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "fill": plain_lists(self.fill), "missing": self.missing}
