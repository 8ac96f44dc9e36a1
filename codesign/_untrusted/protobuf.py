"""Protocol Buffers as they lie in a file: fields by number, nothing copied, no schema compiled."""

from collections.abc import Iterator

import numpy as np

from codesign.errors import UnreadableError

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
_DAMAGED = "a damaged or truncated protobuf file; copy or export it again"
_WIDTHS = {FIXED_64: 8, FIXED_32: 4}


def fields_of(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and value of each field of a message: an unsigned number, or bytes.

    Raises:
        UnreadableError: where the bytes are no message.
    """
    place = 0
    while place < len(content):
        tag, place = varint(content, place)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, place = varint(content, place)
        elif wire in _WIDTHS:
            width = _WIDTHS[wire]
            value, place = int.from_bytes(content[place : place + width], "little"), place + width
        elif wire == BYTES:
            size, place = varint(content, place)
            value, place = content[place : place + size], place + size
        else:
            number = 0
        if not number or place > len(content):
            raise UnreadableError(_DAMAGED)
        yield number, value


def varint(content: memoryview, place: int) -> tuple[int, int]:
    """Return an unsigned number of 64 bits at a place, and the place behind it.

    Raises:
        UnreadableError: for one that does not end.
    """
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (2**64 - 1), place
    raise UnreadableError(_DAMAGED)


def packed_varints(content: memoryview) -> np.ndarray:
    """Return (n,) int64 of numbers that lie one behind the other, two's complement.

    Raises:
        UnreadableError: for one of more than 64 bits, or that does not end.
    """
    data = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(data < 128)
    if (data.size and (not ends.size or ends[-1] != data.size - 1)) or np.diff(ends, prepend=-1).max(initial=0) > 10:
        raise UnreadableError(_DAMAGED)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: ends.size]
    found = np.zeros(ends.size, np.uint64)
    for digit in range(int(np.diff(ends, prepend=-1).max(initial=0))):
        has = starts + digit <= ends
        found[has] |= (data[starts[has] + digit] & 127).astype(np.uint64) << np.uint64(7 * digit)
    return found.view(np.int64)


def signed(number: int) -> int:
    """Return an unsigned number of 64 bits as two's complement."""
    return number - (1 << 64) if number >> 63 else number
