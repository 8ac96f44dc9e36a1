"""SourceTree: the text files of a project: of a folder, or of the archive that hls4ml packs it into."""

import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codesign._untrusted import LARGEST_UNPACKED, entries_of, read_entry, read_text
from codesign._untrusted.text import LARGEST_TEXT
from codesign.errors import DataError, UnreadableError

LIBRARIES = frozenset(
    {"ap_types", "ac_types", "ac_math", "ac_simutils", "nnet_utils", "nn_utils", "tb_data", "build", ".git"}
)
_CODE = (".cpp", ".cc", ".cxx", ".h", ".hh", ".hpp", ".txt", ".tb", ".yml", ".tcl")
_MOST_FILES = 20_000
_DEEPEST = 8


@dataclass(frozen=True, eq=False)
class SourceTree:
    """Names of files, relative to the project, and their texts.

    Args:
        path: for messages, and where a folder lies.
        packed: the bytes of each file of an archive; None: a folder, which is read when it is asked for.
        names: of the text files, with ``/``.
    """

    path: Path
    names: tuple[str, ...]
    packed: Mapping[str, bytes] | None = None

    @classmethod
    def of(cls, path: Path) -> "SourceTree":
        """List a folder, or unpack an archive into memory.

        Raises:
            DataError: for what cannot be read, or is beyond the limits.
        """
        if path.is_dir():
            return cls(path, tuple(sorted(_walk(path))))
        packed = _unpacked(path)
        return cls(path, tuple(sorted(packed)), packed)

    def read(self, name: str) -> str:
        """Return the text of a file.

        Raises:
            DataError: naming it, where it cannot be read.
        """
        if self.packed is not None:
            return self.packed[name].decode("utf-8", "replace")
        try:
            return read_text(self.path / name, errors="replace")
        except UnreadableError as error:
            raise DataError(
                f"{self.path / name}: expected a file of an hls4ml project. Received: one {error}"
            ) from None

    def find(self, name: str, beside: str = "") -> str | None:
        """Return the file that an ``#include`` means, or None.

        Args:
            name: as it stands in the source.
            beside: the file in which it stands.
        """
        wanted = PurePosixPath(name)
        if wanted.is_absolute():
            return None
        for folder in (PurePosixPath(beside).parent, *PurePosixPath(beside).parents):
            found = os.path.normpath((folder / wanted).as_posix())
            if found in self.names:
                return found
        same = [one for one in self.names if PurePosixPath(one).name == wanted.name]
        return same[0] if len(same) == 1 else None

    def sources(self, *endings: str) -> list[str]:
        """Return the files with one of these endings that are the project's own, and not of a library."""
        return [
            name for name in self.names if name.endswith(endings) and not LIBRARIES & set(PurePosixPath(name).parts)
        ]


def _walk(root: Path) -> Iterator[str]:
    """Names of text files; links are not followed."""
    count = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        if len(here.parts) >= _DEEPEST:
            folders.clear()
        folders[:] = [name for name in folders if not name.startswith(".") and not (Path(folder) / name).is_symlink()]
        for name in files:
            count += 1
            if count > _MOST_FILES:
                raise DataError(
                    f"model: expected the folder of one hls4ml project. Received: {root}, with more than "
                    f"{_MOST_FILES:,} files"
                )
            if name.endswith(_CODE) and not (Path(folder) / name).is_symlink():
                yield (here / name).as_posix()


def _unpacked(path: Path) -> dict[str, bytes]:
    try:
        with open(path, "rb") as file:
            is_zip = file.read(2) == b"PK"
        if is_zip:
            sizes = {name: size for name, size in entries_of(path).items() if name.endswith(_CODE)}
            _check_size(sum(sizes.values()), len(sizes))
            return {_plain(name): read_entry(path, name, LARGEST_TEXT) for name in sizes}
        return _untarred(path)
    except UnreadableError as error:
        raise DataError(f"model: expected a packed hls4ml project. Received: {path}, {error}") from None
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise DataError(f"model: expected a packed hls4ml project. Received: {path} ({error})") from None


def _untarred(path: Path) -> dict[str, bytes]:
    found, total = {}, 0
    with tarfile.open(path, "r|*") as archive:
        for count, member in enumerate(archive):
            _check_size(total, count)
            if not member.isreg() or not member.name.endswith(_CODE):
                total += max(0, member.size) if member.isreg() else 0
                continue
            _check_size(total + max(0, member.size), count)
            content = archive.extractfile(member).read(LARGEST_TEXT + 1)
            _check_size(len(content) - LARGEST_TEXT, 0, largest=0)
            total += len(content)
            found[_plain(member.name)] = content
    return found


def _plain(name: str) -> str:
    return os.path.normpath(name.replace("\\", "/").lstrip("/"))


def _check_size(size: int, count: int, *, largest: int = LARGEST_UNPACKED) -> None:
    if size > largest or count > _MOST_FILES:
        raise UnreadableError(f"an archive beyond {LARGEST_UNPACKED // 2**20} MiB, or {_MOST_FILES:,} files")
