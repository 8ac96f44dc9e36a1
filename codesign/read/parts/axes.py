"""Axes: in another order, several as one, values along each in other places, constants."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from codesign.network.ops import Activation, Affine, Gather, Multiply, Op, Reshape, Shape, Transpose
from codesign.read.graph_builder import GraphBuilder, Value


def reshaped(builder: GraphBuilder, origin: str, value: Value, shape: Shape, name: str | None = None) -> Value:
    """Return a value in another shape, one size of which may be -1; nothing is added for its own."""
    known = prod(int(size) for size in shape if size != -1)
    shape = tuple(prod(value.shape) // max(known, 1) if size == -1 else int(size) for size in shape)
    return value if shape == value.shape else builder.add(origin, Reshape(shape), value, name=name)


def permuted(builder: GraphBuilder, origin: str, value: Value, order: Sequence[int], name: str | None = None) -> Value:
    """Return a value with its axes in an order, 0 the first of an event; nothing is added for their own."""
    order = [int(axis) for axis in order]
    if order == list(range(len(order))):
        return value
    return builder.add(origin, Transpose(tuple(axis + 1 for axis in order)), value, name=name)


def moved_axis(builder: GraphBuilder, origin: str, value: Value, source: int, target: int) -> Value:
    """Return a value with one axis, 0 the first of an event, in another place."""
    rank = len(value.shape)
    order = [axis for axis in range(rank) if axis != source % rank]
    order.insert(target % rank, source % rank)
    return permuted(builder, origin, value, order, name=f"{origin}_moved")


def along_last(builder: GraphBuilder, origin: str, value: Value, axis: int, op: Op) -> Value:
    """Return what an op along the last axis, such as a softmax, gives along another, 0 the first of an event."""
    rank = len(value.shape)
    if axis % rank == rank - 1:
        return builder.add(origin, op, value)
    behind = builder.add(origin, op, moved_axis(builder, origin, value, axis, rank - 1))
    return moved_axis(builder, origin, behind, rank - 1, axis)


def reduced(
    builder: GraphBuilder,
    origin: str,
    value: Value,
    op: type[Op],
    axes: Sequence[int],
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Value:
    """Return the sum, mean, maximum ... over some axes, 0 the first of an event, as one op over all of their values."""
    rank = len(value.shape)
    over = sorted({axis % rank for axis in axes})
    kept = [axis for axis in range(rank) if axis not in over]
    shape = tuple(1 if axis in over else size for axis, size in enumerate(value.shape))
    if len(over) == 1:
        return builder.add(origin, op(over[0] + 1, keepdims or rank == 1), value, name=name)
    if over != list(range(over[0], over[-1] + 1)):
        value = permuted(builder, origin, value, [*kept, *over], name=f"{origin}_moved")
        over = list(range(len(kept), rank))
    sizes = value.shape
    merged = (*sizes[: over[0]], prod(sizes[over[0] : over[-1] + 1]), *sizes[over[-1] + 1 :])
    value = reshaped(builder, origin, value, merged, name=f"{origin}_merged")
    is_all = len(value.shape) == 1  # an event keeps at least one axis
    found = builder.add(origin, op(over[0] + 1, is_all), value, name=name)
    return reshaped(builder, origin, found, shape, name=f"{origin}_axes") if keepdims else found


def gathered(builder: GraphBuilder, origin: str, value: Value, places: Mapping[int, np.ndarray], **names: str) -> Value:
    """Return a value of which some axes hold other places.

    Args:
        places: by axis, 0 the first of an event: the place of each index in the value's own axis; -1 for zeros.
        names: `name` of the node.
    """
    index, outside = np.zeros((), np.int64), np.zeros((), bool)
    for axis, size in enumerate(value.shape):
        at = np.asarray(places.get(axis, np.arange(size)))
        at = at.reshape([-1 if one == axis else 1 for one in range(len(value.shape))])
        index, outside = index * size + at, outside | (at < 0)
    return builder.add(origin, Gather(np.where(outside, -1, index)), value, **names)


def constant(builder: GraphBuilder, origin: str, array: np.ndarray, like: Value) -> Value:
    """Return a value that is the same for every event.

    Args:
        array: of at least one axis.
        like: any value of the network.
    """
    array = np.asarray(array, np.float64)
    zeros = builder.add(origin, Gather(np.full(array.shape, -1)), like, name=f"{origin}_zeros")
    return builder.add(origin, Affine(np.ones(()), array), zeros, name=f"{origin}_constant")


def divided(builder: GraphBuilder, origin: str, value: Value, divisor: Value) -> Value:
    """Return ``value / divisor``, element by element, as a product with the reciprocal."""
    inverse = builder.add(origin, Activation("reciprocal"), divisor, name=f"{origin}_inverse")
    return builder.add(origin, Multiply(), value, inverse)
