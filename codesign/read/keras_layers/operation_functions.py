"""Functions and comparisons between layers: ``tf.exp(x)``, ``x / y``, ``tf.where(x > 0, x, y)``, ``x @ y``."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation, ArgMax, Compare, MatMul, Max, Min, Multiply, Op, Select
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.operation_arithmetic import Read, check_defaults, constant_of, elementwise, line_of
from codesign.read.keras_layers.refusals import refused_operation
from codesign.read.parts.axes import constant, divided, gathered, moved_axis, permuted, reduced
from codesign.read.parts.functions import compared
from codesign.read.parts.norms import unit_length

_TINY = 1e-12  # of TensorFlow's l2_normalize, below which it does not divide


def composed(make: Callable[[GraphBuilder, str, Value], Value]) -> Read:
    """Return what reads a function of one value that is made of several nodes."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        check_defaults(call)
        return make(builder, call.name, call.value)

    return read


def read_divide(builder: GraphBuilder, call: Call) -> Value:
    """``x / y``, of two values or of one and a constant."""
    pair = [call.argument(0, "x", "x1"), call.argument(1, "y", "x2")]
    if all(isinstance(one, Value) for one in pair):
        return divided(builder, call.name, *pair)
    if isinstance(pair[0], Value):
        divisor = constant_of(call, pair[1])
        if (divisor == 0).any():
            raise refused_operation(call)
        return builder.add(call.name, line_of(1 / divisor, 0.0), call.value)
    inverse = builder.add(call.name, Activation("reciprocal"), call.value, name=f"{call.name}_inverse")
    return builder.add(call.name, line_of(constant_of(call, pair[0]), 0.0), inverse)


def read_power(builder: GraphBuilder, call: Call) -> Value:
    """``x ** c``."""
    exponent = call.argument(1, "y", "x2", default=2)
    if len(call.values) != 1 or isinstance(exponent, Value) or np.size(exponent) != 1:
        raise refused_operation(call)
    exponent = float(np.ravel(exponent)[0])
    if exponent == 2:
        return builder.add(call.name, Multiply(), call.value, call.value)
    functions = {0.5: "sqrt", -1.0: "reciprocal", -0.5: "rsqrt"}
    op = Activation(functions[exponent]) if exponent in functions else Activation("power", slope=exponent)
    return builder.add(call.name, op, call.value)


def limited(*, is_lower: bool) -> Callable[[np.ndarray, bool], Activation | None]:
    """Return what makes an op of ``max(x, c)`` or ``min(x, c)``; None where c is no one number."""

    def make(number: np.ndarray, is_first: bool) -> Activation | None:
        if np.size(number) > 1 and np.ptp(number) > 0:
            return None
        limit = float(np.ravel(number)[0])
        if is_lower and limit == 0:
            return Activation("relu")
        return Activation("clip", min_value=limit) if is_lower else Activation("clip", max_value=limit)

    return make


def read_limit(op: type[Op], *, is_lower: bool) -> Read:
    """Return what reads a maximum or a minimum of two values, or of one and a number, or one number for each value."""
    plain = elementwise(op, limited(is_lower=is_lower))

    def read(builder: GraphBuilder, call: Call) -> Value:
        given = [
            one for one in (call.argument(0, "x", "x1"), call.argument(1, "y", "x2")) if not isinstance(one, Value)
        ]
        numbers = constant_of(call, given[0]) if len(given) == 1 and len(call.values) == 1 else np.zeros(1)
        if np.ptp(numbers) == 0:
            return plain(builder, call)
        return builder.add(call.name, op(), call.value, constant(builder, call.name, numbers, call.value))

    return read


def read_comparison(relation: str) -> Read:
    """Return what reads a comparison of two values, or of one and a number."""
    mirrored = {"less": "greater", "less_equal": "greater_equal", "greater": "less", "greater_equal": "less_equal"}

    def read(builder: GraphBuilder, call: Call) -> Value:
        pair = [call.argument(0, "x", "x1"), call.argument(1, "y", "x2")]
        if all(isinstance(one, Value) for one in pair):
            return builder.add(call.name, Compare(relation), *pair)
        is_first = not isinstance(pair[0], Value)
        number = np.ravel(constant_of(call, pair[1 - is_first]))
        if np.ptp(number) > 0:
            raise refused_operation(call)
        word = mirrored.get(relation, relation) if is_first else relation
        return compared(builder, call.name, call.value, word, float(number[0]))

    return read


def read_where(builder: GraphBuilder, call: Call) -> Value:
    """``where(condition, x, y)``."""
    given = [call.argument(0, "condition"), call.argument(1, "x", "x1"), call.argument(2, "y", "x2")]
    like = next(one for one in given if isinstance(one, Value))
    values = [one if isinstance(one, Value) else _as_value(builder, call, one, like) for one in given]
    return builder.add(call.name, Select(), *values)


