"""Places along an axis of ONNX: repeated, left out, or zeros."""

from math import prod

import numpy as np

from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.walk import LARGEST_VALUE, Call
from codesign.read.parts.axes import gathered as along_axes


def gathered(call: Call, flow: Flow, axis: int, places: np.ndarray) -> Flow:
    """Return a flow of some places along an axis of ONNX; -1 is a zero."""
    if EVENTS in flow.dims[axis]:
        raise call.refusal("all events", "some of them")
    if len(flow.dims[axis]) != 1:
        flow = call.plain(flow)
    (part,), shape = flow.dims[axis], flow.value.shape
    if prod(shape) // shape[part] * len(places) > LARGEST_VALUE or not len(places):
        raise call.refusal(f"1 to {LARGEST_VALUE:,} values", f"{len(places)} places of an axis")
    return flow.with_value(along_axes(call.walk.builder, call.name, flow.value, {part: places}))
