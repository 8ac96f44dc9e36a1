"""Functions of each value, and softmax."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, Multiply, Reshape
from codesign.read.onnx.flow import Flow
from codesign.read.onnx.operators.arithmetic import clipped, line
from codesign.read.onnx.tensors import DTYPES
from codesign.read.onnx.walk import Call


def function(name: str) -> Callable[[Call], Flow]:
    """Return what reads a function of each value."""
    return lambda call: call.apply(Activation(name), call.flow)


def read_leaky_relu(call: Call) -> Flow:
    """A leaky relu."""
    return call.apply(Activation("leaky_relu", slope=call.number("alpha", 0.01)), call.flow)


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


def read_cast(call: Call) -> Flow:
    """To another type; from floating-point numbers to whole ones only what is whole already."""
    kind, flow = call.whole("to"), call.flow
    if kind not in DTYPES or DTYPES[kind].kind not in "fiub":
        raise call.refusal("a type of numbers", f"ONNX's type {kind}")
    return flow.with_value(flow.value, DTYPES[kind])


FUNCTIONS = {
    "Relu": function("relu"),
    "Sigmoid": function("sigmoid"),
    "Tanh": function("tanh"),
    "LeakyRelu": read_leaky_relu,
    "HardSigmoid": read_hard_sigmoid,
    "HardSwish": read_hard_swish,
    "Softmax": read_softmax,
    "Cast": read_cast,
}
