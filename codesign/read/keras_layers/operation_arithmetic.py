"""Arithmetic between layers, such as ``x - y`` or ``2 * x``, and sums along an axis."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, Affine, Op
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refused_operation
from codesign.read.parts.axes import along_last, reduced

Read = Callable[[GraphBuilder, Call], Value]
_DEFAULTS = {"axis": -1, "decimals": 0, "threshold": 0.5, "lambd": 0.5, "b": 4, "beta": 1.0}
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
        made = with_constant(constant_of(call, pair[1 - is_first]), is_first) if len(call.values) == 1 else None
        if made is None:
            raise refused_operation(call)
        return builder.add(call.name, made, call.value)

    return read


def added(constant: np.ndarray, is_first: bool) -> Affine:
    """``x + c``."""
    return line_of(1.0, constant)


def subtracted(constant: np.ndarray, is_first: bool) -> Affine:
    """``x - c`` or ``c - x``."""
    return line_of(-1.0, constant) if is_first else line_of(1.0, -constant)


def multiplied(constant: np.ndarray, is_first: bool) -> Affine:
    """``c x``."""
    return line_of(constant, 0.0)


def no_op(constant: np.ndarray, is_first: bool) -> None:
    """Nothing: no op has it."""


def constant_of(call: Call, value: object) -> np.ndarray:
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


def line_of(factor: np.ndarray | float, offset: np.ndarray | float) -> Affine:
    """``factor x + offset``, of arrays of one shape."""
    return Affine(*(values.copy() for values in np.broadcast_arrays(factor, offset)))


def read_negative(builder: GraphBuilder, call: Call) -> Value:
    """``-x``."""
    size = call.value.shape if len(call.value.shape) == 1 else ()
    return builder.add(call.name, line_of(np.full(size, -1.0), 0.0), call.value)


def read_clip(builder: GraphBuilder, call: Call) -> Value:
    """``min(max(x, low), high)``."""
    names = (("clip_value_min", "x_min"), ("clip_value_max", "x_max"))
    low, high = (np.asarray(call.argument(index, *some)) for index, some in enumerate(names, 1))
    if low.shape or high.shape or low.dtype.kind not in "biuf" or not low < high:
        raise refused_operation(call)
    is_relu = low == 0 and high > 0
    limits = {} if is_relu else {"min_value": float(low)}
    op = Activation("relu" if is_relu else "clip", max_value=float(high), **limits)
    return builder.add(call.name, op, call.value)


def reduction(op: type[Op]) -> Read:
    """Return what reads a sum, mean, maximum or minimum along some axes."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        given, rank = call.argument(1, "axis"), len(call.value.shape)
        axes = [] if given is None else np.ravel(given).tolist()
        if not axes or any(not isinstance(one, int) or one in (0, -1 - rank) for one in axes):
            raise refused_operation(call)
        places = sorted({one % (rank + 1) - 1 for one in axes})
        keepdims = bool(call.argument(2, "keepdims", default=False))
        if len(places) == rank and not keepdims:
            raise refused_operation(call)
        return reduced(builder, call.name, call.value, op, places, keepdims=keepdims)

    return read


def read_softmax(builder: GraphBuilder, call: Call) -> Value:
    """Softmax along an axis."""
    axis, rank = call.argument(1, "axis", default=-1), len(call.value.shape)
    axis = -1 if axis is None else axis
    if not isinstance(axis, int) or not -rank <= axis <= rank or axis == 0:
        raise refused_operation(call)
    return along_last(builder, call.name, call.value, axis % (rank + 1) - 1, Activation("softmax"))


def read_leaky_relu(builder: GraphBuilder, call: Call) -> Value:
    """A leaky relu, by default of slope 0.2."""
    slope = float(call.argument(1, "alpha", "negative_slope", default=0.2))
    return builder.add(call.name, Activation("leaky_relu", slope=slope), call.value)


def check_defaults(call: Call) -> None:
    """Check that an operation of Keras 3 is made with the numbers that its function has alone.

    Raises:
        UnsupportedLayerError: for another axis, threshold or the like: it would be another function.
    """
    if any(call.config.get(name) not in (None, default) for name, default in _DEFAULTS.items()):
        raise refused_operation(call)


def with_alpha(name: str) -> Read:
    """Return what reads a function with a slope, 1 where none is given."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        slope = float(call.argument(1, "alpha", default=1.0))
        return builder.add(call.name, Activation(name, slope=slope), call.value)

    return read


def read_gelu(builder: GraphBuilder, call: Call) -> Value:
    """Either form; Keras 3 takes the one with a tanh where none is given, TensorFlow the other."""
    is_approximate = call.argument(1, "approximate", default=call.layer.generation == 3)
    return builder.add(call.name, Activation("gelu_tanh" if is_approximate else "gelu"), call.value)


def function(name: str, **options: float) -> Read:
    """Return what reads a function of each value; with another argument, such as the `beta` of silu, it is another
    one."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        check_defaults(call)
        others = [value for key, value in call.kwargs.items() if key != "name" and not isinstance(value, Value)]
        if any(value is not None for value in (*call.args[1:], *others)):
            raise refused_operation(call)
        return builder.add(call.name, Activation(name, **options), call.value)

    return read
