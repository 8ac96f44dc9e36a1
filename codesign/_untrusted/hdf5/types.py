"""Types and shapes of HDF5's arrays and attributes, and the texts that lie in its heap."""

import math
from dataclasses import dataclass

import numpy as np

from codesign._untrusted.hdf5.content import Content
from codesign.errors import UnreadableError

_MOST_AXES = 16
_LARGEST_TEXT = 64 * 2**20
_FIXED, _FLOAT, _TEXT, _ENUM, _VARIABLE = 0, 1, 3, 8, 9
_BFLOAT_EXPONENT = 8


@dataclass(frozen=True)
class Kind:
    """The type of an element.

    Args:
        size: bytes of an element.
        dtype: of a number; None for a text in the heap.
        is_half_of_float: whether it is a bfloat16, the upper half of a float32.
    """

    size: int
    dtype: np.dtype | None
    is_half_of_float: bool = False


def read_kind(content: Content, start: int) -> Kind:
    """Return the type that a datatype message describes.

    Raises:
        UnreadableError: for anything but numbers and texts.
    """
    first, low, _, _, size = content.numbers("BBBBI", start)
    kind, order = first & 15, ">" if low & 1 else "<"
    if kind == _TEXT and 0 < size <= _LARGEST_TEXT:
        return Kind(size, np.dtype(f"S{size}"))
    if kind == _FIXED and size in (1, 2, 4, 8):
        return Kind(size, np.dtype(f"{order}{'i' if low & 8 else 'u'}{size}"))
    if kind == _FLOAT and size in (2, 4, 8):
        exponent = content.numbers("B", start + 13)[0]
        is_half = size == 2 and exponent == _BFLOAT_EXPONENT
        return Kind(size, np.dtype(f"{order}u2" if is_half else f"{order}f{size}"), is_half)
    if kind == _ENUM and size in (1, 2, 4, 8):
        return read_kind(content, start + 8)
    if kind == _VARIABLE and low & 15 == 1 and size == 16:
        return Kind(size, None)
    raise UnreadableError("an HDF5 file with values that are neither numbers nor texts")


def read_shape(content: Content, start: int) -> tuple[int, ...] | None:
    """Return the shape that a dataspace message describes; None for a space without any value."""
    version, rank, _, kind = content.numbers("BBBB", start)
    if version not in (1, 2) or rank > _MOST_AXES:
        raise UnreadableError("an HDF5 file with an array of no known shape")
    if version == 2 and kind == 2:
        return None
    return content.numbers(f"{rank}Q", start + (8 if version == 1 else 4))


def as_array(content: Content, kind: Kind, shape: tuple[int, ...], raw: bytes) -> np.ndarray:
    """Return an array of the values in raw bytes; texts as Python's."""
    n_values = math.prod(shape)
    if kind.dtype is None:
        texts = np.empty(n_values, object)
        texts[:] = [_text(content, raw[16 * index : 16 * index + 16]) for index in range(n_values)]
        return texts.reshape(shape)
    values = np.frombuffer(raw, kind.dtype, n_values)
    if kind.is_half_of_float:
        values = (values.astype(np.uint32) << 16).view(np.float32)
    elif kind.dtype.kind == "S":
        texts = np.empty(n_values, object)
        texts[:] = [bytes(value).decode("utf-8", "replace") for value in values]
        return texts.reshape(shape)
    return values.astype(values.dtype.newbyteorder("=")).reshape(shape)


def _text(content: Content, reference: bytes) -> str:
    """A text of the global heap."""
    size, address, index = (int.from_bytes(reference[a:b], "little") for a, b in ((0, 4), (4, 12), (12, 16)))
    if not size or not index:
        return ""
    content.expect(b"GCOL", address)
    start, end = address + 16, address + content.numbers("Q", address + 8)[0]
    while start + 16 <= end:
        content.count_part()
        found, _, _, n_bytes = content.numbers("HHIQ", start)
        if found == index:
            content.count_bytes(min(size, n_bytes))
            return content.take(start + 16, min(size, n_bytes)).decode("utf-8", "replace")
        if not found:
            break
        start += 16 + (n_bytes + 7) // 8 * 8
    raise UnreadableError("an HDF5 file with a text that is not where it is said to be")
