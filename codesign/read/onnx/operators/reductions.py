"""Sums, means and maxima along axes."""

from collections.abc import Callable
from dataclasses import replace

from codesign.network.ops import Max, Mean, Min, Multiply, Op, Sum
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.walk import Call


def reduced(call: Call, flow: Flow, op: Callable[..., Op]) -> Flow:
    """Reduce along the axes that a node names."""
    axes = call.wholes("axes", 1)
    if not axes:
        if call.whole("noop_with_empty_axes"):
            return flow
        axes = [axis for axis in range(flow.rank) if EVENTS not in flow.dims[axis]] if axes is None else axes
        if flow.events_axis is not None:
            raise call.refusal("axes other than that of the events", "all")
    return along(call, flow, sorted({flow.axis(axis) for axis in axes}), op, keepdims=bool(call.whole("keepdims", 1)))


def along(call: Call, flow: Flow, axes: list[int], op: Callable[..., Op], *, keepdims: bool) -> Flow:
    """Reduce along axes of ONNX."""
    for axis in axes:
        if EVENTS in flow.dims[axis]:
            raise call.refusal("axes other than that of the events", axis)
        parts = flow.dims[axis]
        for part in sorted(parts, reverse=True):
            flow = _without(call, flow, part, op)
    if keepdims:
        return flow
    return replace(flow, dims=tuple(dim for axis, dim in enumerate(flow.dims) if axis not in axes))


def _without(call: Call, flow: Flow, part: int, op: Callable[..., Op]) -> Flow:
    """Reduce along an axis of the value; a value keeps at least one axis."""
    is_last = len(flow.value.shape) == 1
    value = call.add(op(part + 1, is_last), flow.value)
    dims = tuple(
        tuple(one - (one > part and not is_last) for one in dim if one != part or one == EVENTS) for dim in flow.dims
    )
    return replace(flow, value=value, dims=dims)


def reduction(op: Callable[..., Op]) -> Callable[[Call], Flow]:
    """Return what reads a reduction."""
    return lambda call: reduced(call, call.flow, op)


def read_square_sum(call: Call) -> Flow:
    """The sum of squares."""
    flow = call.flow
    return reduced(call, flow.with_value(call.add(Multiply(), flow.value, flow.value)), Sum)


REDUCTIONS = {
    "ReduceSum": reduction(Sum),
    "ReduceMean": reduction(Mean),
    "ReduceMax": reduction(Max),
    "ReduceMin": reduction(Min),
    "ReduceSumSquare": read_square_sum,
}
