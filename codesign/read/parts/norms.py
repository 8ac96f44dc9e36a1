"""Norms over the values of an event: layer, group, unit and RMS normalisation, of means, products and ``1 / sqrt``."""

from collections.abc import Sequence

import numpy as np

from codesign.network.ops import Activation, Affine, Mean, Multiply, Subtract, Sum
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.parts.axes import reduced, reshaped


def normalised(
    builder: GraphBuilder,
    origin: str,
    value: Value,
    axes: Sequence[int],
    *,
    epsilon: float,
    centred: bool = True,
) -> Value:
    """Return ``(x - mean) / sqrt(variance + epsilon)`` over some axes, 0 the first of an event.

    Args:
        centred: False leaves the mean in, as an RMS norm does.
    """
    if centred:
        mean = reduced(builder, origin, value, Mean, axes, keepdims=True, name=f"{origin}_mean")
        value = builder.add(origin, Subtract(), value, mean, name=f"{origin}_centred")
    square = builder.add(origin, Multiply(), value, value, name=f"{origin}_square")
    variance = reduced(builder, origin, square, Mean, axes, keepdims=True, name=f"{origin}_variance")
    shifted = Affine(np.ones(()), np.array(float(epsilon)))
    above = builder.add(origin, shifted, variance, name=f"{origin}_epsilon")
    inverse = builder.add(origin, Activation("rsqrt"), above, name=f"{origin}_rsqrt")
    return builder.add(origin, Multiply(), value, inverse, name=f"{origin}_normalised")


def scaled(
    builder: GraphBuilder, origin: str, value: Value, gamma: np.ndarray | None, beta: np.ndarray | None
) -> Value:
    """Return ``gamma x + beta``, of shapes that broadcast; None: 1 and 0."""
    if gamma is None and beta is None:
        return value
    gamma = np.ones(()) if gamma is None else np.asarray(gamma, np.float64)
    beta = np.zeros(()) if beta is None else np.asarray(beta, np.float64)
    return builder.add(origin, Affine(gamma, beta), value)


def group_normalised(
    builder: GraphBuilder, origin: str, value: Value, groups: int, epsilon: float, *, axis: int = -1
) -> Value:
    """Return values normalised over all places and the channels of each group, `axis` being that of the channels."""
    rank, shape = len(value.shape), value.shape
    axis %= rank
    split = (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])
    rows = reshaped(builder, origin, value, split, name=f"{origin}_groups")
    over = [one for one in range(rank + 1) if one != axis]
    found = normalised(builder, origin, rows, over, epsilon=epsilon)
    return reshaped(builder, origin, found, shape, name=f"{origin}_channels")


def unit_length(
    builder: GraphBuilder, origin: str, value: Value, axes: Sequence[int], *, smallest: float = 0.0, order: int = 2
) -> Value:
    """Return ``x / max(|x|, smallest)`` of the norm of order 1 or 2 over some axes, 0 the first of an event."""
    if order == 1:
        size = builder.add(origin, Activation("abs"), value, name=f"{origin}_abs")
        found = reduced(builder, origin, size, Sum, axes, keepdims=True, name=f"{origin}_length")
        function = "reciprocal"
    else:
        square = builder.add(origin, Multiply(), value, value, name=f"{origin}_square")
        found = reduced(builder, origin, square, Sum, axes, keepdims=True, name=f"{origin}_length")
        function, smallest = "rsqrt", smallest**2
    if smallest:
        found = builder.add(origin, Activation("clip", min_value=smallest), found, name=f"{origin}_floor")
    inverse = builder.add(origin, Activation(function), found, name=f"{origin}_inverse")
    return builder.add(origin, Multiply(), value, inverse)
