"""Functions of each value that are made of several nodes: a full relu, prelu, hard swish, shrinks, gated units."""

import numpy as np

from codesign.network.ops import Activation, Add, Affine, Compare, Maximum, Multiply, Slice, Subtract
from codesign.read.graph_builder import GraphBuilder, Value


def add_relu(
    builder: GraphBuilder,
    origin: str,
    value: Value,
    *,
    slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Value:
    """Return ``max_value`` from there on, x above the threshold, ``slope (x - threshold)`` below it."""
    if slope and max_value is None and not threshold:
        return builder.add(origin, Activation("leaky_relu", slope=slope), value)
    upper = _upper(builder, origin, value, max_value, threshold=threshold, is_last=not slope)
    if not slope:
        return upper
    below = line(builder, origin, value, -1.0, threshold, name=f"{origin}_below")
    below = builder.add(origin, Activation("relu"), below, name=f"{origin}_below_relu")
    below = line(builder, origin, below, -slope, 0.0, name=f"{origin}_below_slope")
    return builder.add(origin, Add(), upper, below)


def _upper(
    builder: GraphBuilder, origin: str, value: Value, max_value: float | None, *, threshold: float, is_last: bool
) -> Value:
    """``min(x, max_value)`` above the threshold, else 0."""
    name = None if is_last else f"{origin}_above"
    if max_value is not None and not max_value > 0:
        gate = builder.add(origin, Activation("thresholded_relu", threshold=threshold), value, name=f"{origin}_gate")
        return builder.add(origin, Activation("clip", max_value=float(max_value)), gate, name=name)
    op = Activation("thresholded_relu", threshold=threshold) if threshold else Activation("relu")
    if max_value is not None:
        op = Activation(op.function, threshold=threshold, max_value=float(max_value))
    return builder.add(origin, op, value, name=name)


def prelu(builder: GraphBuilder, origin: str, value: Value, slope: np.ndarray) -> Value:
    """Return x above 0, ``slope x`` below, slopes of a shape that broadcasts."""
    slope = np.asarray(slope, np.float64)
    if (slope == slope.flat[0]).all():
        return builder.add(origin, Activation("leaky_relu", slope=float(slope.flat[0])), value)
    if (slope <= 1).all():
        below = builder.add(origin, Affine(slope, np.zeros(())), value, name=f"{origin}_slope")
        return builder.add(origin, Maximum(), value, below)
    above = builder.add(origin, Activation("relu"), value, name=f"{origin}_above")
    below = line(builder, origin, value, -1.0, 0.0, name=f"{origin}_negative")
    below = builder.add(origin, Activation("relu"), below, name=f"{origin}_below")
    below = builder.add(origin, Affine(-slope, np.zeros(())), below, name=f"{origin}_slope")
    return builder.add(origin, Add(), above, below)


def hard_swish(builder: GraphBuilder, origin: str, value: Value) -> Value:
    """Return ``x clip(x / 6 + 1/2, 0, 1)``."""
    gate = builder.add(origin, Activation("hard_sigmoid", slope=1 / 6), value, name=f"{origin}_gate")
    return builder.add(origin, Multiply(), value, gate)


def soft_shrink(builder: GraphBuilder, origin: str, value: Value, threshold: float = 0.5) -> Value:
    """Return x moved towards 0 by the threshold, 0 within it."""
    low, high = -float(threshold), float(threshold)
    inner = builder.add(origin, Activation("clip", min_value=low, max_value=high), value, name=f"{origin}_inner")
    return builder.add(origin, Subtract(), value, inner)


def hard_shrink(builder: GraphBuilder, origin: str, value: Value, threshold: float = 0.5) -> Value:
    """Return x, but 0 within the threshold."""
    size = builder.add(origin, Activation("abs"), value, name=f"{origin}_size")
    beyond = builder.add(
        origin, Activation("thresholded_relu", threshold=float(threshold)), size, name=f"{origin}_beyond"
    )
    sign = builder.add(origin, Activation("sign"), value, name=f"{origin}_sign")
    return builder.add(origin, Multiply(), beyond, sign)


def tanh_shrink(builder: GraphBuilder, origin: str, value: Value) -> Value:
    """Return ``x - tanh(x)``."""
    return builder.add(origin, Subtract(), value, builder.add(origin, Activation("tanh"), value, name=f"{origin}_tanh"))


def square_plus(builder: GraphBuilder, origin: str, value: Value, b: float = 4.0) -> Value:
    """Return ``(x + sqrt(x^2 + b)) / 2``."""
    square = builder.add(origin, Multiply(), value, value, name=f"{origin}_square")
    root = line(builder, origin, square, 1.0, b, name=f"{origin}_shifted")
    root = builder.add(origin, Activation("sqrt"), root, name=f"{origin}_root")
    return line(builder, origin, builder.add(origin, Add(), value, root, name=f"{origin}_sum"), 0.5, 0.0)


def sparse_plus(builder: GraphBuilder, origin: str, value: Value) -> Value:
    """Return 0 up to -1, ``(x + 1)^2 / 4`` up to 1, x above."""
    inner = builder.add(origin, Activation("clip", min_value=-1.0, max_value=1.0), value, name=f"{origin}_inner")
    moved = line(builder, origin, inner, 0.5, 0.5, name=f"{origin}_moved")
    curve = builder.add(origin, Multiply(), moved, moved, name=f"{origin}_curve")
    above = line(builder, origin, value, 1.0, -1.0, name=f"{origin}_from_one")
    above = builder.add(origin, Activation("relu"), above, name=f"{origin}_above")
    return builder.add(origin, Add(), curve, above)


def gated(builder: GraphBuilder, origin: str, value: Value, axis: int = -1) -> Value:
    """Return the first half along an axis, 0 the first of an event, times the sigmoid of the second."""
    axis %= len(value.shape)
    half = value.shape[axis] // 2
    first, second = (
        builder.add(origin, Slice(start, start + half, axis + 1), value, name=f"{origin}_{name}")
        for start, name in ((0, "values"), (half, "gates"))
    )
    gate = builder.add(origin, Activation("sigmoid"), second, name=f"{origin}_gate")
    return builder.add(origin, Multiply(), first, gate)


def compared(builder: GraphBuilder, origin: str, value: Value, relation: str, number: float) -> Value:
    """Return 1 where a relation, such as ``greater``, holds between a value and a number, else 0."""
    constant = line(builder, origin, value, 0.0, float(number), name=f"{origin}_number")
    return builder.add(origin, Compare(relation), value, constant)


def line(
    builder: GraphBuilder, origin: str, value: Value, factor: float, offset: float, *, name: str | None = None
) -> Value:
    """Return ``factor x + offset``."""
    shape = value.shape if len(value.shape) == 1 else ()
    return builder.add(origin, Affine(np.full(shape, float(factor)), np.full(shape, float(offset))), value, name=name)
