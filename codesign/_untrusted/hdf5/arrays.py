"""Where the bytes of an HDF5 array are: in its header, in a row, or in chunks that may be packed."""

import itertools
import math
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from codesign._untrusted.hdf5.content import UNDEFINED, Content, UnknownLayoutError
from codesign._untrusted.hdf5.headers import EXTERNAL, FILTERS, LAYOUT, Message
from codesign._untrusted.hdf5.types import Kind
from codesign.errors import UnreadableError

_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3
_COMPACT, _IN_A_ROW, _CHUNKED = 0, 1, 2
_NAMED = 256  # filters from here on have a name


def raw_bytes(content: Content, found: Sequence[Message], kind: Kind, shape: tuple[int, ...]) -> bytes:
    """Return the bytes of an array, unpacked.

    Raises:
        UnreadableError: for an array in another file, one that is larger than the file can hold, or an unknown filter.
        UnknownLayoutError: for chunks that are indexed in a newer way.
    """
    if any(message.kind == EXTERNAL for message in found):
        raise UnreadableError("an HDF5 file with an array that lies in another file")
    layout = next((message for message in found if message.kind == LAYOUT), None)
    if layout is None:
        raise UnreadableError("an HDF5 file with an array that lies nowhere")
    size = math.prod(shape) * kind.size
    content.count_bytes(size)
    version, where = content.numbers("BB", layout.start)
    if version not in (3, 4) or (version == 4 and where == _CHUNKED):
        raise UnknownLayoutError(f"layout {version}")
    if where == _COMPACT:
        return content.take(layout.start + 4, size)
    if where == _IN_A_ROW:
        (address,) = content.numbers("Q", layout.start + 2)
        return bytes(size) if address == UNDEFINED else content.take(address, size)
    if where != _CHUNKED:
        raise UnreadableError("an HDF5 file with an array that lies in another file")
    return _chunked(content, layout.start, kind, shape, _filters(content, found))


def _filters(content: Content, found: Sequence[Message]) -> list[int]:
    """Numbers of the filters that chunks went through, first to last."""
    message = next((one for one in found if one.kind == FILTERS), None)
    if message is None:
        return []
    version, n_filters = content.numbers("BB", message.start)
    start, numbers = message.start + (8 if version == 1 else 2), []
    for _ in range(n_filters):
        (number,) = content.numbers("H", start)
        has_name = version == 1 or number >= _NAMED
        n_name = content.numbers("H", start + 2)[0] if has_name else 0
        _, n_values = content.numbers("HH", start + (4 if has_name else 2))
        n_name = (n_name + 7) // 8 * 8 if version == 1 else n_name
        start += (8 if has_name else 6) + n_name + 4 * (n_values + (n_values % 2 if version == 1 else 0))
        numbers.append(number)
    if any(number not in (_DEFLATE, _SHUFFLE, _CHECKSUM) for number in numbers):
        raise UnreadableError("an HDF5 file with an array packed by a filter that Keras does not use")
    return numbers


def _chunked(content: Content, start: int, kind: Kind, shape: tuple[int, ...], filters: Sequence[int]) -> bytes:
    rank = len(shape)
    n_axes, address = content.numbers("BQ", start + 2)
    sizes = content.numbers(f"{n_axes}I", start + 11)
    if n_axes != rank + 1 or sizes[-1] != kind.size or not all(sizes):
        raise UnreadableError("an HDF5 file with an array in chunks of another shape")
    content.count_bytes(math.prod(sizes))
    values = np.zeros((*shape, kind.size), np.uint8)
    if address != UNDEFINED:
        for offset, where, n_bytes, mask in _chunks(content, address, rank):
            packed = content.take(where, n_bytes)
            used = [number for place, number in enumerate(filters) if not mask >> place & 1]
            chunk = np.frombuffer(_unpacked(packed, used, math.prod(sizes), kind.size), np.uint8).reshape(sizes)
            places = tuple(slice(one, min(one + size, end)) for one, size, end in zip(offset, sizes, shape))
            kept = tuple(slice(0, max(place.stop - place.start, 0)) for place in places)
            values[places] = chunk[kept]
    return values.tobytes()


def _chunks(content: Content, address: int, rank: int) -> Iterator[tuple[tuple[int, ...], int, int, int]]:
    """Offset, address, packed bytes and filters left out, of each chunk."""
    waiting, width = [address], 8 + 8 * (rank + 1)
    while waiting:
        node = waiting.pop()
        content.count_part()
        content.expect(b"TREE", node)
        kind, level, n_used = content.numbers("BBH", node + 4)
        if kind != 1:
            raise UnreadableError("an HDF5 file with an array whose chunks are not listed")
        for start in itertools.islice(itertools.count(node + 24, width + 8), n_used):
            content.count_part()
            n_bytes, mask = content.numbers("II", start)
            offset = content.numbers(f"{rank}Q", start + 8)
            (child,) = content.numbers("Q", start + width)
            if level:
                waiting.append(child)
            else:
                yield offset, child, n_bytes, mask


def _unpacked(packed: bytes, filters: Sequence[int], size: int, item: int) -> bytes:
    for number in reversed(filters):
        if number == _CHECKSUM:
            packed = packed[:-4]
        elif number == _DEFLATE:
            packed = zlib.decompressobj().decompress(packed, size + 4)
        elif item > 1:
            whole = len(packed) // item * item
            packed = np.frombuffer(packed[:whole], np.uint8).reshape(item, -1).T.tobytes() + packed[whole:]
    if len(packed) != size:
        raise UnreadableError("an HDF5 file with a chunk of another size")
    return packed
