"""How each op is written in ONNX, of operator set 13: a table from op to function."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.export.onnx.functions import write_activation
from codesign.export.onnx.graph import OnnxGraph
from codesign.export.onnx.table_ops import write_bit, write_segment_sum, write_table, write_threshold
from codesign.export.single_precision import shift_and_scale
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

_FLOAT, _BOOL = 1, 9  # of ONNX's data types
Values = Sequence[str]
Shapes = Sequence[Shape]


def _dense(graph: OnnxGraph, op: Dense, values: Values, shapes: Shapes) -> str:
    kernel, bias = op.kernel.astype(np.float32), op.bias.astype(np.float32)
    if len(shapes[0]) == 1:
        return graph.step("Gemm", values[0], kernel, bias)
    return graph.step("Add", graph.step("MatMul", values[0], kernel), bias)


def _affine(graph: OnnxGraph, op: Affine, values: Values, shapes: Shapes) -> str:
    shifted = shift_and_scale(op)
    if shifted is None:
        product = graph.step("Mul", values[0], op.factor.astype(np.float32))
        return graph.step("Add", product, op.offset.astype(np.float32))
    value = values[0]
    for operation, array, neutral in (("Add", shifted[0], 0), ("Mul", shifted[1], 1)):
        if (array != neutral).any():
            value = graph.step(operation, value, array)
    return value


def _clip(graph: OnnxGraph, value: str, low: float, high: float) -> str:
    return graph.step("Clip", value, np.float32(low), np.float32(high))


def _quantize(graph: OnnxGraph, op: Quantize, values: Values, shapes: Shapes) -> str:
    """``step * overflow(round(value * scale))``."""
    rounding, shape = Rounding.of(op.type, shapes[0]), shapes[0]
    same = rounding.is_same_for_all

    def constant(array: np.ndarray) -> np.ndarray:
        return array[:1] if same else array.reshape(shape)

    codes = graph.step("Mul", values[0], constant(rounding.scale))
    if rounding.rounding == "RND":
        codes = graph.step("Add", codes, np.float32(0.5))
    codes = graph.step("Round" if rounding.rounding == "RND_CONV" else "Floor", codes)
    if rounding.wraps:
        for turn in rounding.turns:
            whole = graph.step("Floor", graph.step("Mul", codes, constant(1 / turn)))
            codes = graph.step("Sub", codes, graph.step("Mul", whole, constant(rounding.span)))
    elif same:
        codes = _clip(graph, codes, rounding.low[0], rounding.high[0])
    else:
        codes = graph.step("Min", graph.step("Max", codes, constant(rounding.low)), constant(rounding.high))
    return graph.step("Mul", codes, constant(rounding.step))


def _embedding(graph: OnnxGraph, op: Embedding, values: Values, shapes: Shapes) -> str:
    indices = graph.step("Cast", graph.step("Floor", values[0]), to=7)  # int64
    return graph.step("Gather", op.table.astype(np.float32), indices, axis=0)


def _same_rank(graph: OnnxGraph, values: Values, shapes: Shapes) -> list[str]:
    """A value of fewer axes is given axes behind the events."""
    rank = max(map(len, shapes))
    return [
        value
        if len(shape) == rank
        else graph.step("Unsqueeze", value, np.arange(1, 1 + rank - len(shape), dtype=np.int64))
        for value, shape in zip(values, shapes)
    ]


def _merged(operation: str) -> Callable[..., str]:
    """Of two or more, two at a time."""

    def write(graph: OnnxGraph, op: Op, values: Values, shapes: Shapes) -> str:
        aligned = _same_rank(graph, values, shapes)
        result = aligned[0]
        for value in aligned[1:]:
            result = graph.step(operation, result, value)
        return result

    return write


_RELATIONS = {
    "less": "Less",
    "less_equal": "LessOrEqual",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "equal": "Equal",
    "not_equal": "Equal",
}


def _compare(graph: OnnxGraph, op: Compare, values: Values, shapes: Shapes) -> str:
    found = graph.step(_RELATIONS[op.relation], *_same_rank(graph, values, shapes))
    return graph.step("Cast", graph.step("Not", found) if op.relation == "not_equal" else found, to=_FLOAT)


def _select(graph: OnnxGraph, op: Select, values: Values, shapes: Shapes) -> str:
    condition, *pair = _same_rank(graph, values, shapes)
    return graph.step("Where", graph.step("Cast", condition, to=_BOOL), *pair)


def _argmax(graph: OnnxGraph, op: ArgMax, values: Values, shapes: Shapes) -> str:
    axis = event_axis(op.axis, shapes[0]) + 1
    return graph.step("Cast", graph.step("ArgMax", values[0], axis=axis, keepdims=int(op.keepdims)), to=_FLOAT)


def _gathered(graph: OnnxGraph, op: Patches | Gather, values: Values, shapes: Shapes) -> str:
    """Places of an event's values side by side, a zero behind them."""
    (shape,), size = shapes, prod(shapes[0])
    places = op.evaluate(np.arange(1, size + 1).reshape(1, *shape)).ravel() - 1
    flat = graph.step("Reshape", values[0], np.array([0, size], np.int64))
    if (places < 0).any():
        flat = graph.step("Pad", flat, np.array([0, 0, 0, 1], np.int64))
        places = np.where(places < 0, size, places)
    found = graph.step("Gather", flat, places.astype(np.int64), axis=1)
    return graph.step("Reshape", found, np.array([0, *op.shape(shape)], np.int64))


