"""Dense: a kernel and a bias along the last axis.

Over several positions, the same at each (a shared or time-distributed layer). The order of operations is that of
hls4ml's nnet_dense_latency.h: every product is cast to the accumulator's type, the accumulator starts at the bias and
overflows after each addition, the sum is cast to the result's type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import ConstantTypes, aligned_codes, frozen_array
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.codes import MAX_WIDTH, shifted
from codesign.network.types.fixed_point import FixedPoint

_FLOAT64_EXACT = 2**53
_FLOAT32_EXACT = 2**24
_TOO_WIDE = f"expected sums within {MAX_WIDTH} bits; narrow its types or its input's, or standardise the features"


@checked
@dataclass(frozen=True, eq=False)
class Dense(Op):
    """``x @ kernel + bias`` along the last axis.

    Args:
        kernel: (n_in, n_out) float64.
        bias: (n_out,) float64.
        types: of the constants in a design; None: known in floating point only.

    Raises:
        PrecisionError: for NaN or inf in the weights.
        UnsupportedLayerError: for shapes that do not fit.
    """

    kernel: np.ndarray
    bias: np.ndarray
    types: ConstantTypes | None = None

    def __post_init__(self) -> None:
        for name in ("kernel", "bias"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), name))
        if self.kernel.ndim != 2 or 0 in self.kernel.shape or self.bias.shape != self.kernel.shape[1:]:
            raise UnsupportedLayerError(
                f"dense: expected kernel (n_in, n_out) and bias (n_out,). Received: {self.kernel.shape}, "
                f"{self.bias.shape}"
            )

    def shape(self, *shapes: Shape) -> Shape:
        """(..., n_in) to (..., n_out)."""
        (shape,), n_in = shapes, self.kernel.shape[0]
        if not shape or shape[-1] != n_in:
            raise UnsupportedLayerError(f"expected {n_in} inputs. Received: {shape[-1] if len(shape) == 1 else shape}")
        return (*shape[:-1], self.kernel.shape[1])

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return ``x @ kernel + bias``."""
        return values[0] @ self.kernel + self.bias

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedDense":
        """Return the sums in integers."""
        return FixedDense(self, inputs[0], output)


@dataclass(frozen=True, eq=False)
class FixedDense(FixedOp):
    """Dense bound to the type of its input.

    Args:
        op: with types.
        input: shape and type of what it takes.
        result: type that the sums are cast to; None: the accumulator's.

    Raises:
        PrecisionError: if the op has no types, or sums need more than 62 bits.
    """

    op: Dense
    input: Tensor
    result: FixedPoint | None

    def __post_init__(self) -> None:
        if self.op.types is None:
            raise PrecisionError(
                "expected fixed-point types. Received: none; call quantize_network(network, x, ...) first"
            )
        if max(self._sum_bound, self._product_bound).bit_length() > MAX_WIDTH:
            raise PrecisionError(_TOO_WIDE)

    @cached_property
    def kernel(self) -> tuple[np.ndarray, int]:
        """The kernel's int64 codes and their common fraction."""
        return aligned_codes(self.op.types.weight, self.op.kernel)

    @cached_property
    def accum(self) -> FixedPoint:
        """The accumulator's type: as given, or the narrowest in which no sum can overflow or lose a bit."""
        if self.op.types.accum is not None:
            return self.op.types.accum.envelope
        bias_codes, bias_fraction = aligned_codes(self.op.types.bias, self.op.bias)
        fraction = max(self.product_fraction, bias_fraction)
        bound = shifted(self._raw_bounds, fraction - self.product_fraction)
        bound = max(bound + np.abs(shifted(bias_codes.astype(object), fraction - bias_fraction)))
        width = min(int(bound).bit_length() + 1, MAX_WIDTH + 1)
        if width > MAX_WIDTH:
            raise PrecisionError(_TOO_WIDE)
        return FixedPoint(width, width - fraction)

    @cached_property
    def bias(self) -> np.ndarray:
        """The bias as int64 codes of the accumulator."""
        return self.accum.requantize(*aligned_codes(self.op.types.bias, self.op.bias))

    @property
    def output(self) -> FixedPoint:
        """Type of the result."""
        return self.result or self.accum

    @property
    def product_fraction(self) -> int:
        """Fraction bits of a product before it is cast to the accumulator's type."""
        return self._input_fraction + self.kernel[1]

    @cached_property
    def rounds_products(self) -> bool:
        """Whether products lose bits on their way into the accumulator."""
        return self.accum.fraction < self.product_fraction

    @cached_property
    def may_saturate(self) -> bool:
        """Whether a saturating accumulator can reach its limits, so that the order of the additions matters."""
        limit = min(self.accum.code_high, -self.accum.code_low) if self.accum.signed else self.accum.code_high
        return self.accum.overflow != "WRAP" and (self._sum_bound > limit or not self.accum.signed)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, ..., n_in) codes to (n_events, ..., n_out) codes of the result."""
        values = shifted(codes[0], self._input_fraction - np.asarray(self.input.type.fraction))
        rows = values if values.ndim == 2 else values.reshape(-1, values.shape[-1])
        in_order = self.rounds_products or self.may_saturate
        sums = self._sum_in_order(rows) if in_order else self._sum_by_matmul(rows)
        sums = sums if values.ndim == 2 else sums.reshape(*values.shape[:-1], sums.shape[-1])
        return self.output.requantize(sums, self.accum.fraction)

    def _sum_by_matmul(self, aligned: np.ndarray) -> np.ndarray:
        kernel = self.kernel[0]
        bound = int(max(self._raw_bounds, default=0))
        dtype = np.float32 if bound < _FLOAT32_EXACT else np.float64 if bound < _FLOAT64_EXACT else np.int64
        sums = (aligned.astype(dtype) @ kernel.astype(dtype)).astype(np.int64)
        return self.accum.overflowed(shifted(sums, self.accum.fraction - self.product_fraction) + self.bias)

    def _sum_in_order(self, aligned: np.ndarray) -> np.ndarray:
        sums = np.broadcast_to(self.bias, (len(aligned), len(self.bias))).copy()
        for column, weights in zip(aligned.T, self.kernel[0]):
            if weights.any():
                products = self.accum.requantize(np.multiply.outer(column, weights), self.product_fraction)
                sums = self.accum.overflowed(sums + products)
        return sums

    @property
    def _input_fraction(self) -> int:
        return int(np.max(self.input.type.fraction))

    @cached_property
    def _raw_bounds(self) -> np.ndarray:
        """(n_out,) Python integers: the largest magnitude of the sum of products, in steps of a product."""
        source, shape = self.input.type, self.input.shape
        limits = np.maximum(source.code_high, -np.asarray(source.code_low))
        limits = shifted(np.asarray(limits, dtype=object), self._input_fraction - np.asarray(source.fraction))
        limits = np.broadcast_to(limits, shape).reshape(-1, shape[-1]).max(0)
        return limits.astype(object) @ np.abs(self.kernel[0]).astype(object)

    @property
    def _sum_bound(self) -> int:
        """The largest magnitude of any partial sum, in steps of the accumulator, rounding included."""
        shift = self.accum.fraction - self.product_fraction
        n_in = len(self.kernel[0])
        bounds = shifted(self._raw_bounds, shift) if shift >= 0 else self._raw_bounds // 2**-shift + n_in
        return int(max(bounds + np.abs(self.bias.astype(object))))

    @property
    def _product_bound(self) -> int:
        return int(max(self._raw_bounds))
