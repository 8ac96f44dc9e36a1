"""Arithmetic between layers, such as ``x - y`` or ``2 * x``, and sums along an axis."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, Affine, Multiply, Op
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refused_operation

Read = Callable[[GraphBuilder, Call], Value]
WithConstant = Callable[[np.ndarray, bool], "Op | None"]


def elementwise(op: type[Op] | None, with_constant: WithConstant) -> Read:
    """Return what reads an operation of two values, or of one and a constant.

    Args:
        op: of two values; None: there is none.
        with_constant: gives the op for a constant, and whether that comes first; it gives None where there is none.
    """

    def read(builder: GraphBuilder, call: Call) -> Value:
        pair = [call.argument(0, "x", "x1"), call.argument(1, "y", "x2")]
        if op is not None and all(isinstance(one, Value) for one in pair):
            return builder.add(call.name, op(), *pair)
        is_first = not isinstance(pair[0], Value)
        made = with_constant(_constant(call, pair[1 - is_first]), is_first) if len(call.values) == 1 else None
        if made is None:
            raise refused_operation(call)
        return builder.add(call.name, made, call.value)

    return read


def added(constant: np.ndarray, is_first: bool) -> Affine:
    """``x + c``."""
    return _line(1.0, constant)


def subtracted(constant: np.ndarray, is_first: bool) -> Affine:
    """``x - c`` or ``c - x``."""
    return _line(-1.0, constant) if is_first else _line(1.0, -constant)


def multiplied(constant: np.ndarray, is_first: bool) -> Affine:
    """``c x``."""
    return _line(constant, 0.0)


def divided(constant: np.ndarray, is_first: bool) -> Affine | None:
    """``x / c``."""
    return None if is_first or (constant == 0).any() else _line(1 / constant, 0.0)


def clipped_below(constant: np.ndarray, is_first: bool) -> Activation | None:
    """``max(x, 0)``."""
    return None if constant.any() else Activation("relu")


def no_op(constant: np.ndarray, is_first: bool) -> None:
    """Nothing: no op has it."""


def _constant(call: Call, value: object) -> np.ndarray:
    """A number, or an array without the axis of the events; for a vector one number for each value."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise refused_operation(call) from None
    shape = call.value.shape
    if array.ndim > len(shape):
        if len(array) != 1:
            raise refused_operation(call)
        array = array[0]
    fits = array.ndim == 0 or array.shape[-1] in (1, *shape[-1:])
    return np.broadcast_to(array, shape).copy() if len(shape) == 1 and fits else array


def _line(factor: np.ndarray | float, offset: np.ndarray | float) -> Affine:
    return Affine(*(values.copy() for values in np.broadcast_arrays(factor, offset)))


def read_negative(builder: GraphBuilder, call: Call) -> Value:
    """``-x``."""
    size = call.value.shape if len(call.value.shape) == 1 else ()
    return builder.add(call.name, _line(np.full(size, -1.0), 0.0), call.value)


def read_square(builder: GraphBuilder, call: Call) -> Value:
    """``x * x``, of a square or a power of 2."""
    if call.argument(1, "y", "x2", default=2) != 2 or len(call.values) != 1:
        raise refused_operation(call)
    return builder.add(call.name, Multiply(), call.value, call.value)


def read_clip(builder: GraphBuilder, call: Call) -> Value:
    """``min(max(x, 0), c)``."""
    names = (("clip_value_min", "x_min"), ("clip_value_max", "x_max"))
    low, high = (np.asarray(call.argument(index, *some)) for index, some in enumerate(names, 1))
    if low.shape or high.shape or low != 0 or not high > 0:
        raise refused_operation(call)
    return builder.add(call.name, Activation("relu", max_value=float(high)), call.value)


def reduction(op: type[Op]) -> Read:
    """Return what reads a sum, mean or maximum along one axis."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        given = call.argument(1, "axis")
        axes = [] if given is None else np.ravel(given).tolist()
        if len(axes) != 1 or not isinstance(axes[0], int) or axes[0] in (0, -1 - len(call.value.shape)):
            raise refused_operation(call)
        keepdims = call.argument(2, "keepdims", default=False)
        return builder.add(call.name, op(axes[0], bool(keepdims)), call.value)

    return read


def read_softmax(builder: GraphBuilder, call: Call) -> Value:
    """Softmax along the last axis."""
    axis = call.argument(1, "axis", default=-1)
    if axis not in (None, -1, len(call.value.shape)):
        raise refused_operation(call)
    return builder.add(call.name, Activation("softmax"), call.value)


def read_leaky_relu(builder: GraphBuilder, call: Call) -> Value:
    """A leaky relu, by default of slope 0.2."""
    slope = float(call.argument(1, "alpha", "negative_slope", default=0.2))
    return builder.add(call.name, Activation("leaky_relu", slope=slope), call.value)


def function(name: str, **options: float) -> Read:
    """Return what reads a function of each value; with another argument, such as the `beta` of silu, it is another
    one."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        others = [value for key, value in call.kwargs.items() if key != "name" and not isinstance(value, Value)]
        if any(value is not None for value in (*call.args[1:], *others)):
            raise refused_operation(call)
        return builder.add(call.name, Activation(name, **options), call.value)

    return read
