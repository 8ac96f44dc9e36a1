"""Rounding: a fixed-point type as every exported file computes it, in single precision."""

from dataclasses import dataclass, replace
from math import prod
from typing import Self

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import FixedPoint

_WIDEST_WRAP = 24  # bits: codes that wrap must be exact in single precision; others are only clipped
_LARGEST_SHIFT = 100  # of a binary point: the powers of two, and values times these, stay within single precision


@dataclass(frozen=True, eq=False)
class Rounding:
    """``step * overflow(round(x * scale))`` for n values; NaN stays NaN, inf becomes the end where it saturates.

    Args:
        scale, step: (n,) float32, powers of two, each other's inverse.
        low, high: (n,) float32, the smallest and the largest code; both 0 for the constant 0.
        rounding: ``TRN`` floor, ``RND`` half up, ``RND_CONV`` half to even.
        wraps: modulo ``high - low + 1`` instead of clipping.
    """

    scale: np.ndarray
    step: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rounding: str
    wraps: bool

    @classmethod
    def of(cls, quantizer: FixedPoint, shape: tuple[int, ...]) -> Self:
        """Return what a type does to the values of an event, flattened.

        Raises:
            PrecisionError: for a type that single precision cannot hold, or of another number of values.
        """
        wraps = quantizer.overflow == "WRAP"
        if wraps and np.max(quantizer.width) > _WIDEST_WRAP:
            raise PrecisionError(
                f"quantizer: expected at most {_WIDEST_WRAP} bits where values wrap. Received: {quantizer}; "
                "let it saturate"
            )
        if np.max(np.abs(quantizer.fraction)) > _LARGEST_SHIFT:
            raise PrecisionError(
                f"quantizer: expected steps from 2^-{_LARGEST_SHIFT} to 2^{_LARGEST_SHIFT}. Received: {quantizer}"
            )
        bits = np.broadcast_shapes(*map(np.shape, (quantizer.width, quantizer.integer, quantizer.signed)))
        if len(bits) > len(shape) or any(n not in (1, m) for n, m in zip(bits[::-1], shape[::-1])):
            n = prod(shape)
            raise PrecisionError(f"quantizer: expected one type, or one for each of {n} values. Received: {bits}")
        fraction = np.asarray(quantizer.fraction, float)
        arrays = (np.exp2(fraction), np.exp2(-fraction), quantizer.code_low, quantizer.code_high)
        scale, step, low, high = (np.broadcast_to(np.asarray(array, np.float32), shape).ravel() for array in arrays)
        return cls(scale, step, low, high, quantizer.rounding, wraps)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, n) in the type of the values."""
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = values * self.scale
            codes = (
                np.rint(scaled) if self.rounding == "RND_CONV" else np.floor(scaled + 0.5 * (self.rounding == "RND"))
            )
            if self.wraps:
                rest = codes - np.floor(codes / self.span) * self.span
                codes = np.where(rest > self.high, rest - self.span, rest)
            else:
                codes = np.clip(codes, self.low, self.high)
            return codes * self.step

    @property
    def span(self) -> np.ndarray:
        """(n,) float32: how many codes there are."""
        return self.high - self.low + np.float32(1)

    @property
    def turns(self) -> tuple[np.ndarray, ...]:
        """(n,) float32 each: for codes that wrap, ``codes -= floor(codes / turn) span`` for one turn after the other.

        The first brings them to 0 to span - 1, the second those above half of it to below 0, where a type has a sign.
        """
        is_signed = self.low < 0
        halves = np.where(is_signed, self.span / 2, 2 * self.span).astype(np.float32)
        return (self.span, halves) if is_signed.any() else (self.span,)

    @property
    def is_same_for_all(self) -> bool:
        """Whether one type is that of every value."""
        return all((array == array[0]).all() for array in (self.scale, self.low, self.high))

    @property
    def is_never_negative(self) -> bool:
        """Whether a relu before it does nothing: what is below 0 is clipped anyway."""
        return not self.wraps and bool((self.low >= 0).all())

    def take(self, kept: np.ndarray) -> "Rounding":
        """Return that of some of the values: indices, or (n,) bool."""
        return replace(self, **{name: getattr(self, name)[kept] for name in ("scale", "step", "low", "high")})
