"""Layers that compute in float32 under any dtype policy."""

from codesign._keras import keras, tf


class FullPrecisionLayer(keras.layers.Layer):
    """Layer of float32 weights and arithmetic where the policy is of half precision, of float64 under float64.

    Noise powers, penalties and scores lie outside the range of half precision. A subclass widens what comes into `call`
    and narrows what it returns, which has the policy's compute dtype, as of any Keras layer.
    """

    @property
    def precision(self) -> str:
        """Name of the dtype of weights and arithmetic."""
        return "float64" if self.variable_dtype == "float64" else "float32"

    def add_weight(self, **options: object) -> tf.Variable:
        return super().add_weight(**{"dtype": self.precision, "experimental_autocast": False, **options})

    def _widen(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.cast(inputs, self.precision)

    def _narrow(self, outputs: tf.Tensor) -> tf.Tensor:
        return tf.cast(outputs, self.compute_dtype)
