"""How each activation is written in ONNX, of operator set 13: a table from function to what writes it."""

from collections.abc import Callable, Mapping, Sequence
from math import pi, sqrt
from types import MappingProxyType

import numpy as np

from codesign.export.onnx.graph import OnnxGraph
from codesign.network.ops import Activation, Shape

Write = Callable[[OnnxGraph, Activation, str], str]


def write_activation(graph: OnnxGraph, op: Activation, values: Sequence[str], shapes: Sequence[Shape]) -> str:
    """Append an activation; return the name of what it gives."""
    return _FUNCTIONS[op.function](graph, op, values[0])


def _plain(operation: str) -> Write:
    return lambda graph, op, value: graph.step(operation, value)


def _clip(graph: OnnxGraph, value: str, low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return graph.step("Clip", value, np.float32(low), np.float32(high))
    value = value if low is None else graph.step("Max", value, np.float32(low))
    return value if high is None else graph.step("Min", value, np.float32(high))


def _relu(graph: OnnxGraph, op: Activation, value: str) -> str:
    return graph.step("Relu", value) if op.max_value is None else _clip(graph, value, 0.0, op.max_value)


def _thresholded(graph: OnnxGraph, op: Activation, value: str) -> str:
    above = graph.step("Cast", graph.step("Greater", value, np.float32(op.threshold)), to=1)
    return _clip(graph, graph.step("Mul", value, above), None, op.max_value)


def _times(graph: OnnxGraph, value: str, function: str) -> str:
    return graph.step("Mul", value, graph.step(function, value))


def _gelu(graph: OnnxGraph, op: Activation, value: str) -> str:
    erf = graph.step("Erf", graph.step("Mul", value, np.float32(1 / sqrt(2))))
    return _half(graph, value, erf)


def _gelu_tanh(graph: OnnxGraph, op: Activation, value: str) -> str:
    cube = graph.step("Mul", graph.step("Mul", value, value), value)
    inner = graph.step("Add", value, graph.step("Mul", cube, np.float32(0.044715)))
    return _half(graph, value, graph.step("Tanh", graph.step("Mul", inner, np.float32(sqrt(2 / pi)))))


def _half(graph: OnnxGraph, value: str, curve: str) -> str:
    """``x (1 + curve) / 2``."""
    product = graph.step("Mul", value, graph.step("Add", curve, np.float32(1)))
    return graph.step("Mul", product, np.float32(0.5))


def _mish(graph: OnnxGraph, op: Activation, value: str) -> str:
    return graph.step("Mul", value, graph.step("Tanh", graph.step("Softplus", value)))


def _log_sigmoid(graph: OnnxGraph, op: Activation, value: str) -> str:
    return graph.step("Neg", graph.step("Softplus", graph.step("Neg", value)))


def _power(graph: OnnxGraph, op: Activation, value: str) -> str:
    return graph.step("Pow", value, np.float32(op.slope))


_FUNCTIONS: Mapping[str, Write] = MappingProxyType(
    {
        "linear": lambda graph, op, value: value,
        "relu": _relu,
        "thresholded_relu": _thresholded,
        "leaky_relu": lambda graph, op, value: graph.step("LeakyRelu", value, alpha=float(op.slope)),
        "hard_sigmoid": lambda graph, op, value: graph.step("HardSigmoid", value, alpha=float(op.slope), beta=0.5),
        "hard_tanh": lambda graph, op, value: _clip(graph, value, -1.0, 1.0),
        "clip": lambda graph, op, value: _clip(graph, value, op.min_value, op.max_value),
        "swish": lambda graph, op, value: _times(graph, value, "Sigmoid"),
        "elu": lambda graph, op, value: graph.step("Elu", value, alpha=float(op.slope)),
        "celu": lambda graph, op, value: graph.step("Celu", value, alpha=float(op.slope)),
        "gelu": _gelu,
        "gelu_tanh": _gelu_tanh,
        "mish": _mish,
        "log_sigmoid": _log_sigmoid,
        "expm1": lambda graph, op, value: graph.step("Sub", graph.step("Exp", value), np.float32(1)),
        "log1p": lambda graph, op, value: graph.step("Log", graph.step("Add", value, np.float32(1))),
        "rsqrt": lambda graph, op, value: graph.step("Reciprocal", graph.step("Sqrt", value)),
        "square": lambda graph, op, value: graph.step("Mul", value, value),
        "power": _power,
        "softmax": lambda graph, op, value: graph.step("Softmax", value, axis=-1),
        "log_softmax": lambda graph, op, value: graph.step("LogSoftmax", value, axis=-1),
        "exponential": _plain("Exp"),
        **{
            name: _plain(operation)
            for name, operation in (
                *(("sigmoid", "Sigmoid"), ("tanh", "Tanh"), ("selu", "Selu"), ("softplus", "Softplus")),
                *(("softsign", "Softsign"), ("log", "Log"), ("sqrt", "Sqrt"), ("reciprocal", "Reciprocal")),
                *(("erf", "Erf"), ("sin", "Sin"), ("cos", "Cos"), ("atan", "Atan"), ("abs", "Abs")),
                *(("sign", "Sign"), ("floor", "Floor"), ("ceil", "Ceil"), ("round", "Round")),
            )
        },
    }
)