def _as_value(builder: GraphBuilder, call: Call, given: object, like: Value) -> Value:
    try:
        array = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise refused_operation(call) from None
    array = array.reshape(array.shape[1:]) if array.ndim > len(like.shape) and len(array) == 1 else array
    return constant(builder, call.name, array.reshape(array.shape or (1,)), like)


def read_not(builder: GraphBuilder, call: Call) -> Value:
    """1 less a bit."""
    shape = call.value.shape if len(call.value.shape) == 1 else ()
    return builder.add(call.name, line_of(np.full(shape, -1.0), 1.0), call.value)


def any_or_all(op: type[Max] | type[Min]) -> Read:
    """Return what reads whether any bit, or each, is 1 along an axis."""

    def read(builder: GraphBuilder, call: Call) -> Value:
        axes = axes_of(call)
        bits = compared(builder, f"{call.name}_bits", call.value, "not_equal", 0.0)
        keepdims = bool(call.argument(2, "keepdims", default=False))
        return reduced(builder, call.name, bits, op, axes, keepdims=keepdims)

    return read


def axes_of(call: Call, default: object = None) -> list[int]:
    """The axes of a reduction, 0 the first of an event.

    Raises:
        UnsupportedLayerError: for all, or that of the events.
    """
    given = call.argument(1, "axis", default=default)
    axes, rank = ([] if given is None else np.ravel(given).tolist()), len(call.value.shape)
    if not axes or any(not isinstance(one, int) or one in (0, -1 - rank) for one in axes):
        raise refused_operation(call)
    return [one % (rank + 1) - 1 for one in axes]


def read_matmul(builder: GraphBuilder, call: Call) -> Value:
    """``a @ b`` of two values."""
    flags = [call.argument(index, name, default=False) for index, name in ((2, "transpose_a"), (3, "transpose_b"))]
    values = [call.argument(0, "a", "x1"), call.argument(1, "b", "x2")]
    if not all(isinstance(one, Value) and len(one.shape) > 1 for one in values):
        raise refused_operation(call)
    turned = []
    for index, (value, flag) in enumerate(zip(values, flags)):
        rank = len(value.shape)
        order = [*range(rank - 2), rank - 1, rank - 2] if flag else list(range(rank))
        turned.append(permuted(builder, call.name, value, order, name=f"{call.name}_turned_{index}"))
    return builder.add(call.name, MatMul(), *turned)


def read_argmax(builder: GraphBuilder, call: Call) -> Value:
    """The place of the largest."""
    (axis,) = axes_of(call)
    return builder.add(call.name, ArgMax(axis + 1, bool(call.argument(2, "keepdims", default=False))), call.value)


def read_l2_normalize(builder: GraphBuilder, call: Call) -> Value:
    """``x / |x|``."""
    return unit_length(builder, call.name, call.value, axes_of(call, -1), smallest=_TINY**0.5)


def read_flip(builder: GraphBuilder, call: Call) -> Value:
    """The other way round along some axes."""
    places = {axis: np.arange(call.value.shape[axis])[::-1] for axis in axes_of(call)}
    return gathered(builder, call.name, call.value, places)


def read_repeat(builder: GraphBuilder, call: Call) -> Value:
    """Each place several times."""
    times, axis = call.argument(1, "repeats"), call.argument(2, "axis")
    rank = len(call.value.shape)
    if not isinstance(times, int) or not isinstance(axis, int) or axis in (0, -1 - rank):
        raise refused_operation(call)
    axis = axis % (rank + 1) - 1
    return gathered(builder, call.name, call.value, {axis: np.repeat(np.arange(call.value.shape[axis]), times)})


def read_tile(builder: GraphBuilder, call: Call) -> Value:
    """The value several times along each axis."""
    times = np.ravel(call.argument(1, "multiples", "repeats")).tolist()
    if len(times) != len(call.value.shape) + 1 or times[0] != 1 or not all(isinstance(one, int) for one in times):
        raise refused_operation(call)
    places = {axis: np.tile(np.arange(call.value.shape[axis]), n) for axis, n in enumerate(times[1:]) if n != 1}
    return gathered(builder, call.name, call.value, places) if places else call.value


def read_swap(builder: GraphBuilder, call: Call) -> Value:
    """Two axes exchanged, or one moved."""
    rank = len(call.value.shape)
    first, second = (
        call.argument(index, *names) for index, names in ((1, ("axis1", "source")), (2, ("axis2", "destination")))
    )
    places = [int(np.ravel(one)[0]) % (rank + 1) - 1 for one in (first, second)]
    if min(places) < 0:
        raise refused_operation(call)
    if call.kind.lower() == "moveaxis":
        return moved_axis(builder, call.name, call.value, *places)
    order = list(range(rank))
    order[places[0]], order[places[1]] = order[places[1]], order[places[0]]
    return permuted(builder, call.name, call.value, order)
