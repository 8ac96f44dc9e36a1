"""SegmentSum: sums of some of the values each, as tables are added to scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array, frozen_places
from codesign.network.ops.keys import check_places
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.codes import shifted
from codesign.network.types.exact_type import binary_digits
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, joined_types


@checked
@dataclass(frozen=True, eq=False)
class SegmentSum(Op):
    """``offset[s] + sum of the x[i] with segments[i] == s``, as ``keras.ops.segment_sum`` along an event's axis.

    Args:
        segments: (n_terms,) the sum that each value goes into.
        offset: (n_segments,) a constant of each sum.
        type: of the offsets in a design, of all, or of each; None: one that holds them exactly.

    Raises:
        UnsupportedLayerError: for a segment that has no offset.
        PrecisionError: for NaN or inf.

    Example:
        >>> from codesign.network.ops import SegmentSum
        >>> import numpy as np
        >>> SegmentSum([0, 1, 0], [0.5, 0.0]).evaluate(np.array([[1.0, 2.0, 3.0]])).tolist()
        [[4.5, 2.0]]
    """

    segments: np.ndarray
    offset: np.ndarray
    type: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", frozen_places(self.segments, "segments"))
        object.__setattr__(self, "offset", frozen_array(self.offset, "offset"))
        if self.offset.ndim != 1 or not self.offset.size:
            raise UnsupportedLayerError(
                f"offset: expected shape (n_segments,). Received: {self.offset.shape}; give 0 where there is none"
            )
        check_places(self.segments, self.offset.size, "segments")

    def shape(self, *shapes: Shape) -> Shape:
        """(n_terms,) to (n_segments,)."""
        if shapes[0] != self.segments.shape:
            raise UnsupportedLayerError(f"expected {self.segments.size} values to add, (n,). Received: {shapes[0]}")
        return self.offset.shape

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the sums."""
        return self.add_up(values[0]) + self.offset

    def add_up(self, values: np.ndarray) -> np.ndarray:
        """Return the sums without the offsets, (n_events, n_segments), in the values' own arithmetic."""
        sums = [values[:, self.segments == segment].sum(1) for segment in range(self.offset.size)]
        return np.stack(sums, 1)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedSegmentSum":
        """Return the exact sums and their cast."""
        return FixedSegmentSum.of(self, inputs[0], output)


@dataclass(frozen=True, eq=False)
class FixedSegmentSum(FixedOp):
    """SegmentSum bound to the type of what it takes; the sums have step ``2**-fraction``.

    Args:
        op: the sums.
        input: type of the terms.
        offset: (n_segments,) int64, in the step of the sums.
        fraction: of the sums.
        output: type of the result.
    """

    op: SegmentSum
    input: FixedPoint
    offset: np.ndarray
    fraction: int
    output: FixedPoint

    @classmethod
    def of(cls, op: SegmentSum, source: Tensor, output: FixedPoint | None) -> "FixedSegmentSum":
        """Work out the types: of each sum the narrowest."""
        offset = op.offset if op.type is None else op.type.quantize(op.offset)
        fraction = max(int(np.max(source.type.fraction)), binary_digits(offset))
        scaled = np.ldexp(offset, fraction)
        if not np.all(np.abs(scaled) < 2.0**62):
            raise PrecisionError(
                "offset: expected values that 62 bits hold exactly with what they are added to. Received: "
                f"{offset.min():g} to {offset.max():g}; round them to a step, or call quantize_network(network, x, ...)"
            )
        codes = scaled.astype(np.int64)
        exact = joined_types([one.type for one in _sum_ranges(op, source, codes.tolist(), fraction)])
        return cls(op, source.type, codes, fraction, output or exact)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, n_terms) codes."""
        sums = self.op.add_up(aligned(codes[0], self.input, self.fraction)) + self.offset
        return self.output.requantize(sums, self.fraction)


def _sum_ranges(op: SegmentSum, source: Tensor, offset: Sequence[int], fraction: int) -> list[CodeRange]:
    """The range of each sum, in Python integers, which do not overflow."""
    shift = fraction - np.broadcast_to(source.type.fraction, source.shape)
    limits = []
    for name in ("code_low", "code_high"):
        own = np.broadcast_to(np.asarray(getattr(source.type, name)).astype(object), source.shape)
        limits.append(shifted(own, shift))
    return [
        CodeRange(*(start + sum(limit[op.segments == segment].tolist()) for limit in limits), fraction)
        for segment, start in enumerate(offset)
    ]
