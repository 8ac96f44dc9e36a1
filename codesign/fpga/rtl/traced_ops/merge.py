"""Two or more values, element by element, and the dot product."""

from functools import reduce
from types import MappingProxyType

import numpy as np

from codesign.fpga.rtl.adder_values import balanced, larger, smaller
from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, check_bits, each
from codesign.network.ops import Add, Maximum, Minimum, Multiply, Subtract

_COMBINE = MappingProxyType(
    {
        Add: lambda *values: balanced(lambda a, b: a + b, values),
        Subtract: lambda first, second: first - second,
        Multiply: lambda *values: reduce(lambda a, b: a * b, values),
        Maximum: lambda *values: balanced(larger, values),
        Minimum: lambda *values: balanced(smaller, values),
    }
)


def trace_merge(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedMerge` gives of each op of two or more values."""
    combined = each(_COMBINE[type(node.op)], *_in_steps(node, values))
    return cast(combined, node.fixed.fraction, node.fixed.output)


def trace_dot(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return the sum of products, (1,)."""
    first, second = _in_steps(node, values)
    products = first * second
    check_bits(products)
    total = np.array([balanced(lambda a, b: a + b, products)], dtype=object)
    return cast(total, node.fixed.fraction, node.fixed.output)


def _in_steps(node: TracedNode, values: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    return [aligned(*one) for one in zip(values, node.fixed.inputs, node.fixed.steps)]
