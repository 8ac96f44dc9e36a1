"""Folders that codesign writes to: what it made there it may replace, everything else is the user's.

A marker, ``.codesign.json``, lists what was made, with a hash of each file: what is not listed, or has been changed
since, is never replaced or removed. Names with ``.codesign-partial`` and ``.codesign-before`` are those of folders on
their way.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from codesign._files import is_unfinished, replace_file, writable
from codesign._untrusted import parse_json, read_text
from codesign.errors import DataError, UnreadableError

_MARKER, _PARTIAL, _BEFORE = ".codesign.json", ".codesign-partial", ".codesign-before"
_ABOUT = "What codesign made here, and may replace. It leaves alone what is not listed, or has been changed since."
_A_FOLDER = "a folder that can be written"
_Made = dict[str, list[str]]  # path -> hashes, or none for what codesign goes on writing: a log, the folder of a tool


@contextmanager
def replaced_folder(path: str | PathLike, *, argument: str = "out") -> Iterator[Path]:
    """Give an empty folder beside `path` to write to, which takes the place of `path` when the block ends well.

    Until then an earlier folder stays as it is; a run that is killed between the two leaves it for the next one to put
    back.

    Raises:
        DataError: before anything is done, if there is something at `path` that codesign has not made.
    """
    path = Path(os.path.realpath(path))
    partial, before = _beside(path)
    with writable(path, _A_FOLDER, argument):
        if before.is_dir() and not path.exists():
            os.rename(before, path)
        check_folder(path, argument=argument)
        _remove(partial, before)
        partial.mkdir(parents=True)
    yield partial
    mark_folder(partial)
    with writable(path, _A_FOLDER, argument):
        if path.exists():
            os.rename(path, before)
        os.rename(partial, path)
        _remove(before)


def check_folder(path: str | PathLike, *, argument: str = "out") -> None:
    """Refuse a folder that holds anything that codesign has not made, or that has been changed since.

    Raises:
        DataError: it names a file, and what to do.
    """
    path = Path(path)
    if not path.exists():
        return
    if not path.is_dir():
        raise DataError(
            f"{argument}: expected a folder at {path}, or none. Received: a file; move it away, or choose another place"
        )
    made = _read_marker(path)
    foreign = [name for name in _files_of(path) if not _is_made(path, name, made)]
    if foreign:
        _refuse(path, foreign, argument)


def mark_folder(path: str | PathLike) -> None:
    """Note that everything in a folder was made by codesign, or by a tool that it ran; what was claimed stays so."""
    path = Path(path)
    claimed = {name: hashes for name, hashes in _read_marker(path).items() if not hashes}
    files = {name: [_hash(path / name)] for name in _files_of(path) if _owner(name, claimed) is None}
    _write_marker(path, claimed | files)


def remove_folder(path: str | PathLike, *, argument: str = "out") -> None:
    """Remove a folder that codesign has made, and what a run that was killed left of one.

    DataError if it holds anything else.
    """
    path = Path(path)
    check_folder(path, argument=argument)
    with writable(path, _A_FOLDER, argument):
        partial, before = _beside(path)
        _remove(partial, before)
        if path.exists():
            os.rename(path, before)  # a run that is killed now leaves no half of it
            _remove(before)


def is_trace(name: str) -> bool:
    """Whether a name is one that a run may leave in a folder in which it has made nothing yet."""
    return name == _MARKER or is_unfinished(name)


def claim(folder: str | PathLike, names: Iterable[str], *, argument: str = "out") -> None:
    """Make a folder, and note files or folders in it that codesign goes on writing, such as a log.

    Raises:
        DataError: if one is there already that codesign has not made.
    """
    folder, names = Path(folder), list(names)
    made = _read_marker(folder)
    foreign = [one for name in names for one in _within(folder, name) if not _is_made(folder, one, made)]
    if foreign:
        _refuse(folder, foreign, argument)
    if any(name not in made for name in names):
        _write_marker(folder, made | {name: [] for name in names}, argument)


def check_files(folder: str | PathLike, names: Iterable[str], *, argument: str = "out") -> None:
    """Refuse files of these names in a folder that codesign has not made, or that have been changed since.

    Raises:
        DataError: it names a file, and what to do.
    """
    folder = Path(folder)
    made = _read_marker(folder)
    foreign = [name for name in names if os.path.lexists(folder / name) and not _is_made(folder, name, made)]
    if foreign:
        _refuse(folder, foreign, argument)


@contextmanager
def made_files(folder: str | PathLike, *, argument: str = "out") -> Iterator[Path]:
    """Give an empty folder to write files to, which are moved into `folder` when the block ends well.

    Raises:
        DataError: if one would take the place of a file that codesign has not made.
    """
    folder = Path(folder)
    partial = folder / _PARTIAL
    with writable(folder, _A_FOLDER, argument):
        _remove(partial)
        partial.mkdir(parents=True)
    yield partial
    names = list(_files_of(partial))
    check_files(folder, names, argument=argument)
    made = _read_marker(folder)
    hashes = {name: _hash(partial / name) for name in names}
    # A run that is killed while it moves leaves files of both kinds, and both are known.
    _write_marker(folder, made | {name: [*made.get(name, []), one] for name, one in hashes.items()}, argument)
    with writable(folder, _A_FOLDER, argument):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(partial / name, folder / name)
        _remove(partial)
    _write_marker(folder, made | {name: [one] for name, one in hashes.items()}, argument)


def _beside(path: Path) -> tuple[Path, Path]:
    """Return where the next folder is made, and where the last one waits to be removed."""
    return path.with_name(f".{path.name}{_PARTIAL}"), path.with_name(f".{path.name}{_BEFORE}")


def _files_of(folder: Path) -> Iterator[str]:
    """Yield the paths of all files and links in a folder, apart from its marker and what is not finished."""
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.endswith((_PARTIAL, _BEFORE))]
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        for name in sorted((*files, *links)):
            path = Path(where, name).relative_to(folder).as_posix()
            if path != _MARKER and not is_unfinished(name):
                yield path


def _within(folder: Path, name: str) -> list[str]:
    """Return a file by its name, and a folder by those of its files."""
    if not (folder / name).is_dir():
        return [name] if os.path.lexists(folder / name) else []
    return [f"{name}/{one}" for one in _files_of(folder / name)]


def _is_made(folder: Path, name: str, made: Mapping[str, list[str]]) -> bool:
    owner = _owner(name, made)
    return owner is not None and (not made[owner] or _hash(folder / name) in made[owner])


def _owner(name: str, made: _Made) -> str | None:
    """Return what is listed of a file: its own name, or that of a folder around it."""
    return next((part for part in (name, *map(str, Path(name).parents)) if part in made), None)


def _hash(path: Path) -> str:
    if path.is_symlink():
        return hashlib.sha256(os.readlink(path).encode()).hexdigest()
    if not path.is_file():
        return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_marker(folder: Path) -> _Made:
    """Return what is listed; nothing where there is no marker, or none that can be read."""
    try:
        made = parse_json(read_text(folder / _MARKER))["made"]
        return {str(name): list(hashes) for name, hashes in made.items()}
    except (UnreadableError, TypeError, KeyError, AttributeError):
        return {}


def _write_marker(folder: Path, made: _Made, argument: str = "out") -> None:
    content = json.dumps({"about": _ABOUT, "made": made}, indent=1) + "\n"
    replace_file(folder / _MARKER, content.encode(), "the list of what was made", argument=argument)


def _remove(*folders: Path) -> None:
    """Remove folders on their way."""
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def _refuse(folder: Path, foreign: list[str], argument: str) -> None:
    more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
    raise DataError(
        f"{argument}: expected a folder in which codesign made what it replaces. Received: {folder}, where "
        f"{foreign[0]}{more} was not made by codesign, or has been changed since; move it away, or choose another place"
    )
