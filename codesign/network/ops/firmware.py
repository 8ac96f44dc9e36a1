"""How a firmware that was read looks an activation up, where it is not as hls4ml 1.3 does it for AMD.

Versions and back ends of hls4ml differ in the tables' entries, in how a number addresses them, and in the types of the
sums between them. The entries are those of the firmware.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array
from codesign.network.ops.op import FixedOp
from codesign.network.types.exact_type import binary_digits
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes, product_range

ADDRESSES = ("centred", "magnitude", "negative")
SIGNS = ("odd", "complement")


@checked
@dataclass(frozen=True, eq=False)
class FirmwareTable:
    """A table of one function.

    Args:
        entries: (size,) float64, as the firmware's type holds them.
        address: ``centred``: entry ``x size / reach + size / 2``; ``magnitude``: ``|x| size / reach``, the last beyond
            the reach; ``negative``: ``-x size / reach``, for x below 0 alone.
        reach: the span of the table, above 0.
        sign: of ``magnitude``, what a negative x gives: ``odd``, minus the entry, or ``complement``, 1 minus it.
        factor: of ``negative``, what x from 0 is multiplied by.
        scale: of ``negative``, what an entry is multiplied by.
        index_bits: of the signed integer that holds an index.
        floors: whether an index is rounded down, and not towards 0.

    Raises:
        UnsupportedLayerError: for another address, or numbers that are none.

    Example:
        >>> from codesign.network.ops import FirmwareTable
        >>> FirmwareTable([0.5, 0.75, 0.875, 0.96875], "magnitude", 8, "complement").size
        4
    """

    entries: np.ndarray
    address: str
    reach: int
    sign: str = "odd"
    factor: float = 1.0
    scale: float = 1.0
    index_bits: int = 32
    floors: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", frozen_array(self.entries, "entries"))
        if self.address not in ADDRESSES or self.sign not in SIGNS:
            raise UnsupportedLayerError(
                f"address, sign: expected {', '.join(ADDRESSES)}, and {', '.join(SIGNS)}. "
                f"Received: {self.address}, {self.sign}"
            )
        if self.entries.ndim != 1 or self.entries.size < 2 or self.reach < 1 or not 8 <= self.index_bits <= 32:
            raise UnsupportedLayerError(
                f"entries, reach: expected at least 2 entries, (size,), over a span of 1 or more. "
                f"Received: {self.entries.shape}, {self.reach}"
            )

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.entries)

    def bind(self, source: FixedPoint, output: FixedPoint | None) -> "FixedFirmwareTable":
        """Return it for the type of an input; without an output's type it is the input's."""
        return FixedFirmwareTable(self, source, output or source)


@dataclass(frozen=True, eq=False)
class FixedFirmwareTable(FixedOp):
    """A firmware's table, bound to the type of its input."""

    table: FirmwareTable
    input: FixedPoint
    output: FixedPoint

    def __post_init__(self) -> None:
        held = CodeRange.of(self.input)
        factor = CodeRange(*(int(self._factor[0]),) * 2, self._factor[1])
        check_codes(product_range(held, factor))

    @cached_property
    def _factor(self) -> tuple[int, int]:
        return whole_codes([self.table.factor])[0][0], whole_codes([self.table.factor])[1]

    @cached_property
    def _entries(self) -> tuple[np.ndarray, int]:
        """Codes of the scaled entries, and their fraction."""
        codes, fraction = whole_codes(self.table.entries)
        scale, finer = whole_codes([self.table.scale])
        return codes * scale[0], fraction + finer

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        values = aligned(codes[0], self.input)
        return getattr(self, f"_{self.table.address}")(values)

    def _index(self, values: np.ndarray, shift: int = 0) -> np.ndarray:
        """``values size / reach``, towards 0, as an integer of some bits, and within the table."""
        fraction = int(np.max(self.input.fraction))
        scaled = values.astype(object) * self.table.size * 2 ** max(-fraction, 0)
        divisor = self.table.reach << max(fraction, 0)
        towards_zero = (scaled < 0) & (not self.table.floors)
        found = np.where(towards_zero, -(-scaled // divisor), scaled // divisor)
        half = 1 << (self.table.index_bits - 1)
        found = (found + half) % (2 * half) - half
        return np.clip(found + shift, 0, self.table.size - 1).astype(np.int64)

    def _centred(self, values: np.ndarray) -> np.ndarray:
        codes, fraction = self._entries
        return self.output.requantize(codes[self._index(values, self.table.size // 2)], fraction)

    def _magnitude(self, values: np.ndarray) -> np.ndarray:
        fraction = int(np.max(self.input.fraction))
        whole = self.input.envelope
        absolute = whole.overflowed(np.abs(values))
        index = self._index(absolute)
        beyond = absolute > (self.table.reach << fraction if fraction >= 0 else self.table.reach >> -fraction)
        entries, finer = self._entries
        found = self.output.requantize(entries[np.where(beyond, self.table.size - 1, index)], finer)
        one = 0
        step = int(np.max(self.output.fraction))
        if self.table.sign == "complement":
            one = 1 << max(step, 0)
        negative = aligned(found, self.output) << max(-step, 0)
        return np.where(values < 0, self.output.requantize(one - negative, max(step, 0)), found)

    def _negative(self, values: np.ndarray) -> np.ndarray:
        fraction = int(np.max(self.input.fraction))
        factor, finer = self._factor
        above = self.output.requantize(values * factor, fraction + finer)
        entries, step = self._entries
        below = self.output.requantize(entries[self._index(-np.minimum(values, 0))], step)
        return np.where(values >= 0, above, below)


def whole_codes(values: Sequence[float]) -> tuple[np.ndarray, int]:
    """Return values as int64 whole numbers of one step, and the fraction of that step.

    Raises:
        PrecisionError: for values that 62 bits do not hold together.
    """
    array = np.asarray(values, np.float64)
    fraction = max(0, binary_digits(array)) if array.any() else 0
    scaled = np.ldexp(array, fraction)
    if np.abs(scaled).max(initial=0) >= 2.0**52:
        raise PrecisionError("entries: expected values of one fixed-point type of at most 52 bits. Received: others")
    return scaled.astype(np.int64), fraction
