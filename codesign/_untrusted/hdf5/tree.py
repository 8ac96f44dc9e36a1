"""Groups, attributes and arrays of an HDF5 file by name."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from codesign._untrusted.hdf5.arrays import raw_bytes
from codesign._untrusted.hdf5.content import UNDEFINED, Content, UnknownLayoutError
from codesign._untrusted.hdf5.headers import (
    ATTRIBUTE,
    ATTRIBUTE_INFO,
    DATASPACE,
    DATATYPE,
    LINK,
    LINK_INFO,
    SYMBOL_TABLE,
    Message,
    messages,
    root_address,
)
from codesign._untrusted.hdf5.types import as_array, read_kind, read_shape
from codesign.errors import UnreadableError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_DEEPEST = 32
_LONGEST_NAME = 4096
_DAMAGE = (struct.error, zlib.error, ValueError, IndexError, OverflowError, TypeError, MemoryError)


class Dataset:
    """An array.

    Attributes:
        shape: of it; None for one without any value.
    """

    def __init__(self, content: Content, found: list[Message]) -> None:
        self._content, self._found = content, found
        space = next(message for message in found if message.kind == DATASPACE)
        self.shape = read_shape(content, space.start)

    def values(self) -> np.ndarray:
        """Return the numbers, or the texts as objects.

        Raises:
            UnreadableError: for damage, or what is no array of a model.
            UnknownLayoutError: for an array that is stored in a newer way.
        """
        try:
            kind = read_kind(self._content, next(one.start for one in self._found if one.kind == DATATYPE))
            if self.shape is None:
                return np.zeros(0, kind.dtype or object)
            return as_array(self._content, kind, self.shape, raw_bytes(self._content, self._found, kind, self.shape))
        except StopIteration:
            raise UnreadableError("an HDF5 file with an array of no type") from None
        except _DAMAGE as error:
            raise UnreadableError(f"a damaged HDF5 file ({error})") from None


class Group(Mapping):
    """Groups and arrays by name, in the order of names, and attributes.

    Attributes:
        attributes: by name: numbers as arrays, texts, arrays of texts.
    """

    def __init__(self, content: Content, found: list[Message], depth: int) -> None:
        if depth > _DEEPEST:
            raise UnreadableError(f"an HDF5 file of groups nested more than {_DEEPEST} deep")
        self._content, self._found, self._depth = content, found, depth
        self._opened: dict[str, Group | Dataset] = {}

    def __getitem__(self, name: str) -> "Group | Dataset":
        if name not in self._opened:
            address = self._addresses[name]
            self._content.visit(address)
            self._opened[name] = _guarded(lambda: _open(self._content, address, self._depth + 1))
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)

    @cached_property
    def attributes(self) -> dict[str, object]:
        """Attributes by name.

        Raises:
            UnreadableError: for damage, or values that are neither numbers nor texts.
        """
        return _guarded(lambda: dict(_attributes(self._content, self._found)))

    @cached_property
    def _addresses(self) -> dict[str, int]:
        return _guarded(lambda: dict(_links(self._content, self._found)))


def open_hdf5(content: bytes) -> Group:
    """Return the root group of a file.

    Raises:
        UnreadableError: for damage.
        UnknownLayoutError: for a structure that is not read here.
    """
    held = Content(content)
    held.expect(_SIGNATURE, 0) if content[:8] != _SIGNATURE else None
    found = _guarded(lambda: _open(held, root_address(held), 0))
    if not isinstance(found, Group):
        raise UnreadableError("an HDF5 file without groups")
    return found


def _guarded(read: object) -> object:
    try:
        return read()
    except _DAMAGE as error:
        raise UnreadableError(f"a damaged HDF5 file ({error})") from None


def _open(content: Content, address: int, depth: int) -> Group | Dataset:
    found = messages(content, address)
    is_array = any(message.kind == DATASPACE for message in found)
    return Dataset(content, found) if is_array else Group(content, found, depth)


def _links(content: Content, found: list[Message]) -> Iterator[tuple[str, int]]:
    for message in found:
        if message.kind == SYMBOL_TABLE:
            yield from _old_links(content, *content.numbers("QQ", message.start))
        elif message.kind == LINK:
            yield _new_link(content, message.start)
        elif message.kind == LINK_INFO:
            _, flags = content.numbers("BB", message.start)
            if content.numbers("Q", message.start + 2 + (8 if flags & 1 else 0))[0] != UNDEFINED:
                raise UnknownLayoutError("links in a heap")


def _old_links(content: Content, tree: int, heap: int) -> Iterator[tuple[str, int]]:
    content.expect(b"HEAP", heap)
    size, _, names = content.numbers("QQQ", heap + 8)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        content.count_part()
        content.expect(b"TREE", node)
        kind, _, n_used = content.numbers("BBH", node + 4)
        if kind != 0:
            raise UnreadableError("an HDF5 file with a group whose members are not listed")
        for start in range(node + 32, node + 32 + 16 * n_used, 16):
            (child,) = content.numbers("Q", start)
            if content.take(child, 4) == b"TREE":
                waiting.append(child)
                continue
            content.expect(b"SNOD", child)
            for entry in range(child + 8, child + 8 + 40 * content.numbers("H", child + 6)[0], 40):
                content.count_part()
                offset, address, cached = content.numbers("QQI", entry)
                if cached == 2 or offset >= size:
                    raise UnreadableError("an HDF5 file with a link to another place or file")
                yield _name(content, names + offset), address


def _name(content: Content, start: int) -> str:
    end = content.bytes.find(b"\0", start, start + _LONGEST_NAME)
    if end < 0:
        raise UnreadableError("an HDF5 file with a name that does not end")
    return content.take(start, end - start).decode("utf-8", "replace")


def _new_link(content: Content, start: int) -> tuple[str, int]:
    _, flags = content.numbers("BB", start)
    start += 2
    if flags & 8:
        if content.numbers("B", start)[0]:
            raise UnreadableError("an HDF5 file with a link to another place or file")
        start += 1
    start += (8 if flags & 4 else 0) + (1 if flags & 16 else 0)
    width = 1 << (flags & 3)
    size = int.from_bytes(content.take(start, width), "little")
    name = content.take(start + width, min(size, _LONGEST_NAME)).decode("utf-8", "replace")
    return name, content.numbers("Q", start + width + size)[0]


def _attributes(content: Content, found: list[Message]) -> Iterator[tuple[str, object]]:
    for message in found:
        if message.kind == ATTRIBUTE_INFO:
            _, flags = content.numbers("BB", message.start)
            if content.numbers("Q", message.start + 2 + (2 if flags & 1 else 0))[0] != UNDEFINED:
                raise UnknownLayoutError("attributes in a heap")
        elif message.kind == ATTRIBUTE:
            yield _attribute(content, message.start)


def _attribute(content: Content, start: int) -> tuple[str, object]:
    version, flags, n_name, n_type, n_space = content.numbers("BBHHH", start)
    if version not in (1, 2, 3) or (version > 1 and flags):
        raise UnknownLayoutError(f"attribute {version}")
    place = start + (9 if version == 3 else 8)
    step = 8 if version == 1 else 1
    name = content.take(place, n_name).split(b"\0")[0].decode("utf-8", "replace")
    place += -(-n_name // step) * step
    kind = read_kind(content, place)
    place += -(-n_type // step) * step
    shape = read_shape(content, place)
    place += -(-n_space // step) * step
    if shape is None:
        return name, np.zeros(0)
    size = int(np.prod(shape, dtype=object)) * kind.size
    content.count_bytes(size)
    values = as_array(content, kind, shape, content.take(place, size))
    return name, values.item() if values.ndim == 0 else values
