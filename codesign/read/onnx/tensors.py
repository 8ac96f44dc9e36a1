"""ONNX's tensors as NumPy arrays: of the file itself, or of one beside it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ml_dtypes
import numpy as np

from codesign._untrusted.text import open_file
from codesign.errors import UnreadableError
from codesign.read.onnx.fields import as_message, as_text, message_fields, real_numbers, whole_numbers

LARGEST = 2**26  # values of a tensor
_MOST_AXES = 16
_EXTERNAL = 1

# ONNX's number of a type: how it lies in raw bytes, and the field of its values otherwise
DTYPES: Mapping[int, np.dtype] = {
    1: np.dtype("<f4"),
    2: np.dtype("u1"),
    3: np.dtype("i1"),
    4: np.dtype("<u2"),
    5: np.dtype("<i2"),
    6: np.dtype("<i4"),
    7: np.dtype("<i8"),
    8: np.dtype(object),
    9: np.dtype(bool),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
    12: np.dtype("<u4"),
    13: np.dtype("<u8"),
    16: np.dtype(ml_dtypes.bfloat16),
    17: np.dtype(ml_dtypes.float8_e4m3fn),
    18: np.dtype(ml_dtypes.float8_e4m3fnuz),
    19: np.dtype(ml_dtypes.float8_e5m2),
    20: np.dtype(ml_dtypes.float8_e5m2fnuz),
    21: np.dtype("u1"),
    22: np.dtype("i1"),
}
_HALVES = {21: False, 22: True}  # uint4, int4: whether it is signed
_FIELDS = {1: 4, 2: 5, 3: 5, 4: 5, 5: 5, 6: 5, 9: 5, 10: 5, 16: 5, 17: 5, 18: 5, 19: 5, 20: 5, 21: 5, 22: 5}
_FIELDS |= {7: 7, 8: 6, 11: 10, 12: 11, 13: 11}


@dataclass(frozen=True)
class TensorOpener:
    """Opens tensors of a file.

    Args:
        folder: of the file: nothing outside it is opened.
    """

    folder: Path

    def open(self, message: memoryview) -> np.ndarray:
        """Return the array of a tensor.

        Raises:
            UnreadableError: for a damaged one, a type that is not known, or content in a file that is not there.
        """
        found = message_fields(message)
        name = as_text(found[8][-1])[:60] if found.get(8) else ""
        shape = tuple(whole_numbers(found.get(1, [])).tolist())
        kind = found[2][-1] if found.get(2) else 0
        size = math.prod(shape)
        if len(shape) > _MOST_AXES or any(axis < 0 for axis in shape) or size > LARGEST:
            raise UnreadableError(f"tensor '{name}': expected at most {LARGEST:,} values. Received: shape {shape}")
        if kind not in DTYPES:
            raise UnreadableError(f"tensor '{name}': expected numbers or text. Received: ONNX's type {kind}")
        if found.get(14) and found[14][-1] == _EXTERNAL:
            values = _from_bytes(self._beside(found.get(13, []), name), kind, size)
        elif found.get(9):
            values = _from_bytes(bytes(as_message(found[9][-1])), kind, size)
        else:
            values = _from_field(found.get(_FIELDS[kind], []), kind, size)
        if values.size != size:
            raise UnreadableError(f"tensor '{name}': expected {size:,} values. Received: {values.size:,}")
        return values.reshape(shape)

    def _beside(self, entries: list, name: str) -> bytes:
        """The bytes of a tensor that lies in another file of the folder."""
        pairs = [message_fields(as_message(one)) for one in entries]
        given = {as_text(pair[1][-1]): as_text(pair[2][-1]) for pair in pairs if pair.get(1) and pair.get(2)}
        location = given.get("location", "")
        where = self.folder / location
        real, root = where.resolve(), self.folder.resolve()
        if not location or "\x00" in location or Path(location).is_absolute() or root not in real.parents:
            raise UnreadableError(
                f"tensor '{name}': expected data in a file beside the model. Received: '{location[:60]}', outside its "
                "folder; write the model as one file: onnx.save(onnx.load(path), path)"
            )
        try:
            offset, length = int(given.get("offset", "0")), int(given.get("length", "-1"))
        except ValueError:
            raise UnreadableError(f"tensor '{name}': expected an offset and a length in whole numbers") from None
        if offset < 0 or length > 8 * LARGEST:
            raise UnreadableError(f"tensor '{name}': expected at most {LARGEST:,} values in '{location[:60]}'")
        try:
            with open_file(real) as file:
                file.seek(offset)
                return file.read(length if length >= 0 else 8 * LARGEST)
        except UnreadableError as error:
            raise UnreadableError(f"tensor '{name}': data in '{location[:60]}' beside the model, {error}") from None
        except (OSError, OverflowError):
            raise UnreadableError(f"tensor '{name}': data in '{location[:60]}' that cannot be read") from None


def _from_bytes(raw: bytes, kind: int, size: int) -> np.ndarray:
    if kind in _HALVES:
        return _nibbles(np.frombuffer(raw, np.uint8), kind, size)
    dtype = DTYPES[kind]
    if dtype.kind == "O" or len(raw) % dtype.itemsize:
        raise UnreadableError("a tensor whose bytes are no values of its type; copy or export the file again")
    if dtype.kind == "b":
        return np.frombuffer(raw, np.uint8) != 0
    return np.frombuffer(raw, dtype)


def _from_field(values: list, kind: int, size: int) -> np.ndarray:
    dtype = DTYPES[kind]
    if dtype.kind == "O":
        return np.array([as_text(one) for one in values], object)
    if kind in (1, 11):
        return real_numbers(values, dtype.str)
    numbers = whole_numbers(values)
    if kind in _HALVES:
        return _nibbles(numbers.astype(np.uint8), kind, size)
    if kind == 10 or kind >= 16:
        return numbers.astype(np.uint16 if dtype.itemsize == 2 else np.uint8).view(dtype)
    return numbers.astype(dtype)


def _nibbles(data: np.ndarray, kind: int, size: int) -> np.ndarray:
    """Two numbers of four bits in each byte, the first in the lower half."""
    values = np.stack([data & 15, data >> 4], -1).ravel()[:size].astype(np.int8)
    return np.where(values > 7, values - 16, values).astype(np.int8) if _HALVES[kind] else values.astype(np.uint8)
