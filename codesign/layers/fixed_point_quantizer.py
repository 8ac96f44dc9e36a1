"""FixedPointQuantizer: what a fixed-point type does to values, as a Keras layer."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.plain_lists import plain_lists

_MOST_BITS = 24  # single precision holds every code
_ROUND = {"TRN": tf.floor, "RND": lambda codes: tf.floor(codes + 0.5), "RND_CONV": tf.round}
_OVERFLOWS = ("WRAP", "SAT", "SAT_SYM")


@keras.utils.register_keras_serializable(package="codesign")
class FixedPointQuantizer(keras.layers.Layer):
    """Round and overflow as ``ap_fixed<width, integer, rounding, overflow>`` does; the gradient is that of clipping.

    ``y = step * overflow(round(x / step))``, ``step = 2^(integer - width)``. :meth:`codesign.Network.to_keras` writes
    it; in a training, QActivation does the same for types of a whole tensor.

    Args:
        width, integer: bits in all and left of the binary point, sign included: numbers, or (n,) one for each value; a
            width of 0 is the constant 0.
        signed: two's complement if true; (n,) one for each value.
        rounding: ``TRN`` floor, ``RND`` half up, ``RND_CONV`` half to even.
        overflow: ``WRAP`` modulo, ``SAT`` clip, ``SAT_SYM`` clip to +-max.

    Input shape:
        (n_events, ..., n)

    Output shape:
        (n_events, ..., n)

    Raises:
        ConfigError: for a width above 24 bits, or unknown modes.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import FixedPointQuantizer
        >>> x = np.array([[0.3, 5.0]], "float32")
        >>> FixedPointQuantizer(4, 2, rounding="RND", overflow="SAT")(x).numpy().tolist()
        [[0.25, 1.75]]
    """

    def __init__(
        self,
        width: int | Sequence[int],
        integer: int | Sequence[int],
        *,
        signed: bool | Sequence[bool] = True,
        rounding: str = "TRN",
        overflow: str = "WRAP",
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        if np.max(width) > _MOST_BITS or np.min(width) < 0:
            raise ConfigError(f"width: expected 0 to {_MOST_BITS} bits. Received: {width}")
        if rounding not in _ROUND or overflow not in _OVERFLOWS:
            raise ConfigError(
                f"rounding, overflow: expected one of {', '.join(_ROUND)} and of {', '.join(_OVERFLOWS)}. Received: "
                f"{rounding}, {overflow}"
            )
        self.width, self.integer = (np.asarray(bits, np.int64).tolist() for bits in (width, integer))
        self.signed = np.asarray(signed, bool).tolist()
        self.rounding = rounding
        self.overflow = overflow

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        width, integer = np.asarray(self.width), np.asarray(self.integer)
        step = np.exp2((integer - width).astype(np.float32))
        span = np.exp2(width.astype(np.float32))
        signed = np.asarray(self.signed)
        symmetric = signed & (width > 1) & (self.overflow == "SAT_SYM")
        low = np.where(width > 0, -0.5 * span * signed + symmetric, 0.0).astype(np.float32)
        high = np.where(width > 0, span * (1 - 0.5 * signed) - 1, 0.0).astype(np.float32)
        scaled = tf.cast(inputs, tf.float32) * (1 / step)  # TensorFlow divides by constants less exactly
        codes = _ROUND[self.rounding](scaled)
        if self.overflow == "WRAP":
            kept = codes - tf.floor((codes - low) * (1 / span)) * span
        else:
            kept = tf.clip_by_value(codes, low, high)
        passed = tf.clip_by_value(scaled, low, high)
        return tf.cast((passed + tf.stop_gradient(kept - passed)) * step, inputs.dtype)

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict:
        bits = {name: plain_lists(getattr(self, name)) for name in ("width", "integer", "signed")}
        return {**super().get_config(), **bits, "rounding": self.rounding, "overflow": self.overflow}
