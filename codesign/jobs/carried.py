"""Folders that travel: the files of one as bytes, and back."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from codesign._files import replace_file

Files = Mapping[str, bytes]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return each file below a folder by its relative path; of a folder that is not there, none."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def write_folder(folder: Path, files: Files) -> None:
    """Write files below a folder, each whole or not at all; a path that leads out of it is left out.

    Raises:
        DataError: if one cannot be written.
    """
    for name, content in files.items():
        path = PurePosixPath(name)
        if not path.is_absolute() and ".." not in path.parts:
            replace_file(folder / path, content, "the files of a job")
