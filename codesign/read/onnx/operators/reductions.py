"""Sums, means and maxima along axes."""

from collections.abc import Callable
from dataclasses import replace

from codesign.network.ops import Max, Mean, Min, Multiply, Op, Sum
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.operators.moves import part_of
from codesign.read.onnx.walk import Call
from codesign.read.parts.axes import reduced as over_axes


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
    if any(EVENTS in flow.dims[axis] for axis in axes):
        raise call.refusal("axes other than that of the events", axes)
    parts = sorted(part for axis in axes for part in flow.dims[axis])
    value, left = flow.value, [part for part in range(len(flow.value.shape)) if part not in parts]
    if parts:
        value = over_axes(call.walk.builder, call.name, value, op, parts)
    place = {part: index for index, part in enumerate(left)} | {EVENTS: EVENTS}
    dims = [() if axis in axes else tuple(place[part] for part in dim) for axis, dim in enumerate(flow.dims)]
    dims = dims if keepdims else [dim for axis, dim in enumerate(dims) if axis not in axes]
    return replace(flow, value=value, dims=tuple(dims))


def reduction(op: Callable[..., Op]) -> Callable[[Call], Flow]:
    """Return what reads a reduction."""
    return lambda call: reduced(call, call.flow, op)


def read_square_sum(call: Call) -> Flow:
    """The sum of squares."""
    flow = call.flow
    return reduced(call, flow.with_value(call.add(Multiply(), flow.value, flow.value)), Sum)


def read_product(call: Call) -> Flow:
    """The product along one axis."""
    flow, axes = call.flow, call.wholes("axes", 1) or []
    if len(axes) != 1 or not 0 < flow.sizes[flow.axis(axes[0])] <= _MOST_FACTORS:
        raise call.refusal(f"one axis of at most {_MOST_FACTORS} values", axes)
    axis = flow.axis(axes[0])
    parts = [part_of(call, flow, axis, slice(place, place + 1)) for place in range(flow.sizes[axis])]
    found = parts[0]
    if len(parts) > 1:
        found = found.with_value(call.add(Multiply(), *(part.value for part in parts)))
    return found if call.whole("keepdims", 1) else along(call, found, [axis], Sum, keepdims=False)


_MOST_FACTORS = 64
REDUCTIONS = {
    "ReduceProd": read_product,
    "ReduceSum": reduction(Sum),
    "ReduceMean": reduction(Mean),
    "ReduceMax": reduction(Max),
    "ReduceMin": reduction(Min),
    "ReduceSumSquare": read_square_sum,
}
