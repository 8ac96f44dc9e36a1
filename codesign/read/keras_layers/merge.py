"""Layers of several values, and pooling over a whole axis."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Add, Affine, Concatenate, Dot, Op, Reshape, Slice
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal


def merging(op: type[Op]) -> Callable[[GraphBuilder, Call], Value]:
    """Return what reads a layer of two or more values that an op merges element by element."""
    return lambda builder, call: builder.add(call.name, op(), *call.values)


def pooling(op: type[Op]) -> Callable[[GraphBuilder, Call], Value]:
    """Return what reads a layer that pools over all positions."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        axis = 1 if call.config.get("data_format", "channels_last") == "channels_last" else 2
        return builder.add(call.name, op(axis, bool(call.config.get("keepdims"))), call.value)

    return read


def pooling_in_windows(op: type[Op]) -> Callable[[GraphBuilder, Call], Value]:
    """Return what reads a layer that pools over windows side by side: an axis of its own for each window's
    positions."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        config, value = call.config, call.value
        size = int(np.ravel(config["pool_size"])[0])
        step = int(np.ravel(config.get("strides") or size)[0])
        padding, data_format = config.get("padding", "valid"), config.get("data_format", "channels_last")
        if size != step or padding != "valid" or data_format != "channels_last":
            received = f"pool_size={size}, strides={step}, padding='{padding}', data_format='{data_format}'"
            raise refusal(call, "windows side by side: strides as pool_size, padding='valid', channels last", received)
        n_windows, n_values = value.shape[0] // size, value.shape[1]
        if n_windows * size < value.shape[0]:
            value = builder.add(f"{call.name}_whole", Slice(0, n_windows * size, 1), value)
        windows = builder.add(f"{call.name}_windows", Reshape((n_windows, size, n_values)), value)
        return builder.add(call.name, op(2), windows)

    return read


def read_average(builder: GraphBuilder, call: Call) -> Value:
    """The mean of two or more, as their sum and a factor."""
    total = builder.add(f"{call.name}_sum", Add(), *call.values)
    return builder.add(call.name, Affine(np.array(1 / len(call.values)), np.zeros(())), total)


def read_concatenate(builder: GraphBuilder, call: Call) -> Value:
    """Concatenate."""
    return builder.add(call.name, Concatenate(int(call.config.get("axis", -1))), *call.values)


def read_dot(builder: GraphBuilder, call: Call) -> Value:
    """The dot product of two vectors."""
    values, given, normalize = call.values, call.config["axes"], call.config.get("normalize", False)
    axes = {int(axis) % (len(value.shape) + 1) for axis, value in zip(np.broadcast_to(given, 2), values)}
    if normalize or axes != {1} or any(len(value.shape) != 1 for value in values):
        received = f"axes={given}, normalize={normalize} of {' and '.join(str(value.shape) for value in values)}"
        raise refusal(call, "a dot product of two vectors, axes=1, not normalised", received)
    return builder.add(call.name, Dot(), *values)
