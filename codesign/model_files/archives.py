"""Zip archives within limits.

Sizes are known before anything is unpacked, and nothing is unpacked to a path that the archive names.
"""

import zipfile
import zlib
from os import PathLike

from codesign.errors import DataError

LARGEST_BYTES = 512 * 2**20
_MOST_ENTRIES = 10_000


def entries_of(path: str | PathLike) -> dict[str, int]:
    """Return the unpacked size of each entry, by name.

    Raises:
        DataError: for an archive that is damaged, or holds names twice, paths that lead outside, packed or unpacked
        more than the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError):
        raise DataError("a damaged or truncated zip archive; copy or save it again") from None
    names = [info.filename for info in infos]
    if len(infos) > _MOST_ENTRIES or len(set(names)) < len(names):
        raise DataError(f"a zip archive with more than {_MOST_ENTRIES:,} entries, or one name twice")
    if any(
        info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1 for info in infos
    ):
        raise DataError("a zip archive that is encrypted, or packed by another method than deflate")
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name for name in names):
        raise DataError("a zip archive with paths that lead out of it")
    if sum(info.file_size for info in infos) > LARGEST_BYTES:
        raise DataError(f"a zip archive of more than {LARGEST_BYTES // 2**20} MiB when unpacked")
    return {info.filename: info.file_size for info in infos}


def read_entry(path: str | PathLike, name: str, largest: int = LARGEST_BYTES) -> bytes:
    """Return the content of one entry, checked against its checksum.

    Raises:
        DataError: for a damaged entry, or one that unpacks to more than `largest` bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as entry:
            content = entry.read(largest + 1)
            if len(content) <= largest and not entry.read(1):
                return content
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, zlib.error):
        raise DataError(f"a damaged zip archive ('{name}' cannot be read); copy or save it again") from None
    raise DataError(f"a zip archive in which '{name}' unpacks to more than {largest:,} bytes")
