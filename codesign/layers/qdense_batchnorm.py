"""QDenseBatchnorm: QKeras's dense layer with its batch normalisation folded in, which the released QKeras lacks.

For reading models.
"""

from qkeras import QDense

from codesign._keras import keras, tf

_BATCH_NORMALIZATION = (
    *(
        "axis",
        "momentum",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
    ),
    *("moving_variance_initializer", "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"),
)
_TRAINING_ONLY = (
    "renorm",
    "renorm_clipping",
    "renorm_momentum",
    "fused",
    "virtual_batch_size",
    "adjustment",
    "synchronized",
)


class QDenseBatchnorm(QDense):
    """``activation(x @ kernel_quantizer(inv kernel) + bias_quantizer(inv (bias - mean) + beta))``, as at inference.

    ``inv = gamma / sqrt(variance + epsilon)`` with the moving mean and variance. It takes the configuration and the
    weights of the layer in QKeras's repository (github.com/google/qkeras, qdense_batchnorm.py), and does not train.

    Args:
        units: outputs.
        ema_freeze_delay, folding_mode: of the training, kept.
        kwargs: of QDense and of BatchNormalization.

    Input shape:
        (n_events, n_in)

    Output shape:
        (n_events, units)
    """

    def __init__(
        self,
        units: int,
        *,
        ema_freeze_delay: int | None = None,
        folding_mode: str = "ema_stats_folding",
        **kwargs: object,
    ) -> None:
        normalization = {key: kwargs.pop(key) for key in _BATCH_NORMALIZATION if key in kwargs}
        super().__init__(units, **{key: value for key, value in kwargs.items() if key not in _TRAINING_ONLY})
        self.batchnorm = keras.layers.BatchNormalization(**normalization)
        self.ema_freeze_delay = ema_freeze_delay
        self.folding_mode = folding_mode

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.iteration = self.add_weight(name="iteration", dtype=tf.int64, initializer="zeros", trainable=False)
        self.batchnorm.build((None, self.units))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel, bias = self.get_folded_weights()
        if self.kernel_quantizer_internal is not None:
            kernel = self.kernel_quantizer_internal(kernel)
        if self.bias_quantizer_internal is not None:
            bias = self.bias_quantizer_internal(bias)
        outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
        return outputs if self.activation is None else self.activation(outputs)

    def get_folded_weights(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return kernel and bias before their quantizers.

        In QKeras's repository it has this name too, and is read by it.
        """
        inv = tf.math.rsqrt(self.batchnorm.moving_variance + self.batchnorm.epsilon)
        if self.batchnorm.scale:
            inv *= self.batchnorm.gamma
        bias = inv * ((self.bias if self.use_bias else 0.0) - self.batchnorm.moving_mean)
        return inv * self.kernel, bias + (self.batchnorm.beta if self.batchnorm.center else 0.0)

    def get_config(self) -> dict:
        normalization = {
            key: value for key, value in self.batchnorm.get_config().items() if key in _BATCH_NORMALIZATION
        }
        own = {"ema_freeze_delay": self.ema_freeze_delay, "folding_mode": self.folding_mode}
        return {**super().get_config(), **normalization, **own}
