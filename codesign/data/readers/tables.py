"""Which reader a source has: what a file is, is found by its first bytes."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._untrusted import read_arrays
from codesign._untrusted.text import open_file
from codesign.data.readers.csv_text import GZIP, line_of_row, open_csv, open_text
from codesign.data.readers.foreign import open_foreign
from codesign.data.readers.frames import open_frame
from codesign.data.readers.numpy_arrays import tables_of_arrays
from codesign.data.readers.opened import Opened, opened
from codesign.data.readers.sources import Files, files_of
from codesign.data.readers.table import Table
from codesign.errors import DataError, UnreadableError

_STARTS = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"root", "root"),
    (b"PK", "npz"),
    (b"\x93NUMPY", "npy"),
)
_PACKED = ((GZIP, "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))
_TITLES = {"csv": "CSV", "npz": ".npz", "npy": ".npy"}


def open_tables(files: Files, argument: str = "data") -> Opened:
    """Open files of one format: CSV, Parquet, Feather, HDF5, ROOT, .npz or .npy.

    Raises:
        DataError: for a file that cannot be read, or files of several formats; it names the file.
        EnvironmentSetupError: if the package for a format is missing.
    """
    forms = {path: _read(argument, "table", path, _form) for path in files.paths}
    form = forms[files.paths[0]]
    other = next((path for path in files.paths if forms[path] != form), None)
    if other is not None:
        raise DataError(
            f"{argument}: expected files of one format. Received: {files.paths[0]} of {form} and {other} of "
            f"{forms[other]}"
        )
    if form in ("csv", "npz", "npy"):
        tables: list[Table] = []
        for path in files.paths:
            found = _read(argument, _TITLES[form], path, _open_csv if form == "csv" else _open_numpy)
            tables += found
        return opened(tables)
    return open_foreign(files, form, argument)


def _form(path: Path) -> str:
    if path.suffix.lower() in (".npz", ".npy"):
        return path.suffix[1:].lower()
    with open_file(path) as file:
        start = file.read(16)
    if start.startswith(GZIP):
        with open_text(path) as text:
            inner = text.buffer.peek(16)[:16]
        if inner.startswith(tuple(magic for magic, _ in (*_STARTS, *_PACKED))):
            raise UnreadableError("packed by gzip; unpack it first")
        return "csv"
    packed = next((name for magic, name in _PACKED if start.startswith(magic)), None)
    if packed:
        raise UnreadableError(f"packed by {packed}; unpack it first")
    return next((form for magic, form in _STARTS if start.startswith(magic)), "csv")


def line_of_event(path: str | PathLike, index: int) -> str:
    """Return where an event is in a file that was read, for messages: in a line of text, or its number from 1."""
    (source,) = files_of(path).paths
    return f"line {line_of_row(source, index):,}" if _form(source) == "csv" else f"event {index + 1:,}"


def _open_csv(path: Path) -> list[Table]:
    return [open_csv(path)]


def _open_numpy(path: Path) -> list[Table]:
    return tables_of_arrays(str(path), read_arrays(path))


def open_arrays(place: str, arrays: Mapping[str, np.ndarray], argument: str = "data") -> Opened:
    """Return the tables of arrays in memory.

    Raises:
        DataError: for arrays of different numbers of events.
    """
    try:
        return opened(tables_of_arrays(place, arrays))
    except UnreadableError as error:
        raise DataError(f"{argument}: expected arrays of the same events. Received: {place} ({error})") from None


def _read(argument: str, title: str, path: Path, reader: Callable[[Path], object]) -> object:
    try:
        return reader(path)
    except UnreadableError as error:
        raise DataError(f"{argument}: expected a readable {title} file. Received: {path} ({error})") from None


def open_frames(source: object, argument: str = "data") -> Opened:
    """Open a data frame in memory.

    Raises:
        DataError: for one that is not in memory, or has a name twice.
    """
    try:
        return opened([open_frame(source)])
    except UnreadableError as error:
        raise DataError(f"{argument}: expected a data frame. Received: {error}") from None
