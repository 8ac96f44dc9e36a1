"""Layers of several values."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Add, Affine, Concatenate, Dot, MatMul, Op
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.axes import moved_axis, reshaped
from codesign.read.parts.norms import unit_length

_SMALLEST_LENGTH = 1e-6  # TensorFlow's l2_normalize divides by the root of at least 1e-12


def merging(op: type[Op]) -> Callable[[GraphBuilder, Call], Value]:
    """Return what reads a layer of two or more values that an op merges element by element."""
    return lambda builder, call: builder.add(call.name, op(), *call.values)


def read_average(builder: GraphBuilder, call: Call) -> Value:
    """The mean of two or more, as their sum and a factor."""
    total = builder.add(f"{call.name}_sum", Add(), *call.values)
    return builder.add(call.name, Affine(np.array(1 / len(call.values)), np.zeros(())), total)


def read_concatenate(builder: GraphBuilder, call: Call) -> Value:
    """Concatenate."""
    return builder.add(call.name, Concatenate(int(call.config.get("axis", -1))), *call.values)


def read_dot(builder: GraphBuilder, call: Call) -> Value:
    """The product of two values, summed along an axis of each."""
    values, given = call.values, call.config["axes"]
    axes = [int(axis) % (len(value.shape) + 1) for axis, value in zip(np.broadcast_to(given, 2), values)]
    if min(axes) < 1:
        raise refusal(call, "axes behind that of the events", f"axes={given}")
    if call.config.get("normalize", False):
        values = [
            unit_length(builder, f"{call.name}_{index}", value, [axis - 1], smallest=_SMALLEST_LENGTH)
            for index, (value, axis) in enumerate(zip(values, axes))
        ]
    first, second = values
    if len(first.shape) == len(second.shape) == 1:
        return builder.add(call.name, Dot(), first, second)
    rows = moved_axis(builder, f"{call.name}_first", first, axes[0] - 1, -1)
    columns = moved_axis(builder, f"{call.name}_second", second, axes[1] - 1, 0)
    size = columns.shape[0]
    flat = [
        reshaped(builder, call.name, rows, (-1, size), name=f"{call.name}_rows"),
        reshaped(builder, call.name, columns, (size, -1), name=f"{call.name}_columns"),
    ]
    found = builder.add(call.name, MatMul(), *flat)
    return reshaped(builder, call.name, found, (*rows.shape[:-1], *columns.shape[1:]), name=f"{call.name}_axes")
