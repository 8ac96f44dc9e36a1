"""Fixed-point formats with the meaning of ap_fixed, as hls4ml writes them.

A value is ``code * 2**-fraction`` with an integer code of ``width`` bits; ``fraction = width - integer``.
Reference: AMD UG1399, "Arbitrary precision fixed-point data types".
"""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.types.bits import EXAMPLE, as_bits, as_signs
from codesign.network.types.codes import MAX_WIDTH, round_shift

ROUNDINGS = ("TRN", "RND", "RND_CONV")
OVERFLOWS = ("WRAP", "SAT", "SAT_SYM")
MAX_INTEGER = 512  # its powers of two are far within float64

_FIXED = re.compile(r"(?:ap_)?(u?)fixed\s*<([^<>]*)>")
_INTEGER = re.compile(r"(?:ap_)?(u?)int\s*<([^<>]*)>")


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A fixed-point format, of a whole tensor (integers) or per element (integer arrays of the tensor's shape).

    Args:
        width: bits in all, sign included; 0 is allowed per element and means the constant 0.
        integer: bits left of the binary point, sign included; may be negative or above `width`.
        signed: two's complement if true; per element, as of a detector's words, where some are and some are not.
        rounding: ``TRN`` floor, ``RND`` half up, ``RND_CONV`` half to even.
        overflow: ``WRAP`` modulo, ``SAT`` clip, ``SAT_SYM`` clip to +-max.

    Raises:
        PrecisionError: for widths below 1 or above 62 bits, a binary point more than 512 bits away, or unknown modes.

    Example:
        >>> from codesign import FixedPoint
        >>> byte = FixedPoint(8, 3, signed=False, rounding="RND", overflow="SAT")
        >>> str(byte), byte.quantize([0.3, 9.0, -1.0]).tolist()
        ('ap_ufixed<8,3,AP_RND,AP_SAT>', [0.3125, 7.96875, 0.0])
    """

    width: int | np.ndarray
    integer: int | np.ndarray
    signed: bool | np.ndarray = True
    rounding: str = "TRN"
    overflow: str = "WRAP"

    def __post_init__(self) -> None:
        for name in ("width", "integer"):
            value = getattr(self, name)
            object.__setattr__(self, name, as_bits(value, name))
        object.__setattr__(self, "signed", as_signs(self.signed))
        if np.max(self.width) > MAX_WIDTH or np.min(self.width) < (0 if self.per_element else 1):
            raise PrecisionError(
                f"width: expected 1 to {MAX_WIDTH} bits. Received: {np.max(self.width)}; narrow the types"
            )
        if np.max(np.abs(self.integer)) > MAX_INTEGER:
            raise PrecisionError(
                f"integer: expected -{MAX_INTEGER} to {MAX_INTEGER} bits. Received: {self.integer}; {EXAMPLE}"
            )
        if self.rounding not in ROUNDINGS:
            raise PrecisionError(f"rounding: expected one of {', '.join(ROUNDINGS)}. Received: {self.rounding}")
        if self.overflow not in OVERFLOWS:
            raise PrecisionError(f"overflow: expected one of {', '.join(OVERFLOWS)}. Received: {self.overflow}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``ap_fixed<W,I[,rounding[,overflow]]>``, unsigned and integer too, and hls4ml's ``fixed<W,I>``."""
        text = str(text).strip()
        if match := _INTEGER.fullmatch(text):
            width = _number(match[2], text)
            return cls(width, width, signed=not match[1])
        match = _FIXED.fullmatch(text)
        parts = [part.strip() for part in match[2].split(",")] if match else []
        if not 2 <= len(parts) <= 5 or (len(parts) == 5 and parts[4] != "0"):
            raise PrecisionError(f"precision: expected a fixed-point type. Received: '{text}'; {EXAMPLE}")
        modes = [part.removeprefix("AP_") for part in parts[2:4]]
        return cls(_number(parts[0], text), _number(parts[1], text), not match[1], *modes)

    @classmethod
    def covering(cls, values: np.ndarray, width: int, *, signed: bool | None = None, **modes: str) -> Self:
        """Return the format of `width` bits with the fewest integer bits that hold `values` without saturating.

        Without `signed`, the format is unsigned if no value is negative.
        """
        values = np.asarray(values, float)
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
        signed = low < 0 if signed is None else signed
        if low == high == 0:
            return cls(width, int(signed), signed, **modes)
        magnitude = max(high, -low, 2.0**-64)
        integer = int(np.floor(np.log2(magnitude))) + int(signed)
        while True:
            candidate = cls(width, integer, signed, **modes)
            if candidate.count_saturating(np.array([low, high])) == 0:  # all others lie between
                return candidate
            integer += 1

    @property
    def per_element(self) -> bool:
        """Whether width, integer or sign differ from element to element."""
        return any(isinstance(value, np.ndarray) for value in (self.width, self.integer, self.signed))

    @property
    def differs_by_element(self) -> bool:
        """Whether elements have different types, which no tensor of ap_fixed can hold."""
        return any(np.ptp(np.asarray(bits, np.int64)) > 0 for bits in (self.width, self.integer, self.signed))

    @property
    def fraction(self) -> int | np.ndarray:
        """Bits right of the binary point: the step is ``2**-fraction``."""
        return self.width - self.integer

    @property
    def code_low(self) -> int | np.ndarray:
        """The smallest code. In one bit, SAT_SYM is SAT, as in hls4ml's C++."""
        symmetric = (self.overflow == "SAT_SYM") * (np.asarray(self.width) > 1)
        low = symmetric - _power(self.width - 1)
        return (
            np.where(self.signed & (np.asarray(self.width) > 0), low, 0) if self.per_element else int(self.signed * low)
        )

    @property
    def code_high(self) -> int | np.ndarray:
        """The largest code."""
        high = (
            _power(self.width - np.asarray(self.signed, np.int64) if self.per_element else self.width - self.signed) - 1
        )
        return np.where(np.asarray(self.width) > 0, high, 0) if self.per_element else high

    @property
    def low(self) -> float | np.ndarray:
        """The smallest value."""
        return self.code_low * np.exp2(-np.asarray(self.fraction, float))

    @property
    def high(self) -> float | np.ndarray:
        """The largest value."""
        return self.code_high * np.exp2(-np.asarray(self.fraction, float))

    @property
    def envelope(self) -> "FixedPoint":
        """The narrowest format of a whole tensor that holds every value of every element's format."""
        if not self.per_element:
            return self
        live = np.broadcast_to(self.width, np.broadcast(self.width, self.integer, self.signed).shape) > 0
        signed = bool(np.any(self.signed))
        if not live.any():
            return FixedPoint(1, int(signed), signed, self.rounding, self.overflow)
        whole = self.integer + (signed & ~np.asarray(self.signed))  # an unsigned one among signed ones
        integer = int(np.max(np.where(live, whole, -MAX_WIDTH)))
        fraction = int(np.max(np.where(live, self.fraction, -MAX_WIDTH)))
        return FixedPoint(integer + fraction, integer, signed, self.rounding, self.overflow)

    def count_saturating(self, values: np.ndarray) -> int:
        """Count the values that lie outside the range by half a step or more."""
        with np.errstate(over="ignore"):
            codes = np.floor(np.asarray(values, float) * np.exp2(np.asarray(self.fraction, float)) + 0.5)
        return int(np.sum((codes > self.code_high) | (codes < self.code_low)))

    def quantize(self, values: np.ndarray) -> np.ndarray:
        """Return the values, in float64, that a variable of this type holds after ``x = value``."""
        return self.to_codes(values) * np.exp2(-np.asarray(self.fraction, float))

    def to_codes(self, values: np.ndarray) -> np.ndarray:
        """Convert real values to int64 codes, as the C++ conversion from double does.

        Raises:
            PrecisionError: for NaN or inf, and for values beyond 2**62 steps of a type that wraps.
        """
        scaled = np.asarray(values, float) * np.exp2(np.asarray(self.fraction, float))
        if not np.isfinite(scaled).all():
            raise PrecisionError(
                "values: expected finite numbers. Received: NaN or inf; clean the data or the weights first"
            )
        rounded = {"TRN": np.floor, "RND": _half_up, "RND_CONV": np.rint}[self.rounding](scaled)
        if self.overflow != "WRAP":
            rounded = np.clip(rounded, self.code_low, self.code_high)
        if np.abs(rounded).max(initial=0) >= 2.0**MAX_WIDTH:
            raise PrecisionError(f"values: expected magnitudes below 2^{MAX_WIDTH} steps of {self}; rescale the data")
        return self.overflowed(rounded.astype(np.int64))

    def requantize(self, codes: np.ndarray, fraction: int | np.ndarray) -> np.ndarray:
        """Convert int64 codes of step ``2**-fraction`` to codes of this format: round, then overflow."""
        return self.overflowed(round_shift(codes, np.asarray(fraction) - self.fraction, self.rounding))

    def overflowed(self, codes: np.ndarray) -> np.ndarray:
        """Bring int64 codes into the range of this format by its overflow mode."""
        if self.overflow != "WRAP":
            return np.clip(codes, self.code_low, self.code_high)
        mask = _power(self.width) - 1
        offset = -np.asarray(self.code_low)
        return ((codes + offset) & mask) - offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FixedPoint) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        if self.per_element:
            return f"per element, within {self.envelope}"
        modes = f",AP_{self.rounding},AP_{self.overflow}" if (self.rounding, self.overflow) != ("TRN", "WRAP") else ""
        return f"ap_{'' if self.signed else 'u'}fixed<{self.width},{self.integer}{modes}>"

    def __repr__(self) -> str:
        return f"FixedPoint({str(self)!r})" if self.per_element else f"FixedPoint.parse('{self}')"

    def _key(self) -> tuple:
        parts = (self.width, self.integer, self.signed)
        bits = tuple((np.shape(value), tuple(np.ravel(value).tolist())) for value in parts)
        return (*bits, self.rounding, self.overflow)


def _half_up(values: np.ndarray) -> np.ndarray:
    floor = np.floor(values)
    return floor + (values - floor >= 0.5)


def _power(exponent: int | np.ndarray) -> int | np.ndarray:
    if isinstance(exponent, np.ndarray):
        return np.int64(1) << np.maximum(exponent, 0).astype(np.int64)
    return 1 << max(exponent, 0)


def _number(text: str, whole: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise PrecisionError(f"precision: expected whole numbers of bits. Received: '{whole}'; {EXAMPLE}") from None
