"""Tables: of each code that a value can have, or of hls4ml's entries."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga.rtl.adder_values import floor_shift, saturate
from codesign.network import FixedPoint
from codesign.network.ops import FixedFunction
from codesign.network.types.tables import RANGE

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable

MAX_CODES = 4096
_MAX_ENTRY_BITS = 31  # da4ml keeps entries as int32


def has_few_codes(value: "FixedVariable") -> bool:
    """Whether a table of each code is small enough."""
    return (value.high - value.low) / value.step < MAX_CODES


def look_up(value: "FixedVariable", function: Callable[[np.ndarray], np.ndarray]) -> "FixedVariable":
    """Return the table of a function from int64 codes to int64 codes.

    Raises:
        PrecisionError: for entries of more bits than da4ml holds.
    """
    codes = np.arange(int(value.low), int(value.high) + 1, max(1, int(value.step)))
    entries = function(codes)
    if np.abs(entries).max() >= 1 << _MAX_ENTRY_BITS:
        raise PrecisionError(
            f"an adder graph takes table entries within {_MAX_ENTRY_BITS + 1} bits. Received: "
            f"{int(np.abs(entries).max()).bit_length() + 1}; narrow its output type"
        )
    if (entries == entries[0]).all():
        return value.from_const(float(entries[0]), value.hwconf)
    return value.lookup(entries.astype(float))


def table_index(value: "FixedVariable", table: FixedFunction, fraction: int) -> "FixedVariable":
    """hls4ml's index, less half the table: the code divided by the entries' spacing, towards 0, and clipped.

    Raises:
        UnsupportedLayerError: see :func:`check_size`.
    """
    size, reach = table.size, 2 * RANGE[table.function]
    check_size(table.function, size)
    shift = fraction + (reach // 2).bit_length() - (size // 2).bit_length()
    index = floor_shift(value.relu(), shift) - floor_shift((-value).relu(), shift)
    return saturate(index, FixedPoint(size.bit_length() - 1, size.bit_length() - 1, overflow="SAT"))


def check_size(function: str, size: int) -> None:
    """Check that a table can be built of LUTs, and is addressed by bits.

    Raises:
        UnsupportedLayerError: if not.
    """
    if size > MAX_CODES or size & (size - 1):
        raise UnsupportedLayerError(
            f"an adder graph needs a {function} table of at most {MAX_CODES} entries, "
            f"a power of two, where the result has more codes. Received: table_size={size}"
        )
