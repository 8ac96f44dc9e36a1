"""MaskedDense: a dense layer some of whose weights stay zero."""

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.training_dense import TrainingDense


@keras.utils.register_keras_serializable(package="codesign")
class MaskedDense(TrainingDense):
    """``y = activation(x @ (kernel * fixed_mask) + b)``.

    The fine-tune behind a pruning, in which what is zero stays zero. :func:`codesign.compress.mask_zeros` makes these
    from a pruned model, with the zeros of each kernel as the mask.

    Args:
        units: outputs.
        kwargs: see :class:`TrainingDense`.

    Callback: none; the mask is fixed before `fit`.

    Example:
        >>> import numpy as np
        >>> from codesign import keras
        >>> from codesign.compress import mask_zeros
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("float32")
        >>> layers = [keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")]
        >>> model = keras.Sequential([keras.Input((6,)), *layers])
        >>> kernel, bias = model.layers[0].get_weights()
        >>> model.layers[0].set_weights([np.where(abs(kernel) > 0.3, kernel, 0), bias])
        >>> masked = mask_zeros(model)
        >>> masked.compile("adam", "binary_crossentropy")
        >>> _ = masked.fit(x, y, epochs=3, verbose=0)
        >>> bool((masked.layers[0].inference_kernel[abs(kernel) <= 0.3] == 0).all())
        True
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.fixed_mask = self.add_weight(
            name="fixed_mask", shape=self.kernel.shape, initializer="ones", trainable=False
        )

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
            raise ConfigError(
                f"mask: expected 0 and 1 of shape {tuple(self.kernel.shape)}. Received: shape {mask.shape}"
            )
        self.fixed_mask.assign(mask)

    @property
    def inference_kernel(self) -> np.ndarray:
        return self.kernel.numpy() * self.fixed_mask.numpy()
