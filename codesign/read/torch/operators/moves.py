"""Moves: other sizes and orders of axes."""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from codesign.read.onnx.flow import FLOAT, Flow
from codesign.read.onnx.tensors import DTYPES as ONNX_TYPES
from codesign.read.torch.call import TorchCall, axis_of, sizes_of
from codesign.read.torch.operators.arithmetic import as_float
from codesign.read.torch.storage import DTYPES


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


def named(*names: str, read: Callable[[TorchCall], object]) -> dict[str, Callable]:
    """Return a table of several operators that are read alike."""
    return {f"aten.{name}": read for name in names}


MOVES: dict[str, Callable[[TorchCall], object]] = {
    **named("view", "reshape", "_unsafe_view", "view_copy", "_reshape_alias", read=read_reshape),
    **named("transpose", "t", "numpy_T", "mT", read=read_transpose),
    **named("permute", "permute_copy", read=read_permute),
    **named("squeeze", "squeeze_copy", read=read_squeeze),
    **named("unsqueeze", "unsqueeze_copy", read=read_unsqueeze),
    **named("expand", "expand_copy", "broadcast_to", read=read_expand),
    **named("repeat", "tile", read=read_repeat),
    **named("clone", "contiguous", "detach", "detach_", "alias", "alias_copy", "lift_fresh_copy", "to", "_to_copy",
          "type_as", "dropout", "dropout_", "feature_dropout", "alpha_dropout", "feature_alpha_dropout",
          "native_dropout", "positive", read=read_same),
    "aten.flatten": read_flatten,
    "aten.unflatten": read_unflatten,
    "aten.movedim": read_movedim,
    "aten.expand_as": read_expand_as,
    "aten.sym_size": read_size,
}  # fmt: skip
