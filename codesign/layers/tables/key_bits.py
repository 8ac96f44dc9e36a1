"""KeyBits: one-bit questions of values, thresholds and raw bits, as a Keras layer."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign._arguments import check_range, checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.plain_lists import plain_lists
from codesign.layers.tables.math import batch_width, compare, snapped_up
from codesign.layers.tables.precision import pack_precision, read_precision, rounding_to
from codesign.network import FixedPoint
from codesign.network.ops import Bit, Tensor, Threshold

_WIDTHS = (1e-3, 1e3)
_SHARE_OF_RANGE = 1 / 16  # of a type, by which a trained threshold moves where its weight moves by 1


@checked
@keras.utils.register_keras_serializable(package="codesign")
class KeyBits(FullPrecisionLayer):
    """``x[feature] >= threshold`` for each key, 1 or 0, and then raw bits ``floor(x[feature] / weight) mod 2``.

    In training a comparator has the gradient of ``sigmoid((x - threshold) / w)``, by its threshold and by what it
    compares, where w is a share of the standard deviation of x in the batch; raw bits have none. A threshold is
    ``start + scale * shift`` with a trained `shift` that begins at 0.

    Callback: none.

    Args:
        thresholds: (feature, threshold) of each comparator.
        bits: (feature, weight) of each raw bit, weights powers of two.
        input_precision: the type of what it takes, such as ``ap_fixed<8,3>``, to which it is rounded: thresholds then
            are multiples of its steps, and never leave its range. None: any numbers.
        surrogate_width: w as a share of the standard deviation.
        train_thresholds: whether the thresholds move.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n)

    Output shape:
        (n_events, ..., n_thresholds + n_bits)

    Raises:
        ConfigError: for no keys, features that are not there, or a width below 0.001 or above 1,000.
        PrecisionError: for a threshold or a bit that the type does not have.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import KeyBits
        >>> KeyBits([(0, 0.5), (1, -1.0)], bits=[(1, 2.0)])(np.array([[0.5, 3.0]], "float32")).numpy().tolist()
        [[1.0, 1.0, 1.0]]
    """

    def __init__(
        self,
        thresholds: Sequence[tuple[int, float]],
        *,
        bits: Sequence[tuple[int, float]] = (),
        input_precision: FixedPoint | str | Mapping[str, object] | None = None,
        surrogate_width: float = 0.25,
        train_thresholds: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        if not len(thresholds) + len(bits):
            raise ConfigError("thresholds, bits: expected at least one key. Received: none")
        self.thresholds = [[int(feature), float(threshold)] for feature, threshold in thresholds]
        self.bits = [[int(feature), float(weight)] for feature, weight in bits]
        self.input_precision = read_precision(input_precision)
        self.surrogate_width = check_range(surrogate_width, "surrogate_width", *_WIDTHS)
        self.train_thresholds = bool(train_thresholds)
        self.rounding = rounding_to(self.input_precision, dtype=self.precision)
        self._check_keys()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        highest = max(feature for feature, _ in (*self.thresholds, *self.bits))
        n_types = 0 if self.input_precision is None else np.size(self.input_precision.width)
        if highest >= input_shape[-1] or n_types not in (0, 1, input_shape[-1]):
            raise ConfigError(
                f"inputs of layer '{self.name}': expected the features that keys ask, up to {highest}, and as many as "
                f"there are types. Received: {input_shape[-1]} features"
            )
        if self.thresholds:
            self.shift = self.add_weight(
                name="shift",
                shape=(len(self.thresholds),),
                initializer="zeros",
                trainable=self.train_thresholds and self.trainable,
            )

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        values, found = self._widen(inputs), []
        values = values if self.rounding is None else self.rounding(values)
        if self.thresholds:
            asked = tf.gather(values, _features(self.thresholds), axis=-1)
            if training:
                found.append(compare(asked, self._thresholds(), batch_width(asked, self.surrogate_width)))
            else:
                found.append(tf.cast(asked >= self._thresholds(), asked.dtype))
        if self.bits:
            weights = np.array([weight for _, weight in self.bits])
            asked = tf.stop_gradient(tf.gather(values, _features(self.bits), axis=-1))
            codes = tf.floor(asked * (1 / weights).astype(self.precision))
            found.append(codes - 2 * tf.floor(codes * 0.5))
        return self._narrow(tf.concat(found, -1))

    @property
    def key_thresholds(self) -> np.ndarray:
        """The present thresholds, (n_thresholds,) float64."""
        return np.asarray(self._thresholds(), np.float64)

    def ops(self) -> tuple[Threshold | None, Bit | None]:
        """Return what the layer is in a Network; None for keys of which there are none."""
        found = None
        if self.thresholds:
            found = Threshold(_features(self.thresholds), self.key_thresholds)
        return found, Bit(*_columns(self.bits)) if self.bits else None

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: a threshold of 0 is a threshold."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], len(self.thresholds) + len(self.bits))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "thresholds": plain_lists(self.thresholds),
            "bits": plain_lists(self.bits),
            "input_precision": pack_precision(self.input_precision),
            "surrogate_width": self.surrogate_width,
            "train_thresholds": self.train_thresholds,
        }

    def _check_keys(self) -> None:
        """Hold keys to the input's type, and find where each threshold starts, its scale and its limits."""
        n = 1 + max(feature for feature, _ in (*self.thresholds, *self.bits))
        kind = self.input_precision
        n = max(n, np.size(kind.width)) if kind is not None and kind.per_element else n
        source = None if kind is None else Tensor((n,), kind)
        for op, keys in ((Threshold, self.thresholds), (Bit, self.bits)):
            if keys:
                made = op(*_columns(keys))
                if made.index.min() < 0 or (source is not None and np.size(kind.width) not in (1, n)):
                    raise ConfigError(f"thresholds, bits: expected features from 0 on. Received: {made.index.min()}")
                if source is not None:
                    made.bind([source], None)
        if self.thresholds:
            self._find_limits(n)

    def _find_limits(self, n: int) -> None:
        features, start = _columns(self.thresholds)
        single = start.astype(np.float32)
        self._start = np.where(single < start, np.nextafter(single, np.float32(np.inf)), single)
        kind = self.input_precision
        if kind is None:
            spread = np.array([np.std(start[features == feature]) for feature in features])
            size = np.where(spread > 0, spread, np.abs(start))
            self._scale, self._limits = np.where(size > 0, size, 1.0), None
            return
        low, high, fraction = (
            np.broadcast_to(np.asarray(part, float), n)[features] for part in (kind.low, kind.high, kind.fraction)
        )
        step = np.exp2(-fraction)
        self._scale, self._limits = (high - low) * _SHARE_OF_RANGE, (step, low + step, high)

    def _thresholds(self) -> tf.Tensor:
        start, scale = (one.astype(self.precision) for one in (self._start, self._scale))
        moved = start + scale * self.shift
        return (
            moved if self._limits is None else snapped_up(moved, *(one.astype(self.precision) for one in self._limits))
        )


def _columns(keys: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    return _features(keys), np.array([number for _, number in keys], np.float64)


def _features(keys: Sequence[Sequence[float]]) -> np.ndarray:
    return np.array([feature for feature, _ in keys], np.int64)
