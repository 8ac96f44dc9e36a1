"""Quantize: the rounding and saturation that a network was trained with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError
from codesign.network.ops.moves import FixedMove
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint


@checked
@dataclass(frozen=True, eq=False)
class Quantize(Op):
    """Round and saturate to a type: part of the function, whatever types a design has.

    In integers it only casts to the design's own type, which is the trained one unless a design changes it.

    Args:
        type: of all values, or of each.
    """

    type: FixedPoint

    def shape(self, *shapes: Shape) -> Shape:
        """That of the input."""
        bits = np.broadcast_shapes(*map(np.shape, (self.type.width, self.type.integer, self.type.signed)))
        if len(bits) > len(shapes[0]) or any(n not in (1, m) for n, m in zip(bits[::-1], shapes[0][::-1])):
            raise PrecisionError(f"expected one type, or one for each of {shapes[0]} values. Received: {bits}")
        return shapes[0]

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return what a variable of this type holds after ``x = value``."""
        return self.type.quantize(values[0])

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedOp:
        """Return the cast to the design's type, if there is one."""
        return FixedMove.of(lambda codes: codes, inputs, output)
