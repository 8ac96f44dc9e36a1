"""Comparisons, and the choice between values by them."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Affine, Compare, Maximum, Multiply, Select
from codesign.read.onnx.broadcast import aligned_flows, expanded_to
from codesign.read.onnx.flow import FLOAT, Flow, constant_for, event_flow
from codesign.read.onnx.walk import Call
from codesign.read.parts.axes import constant

_BOOL = np.dtype(bool)
_LARGEST = float(np.finfo(np.float32).max)


def as_flows(call: Call, values: tuple) -> list[Flow]:
    """Return values of one number of axes, constants as flows of the same events."""
    like = next(value for value in values if isinstance(value, Flow))
    for value in values:
        if not isinstance(value, Flow):
            like = expanded_to(call, like, np.shape(value))
    return aligned_flows(call, [_as_flow(call, value, like) for value in values])


def _as_flow(call: Call, value: object, like: Flow) -> Flow:
    if isinstance(value, Flow):
        return value
    array = np.clip(
        np.nan_to_num(np.asarray(value, np.float64), posinf=_LARGEST, neginf=-_LARGEST), -_LARGEST, _LARGEST
    )
    offset = np.broadcast_to(constant_for(like, array), like.value.shape)
    made = call.add(Affine(np.zeros(like.value.shape), offset.copy()), like.value)
    return like.with_value(made, np.asarray(value).dtype)


def constant_value(call: Call, like: Flow, array: np.ndarray) -> Flow:
    """Return a constant of its own sizes, the same for all events, as a flow that has an axis of them in front."""
    array = np.asarray(array, np.float64)
    made = constant(call.walk.builder, call.name, array.reshape(array.shape or (1,)), like.value)
    return event_flow(made, FLOAT)


def comparison(relation: str) -> Callable[[Call], Flow]:
    """Return what reads a comparison of two values."""

    def read(call: Call) -> Flow:
        one, other = as_flows(call, call.values[:2])
        return one.with_value(call.add(Compare(relation), one.value, other.value), _BOOL)

    return read


def read_where(call: Call) -> Flow:
    """The second value where the first is true, else the third."""
    condition, one, other = call.values
    if not isinstance(condition, Flow) and not (isinstance(one, Flow) and isinstance(other, Flow)):
        return _masked(call, np.asarray(condition) != 0, one, other)
    condition, one, other = as_flows(call, call.values)
    return one.with_value(call.add(Select(), condition.value, one.value, other.value), one.dtype)


def _masked(call: Call, condition: np.ndarray, one: object, other: object) -> Flow:
    """A value at some places, and a constant at the others."""
    flow, other = (one, other) if isinstance(one, Flow) else (other, one)
    sizes = np.broadcast_shapes(condition.shape, np.shape(other))
    condition = condition if flow is one else ~condition
    flow = expanded_to(call, flow, sizes)
    kept = constant_for(flow, condition)
    offset = constant_for(flow, np.clip(np.asarray(other, np.float64), -_LARGEST, _LARGEST))
    kept, offset = (np.broadcast_to(array, flow.value.shape) for array in (kept, offset))
    return call.apply(Affine(kept.astype(np.float64), np.where(kept, 0.0, offset)), flow)


def read_not(call: Call) -> Flow:
    """``1 - x``."""
    shape = call.flow.value.shape
    return call.apply(Affine(np.full(shape, -1.0), np.ones(shape)), call.flow, _BOOL)


def both(op: type) -> Callable[[Call], Flow]:
    """Return what reads an operation of two flags."""

    def read(call: Call) -> Flow:
        one, other = as_flows(call, call.values[:2])
        return one.with_value(call.add(op(), one.value, other.value), _BOOL)

    return read


LOGIC = {
    "Less": comparison("less"),
    "LessOrEqual": comparison("less_equal"),
    "Greater": comparison("greater"),
    "GreaterOrEqual": comparison("greater_equal"),
    "Equal": comparison("equal"),
    "Where": read_where,
    "Not": read_not,
    "And": both(Multiply),
    "Or": both(Maximum),
    "Xor": comparison("not_equal"),
}
