"""Moves and sizes of constants, worked out at once in the types that ONNX gives them."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.onnx.flow import BATCH
from codesign.read.onnx.walk import Call

Fold = Callable[..., "np.ndarray | tuple[np.ndarray, ...]"]


def sized(call: Call, sizes: object) -> tuple[int, ...]:
    """Return sizes of a constant that is made, one of the events', alone or merged, as 1, within bounds."""
    given = tuple(int(size) for size in np.ravel(sizes))
    if any(size < 0 for size in given):
        raise UnsupportedLayerError(f"expected sizes from 0. Received: {given}")
    given = tuple(1 if size and size % BATCH == 0 else size for size in given)
    call.walk.count(prod(given))
    return given


def _reshape(call: Call, array: np.ndarray, shape: np.ndarray) -> np.ndarray:
    target = [int(one) for one in np.ravel(shape)]
    if not call.whole("allowzero"):
        target = [array.shape[i] if one == 0 and i < array.ndim else one for i, one in enumerate(target)]
    return array.reshape([1 if one == BATCH else one for one in target])


def _squeeze(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
    axes = call.wholes("axes", 1)
    return np.squeeze(array, None if axes is None else tuple(axes))


def _unsqueeze(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
    return np.expand_dims(array, tuple(call.wholes("axes", 1) or ()))


def _gather(call: Call, array: np.ndarray, index: np.ndarray) -> np.ndarray:
    axis = call.whole("axis")
    if array.ndim and array.shape[axis]:
        call.walk.count(array.size // array.shape[axis] * index.size)
    return np.take(array, index.astype(np.int64), axis)


def _concat(call: Call, *arrays: np.ndarray) -> np.ndarray:
    call.walk.count(sum(array.size for array in arrays))
    return np.concatenate(arrays, call.whole("axis", 1))


def slices(call: Call, rank: int) -> list[tuple[int, slice]]:
    """Return the axis and slice of each that a Slice takes."""
    starts, ends = (call.wholes(name, index) for name, index in (("starts", 1), ("ends", 2)))
    if starts is None or ends is None or len(starts) != len(ends):
        raise call.refusal("starts and ends", "none, or another number of them")
    axes, steps = call.wholes("axes", 3) or list(range(len(starts))), call.wholes("steps", 4) or [1] * len(starts)
    if any(not -rank <= axis < rank for axis in axes) or 0 in steps or not len(axes) == len(steps) == len(starts):
        raise call.refusal(f"axes below {rank} and steps other than 0", f"{axes}, {steps}")
    low = -(2**62)
    return [
        (axis % rank, slice(start, None if end <= low or (step < 0 and end < -(2**31)) else end, step))
        for axis, start, end, step in zip(axes, starts, ends, steps)
    ]


def _slice(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
    for axis, one in slices(call, array.ndim):
        array = array[(slice(None),) * axis + (one,)]
    return array


def split_sizes(call: Call, size: int) -> list[int]:
    """Return the sizes of the parts of a Split."""
    given = call.wholes("split", 1)
    if given is None:
        n = call.whole("num_outputs") or len(call.node.outputs)
        each = -(-size // n)
        given = [max(0, min(each, size - each * number)) for number in range(n)]
    if sum(given) != size or any(one < 0 for one in given):
        raise call.refusal(f"parts of {size} together", given)
    return given


def _split(call: Call, array: np.ndarray, *rest: np.ndarray) -> tuple[np.ndarray, ...]:
    axis = call.whole("axis")
    return tuple(np.split(array, np.cumsum(split_sizes(call, array.shape[axis]))[:-1], axis))


def _expand(call: Call, array: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    target = tuple(1 if int(one) == BATCH else int(one) for one in np.ravel(sizes))
    target = sized(call, np.broadcast_shapes(array.shape, target))
    return np.broadcast_to(array, target)


def _tile(call: Call, array: np.ndarray, repeats: np.ndarray) -> np.ndarray:
    sized(call, np.array(array.shape) * np.where(repeats == BATCH, 1, repeats))
    return np.tile(array, np.where(repeats == BATCH, 1, repeats))


def _filled(call: Call, sizes: np.ndarray) -> np.ndarray:
    given = call.attribute("value")
    value = np.zeros(1, np.float32) if given is None else call.walk.opener.open(given)
    if value.size != 1:
        raise call.refusal("one value", value.shape)
    return np.broadcast_to(value.reshape(()), sized(call, sizes))


def _range(call: Call, start: np.ndarray, limit: np.ndarray, delta: np.ndarray) -> np.ndarray:
    n = np.ceil((float(limit) - float(start)) / float(delta)) if float(delta) else -1.0
    if not 0 <= n < 2**24:
        raise call.refusal("a range of known length", f"{start} to {limit} in steps of {delta}")
    return (start + np.arange(sized(call, [int(n)])[0]) * delta).astype(start.dtype)


def _constant(call: Call) -> np.ndarray:
    given = call.node.attributes
    if given.get("value") is not None:
        return call.walk.opener.open(given["value"])
    kinds = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    for name, kind in kinds.items():
        if name in given:
            return np.asarray(given[name], kind)
    for name in ("value_string", "value_strings"):
        if name in given:
            return np.asarray(given[name], object)
    raise call.refusal("a value", ", ".join(given) or "none")


def _shape(call: Call, array: np.ndarray) -> np.ndarray:
    return np.array(array.shape, np.int64)[call.whole("start") : call.attribute("end")]


def _transpose(call: Call, array: np.ndarray) -> np.ndarray:
    return np.transpose(array, call.wholes("perm"))


def _one_hot(call: Call, index: np.ndarray, depth: np.ndarray, values: np.ndarray) -> np.ndarray:
    n, axis = int(np.ravel(depth)[0]), call.whole("axis", -1)
    sized(call, [*index.shape, n])
    found = np.where(np.arange(n) == (index % max(n, 1))[..., np.newaxis], values[1], values[0])
    return np.moveaxis(found, -1, axis)


def _same(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
    return array


def _trilu(call: Call, array: np.ndarray, k: np.ndarray | None = None) -> np.ndarray:
    offset = 0 if k is None else int(np.ravel(k)[0])
    return np.triu(array, offset) if call.whole("upper", 1) else np.tril(array, offset)


MOVES_OF_CONSTANTS: Mapping[str, Fold] = MappingProxyType(
    {
        "Reshape": _reshape,
        "Squeeze": _squeeze,
        "Unsqueeze": _unsqueeze,
        "Flatten": lambda call, array: array.reshape(prod(array.shape[: call.whole("axis", 1)]), -1),
        "Gather": _gather,
        "Concat": _concat,
        "Slice": _slice,
        "Split": _split,
        "Expand": _expand,
        "Tile": _tile,
        "ConstantOfShape": _filled,
        "Range": _range,
        "Constant": _constant,
        "Shape": _shape,
        "Size": lambda call, array: np.array(array.size, np.int64),
        "Transpose": _transpose,
        "OneHot": _one_hot,
        "Trilu": _trilu,
        "Identity": _same,
        "Dropout": _same,
    }
)
