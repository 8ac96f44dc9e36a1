"""CancelOut: one soft gate per feature, closed by a penalty."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer

_PUBLISHED = {"sigmoid": (4.0, 1e-3, 1e-3), "raw": (1.0, 2e-3, 1e-3)}
_EPSILON = 1e-12


@checked
@keras.utils.register_keras_serializable(package="codesign")
class CancelOut(FullPrecisionLayer):
    """``y = x * sigmoid(w)``, one w per feature, with a penalty (Borisov, Haug, Kasneci 2019, Springer LNCS 11728).

    Two penalties were published, under one name:

    - ``sigmoid`` (PyTorch): start at w = 4, ``l1 * sum(sigmoid(w)) - l2 * var(w)``, l1 = l2 = .001; var divides by n.
    - ``raw`` (Keras): start at w = 1, ``l1 * sum|w| + l2 * sqrt(sum w^2)``, l1 = .002, l2 = .001. It drives gates to
      0.5, not to 0.

    Neither controls how many gates stay open: rank the features and retrain, or use :class:`TopKGate`.

    Args:
        penalty: ``sigmoid`` or ``raw``.
        initial_weight: w at the start; None means as published.
        l1, l2: factors of the penalty; None means as published.
        threshold: a gate counts as open above it.

    Input shape:
        (n_events, ..., n_features)

    Output shape:
        as the input.

    Raises:
        ConfigError: for another penalty, negative factors, or a threshold outside 0 to 1.

    Callback: none.

    Example:
        >>> import numpy as np
        >>> from codesign import keras
        >>> from codesign.layers import CancelOut
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("float32")
        >>> model = keras.Sequential([keras.Input((6,)), CancelOut(), keras.layers.Dense(1, "sigmoid")])
        >>> model.compile("adam", "binary_crossentropy")
        >>> _ = model.fit(x, y, epochs=3, verbose=0)
        >>> model.layers[0].ranking.shape
        (6,)
    """

    def __init__(
        self,
        *,
        penalty: str = "sigmoid",
        initial_weight: float | None = None,
        l1: float | None = None,
        l2: float | None = None,
        threshold: float = 0.5,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        if penalty not in _PUBLISHED:
            raise ConfigError(f"penalty: expected one of {', '.join(_PUBLISHED)}. Received: {penalty}")
        given = zip((initial_weight, l1, l2), _PUBLISHED[penalty])
        initial_weight, l1, l2 = (float(published if value is None else value) for value, published in given)
        if not (0 <= l1 < np.inf and 0 <= l2 < np.inf and np.isfinite(initial_weight)):
            raise ConfigError(
                f"l1, l2, initial_weight: expected factors of at least 0 and a finite start. Received: {l1}, {l2}, "
                f"{initial_weight}"
            )
        if not 0 <= threshold <= 1:
            raise ConfigError(f"threshold: expected 0 to 1. Received: {threshold}")
        self.penalty = penalty
        self.initial_weight, self.l1, self.l2 = initial_weight, l1, l2
        self.threshold = float(threshold)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        start = keras.initializers.Constant(self.initial_weight)
        self.gate_weights = self.add_weight(name="gate_weights", shape=(int(input_shape[-1]),), initializer=start)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        gates = tf.sigmoid(self.gate_weights)
        if training:
            self.add_loss(self._penalty(gates))
        return self._narrow(self._widen(inputs) * gates)

    @property
    def gates(self) -> np.ndarray:
        """(n_features,) factors in 0 to 1."""
        return tf.sigmoid(self.gate_weights).numpy()

    @property
    def ranking(self) -> np.ndarray:
        """(n_features,) indices, the widest gate first, ties by index."""
        return np.argsort(-self.gate_weights.numpy(), kind="stable")

    def get_support(self, indices: bool = False) -> np.ndarray:
        """Return which gates are open: a mask (n_features,), or their indices."""
        support = self.gates > self.threshold
        return np.flatnonzero(support) if indices else support

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: TFMOT leaves gates alone."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict:
        names = ("penalty", "initial_weight", "l1", "l2", "threshold")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _penalty(self, gates: tf.Tensor) -> tf.Tensor:
        weights = self.gate_weights
        if self.penalty == "sigmoid":
            return self.l1 * tf.reduce_sum(gates) - self.l2 * tf.math.reduce_variance(weights)
        norm = tf.sqrt(tf.reduce_sum(tf.square(weights)) + _EPSILON)  # the bare root has a NaN gradient at w = 0
        return self.l1 * tf.reduce_sum(tf.abs(weights)) + self.l2 * norm