def _dot(graph: OnnxGraph, op: Dot, values: Values, shapes: Shapes) -> str:
    return graph.step("ReduceSum", graph.step("Mul", *values), np.array([1], np.int64), keepdims=1)


def _reduced(operation: str) -> Callable[..., str]:
    def write(graph: OnnxGraph, op: Sum | Mean | Max, values: Values, shapes: Shapes) -> str:
        axis, keepdims = event_axis(op.axis, shapes[0]) + 1, int(op.keepdims)
        if operation == "ReduceSum":
            return graph.step(operation, values[0], np.array([axis], np.int64), keepdims=keepdims)
        return graph.step(operation, values[0], axes=[axis], keepdims=keepdims)

    return write


def _reshaped(graph: OnnxGraph, op: Reshape | Flatten, values: Values, shapes: Shapes) -> str:
    return graph.step("Reshape", values[0], np.array([0, *op.shape(*shapes)], np.int64))


def _sliced(graph: OnnxGraph, op: Slice, values: Values, shapes: Shapes) -> str:
    numbers = (op.start, op.stop, event_axis(op.axis, shapes[0]) + 1, op.step)
    return graph.step("Slice", values[0], *(np.array([number], np.int64) for number in numbers))


WRITERS: Mapping[type, Callable[[OnnxGraph, Op, Values, Shapes], str]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: write_activation,
        Quantize: _quantize,
        Embedding: _embedding,
        Add: _merged("Add"),
        Subtract: _merged("Sub"),
        Multiply: _merged("Mul"),
        Maximum: _merged("Max"),
        Minimum: _merged("Min"),
        Dot: _dot,
        MatMul: lambda graph, op, values, shapes: graph.step("MatMul", *_same_rank(graph, values, shapes)),
        Compare: _compare,
        Select: _select,
        ArgMax: _argmax,
        Patches: _gathered,
        Gather: _gathered,
        Sum: _reduced("ReduceSum"),
        Mean: _reduced("ReduceMean"),
        Max: _reduced("ReduceMax"),
        Min: _reduced("ReduceMin"),
        Reshape: _reshaped,
        Flatten: _reshaped,
        Slice: _sliced,
        Transpose: lambda graph, op, values, shapes: graph.step("Transpose", values[0], perm=[0, *op.axes]),
        Threshold: write_threshold,
        Bit: write_bit,
        Table: write_table,
        SegmentSum: write_segment_sum,
        Concatenate: lambda graph, op, values, shapes: graph.step(
            "Concat", *values, axis=event_axis(op.axis, shapes[0]) + 1
        ),
    }
)
