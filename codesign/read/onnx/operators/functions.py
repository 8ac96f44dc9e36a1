"""Functions of each value, and softmax."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, ArgMax, Multiply, Reshape, Subtract
from codesign.read.onnx.flow import Flow, constant_for
from codesign.read.onnx.operators.arithmetic import clipped, line
from codesign.read.onnx.operators.reductions import along
from codesign.read.onnx.tensors import DTYPES
from codesign.read.onnx.walk import Call

_SELU = (1.67326319217681884765625, 1.05070102214813232421875)


def function(name: str) -> Callable[[Call], Flow]:
    """Return what reads a function of each value."""
    return lambda call: call.apply(Activation(name), call.flow)


def read_leaky_relu(call: Call) -> Flow:
    """A leaky relu."""
    return call.apply(Activation("leaky_relu", slope=call.number("alpha", 0.01)), call.flow)


def sloped(name: str, default: float) -> Callable[[Call], Flow]:
    """Return what reads a function of one number, alpha."""
    return lambda call: call.apply(Activation(name, slope=call.number("alpha", default)), call.flow)


def read_selu(call: Call) -> Flow:
    """``gamma elu(x, alpha)``."""
    alpha, gamma = call.number("alpha", _SELU[0]), call.number("gamma", _SELU[1])
    if np.allclose((alpha, gamma), _SELU, rtol=1e-6):
        return call.apply(Activation("selu"), call.flow)
    return line(call, call.apply(Activation("elu", slope=alpha), call.flow), gamma, 0.0)


def read_gelu(call: Call) -> Flow:
    """Gelu, exact or by tanh."""
    return call.apply(Activation("gelu_tanh" if call.text("approximate") == "tanh" else "gelu"), call.flow)


def read_swish(call: Call) -> Flow:
    """``x sigmoid(alpha x)``."""
    alpha = call.number("alpha", 1.0)
    if alpha == 1:
        return call.apply(Activation("swish"), call.flow)
    gate = call.apply(Activation("sigmoid"), line(call, call.flow, alpha, 0.0))
    return call.flow.with_value(call.add(Multiply(), call.flow.value, gate.value))


def read_thresholded_relu(call: Call) -> Flow:
    """x above a threshold, else 0."""
    return call.apply(Activation("thresholded_relu", threshold=call.number("alpha", 1.0)), call.flow)


def read_shrink(call: Call) -> Flow:
    """``x - bias`` above lambd, ``x + bias`` below -lambd, else 0."""
    limit, bias = call.number("lambd", 0.5), call.number("bias", 0.0)
    if limit != bias or limit < 0:
        raise call.refusal("a soft shrink, whose bias is its lambd", f"{bias}, {limit}")
    flow = call.flow
    above = call.apply(Activation("relu"), line(call, flow, 1.0, -limit))
    below = call.apply(Activation("relu"), line(call, flow, -1.0, -limit))
    return flow.with_value(call.add(Subtract(), above.value, below.value))


def read_prelu(call: Call) -> Flow:
    """``max(x, 0) - slope max(-x, 0)``, a slope for each value."""
    flow, slope = call.flow, np.asarray(call.constant(1, what="slope"), np.float64)
    if slope.size == 1:
        return call.apply(Activation("leaky_relu", slope=float(slope.ravel()[0])), flow)
    slope = constant_for(flow, slope)
    above = call.apply(Activation("relu"), flow)
    below = line(call, call.apply(Activation("relu"), line(call, flow, -1.0, 0.0)), slope, 0.0)
    return flow.with_value(call.add(Subtract(), above.value, below.value))


def read_log_softmax(call: Call) -> Flow:
    """The logarithm of a softmax."""
    flow = call.flow
    axis = flow.axis(call.whole("axis", -1 if call.opset >= 13 else 1))
    if call.opset < 13 and axis != flow.rank - 1:
        raise call.refusal("the last axis", axis)
    return call.apply(Activation("log_softmax"), call.with_last(flow, axis))


def read_argmax(call: Call) -> Flow:
    """The place of the largest along an axis."""
    if call.whole("select_last_index"):
        raise call.refusal("the first of equal ones", "select_last_index=1")
    flow = call.flow
    if call.node.operation == "ArgMin":
        flow = line(call, flow, -1.0, 0.0)
    found = along(call, flow, [flow.axis(call.whole("axis"))], ArgMax, keepdims=bool(call.whole("keepdims", 1)))
    return found.with_value(found.value, np.dtype(np.int64))


def read_hard_sigmoid(call: Call) -> Flow:
    """``clip(alpha x + beta, 0, 1)``."""
    alpha, beta = call.number("alpha", 0.2), call.number("beta", 0.5)
    if beta == 0.5 and alpha > 0:
        return call.apply(Activation("hard_sigmoid", slope=alpha), call.flow)
    return clipped(call, line(call, call.flow, alpha, beta), 0.0, 1.0)


def read_hard_swish(call: Call) -> Flow:
    """``x clip(x / 6 + 1/2, 0, 1)``."""
    gate = call.apply(Activation("hard_sigmoid", slope=1 / 6), call.flow)
    return call.flow.with_value(call.add(Multiply(), call.flow.value, gate.value))


def read_softmax(call: Call) -> Flow:
    """Softmax along one axis; before operator set 13, along all from `axis` on."""
    flow = call.flow
    axis = call.whole("axis", -1 if call.opset >= 13 else 1)
    axis = flow.axis(axis) if flow.rank else 0
    if call.opset >= 13 or axis == flow.rank - 1:
        flow = call.with_last(flow, axis)
        return call.apply(Activation("softmax"), flow)
    flow = call.plain(flow)
    if flow.events_axis != axis - 1:
        raise call.refusal("an axis behind the events", axis)
    shape = flow.value.shape
    whole = call.add(Activation("softmax"), call.add(Reshape((int(np.prod(shape)),)), flow.value))
    return flow.with_value(call.add(Reshape(shape), whole))


def read_erfc(call: Call) -> Flow:
    """``1 - erf(x)``, which some exporters name."""
    return line(call, call.apply(Activation("erf"), call.flow), -1.0, 1.0)


def read_cast(call: Call) -> Flow:
    """To another type: whole numbers are cut towards 0, flags are what is not 0."""
    kind, flow = call.whole("to"), call.flow
    if kind not in DTYPES or DTYPES[kind].kind not in "fiub":
        raise call.refusal("a type of numbers", f"ONNX's type {kind}")
    dtype = DTYPES[kind]
    if dtype.kind == "b" and flow.dtype.kind != "b":
        return call.apply(Activation("abs"), call.apply(Activation("sign"), flow), dtype)
    if dtype.kind not in "iu" or flow.dtype.kind != "f":
        return flow.with_value(flow.value, dtype)
    whole = call.apply(Activation("floor"), call.apply(Activation("abs"), flow))
    sign = call.apply(Activation("sign"), flow)
    found = flow.with_value(call.add(Multiply(), sign.value, whole.value), dtype)
    call.walk.casts[found.value.name] = flow
    return found


_PLAIN = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Mish": "mish",
    "Exp": "exponential",
    "Log": "log",
    "Sqrt": "sqrt",
    "Reciprocal": "reciprocal",
    "Abs": "abs",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Erf": "erf",
    "Sin": "sin",
    "Cos": "cos",
    "Atan": "atan",
}
FUNCTIONS = {
    **{operation: function(name) for operation, name in _PLAIN.items()},
    "LeakyRelu": read_leaky_relu,
    "Elu": sloped("elu", 1.0),
    "Celu": sloped("celu", 1.0),
    "Selu": read_selu,
    "Gelu": read_gelu,
    "Swish": read_swish,
    "PRelu": read_prelu,
    "ThresholdedRelu": read_thresholded_relu,
    "Shrink": read_shrink,
    "HardSigmoid": read_hard_sigmoid,
    "HardSwish": read_hard_swish,
    "Softmax": read_softmax,
    "LogSoftmax": read_log_softmax,
    "ArgMax": read_argmax,
    "ArgMin": read_argmax,
    "Cast": read_cast,
    "Erfc": read_erfc,
    "CastLike": lambda call: call.flow,
}
