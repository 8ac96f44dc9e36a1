"""Parts of tensors, tensors side by side, rows of tables."""

from collections.abc import Callable
from functools import reduce

import numpy as np

from codesign.read.onnx.flow import BATCH, Flow
from codesign.read.torch.call import MOST_PARTS, TorchCall, axis_of, sizes_of
from codesign.read.torch.operators.arithmetic import as_float
from codesign.read.torch.operators.moves import named

_WHOLE_END = 2**62


def read_select(call: TorchCall) -> object:
    """One place along an axis, which goes."""
    value = call.value()
    axis, index = axis_of(call, value), call.whole("index")
    return call.onnx("Gather", value, np.int64(index), axis=axis)


def read_slice(call: TorchCall) -> object:
    """Some places along an axis."""
    value = call.value()
    axis = axis_of(call, value, default=0)
    start, end, step = call.get("start") or 0, call.get("end"), call.whole("step", 1)
    end = _WHOLE_END if end is None else end
    if isinstance(value, Flow) and axis == value.events_axis and (start or step != 1 or not _is_all(end)):
        raise call.refusal("all events", f"those from {start} to {end}")
    given = [np.array([one], np.int64) for one in (start, end, axis, step)]
    return call.onnx("Slice", value, *given)


def _is_all(end: int) -> bool:
    return end >= BATCH


def read_split(call: TorchCall) -> object:
    """Parts along an axis: as many, or as long, or of sizes of their own."""
    value = call.value()
    axis = axis_of(call, value, default=0)
    size = sizes_of(value)[axis]
    if "chunks" in call.values:
        each = -(-size // max(1, call.whole("chunks")))
    else:
        each = call.get("split_size", call.get("split_sizes"))
    parts = each if isinstance(each, list) else _equal(call, size, each)
    return call.onnx("Split", value, np.array(parts, np.int64), axis=axis)


def _equal(call: TorchCall, size: int, each: object) -> list[int]:
    if not isinstance(each, int) or each < 1 or size // each > MOST_PARTS:
        raise call.refusal(f"1 to {MOST_PARTS} parts", repr(each)[:60])
    return [min(each, size - start) for start in range(0, size, each)]


def read_unbind(call: TorchCall) -> object:
    """Each place along an axis."""
    value = call.value()
    axis = axis_of(call, value, default=0)
    places = range(len(_equal(call, sizes_of(value)[axis], 1)))
    return tuple(call.onnx("Gather", value, np.int64(place), axis=axis) for place in places)


def read_cat(call: TorchCall) -> object:
    """Tensors side by side."""
    tensors = [as_float(one) for one in call.get("tensors") or []]
    if not tensors:
        raise call.refusal("tensors", "none")
    return call.onnx("Concat", *tensors, axis=call.whole("dim", 0)) if len(tensors) > 1 else tensors[0]


def read_stack(call: TorchCall) -> object:
    """Tensors along a new axis."""
    tensors = [as_float(one) for one in call.get("tensors") or []]
    if not tensors:
        raise call.refusal("tensors", "none")
    axis = call.whole("dim", 0) % (len(sizes_of(tensors[0])) + 1)
    tensors = [call.onnx("Unsqueeze", one, axes=(axis,)) for one in tensors]
    return call.onnx("Concat", *tensors, axis=axis) if len(tensors) > 1 else tensors[0]


def read_flip(call: TorchCall) -> object:
    """Axes the other way round."""
    value = call.value()
    rank = len(sizes_of(value))
    for axis in call.wholes("dims"):
        given = [np.array([one], np.int64) for one in (-1, -_WHOLE_END, axis % rank, -1)]
        value = call.onnx("Slice", value, *given)
    return value


def read_roll(call: TorchCall) -> object:
    """Values moved along axes, those beyond the end to the front."""
    value = call.value()
    shifts, axes = call.wholes("shifts"), call.wholes("dims")
    if len(shifts) != len(axes):
        raise call.refusal("an axis of each shift", axes)
    for shift, axis in zip(shifts, axes):
        size = sizes_of(value)[axis]
        places = (np.arange(_within(call, size)) - shift) % max(size, 1)
        value = call.onnx("Gather", value, places, axis=axis % len(sizes_of(value)))
    return value


def read_repeat_interleave(call: TorchCall) -> object:
    """Each value repeated along an axis."""
    value, times = call.value(), call.whole("repeats")
    axis = axis_of(call, value)
    places = np.repeat(np.arange(_within(call, sizes_of(value)[axis])), _within(call, times))
    return call.onnx("Gather", value, places, axis=axis)


def _within(call: TorchCall, n: int) -> int:
    if not 0 < n <= MOST_PARTS:
        raise call.refusal(f"1 to {MOST_PARTS} values along an axis other than that of the events", n)
    return n


def read_product(call: TorchCall) -> object:
    """The product along an axis."""
    value = as_float(call.value())
    axis = axis_of(call, value)
    parts = [
        call.onnx("Gather", value, np.int64(place), axis=axis) for place in range(_within(call, sizes_of(value)[axis]))
    ]
    found = reduce(lambda one, other: call.onnx("Mul", one, other), parts)
    return call.onnx("Unsqueeze", found, axes=(axis,)) if call.get("keepdim") else found


def read_index_select(call: TorchCall) -> object:
    """Places along an axis."""
    value = call.value()
    return call.onnx("Gather", value, call.array("index").astype(np.int64), axis=axis_of(call, value))


def read_index(call: TorchCall) -> object:
    """Places along one axis, of a list of them for each axis."""
    value, given = call.value(), call.get("indices") or []
    said = [(axis, one) for axis, one in enumerate(given) if one is not None]
    if len(said) != 1 or isinstance(said[0][1], Flow):
        raise call.refusal("constant places along one axis", f"along {len(said)}, or of the events")
    axis, places = said[0]
    places = np.flatnonzero(places) if places.dtype.kind == "b" else places
    return call.onnx("Gather", value, places.astype(np.int64), axis=axis)


def read_embedding(call: TorchCall) -> object:
    """Rows of a table."""
    index = call.value("indices")
    return call.onnx("Gather", call.array("weight"), index if isinstance(index, Flow) else index.astype(np.int64))


def read_one_hot(call: TorchCall) -> object:
    """A row of zeros with a one."""
    n = call.whole("num_classes", -1)
    if not 0 < n <= MOST_PARTS:
        raise call.refusal(f"num_classes of 1 to {MOST_PARTS}", n)
    return call.onnx("Gather", np.eye(n, dtype=np.float32), call.value())


PARTS: dict[str, Callable[[TorchCall], object]] = {
    **named("slice", "slice_copy", read=read_slice),
    **named("split", "split_with_sizes", "chunk", "split_copy", "split_with_sizes_copy", read=read_split),
    **named("cat", "concat", "concatenate", read=read_cat),
    **named("select", "select_copy", read=read_select),
    "aten.unbind": read_unbind,
    "aten.stack": read_stack,
    "aten.flip": read_flip,
    "aten.roll": read_roll,
    "aten.repeat_interleave": read_repeat_interleave,
    "aten.prod": read_product,
    "aten.index_select": read_index_select,
    "aten.index": read_index,
    "aten.embedding": read_embedding,
    "aten.one_hot": read_one_hot,
}
