"""One dense layer in integers: its types with nothing left open, its constants as codes, its arithmetic.

The order of operations is that of hls4ml's nnet_dense_latency.h and nnet_activation.h: every product is cast to the
accumulator's type, the accumulator starts at the bias and overflows after each addition, the sum is cast to the
result's type, the activation to the output's.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.fixed_point import MAX_WIDTH, FixedPoint, round_shift
from codesign.network.layer import DenseLayer
from codesign.network.tables import activation_table, table_indices

_FLOAT64_EXACT = 2**53
_FLOAT32_EXACT = 2**24


@dataclass(frozen=True, eq=False)
class FixedLayer:
    """A layer bound to the type of its input.

    Args:
        layer: the layer, with precision.
        input: type of its input.

    Raises:
        PrecisionError: if the layer has no precision, or sums need more than 62 bits.
    """

    layer: DenseLayer
    input: FixedPoint

    def __post_init__(self) -> None:
        if self.layer.precision is None:
            raise PrecisionError(
                f"layer '{self.layer.name}': expected fixed-point types. Received: none; call quantize_network(network, x, ...) first"
            )
        if max(self._sum_bound, self._product_bound).bit_length() > MAX_WIDTH:
            raise PrecisionError(
                f"layer '{self.layer.name}': expected sums within {MAX_WIDTH} bits; narrow its types or its input's, or standardise the features"
            )

    @cached_property
    def kernel(self) -> tuple[np.ndarray, int]:
        """The kernel's int64 codes and their common fraction."""
        return _aligned_codes(self.layer.precision.weight, self.layer.kernel)

    @cached_property
    def accum(self) -> FixedPoint:
        """The accumulator's type: as given, or the narrowest in which no sum can overflow or lose a bit."""
        given = self.layer.precision.accum
        if given is not None:
            return given.envelope
        bias_codes, bias_fraction = _aligned_codes(self.layer.precision.bias, self.layer.bias)
        fraction = max(self.product_fraction, bias_fraction)
        bound = _shifted(self._raw_bounds, fraction - self.product_fraction)
        bound = max(bound + np.abs(_shifted(bias_codes.astype(object), fraction - bias_fraction)))
        width = min(int(bound).bit_length() + 1, MAX_WIDTH + 1)
        if width > MAX_WIDTH:
            raise PrecisionError(
                f"layer '{self.layer.name}': expected sums within {MAX_WIDTH} bits; narrow its types or its input's, or standardise the features"
            )
        return FixedPoint(width, width - fraction)

    @cached_property
    def bias(self) -> np.ndarray:
        """The bias as int64 codes of the accumulator."""
        return self.accum.requantize(*_aligned_codes(self.layer.precision.bias, self.layer.bias))

    @property
    def result(self) -> FixedPoint:
        """Type of the dense layer's output."""
        return self.layer.precision.result or self.accum

    @property
    def output(self) -> FixedPoint:
        """Type behind the activation."""
        return self.layer.precision.output or self.result

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

    def forward(self, codes: np.ndarray) -> np.ndarray:
        """Evaluate int64 input codes of shape (n_events, n_in) to output codes of shape (n_events, n_out)."""
        aligned = _shifted(codes, self._input_fraction - np.asarray(self.input.fraction))
        in_order = self.rounds_products or self.may_saturate
        sums = self._sum_in_order(aligned) if in_order else self._sum_by_matmul(aligned)
        return self._activate(self.result.requantize(sums, self.accum.fraction))

    def _sum_by_matmul(self, aligned: np.ndarray) -> np.ndarray:
        kernel = self.kernel[0]
        bound = int(max(self._raw_bounds, default=0))
        dtype = np.float32 if bound < _FLOAT32_EXACT else np.float64 if bound < _FLOAT64_EXACT else np.int64
        sums = (aligned.astype(dtype) @ kernel.astype(dtype)).astype(np.int64)
        return self.accum.overflowed(_shifted(sums, self.accum.fraction - self.product_fraction) + self.bias)

    def _sum_in_order(self, aligned: np.ndarray) -> np.ndarray:
        sums = np.broadcast_to(self.bias, (len(aligned), self.layer.n_out)).copy()
        for column, weights in zip(aligned.T, self.kernel[0]):
            if weights.any():
                products = self.accum.requantize(np.multiply.outer(column, weights), self.product_fraction)
                sums = self.accum.overflowed(sums + products)
        return sums

    def _activate(self, codes: np.ndarray) -> np.ndarray:
        activation = self.layer.activation
        if activation in ("sigmoid", "tanh"):
            precision = self.layer.precision
            table = activation_table(activation, precision.table, precision.table_size)
            indices = table_indices(codes, self.result.fraction, activation, precision.table_size)
            return self.output.requantize(table[indices], precision.table.fraction)
        if activation == "relu":
            codes = np.maximum(codes, 0)
        return self.output.requantize(codes, self.result.fraction)

    @property
    def _input_fraction(self) -> int:
        return int(np.max(self.input.fraction))

    @cached_property
    def _raw_bounds(self) -> np.ndarray:
        """(n_out,) Python integers: the largest magnitude of the sum of products, in steps of a product."""
        limits = np.maximum(self.input.code_high, -np.asarray(self.input.code_low))
        limits = _shifted(np.asarray(limits, dtype=object), self._input_fraction - np.asarray(self.input.fraction))
        return np.broadcast_to(limits, self.layer.n_in).astype(object) @ np.abs(self.kernel[0]).astype(object)

    @property
    def _sum_bound(self) -> int:
        """The largest magnitude of any partial sum, in steps of the accumulator, rounding included."""
        shift = self.accum.fraction - self.product_fraction
        bounds = _shifted(self._raw_bounds, shift) if shift >= 0 else self._raw_bounds // 2**-shift + self.layer.n_in
        return int(max(bounds + np.abs(self.bias.astype(object))))

    @property
    def _product_bound(self) -> int:
        return int(max(self._raw_bounds))


def _aligned_codes(precision: FixedPoint, values: np.ndarray) -> tuple[np.ndarray, int]:
    fraction = int(np.max(precision.fraction))
    return _shifted(precision.to_codes(values), fraction - np.asarray(precision.fraction)), fraction


def _shifted(codes: np.ndarray, left: int | np.ndarray) -> np.ndarray:
    """Multiply by ``2**left``, exactly; int64 stays int64 and Python integers stay Python integers."""
    if codes.dtype == object:
        return codes * np.vectorize(lambda n: 1 << int(n), otypes=[object])(left)
    return round_shift(codes, -np.asarray(left), "TRN")
