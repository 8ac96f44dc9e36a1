"""Tar archives, packed or not, within limits; nothing is unpacked to a path that the archive names."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from os import PathLike
from typing import BinaryIO

from codesign._untrusted.archives import LARGEST_UNPACKED
from codesign.errors import UnreadableError

_MOST_ENTRIES = 10_000
_DAMAGE = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, zlib.error, lzma.LZMAError, IndexError)
_PACKING = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open, b"\x5d\x00\x00": lzma.open}
_OVERHEAD = 2**24  # bytes of headers and padding


class _Limited:
    """What is unpacked, as a stream that ends with an error where it grows beyond what an archive may hold."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, LARGEST_UNPACKED + _OVERHEAD

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        content = self._file.read(min(size, self._left + 1))
        self._left -= len(content)
        if self._left < 0:
            raise UnreadableError(f"a tar archive of more than {LARGEST_UNPACKED // 2**20} MiB when unpacked")
        return content


@contextmanager
def _opened(path: str | PathLike) -> Iterator[tarfile.TarFile]:
    with open(path, "rb") as file:
        head = file.read(8)
    unpack = next((unpack for mark, unpack in _PACKING.items() if head.startswith(mark)), open)
    with unpack(path, "rb") as file, tarfile.open(fileobj=_Limited(file), mode="r|") as archive:
        yield archive


def is_tar(path: str | PathLike) -> bool:
    """Whether a file begins as a tar archive does, behind gzip, bzip2 or xz too."""
    try:
        with _opened(path) as archive:
            return archive.next() is not None
    except (UnreadableError, *_DAMAGE):
        return False


def tar_entries_of(path: str | PathLike) -> dict[str, int]:
    """Return the size of each file in an archive, by name; links and devices are left out.

    Raises:
        UnreadableError: for an archive that is damaged, holds too much, or paths that lead outside.
    """
    return {name: len(content) if isinstance(content, bytes) else content for name, content in _walk(path, ())}


def read_tar_entries(path: str | PathLike, names: Collection[str]) -> dict[str, bytes]:
    """Return the content of the files of these names that an archive holds.

    Raises:
        UnreadableError: as :func:`tar_entries_of`.
    """
    return {name: content for name, content in _walk(path, names) if isinstance(content, bytes)}


def _walk(path: str | PathLike, wanted: Collection[str]) -> list[tuple[str, int | bytes]]:
    """Name and size of each file, its content where it is wanted; in one pass, as a stream wants it."""
    found, unpacked = [], 0
    try:
        with _opened(path) as archive:
            for number, member in enumerate(archive):
                unpacked += max(member.size, 0)
                if number >= _MOST_ENTRIES or unpacked > LARGEST_UNPACKED:
                    raise UnreadableError(
                        f"a tar archive of more than {_MOST_ENTRIES:,} entries, or {LARGEST_UNPACKED // 2**20} MiB"
                    )
                name = member.name.removeprefix("./")
                if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
                    raise UnreadableError("a tar archive with paths that lead out of it")
                if member.isreg():
                    found.append((name, archive.extractfile(member).read() if name in wanted else member.size))
    except _DAMAGE:
        raise UnreadableError("a damaged or truncated tar archive; copy or pack it again") from None
    if len({name for name, _ in found}) < len(found):
        raise UnreadableError("a tar archive with one name twice")
    return found
