"""How each op is written as layers and operations of Keras 3: a table from op to function."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.export.keras3.functions import clipped, write_activation
from codesign.export.keras3.graph import KerasGraph, Tensor
from codesign.export.keras3.places import as_number, gathered, reshaped
from codesign.export.keras3.table_ops import write_bit, write_segment_sum, write_table, write_threshold
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
        for turn in rounding.turns:
            inverse = 1 / turn.reshape(shape) if not rounding.is_same_for_all else 1 / turn.reshape(-1)[0]
            whole = graph.operation("numpy.Multiply", [value, inverse], shape)
            whole = graph.operation("numpy.Floor", [whole], shape)
            whole = graph.operation("numpy.Multiply", [whole, constant("span")], shape)
            value = graph.operation("numpy.Subtract", [value, whole], shape)
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
    return value if shape == value.shape else reshaped(graph, value, shape)


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
    return as_number(graph, graph.operation(f"numpy.{kind}", values, shape, dtype="bool"))


def _select(graph: KerasGraph, op: Select, taken: Taken, shape: Shape) -> Tensor:
    rank = max(len(one.shape) for one in taken)
    chosen, first, second = (_of_rank(graph, one, rank) for one in taken)
    args = [chosen, np.asarray(0, np.float32)]
    chosen = graph.operation("numpy.NotEqual", args, chosen.shape, dtype="bool")
    return graph.operation("numpy.Where", [chosen, first, second], shape)


def _patches(graph: KerasGraph, op: Patches, taken: Taken, shape: Shape) -> Tensor:
    places, channels = op.places(taken[0].shape), taken[0].shape[-1]
    index = np.where(places < 0, -1, places * channels)[..., np.newaxis] + np.arange(channels)
    return gathered(graph, taken[0], np.where(places[..., np.newaxis] < 0, -1, index).reshape(shape))


def _slice(graph: KerasGraph, op: Slice, taken: Taken, shape: Shape) -> Tensor:
    axis = event_axis(op.axis, taken[0].shape)
    key = [slice(None)] * (axis + 1) + [slice(op.start, op.stop, op.step)]
    return graph.operation("numpy.GetItem", [taken[0], key], shape)


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
        Reshape: lambda graph, op, taken, shape: reshaped(graph, taken[0], shape),
        Flatten: lambda graph, op, taken, shape: graph.layer("Flatten", taken, shape),
        Transpose: lambda graph, op, taken, shape: graph.layer("Permute", taken, shape, dims=list(op.axes)),
        Slice: _slice,
        Concatenate: lambda graph, op, taken, shape: graph.layer(
            "Concatenate", taken, shape, axis=event_axis(op.axis, taken[0].shape) + 1
        ),
        Gather: lambda graph, op, taken, shape: gathered(graph, taken[0], op.index),
        Patches: _patches,
        Threshold: write_threshold,
        Bit: write_bit,
        Table: write_table,
        SegmentSum: write_segment_sum,
    }
)
