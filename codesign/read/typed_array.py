"""Constants with the type of each, which move together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.network import FixedPoint, constant_type
from codesign.network.ops import Affine, ConstantTypes, Dense


@dataclass(frozen=True, eq=False)
class TypedArray:
    """Constants.

    Args:
        values: float64.
        type: of each, or of all; None: none that holds them exactly.
    """

    values: np.ndarray
    type: FixedPoint | None = None

    def moved(self, move: Callable[[np.ndarray], np.ndarray]) -> "TypedArray":
        """Return them in other places, each with its type; where the move puts zeros, these have no bits."""
        kind = self.type
        if kind is not None and kind.per_element:
            parts = (np.broadcast_to(part, self.values.shape) for part in (kind.width, kind.integer, kind.signed))
            kind = FixedPoint(*(move(part) for part in parts), kind.rounding, kind.overflow)
        return TypedArray(move(self.values), kind)


def dense_of(kernel: TypedArray, bias: TypedArray | None) -> Dense:
    """Return the op of a kernel, (n_in, n_out), and a bias, (n_out,), or none."""
    bias = TypedArray(np.zeros(kernel.values.shape[1])) if bias is None else bias
    return Dense(kernel.values, bias.values, _types(kernel, bias))


def affine_of(factor: TypedArray, offset: TypedArray) -> Affine:
    """Return the op of a factor and an offset."""
    return Affine(factor.values, offset.values, _types(factor, offset))


def _types(first: TypedArray, second: TypedArray) -> ConstantTypes | None:
    return None if first.type is None else ConstantTypes(first.type, second.type or constant_type(second.values))
