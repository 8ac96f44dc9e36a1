"""Normalisations by an event's own values."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.network.ops import Activation, Max, Mean, Multiply, Subtract, Sum
from codesign.read.onnx.broadcast import aligned_flows
from codesign.read.onnx.flow import EVENTS, Flow, constant_for
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.operators.reductions import along, reduced
from codesign.read.onnx.walk import Call


def centred(call: Call, flow: Flow, axes: list[int]) -> Flow:
    """``x - mean`` along axes."""
    mean = along(call, flow, axes, Mean, keepdims=True)
    one, other = aligned_flows(call, (flow, mean))
    return one.with_value(call.add(Subtract(), one.value, other.value))


def scaled(call: Call, flow: Flow, axes: list[int], epsilon: float) -> Flow:
    """``x / sqrt(mean(x**2) + epsilon)`` along axes."""
    square = flow.with_value(call.add(Multiply(), flow.value, flow.value))
    mean = line(call, along(call, square, axes, Mean, keepdims=True), 1.0, epsilon)
    factor = call.apply(Activation("rsqrt"), mean)
    one, other = aligned_flows(call, (flow, factor))
    return one.with_value(call.add(Multiply(), one.value, other.value))


def _with_constants(call: Call, flow: Flow, scale: object, shift: object) -> Flow:
    factor = 1.0 if scale is None else constant_for(flow, np.asarray(scale, np.float64))
    offset = 0.0 if shift is None else constant_for(flow, np.asarray(shift, np.float64))
    return line(call, flow, *np.broadcast_arrays(factor, offset))


def read_layer_normalization(call: Call) -> Flow:
    """Along all axes from one on."""
    flow = call.flow
    axes = list(range(flow.axis(call.whole("axis", -1)), flow.rank))
    found = scaled(call, centred(call, flow, axes), axes, call.number("epsilon", 1e-5))
    return _with_constants(call, found, call.constant(1), call.constant(2))


def read_rms_normalization(call: Call) -> Flow:
    """Without the mean."""
    flow = call.flow
    axes = list(range(flow.axis(call.whole("axis", -1)), flow.rank))
    return _with_constants(call, scaled(call, flow, axes, call.number("epsilon", 1e-5)), call.constant(1), None)


def read_instance_normalization(call: Call) -> Flow:
    """Of each channel along the spatial axes."""
    flow = call.flow
    axes = list(range(2, flow.rank))
    found = scaled(call, centred(call, flow, axes), axes, call.number("epsilon", 1e-5))
    shape = (-1, *(1,) * len(axes))
    scale, shift = (np.asarray(call.constant(index)).reshape(shape) for index in (1, 2))
    return _with_constants(call, found, scale, shift)


def read_group_normalization(call: Call) -> Flow:
    """Of each group of channels, along these and the spatial axes."""
    flow, groups = call.flow, call.whole("num_groups", 1)
    n, channels, *spatial = flow.sizes
    if groups < 1 or channels % groups:
        raise call.refusal(f"groups that divide {channels} channels", groups)
    split = call.reshaped(flow, (n, groups, channels // groups, *spatial))
    axes = list(range(2, split.rank))
    found = scaled(call, centred(call, split, axes), axes, call.number("epsilon", 1e-5))
    scale, shift = (np.asarray(call.constant(index), np.float64) for index in (1, 2))
    if scale.size == groups:
        scale, shift = (np.repeat(one, channels // groups) for one in (scale, shift))
    shape = (channels, *(1,) * len(spatial))
    return _with_constants(call, call.reshaped(found, flow.sizes), scale.reshape(shape), shift.reshape(shape))


def read_mean_variance_normalization(call: Call) -> Flow:
    """``(x - mean) / std`` along axes."""
    axes = sorted(call.flow.axis(axis) for axis in call.wholes("axes") or (0, 2, 3))
    return scaled(call, centred(call, call.flow, axes), axes, 1e-9)


def read_lp_normalization(call: Call) -> Flow:
    """``x / sqrt(sum(x**2))``, or ``x / sum(|x|)``."""
    return divided_by_norm(call, call.flow, call.whole("p", 2), call.whole("axis", -1))


def divided_by_norm(call: Call, flow: Flow, order: int, axis: int = -1) -> Flow:
    """``x / |x|`` along an axis, of order 1 or 2, or 0 for the largest, of its sign."""
    sizes = _norm(call, flow, [flow.axis(axis)], order, keepdims=True)
    one, other = aligned_flows(call, (flow, call.apply(Activation("reciprocal"), sizes)))
    return one.with_value(call.add(Multiply(), one.value, other.value))


def _norm(call: Call, flow: Flow, axes: list[int], order: int, *, keepdims: bool) -> Flow:
    if order not in (0, 1, 2):
        raise call.refusal("a norm of 1 or 2", order)
    if order == 0:
        return along(call, flow, axes, Max, keepdims=keepdims)
    if order == 1:
        return along(call, call.apply(Activation("abs"), flow), axes, Sum, keepdims=keepdims)
    square = flow.with_value(call.add(Multiply(), flow.value, flow.value))
    return call.apply(Activation("sqrt"), along(call, square, axes, Sum, keepdims=keepdims))


def norm(order: int) -> Callable[[Call], Flow]:
    """Return what reads the norm along axes."""

    def read(call: Call) -> Flow:
        flow, axes = call.flow, call.wholes("axes", 1)
        if not axes:
            raise call.refusal("axes other than that of the events", "all")
        return _norm(
            call, flow, sorted(flow.axis(axis) for axis in axes), order, keepdims=bool(call.whole("keepdims", 1))
        )

    return read


def read_log_sum_exp(call: Call) -> Flow:
    """``log(sum(exp(x)))``."""
    flow = call.apply(Activation("exponential"), call.flow)
    inner = replace(call, values=(flow, *call.values[1:]))
    return call.apply(Activation("log"), reduced(inner, flow, Sum))


def global_pool(op: type) -> Callable[[Call], Flow]:
    """Return what reads a reduction over all spatial axes, which stay with the size 1."""

    def read(call: Call) -> Flow:
        flow = call.flow
        if flow.rank < 3 or any(EVENTS in dim for dim in flow.dims[2:]):
            raise call.refusal("(events, channels, *spatial)", f"{flow.rank} axes")
        return along(call, flow, list(range(2, flow.rank)), op, keepdims=True)

    return read


NORMS = {
    "LayerNormalization": read_layer_normalization,
    "RMSNormalization": read_rms_normalization,
    "SimplifiedLayerNormalization": read_rms_normalization,
    "InstanceNormalization": read_instance_normalization,
    "GroupNormalization": read_group_normalization,
    "MeanVarianceNormalization": read_mean_variance_normalization,
    "LpNormalization": read_lp_normalization,
    "GlobalAveragePool": global_pool(Mean),
    "GlobalMaxPool": global_pool(Max),
    "ReduceL1": norm(1),
    "ReduceL2": norm(2),
    "ReduceLogSumExp": read_log_sum_exp,
}
