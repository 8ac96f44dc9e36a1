"""Words: values as literals of their bits, and what costs nothing: a cast that drops bits, a shift, a complement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import PrecisionError
from codesign.fpga.rtl.luts.truth import FALSE
from codesign.network import FixedPoint


@dataclass(frozen=True, eq=False)
class Word:
    """One value: ``code * 2**-fraction``.

    Args:
        bits: literals of the code, the lowest first; in two's complement if signed.
        signed: whether the highest bit is a sign.
        fraction: of the code.
        low, high: the smallest and the largest code.
    """

    bits: tuple[int, ...]
    signed: bool
    fraction: int
    low: int
    high: int

    def bit(self, place: int) -> int:
        """Return the literal of a bit of the code, beyond the highest the sign."""
        if place < 0:
            return FALSE
        return self.bits[place] if place < len(self.bits) else self.bits[-1] if self.signed and self.bits else FALSE


@dataclass(frozen=True, eq=False)
class TableWord:
    """A table that has not been built yet: whoever takes it says with which offset.

    Args:
        keys: literals, the first is the lowest bit of the index.
        codes: (2**n_keys,) int64.
        fraction: of the codes.
        owner: the node of the network whose table it is.
    """

    keys: tuple[int, ...]
    codes: np.ndarray
    fraction: int
    owner: str

    @property
    def low(self) -> int:
        """The smallest code."""
        return int(self.codes.min())

    @property
    def high(self) -> int:
        """The largest code."""
        return int(self.codes.max())


def bits_of(low: int, high: int) -> tuple[int, bool]:
    """Return width and sign of the narrowest code that holds a range."""
    signed = low < 0
    return signed + max(high.bit_length(), (-low - 1).bit_length() if signed else 0), signed


def cast(word: Word, precision: FixedPoint) -> Word:
    """Return a word in another format, where that takes no logic: bits are dropped or nothing changes.

    Args:
        word: to cast.
        precision: of one value.

    Raises:
        PrecisionError: where it would have to be rounded or clipped.
    """
    drop = word.fraction - int(np.max(precision.fraction))
    if drop > 0:
        if precision.rounding != "TRN":
            raise PrecisionError("expected a cast that cuts low bits off")
        word = Word(word.bits[drop:], word.signed, word.fraction - drop, word.low >> drop, word.high >> drop)
    shift = max(0, -drop)
    low, high = int(np.max(precision.code_low)), int(np.max(precision.code_high))
    if low <= word.low << shift and word.high << shift <= high:
        return word
    if precision.overflow != "WRAP":
        raise PrecisionError("expected a cast that keeps every value, or lets high bits go")
    width = int(np.max(precision.width)) - shift
    if width <= 0:
        return Word((), False, word.fraction, 0, 0)
    signed = bool(np.max(precision.signed))
    return Word(tuple(map(word.bit, range(width))), signed, word.fraction, low >> shift, high >> shift)


def element(precision: FixedPoint, shape: Sequence[int], index: int) -> FixedPoint:
    """Return the format of one value of a vector."""
    parts = (precision.width, precision.integer, precision.signed)
    width, integer, signed = (np.broadcast_to(part, shape).ravel()[index] for part in parts)
    if width == 0:
        width, integer, signed = np.array([0]), np.array([integer]), np.array([False])
        return FixedPoint(width, integer, signed, precision.rounding, precision.overflow)
    return FixedPoint(int(width), int(integer), bool(signed), precision.rounding, precision.overflow)
