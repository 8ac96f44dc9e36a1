"""What every dense layer that trains otherwise than it runs has in common."""

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from codesign._arguments import check_range, check_type
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.quantizers import pack_quantizer, read_quantizer

_MOST_UNITS = 2**24  # of any layer that fits into a memory


class TrainingDense(FullPrecisionLayer):
    """``activation(x @ kernel + bias)`` whose kernel in training is not the kernel at inference.

    A subclass gives `call` and `inference_kernel`; saving, stripping, shrinking and TFMOT pruning then work.

    Args:
        units: outputs, at least 1.
        activation: a Keras activation, by name or function; put a QActivation behind the layer for a quantised one.
        use_bias: whether a bias is added.
        kernel_quantizer, bias_quantizer: QKeras quantizers by text or object, as of QDense.
        kernel_initializer, bias_initializer, kernel_regularizer: as of Dense.

    Input shape:
        (n_events, ..., n_in)

    Output shape:
        (n_events, ..., units)

    Raises:
        ConfigError: for a number of units that is not a positive integer, an unknown activation or quantizer.
    """

    def __init__(
        self,
        units: int,
        *,
        activation: object = None,
        use_bias: bool = True,
        kernel_quantizer: object = None,
        bias_quantizer: object = None,
        kernel_initializer: object = "glorot_uniform",
        bias_initializer: object = "zeros",
        kernel_regularizer: object = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        check_type(units, int, "units")
        self.units = int(check_range(units, "units", 1, _MOST_UNITS))
        self.activation = _read_activation(activation)
        self.use_bias = use_bias
        self.kernel_quantizer = read_quantizer(kernel_quantizer, "kernel_quantizer")
        self.bias_quantizer = read_quantizer(bias_quantizer, "bias_quantizer")
        if hasattr(self.kernel_quantizer, "_set_trainable_parameter"):
            self.kernel_quantizer._set_trainable_parameter()  # as QDense does: an open alpha becomes "auto"
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (int(input_shape[-1]), self.units)
        options = {"initializer": self.kernel_initializer, "regularizer": self.kernel_regularizer}
        self.kernel = self.add_weight(name="kernel", shape=shape, **options)
        self.bias = (
            self.add_weight(name="bias", shape=(self.units,), initializer=self.bias_initializer)
            if self.use_bias
            else None
        )
        super().build(input_shape)

    @property
    @abstractmethod
    def inference_kernel(self) -> np.ndarray:
        """(n_in, units) weights that the layer runs with, before the quantizer."""

    @property
    def mask(self) -> np.ndarray:
        """(n_in, units) bool: weights that are not zero at inference."""
        return np.asarray(self._quantize(self.inference_kernel)) != 0

    @property
    def sparsity(self) -> float:
        """Share of weights that are zero at inference."""
        return 1.0 - float(self.mask.mean())

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return what TFMOT's magnitude pruning may set to zero."""
        return [self.kernel]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_quantizer": pack_quantizer(self.kernel_quantizer),
            "bias_quantizer": pack_quantizer(self.bias_quantizer),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }

    def _quantize(self, kernel: tf.Tensor) -> tf.Tensor:
        return kernel if self.kernel_quantizer is None else self.kernel_quantizer(kernel)

    def _add_bias(self, products: tf.Tensor) -> tf.Tensor:
        if self.bias is None:
            return products
        return tf.nn.bias_add(products, self.bias if self.bias_quantizer is None else self.bias_quantizer(self.bias))


def _read_activation(activation: object) -> Callable:
    try:
        return keras.activations.get(activation)
    except (TypeError, ValueError):
        raise ConfigError(
            f"activation: expected a Keras activation. Received: {activation}; put a QActivation behind the layer for "
            "a quantised one"
        ) from None
