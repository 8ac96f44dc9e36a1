"""Comparisons, choices, the place of a maximum, and products of matrices."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.fpga.rtl.adder_values import balanced, chosen, is_at_least
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits, each
from codesign.network.ops.merge import same_rank
from codesign.network.ops.moves import event_axis

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable


def trace_compare(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return 1 where the relation holds, else 0."""
    first, second = _broadcast(*(aligned(*one) for one in zip(values, node.fixed.inputs, node.fixed.steps)))
    return cast(each(_RELATIONS[node.op.relation], first, second), 0, node.fixed.output)


def trace_select(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return the second value where the first is not 0, else the third."""
    fixed = node.fixed
    pair = (aligned(one, kind, fixed.fraction) for one, kind in zip(values[1:], fixed.inputs[1:]))
    condition, first, second = _broadcast(values[0], *pair)
    found = each(lambda c, a, b: chosen(_not_equal(c, c * 0.0), a, b), condition, first, second)
    return cast(found, fixed.fraction, fixed.output)


def trace_argmax(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return the place of the largest along an axis: of two, that of the second only where it is larger."""
    values = aligned(values, node.inputs[0], node.fixed.steps[0])
    axis = event_axis(node.op.axis, values.shape)
    rows = np.moveaxis(values, axis, -1).reshape(-1, values.shape[axis])
    found = np.empty(len(rows), dtype=object)
    found[:] = [_largest(row) for row in rows]
    return cast(found.reshape(node.op.shape(values.shape)), 0, node.fixed.output)


def _largest(row: np.ndarray) -> "FixedVariable":
    pairs = [(value, value.from_const(float(at), value.hwconf)) for at, value in enumerate(row)]

    def join(one: tuple, other: tuple) -> tuple:
        stays = is_at_least(one[0], other[0])
        return tuple(chosen(stays, *both) for both in zip(one, other))

    while len(pairs) > 1:
        joined = [join(*pair) for pair in zip(pairs[::2], pairs[1::2])]
        pairs = [*joined, *pairs[len(pairs) - len(pairs) % 2 :]]
    return pairs[0][1]


def trace_matmul(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return sums of products."""
    first, second = (aligned(*one) for one in zip(values, node.fixed.inputs, node.fixed.steps))
    first, second = (one[0] for one in same_rank([first[np.newaxis], second[np.newaxis]]))
    shape = node.op.shape(first.shape, second.shape)
    first, second = (np.broadcast_to(one, (*shape[:-2], *one.shape[-2:])) for one in (first, second))
    found = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        products = first[(*at[:-2], at[-2])] * second[(*at[:-2], slice(None), at[-1])]
        check_bits(products)
        found[at] = balanced(lambda a, b: a + b, products)
    return cast(found, node.fixed.fraction, node.fixed.output)


def _broadcast(*values: np.ndarray) -> list[np.ndarray]:
    return np.broadcast_arrays(*(one[0] for one in same_rank([value[np.newaxis] for value in values])))


def _not(bit: "FixedVariable") -> "FixedVariable":
    return -bit + 1.0


def _equal(first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    """Of two comparisons that are both 1."""
    return is_at_least(first, second) + is_at_least(second, first) - 1.0


def _not_equal(first: "FixedVariable", second: "FixedVariable") -> "FixedVariable":
    return _not(_equal(first, second))


_RELATIONS = {
    "less": lambda a, b: _not(is_at_least(a, b)),
    "less_equal": lambda a, b: is_at_least(b, a),
    "greater": lambda a, b: _not(is_at_least(b, a)),
    "greater_equal": is_at_least,
    "equal": _equal,
    "not_equal": _not_equal,
}
