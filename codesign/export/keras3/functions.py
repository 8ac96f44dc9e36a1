"""Activations as layers and operations of Keras 3: a table from the name of a function."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.export.keras3.graph import KerasGraph, Tensor
from codesign.network.ops import Activation

_SLOPE = 1 / 6  # of Keras 3's hard sigmoid
_NAMES = {"swish": "silu"}
_PLAIN = (
    *("linear", "sigmoid", "tanh", "swish", "softmax", "log_softmax", "hard_tanh", "selu", "softplus", "softsign"),
    *("mish", "exponential", "gelu", "log_sigmoid"),
)
_OPERATIONS = {
    "abs": "numpy.Absolute",
    "sign": "numpy.Sign",
    "floor": "numpy.Floor",
    "ceil": "numpy.Ceil",
    "round": "numpy.Round",
    "expm1": "numpy.Expm1",
    "log": "numpy.Log",
    "log1p": "numpy.Log1p",
    "sqrt": "numpy.Sqrt",
    "rsqrt": "math.Rsqrt",
    "reciprocal": "numpy.Reciprocal",
    "square": "numpy.Square",
    "erf": "math.Erf",
    "sin": "numpy.Sin",
    "cos": "numpy.Cos",
    "atan": "numpy.Arctan",
}


def write_activation(graph: KerasGraph, op: Activation, value: Tensor) -> Tensor:
    """Add a function of each value, or a softmax.

    Raises:
        UnsupportedLayerError: for a function that Keras 3 has not.
    """
    if op.function in _PLAIN:
        return graph.layer("Activation", [value], value.shape, activation=_NAMES.get(op.function, op.function))
    if op.function in _OPERATIONS:
        return graph.operation(_OPERATIONS[op.function], [value], value.shape)
    if op.function not in _OWN:
        raise UnsupportedLayerError(f"expected a function of Keras 3. Received: {op.function}; write ONNX")
    return _OWN[op.function](graph, op, value)


def clipped(graph: KerasGraph, value: Tensor, low: object, high: object) -> Tensor:
    """Add limits below and above, numbers or arrays that broadcast; None: no limit."""
    if np.ndim(low) == np.ndim(high) == 0 and None not in (low, high):
        return graph.operation("numpy.Clip", [value], value.shape, x_min=float(low), x_max=float(high))
    for limit, kind in ((low, "numpy.Maximum"), (high, "numpy.Minimum")):
        if limit is not None:
            value = graph.operation(kind, [value, np.asarray(limit, np.float32)], value.shape)
    return value


def _hard_sigmoid(graph: KerasGraph, op: Activation, value: Tensor) -> Tensor:
    if op.slope == _SLOPE:
        return graph.layer("Activation", [value], value.shape, activation="hard_sigmoid")
    line = graph.layer("Rescaling", [value], value.shape, scale=op.slope, offset=0.5)
    return graph.layer("ReLU", [line], value.shape, max_value=1.0)


def _power(graph: KerasGraph, op: Activation, value: Tensor) -> Tensor:
    return graph.operation("numpy.Power", [value, np.asarray(op.slope, np.float32)], value.shape)


def _relu(graph: KerasGraph, op: Activation, value: Tensor) -> Tensor:
    """A jump at a threshold is x times whether it is above: Keras's own keeps the threshold itself."""
    if op.function == "relu":
        return graph.layer("ReLU", [value], value.shape, max_value=op.max_value)
    above = graph.operation("numpy.Greater", [value, np.asarray(op.threshold, np.float32)], value.shape, dtype="bool")
    kept = graph.operation("numpy.Where", [above, value, np.asarray(0, np.float32)], value.shape)
    return clipped(graph, kept, None, op.max_value)


_OWN: Mapping[str, Callable[[KerasGraph, Activation, Tensor], Tensor]] = MappingProxyType(
    {
        **dict.fromkeys(("relu", "thresholded_relu"), _relu),
        "leaky_relu": lambda graph, op, x: graph.layer("LeakyReLU", [x], x.shape, negative_slope=op.slope),
        "hard_sigmoid": _hard_sigmoid,
        "elu": lambda graph, op, x: graph.layer("ELU", [x], x.shape, alpha=op.slope),
        "celu": lambda graph, op, x: graph.operation("nn.Celu", [x], x.shape, alpha=op.slope),
        "gelu_tanh": lambda graph, op, x: graph.operation("nn.Gelu", [x], x.shape, approximate=True),
        "clip": lambda graph, op, x: clipped(graph, x, op.min_value, op.max_value),
        "power": _power,
    }
)
