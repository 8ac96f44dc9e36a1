"""Softmax in integers, as hls4ml's stable implementation works it out.

A table of exponentials, their sum, a table of inverses. Source: hls4ml 1.3,
templates/vivado/nnet_utils/nnet_activation.h, `softmax_stable`. Tables are addressed by the highest bits of a number;
the C++ evaluates their functions in single precision.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.ops.op import FixedOp, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, product_range


@dataclass(frozen=True, eq=False)
class FixedSoftmax(FixedOp):
    """``exp(x_i - max x) / sum_j exp(x_j - max x)`` along the last axis.

    Args:
        input: type of what it takes.
        n: values along the axis.
        given: type of the tables' entries; they, the sum and the address of the inverse round half up and saturate.
        table_size: number of entries, a power of two; of fewer where the input has fewer codes.
        result: type of the output; None: that of a product of two entries.

    Raises:
        PrecisionError: if the sum does not fit into the entries' type, or a table is too coarse for it.
    """

    input: FixedPoint
    n: int
    given: FixedPoint
    table_size: int
    result: FixedPoint | None

    @classmethod
    def of(cls, table: FixedPoint, table_size: int, source: Tensor, output: FixedPoint | None) -> "FixedSoftmax":
        """Return one for values of a shape and type."""
        return cls(source.type, source.shape[-1], replace(table, rounding="RND", overflow="SAT"), table_size, output)

    def __post_init__(self) -> None:
        if self.n > self.given.high:
            raise PrecisionError(
                f"expected a table whose type holds {self.n}. Received: {self.given}; give it more integer bits"
            )
        if self._address(np.array([1 << int(self.given.fraction)]), self.given.width, self.inverse_bits)[0] < 1:
            raise PrecisionError(
                f"expected a table in which 1 is not the first entry. Received: {self.table_size}; give it more"
            )

    @property
    def output(self) -> FixedPoint:
        """Type of the result."""
        entries = CodeRange(0, int(self.given.code_high), int(self.given.fraction))
        return self.result or product_range(entries, entries).type

    @cached_property
    def difference(self) -> FixedPoint:
        """Type of ``max x - x_i``: hls4ml drops the sign's bit, so that differences beyond half the range wrap."""
        whole = self.input.envelope
        signed = int(whole.signed)
        return FixedPoint(whole.width - signed, whole.integer - signed, signed=False)

    @property
    def inverse_bits(self) -> int:
        """Bits that address the table of inverses."""
        return (min(self.table_size, 1 << min(self.input.envelope.width, self.given.width)) - 1).bit_length()

    @property
    def exponential_bits(self) -> int:
        """Bits that address the table of exponentials."""
        return min(self.inverse_bits, self.difference.width)

    @cached_property
    def exponentials(self) -> np.ndarray:
        """int64 codes of ``exp(-d)``."""
        kept = np.arange(1 << self.exponential_bits) << (self.difference.width - self.exponential_bits)
        differences = (kept * 2.0 ** -int(self.difference.fraction)).astype(np.float32)
        return self.given.to_codes(np.exp(-differences.astype(np.float64)).astype(np.float32))

    @cached_property
    def inverses(self) -> np.ndarray:
        """int64 codes of ``1 / s``; the first entry, of 0, and those of negative sums are never looked up."""
        kept = np.arange(1, 1 << self.inverse_bits) << (self.given.width - self.inverse_bits)
        sums = (kept * 2.0 ** -int(self.given.fraction)).astype(np.float32)
        return np.concatenate([[0], self.given.to_codes(np.float32(1) / sums)])

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, ..., n) codes."""
        values = aligned(codes[0], self.input)
        differences = self.difference.overflowed(values.max(-1, keepdims=True) - values)
        entries = self.exponentials[self._address(differences, self.difference.width, self.exponential_bits)]
        sums = entries.sum(-1, keepdims=True)
        inverses = self.inverses[self._address(sums, self.given.width, self.inverse_bits)]
        return self.output.requantize(entries * inverses, 2 * int(self.given.fraction))

    @staticmethod
    def _address(codes: np.ndarray, width: int, bits: int) -> np.ndarray:
        """The highest bits of codes."""
        return codes >> (width - bits)
