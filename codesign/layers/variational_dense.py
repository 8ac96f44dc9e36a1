"""VariationalDense: a dense layer that finds out which of its weights it needs."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.noise import noise_generator
from codesign.layers.training_dense import TrainingDense
from codesign.layers.variational_math import is_kept, kl_divergence, log_alpha_of, noisy_sum

_LOG_SIGMA2_LIMITS = (
    -40.0,
    20.0,
)  # float32 holds exp() of these; a projection behind each step, so gradients stay whole


@checked
@keras.utils.register_keras_serializable(package="codesign")
class VariationalDense(TrainingDense):
    """Dense layer with Gaussian weights N(theta, sigma2), each with its own noise (variational dropout, sparse).

    Training: ``y = activation(x @ theta + b + sqrt(x^2 @ sigma2) * N(0,1))``, and the loss grows by
    ``kl_weight * sum(KL) / n_train``. Inference: ``y = activation(x @ (theta * mask) + b)`` with
    ``mask = log_alpha < log_alpha_threshold`` and ``log_alpha = log(sigma2 / theta^2)``. A threshold of 3 drops weights
    whose equivalent dropout rate is above 0.953. (Molchanov, Ashukha, Vetrov 2017, arXiv:1701.05369)

    Standardise the inputs. Start from a pretrained network (:func:`codesign.train.copy_weights`), let
    :class:`codesign.train.KLSchedule` raise the KL weight, and end with a fine-tune of what is left
    (:func:`codesign.compress.mask_zeros`).

    Args:
        units: outputs.
        n_train: events of the training set, which divides the KL term; None if KLSchedule(n_train=...) gives it.
            Training without either is refused: a batch size in its place would be wrong by orders of magnitude.
        kl_weight: factor of the KL term; 1 is the variational bound, more prunes harder. KLSchedule moves it.
        initial_log_sigma2: log of the noise at the start.
        log_alpha_threshold: weights at or above it are zero at inference.
        seed: of the noise; by default NumPy draws one.
        kwargs: activation, use_bias, kernel_quantizer (of the mean), bias_quantizer, initializers, regularizer, name:
            see :class:`TrainingDense`.

    Raises:
        ConfigError: for n_train below 1, a negative kl_weight, NaN arguments, or training without n_train.

    Callback: :class:`codesign.train.KLSchedule`, which gives n_train and raises the KL weight; without it n_train is an
    argument here.

    Example:
        >>> import numpy as np
        >>> from codesign import keras
        >>> from codesign.compress import strip
        >>> from codesign.layers import VariationalDense
        >>> from codesign.train import KLSchedule
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("float32")
        >>> layers = [VariationalDense(8, activation="relu"), keras.layers.Dense(1, "sigmoid")]
        >>> model = keras.Sequential([keras.Input((6,)), *layers])
        >>> model.compile("adam", "binary_crossentropy")
        >>> _ = model.fit(x, y, epochs=3, verbose=0, callbacks=[KLSchedule(n_train=len(x), start=1, end=2)])
        >>> type(strip(model).layers[0]).__name__
        'Dense'
    """

    def __init__(
        self,
        units: int,
        *,
        n_train: int | None = None,
        kl_weight: float = 1.0,
        initial_log_sigma2: float = -10.0,
        log_alpha_threshold: float = 3.0,
        seed: int | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(units, **kwargs)
        low, high = _LOG_SIGMA2_LIMITS
        if not low <= initial_log_sigma2 <= high:
            raise ConfigError(f"initial_log_sigma2: expected {low} to {high}. Received: {initial_log_sigma2}")
        if not log_alpha_threshold >= 0:
            raise ConfigError(
                f"log_alpha_threshold: expected 0 or more, 3 as published. Received: {log_alpha_threshold}; "
                "a negative one would drop weights whose signal exceeds their noise"
            )
        self.n_train, self._initial_kl_weight = _check_kl(kl_weight, n_train)
        self.initial_log_sigma2 = float(initial_log_sigma2)
        self.log_alpha_threshold = float(log_alpha_threshold)
        self.seed = seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        start = keras.initializers.Constant(self.initial_log_sigma2)
        self.log_sigma2 = self.add_weight(
            name="log_sigma2", shape=self.kernel.shape, initializer=start, constraint=_within_limits
        )
        scale = keras.initializers.Constant(self._initial_kl_weight / (self.n_train or 1))
        self.kl_scale = self.add_weight(name="kl_scale", shape=(), initializer=scale, trainable=False)
        self._generator = noise_generator(self.seed)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        inputs, mean = self._widen(inputs), self._quantize(self.kernel)
        if not training:
            kept = tf.cast(is_kept(mean, self.log_sigma2, self.log_alpha_threshold), mean.dtype)
            return self._narrow(self.activation(self._add_bias(tf.matmul(inputs, self._quantize(self.kernel * kept)))))
        if self.n_train is None:
            raise ConfigError(
                f"n_train of layer '{self.name}': expected the size of the training set, which divides the KL term. "
                "Received: None; add the callback KLSchedule(n_train=len(x_train)), or give the layer n_train"
            )
        self.add_loss(self.kl_scale * tf.reduce_sum(kl_divergence(log_alpha_of(mean, self.log_sigma2))))
        variance = tf.matmul(tf.square(inputs), tf.exp(self.log_sigma2))
        return self._narrow(
            self.activation(noisy_sum(self._add_bias(tf.matmul(inputs, mean)), variance, self._generator))
        )

    def set_kl_weight(self, kl_weight: float, n_train: int | None = None) -> None:
        """Set the factor of the KL term, and the size of the training set if it is given.

        Raises:
            ConfigError: for a negative weight, or if the size is known neither from here nor from the layer.
        """
        n_train, kl_weight = _check_kl(kl_weight, self.n_train if n_train is None else n_train)
        if n_train is None:
            raise ConfigError(
                f"n_train of layer '{self.name}': expected the size of the training set. Received: None; give it to "
                "KLSchedule"
            )
        self.n_train = n_train
        self.kl_scale.assign(kl_weight / n_train)

    @property
    def kl_weight(self) -> float:
        """Present factor of ``sum(KL) / n_train`` in the loss."""
        return float(self.kl_scale.numpy()) * (self.n_train or 1)

    @property
    def log_alpha(self) -> np.ndarray:
        """(n_in, units) log of the noise-to-signal ratio of each weight."""
        return log_alpha_of(self._quantize(self.kernel), self.log_sigma2).numpy()

    @property
    def inference_kernel(self) -> np.ndarray:
        kept = is_kept(self._quantize(self.kernel), self.log_sigma2, self.log_alpha_threshold)
        return np.where(kept.numpy(), self.kernel.numpy(), np.float32(0))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "n_train": self.n_train,
            "kl_weight": self._initial_kl_weight,
            "initial_log_sigma2": self.initial_log_sigma2,
            "log_alpha_threshold": self.log_alpha_threshold,
            "seed": self.seed,
        }


def _within_limits(log_sigma2: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(log_sigma2, *_LOG_SIGMA2_LIMITS)


def _check_kl(kl_weight: float, n_train: int | None) -> tuple[int | None, float]:
    if not 0 <= kl_weight < np.inf:
        raise ConfigError(f"kl_weight: expected a number of at least 0. Received: {kl_weight}")
    if n_train is not None and (not float(n_train).is_integer() or n_train < 1):
        raise ConfigError(
            f"n_train: expected the number of training events, an integer of at least 1. Received: {n_train}"
        )
    return (None if n_train is None else int(n_train)), float(kl_weight)
