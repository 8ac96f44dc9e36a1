"""The bytes of an HDF5 file: numbers and signatures at places within them, and how much has been read."""

import struct

from codesign.errors import UnreadableError

UNDEFINED = 2**64 - 1  # the address of what is not there
_MOST_OBJECTS = 20_000
_MOST_PARTS = 200_000  # nodes, messages and chunks
_LARGEST_BYTES = 512 * 2**20
_LARGEST_RATIO = 1_100  # deflate packs by 1032 at most


class UnknownLayoutError(Exception):
    """Raised for a structure that HDF5 has and that is not read here."""


class Content:
    """A file's bytes, and limits on what is read of them.

    Args:
        content: the whole file.
    """

    def __init__(self, content: bytes) -> None:
        self.bytes = content
        self._visited: set[int] = set()
        self._n_parts = self._n_bytes = 0

    def take(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start` on.

        Raises:
            UnreadableError: where the file ends before.
        """
        if start < 0 or size < 0 or start + size > len(self.bytes):
            raise UnreadableError("an HDF5 file that is truncated or damaged")
        return self.bytes[start : start + size]

    def numbers(self, form: str, start: int) -> tuple:
        """Return little-endian numbers, as :mod:`struct` names them."""
        form = f"<{form}"
        return struct.unpack(form, self.take(start, struct.calcsize(form)))

    def expect(self, signature: bytes, start: int) -> None:
        """UnreadableError if something else stands there."""
        if self.take(start, len(signature)) != signature:
            raise UnreadableError(f"an HDF5 file in which {signature.decode()} is expected and something else found")

    def visit(self, address: int) -> None:
        """Count an object.

        Raises:
            UnreadableError: for one that is met twice, or too many.
        """
        if address in self._visited:
            raise UnreadableError("an HDF5 file in which an object is there twice")
        self._visited.add(address)
        if len(self._visited) > _MOST_OBJECTS:
            raise UnreadableError(f"an HDF5 file of more than {_MOST_OBJECTS:,} objects")

    def count_part(self) -> None:
        """Count a piece of an object; UnreadableError for too many."""
        self._n_parts += 1
        if self._n_parts > _MOST_PARTS:
            raise UnreadableError(f"an HDF5 file of more than {_MOST_PARTS:,} parts, or parts in a circle")

    def count_bytes(self, size: int) -> None:
        """Count an array's bytes, before memory is taken; UnreadableError for too many."""
        self._n_bytes += size
        if self._n_bytes > min(_LARGEST_BYTES, _LARGEST_RATIO * len(self.bytes)):
            raise UnreadableError(
                f"an HDF5 file of more than {_LARGEST_BYTES // 2**20} MiB of arrays, or than it holds"
            )
