"""Moves: other sizes and orders of axes, parts, values side by side, rows of tables."""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from codesign.read.onnx.flow import BATCH, FLOAT, Flow
from codesign.read.onnx.tensors import DTYPES as ONNX_TYPES
from codesign.read.torch.call import MOST_PARTS, TorchCall, axis_of, sizes_of
from codesign.read.torch.operators.arithmetic import as_float
from codesign.read.torch.storage import DTYPES

_WHOLE_END = 2**62


def reshaped(call: TorchCall, value: object, sizes: Sequence[int]) -> object:
    """Return a tensor of other sizes."""
    return call.onnx("Reshape", value, np.array(list(sizes), np.int64), allowzero=1)


def read_reshape(call: TorchCall) -> object:
    """Other sizes."""
    return reshaped(call, call.value(), call.wholes("shape" if "shape" in call.values else "size"))


def read_flatten(call: TorchCall) -> object:
    """Axes merged."""
    value = call.value()
    sizes = sizes_of(value)
    first, last = (axis_of(call, value, name, default) for name, default in (("start_dim", 0), ("end_dim", -1)))
    return reshaped(call, value, (*sizes[:first], prod(sizes[first : last + 1]), *sizes[last + 1 :]))


def read_unflatten(call: TorchCall) -> object:
    """An axis split."""
    value, parts = call.value(), call.wholes("sizes")
    sizes, axis = sizes_of(value), axis_of(call, value)
    return reshaped(call, value, (*sizes[:axis], *parts, *sizes[axis + 1 :]))


def read_permute(call: TorchCall) -> object:
    """Axes in another order."""
    rank = len(sizes_of(call.value()))
    return call.onnx("Transpose", call.value(), perm=[axis % max(rank, 1) for axis in call.wholes("dims")])


def read_transpose(call: TorchCall) -> object:
    """Two axes swapped."""
    value = call.value()
    order = list(range(len(sizes_of(value))))
    names = ("dim0", "dim1") if "dim0" in call.values else ("", "")
    one, other = (axis_of(call, value, name) for name in names) if names[0] else (-2, -1)
    if len(order) > 1:
        order[one], order[other] = order[other], order[one]
    return call.onnx("Transpose", value, perm=order)


def read_movedim(call: TorchCall) -> object:
    """Axes moved to other places."""
    value = call.value()
    rank = len(sizes_of(value))
    source, target = ([axis % rank for axis in call.wholes(name, 1)] for name in ("source", "destination"))
    rest = iter(axis for axis in range(rank) if axis not in source)
    at = dict(zip(target, source))
    return call.onnx("Transpose", value, perm=[at[axis] if axis in at else next(rest) for axis in range(rank)])


def read_squeeze(call: TorchCall) -> object:
    """Without axes of size 1; torch leaves others as they are."""
    value = call.value()
    sizes = sizes_of(value)
    axes = call.wholes("dim", default=range(len(sizes)))
    axes = [axis % max(len(sizes), 1) for axis in axes]
    return reshaped(call, value, [size for axis, size in enumerate(sizes) if axis not in axes or size != 1])


def read_unsqueeze(call: TorchCall) -> object:
    """A new axis of size 1."""
    value, axis = call.value(), call.whole("dim")
    return call.onnx("Unsqueeze", value, axes=(axis % (len(sizes_of(value)) + 1),))


def read_expand(call: TorchCall) -> object:
    """Axes of size 1 repeated; -1 leaves one as it is."""
    value, sizes = call.value(), call.wholes("size")
    own = (1,) * (len(sizes) - len(sizes_of(value))) + sizes_of(value)
    sizes = [before if size == -1 else size for before, size in zip(own, sizes)]
    return call.onnx("Expand", value, np.array(sizes, np.int64))


def read_expand_as(call: TorchCall) -> object:
    """Axes of size 1 repeated, as another tensor has them."""
    return call.onnx("Expand", call.value(), np.array(sizes_of(call.value("other")), np.int64))


def read_repeat(call: TorchCall) -> object:
    """All values repeated along axes."""
    value, times = call.value(), call.wholes("repeats" if "repeats" in call.values else "dims")
    sizes = sizes_of(value)
    value = reshaped(call, value, (1,) * (len(times) - len(sizes)) + sizes)
    return call.onnx("Tile", value, np.array([1] * (len(sizes) - len(times)) + times, np.int64))


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


def read_same(call: TorchCall) -> object:
    """Nothing: a copy, dropout in evaluation, another layout in memory; a type is taken on."""
    value = call.value()
    if call.get("train", call.get("training")) is True and call.get("p", 0):
        raise call.refusal("a module in evaluation mode, module.eval(), when it is exported", "dropout in training")
    kind = call.get("dtype")
    if kind is None or kind not in DTYPES:
        return value
    if not isinstance(value, Flow):
        return value.astype(DTYPES[kind])
    if DTYPES[kind].kind in "iu" and value.dtype.kind == "f":
        raise call.refusal("numbers that stay", f"{DTYPES[kind]} of {value.dtype}")
    found = next((key for key, dtype in ONNX_TYPES.items() if dtype == DTYPES[kind]), None)
    return as_float(value) if found is None or DTYPES[kind] == FLOAT else call.onnx("Cast", value, to=found)


def read_size(call: TorchCall) -> int:
    """A size, BATCH for the events."""
    return int(sizes_of(call.value())[axis_of(call, call.value())])


def _as(*names: str, read: Callable[[TorchCall], object]) -> dict[str, Callable]:
    return {f"aten.{name}": read for name in names}


MOVES: dict[str, Callable[[TorchCall], object]] = {
    **_as("view", "reshape", "_unsafe_view", "view_copy", "_reshape_alias", read=read_reshape),
    **_as("transpose", "t", "numpy_T", "mT", read=read_transpose),
    **_as("permute", "permute_copy", read=read_permute),
    **_as("squeeze", "squeeze_copy", read=read_squeeze),
    **_as("unsqueeze", "unsqueeze_copy", read=read_unsqueeze),
    **_as("expand", "expand_copy", "broadcast_to", read=read_expand),
    **_as("repeat", "tile", read=read_repeat),
    **_as("slice", "slice_copy", read=read_slice),
    **_as("split", "split_with_sizes", "chunk", "split_copy", "split_with_sizes_copy", read=read_split),
    **_as("cat", "concat", "concatenate", read=read_cat),
    **_as("select", "select_copy", read=read_select),
    **_as("clone", "contiguous", "detach", "detach_", "alias", "alias_copy", "lift_fresh_copy", "to", "_to_copy",
          "type_as", "dropout", "dropout_", "feature_dropout", "alpha_dropout", "feature_alpha_dropout",
          "native_dropout", "positive", read=read_same),
    "aten.flatten": read_flatten,
    "aten.unflatten": read_unflatten,
    "aten.movedim": read_movedim,
    "aten.expand_as": read_expand_as,
    "aten.unbind": read_unbind,
    "aten.stack": read_stack,
    "aten.flip": read_flip,
    "aten.index_select": read_index_select,
    "aten.index": read_index,
    "aten.embedding": read_embedding,
    "aten.one_hot": read_one_hot,
    "aten.sym_size": read_size,
}  # fmt: skip
