"""Padding, resizing, and blocks of places."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Dense
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.gather import gathered
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.walk import Call

_MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "wrap": "wrap"}


def read_pad(call: Call) -> Flow:
    """Places before and behind each axis, or fewer where a number is negative."""
    flow, pads = call.flow, call.wholes("pads", 1) or call.wholes("paddings") or []
    axes = [flow.axis(axis) for axis in call.wholes("axes", 3) or range(flow.rank)]
    mode, value = call.text("mode", "constant"), call.constant(2)
    value = call.number("value") if value is None or not np.size(value) else float(np.ravel(value)[0])
    if len(pads) != 2 * len(axes) or mode not in _MODES or max(map(abs, pads), default=0) > 2**16:
        raise call.refusal(f"{2 * len(axes)} pads, of mode {', '.join(_MODES)}", f"{pads}, {mode}")
    for axis, before, behind in zip(axes, pads, pads[len(axes) :]):
        if before or behind:
            flow = _padded(call, flow, axis, (before, behind, mode, value))
    return flow


def _padded(call: Call, flow: Flow, axis: int, how: tuple) -> Flow:
    before, behind, mode, value = how
    options = {"constant_values": -1} if mode == "constant" else {}
    places = np.pad(np.arange(flow.sizes[axis]), (max(before, 0), max(behind, 0)), _MODES[mode], **options)
    places = places[max(-before, 0) : len(places) - max(-behind, 0)]
    flow = gathered(call, flow, axis, places)
    if mode != "constant" or not value:
        return flow
    (part,) = flow.dims[axis]
    offset = np.where(places < 0, value, 0.0).reshape(-1, *(1,) * (len(flow.value.shape) - part - 1))
    return line(call, flow, 1.0, np.broadcast_to(offset, flow.value.shape))


def read_resize(call: Call) -> Flow:
    """Nearest values or straight lines between them, along each axis by itself."""
    flow, first = call.flow, 1 if call.node.operation == "Upsample" or call.opset < 11 else 2
    scales = call.constant(first) if call.attribute("scales") is None else np.asarray(call.attribute("scales"))
    sizes = call.constant(3)
    axes = [flow.axis(axis) for axis in call.wholes("axes") or range(flow.rank)]
    for place, axis in enumerate(axes):
        own = flow.sizes[axis]
        if sizes is not None and np.size(sizes):
            out = int(sizes[place])
            scale = out / own
        else:
            scale = float(scales[place])
            out = int(np.floor(own * scale)) if EVENTS not in flow.dims[axis] else own
        if out != own and not (EVENTS in flow.dims[axis] and scale == 1):
            flow = _resized(call, flow, axis, (out, scale))
    return flow


def _resized(call: Call, flow: Flow, axis: int, how: tuple[int, float]) -> Flow:
    mode, (out, scale), own = call.text("mode", "nearest"), how, flow.sizes[axis]
    if not 0 < out <= 2**16 or mode not in ("nearest", "linear"):
        raise call.refusal("mode nearest or linear", mode)
    at = _sources(call, own, out, scale)
    if mode == "nearest":
        return gathered(call, flow, axis, np.clip(_nearest(call, at), 0, own - 1).astype(np.int64))
    at = np.clip(at, 0, own - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, own - 1)
    kernel = np.zeros((own, out))
    np.add.at(kernel, (low, np.arange(out)), 1 - (at - low))
    np.add.at(kernel, (high, np.arange(out)), at - low)
    flow = call.with_last(flow, axis)
    return flow.with_value(call.add(Dense(kernel, np.zeros(out)), flow.value))


def _sources(call: Call, own: int, out: int, scale: float) -> np.ndarray:
    """Where each value comes from."""
    default = "asymmetric" if call.node.operation == "Upsample" or call.opset < 11 else "half_pixel"
    mode, to = call.text("coordinate_transformation_mode", default), np.arange(out)
    if mode == "align_corners":
        return to * (own - 1) / (out - 1) if out > 1 else np.zeros(1)
    if mode == "asymmetric":
        return to / scale
    if mode in ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
        return np.zeros(1) if mode == "pytorch_half_pixel" and out == 1 else (to + 0.5) / scale - 0.5
    if mode == "tf_half_pixel_for_nn":
        return (to + 0.5) / scale
    raise call.refusal("half_pixel, asymmetric or align_corners", mode)


def _nearest(call: Call, at: np.ndarray) -> np.ndarray:
    default = "floor" if call.node.operation == "Upsample" or call.opset < 11 else "round_prefer_floor"
    mode = call.text("nearest_mode", default)
    if mode == "floor":
        return np.floor(at)
    if mode == "ceil":
        return np.ceil(at)
    return np.ceil(at - 0.5) if mode == "round_prefer_floor" else np.floor(at + 0.5)


def read_depth_to_space(call: Call) -> Flow:
    """Channels as blocks of places."""
    flow, block = call.flow, call.whole("blocksize", 1)
    n, channels, height, width = flow.sizes
    if block < 1 or channels % block**2:
        raise call.refusal(f"a block whose square divides {channels}", block)
    rest = channels // block**2
    if call.text("mode", "DCR") == "DCR":
        flow, order = call.reshaped(flow, (n, block, block, rest, height, width)), (0, 3, 4, 1, 5, 2)
    else:
        flow, order = call.reshaped(flow, (n, rest, block, block, height, width)), (0, 1, 4, 2, 5, 3)
    flow = replace(flow, dims=tuple(flow.dims[axis] for axis in order))
    return call.reshaped(flow, (n, rest, height * block, width * block))


def read_space_to_depth(call: Call) -> Flow:
    """Blocks of places as channels."""
    flow, block = call.flow, call.whole("blocksize", 1)
    n, channels, height, width = flow.sizes
    if block < 1 or height % block or width % block:
        raise call.refusal(f"a block that divides {height} and {width}", block)
    flow = call.reshaped(flow, (n, channels, height // block, block, width // block, block))
    flow = replace(flow, dims=tuple(flow.dims[axis] for axis in (0, 3, 5, 1, 2, 4)))
    return call.reshaped(flow, (n, channels * block**2, height // block, width // block))


def read_reverse(call: Call) -> Flow:
    """ReverseSequence: all steps of every event, the last one first."""
    flow, axis = call.flow, call.flow.axis(call.whole("time_axis"))
    lengths = np.unique(call.constant(1, what="length"))
    if lengths.tolist() != [flow.sizes[axis]]:
        raise call.refusal(f"{flow.sizes[axis]} steps of every event", lengths[:5].tolist())
    return gathered(call, flow, axis, np.arange(flow.sizes[axis])[::-1])


PLACES = {
    "ReverseSequence": read_reverse,
    "Pad": read_pad,
    "Resize": read_resize,
    "Upsample": read_resize,
    "DepthToSpace": read_depth_to_space,
    "SpaceToDepth": read_space_to_depth,
}
