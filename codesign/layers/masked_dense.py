"""MaskedDense: a dense layer some of whose weights stay zero."""

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.training_dense import TrainingDense


@keras.utils.register_keras_serializable(package="codesign")
class MaskedDense(TrainingDense):
    """``y = activation(x @ (kernel * fixed_mask) + b)``: the fine-tune behind a pruning, in which what is zero stays zero.

    :func:`codesign.compress.mask_zeros` makes these from a pruned model, with the zeros of each kernel as the mask.

    Args:
        units: outputs.
        kwargs: see :class:`TrainingDense`.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.fixed_mask = self.add_weight(name="fixed_mask", shape=self.kernel.shape, initializer="ones", trainable=False)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        sums = tf.matmul(self._widen(inputs), self._quantize(self.kernel * self.fixed_mask))
        return self._narrow(self.activation(self._add_bias(sums)))

    def set_mask(self, mask: np.ndarray) -> None:
        """Fix which weights stay.

        Args:
            mask: (n_in, units) bool or 0/1.

        Raises:
            ConfigError: for another shape or other values.
        """
        mask = np.asarray(mask, np.float32)
        if mask.shape != tuple(self.kernel.shape) or not np.isin(mask, (0, 1)).all():
            raise ConfigError(f"mask: expected 0 and 1 of shape {tuple(self.kernel.shape)}. Received: shape {mask.shape}")
        self.fixed_mask.assign(mask)

    @property
    def inference_kernel(self) -> np.ndarray:
        return self.kernel.numpy() * self.fixed_mask.numpy()
