"""FlatBuffers as they lie in a file: tables by the number of a field, every offset checked, nothing copied."""

import struct
from dataclasses import dataclass

import numpy as np

from codesign.errors import UnreadableError

_DAMAGED = "a damaged or truncated FlatBuffers file; copy or convert it again"
_MOST_TABLES = 1_000_000
_WIDTHS = {"b": 1, "B": 1, "?": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "f": 4, "d": 8}


def number_at(content: memoryview, place: int, kind: str) -> int | float:
    """Return a number, of a kind of :mod:`struct`, little-endian.

    Raises:
        UnreadableError: beyond the end.
    """
    if not 0 <= place <= len(content) - _WIDTHS[kind]:
        raise UnreadableError(_DAMAGED)
    return struct.unpack_from("<" + kind, content, place)[0]


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        content: of the whole file.
        place: where the table begins.
    """

    content: memoryview
    place: int

    @classmethod
    def root(cls, content: memoryview) -> "Table":
        """Return the file's first table."""
        return cls(content, number_at(content, 0, "I"))

    def at(self, field: int) -> int | None:
        """Return where a field lies; None where the table has none."""
        layout = self.place - number_at(self.content, self.place, "i")
        size = number_at(self.content, layout, "H")
        offset = 4 + 2 * field
        found = number_at(self.content, layout + offset, "H") if offset + 2 <= size else 0
        return self.place + found if found else None

    def number(self, field: int, kind: str, default: int | float = 0) -> int | float:
        """Return a number."""
        place = self.at(field)
        return default if place is None else number_at(self.content, place, kind)

    def table(self, field: int) -> "Table | None":
        """Return a table inside this one."""
        place = self.at(field)
        return None if place is None else Table(self.content, place + number_at(self.content, place, "I"))

    def _vector(self, field: int, width: int) -> tuple[int, int]:
        """Where the values of a vector begin, and their number."""
        place = self.at(field)
        if place is None:
            return 0, 0
        start = place + number_at(self.content, place, "I")
        n = number_at(self.content, start, "I")
        if n * width > len(self.content) - start - 4:
            raise UnreadableError(_DAMAGED)
        return start + 4, n

    def tables(self, field: int) -> list["Table"]:
        """Return the tables of a vector."""
        start, n = self._vector(field, 4)
        if n > _MOST_TABLES:
            raise UnreadableError(f"a FlatBuffers file of more than {_MOST_TABLES:,} tables")
        places = (start + 4 * index for index in range(n))
        return [Table(self.content, place + number_at(self.content, place, "I")) for place in places]

    def numbers(self, field: int, dtype: str) -> np.ndarray:
        """Return a vector of numbers."""
        kind = np.dtype(dtype)
        start, n = self._vector(field, kind.itemsize)
        return np.frombuffer(self.content, kind, n, start) if n else np.zeros(0, kind)

    def text(self, field: int) -> str:
        """Return a text; empty where there is none."""
        start, n = self._vector(field, 1)
        return bytes(self.content[start : start + n]).decode(errors="replace")
