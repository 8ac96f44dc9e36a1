"""TernaryDense: a dense layer whose weights are -Wn, 0 or +Wp, all learnt."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.training_dense import TrainingDense

_RULES = ("max", "mean", "quantile")
_OWNERS = ("layer", "unit")
_SMALLEST_SCALE = 1e-6


@checked
@keras.utils.register_keras_serializable(package="codesign")
class TernaryDense(TrainingDense):
    """Dense layer with trained ternary weights (Zhu, Han, Mao, Dally 2017, arXiv:1612.01064).

    ``w_t = +Wp where w > Delta, -Wn where w < -Delta, 0 between``; ``y = activation(x @ w_t + b)``, in training and at
    inference. Gradients, with g = dL/dw_t: ``dL/dWp = sum(g, w > Delta)``, ``dL/dWn = -sum(g, w < -Delta)`` (the
    paper's eq. 7 lacks the minus), and ``dL/dw = g * (Wp | 1 | Wn)`` by zone. Delta is under a stop-gradient; Wp and Wn
    stay positive as softplus of what is trained. Fine-tune from a pretrained network; a `kernel_regularizer` moves
    latent weights across Delta. The paper keeps the first and the last layer in full precision: use Dense there to do
    the same.

    One pair of scales for a whole layer, as published, makes units of a wide layer that differ in size share it. A pair
    per unit costs one more multiplication a unit, or none where batch normalisation or the next layer's weights take it
    in.

    Args:
        units: outputs.
        threshold: Delta as a share of max|w| or of mean|w|, or the share of weights to become zero.
        threshold_of: ``max`` (the paper's; one outlier sets it), ``mean`` or ``quantile``.
        tied: keep Wn = Wp, as hls4ml's and QKeras' ternary types need.
        scales_per: ``layer`` (published) or ``unit``: what has a Wp and a Wn of its own. Delta is the layer's in both.
        kwargs: see :class:`TrainingDense`; a `kernel_quantizer` acts on the three values.

    Raises:
        ConfigError: for a negative threshold, a share of 1 or more, or another rule or owner of scales.

    Callback: none; copy a pretrained network's weights first (:func:`codesign.train.copy_weights`).

    Example:
        >>> import numpy as np
        >>> from codesign import keras
        >>> from codesign.layers import TernaryDense
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("float32")
        >>> layers = [TernaryDense(8, activation="relu"), keras.layers.Dense(1, "sigmoid")]
        >>> model = keras.Sequential([keras.Input((6,)), *layers])
        >>> model.compile("adam", "binary_crossentropy")
        >>> _ = model.fit(x, y, epochs=3, verbose=0)
        >>> len(np.unique(model.layers[0].inference_kernel)) <= 3
        True
    """

    def __init__(
        self,
        units: int,
        *,
        threshold: float = 0.05,
        threshold_of: str = "max",
        tied: bool = False,
        scales_per: str = "layer",
        **kwargs: object,
    ) -> None:
        super().__init__(units, **kwargs)
        if scales_per not in _OWNERS:
            raise ConfigError(f"scales_per: expected one of {', '.join(_OWNERS)}. Received: {scales_per}")
        if threshold_of not in _RULES:
            raise ConfigError(f"threshold_of: expected one of {', '.join(_RULES)}. Received: {threshold_of}")
        if not 0 <= threshold < (np.inf if threshold_of == "mean" else 1):
            raise ConfigError(
                f"threshold: expected a share of {threshold_of} from 0 to below 1, above 1 only with 'mean'. Received: "
                f"{threshold}"
            )
        self.threshold = float(threshold)
        self.threshold_of = threshold_of
        self.tied = tied
        self.scales_per = scales_per

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        shape = (1 if self.tied else 2, *((self.units,) if self.scales_per == "unit" else ()))
        self.latent_scales = self.add_weight(name="latent_scales", shape=shape, initializer="zeros")
        self.reset_scales()

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        sums = tf.matmul(self._widen(inputs), self._quantize(self._ternary_kernel()))
        return self._narrow(self.activation(self._add_bias(sums)))

    def reset_scales(self) -> None:
        """Set Wp and Wn to the mean ``|w|`` of their zones, which is nearest to the present kernel in least squares.

        A unit without weights in a zone gets the layer's mean.
        """
        positive, negative = self._zones()
        zones = [tf.logical_or(positive, negative)] if self.tied else [positive, negative]
        means = [self._mean_size(zone, None) for zone in zones]
        if self.scales_per == "unit":
            means = [
                tf.where(tf.reduce_any(zone, 0), self._mean_size(zone, 0), mean) for zone, mean in zip(zones, means)
            ]
        scales = tf.maximum(tf.stack(means), _SMALLEST_SCALE)
        self.latent_scales.assign(tf.math.log(tf.math.expm1(scales)))

    @property
    def scales(self) -> tuple[float, float] | tuple[np.ndarray, np.ndarray]:
        """The present Wp and Wn: numbers, or arrays (units,)."""
        return tuple(scale.numpy() if scale.shape.rank else float(scale) for scale in self._scales())

    @property
    def inference_kernel(self) -> np.ndarray:
        return self._ternary_kernel().numpy()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "threshold_of": self.threshold_of,
            "tied": self.tied,
            "scales_per": self.scales_per,
        }

    def _ternary_kernel(self) -> tf.Tensor:
        kernel, (positive, negative), (up, down) = self.kernel, self._zones(), self._scales()
        values = tf.where(positive, up, tf.where(negative, -down, 0.0))
        straight_through = kernel * tf.stop_gradient(tf.where(positive, up, tf.where(negative, down, 1.0)))
        return values + (
            straight_through - tf.stop_gradient(straight_through)
        )  # the difference is 0, so the three values stay three

    def _mean_size(self, zone: tf.Tensor, axis: int | None) -> tf.Tensor:
        sizes = tf.where(zone, tf.abs(self.kernel), 0.0)
        return tf.math.divide_no_nan(tf.reduce_sum(sizes, axis), tf.reduce_sum(tf.cast(zone, sizes.dtype), axis))

    def _scales(self) -> tuple[tf.Tensor, tf.Tensor]:
        scales = tf.nn.softplus(self.latent_scales)
        return scales[0], scales[-1]

    def _zones(self) -> tuple[tf.Tensor, tf.Tensor]:
        delta = tf.stop_gradient(self._delta())
        return self.kernel > delta, self.kernel < -delta

    def _delta(self) -> tf.Tensor:
        size = tf.abs(self.kernel)
        if self.threshold_of == "max":
            return self.threshold * tf.reduce_max(size)
        if self.threshold_of == "mean":
            return self.threshold * tf.reduce_mean(size)
        n_zero = int(np.ceil(self.threshold * int(np.prod(self.kernel.shape))))
        return tf.sort(tf.reshape(size, [-1]))[n_zero - 1] if n_zero else tf.zeros((), size.dtype)
