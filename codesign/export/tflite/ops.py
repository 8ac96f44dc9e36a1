"""How each op is computed in TensorFlow, for TFLite's converter: a table from op to function."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.export.single_precision import shift_and_scale
from codesign.export.tflite.functions import ACTIVATIONS
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    ArgMax,
    Compare,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Gather,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Op,
    Patches,
    Quantize,
    Reshape,
    Select,
    Shape,
    Slice,
    Subtract,
    Sum,
    Transpose,
)
from codesign.network.ops.moves import event_axis
from codesign.network.types.single_precision import Rounding

if TYPE_CHECKING:
    from codesign._keras import tf

Values = Sequence["tf.Tensor"]
Shapes = Sequence[Shape]


def _tf() -> object:
    from codesign._keras import tf

    return tf


def _dense(op: Dense, values: Values, shapes: Shapes) -> "tf.Tensor":
    """One fully connected layer, of all positions at once where there are several."""
    tf, kernel, bias = _tf(), op.kernel.astype(np.float32), op.bias.astype(np.float32)
    rows = values[0] if len(shapes[0]) == 1 else tf.reshape(values[0], (-1, shapes[0][-1]))
    sums = tf.matmul(rows, kernel) + bias
    return sums if len(shapes[0]) == 1 else tf.reshape(sums, (-1, *shapes[0][:-1], len(bias)))


def _affine(op: Affine, values: Values, shapes: Shapes) -> "tf.Tensor":
    shifted = shift_and_scale(op)
    if shifted is None:
        return values[0] * op.factor.astype(np.float32) + op.offset.astype(np.float32)
    return (values[0] + shifted[0]) * shifted[1]


def _quantize(op: Quantize, values: Values, shapes: Shapes) -> "tf.Tensor":
    """``step * overflow(round(values * scale))``."""
    tf, rounding = _tf(), Rounding.of(op.type, shapes[0])
    scale, step, low, high, span = (
        getattr(rounding, name).reshape(shapes[0]) for name in ("scale", "step", "low", "high", "span")
    )
    codes = values[0] * scale
    if rounding.rounding == "RND_CONV":
        codes = tf.round(codes)
    else:
        codes = tf.floor(codes + 0.5 if rounding.rounding == "RND" else codes)
    if not rounding.wraps:
        return tf.minimum(tf.maximum(codes, low), high) * step
    for turn in rounding.turns:  # times the inverse: the converter's own of a division is not exact
        codes = codes - tf.floor(codes * (1 / turn.reshape(shapes[0]))) * span
    return codes * step


def _embedding(op: Embedding, values: Values, shapes: Shapes) -> "tf.Tensor":
    tf = _tf()
    return tf.gather(op.table.astype(np.float32), tf.cast(tf.floor(values[0]), tf.int32))


def _merged(name: str) -> Callable[..., "tf.Tensor"]:
    """Of two or more, two at a time."""
    return lambda op, values, shapes: reduce(getattr(_tf(), name), _same_rank(values, shapes))


def _reduced(name: str) -> Callable[..., "tf.Tensor"]:
    def call(op: Sum | Mean | Max, values: Values, shapes: Shapes) -> "tf.Tensor":
        return getattr(_tf(), name)(values[0], event_axis(op.axis, shapes[0]) + 1, keepdims=op.keepdims)

    return call


def _dot(op: Dot, values: Values, shapes: Shapes) -> "tf.Tensor":
    return _tf().reduce_sum(values[0] * values[1], 1, keepdims=True)


def _reshaped(op: Reshape | Flatten, values: Values, shapes: Shapes) -> "tf.Tensor":
    return _tf().reshape(values[0], (-1, *op.shape(*shapes)))


def _sliced(op: Slice, values: Values, shapes: Shapes) -> "tf.Tensor":
    axis = event_axis(op.axis, shapes[0]) + 1
    return values[0][(slice(None),) * axis + (slice(op.start, op.stop, op.step),)]


def _same_rank(values: Values, shapes: Shapes) -> list["tf.Tensor"]:
    """A value of fewer axes is given axes behind the events."""
    rank = max(map(len, shapes))
    return [
        _tf().reshape(value, (-1, *(1,) * (rank - len(shape)), *shape)) if len(shape) < rank else value
        for value, shape in zip(values, shapes)
    ]


def _compare(op: Compare, values: Values, shapes: Shapes) -> "tf.Tensor":
    tf = _tf()
    return tf.cast(getattr(tf, op.relation)(*_same_rank(values, shapes)), tf.float32)


def _select(op: Select, values: Values, shapes: Shapes) -> "tf.Tensor":
    condition, first, second = _same_rank(values, shapes)
    return _tf().where(condition != 0, first, second)


def _argmax(op: ArgMax, values: Values, shapes: Shapes) -> "tf.Tensor":
    tf, axis = _tf(), event_axis(op.axis, shapes[0]) + 1
    found = tf.cast(tf.argmax(values[0], axis), tf.float32)
    return tf.expand_dims(found, axis) if op.keepdims else found


def _gathered(op: Patches | Gather, values: Values, shapes: Shapes) -> "tf.Tensor":
    """Places of an event's values side by side, a zero behind them."""
    tf, (shape,), size = _tf(), shapes, prod(shapes[0])
    places = op.evaluate(np.arange(1, size + 1).reshape(1, *shape)).ravel() - 1
    flat = tf.reshape(values[0], (-1, size))
    if (places < 0).any():
        flat = tf.pad(flat, [[0, 0], [0, 1]])
    found = tf.gather(flat, np.where(places < 0, size, places).astype(np.int32), axis=1)
    return tf.reshape(found, (-1, *op.shape(shape)))


FUNCTIONS: Mapping[type, Callable[[Op, Values, Shapes], "tf.Tensor"]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: lambda op, values, shapes: ACTIVATIONS[op.function](_tf(), op, values[0]),
        Quantize: _quantize,
        Embedding: _embedding,
        Add: _merged("add"),
        Subtract: _merged("subtract"),
        Multiply: _merged("multiply"),
        Maximum: _merged("maximum"),
        Minimum: _merged("minimum"),
        Dot: _dot,
        MatMul: lambda op, values, shapes: _tf().matmul(*_same_rank(values, shapes)),
        Compare: _compare,
        Select: _select,
        ArgMax: _argmax,
        Patches: _gathered,
        Gather: _gathered,
        Sum: _reduced("reduce_sum"),
        Mean: _reduced("reduce_mean"),
        Max: _reduced("reduce_max"),
        Min: _reduced("reduce_min"),
        Reshape: _reshaped,
        Flatten: _reshaped,
        Slice: _sliced,
        Transpose: lambda op, values, shapes: _tf().transpose(values[0], (0, *op.axes)),
        Concatenate: lambda op, values, shapes: _tf().concat(values, event_axis(op.axis, shapes[0]) + 1),
    }
)
