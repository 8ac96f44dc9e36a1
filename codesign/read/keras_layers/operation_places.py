"""Operations that take values of fixed places: pad, take and gather."""

import numpy as np

from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refused_operation
from codesign.read.parts.axes import gathered


def read_pad(builder: GraphBuilder, call: Call) -> Value:
    """Zeros before and behind each axis but that of the events."""
    pads = np.asarray(call.argument(1, "pad_width", "paddings"))
    value, shape = call.value, call.value.shape
    mode = str(call.argument(2, "mode", default="constant")).lower()
    filled = call.argument(3, "constant_values", default=None)
    is_plain = (
        pads.shape == (len(shape) + 1, 2) and pads.dtype.kind in "iuf" and not pads[0].any() and (pads >= 0).all()
    )
    if not is_plain or mode != "constant" or np.any(filled):
        raise refused_operation(call)
    places = {}
    for axis, (before, behind) in enumerate(pads[1:].astype(int).tolist()):
        if before or behind:
            places[axis] = np.pad(np.arange(shape[axis]), (before, behind), constant_values=-1)
    return gathered(builder, call.name, value, places) if places else value


def read_take(builder: GraphBuilder, call: Call) -> Value:
    """Places that do not depend on the events, along one axis."""
    given, axis = call.argument(1, "indices"), call.argument(2, "axis")
    value, rank = call.value, len(call.value.shape)
    is_known = not isinstance(given, (Value, type(None))) and isinstance(axis, int) and -rank <= axis <= rank
    index = np.asarray(given) if is_known else None
    if index is None or axis == 0 or index.dtype.kind not in "iuf" or index.ndim != 1:
        raise refused_operation(call)
    axis = axis - 1 if axis > 0 else axis + rank
    places = index.astype(int) + value.shape[axis] * (index < 0)
    if not places.size or places.min() < 0 or places.max() >= value.shape[axis]:
        raise refused_operation(call)
    return gathered(builder, call.name, value, {axis: places})
