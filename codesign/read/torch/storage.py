"""Tensors in a program's archive: raw bytes with a shape and strides, bounded before memory is taken."""

from collections.abc import Mapping, Sequence
from math import prod

import ml_dtypes
import numpy as np

from codesign.errors import UnreadableError

LARGEST = 2**27  # values of a tensor
_MOST_AXES = 16

# the number that torch.export writes for a type, and the type
DTYPES: Mapping[int, np.dtype] = {
    1: np.dtype("u1"),
    2: np.dtype("i1"),
    3: np.dtype("<i2"),
    4: np.dtype("<i4"),
    5: np.dtype("<i8"),
    6: np.dtype("<f2"),
    7: np.dtype("<f4"),
    8: np.dtype("<f8"),
    12: np.dtype(bool),
    13: np.dtype(ml_dtypes.bfloat16),
    28: np.dtype("<u2"),
    29: np.dtype(ml_dtypes.float8_e4m3fn),
    30: np.dtype(ml_dtypes.float8_e5m2),
}


def whole_size(packed: object, where: str) -> int:
    """Return a size that a file states as ``{"as_int": n}``.

    Raises:
        UnreadableError: for anything else.
    """
    value = packed.get("as_int") if isinstance(packed, dict) else packed
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**40:
        raise UnreadableError(f"{where}: expected whole sizes. Received: {str(packed)[:60]}")
    return value


def open_tensor(raw: bytes, meta: object, where: str) -> np.ndarray:
    """Return the array that bytes and what is said of them are.

    Raises:
        UnreadableError: for a type that is not known, or places beyond the bytes.
    """
    kind = meta.get("dtype") if isinstance(meta, dict) else None
    if type(kind) is not int or kind not in DTYPES or meta.get("layout", 7) != 7:
        received = kind if isinstance(meta, dict) else type(meta).__name__
        raise UnreadableError(f"{where}: expected a dense tensor of numbers. Received: type {str(received)[:40]}")
    dtype = DTYPES[kind]
    sizes, strides = (_wholes(meta.get(key), f"{where}: {key}") for key in ("sizes", "strides"))
    return strided(raw, dtype, sizes, strides, whole_size(meta.get("storage_offset", 0), where), where=where)


def strided(
    raw: bytes, dtype: np.dtype, sizes: Sequence[int], strides: Sequence[int], offset: int, *, where: str
) -> np.ndarray:
    """Return a copy of what lies in bytes at regular steps."""
    if not all(isinstance(one, int) and one >= 0 for one in (*sizes, *strides, offset)):
        raise UnreadableError(f"{where}: expected whole sizes and steps. Received: {str(tuple(sizes))[:60]}")
    if len(sizes) != len(strides) or len(sizes) > _MOST_AXES or prod(sizes) > LARGEST:
        raise UnreadableError(f"{where}: expected at most {LARGEST:,} values. Received: sizes {str(tuple(sizes))[:60]}")
    values = np.frombuffer(raw, dtype, len(raw) // dtype.itemsize)
    last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides))
    if prod(sizes) and last >= len(values):
        raise UnreadableError(f"{where}: expected {last + 1:,} values. Received: {len(values):,}")
    if not prod(sizes):
        return np.zeros(sizes, dtype)
    steps = [stride * dtype.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(values[offset:], tuple(sizes), steps, writeable=False).copy()


def _wholes(packed: object, where: str) -> list[int]:
    if not isinstance(packed, list):
        raise UnreadableError(f"{where}: expected a list. Received: {type(packed).__name__}")
    return [whole_size(one, where) for one in packed]
