"""How ops that Keras 2 has no layer for are written: operations of TensorFlow between layers."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.network.ops import Activation, ArgMax, Compare, Gather, MatMul, Op, Patches, Select, Shape

_OF_TENSORFLOW = (
    *("abs", "sign", "floor", "round", "sqrt", "square", "ceil", "expm1", "log", "log1p", "rsqrt", "erf"),
    *("sin", "cos", "atan"),
)
_SELU = (1.0507009873554805, 1.6732632423543772)


def write_operation(tf: object, op: Op, shape: Shape, *values: object) -> object:
    """Return what an op gives, as a tensor of Keras.

    Args:
        tf: TensorFlow.
        op: of :data:`OPERATIONS`.
        shape: of what it takes first, events not counted.
        values: that it takes.
    """
    return OPERATIONS[type(op)](tf, op, shape, *values)


def _gathered(tf: object, value: object, shape: Shape, index: np.ndarray) -> object:
    """Values of places of a flattened value; -1 is a zero behind its end."""
    flat = tf.reshape(value, (-1, prod(shape)))
    flat = tf.pad(flat, [[0, 0], [0, 1]]) if (index < 0).any() else flat
    places = np.where(index < 0, prod(shape), index).astype(np.int32)
    return tf.reshape(tf.gather(flat, places.ravel(), axis=1), (-1, *index.shape))


def _patches(tf: object, op: Patches, shape: Shape, value: object) -> object:
    places, channels = op.places(shape)[..., np.newaxis], shape[-1]
    index = np.where(places < 0, -1, places * channels + np.arange(channels))
    return _gathered(tf, value, shape, index.reshape(op.shape(shape)))


def _compare(tf: object, op: Compare, shape: Shape, *values: object) -> object:
    return tf.cast(getattr(tf, op.relation)(*_same_rank(tf, *values)), values[0].dtype)


def _select(tf: object, op: Select, shape: Shape, *values: object) -> object:
    condition, first, second = _same_rank(tf, *values)
    return tf.where(tf.not_equal(condition, 0.0), first, second)


def _argmax(tf: object, op: ArgMax, shape: Shape, value: object) -> object:
    axis = op.axis % len(value.shape)
    found = tf.cast(tf.argmax(value, axis=axis), value.dtype)
    return tf.expand_dims(found, axis) if op.keepdims else found


def _same_rank(tf: object, *values: object) -> list[object]:
    rank = max(len(value.shape) for value in values)
    shapes = [(-1, *(1,) * (rank - len(value.shape)), *value.shape[1:]) for value in values]
    return [value if len(value.shape) == rank else tf.reshape(value, to) for value, to in zip(values, shapes)]


OPERATIONS: Mapping[type, Callable[..., object]] = MappingProxyType(
    {
        Patches: _patches,
        Gather: lambda tf, op, shape, value: _gathered(tf, value, shape, op.index),
        MatMul: lambda tf, op, shape, *values: tf.matmul(*_same_rank(tf, *values)),
        Compare: _compare,
        Select: _select,
        ArgMax: _argmax,
    }
)


def _thresholded(tf: object, op: Activation, x: object) -> object:
    kept = x * tf.cast(tf.greater(x, op.threshold), x.dtype)
    return kept if op.max_value is None else tf.minimum(kept, op.max_value)


def _clip(tf: object, op: Activation, x: object) -> object:
    x = x if op.min_value is None else tf.maximum(x, op.min_value)
    return x if op.max_value is None else tf.minimum(x, op.max_value)


def _elu(tf: object, x: object, alpha: float) -> object:
    return tf.maximum(x, 0.0) + alpha * tf.math.expm1(tf.minimum(x, 0.0))


def _celu(tf: object, op: Activation, x: object) -> object:
    return tf.maximum(x, 0.0) + op.slope * tf.math.expm1(tf.minimum(x, 0.0) * (1 / op.slope))


# Functions that keras.activations has not, or has with other numbers.
FUNCTIONS: Mapping[str, Callable[[object, Activation, object], object]] = MappingProxyType(
    {
        "thresholded_relu": _thresholded,
        "clip": _clip,
        "elu": lambda tf, op, x: _elu(tf, x, op.slope),
        "celu": _celu,
        "selu": lambda tf, op, x: _SELU[0] * _elu(tf, x, _SELU[1]),
        "gelu": lambda tf, op, x: tf.nn.gelu(x),
        "gelu_tanh": lambda tf, op, x: tf.nn.gelu(x, approximate=True),
        "mish": lambda tf, op, x: x * tf.tanh(tf.nn.softplus(x)),
        "log_sigmoid": lambda tf, op, x: -tf.nn.softplus(-x),
        "log_softmax": lambda tf, op, x: tf.nn.log_softmax(x),
        "power": lambda tf, op, x: tf.pow(x, op.slope),
        "reciprocal": lambda tf, op, x: 1.0 / x,
        **{name: (lambda tf, op, x, name=name: getattr(tf.math, name)(x)) for name in _OF_TENSORFLOW},
    }
)
