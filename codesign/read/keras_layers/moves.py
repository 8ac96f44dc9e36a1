"""Layers that move values about, and Embedding, which looks rows of values up."""

import numpy as np

from codesign.network.ops import (
    Concatenate,
    Dense,
    Embedding,
    Flatten,
    Max,
    Multiply,
    Patches,
    Reshape,
    Shape,
    Slice,
    Transpose,
)
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.keras_layers.windows import along, channels_last, is_first, pairs
from codesign.read.parts.axes import gathered, moved_axis, reshaped
from codesign.read.parts.functions import compared


def read_flatten(builder: GraphBuilder, call: Call) -> Value:
    """Flatten, in the order of channels that come last; of a vector it does nothing."""
    value = call.value
    if len(value.shape) == 1:
        return value
    value = moved_axis(builder, call.name, value, 0, -1) if is_first(call) else value
    return builder.add(call.name, Flatten(), value)


def read_reshape(builder: GraphBuilder, call: Call) -> Value:
    """Reshape."""
    return reshape(builder, call, call.value, call.config["target_shape"])


def reshape(builder: GraphBuilder, call: Call, value: Value, target: Shape) -> Value:
    """Add a reshape, one size of which may be -1; to the same shape it does nothing."""
    size, target = int(np.prod(value.shape)), tuple(int(one) for one in target)
    known = int(np.prod([one for one in target if one != -1]))
    target = tuple(size // max(known, 1) if one == -1 else one for one in target)
    return value if target == value.shape else builder.add(call.name, Reshape(target), value)


def read_permute(builder: GraphBuilder, call: Call) -> Value:
    """Permute."""
    return builder.add(call.name, Transpose(tuple(int(axis) for axis in call.config["dims"])), call.value)


def read_repeat(builder: GraphBuilder, call: Call) -> Value:
    """A vector, n times below itself."""
    n = int(call.config["n"])
    row = builder.add(f"{call.name}_row" if n > 1 else call.name, Reshape((1, *call.value.shape)), call.value)
    return builder.add(call.name, Concatenate(1), *[row] * n) if n > 1 else row


@channels_last
def read_cropping(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """Places without some at both ends of each axis."""
    rank = len(value.shape) - 1
    cuts = [(axis, cut) for axis, cut in enumerate(pairs(call, "cropping", rank)) if cut != (0, 0)]
    for number, (axis, (before, behind)) in enumerate(cuts):
        name = None if number == len(cuts) - 1 else f"{call.name}_axis_{axis + 1}"
        value = builder.add(call.name, Slice(before, value.shape[axis] - behind, axis + 1), value, name=name)
    return value


@channels_last
def read_padding(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """Zeros at both ends of each axis."""
    rank = len(value.shape) - 1
    ones = (1,) * rank
    return builder.add(call.name, Patches(ones, ones, ones, pairs(call, "padding", rank)), value)


@channels_last
def read_upsampling(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """Each place several times, or lines between places."""
    rank = len(value.shape) - 1
    size = along(call, "size", rank, 2)
    way = call.config.get("interpolation", "nearest")
    if way == "nearest":
        places = {axis: np.arange(value.shape[axis] * n) // n for axis, n in enumerate(size)}
        return gathered(builder, call.name, value, places)
    if way != "bilinear":
        raise refusal(call, "interpolation 'nearest' or 'bilinear'", f"interpolation='{way}'", "use one of these")
    for axis, n in enumerate(size):
        origin = f"{call.name}_axis_{axis + 1}"
        rows = moved_axis(builder, f"{origin}_in", value, axis, rank)
        rows = builder.add(
            call.name, Dense(_between(value.shape[axis], n), np.zeros(value.shape[axis] * n)), rows, name=origin
        )
        value = moved_axis(builder, f"{origin}_out", rows, rank, axis)
    return value


def _between(size: int, factor: int) -> np.ndarray:
    """(size, size * factor): the shares of the two nearest places, measured from the middles of places."""
    at = np.clip((np.arange(size * factor) + 0.5) / factor - 0.5, 0, size - 1)
    return np.maximum(1 - np.abs(at - np.arange(size)[:, np.newaxis]), 0)


def read_masking(builder: GraphBuilder, call: Call) -> Value:
    """Steps of which each value is a given one are 0, and count for no layer that asks."""
    value = call.value
    if len(value.shape) != 2:
        raise refusal(call, "values of (steps, features)", str(value.shape))
    number = float(np.ravel(call.config.get("mask_value", 0.0))[0])
    differs = compared(builder, f"{call.name}_differs", value, "not_equal", number)
    mask = builder.add(call.name, Max(-1, True), differs, name=f"{call.name}_mask")
    found = builder.add(call.name, Multiply(), value, mask)
    builder.masks[found.name] = mask
    return found


def read_embedding(builder: GraphBuilder, call: Call) -> Value:
    """A row of a table for each whole number."""
    op = builder.constants.get(call.layer) or Embedding(np.asarray(call.weight("embeddings"), np.float64))
    builder.constants[call.layer] = op
    found = builder.add(call.name, op, call.value)
    if call.config.get("mask_zero"):
        mask = compared(builder, f"{call.name}_mask", call.value, "not_equal", 0.0)
        builder.masks[found.name] = reshaped(builder, f"{call.name}_mask", mask, (*mask.shape, 1))
    return found
