"""Table: any function of a few bits, as one six-input LUT of an FPGA is for each bit of its result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array
from codesign.network.ops.keys import BIT, check_places, check_vector
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.exact_type import table_type
from codesign.network.types.fixed_point import FixedPoint

MOST_KEYS = 8
LUT6_KEYS = 6


@checked
@dataclass(frozen=True, eq=False)
class Table(Op):
    """``entries[t][sum_k bits[keys[t][k]] 2**k]``, one value of each table t.

    Each bit of a result is one LUT6 of up to six keys, two of seven, four of eight.

    Args:
        keys: of each table 0 to 8 places of bits; the first is the lowest bit of the index.
        entries: of each table (2**n_keys,).
        type: of the results in a design, of all, or of each table; None: for each the narrowest that holds its entries
            exactly.

    Raises:
        UnsupportedLayerError: for more keys, or other numbers of entries.
        PrecisionError: for NaN or inf; when a design's types are worked out, for values that are no bits.

    Example:
        >>> from codesign.network.ops import Table
        >>> import numpy as np
        >>> Table([[0, 1], [2]], [[0.0, 1.0, 1.0, 0.0], [-2.5, 4.0]]).evaluate(np.array([[1.0, 0.0, 1.0]])).tolist()
        [[1.0, 4.0]]
    """

    keys: tuple[tuple[int, ...], ...]
    entries: tuple[np.ndarray, ...]
    type: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(tuple(int(place) for place in one) for one in self.keys))
        entries = tuple(frozen_array(one, f"entries of table {t}") for t, one in enumerate(self.entries))
        object.__setattr__(self, "entries", entries)
        if not self.keys or len(self.keys) != len(entries):
            raise UnsupportedLayerError(
                f"entries: expected those of each of {len(self.keys)} tables, and at least one table. "
                f"Received: {len(entries)}"
            )
        for t, (keys, one) in enumerate(zip(self.keys, entries)):
            if len(keys) > MOST_KEYS:
                raise UnsupportedLayerError(
                    f"keys of table {t}: expected at most {MOST_KEYS}: up to {LUT6_KEYS} are one LUT6 for each bit of "
                    f"the entries, 7 are two, 8 are four. Received: {len(keys)}; split it into tables that are added"
                )
            if one.shape != (2 ** len(keys),):
                raise UnsupportedLayerError(
                    f"entries of table {t}: expected {2 ** len(keys)}, for {len(keys)} keys. "
                    f"Received: shape {one.shape}"
                )

    def shape(self, *shapes: Shape) -> Shape:
        """(n_bits,) to (n_tables,)."""
        check_vector(shapes[0])
        for t, keys in enumerate(self.keys):
            check_places(np.array(keys, np.int64), shapes[0][0], f"keys of table {t}")
        return (len(self.keys),)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the entries.

        Raises:
            DataError: for values other than 0 and 1.
        """
        strange = values[0][(values[0] != 0) & (values[0] != 1)]
        if strange.size:
            raise DataError(
                f"expected bits, 0 or 1, for a table. Received: {strange[0]:g}; put a Threshold or a Bit in front"
            )
        return self.look_up(values[0], self.entries)

    def look_up(self, bits: np.ndarray, entries: Sequence[np.ndarray]) -> np.ndarray:
        """Return an entry of each table, (n_events, n_tables), for bits 0 and 1, (n_events, n_bits)."""
        found = np.empty((len(self.keys), len(bits)), entries[0].dtype)
        for row, index, one in zip(found, self.indices(bits), entries):
            np.take(one, index, out=row)
        return np.ascontiguousarray(found.T)

    def indices(self, bits: np.ndarray) -> Iterator[np.ndarray]:
        """Yield for each table the place of its entry, (n_events,) uint8, for bits 0 and 1, (n_events, n_bits)."""
        columns = np.ascontiguousarray(bits.T.astype(np.uint8))
        for keys in self.keys:
            index = np.zeros(len(bits), np.uint8)
            for place, key in enumerate(keys):
                index |= columns[key] << np.uint8(place)
            yield index

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedLookup":
        """Return the tables in integers."""
        self._check_bits(inputs[0])
        kind = self.type or table_type(self.entries)
        if kind is None:
            raise PrecisionError(
                "expected entries that a fixed-point type holds exactly. Received: others; call "
                "quantize_network(network, x, ...) first, or round them to a step"
            )
        if any(np.shape(part) not in ((), (1,), (len(self.keys),)) for part in (kind.width, kind.integer, kind.signed)):
            raise PrecisionError(
                f"type: expected one, or one for each of {len(self.keys)} tables. Received: {np.shape(kind.width)}"
            )
        return FixedLookup(self, tuple(entry_codes(self.entries, kind)), kind, output or kind)

    def _check_bits(self, source: Tensor) -> None:
        """Check that the values which the tables take are bits."""
        parts = (np.broadcast_to(part, source.shape) for part in (source.type.width, source.type.integer))
        width, integer = parts
        is_bit = (width == 1) & (integer == 1) & ~np.broadcast_to(source.type.signed, source.shape)
        wrong = next((place for keys in self.keys for place in keys if not is_bit[place]), None)
        if wrong is not None:
            raise PrecisionError(
                f"expected bits, of type {BIT}, for a table. Received: {width[wrong]} bits, {integer[wrong]} of them "
                f"left of the point, as value {wrong}; put a Threshold or a Bit in front"
            )


@dataclass(frozen=True, eq=False)
class FixedLookup(FixedOp):
    """Table with codes as entries.

    Args:
        op: the tables.
        codes: of each table (2**n_keys,) int64, in the step of its element of `type`.
        type: of the entries, of all tables, or of each.
        output: type of the results.
    """

    op: Table
    codes: tuple[np.ndarray, ...]
    type: FixedPoint
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, n_bits) codes, 0 or 1."""
        found = self.op.look_up(codes[0], self.codes)
        return found if self.output is self.type else self.output.requantize(found, np.asarray(self.type.fraction))


def entry_codes(entries: Sequence[np.ndarray], kind: FixedPoint) -> Iterator[np.ndarray]:
    """Yield the int64 codes of each table's entries, of one type or one for each table."""
    parts = (np.broadcast_to(part, len(entries)) for part in (kind.width, kind.integer, kind.signed))
    for one, width, integer, signed in zip(entries, *parts):
        own = FixedPoint(np.array([width]), np.array([integer]), signed, kind.rounding, kind.overflow)
        yield own.to_codes(one)
