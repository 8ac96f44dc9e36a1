"""Object headers of HDF5: the messages that say what a group or an array is."""

from collections.abc import Iterator
from dataclasses import dataclass

from codesign._untrusted.hdf5.content import Content, UnknownLayoutError
from codesign.errors import UnreadableError

DATASPACE, LINK_INFO, DATATYPE, EXTERNAL, LINK, LAYOUT, FILTERS, ATTRIBUTE = 1, 2, 3, 7, 6, 8, 11, 12
SYMBOL_TABLE, ATTRIBUTE_INFO = 17, 21
_CONTINUATION = 16
_SHARED = 2
_USED = {DATASPACE, LINK_INFO, DATATYPE, EXTERNAL, LINK, LAYOUT, FILTERS, ATTRIBUTE, SYMBOL_TABLE, ATTRIBUTE_INFO}


@dataclass(frozen=True)
class Message:
    """One message of an object header.

    Args:
        kind: its number.
        start, size: where its data are.
    """

    kind: int
    start: int
    size: int


def root_address(content: Content) -> int:
    """Return the address of the root group's header.

    Raises:
        UnknownLayoutError: for sizes of addresses or a version that h5py does not write.
    """
    (version,) = content.numbers("B", 8)
    if version in (0, 1):
        sizes, start = content.numbers("BB", 13), 24 + 4 * version
        base, address = content.numbers("Q", start)[0], content.numbers("Q", start + 40)[0]
    elif version in (2, 3):
        sizes = content.numbers("BB", 9)
        base, _, _, address = content.numbers("QQQQ", 12)
    else:
        raise UnknownLayoutError(f"superblock {version}")
    if sizes != (8, 8) or base != 0:
        raise UnknownLayoutError(f"addresses of {sizes[0]} bytes")
    return address


def messages(content: Content, address: int) -> list[Message]:
    """Return the messages of the object header at an address that matter here."""
    is_new = content.take(address, 4) == b"OHDR"
    found = [one for one in (_new if is_new else _old)(content, address) if one[0].kind in _USED]
    if any(flags & _SHARED for _, flags in found):
        raise UnknownLayoutError("shared messages")
    return [message for message, _ in found]


def _old(content: Content, address: int) -> Iterator[tuple[Message, int]]:
    version, _, n_messages, _, size = content.numbers("BBHII", address)
    if version != 1:
        raise UnreadableError("an HDF5 file with an object of no known version")
    blocks = [(address + 16, size)]
    while blocks:
        start, size = blocks.pop(0)
        end = start + size
        while start + 8 <= end and n_messages:
            content.count_part()
            n_messages -= 1
            kind, length, flags = content.numbers("HHB", start)
            if kind == _CONTINUATION:
                blocks.append(content.numbers("QQ", start + 8))
            yield Message(kind, start + 8, length), flags
            start += 8 + length


def _new(content: Content, address: int) -> Iterator[tuple[Message, int]]:
    version, flags = content.numbers("BB", address + 4)
    if version != 2:
        raise UnreadableError("an HDF5 file with an object of no known version")
    start = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = int.from_bytes(content.take(start, width), "little")
    head, blocks = (6 if flags & 4 else 4), [(start + width, size)]
    while blocks:
        start, size = blocks.pop(0)
        end = start + size
        while start + head <= end:
            content.count_part()
            kind, length, marks = content.numbers("BHB", start)
            if kind == _CONTINUATION:
                where, n_bytes = content.numbers("QQ", start + head)
                content.expect(b"OCHK", where)
                blocks.append((where + 4, n_bytes - 8))
            yield Message(kind, start + head, length), marks
            start += head + length
