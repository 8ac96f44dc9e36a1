"""Zip archives within limits.

Sizes are known before anything is unpacked, and nothing is unpacked to a path that the archive names.
"""

import zipfile
import zlib
from os import PathLike

from codesign.errors import UnreadableError

LARGEST_UNPACKED = 512 * 2**20  # bytes
_MOST_ENTRIES = 10_000


def check_members(archive: zipfile.ZipFile, *, largest: int = LARGEST_UNPACKED) -> list[zipfile.ZipInfo]:
    """Return what an archive holds, whose sizes can be relied on.

    Raises:
        UnreadableError: for too many entries, names that are there twice, encryption, another packing than deflate, or
            more than `largest` bytes when unpacked.
    """
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) > _MOST_ENTRIES or len(set(names)) < len(names):
        raise UnreadableError(f"a zip archive with more than {_MOST_ENTRIES:,} entries, or one name twice")
    if any(
        member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1
        for member in members
    ):
        raise UnreadableError("a zip archive that is encrypted, or packed by another method than deflate")
    if sum(member.file_size for member in members) > largest:
        raise UnreadableError(f"a zip archive of more than {largest // 2**20} MiB when unpacked")
    return members


def entries_of(path: str | PathLike) -> dict[str, int]:
    """Return the unpacked size of each entry, by name.

    Raises:
        UnreadableError: for an archive that is damaged, that :func:`check_members` refuses, or that holds paths that
            lead outside.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in check_members(archive)}
    except UnreadableError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError):
        raise UnreadableError("a damaged or truncated zip archive; copy or save it again") from None
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name for name in sizes):
        raise UnreadableError("a zip archive with paths that lead out of it")
    return sizes


def read_entry(path: str | PathLike, name: str, largest: int = LARGEST_UNPACKED) -> bytes:
    """Return the content of one entry, checked against its checksum.

    Raises:
        UnreadableError: for a damaged entry, or one that unpacks to more than `largest` bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as entry:
            content = entry.read(largest + 1)
            if len(content) <= largest and not entry.read(1):
                return content
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, zlib.error):
        raise UnreadableError(f"a damaged zip archive ('{name}' cannot be read); copy or save it again") from None
    raise UnreadableError(f"a zip archive in which '{name}' unpacks to more than {largest:,} bytes")
