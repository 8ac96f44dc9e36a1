"""MatMul: the product of two values, as attention needs it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.merge import FixedMerge, same_rank
from codesign.network.ops.op import Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint


@checked
@dataclass(frozen=True)
class MatMul(Op):
    """``a @ b`` of two values, (..., n, k) and (..., k, m), with axes in front that broadcast.

    Example:
        >>> import numpy as np
        >>> from codesign.network.ops import MatMul
        >>> MatMul().evaluate(np.ones((1, 2, 3)), np.ones((1, 3, 1))).tolist()
        [[[3.0], [3.0]]]
    """

    arity = 2

    def shape(self, *shapes: Shape) -> Shape:
        """(..., n, m)."""
        first, second = shapes
        if min(len(first), len(second)) < 2 or first[-1] != second[-2]:
            raise UnsupportedLayerError(f"expected values of (..., n, k) and (..., k, m). Received: {first}, {second}")
        try:
            front = np.broadcast_shapes(first[:-2], second[:-2])
        except ValueError:
            raise UnsupportedLayerError(f"expected axes in front that broadcast. Received: {first}, {second}") from None
        return (*front, first[-2], second[-1])

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the product."""
        first, second = same_rank(values)
        return np.matmul(first, second)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact sums of products and their cast."""
        return FixedMerge.product(self.evaluate, inputs, output, terms=inputs[0].shape[-1])
