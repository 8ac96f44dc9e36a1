"""BinaryDense and TernaryDense of nn_playground, which old examples of hls4ml hold.

For reading models: their kernels are -H and H, or -H, 0 and H. The file's constraint on the latent kernel, which acts
in training only, is left out.
"""

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError

_LEAST = 1e-30  # far within single precision


class _BinarizedDense(keras.layers.Dense):
    """``activation(x @ H quantised(kernel / H) + bias)``.

    Args:
        units: outputs.
        scale: the H of the file: a number, or "Glorot", ``sqrt(1.5 / (n_in + units))``.
        kernel_lr_multiplier, bias_lr_multiplier: kept as they are; nothing is done with them.
        kwargs: of Dense.

    Raises:
        ConfigError: for another H.
    """

    def __init__(
        self,
        units: int,
        *,
        scale: float | str = 1.0,
        kernel_lr_multiplier: object = "Glorot",
        bias_lr_multiplier: object = None,
        **kwargs: object,
    ) -> None:
        super().__init__(units, **kwargs)
        is_number = isinstance(scale, int | float) and not isinstance(scale, bool)
        if scale != "Glorot" and not (is_number and _LEAST <= scale <= 1 / _LEAST):
            raise ConfigError(f"H: expected a number above 0, or Glorot. Received: {str(scale)[:100]}")
        self.scale = scale
        self.lr_multipliers = {"kernel_lr_multiplier": kernel_lr_multiplier, "bias_lr_multiplier": bias_lr_multiplier}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        if self.scale == "Glorot":
            self.scale = float(np.float32(np.sqrt(1.5 / (int(input_shape[-1]) + self.units))))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        straight_through = self.kernel - tf.stop_gradient(self.kernel)  # is 0, so the values stay two or three
        sums = keras.backend.dot(inputs, self._quantised() + straight_through)
        return self.activation(sums + self.bias if self.use_bias else sums)

    @property
    def inference_kernel(self) -> np.ndarray:
        """(n_in, units) weights that the layer runs with."""
        return self._quantised().numpy()

    def get_config(self) -> dict:
        return {**super().get_config(), "H": self.scale, **self.lr_multipliers}

    @classmethod
    def from_config(cls, config: dict) -> "_BinarizedDense":
        renamed = {"H": "scale"}
        kept = {renamed.get(key, key): value for key, value in config.items() if key != "kernel_constraint"}
        return cls(**kept)

    def _quantised(self) -> tf.Tensor:
        return tf.stop_gradient(self._codes(self.kernel / self.scale) * self.scale)


@keras.utils.register_keras_serializable(package="codesign")
class BinaryDense(_BinarizedDense):
    """A dense layer of the weights H, where the latent one is above 0, and -H."""

    def _codes(self, kernel: tf.Tensor) -> tf.Tensor:
        return 2 * tf.round(tf.clip_by_value(0.5 * kernel + 0.5, 0, 1)) - 1  # rounds half to even: -1 at 0


@keras.utils.register_keras_serializable(package="codesign")
class PlaygroundTernaryDense(_BinarizedDense):
    """A dense layer of the weights H, where the latent one is above H/2, -H, where it is at most -H/2, and 0."""

    def _codes(self, kernel: tf.Tensor) -> tf.Tensor:
        return _ternary(kernel)


def ternary_tanh(x: tf.Tensor) -> tf.Tensor:
    """Return -1, 0 or 1, whichever is nearest, and the lower of two."""
    clipped = tf.clip_by_value(x, -1, 1)
    return tf.stop_gradient(_ternary(x)) + (clipped - tf.stop_gradient(clipped))


def _ternary(x: tf.Tensor) -> tf.Tensor:
    return tf.cast(x > 0.5, x.dtype) - tf.cast(x <= -0.5, x.dtype)
