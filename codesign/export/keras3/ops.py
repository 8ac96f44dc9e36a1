"""How each op is written as layers and operations of Keras 3: a table from op to function."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.export.keras3.functions import clipped, write_activation
from codesign.export.keras3.graph import KerasGraph, Tensor
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Gather,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Op,
    Patches,
    Quantize,
    Reshape,
    SegmentSum,
    Select,
    Shape,
    Slice,
    Subtract,
    Sum,
    Table,
    Threshold,
    Transpose,
)
from codesign.network.ops.moves import event_axis
from codesign.network.types.single_precision import Rounding

Taken = Sequence[Tensor]
Written = Callable[[KerasGraph, Op, Taken, Shape], Tensor]


def write_dense(graph: KerasGraph, op: Dense, taken: Taken, shape: Shape) -> Tensor:
    """Add a Dense, with the activation of nothing."""
    return graph.layer("Dense", taken, shape, op.kernel, op.bias, units=op.kernel.shape[1])


def write_convolution(graph: KerasGraph, patches: Patches, op: Dense, value: Tensor, shape: Shape) -> Tensor:
    """Add a convolution: patches of zero padding, and a dense op behind them."""
    kernel = op.kernel.reshape(*patches.kernel_size, value.shape[-1], -1)
    if np.any(patches.padding):
        pads = [[0, 0], *map(list, patches.padding), [0, 0]]
        sizes = [size + before + behind for size, (before, behind) in zip(value.shape, patches.padding)]
        value = graph.operation("numpy.Pad", [value], (*sizes, value.shape[-1]), pad_width=pads, mode="constant")
    settings = {
        "filters": kernel.shape[-1],
        "kernel_size": list(patches.kernel_size),
        "strides": list(patches.strides),
        "dilation_rate": list(patches.dilation),
        "data_format": "channels_last",
    }
    kind = f"Conv{len(patches.kernel_size)}D"
    return graph.layer(kind, [value], shape, kernel, op.bias, **settings)


def _affine(graph: KerasGraph, op: Affine, taken: Taken, shape: Shape) -> Tensor:
    value = taken[0]
    for kind, array, neutral in (("numpy.Multiply", op.factor, 1), ("numpy.Add", op.offset, 0)):
        if (array != neutral).any():
            value = graph.operation(kind, [value, array.astype(np.float32)], shape)
    return value if value is not taken[0] else graph.layer("Activation", taken, shape, activation="linear")


def _quantize(graph: KerasGraph, op: Quantize, taken: Taken, shape: Shape) -> Tensor:
    """``step * overflow(round(value * scale))``, with powers of two."""
    rounding = Rounding.of(op.type, shape)

    def constant(name: str) -> np.ndarray:
        array = getattr(rounding, name)
        return array.reshape(shape) if not rounding.is_same_for_all else array.reshape(-1)[0]

    value = graph.operation("numpy.Multiply", [taken[0], constant("scale")], shape)
    if rounding.rounding == "RND":
        value = graph.operation("numpy.Add", [value, np.asarray(0.5, np.float32)], shape)
    value = graph.operation(f"numpy.{'Round' if rounding.rounding == 'RND_CONV' else 'Floor'}", [value], shape)
    if rounding.wraps:
        low = constant("low")
        value = graph.operation("numpy.Subtract", [value, low], shape)
        value = graph.operation("numpy.Mod", [value, constant("span")], shape)
        value = graph.operation("numpy.Add", [value, low], shape)
    else:
        value = clipped(graph, value, constant("low"), constant("high"))
    return graph.operation("numpy.Multiply", [value, constant("step")], shape)


def _embedding(graph: KerasGraph, op: Embedding, taken: Taken, shape: Shape) -> Tensor:
    sizes = {"input_dim": op.table.shape[0], "output_dim": op.table.shape[1]}
    return graph.layer("Embedding", taken, shape, op.table, **sizes)


def _merged(kind: str) -> Written:
    """Of two or more, two at a time; a value of fewer axes is given axes behind the events."""

    def write(graph: KerasGraph, op: Op, taken: Taken, shape: Shape) -> Tensor:
        rank = max(len(one.shape) for one in taken)
        values = [_of_rank(graph, one, rank) for one in taken]
        result = values[0]
        for value in values[1:]:
            both = np.broadcast_shapes(result.shape, value.shape)
            result = graph.operation(f"numpy.{kind}", [result, value], both)
        return result

    return write


def _of_rank(graph: KerasGraph, value: Tensor, rank: int) -> Tensor:
    shape = (*(1,) * (rank - len(value.shape)), *value.shape)
    return value if shape == value.shape else _reshaped(graph, value, shape)


def _reshaped(graph: KerasGraph, value: Tensor, shape: Shape) -> Tensor:
    return graph.layer("Reshape", [value], shape, target_shape=list(shape))


def _reduced(kind: str) -> Written:
    def write(graph: KerasGraph, op: Op, taken: Taken, shape: Shape) -> Tensor:
        axis = event_axis(op.axis, taken[0].shape) + 1
        return graph.operation(f"numpy.{kind}", taken, shape, axis=axis, keepdims=op.keepdims)

    return write


def _argmax(graph: KerasGraph, op: ArgMax, taken: Taken, shape: Shape) -> Tensor:
    axis = event_axis(op.axis, taken[0].shape) + 1
    found = graph.operation("numpy.Argmax", taken, shape, axis=axis, keepdims=op.keepdims, dtype="int32")
    return graph.operation("numpy.Multiply", [found, np.asarray(1, np.float32)], shape)


def _compare(graph: KerasGraph, op: Compare, taken: Taken, shape: Shape) -> Tensor:
    kind = "".join(word.capitalize() for word in op.relation.split("_"))
    rank = max(len(one.shape) for one in taken)
    values = [_of_rank(graph, one, rank) for one in taken]
    return _as_number(graph, graph.operation(f"numpy.{kind}", values, shape, dtype="bool"))


def _as_number(graph: KerasGraph, value: Tensor) -> Tensor:
    one, zero = (np.asarray(number, np.float32) for number in (1, 0))
    return graph.operation("numpy.Where", [value, one, zero], value.shape)


def _select(graph: KerasGraph, op: Select, taken: Taken, shape: Shape) -> Tensor:
    rank = max(len(one.shape) for one in taken)
    chosen, first, second = (_of_rank(graph, one, rank) for one in taken)
    args = [chosen, np.asarray(0, np.float32)]
    chosen = graph.operation("numpy.NotEqual", args, chosen.shape, dtype="bool")
    return graph.operation("numpy.Where", [chosen, first, second], shape)


def _gathered(graph: KerasGraph, value: Tensor, index: np.ndarray) -> Tensor:
    """Values of places of a flattened value; -1 is a zero behind its end."""
    size = prod(value.shape)
    flat = _reshaped(graph, value, (size,)) if len(value.shape) > 1 else value
    if (index < 0).any():
        flat = graph.operation("numpy.Pad", [flat], (size + 1,), pad_width=[[0, 0], [0, 1]], mode="constant")
    places = np.where(index < 0, size, index).astype(np.int32)
    found = graph.operation("numpy.Take", [flat, places.ravel()], (places.size,), axis=1)
    return _reshaped(graph, found, index.shape) if index.ndim > 1 else found


def _patches(graph: KerasGraph, op: Patches, taken: Taken, shape: Shape) -> Tensor:
    places, channels = op.places(taken[0].shape), taken[0].shape[-1]
    index = np.where(places < 0, -1, places * channels)[..., np.newaxis] + np.arange(channels)
    return _gathered(graph, taken[0], np.where(places[..., np.newaxis] < 0, -1, index).reshape(shape))


def _slice(graph: KerasGraph, op: Slice, taken: Taken, shape: Shape) -> Tensor:
    axis = event_axis(op.axis, taken[0].shape)
    places = np.arange(taken[0].shape[axis], dtype=np.int32)[op.start : op.stop : op.step]
    return graph.operation("numpy.Take", [taken[0], places], shape, axis=axis + 1)


def _threshold(graph: KerasGraph, op: Threshold, taken: Taken, shape: Shape) -> Tensor:
    asked = _gathered(graph, taken[0], op.index)
    above = graph.operation("numpy.GreaterEqual", [asked, op.value.astype(np.float32)], shape, dtype="bool")
    return _as_number(graph, above)


def _bit(graph: KerasGraph, op: Bit, taken: Taken, shape: Shape) -> Tensor:
    asked = _gathered(graph, taken[0], op.index)
    turns = graph.operation("numpy.Multiply", [asked, (1 / op.weight).astype(np.float32)], shape)
    whole = graph.operation("numpy.Floor", [turns], shape)
    return graph.operation("numpy.Mod", [whole, np.asarray(2, np.float32)], shape)


def _table(graph: KerasGraph, op: Table, taken: Taken, shape: Shape) -> Tensor:
    """The place of an entry is a sum of keys, each with its power of two; all entries lie behind each other."""
    sizes = [len(entries) for entries in op.entries]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    kernel = np.zeros((taken[0].shape[0], len(sizes)))
    for table, keys in enumerate(op.keys):
        for place, key in enumerate(keys):
            kernel[key, table] += 2.0**place
    place = graph.layer("Dense", taken, shape, kernel, starts, units=len(sizes))
    entries = np.concatenate(op.entries)[:, np.newaxis]
    found = graph.layer("Embedding", [place], (*shape, 1), entries, input_dim=len(entries), output_dim=1)
    return _reshaped(graph, found, shape)


def _segment_sum(graph: KerasGraph, op: SegmentSum, taken: Taken, shape: Shape) -> Tensor:
    kernel = np.zeros((len(op.segments), op.offset.size))
    kernel[np.arange(len(op.segments)), op.segments] = 1
    return graph.layer("Dense", taken, shape, kernel, op.offset, units=op.offset.size)


WRITERS: Mapping[type, Written] = MappingProxyType(
    {
        Dense: write_dense,
        Affine: _affine,
        Activation: lambda graph, op, taken, shape: write_activation(graph, op, taken[0]),
        Quantize: _quantize,
        Embedding: _embedding,
        **{op: _merged(op.__name__) for op in (Add, Subtract, Multiply, Maximum, Minimum)},
        Dot: lambda graph, op, taken, shape: graph.layer("Dot", taken, shape, axes=1),
        MatMul: lambda graph, op, taken, shape: graph.operation("numpy.Matmul", taken, shape),
        **{op: _reduced(op.__name__) for op in (Sum, Mean, Max, Min)},
        ArgMax: _argmax,
        Compare: _compare,
        Select: _select,
        Reshape: lambda graph, op, taken, shape: _reshaped(graph, taken[0], shape),
        Flatten: lambda graph, op, taken, shape: graph.layer("Flatten", taken, shape),
        Transpose: lambda graph, op, taken, shape: graph.layer("Permute", taken, shape, dims=list(op.axes)),
        Slice: _slice,
        Concatenate: lambda graph, op, taken, shape: graph.layer(
            "Concatenate", taken, shape, axis=event_axis(op.axis, taken[0].shape) + 1
        ),
        Gather: lambda graph, op, taken, shape: _gathered(graph, taken[0], op.index),
        Patches: _patches,
        Threshold: _threshold,
        Bit: _bit,
        Table: _table,
        SegmentSum: _segment_sum,
    }
)
