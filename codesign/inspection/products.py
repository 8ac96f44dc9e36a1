"""The products of an op, for one event, and the bits of their factors."""

from collections.abc import Sequence
from math import prod

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Affine, Dense, Dot, MatMul, Multiply, Op, Shape


def count_products(op: Op, taken: Sequence[Shape], given: Shape) -> int:
    """Return the products of two values, or of a value and a constant that is not 0."""
    if isinstance(op, Dense):
        return int(np.count_nonzero(op.kernel)) * prod(given[:-1])
    if isinstance(op, Affine):
        return int(np.count_nonzero(np.broadcast_to(op.factor, given)))
    if isinstance(op, MatMul):
        return prod(given) * taken[0][-1]
    return sum(prod(given) for _ in taken[1:]) if isinstance(op, Multiply) else prod(taken[0]) * isinstance(op, Dot)


def bit_operations(op: Op, taken: Sequence[Shape], types: Sequence[FixedPoint | None], given: Shape) -> int | None:
    """Return the sum over the products of the bits of one factor times those of the other.

    Args:
        op: any.
        taken: shapes of what it takes.
        types: of what it takes; None: floating point.
        given: shape of what it gives.

    Returns:
        0 of an op without products; None where a type is missing.
    """
    if not count_products(op, taken, given):
        return 0
    constants = getattr(op, "types", None)
    if None in types or (isinstance(op, Dense | Affine) and constants is None):
        return None
    bits = [np.broadcast_to(kind.width, shape).astype(np.int64) for kind, shape in zip(types, taken)]
    if isinstance(op, Dense):
        of_weights = np.broadcast_to(constants.weight.width, op.kernel.shape) * (op.kernel != 0)
        return int((bits[0].reshape(-1, len(op.kernel)) @ of_weights).sum())
    if isinstance(op, Affine):
        of_factors = np.broadcast_to(constants.weight.width, op.factor.shape) * (op.factor != 0)
        return int((bits[0] * of_factors).sum())
    if isinstance(op, MatMul):
        return int(np.matmul(*bits).sum())
    first, *others = (np.broadcast_to(one, given) if isinstance(op, Multiply) else one for one in bits)
    total = 0
    for other in others:
        total, first = total + int((first * other).sum()), first + other
    return total
