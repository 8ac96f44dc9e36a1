"""Ranges of codes, and the narrowest types that hold what an operation makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.types.codes import MAX_WIDTH, shifted
from codesign.network.types.fixed_point import FixedPoint


@dataclass(frozen=True)
class CodeRange:
    """Codes from `low` to `high`, Python integers, of step ``2**-fraction``."""

    low: int
    high: int
    fraction: int

    @classmethod
    def of(cls, precision: FixedPoint) -> "CodeRange":
        """Return the range of all elements of a type, in its finest step."""
        fraction = int(np.max(precision.fraction))
        shift = fraction - np.asarray(precision.fraction)
        low, high = (
            shifted(np.asarray(limit).astype(object), shift) for limit in (precision.code_low, precision.code_high)
        )
        return cls(int(np.min(low)), int(np.max(high)), fraction)

    def at(self, fraction: int) -> "CodeRange":
        """Return the same range in a finer step."""
        return CodeRange(self.low << fraction - self.fraction, self.high << fraction - self.fraction, fraction)

    @property
    def type(self) -> FixedPoint:
        """The narrowest type that holds the range, unsigned where nothing is negative.

        Raises:
            PrecisionError: beyond 62 bits.
        """
        signed = self.low < 0
        width = max(1, signed + max(self.high.bit_length(), (-self.low - 1).bit_length() if signed else 0))
        if width > MAX_WIDTH:
            raise PrecisionError(
                f"expected values within {MAX_WIDTH} bits. Received: {width}; narrow the types of what it takes"
            )
        return FixedPoint(width, width - self.fraction, signed)


def aligned(codes: np.ndarray, precision: FixedPoint, fraction: int | None = None) -> np.ndarray:
    """Return codes of a type in the step ``2**-fraction``, by default the finest of its elements."""
    fraction = int(np.max(precision.fraction)) if fraction is None else fraction
    return shifted(codes, fraction - np.asarray(precision.fraction))


def product_range(first: CodeRange, second: CodeRange) -> CodeRange:
    """Return the range of products."""
    ends = [one * other for one in (first.low, first.high) for other in (second.low, second.high)]
    return CodeRange(min(ends), max(ends), first.fraction + second.fraction)


def check_codes(found: CodeRange) -> None:
    """Check that codes fit into int64.

    Raises:
        PrecisionError: beyond 62 bits.
    """
    _ = found.type


def moved_type(
    move: Callable[..., np.ndarray], types: Sequence[FixedPoint], shapes: Sequence[tuple[int, ...]]
) -> FixedPoint:
    """Return the type of elements that are moved about, and no more: of all where one type is that of all, or of each.

    Args:
        move: from arrays, (1, *shape) each, to one.
        types, shapes: of what is moved.
    """
    if len(set(types)) == 1 and not types[0].per_element:
        return types[0]
    bits = []
    for name in ("width", "integer", "signed"):
        parts = [np.asarray(getattr(one, name)) for one in types]
        bits.append(move(*(np.broadcast_to(part, (1, *shape)) for part, shape in zip(parts, shapes)))[0])
    modes = {(one.rounding, one.overflow) for one in types}
    rounding, overflow = modes.pop() if len(modes) == 1 else ("TRN", "WRAP")
    joined = FixedPoint(*bits, rounding, overflow)
    return joined if any(one.per_element for one in types) else joined.envelope


def joined_types(types: Sequence[FixedPoint]) -> FixedPoint:
    """Return the type of values side by side, (n,), each of its own type: one for all where they are alike."""
    if len(set(types)) == 1:
        return types[0]
    return FixedPoint(*(np.array([getattr(one, name) for one in types]) for name in ("width", "integer", "signed")))
