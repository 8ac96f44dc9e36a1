"""Universal Binary JSON (draft 12, as XGBoost writes it), within the limits that JSON has here."""

import math

import numpy as np

from codesign.errors import UnreadableError

_LARGEST_DEPTH = 64
_MOST_VALUES = 8_000_000
_NUMBERS = {
    b"i": ">i1",
    b"U": ">u1",
    b"I": ">i2",
    b"l": ">i4",
    b"L": ">i8",
    b"d": ">f4",
    b"D": ">f8",
}
_CONSTANTS = {b"T": True, b"F": False, b"Z": None}
_LENGTHS = b"iUIlL"


def parse_ubjson(content: bytes) -> object:
    """Return the value that the bytes hold; arrays of one type of numbers become arrays of NumPy.

    Raises:
        UnreadableError: for bytes that are no UBJSON, are truncated, or are beyond a limit.
    """
    reader = _Reader(content)
    value = reader.value(reader.take(1), 0)
    if reader.place != len(content):
        raise UnreadableError(f"not UBJSON: {len(content) - reader.place:,} bytes behind its end")
    return value


class _Reader:
    """A place in the bytes."""

    def __init__(self, content: bytes) -> None:
        self._content, self.place, self._values = content, 0, 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if not 0 <= count <= len(self._content) - self.place:
            raise UnreadableError(f"not UBJSON, or not all of it: {count:,} bytes expected at byte {self.place:,}")
        self.place += count
        return self._content[self.place - count : self.place]

    def value(self, kind: bytes, depth: int) -> object:
        """Return a value of the type that its marker says."""
        self._values += 1
        if self._values > _MOST_VALUES or depth > _LARGEST_DEPTH:
            raise UnreadableError(f"UBJSON with more than {_MOST_VALUES:,} values, or {_LARGEST_DEPTH} levels")
        if kind in _NUMBERS:
            return self._number(kind)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == b"S":
            return self._text()
        if kind == b"[":
            return self._array(depth)
        if kind == b"{":
            return self._object(depth)
        raise UnreadableError(f"not UBJSON: the marker {kind!r} at byte {self.place - 1:,}")

    def _number(self, kind: bytes) -> int | float:
        number = np.frombuffer(self.take(np.dtype(_NUMBERS[kind]).itemsize), _NUMBERS[kind])[0].item()
        if not math.isfinite(number):
            raise UnreadableError(f"a number that is none, at byte {self.place:,}")
        return number

    def _length(self) -> int:
        kind = self.take(1)
        if kind not in _LENGTHS:
            raise UnreadableError(f"not UBJSON: a length of type {kind!r} at byte {self.place - 1:,}")
        return self._number(kind)

    def _text(self) -> str:
        try:
            return self.take(self._length()).decode()
        except UnicodeDecodeError:
            raise UnreadableError(f"text that is not UTF-8, before byte {self.place:,}") from None

    def _array(self, depth: int) -> list | np.ndarray:
        kind, count = self._header()
        if kind in _NUMBERS:
            dtype = np.dtype(_NUMBERS[kind])
            return np.frombuffer(self.take(count * dtype.itemsize), dtype).astype(dtype.newbyteorder("="))
        values = []
        while count is None or len(values) < count:
            marker = kind or self.take(1)
            if count is None and marker == b"]":
                break
            values.append(self.value(marker, depth + 1))
        return values

    def _object(self, depth: int) -> dict[str, object]:
        kind, count = self._header()
        if kind is not None or count is not None:
            raise UnreadableError(f"UBJSON with a typed object, which no model has, at byte {self.place:,}")
        found = {}
        while self._content[self.place : self.place + 1] != b"}":
            name = self._text()
            if name in found:
                raise UnreadableError(f"the key '{name}' twice in one object")
            found[name] = self.value(self.take(1), depth + 1)
        self.take(1)
        return found

    def _header(self) -> tuple[bytes | None, int | None]:
        """Return the type of all elements and their number, where a container says them."""
        kind = count = None
        if self._content[self.place : self.place + 1] == b"$":
            self.take(1)
            kind = self.take(1)
        if self._content[self.place : self.place + 1] == b"#":
            self.take(1)
            count = self._length()
            if not 0 <= count <= _MOST_VALUES:
                raise UnreadableError(f"an array of {count:,} values")
        if kind is not None and count is None:
            raise UnreadableError(f"not UBJSON: an array of one type without its length, at byte {self.place:,}")
        return kind, count
