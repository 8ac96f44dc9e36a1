"""Affine: a factor and an offset per value: batch normalisation, standardisation, a scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import ConstantTypes, aligned_codes, frozen_array
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes, product_range


@checked
@dataclass(frozen=True, eq=False)
class Affine(Op):
    """``x * factor + offset``.

    Args:
        factor, offset: of shapes that broadcast against that of an event's values: (n,) for each along the last axis.
        types: of the constants in a design; None: known in floating point only.

    Raises:
        PrecisionError: for NaN or inf.
    """

    factor: np.ndarray
    offset: np.ndarray
    types: ConstantTypes | None = None

    def __post_init__(self) -> None:
        for name in ("factor", "offset"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), name))

    def shape(self, *shapes: Shape) -> Shape:
        """That of the input."""
        for name in ("factor", "offset"):
            given = getattr(self, name).shape
            try:
                fits = np.broadcast_shapes(shapes[0], given) == shapes[0]
            except ValueError:
                fits = False
            if not fits:
                raise UnsupportedLayerError(
                    f"expected values for which a {name} of shape {given} fits. Received: {shapes[0]}"
                )
        return shapes[0]

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return ``x * factor + offset``."""
        return values[0] * self.factor + self.offset

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedAffine":
        """Return hls4ml's batch normalisation: an exact product and sum, and one cast."""
        if self.types is None:
            raise PrecisionError(
                "expected fixed-point types. Received: none; call quantize_network(network, x, ...) first"
            )
        return FixedAffine.of(self, inputs[0].type, output)


@dataclass(frozen=True, eq=False)
class FixedAffine(FixedOp):
    """Affine bound to the type of its input; `factor` and `offset` are codes, the sum has step ``2**-fraction``."""

    input: FixedPoint
    factor: np.ndarray
    offset: np.ndarray
    fraction: int
    output: FixedPoint

    @classmethod
    def of(cls, op: Affine, source: FixedPoint, output: FixedPoint | None) -> "FixedAffine":
        """Work out the types."""
        factor, factor_fraction = aligned_codes(op.types.weight, op.factor)
        offset, offset_fraction = aligned_codes(op.types.bias, op.offset)
        held = CodeRange(int(factor.min()), int(factor.max()), factor_fraction)
        products = product_range(CodeRange.of(source), held)
        fraction = max(products.fraction, offset_fraction)
        products, shift = products.at(fraction), fraction - offset_fraction
        low, high = int(offset.min()) << shift, int(offset.max()) << shift
        sums = CodeRange(products.low + low, products.high + high, fraction)
        check_codes(sums)
        factor = factor << (fraction - int(np.max(source.fraction)) - factor_fraction)
        return cls(source, factor, offset << shift, fraction, output or sums.type)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) codes."""
        return self.output.requantize(aligned(codes[0], self.input) * self.factor + self.offset, self.fraction)
