"""The softmax of a firmware that was read: hls4ml's versions differ in the types between its tables."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array
from codesign.network.ops.firmware import whole_codes
from codesign.network.ops.op import FixedOp, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import aligned

IMPLEMENTATIONS = ("stable", "latency", "legacy", "argmax")


@checked
@dataclass(frozen=True, eq=False)
class FirmwareSoftmax:
    """Tables of exponentials and inverses, and the types between them.

    Args:
        implementation: ``stable``: exponentials of the differences to the largest; ``latency``: of the values;
            ``legacy``: a sum of exponentials of differences for each value; ``argmax``: 1 for the largest.
        exponentials, inverses: (size,) float64, as the firmware's types hold them; each a power of two.
        difference: type of what addresses the exponentials; of ``latency`` that of the input.
        accum: type of the sum.
        address: type of the sum where it addresses the inverses.
        from_largest: whether differences are ``max - x``, and not ``x - max``.
        skips_sign: whether addresses are the bits below the highest, and a number above 0 never addresses entry 0.
    """

    implementation: str
    exponentials: np.ndarray
    inverses: np.ndarray
    difference: FixedPoint
    accum: FixedPoint
    address: FixedPoint
    from_largest: bool = True
    skips_sign: bool = False

    def __post_init__(self) -> None:
        for name in ("exponentials", "inverses"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), name))
            size = getattr(self, name).size
            if self.implementation != "argmax" and (size < 2 or size & (size - 1)):
                raise UnsupportedLayerError(f"{name}: expected a power of two of entries. Received: {size}")
        if self.implementation not in IMPLEMENTATIONS:
            raise UnsupportedLayerError(
                f"implementation: expected {', '.join(IMPLEMENTATIONS)}. Received: {self.implementation}"
            )

    def bind(self, source: Tensor, output: FixedPoint | None) -> "FixedFirmwareSoftmax":
        """Return it for values of a type; without an output's type it is that of the input."""
        return FixedFirmwareSoftmax(self, source.type, output or source.type)


@dataclass(frozen=True, eq=False)
class FixedFirmwareSoftmax(FixedOp):
    """A firmware's softmax along the last axis, bound to the type of its input."""

    softmax: FirmwareSoftmax
    input: FixedPoint
    output: FixedPoint

    def __post_init__(self) -> None:
        rule = self.softmax
        if rule.implementation in ("stable", "latency"):
            for kind, entries in ((rule.difference, rule.exponentials), (rule.address, rule.inverses)):
                if kind.width < (len(entries) - 1).bit_length() + rule.skips_sign:
                    raise PrecisionError(
                        f"expected an address of at least {(len(entries) - 1).bit_length()} bits for a table of "
                        f"{len(entries)}. Received: {kind}"
                    )

    @cached_property
    def _tables(self) -> tuple[tuple[np.ndarray, int], tuple[np.ndarray, int]]:
        return whole_codes(self.softmax.exponentials), whole_codes(self.softmax.inverses)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, ..., n) codes."""
        values = aligned(codes[0], self.input)
        return getattr(self, f"_{self.softmax.implementation}")(values)

    def _stable(self, values: np.ndarray) -> np.ndarray:
        largest = values.max(-1, keepdims=True)
        rule = self.softmax
        differences = largest - values if rule.from_largest else values - largest
        return self._shared(rule.difference.requantize(differences, int(np.max(self.input.fraction))))

    def _latency(self, values: np.ndarray) -> np.ndarray:
        return self._shared(values)

    def _shared(self, address: np.ndarray) -> np.ndarray:
        """Exponentials, their sum, its inverse, and products."""
        rule, ((exponentials, step), (inverses, inverse_step)) = self.softmax, self._tables
        entries = rule.accum.requantize(exponentials[self._place(address, rule.difference, len(exponentials))], step)
        sums = rule.address.requantize(rule.accum.overflowed(entries.sum(-1, keepdims=True)), rule.accum.fraction)
        inverse = inverses[self._place(sums, rule.address, len(inverses))]
        return self.output.requantize(entries * inverse, int(rule.accum.fraction) + inverse_step)

    def _place(self, codes: np.ndarray, kind: FixedPoint, size: int) -> np.ndarray:
        """The highest bits of a number, two's complement, or those below the sign."""
        bits = (size - 1).bit_length()
        raw = codes & ((1 << kind.width) - 1)
        if not self.softmax.skips_sign or self.softmax.implementation == "latency":
            return raw >> (kind.width - bits)
        place = (raw >> (kind.width - bits - 1)) & (size - 1)
        return np.where((raw != 0) & (place == 0), 1, place)

    def _legacy(self, values: np.ndarray) -> np.ndarray:
        rule, ((exponentials, step), (inverses, inverse_step)) = self.softmax, self._tables
        size, n = len(exponentials), values.shape[-1]
        fraction = int(np.max(self.input.fraction))
        one = rule.accum.to_codes(1.0)
        if rule.skips_sign:  # each value is rounded down by itself
            scaled = values.astype(object) * size * 2 ** max(-fraction, 0) // (16 << max(fraction, 0))
            index = scaled[..., np.newaxis, :] - scaled[..., :, np.newaxis]
        else:
            scaled = (values[..., np.newaxis, :] - values[..., :, np.newaxis]).astype(object) * size
            scaled, divisor = scaled * 2 ** max(-fraction, 0), 16 << max(fraction, 0)
            index = np.where(scaled < 0, -(-scaled // divisor), scaled // divisor)
        found = exponentials[np.clip(index + size // 2, 0, size - 1).astype(np.int64)]
        terms = np.where(np.eye(n, dtype=bool), one, rule.accum.requantize(found, step))
        sums = np.zeros_like(terms[..., 0])
        for place in range(n):  # entries may be negative where they wrapped, so that an order matters
            sums = rule.accum.overflowed(sums + terms[..., place])
        sums = sums.astype(object)
        accum = int(rule.accum.fraction)
        scaled, divisor = sums * len(inverses) * 2 ** max(-accum, 0), 64 << max(accum, 0)
        place = np.where(sums < 0, 0, scaled // divisor)
        return self.output.requantize(inverses[np.clip(place, 0, len(inverses) - 1).astype(np.int64)], inverse_step)

    def _argmax(self, values: np.ndarray) -> np.ndarray:
        is_first = np.zeros(values.shape, np.int64)
        np.put_along_axis(is_first, values.argmax(-1)[..., np.newaxis], 1, -1)
        return self.output.requantize(is_first, 0)
