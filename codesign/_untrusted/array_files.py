"""NumPy's .npz and .npy: plain arrays of numbers, flags or text, no larger than the file that holds them.

``numpy.load`` believes a header before it looks at the data, and raises whatever its parsers raise. Here sizes are
compared first: a shape must ask for exactly the bytes that are there, and a zip member may not unpack to more than
:data:`LARGEST_UNPACKED`, or 16 times the file.
"""

import io
import math
import warnings
import zipfile
import zlib
from os import PathLike
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from codesign._untrusted.archives import LARGEST_UNPACKED, check_members
from codesign._untrusted.text import open_file
from codesign.errors import UnreadableError

_LARGEST_RATIO = 16
_MOST_ARRAYS, _MOST_AXES = 256, 8
_LARGEST_EMPTY_AXIS = 65_536
_LARGEST_HEADER = 4096
_KINDS = "fiubUS"  # numbers, flags, text; no Python objects, records, dates or complex numbers
_UNITS = {"U": ("u4", 0x10FFFF), "b": ("u1", 1)}  # what text and flags are made of
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_BLOCK = 2**20
_FOREIGN = (
    (b"\x89HDF", "HDF5"),
    (b"\x80", "a Python pickle"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "Parquet"),
    (b"root", "ROOT"),
)


def read_arrays(path: str | PathLike) -> dict[str, np.ndarray]:
    """Return the arrays of a .npz by name, or that of a .npy as ``x``.

    Raises:
        UnreadableError: for a file that is missing, damaged, something else, or beyond a limit; it says which array.
    """
    with open_file(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = file.read(len(npy.MAGIC_PREFIX))
        file.seek(0)
        if start == npy.MAGIC_PREFIX:
            return {"x": _read_array(file, size, "x")}
        if not start.startswith(b"PK"):
            raise UnreadableError(_describe(start + file.read(64)) if size else "empty")
        return _read_archive(file, size)


def parse_array(content: bytes, name: str, *, records: bool = False) -> np.ndarray:
    """Return the array in the bytes of a .npy.

    Args:
        name: for messages.
        records: whether records of numbers may lie in it too.

    Raises:
        UnreadableError: as :func:`read_arrays`.
    """
    return _read_array(io.BytesIO(content), len(content), name, records=records)


def _describe(start: bytes) -> str:
    for magic, name in _FOREIGN:
        if start.startswith(magic):
            return f"{name}, not NumPy's format; write it with numpy.savez"
    try:
        start.decode("ascii")
    except UnicodeDecodeError:
        return "not NumPy's format"
    return "text such as CSV, not NumPy's format; read it with numpy.genfromtxt and write it with numpy.savez"


def _read_archive(file: BinaryIO, size: int) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = check_members(archive, largest=max(LARGEST_UNPACKED, _LARGEST_RATIO * size))
            _check_names([member.filename for member in members])
            arrays = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as inside:
                    arrays[name] = _read_array(inside, member.file_size, name)
            return arrays
    except UnreadableError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        LookupError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as error:
        raise UnreadableError(f"a damaged zip file: {error}") from None


def _check_names(names: list[str]) -> None:
    if not names or len(names) > _MOST_ARRAYS:
        raise UnreadableError(f"a zip file of {len(names)} members; expected 1 to {_MOST_ARRAYS} arrays")
    foreign = [name for name in names if not name.endswith(".npy")]
    if foreign:
        raise UnreadableError(f"a zip file with '{foreign[0]}', which is no array")


def _read_array(file: BinaryIO, size: int, name: str, *, records: bool = False) -> np.ndarray:
    """Read one array from a file, or a member of a zip file, of `size` bytes."""
    shape, fortran, dtype, header = _read_header(file, name, records)
    expected = math.prod(shape) * dtype.itemsize
    if expected != size - header:
        raise UnreadableError(
            f"array '{name}': {shape} of {dtype} takes {expected:,} bytes, and {size - header:,} are there"
        )
    data = np.empty(expected, np.uint8)
    view, filled = memoryview(data), 0
    while filled < expected:
        block = file.read(min(_BLOCK, expected - filled))
        if not block:
            raise UnreadableError(f"array '{name}': {filled:,} bytes of {expected:,}")
        view[filled : filled + len(block)] = block
        filled += len(block)
    if file.read(1):  # at the end of a zip member its checksum is compared
        raise UnreadableError(f"array '{name}': more bytes than its header says")
    units, largest = _UNITS.get(dtype.kind, ("u1", 255))
    if data.view(np.dtype(units).newbyteorder(dtype.byteorder)).max(initial=0) > largest:
        raise UnreadableError(f"array '{name}': bytes that are no {dtype}")
    return data.view(dtype).reshape(shape, order="F" if fortran else "C")


def _read_header(file: BinaryIO, name: str, records: bool) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, order, type, and the bytes that the header takes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            version = npy.read_magic(file)
            shape, fortran, dtype = _HEADERS[version](file, max_header_size=_LARGEST_HEADER)
    except Exception as error:  # ast.literal_eval, numpy.dtype and their like raise what they please
        reason = str(error).splitlines() or [type(error).__name__]
        raise UnreadableError(f"array '{name}': no header that can be read ({reason[0]})") from None
    kinds = {field.kind for field, *_ in dtype.fields.values()} if records and dtype.fields else {dtype.kind}
    if not kinds <= set(_KINDS) or dtype.subdtype or not dtype.itemsize:
        raise UnreadableError(f"array '{name}': expected numbers or text. Received: {dtype}")
    if (
        len(shape) > _MOST_AXES
        or not all(type(axis) is int and axis >= 0 for axis in shape)
        or (0 in shape and max(shape) > _LARGEST_EMPTY_AXIS)
    ):
        raise UnreadableError(f"array '{name}': expected a shape of at most {_MOST_AXES} axes. Received: {shape}")
    return shape, fortran, dtype, file.tell()
