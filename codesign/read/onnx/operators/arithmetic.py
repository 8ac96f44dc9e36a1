"""Arithmetic of values, and of a value and a constant."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, Add, Affine, Maximum, Minimum, Multiply, Op, Subtract
from codesign.read.onnx.broadcast import aligned_flows, expanded_to
from codesign.read.onnx.flow import Flow, constant_for
from codesign.read.onnx.walk import Call

Read = Callable[[Call], "Flow | tuple"]
WithConstant = Callable[[Call, Flow, np.ndarray, bool], Flow]


def elementwise(op: Callable[[], Op] | None, with_constant: WithConstant) -> Read:
    """Return what reads an operation of two or more values or constants, from the first to the last.

    Args:
        op: of two flows; None: there is none.
        with_constant: of a flow and a constant, which may come first.
    """

    def pair(call: Call, one: object, other: object) -> object:
        if isinstance(one, Flow) and isinstance(other, Flow):
            if op is None:
                raise call.refusal("a constant as one of the two", "two values that depend on the events")
            if call.node.operation == "Div":
                other = call.apply(Activation("reciprocal"), other)
            one, other = aligned_flows(call, (one, other))
            return one.with_value(call.add(op(), one.value, other.value))
        flow, constant = (one, other) if isinstance(one, Flow) else (other, one)
        flow = expanded_to(call, flow, np.shape(constant))
        return with_constant(call, flow, constant_for(flow, constant), not isinstance(one, Flow))

    def read(call: Call) -> object:
        found = call.value(0)
        for given in call.values[1:]:
            found = pair(call, found, given)
        return found

    return read


def line(call: Call, flow: Flow, factor: object, offset: object) -> Flow:
    """``factor x + offset``: one number for all values of a vector becomes one for each."""
    factor, offset = (np.asarray(one, np.float64) for one in (factor, offset))
    shape = flow.value.shape
    if len(shape) == 1:
        factor, offset = (np.broadcast_to(one, shape).copy() for one in (factor, offset))
    return call.apply(Affine(_slim(factor), _slim(offset)), flow)


def _slim(array: np.ndarray) -> np.ndarray:
    """Without axes of size 1 in front."""
    while array.ndim and array.shape[0] == 1 and array.ndim > 1:
        array = array[0]
    return array.reshape(()) if array.size == 1 and array.ndim > 1 else array.copy()


def _added(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    return line(call, flow, 1.0, constant)


def _subtracted(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    if is_first:
        return line(call, flow, -1.0, constant)
    return _added(call, flow, -constant.astype(np.float64), False)


def _multiplied(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    return flow if (constant == 1).all() else line(call, flow, constant, 0.0)


def _divided(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    if flow.dtype.kind in "iu":
        raise call.refusal("floating-point numbers", f"a quotient of {flow.dtype}")
    if is_first:
        return _multiplied(call, call.apply(Activation("reciprocal"), flow), constant, False)
    if not constant.all():
        raise call.refusal("a divisor other than 0", 0)
    return flow if (constant == 1).all() else line(call, flow, 1 / constant.astype(np.float64), 0.0)


def clipped(call: Call, flow: Flow, low: float | None, high: float | None) -> Flow:
    """``min(max(x, low), high)`` of two numbers; None: no limit."""
    low, high = (None if one is None or np.isinf(one) else float(one) for one in (low, high))
    if low is not None and high is not None and low >= high:
        return line(call, flow, 0.0, high)
    if low is not None:
        flow = line(call, flow, 1.0, -low) if low else flow
        flow = call.apply(Activation("relu", max_value=None if high is None else high - low), flow)
        return line(call, flow, 1.0, low) if low else flow
    if high is None:
        return flow
    flow = call.apply(Activation("relu"), line(call, flow, -1.0, high))
    return line(call, flow, -1.0, high)


def _above(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    """``max(x, c)`` as ``relu(x - c) + c``."""
    flow = call.apply(Activation("relu"), _added(call, flow, -constant.astype(np.float64), False))
    return _added(call, flow, constant, False)


def _below(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    """``min(x, c)`` as ``c - relu(c - x)``."""
    flow = call.apply(Activation("relu"), line(call, flow, -1.0, constant))
    return line(call, flow, -1.0, constant)


def _power(call: Call, flow: Flow, constant: np.ndarray, is_first: bool) -> Flow:
    first = float(np.ravel(constant)[0])
    if not (constant == first).all() or (is_first and not first > 0):
        raise call.refusal("one exponent, or powers of one number above 0", str(constant)[:60])
    if is_first:
        return call.apply(Activation("exponential"), line(call, flow, np.log(first), 0.0))
    if first in (2.0, 3.0, 4.0):
        return flow.with_value(call.add(Multiply(), *([flow.value] * int(first))))
    names = {0.5: "sqrt", -0.5: "rsqrt", -1.0: "reciprocal"}
    if first in names:
        return call.apply(Activation(names[first]), flow)
    return flow if first == 1 else call.apply(Activation("power", slope=first), flow)


def read_negative(call: Call) -> Flow:
    """``-x``."""
    return line(call, call.flow, -1.0, 0.0)


def read_clip(call: Call) -> Flow:
    """``min(max(x, low), high)``, limits as attributes or constants."""
    limits = []
    for index, name in enumerate(("min", "max"), 1):
        given = call.attribute(name) if name in call.node.attributes else call.constant(index, what="limit")
        limits.append(None if given is None else float(np.ravel(given)[0]))
    return clipped(call, call.flow, *limits)


def read_mean(call: Call) -> Flow:
    """The mean of several values."""
    total = ARITHMETIC["Add"](call)
    return line(call, total, 1 / len(call.values), 0.0) if len(call.values) > 1 else total


ARITHMETIC: dict[str, Read] = {
    "Add": elementwise(Add, _added),
    "Sum": elementwise(Add, _added),
    "Sub": elementwise(Subtract, _subtracted),
    "Mul": elementwise(Multiply, _multiplied),
    "Div": elementwise(Multiply, _divided),
    "Max": elementwise(Maximum, _above),
    "Min": elementwise(Minimum, _below),
    "Pow": elementwise(None, _power),
    "Neg": read_negative,
    "Clip": read_clip,
    "Mean": read_mean,
}
