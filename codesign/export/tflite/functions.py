"""How each activation is computed in TensorFlow, of operators that TFLite has: a table from function to function."""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.network.ops import Activation

if TYPE_CHECKING:
    from codesign._keras import tf

Function = Callable[[object, Activation, "tf.Tensor"], "tf.Tensor"]
_SELU = (np.float32(1.0507009873554805), np.float32(1.6732632423543772))


def _limited(tf: object, x: "tf.Tensor", low: float | None, high: float | None) -> "tf.Tensor":
    x = x if low is None else tf.maximum(x, np.float32(low))
    return x if high is None else tf.minimum(x, np.float32(high))


def _elu(tf: object, x: "tf.Tensor", alpha: float) -> "tf.Tensor":
    """``elu`` itself where alpha is 1."""
    below = tf.nn.elu(tf.minimum(x, np.float32(0)))
    return tf.maximum(x, np.float32(0)) + np.float32(alpha) * below


def _celu(tf: object, op: Activation, x: "tf.Tensor") -> "tf.Tensor":
    slope = np.float32(op.slope)
    return tf.maximum(x, np.float32(0)) + slope * tf.nn.elu(tf.minimum(x, np.float32(0)) * np.float32(1 / op.slope))


def _softplus(tf: object, x: "tf.Tensor") -> "tf.Tensor":
    return tf.maximum(x, np.float32(0)) + tf.math.log(np.float32(1) + tf.exp(-tf.abs(x)))


def _gelu_tanh(tf: object, op: Activation, x: "tf.Tensor") -> "tf.Tensor":
    inner = np.float32(sqrt(2 / pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.float32(0.5) * x * (np.float32(1) + tf.tanh(inner))


def _thresholded(tf: object, op: Activation, x: "tf.Tensor") -> "tf.Tensor":
    kept = tf.where(x > np.float32(op.threshold), x, np.float32(0))
    return _limited(tf, kept, None, op.max_value)


_FUNCTIONS: dict[str, Function] = {
    "linear": lambda tf, op, x: tf.identity(x),
    "relu": lambda tf, op, x: tf.nn.relu(x) if op.max_value is None else _limited(tf, x, 0.0, op.max_value),
    "thresholded_relu": _thresholded,
    "leaky_relu": lambda tf, op, x: tf.nn.leaky_relu(x, op.slope),
    "sigmoid": lambda tf, op, x: tf.sigmoid(x),
    "tanh": lambda tf, op, x: tf.tanh(x),
    "hard_sigmoid": lambda tf, op, x: _limited(tf, x * np.float32(op.slope) + np.float32(0.5), 0.0, 1.0),
    "hard_tanh": lambda tf, op, x: _limited(tf, x, -1.0, 1.0),
    "clip": lambda tf, op, x: _limited(tf, x, op.min_value, op.max_value),
    "swish": lambda tf, op, x: x * tf.sigmoid(x),
    "softmax": lambda tf, op, x: tf.nn.softmax(x),
    "log_softmax": lambda tf, op, x: tf.nn.log_softmax(x),
    "elu": lambda tf, op, x: _elu(tf, x, op.slope),
    "celu": _celu,
    "selu": lambda tf, op, x: _SELU[0] * _elu(tf, x, float(_SELU[1])),
    "gelu_tanh": _gelu_tanh,
    "softplus": lambda tf, op, x: _softplus(tf, x),
    "softsign": lambda tf, op, x: x / (np.float32(1) + tf.abs(x)),
    "mish": lambda tf, op, x: x * tf.tanh(_softplus(tf, x)),
    "log_sigmoid": lambda tf, op, x: -_softplus(tf, -x),
    "exponential": lambda tf, op, x: tf.exp(x),
    "expm1": lambda tf, op, x: tf.exp(x) - np.float32(1),
    "log": lambda tf, op, x: tf.math.log(x),
    "log1p": lambda tf, op, x: tf.math.log(x + np.float32(1)),
    "sqrt": lambda tf, op, x: tf.sqrt(x),
    "rsqrt": lambda tf, op, x: tf.math.rsqrt(x),
    "reciprocal": lambda tf, op, x: np.float32(1) / x,
    "power": lambda tf, op, x: tf.pow(x, np.float32(op.slope)),
    "square": lambda tf, op, x: x * x,
    "sin": lambda tf, op, x: tf.sin(x),
    "cos": lambda tf, op, x: tf.cos(x),
    "abs": lambda tf, op, x: tf.abs(x),
    "sign": lambda tf, op, x: tf.sign(x),
    "floor": lambda tf, op, x: tf.floor(x),
    "ceil": lambda tf, op, x: tf.math.ceil(x),
    "round": lambda tf, op, x: tf.round(x),
}
ACTIVATIONS: Mapping[str, Function] = MappingProxyType(_FUNCTIONS)
