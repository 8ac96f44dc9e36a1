"""SegmentSum: sums of some of the values each, and a trained offset of each sum, as a Keras layer."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import check_range, checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.plain_lists import plain_lists
from codesign.layers.tables.limits import check_step
from codesign.layers.tables.math import on_grid
from codesign.network import ops

_MOST_UNITS = 2**16


@checked
@keras.utils.register_keras_serializable(package="codesign")
class SegmentSum(FullPrecisionLayer):
    """``offset[s] + sum of the x[i] with segments[i] == s``: how tables, and sums of dense layers, become scores.

    Callback: none.

    Args:
        units: sums.
        segments: for each value the sum that it goes into.
        step: of the offsets, a power of two; None: any numbers, whose digits the sums in hardware then have.
        use_offset: whether there are any.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n)

    Output shape:
        (n_events, ..., units)

    Raises:
        ConfigError: for segments that are not there, or of another number than of values.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import SegmentSum
        >>> SegmentSum(2, [0, 1, 0])(np.array([[1.0, 2.0, 3.0]], "float32")).numpy().tolist()
        [[4.0, 2.0]]
    """

    def __init__(
        self,
        units: int,
        segments: Sequence[int],
        *,
        step: float | None = None,
        use_offset: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.units = int(check_range(units, "units", 1, _MOST_UNITS))
        self.segments = [int(segment) for segment in segments]
        self.step = check_step(step)
        self.use_offset = bool(use_offset)
        strange = next((one for one in self.segments if not 0 <= one < self.units), None)
        if strange is not None or not self.segments:
            raise ConfigError(
                f"segments: expected a sum from 0 to {self.units - 1} for each value. "
                f"Received: {'none' if strange is None else strange}"
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        if input_shape[-1] != len(self.segments):
            raise ConfigError(
                f"inputs of layer '{self.name}': expected {len(self.segments)} values, one for each of the segments. "
                f"Received: {input_shape[-1]}"
            )
        if self.use_offset:
            self.offset = self.add_weight(name="offset", shape=(self.units,), initializer="zeros")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        values = self._widen(inputs)
        rows = tf.transpose(tf.reshape(values, (-1, len(self.segments))))
        sums = tf.transpose(tf.math.unsorted_segment_sum(rows, np.array(self.segments), self.units))
        sums = tf.reshape(sums, tf.concat([tf.shape(values)[:-1], [self.units]], 0)) + self._rounded_offset()
        return self._narrow(tf.ensure_shape(sums, (*values.shape[:-1], self.units)))

    def op(self) -> ops.SegmentSum:
        """Return what the layer is in a Network."""
        return ops.SegmentSum(self.segments, np.asarray(self._rounded_offset(), np.float64))

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: an offset costs no more than 0."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        own = {"units": self.units, "segments": plain_lists(self.segments)}
        return {**super().get_config(), **own, "step": self.step, "use_offset": self.use_offset}

    def _rounded_offset(self) -> tf.Tensor:
        if not self.use_offset:
            return tf.zeros(self.units, self.precision)
        return tf.convert_to_tensor(self.offset) if self.step is None else on_grid(self.offset, self.step)
